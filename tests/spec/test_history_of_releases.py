"""What was released before protects what is released now: a warehouse as its user sees it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import kohort as kh
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from kohort.release import Release

STATINS = kh.drug(kh.codes("ATC", "C10AA*")).first()
STAY = kh.stay(kh.codes("STAY", "MCO"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kh.demo(30_000, path=tmp_path_factory.mktemp("made") / "wh", progress=False).path


@pytest.fixture
def wh(made: Path, tmp_path: Path) -> kh.Warehouse:
    return kh.open(shutil.copytree(made, tmp_path / "wh"))


def users(wh: kh.Warehouse, days: int) -> kh.Result:
    return wh.run(kh.cohort(f"after {days} days").entry(STATINS).observed(before=days), progress=False)


def near(wh: kh.Warehouse) -> tuple[kh.Result, kh.Result]:
    """Two cohorts, one within the other, that differ by one to ten persons."""
    first = users(wh, 365)
    for days in range(366, 400):
        second = users(wh, days)
        if 0 < first._core.persons() - second._core.persons() < 11:
            return first, second
    raise AssertionError("no two cohorts differ by few")


def told(release: Release) -> str:
    return next(rule.did for rule in release.record if rule.name == "history")


def numbers(release: Release) -> set[float]:
    return {value for row in release.values for value in row if value is not None}


KINDS: dict[str, Any] = {
    "attrition": lambda r: r.attrition(),
    "characteristics": lambda r: r.characterize(age=kh.age_bands(30), prior=[kh.drug().within(-365, -1)]),
    "incidence": lambda r: r.incidence(STAY, progress=False),
    "survival": lambda r: r.survival(STAY, interval=365, progress=False),
    "prevalence": lambda r: r.prevalence(STAY, at=("2011-01-01", "2020-12-31"), progress=False),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_count_that_differs_by_few_is_withheld(wh: kh.Warehouse, kind: str) -> None:
    first, second = near(wh)
    one, other = KINDS[kind](first), KINDS[kind](second)
    assert told(one).startswith("no shown count tells")
    assert "withheld, which together with release 1 of " in told(other)
    assert one.title in told(other)
    # No number of the second differs from one of the first by fewer persons than a cell may show.
    for row, before in zip(other.values, one.values, strict=False):
        for name, now, then in zip((m.name for m in other.measures), row, before, strict=True):
            if name in {"persons", "at_risk", "cases"} and now is not None and then is not None:
                assert now == then or abs(now - then) >= 11, name
    assert str(other.attack()).count("interval") <= 1


def test_other_kinds_take_part(wh: kh.Warehouse) -> None:
    first, second = near(wh)
    first.attrition()
    with_rule = wh.run(second.definition.require("any stay", STAY.before().any()), progress=False)
    assert "history" in {rule.name for rule in with_rule.inclusion().record}
    overlap = kh.diff(first, second)
    assert "history" in {rule.name for rule in overlap.record}
    assert "history" in {rule.name for rule in wh.count(kh.drug(), STAY, progress=False).record}


def test_the_same_question_has_the_same_answer(wh: kh.Warehouse) -> None:
    first, second = near(wh)
    one, other = first.attrition(), second.attrition()
    for _ in range(3):
        assert users(wh, 365).attrition().values == one.values
        assert second.attrition().values == other.values
    ledger = (wh.path / "ledger").glob("*.jsonl")
    assert sum(len(path.read_text().splitlines()) for path in ledger) == 8


def test_another_session_remembers(wh: kh.Warehouse) -> None:
    first, second = near(wh)
    first.attrition()
    again = kh.open(wh.path)
    assert "release 1" in told(again.run(second.definition, progress=False).attrition())
    apart = kh.open(wh.path, history=False).run(second.definition, progress=False).attrition()
    assert {rule.name for rule in apart.record}.isdisjoint({"history"})
    assert second._core.persons() in numbers(apart)


def test_a_ledger_without_its_key_releases_nothing(wh: kh.Warehouse, tmp_path: Path) -> None:
    users(wh, 365).attrition()
    moved = shutil.copytree(wh.path, tmp_path / "moved")
    with pytest.raises(kh.IntegrityError, match=r"moved\.ledger\.key: put the file back"):
        users(kh.open(moved), 365).attrition()
    shutil.copy(tmp_path / "wh.ledger.key", tmp_path / "moved.ledger.key")
    assert users(kh.open(moved), 365).attrition().kind == "attrition"


def test_the_demo_leaves_no_ledger() -> None:
    demo = kh.demo(2_000, events_per_person=20, progress=False)
    demo.run(kh.cohort("drugs").entry(kh.drug().first()), progress=False).attrition()
    assert not (demo.path / "ledger").exists()
    with pytest.raises(kh.ArgumentError, match="a policy demands the history"):
        kh.open(demo.path, policy="open-data", purpose="teaching", history=False)


def test_cell_keys_of_a_warehouse_are_bound_to_persons(made: Path) -> None:
    rules = kh.OutputRules(protection=kh.CellKeys(secret=b"sixteen bytes or more"))
    answers = [users(kh.open(made, rules=rules, history=False), 365).attrition().values for _ in range(2)]
    assert answers[0] == answers[1]
    other = kh.OutputRules(protection=kh.CellKeys(secret=b"another sixteen bytes"))
    assert users(kh.open(made, rules=other, history=False), 365).attrition().values != answers[0]


def test_a_wide_table_is_judged_by_pairs_and_says_so(wh: kh.Warehouse) -> None:
    """Hundreds of counts of few persons have more combinations than can be judged; pairs always are."""
    prior = [
        kh.drug(kh.codes("ATC", level=5)).within(-365, -1),
        kh.diagnosis(kh.codes("ICD10", level=3)).within(-365, -1),
    ]
    first, second = near(wh)
    one = first.characterize(prior=prior, progress=False)
    assert told(one).endswith("judged by pairs of counts and single groups: other combinations are too many")
    assert one.status_counts()["shown"] > 50
    other = second.characterize(prior=prior, progress=False)
    assert "withheld, which together with release 1 of " in told(other)
    assert other.status_counts()["shown"] > 50
    named = dict(zip(one.labels, (row[0] for row in one.values), strict=True))
    for labels, (now, *_) in zip(other.labels, other.values, strict=True):
        then = named.get(labels)
        assert now is None or then is None or now == then or abs(now - then) >= 11, labels
