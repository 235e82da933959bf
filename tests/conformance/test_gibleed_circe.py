"""The second opinion: cohorts of GiBleed as OHDSI Circe's own SQL (duckcdm) finds them, where both say the same."""

from __future__ import annotations

import warnings

import kohort as kh
import pytest
from circe_oracle import Oracle
from gibleed_studies import EXCLUSION, LOOK_BACK, NEW_USERS


def concept_set(number, *ids, descendants=False):
    items = [{"concept": {"CONCEPT_ID": id_}, "includeDescendants": descendants} for id_ in ids]
    return {"id": number, "name": str(ids), "expression": {"items": items}}


def days(start, end):
    """Write a window: days from the index day, None for open; -1 is the day before."""

    def end_point(number):
        if number is None:
            return {"Coeff": -1}
        return {"Days": abs(number), "Coeff": -1 if number < 0 else 1}

    return {"Start": end_point(start), "End": end_point(end)}


def rule(name, criteria, window, *, count, anywhere=False):
    """Write an inclusion rule: no such event (count 0), or at least so many, in a window around the index day."""
    group = {
        "Criteria": criteria,
        "StartWindow": days(*window),
        "Occurrence": {"Type": 2 if count else 0, "Count": count},
        "IgnoreObservationPeriod": anywhere,
    }
    return {"name": name, "expression": {"Type": "ALL", "CriteriaList": [group]}}


def expression(sets, primary, *, prior=0, limit="First", rules=(), end=None):
    found = {
        "ConceptSets": list(sets),
        "PrimaryCriteria": {
            "CriteriaList": [primary],
            "ObservationWindow": {"PriorDays": prior, "PostDays": 0},
            "PrimaryCriteriaLimit": {"Type": "All"},
        },
        "QualifiedLimit": {"Type": "All"},
        "ExpressionLimit": {"Type": limit},
        "InclusionRules": list(rules),
        "CensoringCriteria": [],
        "CollapseSettings": {"CollapseType": "ERA", "EraPad": 0},
        "CensorWindow": {},
    }
    return found | ({"EndStrategy": {"DateOffset": {"DateField": "StartDate", "Offset": end}}} if end else {})


EXPRESSIONS = {
    "new users": (
        NEW_USERS.cohort,
        expression(
            [concept_set(0, 1118084, descendants=True)], {"DrugEra": {"CodesetId": 0, "First": True}}, prior=365
        ),
    ),
    "look-back": (
        LOOK_BACK.cohort,
        expression(
            [concept_set(0, 1713332, descendants=True), concept_set(1, 372328, 4294548)],
            {"DrugExposure": {"CodesetId": 0}},
            limit="All",
            rules=[rule("ill", {"ConditionOccurrence": {"CodesetId": 1}}, (-7, 0), count=1)],
            end=30,
        ),
    ),
    "exclusion": (
        EXCLUSION.cohort,
        expression(
            [
                concept_set(0, 1115008, descendants=True),
                concept_set(1, 192671),
                concept_set(2, 4027663),
                concept_set(3, 4283893, descendants=True),
            ],
            {
                "DrugExposure": {
                    "CodesetId": 0,
                    "First": True,
                    "OccurrenceStartDate": {"Op": "gte", "Value": "1970-01-01"},
                }
            },
            prior=180,
            rules=[
                rule("bleeding", {"ConditionOccurrence": {"CodesetId": 1}}, (None, -1), count=0),
                rule("ulcer", {"ConditionOccurrence": {"CodesetId": 2}}, (None, -1), count=0, anywhere=True),
                rule("sinusitis", {"ConditionOccurrence": {"CodesetId": 3}}, (-30, 0), count=0),
            ],
        ),
    ),
}


@pytest.fixture(scope="module")
def made():
    """Keep the warehouse and the oracle from test to test."""
    return {}


@pytest.fixture
def both(made, shared, tmp_path_factory):
    source = shared("data/omop/gibleed/parquet")
    if not made:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*rows were left out", kh.KohortWarning)
            into = tmp_path_factory.mktemp("gibleed") / "wh"
            made["wh"] = kh.ingest.omop(source, into=into, progress=False)
        made["oracle"] = Oracle(source)
    return made["wh"], made["oracle"]


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_circe_finds_the_same(both, name):
    wh, oracle = both
    cohort, written = EXPRESSIONS[name]
    found = wh.run(cohort, progress=False).persons().rows()
    expected = oracle.rows(written)
    assert len(expected) > 100
    assert sorted((int(person), start, end) for person, start, end in found) == expected
