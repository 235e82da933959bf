"""OHDSI's own hand-written cases of Circe, which come as rows of a CDM with the rows that are to be found.

The cases of cohort generation compare the rows of a cohort. Those that ask a criterion, a window or a group of criteria
by itself are wrapped in a cohort that tells the same. The cases of negative controls are left out: they are no cohort
definitions, but a query of their own for outcomes.
"""

from __future__ import annotations

import json

import kohort as kh
import pytest
from circe_cases import (
    ANY_DAY,
    AT_LEAST,
    EXACTLY,
    Case,
    changed,
    cohort,
    concept,
    concept_set,
    correlated,
    index_of,
    run,
)

CASES = "data/omop/circe_be_tests"


@pytest.fixture
def cases(shared):
    return shared(CASES)


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


def test_rules_are_counted_alike(cases, tmp_path):
    pair = "inclusionRules/simpleInclusionRule"
    case = Case(cases, f"cohortgeneration/{pair}")
    wh = case.warehouse(tmp_path)
    [expression] = expressions(cases, pair)
    found = wh._core.inclusion(kh.from_circe(expression).to_json())
    rows = [(mode, mask, persons) for mode, by_mask in enumerate(found) for mask, persons in sorted(by_mask.items())]
    assert rows == case.rows("cohort_inclusion_result", "mode_id", "inclusion_rule_mask", "person_count")


def test_persons_lost_to_the_censor_window(cases, tmp_path):
    pair = "censorWindow/censorWindow"
    case = Case(cases, f"cohortgeneration/{pair}")
    wh = case.warehouse(tmp_path)
    [expression] = expressions(cases, pair)
    before, after = ({row[0] for row in run(wh, one)} for one in (changed(expression, "CensorWindow", {}), expression))
    assert after < before
    assert [(1, len(before - after))] == case.rows("cohort_censor_stats", "cohort_definition_id", "lost_count")


#: The concept sets that the cases of criteria are given: each is the one concept of its number.
SETS = [concept_set(number, [number]) for number in (1, 2, 3)]
BY_CARE = {"VisitType": 2, "ProviderSpecialty": 3}
#: What each case of concept sets selects: attributes, and the sets in which they are to be.
SELECTED = {
    "ConditionEra": {"Gender": 1},
    "ConditionOccurrence": {"ConditionType": 1, "Gender": 1, **BY_CARE},
    "Death": {"Gender": 1, "DeathType": 1},
    "DeviceExposure": {"DeviceType": 1, "Gender": 1, **BY_CARE},
    "DoseEra": {"Gender": 1, "Unit": 3},
    "DrugEra": {"Gender": 1},
    "DrugExposure": {"DrugType": 2, "Gender": 1, "RouteConcept": 3, "DoseUnit": 2, **BY_CARE},
    "Measurement": {"Gender": 1, "Operator": 3, "ValueAsConcept": 2, "Unit": 1, **BY_CARE},
    "Observation": {"ObservationType": 1, "Qualifier": 3, "ValueAsConcept": 2, "Unit": 1, "Gender": 1, **BY_CARE},
    "ObservationPeriod": {"PeriodType": 1},
    "ProcedureOccurrence": {"Gender": 1, "Modifier": 3, "ProcedureType": 2, **BY_CARE},
    "Specimen": {"Gender": 1, "SpecimenType": 2, "Unit": 3, "AnatomicSite": 2, "DiseaseStatus": 3},
    "VisitOccurrence": {"Gender": 1, "VisitType": 2, "ProviderSpecialty": 3, "PlaceOfService": 2},
}
PERIODS = ("ObservationPeriod", "PayerPlanPeriod")
#: Circe has no case of the days of a specimen, and adjusts none.
ADJUSTED = [*(kind for kind in SELECTED if kind != "Specimen"), "PayerPlanPeriod", "VisitDetail"]
#: What the rows of a criterion are compared by: events have no numbers in a cohort, nor visits nor sort days.
SPAN = ("person_id", "start_date", "end_date")


def lower(kind):
    return kind[0].lower() + kind[1:]


def coded(kind):
    return {} if kind in PERIODS else {"CodesetId": 1}


@pytest.mark.parametrize("kind", ADJUSTED)
def test_days_of_a_criterion(cases, tmp_path, kind):
    case = Case(cases, f"criteria/{lower(kind)}DateOffset")
    wh = case.warehouse(tmp_path)
    shift = {"StartWith": "START_DATE", "StartOffset": 15, "EndWith": "END_DATE", "EndOffset": -10}
    adjusted = coded(kind) | {"DateAdjustment": shift}
    own = adjusted | {"UserDefinedPeriod": {"StartDate": "2000-09-01", "EndDate": "2000-09-30"}}
    asked = {"simple": coded(kind), "date_adjust": adjusted} | ({"user_defined": own} if kind in PERIODS else {})
    assert {*case.expected} <= {*asked}
    for query, fields in asked.items():
        assert run(wh, cohort({kind: fields}, sets=SETS)) == case.rows(query, *SPAN), query


@pytest.mark.parametrize("kind", SELECTED)
def test_concept_sets_of_a_criterion(cases, tmp_path, kind):
    case = Case(cases, f"criteria/{lower(kind)}ConceptSet")
    wh = case.warehouse(tmp_path)
    fields = {f"{name}CS": {"CodesetId": number, "IsExclusion": False} for name, number in SELECTED[kind].items()}
    expected = case.rows("conceptset", *SPAN)
    assert run(wh, cohort({kind: coded(kind) | fields}, sets=SETS)) == expected
    # Each of the selections counts: turned round, it leaves out all of these rows.
    for name, selection in fields.items():
        turned = coded(kind) | {name: selection | {"IsExclusion": True}}
        assert not {*expected} & {*run(wh, cohort({kind: turned}, sets=SETS))}, name


PRIOR_YEAR = (-365, 0)
#: Cases of windows: what is asked besides the criterion's class, and in which window before the index event.
WINDOWS = {
    **{f"window{kind}": (kind, {}, PRIOR_YEAR) for kind in (*SELECTED, "VisitDetail")},
    "windowObservationPeriodUserDefined": (
        "ObservationPeriod",
        {"UserDefinedPeriod": {"StartDate": "2008-01-01", "EndDate": "2009-01-01"}},
        ANY_DAY,
    ),
}
#: Columns of the rows that a window finds, as a count of different values names them.
COUNTED = {
    "start_date": "START_DATE",
    "end_date": "END_DATE",
    "domain_concept_id": "DOMAIN_CONCEPT",
    "duration": "DURATION",
    "occurrence_count": "ERA_OCCURRENCES",
    "gap_days": "GAP_DAYS",
    "value_as_number": "VALUE_AS_NUMBER",
    "unit_concept_id": "UNIT",
    "quantity": "QUANTITY",
    "refills": "REFILLS",
    "days_supply": "DAYS_SUPPLY",
    "range_low": "RANGE_LOW",
    "range_high": "RANGE_HIGH",
}
#: Those of them that a criterion can ask for; a drug era's gap is not among them, since Circe tests its length instead.
ASKED = {
    "occurrence_count": "OccurrenceCount",
    "value_as_number": "ValueAsNumber",
    "quantity": "Quantity",
    "refills": "Refills",
    "days_supply": "DaysSupply",
    "range_low": "RangeLow",
    "range_high": "RangeHigh",
}


@pytest.mark.parametrize("name", WINDOWS)
def test_events_in_a_window(cases, tmp_path, name):
    kind, fields, days = WINDOWS[name]
    case = Case(cases, f"windowcriteria/{name}")
    index = index_of(case, kind)
    wh = case.warehouse(tmp_path)
    # A cohort tells of a window only how much is found, and how many different values it has.
    rows = case.expected["add_columns"]
    assert len(case.expected["no_columns"]) == len(rows)
    columns = [column for column in rows[0] if column not in ("person_id", "event_id")]
    for column in (None, *columns):
        of = None if column is None else COUNTED[column]
        expected = len(rows) if column is None else len({row[column] for row in rows})
        for count in range(len(rows) + 2):
            rule = correlated({kind: fields}, days, EXACTLY, count, of=of)
            found = run(wh, cohort(index, rule=rule))
            assert found == (case.index_rows() if count == expected else []), (column, count)


@pytest.mark.parametrize("name", WINDOWS)
def test_days_and_values_of_events_in_a_window(cases, tmp_path, name):
    kind, fields, days = WINDOWS[name]
    case = Case(cases, f"windowcriteria/{name}")
    index = index_of(case, kind)
    wh = case.warehouse(tmp_path)
    # Seen from the event, the index event lies in the mirror of the window: so the events themselves are rows.
    mirrored = tuple(None if day is None else -day for day in reversed(days))
    rule = correlated(index, mirrored, AT_LEAST, 1)
    assert run(wh, cohort({kind: fields}, rule=rule)) == case.rows("add_columns", *SPAN)
    for row in case.expected["add_columns"]:
        asked = dict(fields)
        names = ASKED | ({"value_as_number": "DoseValue"} if kind == "DoseEra" else {})
        asked |= {names[column]: {"Op": "eq", "Value": value} for column, value in row.items() if column in names}
        sets = [concept_set(1, [row["domain_concept_id"]])]
        asked |= {"PeriodType": [concept(row["domain_concept_id"])]} if kind in PERIODS else {"CodesetId": 1}
        asked |= {"Unit": [concept(row["unit_concept_id"])]} if "unit_concept_id" in row else {}
        alike = [
            one
            for one, other in zip(case.rows("add_columns", *SPAN), case.expected["add_columns"], strict=True)
            if all(other[column] == row[column] for column in names if column in row)
        ]
        assert run(wh, cohort({kind: asked}, sets=sets, rule=rule)) == alike


def visit_details(case):
    members = [row["concept_id"] for row in case.given["codesets"] if row["codeset_id"] == 1]
    # The rows for places are those for providers: the cases have one table for both.
    for table, attribute in (("gender", "Gender"), ("provider", "ProviderSpecialty"), ("provider", "PlaceOfService")):
        for excluded in (False, True):
            query = f"{table}_{'not_' if excluded else ''}in_codeset"
            selected = {f"{attribute}CS": {"CodesetId": 1, "IsExclusion": excluded}}
            yield query, correlated({"VisitDetail": selected}, PRIOR_YEAR, EXACTLY, 1), [concept_set(1, members)]


def of_conditions(**queries):
    """Ask of conditions in the year before: kind of count, count and what is different, a query each."""

    def asked(case):
        for query, (kind, count, distinct, of) in queries.items():
            any_condition = {"ConditionOccurrence": {}}
            yield query, correlated(any_condition, PRIOR_YEAR, kind, count, distinct=distinct, of=of), []

    return asked


CORRELATED = {
    "simpleInclusion": of_conditions(inclusion=(AT_LEAST, 1, False, None), exclusion=(EXACTLY, 0, False, None)),
    "distinctStart": of_conditions(output=(AT_LEAST, 2, True, "START_DATE")),
    "distinctVisit": of_conditions(output=(AT_LEAST, 2, True, "VISIT_ID")),
    "distinctDefault": of_conditions(output=(AT_LEAST, 2, True, None)),
    "visitDetailCodesetCriteria": visit_details,
}


@pytest.mark.parametrize("name", CORRELATED)
def test_index_events_by_what_correlates(cases, tmp_path, name):
    case = Case(cases, f"corelatedcriteria/{name}")
    index = index_of(case, None)
    wh = case.warehouse(tmp_path)
    # Each person has one index event, so that its number, always 1, says no more than the person does.
    by_person = {row[0]: row for row in case.index_rows()}
    assert len(by_person) == len(case.index_rows())
    asked = set()
    for query, rule, sets in CORRELATED[name](case):
        expected = [by_person[person] for (person,) in case.rows(query, "person_id")]
        assert expected
        assert run(wh, cohort(index, sets=sets, rule=rule)) == expected, query
        asked.add(query)
    assert asked == {*case.expected}


def test_a_concept_set_of_thousands(cases, tmp_path):
    case = Case(cases, "conceptset/inClause")
    # The case is the set alone: here each of the vocabulary's concepts is a condition of a person of its own.
    ids = [row["concept_id"] for row in case.cdm["concept"]]
    day = {"condition_start_date": "2000-01-01", "condition_end_date": "2000-01-01"}
    period = {"observation_period_start_date": "2000-01-01", "observation_period_end_date": "2000-01-01"}
    case.cdm["person"] = [{"person_id": one} for one in ids]
    case.cdm["observation_period"] = [{"observation_period_id": one, "person_id": one, **period} for one in ids]
    case.cdm["condition_occurrence"] = [
        {"condition_occurrence_id": one, "person_id": one, "condition_concept_id": one, **day} for one in ids
    ]
    wh = case.warehouse(tmp_path)
    items = [
        {"concept": concept(one), "includeDescendants": True, "isExcluded": one % 2 == 0} for one in range(1, 4000)
    ]
    sets = [{"id": 1, "name": "odd", "expression": {"items": items}}]
    found = run(wh, cohort({"ConditionOccurrence": {"CodesetId": 1}}, sets=sets))
    assert [(person,) for person, *_ in found] == case.rows("result", "concept_id")


def test_no_pair_is_forgotten(cases):
    pairs = {str(path.relative_to(cases)).removesuffix("_VERIFY.json") for path in cases.rglob("*_VERIFY.json")}
    asked = {
        *(f"cohortgeneration/{pair}" for pair in GENERATION),
        *(f"criteria/{lower(kind)}DateOffset" for kind in ADJUSTED),
        *(f"criteria/{lower(kind)}ConceptSet" for kind in SELECTED),
        *(f"windowcriteria/{name}" for name in WINDOWS),
        *(f"corelatedcriteria/{name}" for name in CORRELATED),
        "conceptset/inClause",
    }
    assert {pair for pair in pairs if not pair.startswith("negativecontrols/")} == asked
