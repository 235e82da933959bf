# ruff: noqa: T201 - what was asked and withheld is printed
"""Two hundred questions, each chosen after the last: no shown counts together isolate fewer persons than a cell.

The analyst asks for a cohort, then for one that differs from an earlier one by as little as possible. Who is behind
each count is known exactly here, so whatever could follow from the shown counts, by differences or any linear
combination, is checked.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import kohort as kh
import numpy as np
import polars as pl
import pytest

if TYPE_CHECKING:
    from pathlib import Path

PERSONS, LEAST = 240, 5
CODES = [f"A{number:02}" for number in range(14)]


@pytest.fixture(scope="module")
def wh(tmp_path_factory: pytest.TempPathFactory) -> kh.Warehouse:
    rng = random.Random(11)
    persons = pl.DataFrame(
        {
            "person_id": range(PERSONS),
            "sex": [rng.choice("FM") for _ in range(PERSONS)],
            "birth_month": [f"{rng.randint(1930, 2000)}-01" for _ in range(PERSONS)],
            "observation_start": ["2015-01-01"] * PERSONS,
            "observation_end": ["2019-12-31"] * PERSONS,
        }
    )
    drug = pl.DataFrame(
        [(person, "2016-05-04", code) for person in range(PERSONS) for code in CODES if rng.random() < 0.45],
        {"person_id": pl.Int64, "start": pl.String, "code": pl.String},
        orient="row",
    )
    path: Path = tmp_path_factory.mktemp("adaptive") / "wh"
    kh.ingest.frames(persons=persons, drug=drug, into=path, identifiers="keep", shard_persons=100, progress=False)
    return kh.open(path, rules=kh.OutputRules(min_cell=LEAST))


def isolated(shown: list[frozenset[int]]) -> list[frozenset[int]]:
    """Return the atoms of fewer persons than a cell whose size follows linearly from the shown counts."""
    atoms: dict[tuple[bool, ...], set[int]] = {}
    for person in range(PERSONS):
        atoms.setdefault(tuple(person in one for one in shown), set()).add(person)
    groups = list(atoms.values())
    matrix = np.array([[bool(group & one) for group in groups] for one in shown], dtype=float)
    # An atom's indicator is a combination of the rows iff the rows' null space has nothing at that atom.
    _, values, right = np.linalg.svd(matrix)
    rank = int((values > 1e-9).sum())
    fixed = np.abs(right[rank:]).max(axis=0, initial=0) < 1e-9
    return [frozenset(group) for group, one in zip(groups, fixed, strict=True) if one and len(group) < LEAST]


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
def test_two_hundred_questions(wh: kh.Warehouse, seed: int) -> None:
    rng = random.Random(seed)
    asked: list[kh.Cohort] = []
    shown: list[frozenset[int]] = []
    withheld = refused = 0
    while len(asked) < 200:
        if asked and rng.random() < 0.7:  # an earlier cohort, without the few who have one more thing
            cohort = rng.choice(asked[-20:])
            rule = rng.choice(CODES)
            edited = cohort.exclude(f"no {len(asked)}", kh.drug(kh.codes("ATC", rule)).before().any())
            cohort = (
                edited if rng.random() < 0.5 else cohort.require(f"age {len(asked)}", kh.age() >= rng.randint(16, 40))
            )
        else:
            cohort = kh.cohort(f"q{len(asked)}").entry(kh.drug(kh.codes("ATC", *rng.sample(CODES, 3))).first())
        asked.append(cohort)
        result = wh.run(cohort, progress=False)
        try:
            release = result.attrition()
        except kh.DifferencingError:  # combinations beyond what the history can rule out: nothing is released
            refused += 1
            continue
        members = frozenset(int(person) for person in result.persons()["person_id"].unique())
        last = release.values[-1][0]
        withheld += last is None
        if last:
            assert last == len(members)
            shown.append(members)
    exact = list(dict.fromkeys(shown))
    for i, one in enumerate(exact):
        assert len(one) >= LEAST
        for other in exact[:i]:
            assert not 0 < len(one ^ other) < LEAST
    assert isolated(exact) == []
    print(
        f"\n{len(asked)} questions, {len(exact)} different populations shown, {withheld} withheld, "
        f"{refused} refused; nobody isolated"
    )
    assert withheld > 10
    assert len(exact) > 20
