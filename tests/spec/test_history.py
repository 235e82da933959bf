"""What a history allows, refuses, names, keeps and forgets."""

from __future__ import annotations

import doctest
import importlib
import json
import subprocess
import sys
from pathlib import Path

import kohort as kh
import polars as pl
import pytest
from kohort import _core
from kohort.errors import ArgumentError, DifferencingError, DisclosureError, IntegrityError
from kohort.hosting import History, Identity, KeyFile

PersonSet = _core.PersonSet


def persons(*ranges: tuple[int, int]) -> PersonSet:
    return PersonSet([number for start, end in ranges for number in range(start, end)])


def plan(name: str, snapshot: str = "1", **parameters: object) -> Identity:
    return Identity(name, snapshot, "policy", "count", parameters)


@pytest.fixture
def key(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "keys" / "ledger.key")


@pytest.fixture
def history(tmp_path: Path, key: KeyFile) -> History:
    return History(tmp_path / "ledger", key=key, threshold=11)


def reopened(history: History, key: KeyFile, threshold: int = 11) -> History:
    return History(history.ledger.folder, key=key, threshold=threshold)


def test_the_same_release_again_is_the_same_answer(history: History, key: KeyFile) -> None:
    first = history.record([persons((0, 100)), persons((200, 300))], plan("a"), title="Table A")
    assert history.record([persons((200, 300)), persons((0, 100))], plan("a"), title="Table A") == first
    again = reopened(history, key)
    verdict = again.check([persons((0, 100)), persons((200, 300))], plan("a"))
    assert (verdict.reason, verdict.earlier, again.releases) == ("repeated", (first,), 1)
    # Another question with the same persons is another release, and tells nothing new.
    assert again.check([persons((0, 100))], plan("b")).reason == "clear"


def test_a_nested_difference_is_refused_and_named(history: History, key: KeyFile) -> None:
    history.record([persons((500, 600))], plan("other"), title="Something else")
    earlier = history.record([persons((0, 100))], plan("a"), title="Adults")
    for one in (history, reopened(history, key)):
        with pytest.raises(DifferencingError, match="Adults") as caught:
            one.record([persons((0, 93))], plan("b"), title="Adults of fewer communes")
        assert caught.value.earlier == (earlier,)
        assert "widen" in str(caught.value)
        assert isinstance(caught.value, DisclosureError)
        assert not {"7", "93", "100"} & set(str(caught.value).replace("(", " ").split())
    assert [entry.kind for entry in history.ledger.entries] == ["release", "release", "refusal", "refusal"]
    history.record([persons((0, 80))], plan("c"), title="Fewer still")


def test_inclusion_and_exclusion_is_refused(history: History, key: KeyFile) -> None:
    a = history.record([persons((0, 105))], plan("a"), title="A")
    b = history.record([persons((100, 300))], plan("b"), title="B")
    verdict = reopened(history, key).check([persons((0, 300))], plan("a or b"))
    assert (verdict.reason, verdict.earlier) == ("combination", (b, a))


def test_cells_of_one_table_are_compared_with_each_other(history: History) -> None:
    verdict = history.check([persons((0, 100)), persons((0, 95))], plan("t"))
    assert (verdict.reason, verdict.earlier) == ("difference", ())
    with pytest.raises(DifferencingError, match="its own counts collide"):
        verdict.demand("Table")
    margins = [persons((0, 50)), persons((50, 100)), persons((0, 100))]
    assert history.check(margins, plan("t")).allowed


def test_small_counts_are_no_release(history: History) -> None:
    assert history.check([persons((0, 10))], plan("t")).reason == "small"
    assert history.check([persons((0, 11)), persons()], plan("t")).reason == "clear"


def test_a_later_snapshot_is_compared_where_numbers_stay(tmp_path: Path, key: KeyFile) -> None:
    def opened(count: int, digests: dict[int, str]) -> History:
        return History(
            tmp_path / "ledger",
            key=key,
            threshold=11,
            numbering=lambda first: (digests[count if first is None else first], count),
        )

    old = opened(1_000, {1_000: "abc"})
    old.record([persons((0, 100))], plan("a", "1"), title="First")
    appended = opened(1_004, {1_000: "abc", 1_004: "def"})
    assert appended.unrelated == 0
    verdict = appended.check([persons((0, 100), (1_000, 1_004))], plan("a", "2"))
    assert (verdict.reason, [release.title for release in verdict.earlier]) == ("difference", ["First"])
    other = opened(1_004, {1_000: "xyz", 1_004: "uvw"})
    assert other.unrelated == 1
    assert other.check([persons((0, 100), (1_000, 1_004))], plan("a", "2")).reason == "clear"


def test_no_set_is_on_the_disk_in_clear(history: History, tmp_path: Path, key: KeyFile) -> None:
    numbers = list(range(70_000, 90_000, 7))
    history.record([PersonSet(numbers), persons((0, 11)), persons((2_000, 2_500))], plan("a"), title="A")
    files = [path for path in (tmp_path / "ledger").rglob("*") if path.is_file()]
    sets = [path for path in files if path.suffix == ".set"]
    assert len(sets) == 3
    for path in files:
        data = path.read_bytes()
        # Roaring keeps the low 16 bits of sorted members, two bytes each.
        for members in (numbers, list(range(11)), list(range(2_000, 2_500))):
            some = b"".join((number & 0xFFFF).to_bytes(2, "little") for number in members[:4])
            assert some not in data
        assert path.stat().st_mode & 0o077 == 0 or path.name == ".lock"
    small = [path.stat().st_size for path in sets]
    assert small[0] == small[1] or len(set(small)) < 3
    again = reopened(history, key)
    assert again.check([persons((0, 18))], plan("b")).reason == "difference"


def test_the_ledger_holds_no_number_of_persons(history: History) -> None:
    history.record([persons((0, 137))], plan("a"), title="A")
    (entry,) = history.ledger.entries
    assert "137" not in json.dumps({name: entry.body[name] for name in entry.body if name not in {"sets", "identity"}})
    assert "137" not in repr(persons((0, 137)))


def test_another_key_reads_nothing(history: History, tmp_path: Path) -> None:
    history.record([persons((0, 100))], plan("a"), title="A")
    with pytest.raises(IntegrityError, match="key is another"):
        reopened(history, KeyFile(tmp_path / "other.key"))


def test_a_swapped_or_missing_set_is_found(history: History, tmp_path: Path, key: KeyFile) -> None:
    history.record([persons((0, 100)), persons((200, 400))], plan("a"), title="A")
    one, other = sorted((tmp_path / "ledger" / "sets").rglob("*.set"))
    kept = one.read_bytes()
    one.write_bytes(other.read_bytes())
    with pytest.raises(IntegrityError, match="not what was written"):
        reopened(history, key)
    one.unlink()
    with pytest.raises(IntegrityError, match="is gone"):
        reopened(history, key)
    one.write_bytes(kept)
    assert reopened(history, key).releases == 1


def test_only_sets_of_persons_are_taken(history: History) -> None:
    with pytest.raises(ArgumentError, match="no set of persons"):
        history.check([[1, 2, 3]], plan("a"))  # type: ignore[list-item]
    with pytest.raises(ArgumentError, match="threshold is 0"):
        _core.ReleasedSets(0)


def test_what_another_process_released_counts_at_once(history: History, tmp_path: Path, key: KeyFile) -> None:
    verdict = history.check([persons((0, 95))], plan("b"))
    assert verdict.allowed
    code = (
        "import sys; from kohort import _core; from kohort.hosting import *\n"
        "history = History(sys.argv[1], key=KeyFile(sys.argv[2]), threshold=11)\n"
        "history.record([_core.PersonSet(list(range(100)))], Identity('a', '1', 'p', 'count'), title='Theirs')"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "ledger"), str(key.path)], check=True)
    with pytest.raises(DifferencingError, match="Theirs"):
        history.record([persons((0, 95))], plan("b"), title="Ours")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> kh.Warehouse:
    return kh.demo(1_500, path=tmp_path_factory.mktemp("small") / "wh", progress=False)


def holds(one: PersonSet, count: int) -> bool:
    """Whether a set holds so many persons, at most 999."""
    fewer = count and _core.ReleasedSets(count).check([one])[0] == "small"
    return not fewer and (count == 0 or _core.ReleasedSets(count + 1).check([one])[0] == "small")


def test_the_persons_behind_each_count(small: kh.Warehouse) -> None:
    drugs = kh.drug(kh.codes("ATC", "C10AA*"))
    definition = kh.cohort("statins").entry(drugs.first()).observed(before=365).require("adult", kh.age() >= 60)
    core = small.run(definition, progress=False)._core
    names = pl.concat([pl.read_parquet(path) for path in sorted(small.path.glob("shards/*/persons-*.parquet"))])[
        "person_id"
    ].to_list()
    members = set(pl.DataFrame(core.rows())["person_id"].to_list())
    assert core.population().same(PersonSet([number for number, name in enumerate(names) if name in members]))
    steps = core.attrition()
    sets = core.populations_of_steps()
    assert len(sets) == len(steps)
    assert all(holds(one, count) for one, (_, count, _) in zip(sets, steps, strict=True))
    assert sets[-1].same(core.population())
    by = json.dumps([{"kind": "sex"}, {"kind": "age", "edges": [60, 70, 80]}])
    assert all(map(holds, core.populations_by(by), core.persons_by(by)))
    queries = json.dumps([kh.drug(kh.codes("ATC", code)).plan() for code in ("A10*", "B01*", "Z*")])
    days = json.dumps({"from": -365, "to": -1})
    assert all(map(holds, core.populations_with(queries, days, False), core.persons_with(queries, days, False)))
    women, men, _ = core.populations_by(json.dumps([{"kind": "sex"}]))
    assert women.union(men).same(core.population())
    assert core.population().difference(women).same(men)
    outcome = json.dumps(kh.diagnosis(kh.codes("ICD10", "I*")).plan())
    at_risk, events = core.populations_at_risk(outcome, by, None, 0)
    found, had, _ = core.incidence(outcome, by, None, 0)
    assert all(map(holds, at_risk, found))
    assert all(map(holds, events, had))
    one = json.dumps(drugs.plan())
    (behind,) = small._core.populations_of(f"[{one}]")
    assert holds(behind, small._core.count_persons(one))


@pytest.mark.parametrize("name", ["keys", "ledger", "history"])
def test_examples_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"kohort.hosting.{name}")).failed == 0


def test_a_warehouse_tells_how_its_persons_are_numbered(small: kh.Warehouse) -> None:
    digest, count = small._core.numbering()
    assert count == 1_500
    assert small._core.numbering(1_500) == (digest, count)
    assert small._core.numbering(10)[0] != digest
    assert small._core.population().same(persons((0, 1_500)))
