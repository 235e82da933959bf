"""Random cohort definitions in OHDSI's Circe JSON, for the CDMs of `random_cdm`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from random_cdm import CONCEPTS, GENDERS, SMALL, UNKNOWN_CONCEPT

if TYPE_CHECKING:
    import random

#: How many code sets a definition has.
SETS = 5
DATES = ("2015-01-01", "2015-04-11", "2015-08-09", "2015-12-27")

#: What each kind of criterion may say: field and kind of value.
COMMON = {"Age": "whole", "Gender": "gender", "GenderCS": "selection"}
OCCURRENCE = {"OccurrenceStartDate": "date", "OccurrenceEndDate": "date"}
PROVIDED = {"ProviderSpecialty": "small", "ProviderSpecialtyCS": "selection"}
VISITED = {**PROVIDED, "VisitType": "concept", "VisitTypeCS": "selection"}
ERA = {"EraStartDate": "date", "EraEndDate": "date", "EraLength": "whole", "AgeAtStart": "whole", "AgeAtEnd": "whole"}
PERIOD = {
    "PeriodStartDate": "date",
    "PeriodEndDate": "date",
    "PeriodLength": "whole",
    "AgeAtStart": "whole",
    "AgeAtEnd": "whole",
    "UserDefinedPeriod": "period",
}
FIELDS: dict[str, dict[str, str]] = {
    "ConditionOccurrence": {
        **COMMON,
        **OCCURRENCE,
        **VISITED,
        "ConditionType": "small",
        "ConditionTypeExclude": "flag",
        "ConditionTypeCS": "selection",
        "StopReason": "text",
        "ConditionSourceConcept": "set",
        "ConditionStatus": "small",
        "ConditionStatusCS": "selection",
    },
    "DrugExposure": {
        **COMMON,
        **OCCURRENCE,
        **VISITED,
        "DrugType": "small",
        "DrugTypeExclude": "flag",
        "DrugTypeCS": "selection",
        "StopReason": "text",
        "Refills": "whole",
        "Quantity": "number",
        "DaysSupply": "whole",
        "RouteConcept": "small",
        "RouteConceptCS": "selection",
        "LotNumber": "text",
        "DrugSourceConcept": "set",
    },
    "ProcedureOccurrence": {
        **COMMON,
        "OccurrenceStartDate": "date",
        **VISITED,
        "ProcedureType": "small",
        "ProcedureTypeExclude": "flag",
        "ProcedureTypeCS": "selection",
        "Modifier": "small",
        "ModifierCS": "selection",
        "Quantity": "whole",
        "ProcedureSourceConcept": "set",
    },
    "Measurement": {
        **COMMON,
        "OccurrenceStartDate": "date",
        **VISITED,
        "MeasurementType": "small",
        "MeasurementTypeExclude": "flag",
        "MeasurementTypeCS": "selection",
        "Operator": "small",
        "OperatorCS": "selection",
        "ValueAsNumber": "number",
        "ValueAsConcept": "small",
        "ValueAsConceptCS": "selection",
        "Unit": "small",
        "UnitCS": "selection",
        "RangeLow": "number",
        "RangeHigh": "number",
        "RangeLowRatio": "number",
        "RangeHighRatio": "number",
        "Abnormal": "true",
        "MeasurementSourceConcept": "set",
    },
    "Observation": {
        **COMMON,
        "OccurrenceStartDate": "date",
        **VISITED,
        "ObservationType": "small",
        "ObservationTypeExclude": "flag",
        "ObservationTypeCS": "selection",
        "ValueAsNumber": "number",
        "ValueAsString": "text",
        "ValueAsConcept": "small",
        "ValueAsConceptCS": "selection",
        "Qualifier": "small",
        "QualifierCS": "selection",
        "Unit": "small",
        "UnitCS": "selection",
        "ObservationSourceConcept": "set",
    },
    "DeviceExposure": {
        **COMMON,
        **OCCURRENCE,
        **VISITED,
        "DeviceType": "small",
        "DeviceTypeExclude": "flag",
        "DeviceTypeCS": "selection",
        "UniqueDeviceId": "text",
        "Quantity": "whole",
        "DeviceSourceConcept": "set",
    },
    "Specimen": {
        **COMMON,
        "OccurrenceStartDate": "date",
        "SpecimenType": "small",
        "SpecimenTypeExclude": "flag",
        "SpecimenTypeCS": "selection",
        "Quantity": "number",
        "Unit": "small",
        "UnitCS": "selection",
        "AnatomicSite": "small",
        "AnatomicSiteCS": "selection",
        "DiseaseStatus": "small",
        "DiseaseStatusCS": "selection",
        "SourceId": "text",
    },
    "VisitOccurrence": {
        **COMMON,
        **OCCURRENCE,
        **PROVIDED,
        "VisitType": "small",
        "VisitTypeExclude": "flag",
        "VisitTypeCS": "selection",
        "VisitLength": "whole",
        "VisitSourceConcept": "set",
        "PlaceOfService": "small",
        "PlaceOfServiceCS": "selection",
    },
    "VisitDetail": {
        "Age": "whole",
        "GenderCS": "selection",
        "ProviderSpecialtyCS": "selection",
        "VisitDetailStartDate": "date",
        "VisitDetailEndDate": "date",
        "VisitDetailTypeCS": "selection",
        "VisitDetailLength": "whole",
        "VisitDetailSourceConcept": "set",
        "PlaceOfServiceCS": "selection",
    },
    "Death": {
        **COMMON,
        "OccurrenceStartDate": "date",
        "DeathType": "small",
        "DeathTypeExclude": "flag",
        "DeathTypeCS": "selection",
        "DeathSourceConcept": "set",
    },
    "ConditionEra": {**ERA, "Gender": "gender", "GenderCS": "selection", "OccurrenceCount": "whole"},
    "DrugEra": {**ERA, "Gender": "gender", "GenderCS": "selection", "OccurrenceCount": "whole"},
    "DoseEra": {
        **ERA,
        "Gender": "gender",
        "GenderCS": "selection",
        "Unit": "small",
        "UnitCS": "selection",
        "DoseValue": "number",
    },
    "ObservationPeriod": {**PERIOD, "PeriodType": "small", "PeriodTypeCS": "selection"},
    "PayerPlanPeriod": {
        **PERIOD,
        "Gender": "gender",
        "GenderCS": "selection",
        "PayerConcept": "set",
        "PlanConcept": "set",
        "SponsorConcept": "set",
        "StopReasonConcept": "set",
        "PayerSourceConcept": "set",
        "PlanSourceConcept": "set",
        "SponsorSourceConcept": "set",
        "StopReasonSourceConcept": "set",
    },
}
#: Columns that a distinct count may name, by kind of criterion.
COUNTED = {
    "ConditionOccurrence": ("DOMAIN_CONCEPT", "START_DATE", "END_DATE", "VISIT_ID", "DURATION"),
    "DrugExposure": ("DOMAIN_CONCEPT", "START_DATE", "VISIT_ID", "DURATION", "QUANTITY", "REFILLS", "DAYS_SUPPLY"),
    "Measurement": ("DOMAIN_CONCEPT", "START_DATE", "VALUE_AS_NUMBER", "RANGE_LOW", "RANGE_HIGH"),
    "VisitOccurrence": ("DOMAIN_CONCEPT", "START_DATE", "DURATION"),
    "DrugEra": ("DOMAIN_CONCEPT", "ERA_OCCURRENCES", "GAP_DAYS"),
    "ProcedureOccurrence": ("DOMAIN_CONCEPT", "START_DATE", "QUANTITY"),
}


class Definitions:
    """Draws definitions; `ties` says whether events of one person may share a day."""

    def __init__(self, random: random.Random, *, ties: bool) -> None:
        self.random = random
        self.ties = ties

    def _chance(self, p: float) -> bool:
        return self.random.random() < p

    def _op(self) -> str:
        return self.random.choice(("lt", "lte", "eq", "!eq", "gt", "gte", "bt", "!bt"))

    def _value(self, kind: str) -> Any:
        r = self.random
        match kind:
            case "whole":
                low = r.choice((0, 1, 2, 5, 20, 40))
                return {"Value": low, "Op": self._op(), "Extent": low + r.choice((0, 5, 30))}
            case "number":
                low = r.choice((0, 1, 2.5, 7.5))
                return {"Value": low, "Op": self._op(), "Extent": low + r.choice((0, 2.5, 5))}
            case "date":
                low = r.randrange(len(DATES))
                return {"Value": DATES[low], "Op": self._op(), "Extent": DATES[r.randrange(low, len(DATES))]}
            case "small":
                return [{"CONCEPT_ID": n} for n in r.sample((*SMALL, 4155142), r.choice((1, 2)))]
            case "concept":
                return [{"CONCEPT_ID": n} for n in r.sample(CONCEPTS, r.choice((2, 5)))]
            case "gender":
                return [{"CONCEPT_ID": n} for n in r.sample(GENDERS, r.choice((1, 2)))]
            case "selection":
                return {"CodesetId": r.choice((None, *range(SETS))), "IsExclusion": self._chance(0.5)}
            case "set":
                return r.randrange(SETS)
            case "text":
                negation = r.choice(("", "!"))
                return {
                    "Text": r.choice(("alpha", "eta", "B")),
                    "Op": negation + r.choice(("startsWith", "endsWith", "contains")),
                }
            case "period":
                start, end = sorted(r.sample(DATES, 2))
                return r.choice(({"StartDate": start}, {"EndDate": end}, {"StartDate": start, "EndDate": end}))
            case "flag":
                return self._chance(0.5)
            case _:
                return True

    def criteria(self, depth: int = 0) -> dict[str, Any]:
        """Draw a criterion of any kind, perhaps with a nested group."""
        r = self.random
        kind = r.choice(tuple(FIELDS))
        said: dict[str, Any] = {}
        if kind not in {"ObservationPeriod", "PayerPlanPeriod"} and self._chance(0.7):
            said["CodesetId"] = r.randrange(SETS)
        if kind != "Death" and self._chance(0.2):
            said["First"] = True
        for field, value in FIELDS[kind].items():
            if self._chance(0.06):
                said[field] = self._value(value)
        if self._chance(0.08):
            said["DateAdjustment"] = {
                "StartWith": r.choice(("START_DATE", "END_DATE")),
                "StartOffset": r.choice((0, -5, 10)),
                "EndWith": r.choice(("START_DATE", "END_DATE")),
                "EndOffset": r.choice((0, 5, 60)),
            }
        if depth < 2 and self._chance(0.2):
            said["CorrelatedCriteria"] = self.group(depth + 1)
        return {kind: said}

    def _window(self, *, end: bool = False) -> dict[str, Any]:
        r = self.random

        def endpoint(near: int) -> dict[str, Any]:
            coefficient = near if self._chance(0.8) else -near
            days = r.choice((None, 0, 1, 30, 180))
            return {"Days": days, "Coeff": coefficient}

        window: dict[str, Any] = {"Start": endpoint(-1), "End": endpoint(1)}
        if self._chance(0.3):
            window["UseIndexEnd"] = self._chance(0.5)
        if end or self._chance(0.2):
            window["UseEventEnd"] = r.choice((True, True, False, None))
        return window

    def _correlated(self, depth: int) -> dict[str, Any]:
        r = self.random
        criteria = self.criteria(depth)
        (kind,) = criteria
        count: dict[str, Any] = {"Type": r.choice((0, 1, 2, 2)), "Count": r.choice((0, 1, 1, 2, 3))}
        if self._chance(0.2):
            count["IsDistinct"] = True
            if kind in COUNTED and self._chance(0.7):
                count["CountColumn"] = r.choice(COUNTED[kind])
        said = {"Criteria": criteria, "StartWindow": self._window(), "Occurrence": count}
        # Circe gives a count over payers a column that its own SQL does not select.
        if kind == "PayerPlanPeriod":
            count.pop("IsDistinct", None)
        if self._chance(0.2):
            said["EndWindow"] = self._window(end=True)
        if self._chance(0.15):
            said["RestrictVisit"] = True
        if self._chance(0.3):
            said["IgnoreObservationPeriod"] = True
        return said

    def _demographic(self) -> dict[str, Any]:
        fields = {
            "Age": "whole",
            "Gender": "gender",
            "GenderCS": "selection",
            "OccurrenceStartDate": "date",
            "OccurrenceEndDate": "date",
        }
        said = {name: self._value(kind) for name, kind in fields.items() if self._chance(0.3)}
        if self._chance(0.2):
            said["Race"] = [{"CONCEPT_ID": 8527}]
        if self._chance(0.2):
            said["Ethnicity"] = [{"CONCEPT_ID": 38003563}]
        return said

    def group(self, depth: int = 0) -> dict[str, Any]:
        """Draw a group of criteria, demographic criteria and groups."""
        r = self.random
        kind = r.choice(("ALL", "ANY", "AT_LEAST", "AT_MOST"))
        said: dict[str, Any] = {
            "Type": kind,
            "CriteriaList": [self._correlated(depth) for _ in range(r.choice((0, 1, 1, 2)))],
            "DemographicCriteriaList": [self._demographic() for _ in range(r.choice((0, 0, 1)))],
            "Groups": [self.group(depth + 1) for _ in range(r.choice((0, 0, 1)))] if depth < 2 else [],
        }
        if kind.startswith("AT_"):
            said["Count"] = r.choice((0, 1, 2))
        return said

    def _concept_set(self, number: int) -> dict[str, Any]:
        r = self.random
        items = [
            {
                "concept": {"CONCEPT_ID": n},
                "isExcluded": self._chance(0.2),
                "includeDescendants": self._chance(0.5),
                "includeMapped": self._chance(0.3),
            }
            for n in r.sample((*CONCEPTS, UNKNOWN_CONCEPT), r.choice((0, 1, 3, 6)))
        ]
        return {"id": number, "name": f"set {number}", "expression": {"items": items}}

    def _end(self) -> dict[str, Any]:
        r = self.random
        kind = r.choice(("none", "offset", "era"))
        if kind == "offset":
            field = r.choice(("StartDate", "EndDate"))
            return {"EndStrategy": {"DateOffset": {"DateField": field, "Offset": r.choice((0, 7, 60, -3))}}}
        if kind == "era":
            override = {"DaysSupplyOverride": r.choice((3, 45))} if self._chance(0.4) else {}
            era = {
                "DrugCodesetId": r.randrange(SETS),
                "GapDays": r.choice((0, 30)),
                "Offset": r.choice((0, 10)),
                **override,
            }
            return {"EndStrategy": {"CustomEra": era}}
        return {}

    def definition(self) -> dict[str, Any]:
        """Draw a whole definition."""
        r = self.random
        # Which of several events of a day counts as the first is left open by Circe's own SQL.
        limits = ("All",) if self.ties else ("All", "First", "Last")
        said: dict[str, Any] = {
            "ConceptSets": [self._concept_set(number) for number in range(SETS)],
            "PrimaryCriteria": {
                "CriteriaList": [self.criteria() for _ in range(r.choice((1, 1, 2)))],
                "ObservationWindow": {"PriorDays": r.choice((0, 0, 30)), "PostDays": r.choice((0, 0, 10))},
                "PrimaryCriteriaLimit": {"Type": r.choice(("All", "All", "First", "Last"))},
            },
            "QualifiedLimit": {"Type": r.choice(limits)},
            "ExpressionLimit": {"Type": r.choice(limits)},
            "InclusionRules": [
                {"name": f"rule {n}", "expression": self.group()} for n in range(r.choice((0, 0, 1, 2, 3)))
            ],
            "CensoringCriteria": [self.criteria(2) for _ in range(r.choice((0, 0, 1, 2)))],
            "CollapseSettings": {"CollapseType": "ERA", "EraPad": r.choice((0, 0, 1, 30))},
            "CensorWindow": {},
        }
        if self._chance(0.3):
            said["AdditionalCriteria"] = self.group()
        if self._chance(0.1):
            said["CensorWindow"] = self._value("period")
        return said | self._end()
