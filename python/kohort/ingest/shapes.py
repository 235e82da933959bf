"""How the tables of the OMOP common data model become domains: which columns hold what, and which must exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Whole numbers, numbers and text, as they are stored.
WHOLE, NUMBER, TEXT = pl.Int64(), pl.Float64(), pl.String()


class Shape(NamedTuple):
    """How a table of the CDM becomes a domain.

    Parameters
    ----------
    domain
        The name of the domain.
    code, start, end
        The columns that hold the code, the first and the last day; tables without an end have events of one day.
    event_id, source, kind, counted
        The columns that are stored as `event_id`, `source_concept_id`, `type_concept_id` and `occurrence_count`.
    columns
        Further columns that the domain has in any case, all null where the source lacks them.
    care
        Whether an event names a provider and the stay it belongs to.
    place
        Whether an event names a care site.
    may_lack_code
        Whether rows without a concept are events too, of code 0; their column is then stored as it is as well.
    """

    domain: str
    code: str
    start: str
    end: str | None
    event_id: str
    source: str | None = None
    kind: str | None = None
    counted: str | None = None
    columns: Mapping[str, pl.DataType] = {}
    care: bool = False
    place: bool = False
    may_lack_code: bool = False


#: The event tables of the CDM.
SHAPES = {
    "condition_occurrence": Shape(
        *("diagnosis", "condition_concept_id", "condition_start_date", "condition_end_date", "condition_occurrence_id"),
        *("condition_source_concept_id", "condition_type_concept_id"),
        columns={"condition_status_concept_id": WHOLE, "stop_reason": TEXT},
        care=True,
    ),
    "drug_exposure": Shape(
        *("drug", "drug_concept_id", "drug_exposure_start_date", "drug_exposure_end_date", "drug_exposure_id"),
        *("drug_source_concept_id", "drug_type_concept_id"),
        columns={
            "refills": WHOLE,
            "quantity": NUMBER,
            "days_supply": WHOLE,
            "route_concept_id": WHOLE,
            # The CDM has the dose and its unit no more; definitions can still ask for them.
            "effective_drug_dose": NUMBER,
            "dose_unit_concept_id": WHOLE,
            "lot_number": TEXT,
            "stop_reason": TEXT,
        },
        care=True,
    ),
    "procedure_occurrence": Shape(
        *("procedure", "procedure_concept_id", "procedure_date", "procedure_end_date", "procedure_occurrence_id"),
        *("procedure_source_concept_id", "procedure_type_concept_id"),
        columns={"modifier_concept_id": WHOLE, "quantity": WHOLE},
        care=True,
    ),
    "measurement": Shape(
        *("measurement", "measurement_concept_id", "measurement_date", None, "measurement_id"),
        *("measurement_source_concept_id", "measurement_type_concept_id"),
        columns={
            "operator_concept_id": WHOLE,
            "value_as_number": NUMBER,
            "value_as_concept_id": WHOLE,
            "unit_concept_id": WHOLE,
            "range_low": NUMBER,
            "range_high": NUMBER,
        },
        care=True,
    ),
    "observation": Shape(
        *("observation", "observation_concept_id", "observation_date", None, "observation_id"),
        *("observation_source_concept_id", "observation_type_concept_id"),
        columns={
            "value_as_number": NUMBER,
            "value_as_string": TEXT,
            "value_as_concept_id": WHOLE,
            "qualifier_concept_id": WHOLE,
            "unit_concept_id": WHOLE,
        },
        care=True,
    ),
    "visit_occurrence": Shape(
        *("stay", "visit_concept_id", "visit_start_date", "visit_end_date", "visit_occurrence_id"),
        *("visit_source_concept_id", "visit_type_concept_id"),
        care=True,
        place=True,
    ),
    "visit_detail": Shape(
        *("visit_detail", "visit_detail_concept_id", "visit_detail_start_date", "visit_detail_end_date"),
        *("visit_detail_id", "visit_detail_source_concept_id", "visit_detail_type_concept_id"),
        care=True,
        place=True,
    ),
    "device_exposure": Shape(
        *("device", "device_concept_id", "device_exposure_start_date", "device_exposure_end_date"),
        *("device_exposure_id", "device_source_concept_id", "device_type_concept_id"),
        columns={"unique_device_id": TEXT, "quantity": WHOLE},
        care=True,
    ),
    "specimen": Shape(
        *("specimen", "specimen_concept_id", "specimen_date", None, "specimen_id", None, "specimen_type_concept_id"),
        columns={
            "quantity": NUMBER,
            "unit_concept_id": WHOLE,
            "anatomic_site_concept_id": WHOLE,
            "disease_status_concept_id": WHOLE,
            "specimen_source_id": TEXT,
        },
    ),
    "condition_era": Shape(
        *("condition_era", "condition_concept_id", "condition_era_start_date", "condition_era_end_date"),
        *("condition_era_id", None, None, "condition_occurrence_count"),
    ),
    "drug_era": Shape(
        *("drug_era", "drug_concept_id", "drug_era_start_date", "drug_era_end_date", "drug_era_id"),
        *(None, None, "drug_exposure_count"),
        columns={"gap_days": WHOLE},
    ),
    "dose_era": Shape(
        *("dose_era", "drug_concept_id", "dose_era_start_date", "dose_era_end_date", "dose_era_id"),
        columns={"unit_concept_id": WHOLE, "dose_value": NUMBER},
    ),
    "episode": Shape(
        *("episode", "episode_concept_id", "episode_start_date", "episode_end_date", "episode_id"),
        *("episode_source_concept_id", "episode_type_concept_id"),
    ),
    # The model gives deaths no number: a person dies once.
    "death": Shape(
        *("death_cause", "cause_concept_id", "death_date", None, "person_id"),
        *("cause_source_concept_id", "death_type_concept_id"),
        may_lack_code=True,
    ),
    "observation_period": Shape(
        *("enrollment", "period_type_concept_id", "observation_period_start_date", "observation_period_end_date"),
        *("observation_period_id", None, "period_type_concept_id"),
        may_lack_code=True,
    ),
    "payer_plan_period": Shape(
        *("payer_plan_period", "payer_concept_id", "payer_plan_period_start_date", "payer_plan_period_end_date"),
        "payer_plan_period_id",
        columns={
            f"{name}{part}_concept_id": WHOLE
            for name in ("payer", "plan", "sponsor", "stop_reason")
            for part in ("", "_source")
        },
        may_lack_code=True,
    ),
    "location_history": Shape(
        *("location", "region_concept_id", "start_date", "end_date", "location_history_id"), may_lack_code=True
    ),
}

#: Tables of the CDM that are read in another way, or that describe the source, its vocabularies or its places.
OTHER = {
    *("person", "concept", "concept_ancestor", "concept_class", "concept_relationship"),
    *("concept_synonym", "domain", "vocabulary", "relationship", "drug_strength", "source_to_concept_map", "metadata"),
    *("cdm_source", "location", "care_site", "provider", "cohort", "cohort_definition", "attribute_definition"),
}
