"""OHDSI's own cases of Circe without expected rows: what must run, and what must not."""

from __future__ import annotations

import json

import kohort as kh
import pytest
from circe_cases import AT_LEAST, Case, changed, cohort, correlated, index_of, run

CASES = "data/omop/circe_be_tests"
REFUSED = {
    "no such count": (
        "correlatedCriteria/visitExpression",
        ("AdditionalCriteria", "CriteriaList", 0, "Occurrence", "Type", -99),
        "Occurrence",
    ),
    "era of no drug": (
        "exits/continuousExposureExpression",
        ("EndStrategy", "CustomEra", "DrugCodesetId", None),
        "DrugCodesetId",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(shared, name):
    path, steps, told = REFUSED[name]
    expression = json.loads((shared(CASES) / f"cohortgeneration/{path}.json").read_text())
    kh.from_circe(expression)
    with pytest.raises(kh.DefinitionError, match=told):
        kh.from_circe(changed(expression, *steps))


#: Columns whose different values no event of a criterion has.
NO_COLUMN = {
    "DrugExposure": "VALUE_AS_NUMBER",
    **dict.fromkeys(
        (
            *("ConditionEra", "ConditionOccurrence", "Death", "DeviceExposure", "DoseEra", "DrugEra", "Measurement"),
            *("Observation", "ObservationPeriod", "ProcedureOccurrence", "Specimen", "VisitOccurrence", "VisitDetail"),
        ),
        "DAYS_SUPPLY",
    ),
}


@pytest.mark.parametrize("kind", NO_COLUMN)
def test_columns_that_a_criterion_lacks(shared, tmp_path, kind):
    case = Case(shared(CASES), f"windowcriteria/window{kind}")
    index = index_of(case, kind)
    wh = case.warehouse(tmp_path)
    criterion, days = {kind: {}}, (-365, 0)
    assert run(wh, cohort(index, rule=correlated(criterion, days, AT_LEAST, 1))) == case.index_rows()
    # kohort finds out when it meets the events, where Circe does when it writes the query.
    column = NO_COLUMN[kind]
    with pytest.raises(kh.DefinitionError, match=f"'{column.lower()}'"):
        run(wh, cohort(index, rule=correlated(criterion, days, AT_LEAST, 1, of=column)))


TEXT = ("InclusionRules", 4, "expression", "CriteriaList", 0, "Criteria", "DeviceExposure", "UniqueDeviceId", "Text")


@pytest.mark.parametrize(
    "text",
    [
        "null",
        pytest.param(
            None,
            marks=pytest.mark.xfail(
                raises=kh.DefinitionError,
                strict=True,
                reason="a text filter without a text, for which Circe takes the text null, is refused",
            ),
        ),
    ],
)
def test_every_attribute_runs(shared, tmp_path, text):
    cases = shared(CASES)
    expression = json.loads((cases / "cohortgeneration/allCriteria/allCriteriaExpression.json").read_text())
    case = Case(cases, "cohortgeneration/firstOccurrence/firstOccurrenceTest")  # one with rows in most tables
    wh = case.warehouse(tmp_path)
    # Nothing is found: no period under observation that lasts until 2099 is here.
    assert run(wh, expression if text is None else changed(expression, *TEXT, text)) == []
