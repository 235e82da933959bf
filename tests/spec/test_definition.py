"""The definition language as a table: what is written, what the plan says, what the sentence says, what is refused."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import json
import pickle
import subprocess
import sys
import xml.etree.ElementTree as ET
from datetime import date, datetime
from typing import Any

import kohort as kh
import pytest
from kohort.errors import DefinitionError, KohortError

HISTORY = {"domain": "death", "codes": None, "occurrence": "all"}


def written(text: str) -> Any:
    """Evaluate an expression as a user would write it."""
    return eval(text, {"kh": kh, "date": date, "datetime": datetime, "c": kh.codes("ATC", "A10BA02"), "d": kh.death()})  # noqa: S307


CODE_SETS = [
    ('kh.codes("ATC", "A10BH*", "A10BD07")', "ATC A10BD07 or A10BH*"),
    ('kh.codes("atc", "a10bh*")', "ATC A10BH*"),
    ('kh.codes("ICD-10", "c67.9", "C67.*")', "ICD10 C67* or C679"),
    ('kh.codes("ICD10", "B24.+0")', "ICD10 B24+0"),
    ('kh.codes("OMOP", 1118084)', "OMOP 1118084"),
    ('kh.codes("OMOP", "1118084+")', "OMOP 1118084+"),
    ('kh.codes("OMOP", 1118084, descendants=True, exclude=1118085)', "OMOP 1118084+ except 1118085"),
    ('kh.codes("RxNorm", "a", "B", "a")', "RxNorm B or a"),
    ('kh.codes("ATC", "A10*", exclude=["A10A*", "A10BA02"])', "ATC A10* except A10A* and A10BA02"),
    ('kh.codes("ATC", "A10A*") | kh.codes("ATC", "A10B*")', "ATC A10A* or A10B*"),
    ('kh.codes("ATC", "A10*") - kh.codes("ATC", "A10A*")', "ATC A10* except A10A*"),
    ('(kh.codes("ATC", "A10*") - kh.codes("ATC", "A10A*")) | kh.codes("ATC", "C10*")', "ATC A10* or C10* except A10A*"),
    ('kh.codes("CCAM", "jdfe002-01")', "CCAM JDFE002-01"),
    ('kh.codes("ATC", *[f"C0{n}" for n in range(9)], "C10")', "ATC C00, C01, C02, C03, C04, C05, C06 or 3 more"),
    ('kh.codes("ATC", level=4)', "ATC by level 4 (5 characters)"),
    ('kh.codes("ICD10", level=3)', "ICD10 by level 3 (3 characters)"),
]


@pytest.mark.parametrize(("text", "said"), CODE_SETS)
def test_code_sets(text: str, said: str):
    assert str(written(text)) == said


CRITERIA = [
    # written, in the plan (window, observed, count), said
    ("kh.drug(c).before().any()", (None, -1, True, "events", 1, None),
     "a drug record coded ATC A10BA02 at any time before the index day"),
    ("kh.drug(c).after().none()", (1, None, True, "events", None, 0),
     "no drug record coded ATC A10BA02 at any time after the index day"),
    ("kh.stay().on_index().any()", (0, 0, True, "events", 1, None), "a stay on the index day"),
    ("kh.stay().within(None, None, observed=False).any()", (None, None, False, "events", 1, None),
     "a stay at any time, observed or not"),
    ("kh.stay().within(-180, -1).count() >= 2", (-180, -1, True, "events", 2, None),
     "at least 2 stays in the 180 days before the index day"),
    ("kh.stay().within(1, 30).count() > 2", (1, 30, True, "events", 3, None),
     "at least 3 stays in the 30 days after the index day"),
    ("kh.stay().within(-1, -1).count() <= 2", (-1, -1, True, "events", None, 2),
     "at most 2 stays exactly 1 day before the index day"),
    ("kh.stay().within(-90, -30).count() < 2", (-90, -30, True, "events", None, 1),
     "at most 1 stay from 90 to 30 days before the index day"),
    ("kh.stay().within(30, 90).count() == 0", (30, 90, True, "events", None, 0),
     "no stay from 30 to 90 days after the index day"),
    ("kh.stay().within(0, 1).count().between(2, 3)", (0, 1, True, "events", 2, 3),
     "2 to 3 stays from the index day to 1 day after the index day"),
    ("kh.stay().within(None, 0).distinct_days() == 2", (None, 0, True, "days", 2, 2),
     "stays on exactly 2 distinct days at any time up to the index day"),
    ("kh.stay().within(-7, None).distinct_days() >= 1", (-7, None, True, "days", 1, None),
     "stays on at least 1 distinct day at any time from 7 days before the index day on"),
    ("2 <= kh.stay().before().count()", (None, -1, True, "events", 2, None),
     "at least 2 stays at any time before the index day"),
    ("kh.drug(c).first().before().any()", (None, -1, True, "events", 1, None),
     "the person's first drug record coded ATC A10BA02 at any time before the index day"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "planned", "said"), CRITERIA)
def test_criteria_on_events(text: str, planned: tuple[Any, ...], said: str):
    criterion = written(text)
    plan = criterion.plan()
    start, end, observed, of, low, high = planned
    assert str(criterion) == said
    assert plan["kind"] == "events"
    assert plan["window"] == {"from": start, "to": end}
    assert plan["observed"] is observed
    assert plan["count"] == {"of": of, "at_least": low, "at_most": high}


ADULT = {"kind": "age", "at_least": 18, "at_most": None}
WOMAN = {"kind": "sex", "is": ["female"]}
MAN = {"kind": "sex", "is": ["male"]}
JOINED = [
    ("kh.age() >= 18", ADULT, "aged 18 or older"),
    ("kh.age() > 17", ADULT, "aged 18 or older"),
    ("18 <= kh.age()", ADULT, "aged 18 or older"),
    ("kh.age() < 18", {"kind": "age", "at_least": None, "at_most": 17}, "aged 17 or younger"),
    ("kh.age() <= 17", {"kind": "age", "at_least": None, "at_most": 17}, "aged 17 or younger"),
    ("kh.age() == 40", {"kind": "age", "at_least": 40, "at_most": 40}, "aged 40"),
    ("kh.age().between(40, 49)", {"kind": "age", "at_least": 40, "at_most": 49}, "aged 40 to 49"),
    ('kh.sex() == "F"', WOMAN, "female"),
    ('kh.sex() != "Female"', {"kind": "not", "of": WOMAN}, "not (female)"),
    ('kh.sex().is_in(["unknown", "m", "male"])', {"kind": "sex", "is": ["male", "unknown"]}, "male or of unknown sex"),
    ('(kh.age() >= 18) & (kh.sex() == "F")', {"kind": "all", "of": [ADULT, WOMAN]}, "aged 18 or older, and female"),
    (
        '(kh.age() >= 18) & ((kh.sex() == "F") & (kh.sex() == "M"))',
        {"kind": "all", "of": [ADULT, WOMAN, MAN]},
        "aged 18 or older, and female, and male",
    ),
    (
        'kh.any_of(kh.age() >= 18, kh.any_of(kh.sex() == "F", kh.sex() == "M") & (kh.age() >= 18))',
        {"kind": "any", "of": [ADULT, {"kind": "all", "of": [{"kind": "any", "of": [WOMAN, MAN]}, ADULT]}]},
        "aged 18 or older, or ((female, or male), and aged 18 or older)",
    ),
    ("kh.all_of(kh.age() >= 18)", ADULT, "aged 18 or older"),
    ("~~(kh.age() >= 18)", ADULT, "aged 18 or older"),
    (
        'kh.at_least(2, kh.age() >= 18, kh.sex() == "F", kh.sex() == "M")',
        {"kind": "at_least", "n": 2, "of": [ADULT, WOMAN, MAN]},
        "at least 2 of: aged 18 or older; female; male",
    ),
    (
        "kh.at_most(0, kh.age() >= 18)",
        {"kind": "at_most", "n": 0, "of": [ADULT]},
        "at most 0 of: aged 18 or older",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "plan", "said"), JOINED)
def test_criteria_on_persons_and_groups(text: str, plan: dict[str, Any], said: str):
    criterion = written(text)
    assert criterion.plan() == plan
    assert str(criterion) == said


REFUSED = [
    # written, words of the message: the value, then the remedy
    ('kh.codes("ATC")', "ATC", "write one"),
    ('kh.codes("ATC", "")', "''", "write at least one character"),
    ('kh.codes("ATC", "*")', "'*'", "kh.drug()"),
    ('kh.codes("ICD10", ".")', "'.'", "write at least one character"),
    ('kh.codes("ATC", "A*0")', "'A*0'", "write a prefix"),
    ('kh.codes("ATC", "A10 BH")', "'A10 BH'", "remove it"),
    ('kh.codes("ATC", " A10BH")', "' A10BH'", "remove it"),
    ('kh.codes("ICD10", "C67.-")', "'C67.-'", 'as in "C67*"'),
    ('kh.codes("ICD10", "C00-C97")', "'C00-C97'", "one each"),
    ('kh.codes("ATC", 10)', "10", "in quotes"),
    ('kh.codes("OMOP", -1)', "-1", "in quotes"),
    ('kh.codes("OMOP", 1.5)', "1.5", "whole number"),
    ('kh.codes("OMOP", True)', "True", "whole number"),
    ('kh.codes("ATC", ["A10BA02"])', "list", "with a star"),
    ('kh.codes("ATC", "A10*", descendants=True)', "'A10*'", 'drop "*"'),
    ('kh.codes("ATC", "A10", descendants="yes")', "'yes'", "write one of them"),
    ('kh.codes("ATC", "A10", exclude=2.5)', "2.5", "list of patterns"),
    ('kh.codes("", "A10")', "''", "write a few words"),
    ('kh.codes(3, "A10")', "3", "in quotes"),
    ('kh.codes("ATC*", "A10")', "'ATC*'", "write one such as"),
    ('kh.codes("ATC", level=6)', "6", "1, 2, 3, 4 and 5"),
    ('kh.codes("CCAM", level=2)', "'CCAM'", "ATC and ICD10"),
    ('kh.codes("ATC", "A10*", level=4)', "level=4", "drop the patterns"),
    ('c | kh.codes("ICD10", "C67*")', "ATC and ICD10", "hand both to .entry"),
    ('c | "A10BH*"', "'A10BH*'", "kh.codes(...)"),
    ('c or kh.codes("ATC", "A10BH*")', "ATC A10BA02", "join code sets with |"),
    ('kh.codes("ATC", "A10*", exclude="A10BH*") | kh.codes("ATC", "A10BH01")', "A10BH01", "one kh.codes"),
    ('kh.codes("ATC", "A10*") - kh.codes("ATC", "A10B*", exclude="A10BH*")', "A10BH*", "one kh.codes"),
    ('kh.drug("A10BH*")', "'A10BH*'", "kh.codes("),
    ('kh.event("Drug")', "'Drug'", "small letters"),
    ("kh.event(None)", "None", "in quotes"),
    ("kh.drug(c).within(-1, -180)", "-1 to -180", "swap"),
    ("kh.drug(c).within(-1.5, 0)", "-1.5", "write an integer"),
    ("kh.drug(c).within(-99999999, 0)", "-99999999", "choose a number inside"),
    ("kh.drug(c).within(True, 2)", "True", "write an integer"),
    ("kh.drug(c).within(0, 2, observed=1)", "1", "write one of them"),
    ("kh.drug(c).before().count() >= 0", "at least 0", "write .count() >= 1"),
    ("kh.drug(c).before().count() < 0", "0", "choose a number inside"),
    ("kh.drug(c).before().count() >= 1.0", "1.0", "write an integer"),
    ("kh.drug(c).before().count().between(3, 2)", "3 to 2", "swap"),
    ("1 <= kh.drug(c).before().count() <= 2", "a drug record coded ATC A10BA02", ".between(a, b)"),
    ("18 <= kh.age() <= 65", "aged 18 or older", ".between(a, b)"),
    ('(kh.age() >= 18) and (kh.sex() == "F")', "aged 18 or older", "with &, | and ~"),
    ("not (kh.age() >= 18)", "aged 18 or older", "with &, | and ~"),
    ('kh.age() >= 18 & kh.sex() == "F"', "the sex", "in parentheses"),
    ("kh.age() >= 18 & (kh.age() < 65)", "18", "put parentheses around"),
    ("(kh.age() < 65) & kh.drug(c)", "a drug record coded ATC A10BA02", ".before().any()"),
    ("kh.drug(c) & (kh.age() < 65)", "a drug record coded ATC A10BA02", ".before().any()"),
    ("kh.drug(c) or kh.stay()", "a drug record coded ATC A10BA02", ".before().any()"),
    ("kh.drug(c).before() and kh.stay().before()", "before the index day", ".any()"),
    ("kh.drug(c).before().count() and kh.age()", "the number of events", "compare it"),
    ("kh.age() >= 18.5", "18.5", "write an integer"),
    ("kh.age() >= 200", "200", "choose a number inside"),
    ("kh.age() < 0", "0", "choose a number inside"),
    ("kh.age().between(65, 18)", "65 to 18", "swap"),
    ('kh.age() == "old"', "'old'", "write an integer"),
    ("kh.sex() == 1", "1", '"female", "male"'),
    ('kh.sex() == "woman"', "'woman'", '"female", "male"'),
    ('kh.sex().is_in("F")', "'F'", "kh.sex() =="),
    ("kh.sex().is_in([])", "none", "name at least one"),
    ("kh.all_of()", "all_of()", "hand in"),
    ("kh.any_of([kh.age() >= 18])", "list", "with a star"),
    ("kh.at_least(0, kh.age() >= 18)", "at least 0 of 1 criteria is always", "from 1 to 1"),
    ("kh.at_least(2, kh.age() >= 18)", "at least 2 of 1 criteria is never", "from 1 to 1"),
    ("kh.at_most(1, kh.age() >= 18)", "at most 1 of 1 criteria is always", "from 0 to 0"),
    ("kh.at_most(-1, kh.age() >= 18)", "at most -1 of 1 criteria is never", "from 0 to 0"),
    ('kh.drug(kh.codes("ATC", level=4)).before().any()', "ATC by level 4", "name the codes"),
    ('kh.drug(kh.codes("ATC", level=4)).first()', "ATC by level 4", "name the codes"),
    ("kh.fixed_days(-1)", "-1", "choose a number inside"),
    ("kh.end_of_supply(gap=None)", "None", "write an integer"),
    ('kh.end_of_supply(gap=1, codes="A10")', "'A10'", "kh.codes("),
    ('kh.end_of_supply(gap=1, codes=kh.codes("ATC", level=4))', "ATC by level 4", "name the codes"),
    ('kh.cohort(" ")', "' '", "write a few words"),
    ("kh.cohort(7)", "7", "in quotes"),
    (r'kh.cohort("a\nb")', r"'a\nb'", "remove it"),
    (r'kh.cohort("a\ud800")', r"\ud800", "remove it"),
    ('kh.cohort("x").plan()', "'x'", "add .entry(...)"),
    ('kh.cohort("x").entry()', "'x'", "hand in one"),
    ('kh.cohort("x").entry(d).entry(d)', "'x'", "to one .entry(...)"),
    ('kh.cohort("x").observed(before=1).observed(after=1)', "'x'", "in one .observed"),
    ('kh.cohort("x").exit().exit()', "'x'", "in one .exit"),
    ('kh.cohort("x").entry(d, limit="frist")', "'frist'", 'did you mean "first"?'),
    ('kh.cohort("x").entry(d, between="2015")', "'2015'", "write two days"),
    ('kh.cohort("x").entry(d, between=("2015", None))', "'2015'", "as in"),
    ('kh.cohort("x").entry(d, between=("20150101", None))', "'20150101'", "year-month-day"),
    ('kh.cohort("x").entry(d, between=(datetime(2015, 1, 1), None))', "2015-01-01T00", ".date()"),
    ('kh.cohort("x").entry(d, between=("2016-01-01", "2015-01-01"))', "2016-01-01 to 2015-01-01", "swap"),
    ('kh.cohort("x").entry(d.before())', "deaths at any time", "leave the window away"),
    ('kh.cohort("x").entry(kh.drug(kh.codes("ATC", level=4)))', "ATC by level 4", "name the codes"),
    ('kh.cohort("x").entry(c)', "Codes", "kh.drug(codes)"),
    ('kh.cohort("x").observed(before=-1)', "-1", "choose a number inside"),
    ('kh.cohort("x").require("a", kh.drug(c))', "'a' is a drug record", ".before().any()"),
    ('kh.cohort("x").require("a", kh.drug(c).before())', "'a' is drug records", ".any()"),
    ('kh.cohort("x").require("a", kh.age())', "the age", "compare it"),
    ('kh.cohort("x").require("a", lambda: 1)', "function", "kh.age() >= 18"),
    ('kh.cohort("x").require("", kh.age() >= 18)', "''", "write a few words"),
    ('kh.cohort("x").require("a", kh.age() >= 18).exclude("a ", kh.age() < 9)', "'a'", "a name of its own"),
    ('kh.cohort("x").exit(d)', "object of type Events", "as censor="),
    ('kh.cohort("x").exit(censor="death")', "'death'", "kh.drug(codes)"),
    ('kh.cohort("x").entry(kh.stay()).exit(kh.end_of_supply(gap=30)).plan()', "'drug'", "codes=..."),
    ("kh.age_bands(0)", "0", "choose a number inside"),
    ("kh.age_bands([])", "no edges", "write the first age"),
    ("kh.age_bands([0, 18, 18])", "18 to 18", "rising order"),
    ("kh.age_bands([0, 18], last=65)", "edges", "drop them"),
    ("kh.age_bands(10, first=50, last=40)", "50 to 40", "swap"),
    ('kh.age_bands("10")', "'10'", "write an integer"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value", "remedy"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refusals_name_the_value_and_the_remedy(text: str, value: str, remedy: str):
    with pytest.raises(DefinitionError) as caught:
        written(text)
    message = str(caught.value)
    assert value in message
    assert remedy in message
    assert message.endswith(".")
    assert "\n" not in message
    assert isinstance(caught.value, KohortError)
    assert isinstance(caught.value, ValueError)


def study() -> Any:
    dpp4 = kh.codes("ATC", "A10BH*", "A10BD07")
    bladder = kh.codes("ICD10", "C67*", "D090")
    return (
        kh.cohort("DPP-4 initiators")
        .entry(kh.drug(dpp4).first(), between=("2015-01-01", date(2018, 12, 31)))
        .observed(before=365)
        .require("adult", kh.age() >= 18)
        .exclude("bladder cancer before", kh.diagnosis(bladder).before().any())
        .exit(kh.end_of_supply(gap=90), censor=kh.death())
    )


CANONICAL = (
    '{"censor":[{"codes":null,"domain":"death","occurrence":"all"}],'
    '"entry":{"between":["2015-01-01","2018-12-31"],"events":[{"codes":{"exclude":[],"include":'
    '[{"code":"A10BD07","match":"exact"},{"code":"A10BH","match":"prefix"}],"vocabulary":"ATC"},'
    '"domain":"drug","occurrence":"first"}],"observed":{"after":0,"before":365}},'
    '"exit":{"codes":null,"domain":"drug","gap":90,"kind":"end_of_supply"},"limit":"first","name":"DPP-4 initiators",'
    '"rules":[{"kind":"require","name":"adult","when":{"at_least":18,"at_most":null,"kind":"age"}},'
    '{"kind":"exclude","name":"bladder cancer before","when":{"count":{"at_least":1,"at_most":null,"of":"events"},'
    '"events":{"codes":{"exclude":[],"include":[{"code":"C67","match":"prefix"},{"code":"D090","match":"exact"}],'
    '"vocabulary":"ICD10"},"domain":"diagnosis","occurrence":"all"},"kind":"events","observed":true,'
    '"window":{"from":null,"to":-1}}}],"version":1}'
)

DESCRIBED = """\
Cohort “DPP-4 initiators”
Entry: The person's first drug record coded ATC A10BD07 or A10BH* (first in the whole warehouse, before any other step).
Calendar: Index days from 2015-01-01 to 2018-12-31.
Observation: Observed on the index day and for at least 365 days before it.
Rules, in this order:
  1. Require “adult”: Aged 18 or older.
  2. Exclude “bladder cancer before”: A diagnosis coded ICD10 C67* or D090 at any time before the index day.
Limit: Each person's first remaining index day.
Exit: The end of supply by drug records as the entry events are, joined where at most 90 days without \
supply lie between. \
Never after the end of the observation period.
Censoring: Death."""


def test_a_study_its_plan_its_hash_its_sentences(tmp_path):
    made = study()
    assert made.to_json() == CANONICAL
    assert made.hash == hashlib.sha256(CANONICAL.encode()).hexdigest()
    assert made.describe().rsplit("\n", 1)[0] == DESCRIBED
    assert str(made) == made.describe()
    assert repr(made) == f"<cohort 'DPP-4 initiators': 2 rules, hash {made.hash[:12]}>"
    path = made.save(tmp_path / "study.json")
    assert [file.name for file in tmp_path.iterdir()] == ["study.json"]
    assert kh.load_definition(path) == made
    assert json.loads(path.read_text(encoding="utf-8")) == made.plan()


def test_defaults_are_written_out():
    plan = kh.cohort("all deaths").entry(kh.death()).plan()
    assert plan == {
        "version": 1,
        "name": "all deaths",
        "entry": {"events": [HISTORY], "between": [None, None], "observed": {"before": 0, "after": 0}},
        "rules": [],
        "limit": "first",
        "exit": {"kind": "observation_end"},
        "censor": [],
    }
    said = kh.cohort("all deaths").entry(kh.death()).observed().exit(kh.end_of_observation(), censor=())
    assert said == kh.cohort("all deaths").entry(kh.death())


def test_what_looks_equal_is_equal():
    composed, decomposed = (
        kh.cohort("d\u00e9c\u00e8s").entry(kh.death()),
        kh.cohort(" de\u0301ce\u0300s ").entry(kh.death(), kh.death()),
    )
    assert composed == decomposed
    assert composed.hash == decomposed.hash
    assert "décès" in composed.to_json()


def test_integers_of_numpy_are_whole_numbers():
    numpy = pytest.importorskip("numpy")
    assert (kh.age() >= numpy.int64(18)) == (kh.age() >= 18)
    assert kh.codes("OMOP", numpy.uint32(7)) == kh.codes("OMOP", "7")
    assert type((kh.age() >= numpy.int8(18)).plan()["at_least"]) is int
    for value in (numpy.float64(18), numpy.bool_(True), numpy.array([18, 19])):
        with pytest.raises(DefinitionError):
            kh.age() >= value  # noqa: B015


def test_an_incomplete_definition_says_so():
    begun = kh.cohort("begun").require("adult", kh.age() >= 18)
    assert not begun.complete
    assert "Entry: Not given yet." in begun.describe()
    assert repr(begun) == "<cohort 'begun': 1 rule, incomplete>"
    assert "Not given yet." in begun._repr_html_()


def test_nothing_changes_in_place():
    made = study()
    before = made.to_json()
    made.require("another", kh.sex() == "F")
    plan = made.plan()
    plan["entry"]["events"].clear()
    assert made.to_json() == before
    parts = [
        made,
        made.rules[0],
        made.entry_events[0],
        made.entry_events[0].codes,
        made.strategy,
        kh.death().before(),
        kh.age_bands(10),
    ]
    for part in parts:
        for field in dataclasses.fields(part):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(part, field.name, None)
        with pytest.raises((AttributeError, TypeError)):
            part.unheard_of = 1
        assert pickle.loads(pickle.dumps(part)) == part  # noqa: S301 (our own)
        assert copy.deepcopy(part) == part
        assert hash(copy.deepcopy(part)) == hash(part)


def change(path: str, value: Any) -> dict[str, Any]:
    plan = study().plan()
    at: Any = plan
    *front, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    for step in front:
        at = at[step]
    if value is DROP:
        del at[last]
    else:
        at[last] = value
    return plan


DROP = object()
UNREADABLE = [
    ("version", 2, "version is 2"),
    ("version", True, "version is True"),
    ("version", DROP, "version is None"),
    ("limits", "first", 'limits is not a field of the plan: did you mean "limit"?'),
    ("censor", DROP, "censor is missing"),
    ("name", 3, "name is 3"),
    ("limit", "any", "limit: the limit is 'any'"),
    ("entry/between", ["2015-01-01"], "entry: between is an object of type tuple"),
    ("entry/between/0", "2015-13-01", "entry: the start of between is '2015-13-01'"),
    ("entry/between/0", 2015, "entry.between[0] is 2015"),
    ("entry/observed/before", -1, "entry.observed: the days observed before is -1"),
    ("entry/events", [], "entry: the entry"),
    ("entry/events/0/codes/include/0/match", "glob", "entry.events[0].codes.include[0].match: the match"),
    ("entry/events/0/codes/include/0/code", 7, "entry.events[0].codes.include[0].code is 7"),
    ("entry/events/0/codes/include/0/code", "A*B", "entry.events[0].codes: the ATC pattern 'A*B'"),
    ("entry/events/0/occurrence", "last", "entry.events[0]: the occurrence"),
    ("rules", {}, "rules is an object of type dict, which is not a list"),
    ("rules/1/kind", "drop", "rules[1].kind: the kind of a rule is 'drop'"),
    ("rules/1/name", "adult", "rules[1]: the cohort"),
    ("rules/0/when/kind", "aged", "rules[0].when.kind is 'aged', which is not known: did you mean \"age\"?"),
    ("rules/0/when", {}, "rules[0].when.kind is missing"),
    ("rules/0/when/at_least", "18", "rules[0].when.at_least is '18'"),
    ("rules/0/when/at_least", None, "rules[0].when: an age without a bound"),
    ("rules/1/when/window/from", "x", "rules[1].when.window.from is 'x'"),
    ("rules/1/when/window/from", 3, "rules[1].when.window: the window runs from 3 to -1"),
    ("rules/1/when/window/form", 3, 'rules[1].when.window.form is not a field of the plan: did you mean "from"?'),
    ("rules/1/when/window/to", DROP, "rules[1].when.window.to is missing"),
    ("rules/1/when/observed", 1, "rules[1].when.observed is 1"),
    ("rules/1/when/count/of", "codes", "rules[1].when.count: what a count is of is 'codes'"),
    ("rules/1/when/count/at_least", True, "rules[1].when.count.at_least is True"),
    ("rules/1/when", {"kind": "all", "of": []}, "rules[1].when.of: all_of() has no criteria"),
    (
        "rules/1/when",
        {"kind": "not", "of": {"kind": "at_least", "n": 2, "of": [ADULT]}},
        "rules[1].when.of.n: at least 2",
    ),
    ("rules/1/when", {"kind": "sex", "is": ["woman"]}, "rules[1].when.is: the sex is 'woman'"),
    ("exit/kind", "death", "exit.kind is 'death'"),
    ("exit", {"kind": "fixed", "days": 1.0}, "exit.days is 1.0"),
    ("exit/domain", "stay", "exit: the exit follows the supply"),
    ("censor/0/domain", "Death", "censor[0]: the domain 'Death'"),
]


@pytest.mark.parametrize(("path", "value", "begins"), UNREADABLE)
def test_an_unreadable_plan_is_refused_by_its_path(path: str, value: Any, begins: str, tmp_path):
    plan = change(path, value)
    with pytest.raises(DefinitionError) as caught:
        kh.definition.from_plan(plan)
    assert str(caught.value).startswith(begins)
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan), encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        kh.load_definition(file)
    assert str(caught.value).startswith(f"{file}: {begins}")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "not JSON, at line 1"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"[1]", "not a dictionary"),
        (b'{"version": 1, "version": 1}', "'version' is written twice"),
        (b"[" * 200_000, "nested too deeply"),
    ],
)
def test_a_file_that_is_no_plan(content: bytes, says: str, tmp_path):
    file = tmp_path / "plan.json"
    file.write_bytes(content)
    with pytest.raises(DefinitionError, match=says):
        kh.load_definition(file)


def test_an_equivalent_plan_is_brought_into_canonical_form():
    plan = study().plan()
    plan["entry"]["events"][0]["codes"]["include"].reverse()
    plan["rules"][0]["when"] = {"kind": "not", "of": {"kind": "not", "of": {"kind": "all", "of": [ADULT]}}}
    assert kh.definition.from_plan(plan).hash == study().hash


def test_a_save_that_fails_leaves_the_old_file(tmp_path):
    path = study().save(tmp_path / "a.json")
    old = path.read_bytes()
    with pytest.raises(DefinitionError):
        kh.cohort("no entry").save(path)
    with pytest.raises(OSError):  # noqa: PT011 (which one depends on the system)
        study().save(tmp_path / "no folder" / "a.json")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):  # noqa: PT011
        study().save(tmp_path / "folder")
    assert path.read_bytes() == old
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.json", "folder"]


def test_age_bands():
    assert kh.age_bands(10).labels == (
        "0-9",
        "10-19",
        "20-29",
        "30-39",
        "40-49",
        "50-59",
        "60-69",
        "70-79",
        "80-89",
        "90+",
    )
    assert kh.age_bands(20).edges == (0, 20, 40, 60, 80)
    assert kh.age_bands(1, last=2).labels == ("0", "1", "2+")
    assert kh.age_bands([0, 18, 65]).to_dict() == {
        "kind": "age_bands",
        "edges": [0, 18, 65],
        "labels": ["0-17", "18-64", "65+"],
    }
    assert kh.age_bands([0, 10]) == kh.age_bands(10, last=19)


def test_the_card_draws_what_the_plan_says():
    made = study().require("<b>stays</b> & more", kh.stay().within(0, 30).any())
    html = made._repr_html_()
    assert "<b>stays</b>" not in html
    assert made.hash[:12] in html
    picture = ET.fromstring(html[html.index("<svg") : html.index("</svg>") + 6])  # noqa: S314 (our own)
    assert picture.get("role") == "img"
    assert "Timeline of DPP-4 initiators" in (picture.findtext("title") or "")
    spans = {}
    for row in picture.findall("g")[:-1]:
        points = [tuple(map(float, p.split(","))) for p in row.find("polygon").get("points").split()]
        spans[row.find("text").text] = (min(x for x, _ in points), max(x for x, _ in points))
    column = picture.find("rect")
    zero, one = float(column.get("x")), float(column.get("x")) + float(column.get("width"))
    assert list(spans) == ["Observed", "adult", "bladder cancer before", "<b>stays</b> & more", "Follow-up"]
    assert spans["adult"] == pytest.approx((zero, one), abs=0.11)  # the index day alone
    assert spans["Observed"][1] == pytest.approx(one, abs=0.11)
    assert spans["bladder cancer before"][1] == pytest.approx(zero, abs=0.11)  # ends with the day before
    assert spans["bladder cancer before"][0] < spans["Observed"][0]  # open lies further back than 365 days
    assert spans["<b>stays</b> & more"][0] == pytest.approx(zero, abs=0.11)
    assert spans["Follow-up"][1] > spans["<b>stays</b> & more"][1] > one


def test_the_language_imports_nothing_of_the_rest():
    script = (
        "import sys, kohort.definition;"
        "print(sorted({n.split('.')[1] for n in sys.modules if n.startswith('kohort.')} - {'definition', 'errors'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
