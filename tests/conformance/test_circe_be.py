"""OHDSI's own hand-written cases of Circe, which come as rows of a CDM with the rows that are to be found.

The cases of cohort generation compare the rows of a cohort. Those that ask a criterion, a window or a group of criteria
by itself are wrapped in a cohort that tells the same. The cases of negative controls are left out: they are no cohort
definitions, but a query of their own for outcomes.
"""

from __future__ import annotations

import json

import pytest
from circe_cases import AT_LEAST, Case, concept, run

CASES = "data/omop/circe_be_tests"


@pytest.fixture
def cases(shared):
    return shared(CASES)


def changed(expression, *steps):
    """Copy an expression with something else in a place of it."""
    found = json.loads(json.dumps(expression))
    *path, last, value = steps
    here = found
    for step in path:
        here = here[step]
    here[last] = value
    return found


COUNT = ("AdditionalCriteria", "CriteriaList", 0, "Occurrence")
GROUP = ("AdditionalCriteria", "Groups", 0)
FIRSTS = (
    *("ConditionEra", "ConditionOccurrence", "DeviceExposure", "DrugEra", "DrugExposure", "Measurement"),
    *("Observation", "ProcedureOccurrence", "Specimen", "VisitOccurrence", "PayerPlanPeriod"),
)


def first_occurrences(expression):
    place = ("PrimaryCriteria", "CriteriaList")
    return [changed(expression, *place, [{kind: {"First": True}}]) for kind in FIRSTS]


def counts(expression, visits):
    at_least_one = changed(changed(expression, *COUNT, "Type", AT_LEAST), *COUNT, "Count", 1)
    at_most_none = changed(changed(expression, *COUNT, "Type", 1), *COUNT, "Count", 0)
    return [expression, at_least_one, at_most_none, visits]


def groups(expression):
    two = changed(changed(expression, "AdditionalCriteria", "Type", "AT_LEAST"), "AdditionalCriteria", "Count", 2)
    at_most = changed(two, "AdditionalCriteria", "Type", "AT_MOST")
    everything = changed(at_most, "AdditionalCriteria", "Type", "ALL")
    contradiction = changed(changed(everything, *GROUP, "Type", "AT_MOST"), *GROUP, "Count", 0)
    return [expression, two, at_most, contradiction, changed(contradiction, "AdditionalCriteria", "Groups", [])]


def limits(expression):
    final = changed(expression, "ExpressionLimit", "Type", "first")
    qualified = changed(final, "QualifiedLimit", "Type", "first")
    place = ("PrimaryCriteria", "PrimaryCriteriaLimit", "Type")
    return [expression, final, qualified, changed(qualified, *place, "first"), changed(qualified, *place, "last")]


def first_entry(expression):
    return [expression, changed(expression, "PrimaryCriteria", "PrimaryCriteriaLimit", "Type", "First")]


def statuses():
    asked = ({}, {"ConditionStatus": []}, {"ConditionStatus": [concept(1)]})
    return [
        {"PrimaryCriteria": {"CriteriaList": [{"ConditionOccurrence": one}], "ObservationWindow": {}}} for one in asked
    ]


def alone(expression):
    return [expression]


#: Pairs of cohort generation: the expressions that are read, and the cohorts 1, 2, ... that are made of them.
GENERATION = {
    "censorWindow/censorWindow": (["censorWindowExpression"], alone),
    "conditionOccurrence/conditionStatusTest": ([], statuses),
    "correlatedCriteria/countsTest": (["countsExpression", "visitExpression"], counts),
    "correlatedCriteria/groupTest": (["groupExpression"], groups),
    "eraDupes/eraDupes": (["eraDupesExpression"], alone),
    "exits/censorEvent": (["censorEventExpression"], alone),
    "exits/continuousExposure": (["continuousExposureExpression"], first_entry),
    "exits/continuousExposureCensor": (["continuousExposureCensorExpression"], alone),
    "exits/fixedOffset": (["fixedOffsetExpression"], alone),
    "exits/fixedOffsetCensor": (["fixedOffsetCensorExpression"], alone),
    "firstOccurrence/firstOccurrenceTest": (["firstOccurrenceTestExpression"], first_occurrences),
    "inclusionRules/simpleInclusionRule": (["simpleInclusionRule"], alone),
    "limits/limitTest": (["limitExpression"], limits),
    "mixedConceptsets/mixedConceptsets": (["mixedConceptsetsExpression"], alone),
}


def expressions(cases, pair):
    names, made_of = GENERATION[pair]
    folder = (cases / "cohortgeneration" / pair).parent
    return made_of(*(json.loads((folder / f"{name}.json").read_text()) for name in names))


@pytest.mark.parametrize("pair", GENERATION)
def test_generation(cases, tmp_path, pair):
    case = Case(cases, f"cohortgeneration/{pair}")
    wh = case.warehouse(tmp_path)
    found = {number: run(wh, one) for number, one in enumerate(expressions(cases, pair), start=1)}
    assert {number: rows for number, rows in found.items() if rows} == case.cohorts()
