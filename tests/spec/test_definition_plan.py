"""A definition as a whole: plan, hash, file, sentences, card; and the plans that are refused."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import json
import pickle
import xml.etree.ElementTree as ET
from datetime import date
from typing import Any

import kohort as kh
import pytest
from kohort.errors import DefinitionError

DEATHS = {"domain": "death", "codes": None, "occurrence": "all"}


ADULT = {"kind": "age", "at_least": 18, "at_most": None}


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
        "entry": {"events": [DEATHS], "between": [None, None], "observed": {"before": 0, "after": 0}},
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
    ("rules/1/when/window/from", "x", "rules[1].when.window: the first day of a window is 'x'"),
    ("rules/1/when/window/from", "period_stop", "rules[1].when.window: the first day of a window is 'period_stop'"),
    ("rules/1/when/window/form", 3, 'rules[1].when.window.form is not a field of the plan: did you mean "from"?'),
    ("rules/1/when/window/to", DROP, "rules[1].when.window.to is missing"),
    ("rules/1/when/observed", 1, "rules[1].when.observed is 1"),
    ("rules/1/when/count/of", "codes", "rules[1].when.count: what a count is of is 'codes'"),
    ("rules/1/when/count/at_least", True, "rules[1].when.count.at_least is True"),
    ("rules/1/when", {"kind": "all", "of": []}, "rules[1].when.of: all_of() has no criteria"),
    (
        "rules/1/when",
        {"kind": "not", "of": {"kind": "at_least", "n": 2.5, "of": [ADULT]}},
        "rules[1].when.of.n is 2.5",
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


def test_the_card_draws_what_the_plan_says():
    made = study().require("<b>stays</b> & more", kh.stay().within(0, 30).any())
    html = made._repr_html_()
    assert "<b>stays</b>" not in html
    assert made.hash[:12] in html
    picture = ET.fromstring(html[html.index("<svg") : html.index("</svg>") + 6])  # noqa: S314 (our own)
    assert picture.get("role") == "img"
    assert "Timeline of DPP-4 initiators" in (picture.get("aria-label") or "")
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
