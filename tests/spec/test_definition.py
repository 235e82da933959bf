"""The definition language as a table: what is written, what the plan says, what the sentence says."""

from __future__ import annotations

import ast
from datetime import date, datetime
from pathlib import Path
from typing import Any

import kohort as kh
import pytest
from kohort.errors import DefinitionError


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


def test_integers_of_numpy_are_whole_numbers():
    numpy = pytest.importorskip("numpy")
    assert (kh.age() >= numpy.int64(18)) == (kh.age() >= 18)
    assert kh.codes("OMOP", numpy.uint32(7)) == kh.codes("OMOP", "7")
    assert type((kh.age() >= numpy.int8(18)).plan()["at_least"]) is int
    for value in (numpy.float64(18), numpy.bool_(True), numpy.array([18, 19])):
        with pytest.raises(DefinitionError):
            kh.age() >= value  # noqa: B015


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


def test_the_language_imports_nothing_of_the_rest():
    folder = Path(kh.definition.__file__).parent
    imported = set()
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("kohort"):
                names = [node.module.split(".")[1]] if "." in node.module else [name.name for name in node.names]
                imported.update(names)
    assert imported <= {"definition", "errors", "display"}
