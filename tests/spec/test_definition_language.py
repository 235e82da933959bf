"""The rest of the language as a table: conditions on columns, nested criteria, all windows, named code sets."""

from __future__ import annotations

from datetime import date
from typing import Any

import kohort as kh
import pytest
from kohort.errors import DefinitionError

HBA1C = kh.codes("OMOP", 3004410, name="HbA1c")
number = kh.column("value_as_number")

CONDITIONS = [
    # written, in the plan, said
    (number > 7.5, {"op": "gt", "value": 7.5}, "value as number > 7.5"),
    (number >= 7.0, {"op": "ge", "value": 7}, "value as number ≥ 7"),
    (number < 7, {"op": "lt", "value": 7}, "value as number < 7"),
    (number <= 7, {"op": "le", "value": 7}, "value as number ≤ 7"),
    (number == 7, {"op": "eq", "value": 7}, "value as number = 7"),
    (number != 7, {"op": "ne", "value": 7}, "value as number ≠ 7"),
    (number.between(5, 7), {"op": "between", "value": 5, "extent": 7}, "value as number from 5 to 7"),
    (number.outside(5, 7), {"op": "outside", "value": 5, "extent": 7}, "value as number not from 5 to 7"),
    (number.is_in([1, 2]), {"op": "in", "values": [1, 2]}, "value as number 1 or 2"),
    (number.not_in([1]), {"op": "not_in", "values": [1]}, "value as number not 1"),
    (number.is_in(HBA1C), {"op": "in", "codes": HBA1C.plan()}, "value as number in “HbA1c”"),
    (number.is_null(), {"op": "null"}, "value as number not recorded"),
    (number.is_not_null(), {"op": "not_null"}, "value as number recorded"),
    (number.like("%a"), {"op": "like", "value": "%a"}, "value as number like “%a”"),
    (number.not_like("a_"), {"op": "not_like", "value": "a_"}, "value as number not like “a_”"),
    (number < kh.column("range_low"), {"op": "lt", "other": "range_low"}, "value as number < range low"),
    (number > date(2015, 1, 31), {"op": "gt", "value": "2015-01-31"}, "value as number > 2015-01-31"),
]


@pytest.mark.parametrize(("made", "planned", "said"), CONDITIONS, ids=[row[2] for row in CONDITIONS])
def test_conditions(made: Any, planned: dict[str, Any], said: str):
    assert made.plan() == {"column": "value_as_number", **planned}
    assert str(made) == said


def test_conditions_joined():
    either = (number > 7) | number.is_null() | (number < 1)
    assert [part["op"] for part in either.plan()["any"]] == ["gt", "null", "lt"]
    assert str(either) == "(value as number > 7 or value as number not recorded or value as number < 1)"
    assert kh.column("ratio:a/b_c").is_null().plan()["column"] == "ratio:a/b_c"
    assert str(kh.column("person:race_concept_id") == 1) == "the person's race = 1"


EVENTS = [
    (kh.drug().where(number > 7).where(number < 9), {"where": [(number > 7).plan(), (number < 9).plan()]},
     "drug records with value as number > 7 and value as number < 9"),
    (kh.drug().source(HBA1C), {"source_codes": HBA1C.plan()}, "drug records with source codes “HbA1c”"),
    (kh.drug().ends("next_day"), {"ends": "next_day"}, "drug records"),
    (kh.drug().ends("recorded"), {}, "drug records"),
    (kh.drug().adjusted(start=("end", 1), end=("end", -3)),
     {"shift": {"start": {"of": "end", "days": 1}, "end": {"of": "end", "days": -3}}},
     "drug records (each taken to last from 1 day after its end to 3 days before its end)"),
    (kh.drug().adjusted(), {}, "drug records"),
    (kh.drug().pinned_to("2015-01-01", None), {"fixed": ["2015-01-01", None]},
     "drug records holding 2015-01-01 (each taken to begin on 2015-01-01)"),
    (kh.drug().having(kh.stay().on_index().any()).having(kh.age() >= 18),
     {"having": (kh.stay().on_index().any() & (kh.age() >= 18)).plan()},
     "drug records having (a stay on the index day, and aged 18 or older)"),
]  # fmt: skip


@pytest.mark.parametrize(("made", "planned", "said"), EVENTS)
def test_events(made: Any, planned: dict[str, Any], said: str):
    assert made.plan() == {"domain": "drug", "codes": None, "occurrence": "all", **planned}
    assert made.phrase(plural=True) == said


STAY = kh.stay()
COUNTED = [
    (STAY.within(-3, 3, of="end", index="end").any(), {"window": {"from": -3, "to": 3, "of": "end", "index": "end"}},
     "a stay ending from 3 days before the end of the index event to 3 days after the end of the index event"),
    (STAY.within("period_start", -1).any(), {"window": {"from": "period_start", "to": -1}},
     "a stay at any time before the index day"),
    (STAY.within("period_start", -1, observed=False).any(),
     {"window": {"from": "period_start", "to": -1}, "observed": False},
     "a stay from the start of the observation period to 1 day before the index day, observed or not"),
    (STAY.within(0, None).ending_within(None, 9).any(),
     {"window": {"from": 0, "to": None}, "end_window": {"from": None, "to": 9, "of": "end"}},
     "a stay at any time from the index day on, ending at any time up to 9 days after the index day"),
    (STAY.on_index().same_stay().any(), {"window": {"from": 0, "to": 0}, "same_stay": True},
     "a stay on the index day, in the stay of the index event"),
    (STAY.on_index().count_distinct("code") >= 2,
     {"window": {"from": 0, "to": 0}, "count": {"of": {"distinct": "code"}, "at_least": 2, "at_most": None}},
     "stays with at least 2 distinct values of code on the index day"),
]  # fmt: skip


@pytest.mark.parametrize(("made", "planned", "said"), COUNTED)
def test_criteria(made: Any, planned: dict[str, Any], said: str):
    plan = made.plan()
    assert {name: plan[name] for name in planned} == planned
    assert set(plan) - set(planned) <= {"kind", "events", "window", "observed", "count"}
    assert str(made) == said


def study() -> Any:
    return (
        kh.cohort("all of it")
        .entry(kh.measurement(HBA1C).where(number > 7), each="event", take="last")
        .qualify(kh.where(kh.column("birth_years") >= 18), limit="first")
        .exit(kh.end_of_era(kh.codes("OMOP", 1503297, name="Metformin"), gap=30, offset=-2, days_supply=30))
        .collapse(7)
        .window("2015-01-01", None)
    )


def test_named_code_sets_are_written_once():
    made = study().require("again", kh.measurement(HBA1C).before().any())
    plan = made.plan()
    assert list(plan["code_sets"]) == ["HbA1c", "Metformin"]
    assert plan["entry"]["events"][0]["codes"] == {"set": "HbA1c"}
    assert plan["rules"][0]["when"]["events"]["codes"] == {"set": "HbA1c"}
    assert plan["exit"]["codes"] == {"set": "Metformin"}
    assert kh.measurement(HBA1C).plan()["codes"]["include"]  # in full where there is no plan to hold it
    assert kh.definition.from_plan(plan) == made
    unused = made.with_code_sets(kh.codes("OMOP", 1, name="A"))
    assert unused != made
    assert kh.definition.from_json(unused.to_json()) == unused


def test_a_definition_says_all_of_it():
    said = study().describe().splitlines()
    expected = """
Entry: A measurement coded “HbA1c” with value as number > 7. \
Each event is a row, also where several share person and day. Of a person's observed ones, the last alone.
Qualified: An index event with age (calendar year less year of birth) ≥ 18. \
Of a person's entry events that do so, the first alone.
Exit: 2 days before the end of an era of drug records coded “Metformin”, each lasting 30 days, \
joined where the next begins at most 28 days after the end of those before. \
Never after the end of the observation period.
Joined: Rows of a person that begin at most 7 days after the end of what came before.
Cut: To the days on or after 2015-01-01.
Code sets: “HbA1c” is OMOP 3004410; “Metformin” is OMOP 1503297.
"""
    for line in expected.strip().splitlines():
        assert line in said
    assert "Metformin" in study()._repr_html_()


OTHER = kh.codes("OMOP", 1, name="HbA1c")
REFUSED = [
    (lambda: number and number, "value_as_number is neither true nor false"),
    (lambda: (number > 1) & (number < 3), "hand both sides to one .where(...)"),
    (lambda: 1 < number < 3, "neither true nor false before it meets an event"),
    (lambda: number > True, "True, which is no number, text or day"),
    (lambda: number > float("inf"), "inf, which is no number"),
    (lambda: number.between(3, 1), "which ends before it begins: swap the two"),
    (lambda: number.is_in("ab"), "which is no list"),
    (lambda: number == HBA1C, "write .is_in(codes)"),
    (lambda: number <= kh.column("x"), "columns compare as lt and gt alone"),
    (lambda: kh.column(" "), "is blank"),
    (lambda: kh.drug().where(number), "the column value_as_number, not compared yet"),
    (lambda: kh.drug().where(kh.age() >= 18), "is no condition"),
    (lambda: kh.drug().having(number > 1), "is not a criterion"),
    (lambda: kh.drug().source("A"), "is no code set"),
    (lambda: kh.drug().ends("later"), "is 'later', which is not known"),
    (lambda: kh.drug().adjusted(start=3), 'write a day and a number, as in ("start", 30)'),
    (lambda: kh.drug().within("period_end", "period_start"), "swap the two"),
    (lambda: kh.drug().within("start", 0), "is 'start', which is not known"),
    (lambda: kh.drug().within(0, 1, of="middle"), "is 'middle', which is not known"),
    (lambda: kh.drug().before().ending_within(0, 1).ending_within(0, 1), "has a second window already"),
    (kh.where, "where() has no conditions"),
    (lambda: kh.cohort("c").entry(kh.drug(), each="month"), "is 'month', which is not known"),
    (lambda: kh.cohort("c").collapse(1).collapse(1), ".collapse(...) of the cohort 'c' is said twice"),
    (lambda: kh.cohort("c").entry(kh.drug(HBA1C), kh.drug(OTHER)), "two different code sets have the name 'HbA1c'"),
    (lambda: kh.cohort("c").with_code_sets(kh.codes("OMOP", 1)), "is no code set with a name"),
    (lambda: kh.end_of_era(None), "the codes of end_of_era are None"),
    (lambda: kh.definition.from_plan(study().plan() | {"code_sets": {}}), "which code_sets lacks"),
    (lambda: kh.drug().before().same_stay().days_only("a table"), "a table counts days from the index day alone"),
]


@pytest.mark.parametrize(("wrong", "says"), REFUSED, ids=[row[1] for row in REFUSED])
def test_refusals(wrong: Any, says: str):
    with pytest.raises(DefinitionError) as caught:
        wrong()
    assert says in str(caught.value)
    assert str(caught.value).endswith((".", "?"))
