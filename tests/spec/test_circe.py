"""What each part of a Circe expression means, as a table: what Circe says, what the plan says."""

from __future__ import annotations

import json
from typing import Any

import kohort as kh
import pytest


def concept_set(number: int, name: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"id": number, "name": name, "expression": {"items": list(items)}}


def item(number: int, **flags: bool) -> dict[str, Any]:
    return {"concept": {"CONCEPT_ID": number, "CONCEPT_NAME": "?"}, **flags}


SETS = [concept_set(0, "zero", item(10)), concept_set(7, "seven", item(70, includeDescendants=True))]
ZERO, SEVEN = {"set": "zero"}, {"set": "seven"}


def expression(*criteria: dict[str, Any], **parts: Any) -> dict[str, Any]:
    primary = {"CriteriaList": list(criteria), "ObservationWindow": {"PriorDays": 30, "PostDays": 0}}
    return {"ConceptSets": SETS, "PrimaryCriteria": primary} | parts


def plan_of(*criteria: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return kh.from_circe(expression(*criteria, **parts)).plan()


def events_of(**criterion: Any) -> dict[str, Any]:
    return plan_of(criterion)["entry"]["events"][0]


PATTERNS = [
    (item(1), [("1", "exact")], []),
    (item(1, includeDescendants=True), [("1", "descendants")], []),
    (item(1, includeMapped=True), [("1", "exact"), ("1", "mapped")], []),
    (
        item(1, includeDescendants=True, includeMapped=True),
        [("1", "descendants"), ("1", "mapped_descendants")],
        [],
    ),
    (item(1, isExcluded=True, includeDescendants=True), [], [("1", "descendants")]),
]


@pytest.mark.parametrize(("written", "include", "exclude"), PATTERNS)
def test_items_of_concept_sets(written: dict[str, Any], include: list[Any], exclude: list[Any]):
    made = plan_of({"Death": {}}, ConceptSets=[concept_set(3, "a set", written)])
    codes = made["code_sets"]["a set"]
    assert codes["vocabulary"] == "OMOP"
    assert [(one["code"], one["match"]) for one in codes["include"]] == include
    assert [(one["code"], one["match"]) for one in codes["exclude"]] == exclude


def test_names_of_concept_sets():
    """Names are lines, each its own; sets that nothing uses stay, in their order."""
    names = ["same", "only", "same", None, " two\nlines", "same (2)"]
    sets = [concept_set(number, name) for number, name in enumerate(names)]
    made = kh.from_circe(expression({"DrugExposure": {"CodesetId": 2}}, ConceptSets=sets))
    expected = ["same (0)", "only", "same (2)", "concept set 3", "two lines", "same (2) (5)"]
    assert list(made.plan()["code_sets"]) == expected
    assert [one["name"] for one in made.to_circe()["ConceptSets"]] == expected
    assert made.plan()["entry"]["events"][0]["codes"] == {"set": "same (2)"}


def test_a_concept_set_that_is_not_there_matches_nothing():
    made = plan_of({"DrugExposure": {"CodesetId": 5}})
    assert made["entry"]["events"][0]["codes"] == {"set": "concept set 5"}
    assert made["code_sets"]["concept set 5"] == {"vocabulary": "OMOP", "include": [], "exclude": []}


DOMAINS = [
    ("ConditionOccurrence", "diagnosis", "next_day_if_none"),
    ("DrugExposure", "drug", "next_day_if_none"),
    ("DeviceExposure", "device", "next_day_if_none"),
    ("ProcedureOccurrence", "procedure", "next_day"),
    ("Measurement", "measurement", "next_day"),
    ("Observation", "observation", "next_day"),
    ("Specimen", "specimen", "next_day"),
    ("Death", "death_cause", "next_day"),
    ("VisitOccurrence", "stay", "stored"),
    ("VisitDetail", "visit_detail", "stored"),
    ("ConditionEra", "condition_era", "stored"),
    ("DrugEra", "drug_era", "stored"),
    ("DoseEra", "dose_era", "stored"),
    ("LocationRegion", "location", "stored"),
]


@pytest.mark.parametrize(("name", "domain", "ends"), DOMAINS)
def test_domains_and_last_days(name: str, domain: str, ends: str):
    assert events_of(**{name: {"CodesetId": 0}}) == {
        "domain": domain,
        "codes": ZERO,
        "occurrence": "all",
        "ends": ends,
    }


def test_the_first_event_and_the_source_concept():
    made = events_of(DrugExposure={"First": True, "DrugSourceConcept": 7})
    assert (made["occurrence"], made["codes"], made["source_codes"]) == ("first", None, SEVEN)
    assert events_of(DrugExposure={"First": None})["occurrence"] == "all"


def compared(column: str, op: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"column": column, "op": op, "value": value, **more}


def listed(column: str, *values: int, op: str = "in") -> dict[str, Any]:
    return {"column": column, "op": op, "values": list(values)}


CONCEPTS = [{"CONCEPT_ID": 8507}, {"CONCEPT_ID": 8532, "INVALID_REASON_CAPTION": "Valid"}]
ATTRIBUTES = [
    # a class, what it says, the conditions
    ("Measurement", {"ValueAsNumber": {"Op": "gt", "Value": 7.00005}}, [compared("value_as_number", "gt", 7.0001)]),
    ("Measurement", {"ValueAsNumber": {"Op": "lte", "Value": 7.0}}, [compared("value_as_number", "le", 7)]),
    ("Measurement", {"RangeLow": {"Op": "eq", "Value": 1}}, [compared("range_low", "eq", 1)]),
    ("Measurement", {"RangeHigh": {"Op": "!eq", "Value": 1}}, [compared("range_high", "ne", 1)]),
    ("Measurement", {"RangeHighRatio": {"Op": "gte", "Value": 5}},
     [compared("ratio:value_as_number/range_high", "ge", 5)]),
    ("Measurement", {"RangeLowRatio": {"Op": "lt", "Value": 0.5}},
     [compared("ratio:value_as_number/range_low", "lt", 0.5)]),
    ("Measurement", {"Abnormal": False}, []),
    ("Measurement", {"Abnormal": True}, [{"any": [
        {"column": "value_as_number", "op": "lt", "other": "range_low"},
        {"column": "value_as_number", "op": "gt", "other": "range_high"},
        listed("value_as_concept_id", 4155142, 4155143)]}]),
    ("DrugExposure", {"Quantity": {"Op": "gt", "Value": 2.5}}, [compared("quantity", "gt", 2.5)]),
    ("ProcedureOccurrence", {"Quantity": {"Op": "gt", "Value": 2.9}}, [compared("quantity", "gt", 2)]),
    ("DeviceExposure", {"Quantity": {"Op": "gt", "Value": -2.9}}, [compared("quantity", "gt", -2)]),
    ("DrugExposure", {"DaysSupply": {"Op": "bt", "Value": 10, "Extent": 30}},
     [compared("days_supply", "between", 10, extent=30)]),
    ("DrugExposure", {"Refills": {"Op": "!bt", "Value": 1, "Extent": 3}},
     [compared("refills", "outside", 1, extent=3)]),
    ("DrugExposure", {"OccurrenceStartDate": {"Op": "gt", "Value": "2019-1-5"}},
     [compared("start", "gt", "2019-01-05")]),
    ("DrugExposure", {"OccurrenceEndDate": {"Op": "gt", "Value": "2019-01-05"}},
     [compared("start", "gt", "2019-01-05")]),  # an oddity of Circe's
    ("ConditionOccurrence", {"OccurrenceEndDate": {"Op": "gt", "Value": "2019-01-05"}},
     [compared("end", "gt", "2019-01-05")]),
    ("ConditionOccurrence", {"ConditionType": CONCEPTS}, [listed("type_concept_id", 8507, 8532)]),
    ("ConditionOccurrence", {"ConditionType": CONCEPTS, "ConditionTypeExclude": True},
     [listed("type_concept_id", 8507, 8532, op="not_in")]),
    ("ConditionOccurrence", {"ConditionType": [], "ConditionTypeExclude": True}, []),
    ("ConditionOccurrence", {"Age": {"Op": "gte", "Value": 60}}, [compared("birth_years", "ge", 60)]),
    ("VisitDetail", {"Age": {"Op": "gte", "Value": 60}}, [compared("birth_years_at_end", "ge", 60)]),
    ("ConditionEra", {"AgeAtEnd": {"Op": "lt", "Value": 18}}, [compared("birth_years_at_end", "lt", 18)]),
    ("Death", {"Gender": CONCEPTS}, [listed("person:gender_concept_id", 8507, 8532)]),
    ("Observation", {"GenderCS": {"CodesetId": 7}},
     [{"column": "person:gender_concept_id", "op": "in", "codes": SEVEN}]),
    ("Observation", {"QualifierCS": {"CodesetId": 7, "IsExclusion": True}},
     [{"column": "qualifier_concept_id", "op": "not_in", "codes": SEVEN}]),
    ("Observation", {"UnitCS": {"IsExclusion": True}}, [{"column": "unit_concept_id", "op": "null"}]),
    ("Observation", {"UnitCS": {}}, [{"column": "unit_concept_id", "op": "not_null"}]),
    ("Observation", {"VisitTypeCS": {"IsExclusion": True}},
     [{"column": "stay_concept_id", "op": "null"}, {"column": "stay_id", "op": "not_null"}]),
    ("Observation", {"ValueAsString": {"Op": "startsWith", "Text": "a"}}, [compared("value_as_string", "like", "a%")]),
    ("Observation", {"ValueAsString": {"Op": "!endsWith", "Text": "a"}},
     [compared("value_as_string", "not_like", "%a")]),
    ("Observation", {"ValueAsString": {"Op": "contains", "Text": "d\\'a"}},
     [compared("value_as_string", "like", "%d'a%")]),
    ("VisitOccurrence", {"VisitType": CONCEPTS}, [listed("type_concept_id", 8507, 8532)]),
    ("ProcedureOccurrence", {"VisitType": CONCEPTS}, [listed("stay_concept_id", 8507, 8532)]),
    ("VisitOccurrence", {"PlaceOfService": CONCEPTS}, [listed("place_of_service_concept_id", 8507, 8532)]),
    ("VisitOccurrence", {"ProviderSpecialty": CONCEPTS}, [listed("provider_specialty_concept_id", 8507, 8532)]),
    ("DrugEra", {"OccurrenceCount": {"Op": "gt", "Value": 1}, "EraLength": {"Op": "gt", "Value": 9}},
     [compared("occurrence_count", "gt", 1), compared("length", "gt", 9)]),
    ("DrugEra", {"GapDays": {"Op": "lt", "Value": 3}, "EraLength": {"Op": "gt", "Value": 9}},
     [compared("length", "gt", 9), compared("gap_days", "gt", 9)]),  # an oddity of Circe's
    ("DrugEra", {"GapDays": {"Op": "lt", "Value": 3}}, [compared("gap_days", "lt", 3)]),
    ("DoseEra", {"DoseValue": {"Op": "gt", "Value": 0.5}}, [compared("dose_value", "gt", 0.5)]),
    ("Specimen", {"SpecimenSourceConcept": 0, "DateAdjustment": {"StartOffset": 3}}, []),  # Circe asks neither
    ("LocationRegion", {"StartDate": {"Op": "gt", "Value": "2019-01-05"}}, []),
    ("ObservationPeriod", {"PeriodType": CONCEPTS}, [listed("code", 8507, 8532)]),
    ("PayerPlanPeriod", {"PayerConcept": 0, "PlanSourceConcept": 7},
     [{"column": "code", "op": "in", "codes": ZERO}, {"column": "plan_source_concept_id", "op": "in", "codes": SEVEN}]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "fields", "conditions"), ATTRIBUTES)
def test_attributes(name: str, fields: dict[str, Any], conditions: list[Any]):
    assert events_of(**{name: fields}).get("where", []) == conditions


def test_adjusted_and_fixed_days():
    adjusted = {"StartWith": "END_DATE", "StartOffset": 1, "EndOffset": -3}
    made = events_of(ConditionOccurrence={"DateAdjustment": adjusted})
    assert made["shift"] == {"start": {"of": "end", "days": 1}, "end": {"of": "end", "days": -3}}
    assert made["where"] == [compared("length", "ge", 0)]
    dead = events_of(Death={"DateAdjustment": adjusted})["shift"]
    assert dead == {"start": {"of": "start", "days": 1}, "end": {"of": "end", "days": -3}}  # an oddity of Circe's
    period = events_of(ObservationPeriod={"UserDefinedPeriod": {"EndDate": "2015-01-01"}})
    assert (period["domain"], period["fixed"]) == ("enrollment", [None, "2015-01-01"])


DEMOGRAPHIC = [
    ({}, []),
    ({"Age": {"Op": "gte", "Value": 18}}, [compared("birth_years", "ge", 18)]),
    ({"Race": CONCEPTS}, [listed("person:race_concept_id", 8507, 8532)]),
    ({"Ethnicity": CONCEPTS}, [listed("person:ethnicity_concept_id", 8507, 8532)]),
    ({"RaceCS": {"CodesetId": 0}}, [{"column": "person:gender_concept_id", "op": "in", "codes": ZERO}]),  # an oddity
    ({"OccurrenceEndDate": {"Op": "lt", "Value": "2015-01-01"}}, [compared("end", "lt", "2015-01-01")]),
]  # fmt: skip


def rule(group: dict[str, Any], name: str = "a rule") -> dict[str, Any]:
    made = plan_of({"Death": {}}, InclusionRules=[{"name": name, "description": "?", "expression": group}])
    return made["rules"][0]["when"]


@pytest.mark.parametrize(("fields", "conditions"), DEMOGRAPHIC)
def test_demographic_criteria(fields: dict[str, Any], conditions: list[Any]):
    assert rule({"Type": "ALL", "DemographicCriteriaList": [fields]}) == {"kind": "where", "where": conditions}


def window(start: int | None, end: int | None, **more: Any) -> dict[str, Any]:
    ends = [
        {"Coeff": side} if days is None else {"Days": abs(days), "Coeff": -1 if days < 0 else 1}
        for days, side in ((start, -1), (end, 1))
    ]
    return {"Start": ends[0], "End": ends[1], **more}


def correlated(**more: Any) -> dict[str, Any]:
    made = {"Criteria": {"Death": {}}, "StartWindow": window(-7, 0), "Occurrence": {"Type": 2, "Count": 1}}
    return made | more


def asked(**more: Any) -> dict[str, Any]:
    return rule({"Type": "ALL", "CriteriaList": [correlated(**more)]})


WINDOWS = [
    ({}, {"from": -7, "to": 0}, None, True),
    ({"StartWindow": window(None, None)}, {"from": "period_start", "to": "period_end"}, None, True),
    ({"StartWindow": window(None, 3), "IgnoreObservationPeriod": True}, {"from": None, "to": 3}, None, False),
    ({"StartWindow": window(1, 2, UseIndexEnd=True)}, {"from": 1, "to": 2, "index": "end"}, None, True),
    ({"StartWindow": window(1, 2, UseEventEnd=True)}, {"from": 1, "to": 2, "of": "end"}, None, True),
    ({"EndWindow": window(1, 2)}, {"from": -7, "to": 0}, {"from": 1, "to": 2, "of": "end"}, True),
    ({"EndWindow": window(1, 2, UseEventEnd=False, UseIndexEnd=True)}, {"from": -7, "to": 0},
     {"from": 1, "to": 2, "index": "end"}, True),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "first", "second", "observed"), WINDOWS)
def test_windows(fields: dict[str, Any], first: Any, second: Any, observed: bool):  # noqa: FBT001
    made = asked(**fields)
    assert (made["window"], made.get("end_window"), made["observed"]) == (first, second, observed)


def test_the_same_visit():
    assert asked(RestrictVisit=True)["same_stay"] is True
    assert "same_stay" not in asked(RestrictVisit=False)


COUNTS = [
    ({"Type": 0, "Count": 2}, ("events", 2, 2)),
    ({"Type": 0, "Count": 0}, ("events", None, 0)),
    ({"Type": 1, "Count": 3}, ("events", None, 3)),
    ({"Type": 2, "Count": 3, "CountColumn": "QUANTITY"}, ("events", 3, None)),
    ({"Type": 2, "Count": 3, "IsDistinct": True}, ({"distinct": "code"}, 3, None)),
    ({"Type": 2, "Count": 3, "IsDistinct": True, "CountColumn": "START_DATE"}, ({"distinct": "start"}, 3, None)),
    ({"Type": 2, "Count": 3, "IsDistinct": True, "CountColumn": "VISIT_ID"}, ({"distinct": "stay_id"}, 3, None)),
    ({"Type": 2, "Count": 3, "IsDistinct": True, "CountColumn": "DURATION"}, ({"distinct": "length"}, 3, None)),
]


@pytest.mark.parametrize(("occurrence", "counted"), COUNTS)
def test_occurrences(occurrence: dict[str, Any], counted: tuple[Any, ...]):
    count = asked(Occurrence=occurrence)["count"]
    assert (count["of"], count["at_least"], count["at_most"]) == counted


def test_at_least_none_asks_nothing():
    assert asked(Occurrence={"Type": 2, "Count": 0}) == {"kind": "where", "where": []}


EMPTY = {"Type": "ALL", "CriteriaList": [], "DemographicCriteriaList": [], "Groups": []}
TWO = [{"Age": {"Op": "gt", "Value": 1}}, {"Age": {"Op": "gt", "Value": 2}}]
GROUPS = [
    ({"Type": "ALL", "DemographicCriteriaList": TWO}, ("all", None)),
    ({"Type": "any", "DemographicCriteriaList": TWO}, ("any", None)),
    ({"Type": "AT_LEAST", "Count": 2, "DemographicCriteriaList": TWO}, ("at_least", 2)),
    ({"Type": "AT_LEAST", "Count": 5, "DemographicCriteriaList": TWO}, ("at_least", 5)),
    ({"Type": "AT_MOST", "Count": 0, "DemographicCriteriaList": TWO, "Groups": [EMPTY]}, ("at_most", 0)),
]


@pytest.mark.parametrize(("written", "kind"), GROUPS)
def test_groups(written: dict[str, Any], kind: tuple[Any, ...]):
    made = rule(written)
    assert (made["kind"], made.get("n")) == kind
    assert len(made["of"]) == 2 + len(written.get("Groups", []))
    assert rule(EMPTY) == {"kind": "where", "where": []}


def test_nested_criteria():
    group = {"Type": "ALL", "CriteriaList": [correlated()]}
    assert events_of(Death={"CorrelatedCriteria": group})["having"]["kind"] == "events"
    assert "having" not in events_of(Death={"CorrelatedCriteria": EMPTY})


def test_limits_and_qualification():
    made = plan_of({"Death": {}}, QualifiedLimit={"Type": "Last"}, ExpressionLimit={"Type": "All"})
    assert (made["entry"]["limit"], made["limit"], made.get("qualify")) == ("first", "all", None)
    made = plan_of({"Death": {}}, QualifiedLimit={"Type": "LAST"}, AdditionalCriteria=EMPTY)
    assert made["qualify"] == {"when": {"kind": "where", "where": []}, "limit": "last"}
    primary = expression({"Death": {}})["PrimaryCriteria"] | {"PrimaryCriteriaLimit": {"Type": "all"}}
    made = kh.from_circe({"PrimaryCriteria": primary}).plan()
    assert "limit" not in made["entry"]
    assert made["entry"]["each"] == "event"
    assert made["entry"]["observed"] == {"before": 30, "after": 0}


EXITS = [
    (None, {"kind": "observation_end"}),
    ({"DateOffset": {"DateField": "EndDate", "Offset": 3}}, {"kind": "fixed", "days": 3, "of": "end"}),
    ({"DateOffset": {"Offset": -3}}, {"kind": "fixed", "days": -3}),
    ({"CustomEra": {"DrugCodesetId": 7, "GapDays": 30, "DaysSupplyOverride": 5}},
     {"kind": "era", "domain": "drug", "codes": SEVEN, "gap": 30, "offset": 0, "days_supply": 5}),
]  # fmt: skip


@pytest.mark.parametrize(("strategy", "planned"), EXITS)
def test_end_strategies(strategy: Any, planned: dict[str, Any]):
    assert plan_of({"Death": {}}, EndStrategy=strategy)["exit"] == planned


def test_censoring_collapse_and_window():
    made = plan_of(
        {"Death": {}},
        CensoringCriteria=[{"DrugEra": {"CodesetId": 0}}],
        CollapseSettings={"CollapseType": "ERA", "EraPad": 30},
        CensorWindow={"StartDate": "2015-1-1"},
    )
    assert made["censor"][0]["domain"] == "drug_era"
    assert (made["collapse"], made["window"]) == (30, ["2015-01-01", None])
    assert {"collapse", "window"} & plan_of({"Death": {}}, CensorWindow={}).keys() == set()


def test_where_an_expression_may_come_from(tmp_path):
    written = expression({"Death": {}}, cdmVersionRange=">=5.0.0")
    file = tmp_path / "deaths of all kinds.json"
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps(written).encode())
    assert kh.from_circe(file).name == kh.from_circe(str(file)).name == "deaths of all kinds"
    assert kh.from_circe(json.dumps(written)) == kh.from_circe(written)
    assert kh.from_circe(written | {"Title": "deaths"}).name == "deaths"
    assert kh.from_circe(written | {"Title": "deaths"}, name="others").name == "others"


def test_names_of_rules_are_made_different():
    rules = [{"name": name, "expression": EMPTY} for name in ("a", "a", None)]
    assert [one["name"] for one in plan_of({"Death": {}}, InclusionRules=rules)["rules"]] == ["a", "a (2)", "rule 3"]
