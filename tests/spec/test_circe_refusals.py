"""What is refused of a Circe expression, and what of a definition Circe cannot say: by its place, with a remedy."""

from __future__ import annotations

import copy
from typing import Any

import kohort as kh
import pytest
from kohort.errors import DefinitionError

CORRELATED = {
    "Criteria": {"VisitOccurrence": {}},
    "StartWindow": {"Start": {"Days": 1, "Coeff": -1}, "End": {"Days": 0, "Coeff": 1}},
    "Occurrence": {"Type": 2, "Count": 1},
}
WHOLE: dict[str, Any] = {
    "ConceptSets": [{"id": 0, "name": "a", "expression": {"items": [{"concept": {"CONCEPT_ID": 1}}]}}],
    "PrimaryCriteria": {
        "CriteriaList": [{"DrugExposure": {"CodesetId": 0, "Quantity": {"Op": "gt", "Value": 1}}}],
        "ObservationWindow": {"PriorDays": 0, "PostDays": 0},
        "PrimaryCriteriaLimit": {"Type": "All"},
    },
    "InclusionRules": [{"name": "r", "expression": {"Type": "ALL", "CriteriaList": [CORRELATED]}}],
    "EndStrategy": {"DateOffset": {"DateField": "StartDate", "Offset": 1}},
    "CollapseSettings": {"CollapseType": "ERA", "EraPad": 0},
}
DROP = object()
ENTRY = "PrimaryCriteria/CriteriaList/0"
IN_RULE = "InclusionRules/0/expression"
VISIT = f"{IN_RULE}/CriteriaList/0"


def changed(path: str, value: Any) -> dict[str, Any]:
    made: Any = copy.deepcopy(WHOLE)
    at = made
    *front, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    for step in front:
        at = at[step]
    if value is DROP:
        del at[last]
    else:
        at[last] = value
    return made


REFUSED = [
    ("InclusionRule", [], 'InclusionRule is not a field that Circe has: did you mean "InclusionRules"?'),
    ("ConceptSets/0/Id", 1, 'ConceptSets[0].Id is not a field that Circe has: did you mean "id"?'),
    ("ConceptSets/0/expression/items/0/isexcluded", True, "ConceptSets[0].expression.items[0].isexcluded is not"),
    ("ConceptSets/0/expression/items/0/concept", {}, "items[0].concept.CONCEPT_ID is missing"),
    ("ConceptSets/0/expression/items/0/concept/CONCEPTID", 1, 'did you mean "CONCEPT_ID"?'),
    ("ConceptSets", [WHOLE["ConceptSets"][0]] * 2, "two concept sets with the id 0"),
    ("PrimaryCriteria", DROP, "PrimaryCriteria is missing"),
    ("PrimaryCriteria/ObservationWindow", DROP, "PrimaryCriteria.ObservationWindow is missing"),
    ("PrimaryCriteria/CriteriaList", [], "has no events"),
    (ENTRY, {"DrugExposures": {}}, 'DrugExposures is no criterion of Circe: did you mean "DrugExposure"'),
    (ENTRY, {}, "PrimaryCriteria.CriteriaList[0] is no object with one criterion"),
    (f"{ENTRY}/DrugExposure/Quantitiy", {}, 'Quantitiy is not a field that Circe has: did you mean "Quantity"'),
    (f"{ENTRY}/DrugExposure/EraLength", {}, "DrugExposure.EraLength is not a field that Circe has"),
    (f"{ENTRY}/DrugExposure/Quantity/Op", "=>", "DrugExposure.Quantity.Op is '=>', which Circe does not know"),
    (f"{ENTRY}/DrugExposure/Quantity/Value", DROP, "DrugExposure.Quantity.Value is missing"),
    (f"{ENTRY}/DrugExposure/Quantity/Value", "many", "Quantity.Value is 'many', which is not a number"),
    (f"{ENTRY}/DrugExposure/Quantity/Op", "bt", "DrugExposure.Quantity.Extent is missing"),
    (f"{ENTRY}/DrugExposure/OccurrenceStartDate", {"Op": "lt", "Value": "2019-02-30"}, "which is not a day"),
    (f"{ENTRY}/DrugExposure/LotNumber", {"Op": "has", "Text": "a"}, "LotNumber.Op is 'has'"),
    (f"{ENTRY}/DrugExposure/First", "yes", "DrugExposure.First is 'yes', which is neither true nor false"),
    (ENTRY, {"VisitOccurrence": {"PlaceOfServiceLocation": 0}}, "PlaceOfServiceLocation asks where"),
    (ENTRY, {"VisitDetail": {"PlaceOfServiceLocation": 0}}, "VisitDetail.PlaceOfServiceLocation asks where"),
    (f"{IN_RULE}/Type", "SOME", "InclusionRules[0].expression.Type is 'SOME', which Circe does not know"),
    (f"{IN_RULE}/Type", "AT_LEAST", "InclusionRules[0].expression.Count is missing"),
    (f"{VISIT}/Criteria", DROP, "CriteriaList[0].Criteria is missing"),
    (f"{VISIT}/StartWindow", DROP, "CriteriaList[0].StartWindow is missing"),
    (f"{VISIT}/StartWindow/Start/Dais", 1, 'Start.Dais is not a field that Circe has: did you mean "Days"?'),
    (f"{VISIT}/Occurrence", DROP, "CriteriaList[0].Occurrence is missing"),
    (f"{VISIT}/Occurrence/Type", 3, "Occurrence has the type 3 and the count 1"),
    (f"{VISIT}/Occurrence", {"Type": 2, "Count": 1, "IsDistinct": True, "CountColumn": "DAYS"}, "is 'DAYS'"),
    ("EndStrategy", {}, "EndStrategy has 0 strategies"),
    ("EndStrategy", {"CustomEra": {}}, "EndStrategy.CustomEra.DrugCodesetId is missing"),
    ("EndStrategy/DateOffset/DateField", "Start", "DateField is 'Start', which Circe does not know"),
    ("CollapseSettings/CollapseType", "DAY", "CollapseSettings.CollapseType is 'DAY'"),
    ("CollapseSettings/EraPad", -1, "the days of .collapse(...) is -1"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "says"), REFUSED)
def test_what_is_unknown_or_missing_is_refused_by_its_place(path: str, value: Any, says: str):
    assert kh.from_circe(WHOLE).rules
    with pytest.raises(DefinitionError) as caught:
        kh.from_circe(changed(path, value))
    message = str(caught.value)
    assert says in message
    assert ": " in message
    assert message.endswith(("?", "."))


@pytest.mark.parametrize(
    ("source", "says"),
    [("{", "not JSON"), (3, "hand in a file"), ([], "hand in a file"), ('{"a": 1, "a": 2}', "twice")],
)
def test_what_is_no_expression(source: Any, says: str):
    with pytest.raises(DefinitionError, match=says):
        kh.from_circe(source)
    with pytest.raises(FileNotFoundError):
        kh.from_circe("no such file.json")


CODES = kh.codes("OMOP", 1)
PLAIN = kh.cohort("plain").entry(kh.drug(CODES))

UNSAID = [
    (kh.cohort("c").entry(kh.drug(kh.codes("ATC", "A10"))), "entry.events[0].codes is a code set of ATC"),
    (kh.cohort("c").entry(kh.drug(kh.codes("OMOP", "1*"))), "the pattern 1 (prefix)"),
    (kh.cohort("c").entry(kh.event("vaccination")), "the domain 'vaccination', which Circe lacks"),
    (PLAIN.require("adult", kh.age() >= 18), "rules[0].when[0] counts completed years"),
    (PLAIN.require("sex", kh.sex() == "unknown"), "asks for the sex 'unknown'"),
    (PLAIN.exit(kh.end_of_supply(gap=1)), 'exit is of the kind "end_of_supply"'),
    (PLAIN.exit(kh.fixed_days(1, of="end")), 'entry.each is "day"'),
    (kh.cohort("c").entry(kh.drug(CODES), each="event").exit(kh.fixed_days(1, of="end")), '.ends("next_day_if_none")'),
    (kh.cohort("c").entry(kh.drug(CODES).where(kh.column("colour") == 3)), "entry.events[0].where[0] tests colour"),
    (kh.cohort("c").entry(kh.drug(CODES).where(kh.column("quantity") > 0.00001)), "where[0] tests quantity"),
    (kh.cohort("c").entry(kh.stay().where(kh.column("place_of_service_concept_id").is_null())), "care_site_id"),
    (kh.cohort("c").entry(kh.drug(CODES).adjusted(start=("start", 3))), "entry.events[0].shift"),
    (kh.cohort("c").entry(kh.drug(CODES).pinned_to("2015-01-01", None)), "entry.events[0].fixed cannot be asked"),
    (PLAIN.require("r", kh.drug().before().count_distinct("colour") > 1), "count.of counts values of colour"),
    (
        PLAIN.require("r", kh.stay().within("period_start", 0, observed=False).any()),
        "window.from is an end of the observation period",
    ),
]


@pytest.mark.parametrize(("definition", "says"), UNSAID)
def test_what_circe_cannot_say_is_refused_by_its_place(definition: Any, says: str):
    with pytest.raises(DefinitionError) as caught:
        definition.to_circe()
    assert says in str(caught.value)


def test_what_is_written_in_python_reaches_circe():
    asked = kh.drug(kh.codes("OMOP", 2, descendants=True, name="two")).where(kh.column("days_supply") >= 30)
    made = (
        kh.cohort("written")
        .entry(kh.diagnosis(CODES).first(), between=("2015-01-01", None), each="event", take="first")
        .observed(before=365)
        .require("two or three", asked.within(-30, 0).count().between(2, 3))
        .exclude("women", kh.sex() == "female")
        .exit(kh.end_of_era(kh.codes("OMOP", 3), gap=30), censor=kh.death())
    )
    circe = made.to_circe()
    [entry] = circe["PrimaryCriteria"]["CriteriaList"]
    assert entry["ConditionOccurrence"]["OccurrenceStartDate"] == {"Op": "gte", "Value": "2015-01-01"}
    assert [one["name"] for one in circe["ConceptSets"]] == ["two", "OMOP 1", "OMOP 3"]
    both = circe["InclusionRules"][0]["expression"]["CriteriaList"]
    assert [one["Occurrence"]["Type"] for one in both] == [2, 1]
    women = circe["InclusionRules"][1]["expression"]
    assert (women["Type"], women["Count"]) == ("AT_MOST", 0)
    assert circe["CensoringCriteria"] == [{"Death": {}}]
    again = kh.from_circe(circe)
    assert kh.from_circe(again.to_circe()) == again
