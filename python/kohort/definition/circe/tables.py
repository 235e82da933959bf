"""Circe's criteria as a table: which domain each asks, which day ends its events, and what its attributes test."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["date", "whole", "decimal", "text", "concepts", "typed", "selection", "set", "abnormal", "gap"]

START, END, LENGTH = "start", "end", "length"
AGE, AGE_AT_END = "birth_years", "birth_years_at_end"
TYPE, STAY = "type_concept_id", "stay_concept_id"
PLACE = "place_of_service_concept_id"

# A null in these columns means that the joined row has no value; Circe asks that there be such a row.
JOINED = {STAY: "stay_id", PLACE: "care_site_id"}


@dataclass(frozen=True, slots=True)
class Attribute:
    """A field of a criterion and the column that it tests."""

    name: str
    kind: Kind
    column: str

    @property
    def exclusion(self) -> str:
        """The field that turns the test round, where it has one."""
        return f"{self.name}Exclude"


@dataclass(frozen=True, slots=True)
class Criteria:
    """A class of criteria."""

    domain: str
    ends: str
    attributes: tuple[Attribute, ...]
    source: str | None = None
    codes: str | None = "CodesetId"
    first: bool = True
    period: bool = False
    adjusted: bool = True
    counted: dict[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that Circe's own class has."""
        names = [self.codes, self.source, "First" if self.first else None, "UserDefinedPeriod" if self.period else None]
        names += [
            name for one in self.attributes for name in (one.name, one.exclusion if one.kind == "typed" else None)
        ]
        return (*filter(None, names), *self.ignored, *self.refused, "CorrelatedCriteria", "DateAdjustment")


def _pair(name: str, column: str, kind: Kind = "concepts") -> tuple[Attribute, ...]:
    """Write an attribute that is given as a list of concepts or as a concept set."""
    return Attribute(name, kind, column), Attribute(f"{name}CS", "selection", column)


def _dates(first: str, last: str | None = None) -> tuple[Attribute, ...]:
    start = Attribute(first, "date", START)
    return (start,) if last is None else (start, Attribute(last, "date", END))


GENDER = _pair("Gender", "person:gender_concept_id")
PERSON = (Attribute("Age", "whole", AGE), *GENDER)
BY_PROVIDER = _pair("ProviderSpecialty", "provider_specialty_concept_id")
IN_VISIT = _pair("VisitType", STAY)
UNIT = _pair("Unit", "unit_concept_id")
AGES = (Attribute("AgeAtStart", "whole", AGE), Attribute("AgeAtEnd", "whole", AGE_AT_END))
VALUE = Attribute("ValueAsNumber", "decimal", "value_as_number")
PERIODS = (*_dates("PeriodStartDate", "PeriodEndDate"), Attribute("PeriodLength", "whole", LENGTH), *AGES)
ERAS = _dates("EraStartDate", "EraEndDate")
COUNT = Attribute("OccurrenceCount", "whole", "occurrence_count")
ERA_LENGTH = Attribute("EraLength", "whole", LENGTH)

# Circe tests the gender where it is asked for a concept set of races or ethnicities.
DEMOGRAPHIC = (
    *PERSON,
    Attribute("Race", "concepts", "person:race_concept_id"),
    Attribute("RaceCS", "selection", "person:gender_concept_id"),
    Attribute("Ethnicity", "concepts", "person:ethnicity_concept_id"),
    Attribute("EthnicityCS", "selection", "person:gender_concept_id"),
    *_dates("OccurrenceStartDate", "OccurrenceEndDate"),
)

COUNTED = {
    "DOMAIN_CONCEPT": "code",
    "DOMAIN_SOURCE_CONCEPT": "source_concept_id",
    "START_DATE": START,
    "END_DATE": END,
    "DURATION": LENGTH,
    "VISIT_ID": "stay_id",
    "VISIT_DETAIL_ID": "visit_detail_id",
    "ERA_OCCURRENCES": "occurrence_count",
    "DAYS_SUPPLY": "days_supply",
    "GAP_DAYS": "gap_days",
    "QUANTITY": "quantity",
    "RANGE_HIGH": "range_high",
    "RANGE_LOW": "range_low",
    "REFILLS": "refills",
    "UNIT": "unit_concept_id",
    "VALUE_AS_NUMBER": "value_as_number",
}

CRITERIA = {
    "ConditionOccurrence": Criteria(
        "diagnosis",
        "next_day_if_none",
        (
            *_dates("OccurrenceStartDate", "OccurrenceEndDate"),
            *_pair("ConditionType", TYPE, "typed"),
            Attribute("StopReason", "text", "stop_reason"),
            *PERSON,
            *BY_PROVIDER,
            *IN_VISIT,
            *_pair("ConditionStatus", "condition_status_concept_id"),
        ),
        source="ConditionSourceConcept",
    ),
    "DrugExposure": Criteria(
        "drug",
        "next_day_if_none",
        (
            # Circe tests the start where it is asked for the end.
            Attribute("OccurrenceStartDate", "date", START),
            Attribute("OccurrenceEndDate", "date", START),
            *_pair("DrugType", TYPE, "typed"),
            Attribute("StopReason", "text", "stop_reason"),
            Attribute("Refills", "whole", "refills"),
            Attribute("Quantity", "decimal", "quantity"),
            Attribute("DaysSupply", "whole", "days_supply"),
            *_pair("RouteConcept", "route_concept_id"),
            Attribute("EffectiveDrugDose", "decimal", "effective_drug_dose"),
            *_pair("DoseUnit", "dose_unit_concept_id"),
            Attribute("LotNumber", "text", "lot_number"),
            *PERSON,
            *BY_PROVIDER,
            *IN_VISIT,
        ),
        source="DrugSourceConcept",
    ),
    "ProcedureOccurrence": Criteria(
        "procedure",
        "next_day",
        (
            *_dates("OccurrenceStartDate"),
            *_pair("ProcedureType", TYPE, "typed"),
            *_pair("Modifier", "modifier_concept_id"),
            Attribute("Quantity", "whole", "quantity"),
            *PERSON,
            *BY_PROVIDER,
            *IN_VISIT,
        ),
        source="ProcedureSourceConcept",
    ),
    "Measurement": Criteria(
        "measurement",
        "next_day",
        (
            *_dates("OccurrenceStartDate"),
            *_pair("MeasurementType", TYPE, "typed"),
            *_pair("Operator", "operator_concept_id"),
            VALUE,
            *_pair("ValueAsConcept", "value_as_concept_id"),
            *UNIT,
            Attribute("RangeLow", "decimal", "range_low"),
            Attribute("RangeHigh", "decimal", "range_high"),
            Attribute("RangeLowRatio", "decimal", "ratio:value_as_number/range_low"),
            Attribute("RangeHighRatio", "decimal", "ratio:value_as_number/range_high"),
            Attribute("Abnormal", "abnormal", "value_as_number"),
            *PERSON,
            *BY_PROVIDER,
            *IN_VISIT,
        ),
        source="MeasurementSourceConcept",
    ),
    "Observation": Criteria(
        "observation",
        "next_day",
        (
            *_dates("OccurrenceStartDate"),
            *_pair("ObservationType", TYPE, "typed"),
            VALUE,
            Attribute("ValueAsString", "text", "value_as_string"),
            *_pair("ValueAsConcept", "value_as_concept_id"),
            *_pair("Qualifier", "qualifier_concept_id"),
            *UNIT,
            *PERSON,
            *BY_PROVIDER,
            *IN_VISIT,
        ),
        source="ObservationSourceConcept",
    ),
    "VisitOccurrence": Criteria(
        "stay",
        "stored",
        (
            *_dates("OccurrenceStartDate", "OccurrenceEndDate"),
            *_pair("VisitType", TYPE, "typed"),
            Attribute("VisitLength", "whole", LENGTH),
            *PERSON,
            *BY_PROVIDER,
            *_pair("PlaceOfService", PLACE),
        ),
        source="VisitSourceConcept",
        refused=("PlaceOfServiceLocation",),
    ),
    "VisitDetail": Criteria(
        "visit_detail",
        "stored",
        (
            *_dates("VisitDetailStartDate", "VisitDetailEndDate"),
            Attribute("VisitDetailTypeCS", "selection", TYPE),
            Attribute("VisitDetailLength", "whole", LENGTH),
            # Circe counts this age, and no other, at the end.
            Attribute("Age", "whole", AGE_AT_END),
            GENDER[1],
            BY_PROVIDER[1],
            Attribute("PlaceOfServiceCS", "selection", PLACE),
        ),
        source="VisitDetailSourceConcept",
        counted={"VISIT_DETAIL_ID": "event_id"},
        refused=("PlaceOfServiceLocation",),
    ),
    "DeviceExposure": Criteria(
        "device",
        "next_day_if_none",
        (
            *_dates("OccurrenceStartDate", "OccurrenceEndDate"),
            *_pair("DeviceType", TYPE, "typed"),
            Attribute("UniqueDeviceId", "text", "unique_device_id"),
            Attribute("Quantity", "whole", "quantity"),
            *PERSON,
            *BY_PROVIDER,
            *IN_VISIT,
        ),
        source="DeviceSourceConcept",
    ),
    "Specimen": Criteria(
        "specimen",
        "next_day",
        (
            *_dates("OccurrenceStartDate"),
            *_pair("SpecimenType", TYPE, "typed"),
            Attribute("Quantity", "decimal", "quantity"),
            *UNIT,
            *_pair("AnatomicSite", "anatomic_site_concept_id"),
            *_pair("DiseaseStatus", "disease_status_concept_id"),
            Attribute("SourceId", "text", "specimen_source_id"),
            *PERSON,
        ),
        # Circe reads these two of a specimen and does nothing with them.
        adjusted=False,
        ignored=("SpecimenSourceConcept",),
    ),
    "ConditionEra": Criteria("condition_era", "stored", (*ERAS, COUNT, ERA_LENGTH, *AGES, *GENDER)),
    "DrugEra": Criteria(
        "drug_era",
        "stored",
        (*ERAS, COUNT, ERA_LENGTH, Attribute("GapDays", "gap", "gap_days"), *AGES, *GENDER),
    ),
    "DoseEra": Criteria(
        "dose_era",
        "stored",
        (*ERAS, *UNIT, Attribute("DoseValue", "decimal", "dose_value"), ERA_LENGTH, *AGES, *GENDER),
        counted={"VALUE_AS_NUMBER": "dose_value"},
    ),
    "Death": Criteria(
        "death_cause",
        "next_day",
        (*_dates("OccurrenceStartDate"), *_pair("DeathType", TYPE, "typed"), *PERSON),
        source="DeathSourceConcept",
        first=False,
    ),
    "ObservationPeriod": Criteria(
        "enrollment",
        "stored",
        (*PERIODS, *_pair("PeriodType", "code")),
        codes=None,
        period=True,
    ),
    "PayerPlanPeriod": Criteria(
        "payer_plan_period",
        "stored",
        (
            *PERIODS,
            *GENDER,
            # A person's first period is the first of all, not of those of the payer: no code set of the events.
            Attribute("PayerConcept", "set", "code"),
            Attribute("PlanConcept", "set", "plan_concept_id"),
            Attribute("SponsorConcept", "set", "sponsor_concept_id"),
            Attribute("StopReasonConcept", "set", "stop_reason_concept_id"),
            Attribute("PayerSourceConcept", "set", "payer_source_concept_id"),
            Attribute("PlanSourceConcept", "set", "plan_source_concept_id"),
            Attribute("SponsorSourceConcept", "set", "sponsor_source_concept_id"),
            Attribute("StopReasonSourceConcept", "set", "stop_reason_source_concept_id"),
        ),
        codes=None,
        period=True,
    ),
    # Circe reads the dates of a region and does nothing with them.
    "LocationRegion": Criteria("location", "stored", (), first=False, adjusted=False, ignored=("StartDate", "EndDate")),
}
