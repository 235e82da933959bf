"""Many cohorts at once, what is kept between runs, why a person is in, and what two cohorts differ in."""

from __future__ import annotations

import warnings
from datetime import date

import kohort as kh
import polars as pl
import pytest

METFORMIN, INSULIN = kh.codes("ATC", "A10BA02"), kh.codes("ATC", "A10A*")


@pytest.fixture(scope="module")
def wh(tmp_path_factory):
    """Sixty persons: thirty with metformin, of whom twenty later have insulin; ages from 5 to 64."""
    people = range(1, 61)
    persons = pl.DataFrame(
        {
            "person_id": people,
            "sex": ["F" if n % 2 else "M" for n in people],
            "birth_month": [date(1955 + n, 1, 1) for n in people],
            "observation_start": date(2015, 1, 1),
            "observation_end": date(2020, 12, 31),
        }
    )
    first = [(n, date(2018, 1, n), "A10BA02", 30) for n in range(1, 31)]
    second = [(n, date(2019, 1, n), "A10AB01", 10) for n in range(1, 21)]
    drug = pl.DataFrame(first + second, schema=["person_id", "start", "code", "days_supply"], orient="row")
    into = tmp_path_factory.mktemp("together") / "wh"
    return kh.ingest.frames(persons=persons, drug=drug, into=into, identifiers="keep", shard_persons=25, progress=False)


USERS = kh.cohort("metformin").entry(kh.drug(METFORMIN).first())
SWITCHED = USERS.require("insulin later", kh.drug(INSULIN).after().any())
ADULTS = SWITCHED.require("adult", kh.age() >= 18)


def rows(result):
    return result.persons().sort("person_id", "start").rows()


def test_all_at_once_is_one_by_one(wh):
    cohorts = [USERS, SWITCHED, ADULTS] * 12
    found = list(wh.run_all(cohorts, progress=False))
    assert [result.definition for result in found] == cohorts
    alone = [rows(kh.open(wh.path).run(cohort, progress=False)) for cohort in (USERS, SWITCHED, ADULTS)]
    assert [rows(result) for result in found] == alone * 12
    assert len(alone[1]) == 20


def test_a_definition_that_cannot_run_stops_all_before_any(wh):
    with pytest.raises(kh.DefinitionError, match="str cannot be run"):
        wh.run_all([USERS, "metformin"])
    with pytest.raises(kh.DefinitionError, match="no domain 'procedure'"):
        next(wh.run_all([kh.cohort("x").entry(kh.procedure())], progress=False))


def test_an_edit_costs_only_what_changed(wh):
    fresh = kh.open(wh.path)
    fresh.run(SWITCHED, progress=False)
    edited = fresh.run(ADULTS, progress=False)
    known = {step.name: step.known for step in edited.profile().steps}
    assert known == {"entry events": True, "insulin later": True, "adult": False, "limit": False, "exit": False}
    assert rows(edited) == rows(wh.run(ADULTS, progress=False))
    # The same names with other content are not the same.
    named = kh.cohort("n").entry(kh.drug(kh.codes("ATC", "A10BA02", name="it")).first())
    other = kh.cohort("n").entry(kh.drug(kh.codes("ATC", "A10A*", name="it")).first())
    assert len(rows(fresh.run(named, progress=False))) == 30
    assert len(rows(fresh.run(other, progress=False))) == 20


def test_without_memory_nothing_is_kept_and_nothing_changes(wh):
    poor = kh.open(wh.path, memory=0)
    first, second = (poor.run(ADULTS, progress=False) for _ in range(2))
    assert not any(step.known for step in second.profile().steps)
    assert rows(first) == rows(second) == rows(wh.run(ADULTS, progress=False))


def test_a_profile_tells_no_exact_number(wh):
    profile = kh.open(wh.path).run(USERS, progress=False).profile()
    assert profile.rows > 0
    assert profile.rows % 10 == 0
    assert profile.bytes % 10 == 0
    assert "entry events" in repr(profile)
    assert "entry events" in profile._repr_html_()


def test_why_a_person_is_in_or_out(wh):
    result = wh.run(ADULTS, progress=False)
    inside = result.why(1)
    assert inside.included
    assert "passes “insulin later”" in str(inside)
    assert "(counted: 1)" in str(inside)
    assert "in the cohort from 2018-01-01 to 2020-12-31" in str(inside)
    outside = result.why("25")
    assert not outside.included
    assert "fails “insulin later”" in str(outside)
    assert "no entry event" in str(result.why(60))
    assert "Not in the cohort" in result.why(60)._repr_html_()
    with pytest.raises(kh.ArgumentError, match="knows no person of that name"):
        result.why("nobody")


def test_why_tells_of_groups(wh):
    grouped = USERS.require("either", (kh.age() >= 60) | ~kh.drug(INSULIN).after().any())
    text = str(wh.run(grouped, progress=False).why(1))
    assert "true: any of" in text
    assert "true: aged 60 or older" in text
    assert "false: not" in text


def test_two_definitions_differ_in_sentences():
    difference = kh.diff(USERS, SWITCHED)
    assert [line for line in str(difference).splitlines() if line.startswith("+")]
    assert not difference.same
    assert kh.diff(USERS, USERS).same
    assert "insulin later" in difference._repr_html_()


def test_two_results_differ_in_protected_counts(wh):
    users, switched = wh.run(USERS, progress=False), wh.run(SWITCHED, progress=False)
    frame = kh.diff(users, switched).to_polars()
    shown = {tuple(row[:2]): row[2] for row in frame.rows()}
    assert shown["Total", "Total"] == 60
    assert shown["in", "not in"] is None  # ten persons, and what would tell them
    assert shown["in", "in"] is None
    assert users._core.overlap(switched._core) == (20, 10, 0)


def test_results_of_two_warehouses_are_not_compared(wh):
    with pytest.raises(kh.ArgumentError, match="different warehouses"):
        kh.diff(wh.run(USERS, progress=False), kh.open(wh.path).run(USERS, progress=False))
    with pytest.raises(kh.ArgumentError, match="two definitions, or two results"):
        kh.diff(USERS, wh.run(USERS, progress=False))


def test_a_named_set_that_matches_nothing_is_said(wh):
    nothing = kh.cohort("none").entry(kh.drug(kh.codes("ATC", "X99", name="no such drug")))
    with pytest.warns(kh.KohortWarning, match="'no such drug' of 'none' matches no drug event"):
        wh.run(nothing, progress=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        wh.run(USERS, progress=False)


def test_which_rules_are_passed(wh):
    frame = wh.run(ADULTS, progress=False).inclusion().to_polars()
    persons = dict(frame.select("level", "persons").rows())
    # Thirty adults, of whom twenty have insulin later; ten are fewer than may be shown.
    assert persons == {"": 30, "insulin later, adult": None, "adult": None}
    assert wh._core.inclusion(ADULTS.to_json())[1] == {3: 20, 2: 10}
    with pytest.raises(kh.ArgumentError, match="has no rules"):
        wh.run(USERS, progress=False).inclusion()
