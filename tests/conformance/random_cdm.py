"""Small random CDMs: few concepts, few days, many ties, nulls where the CDM allows them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import random
    from pathlib import Path

FIRST_DAY = date(2015, 1, 1)
DAYS = 400

#: Concepts with their ancestors; 4 and 9 are not valid, 13 and 14 are mapped to 1 and 5, 90 is in no table of concepts.
CONCEPTS = (*range(1, 13), 13, 14)
ANCESTORS = ((1, 2), (1, 3), (1, 4), (2, 3), (5, 6), (5, 7), (8, 9), (8, 10))
INVALID = (4, 9)
MAPS_TO = ((13, 1), (14, 5))
UNKNOWN_CONCEPT = 90
GENDERS = (8507, 8532, 8521)
#: Concepts of types, units, values and the like.
SMALL = (21, 22, 23)


def pick(*values):
    """Draw one of some values."""
    return lambda random: random.choice(values)


def maybe(value, chance=0.3):
    """Draw null now and then."""
    return lambda random: None if random.random() < chance else value(random)


def number(random):
    return random.choice((0.0, 1.0, 2.5, 5.0, 7.5, 10.0))


concept = pick(*CONCEPTS, UNKNOWN_CONCEPT)
small = pick(*SMALL)
count = pick(1, 2, 3)
text = pick("alpha", "beta", "alphabet", "Beta")

#: Per table: primary key, concept column, first and last day, further columns.
TABLES = {
    "condition_occurrence": (
        "condition_occurrence_id",
        "condition_concept_id",
        "condition_start_date",
        "condition_end_date",
        {
            "condition_type_concept_id": small,
            "condition_status_concept_id": maybe(small),
            "stop_reason": maybe(text),
            "condition_source_concept_id": maybe(concept),
        },
    ),
    "drug_exposure": (
        "drug_exposure_id",
        "drug_concept_id",
        "drug_exposure_start_date",
        "drug_exposure_end_date",
        {
            "drug_type_concept_id": small,
            "stop_reason": maybe(text),
            "refills": maybe(count),
            "quantity": maybe(number),
            "days_supply": maybe(pick(0, 5, 30)),
            "route_concept_id": maybe(small),
            "lot_number": maybe(text),
            "drug_source_concept_id": maybe(concept),
        },
    ),
    "procedure_occurrence": (
        "procedure_occurrence_id",
        "procedure_concept_id",
        "procedure_date",
        None,
        {
            "procedure_type_concept_id": small,
            "modifier_concept_id": maybe(small),
            "quantity": maybe(count),
            "procedure_source_concept_id": maybe(concept),
        },
    ),
    "measurement": (
        "measurement_id",
        "measurement_concept_id",
        "measurement_date",
        None,
        {
            "measurement_type_concept_id": small,
            "operator_concept_id": maybe(small),
            "value_as_number": maybe(number),
            "value_as_concept_id": maybe(pick(*SMALL, 4155142)),
            "unit_concept_id": maybe(small),
            "range_low": maybe(number),
            "range_high": maybe(number),
            "measurement_source_concept_id": maybe(concept),
        },
    ),
    "observation": (
        "observation_id",
        "observation_concept_id",
        "observation_date",
        None,
        {
            "observation_type_concept_id": small,
            "value_as_number": maybe(number),
            "value_as_string": maybe(text),
            "value_as_concept_id": maybe(small),
            "qualifier_concept_id": maybe(small),
            "unit_concept_id": maybe(small),
            "observation_source_concept_id": maybe(concept),
        },
    ),
    "device_exposure": (
        "device_exposure_id",
        "device_concept_id",
        "device_exposure_start_date",
        "device_exposure_end_date",
        {
            "device_type_concept_id": small,
            "unique_device_id": maybe(text),
            "quantity": maybe(count),
            "device_source_concept_id": maybe(concept),
        },
    ),
    "specimen": (
        "specimen_id",
        "specimen_concept_id",
        "specimen_date",
        None,
        {
            "specimen_type_concept_id": small,
            "quantity": maybe(number),
            "unit_concept_id": maybe(small),
            "anatomic_site_concept_id": maybe(small),
            "disease_status_concept_id": maybe(small),
            "specimen_source_id": maybe(text),
        },
    ),
    "condition_era": (
        "condition_era_id",
        "condition_concept_id",
        "condition_era_start_date",
        "condition_era_end_date",
        {"condition_occurrence_count": count},
    ),
    "drug_era": (
        "drug_era_id",
        "drug_concept_id",
        "drug_era_start_date",
        "drug_era_end_date",
        {"drug_exposure_count": count, "gap_days": pick(0, 5, 40)},
    ),
    "dose_era": (
        "dose_era_id",
        "drug_concept_id",
        "dose_era_start_date",
        "dose_era_end_date",
        {"unit_concept_id": small, "dose_value": number},
    ),
    "payer_plan_period": (
        "payer_plan_period_id",
        "payer_concept_id",
        "payer_plan_period_start_date",
        "payer_plan_period_end_date",
        {
            "plan_concept_id": maybe(concept),
            "sponsor_concept_id": maybe(concept),
            "stop_reason_concept_id": maybe(concept),
            "payer_source_concept_id": maybe(concept),
            "plan_source_concept_id": maybe(concept),
            "sponsor_source_concept_id": maybe(concept),
            "stop_reason_source_concept_id": maybe(concept),
        },
    ),
}
#: Tables whose last day may not be null: the CDM asks for it.
ALWAYS_END = ("condition_era", "drug_era", "dose_era", "payer_plan_period")
VISITED = (
    *("condition_occurrence", "drug_exposure", "procedure_occurrence"),
    *("measurement", "observation", "device_exposure"),
)


class Cdm:
    """One random CDM, table by table."""

    def __init__(self, random: random.Random, *, ties: bool, persons: int = 25) -> None:
        self.random = random
        self.ties = ties
        self.next_id = 1000
        self.people = list(range(1, persons + 1))
        self.tables: dict[str, list[dict[str, object]]] = {}
        #: Days of a person that are taken already, where no two events may share one.
        self.taken: dict[int, set[date]] = {person: set() for person in self.people}
        self._persons()
        self._periods()
        self._providers()
        self._visits()
        for name in TABLES:
            self.tables[name] = [row for person in self.people for row in self._events(name, person)]
        self._deaths()
        self._vocabulary()

    def new_id(self) -> int:
        self.next_id += 1
        return self.next_id

    def day(self, person: int) -> date:
        """Draw a day, mostly under observation; few of them, so that events coincide."""
        for _ in range(40):
            offset = self.random.randrange(DAYS) if self.random.random() < 0.5 else self.random.randrange(0, DAYS, 20)
            found = FIRST_DAY + timedelta(days=offset)
            if self.ties or found not in self.taken[person]:
                break
        self.taken[person].add(found)
        return found

    def _persons(self) -> None:
        self.tables["person"] = [
            {
                "person_id": person,
                "gender_concept_id": self.random.choice(GENDERS),
                "year_of_birth": self.random.randrange(1940, 2014),
                "month_of_birth": self.random.choice((None, 1, 6, 12)),
                "day_of_birth": 1,
                "race_concept_id": self.random.choice((8527, 8516)),
                "ethnicity_concept_id": self.random.choice((38003563, 38003564)),
            }
            for person in self.people
        ]

    def _periods(self) -> None:
        rows = []
        for person in self.people:
            start = self.random.randrange(-50, 100)
            for _ in range(self.random.choice((1, 1, 1, 2))):
                end = start + self.random.randrange(50, 350)
                rows.append(
                    {
                        "observation_period_id": self.new_id(),
                        "person_id": person,
                        "observation_period_start_date": FIRST_DAY + timedelta(days=start),
                        "observation_period_end_date": FIRST_DAY + timedelta(days=end),
                        "period_type_concept_id": self.random.choice(SMALL),
                    }
                )
                start = end + self.random.randrange(1, 60)
        self.tables["observation_period"] = rows

    def _providers(self) -> None:
        self.tables["provider"] = [{"provider_id": n, "specialty_concept_id": 20 + n} for n in (1, 2, 3)]
        self.tables["care_site"] = [{"care_site_id": n, "place_of_service_concept_id": 20 + n} for n in (1, 2, 3)]

    def _visits(self) -> None:
        rows, details = [], []
        for person in self.people:
            for _ in range(self.random.randrange(4)):
                start = self.day(person)
                end = start + timedelta(days=self.random.choice((0, 1, 5, 30)))
                visit = {
                    "visit_occurrence_id": self.new_id(),
                    "person_id": person,
                    "visit_concept_id": concept(self.random),
                    "visit_start_date": start,
                    "visit_end_date": end,
                    "visit_type_concept_id": small(self.random),
                    "provider_id": self.random.choice((None, 1, 2, 3)),
                    "care_site_id": self.random.choice((None, 1, 2, 3)),
                    "visit_source_concept_id": maybe(concept)(self.random),
                }
                rows.append(visit)
                if self.random.random() < 0.5:
                    details.append(
                        {
                            "visit_detail_id": self.new_id(),
                            "person_id": person,
                            "visit_detail_concept_id": concept(self.random),
                            "visit_detail_start_date": start if self.ties else self.day(person),
                            "visit_detail_end_date": start + timedelta(days=DAYS),
                            "visit_detail_type_concept_id": small(self.random),
                            "provider_id": self.random.choice((None, 1, 2, 3)),
                            "care_site_id": self.random.choice((None, 1, 2, 3)),
                            "visit_occurrence_id": visit["visit_occurrence_id"],
                            "visit_detail_source_concept_id": maybe(concept)(self.random),
                        }
                    )
        self.tables["visit_occurrence"], self.tables["visit_detail"] = rows, details

    def _events(self, name: str, person: int) -> list[dict[str, object]]:
        key, code, first, last, further = TABLES[name]
        visits = [row["visit_occurrence_id"] for row in self.tables["visit_occurrence"] if row["person_id"] == person]
        rows = []
        for _ in range(self.random.randrange(6)):
            start = self.day(person)
            row: dict[str, object] = {key: self.new_id(), "person_id": person, code: concept(self.random), first: start}
            if last is not None:
                end = start + timedelta(days=self.random.choice((0, 1, 7, 30, 90)))
                row[last] = end if name in ALWAYS_END or self.random.random() < 0.7 else None
            row |= {column: draw(self.random) for column, draw in further.items()}
            if name in VISITED:
                row["visit_occurrence_id"] = self.random.choice([None, *visits])
                row["provider_id"] = self.random.choice((None, 1, 2, 3))
            rows.append(row)
        return rows

    def _deaths(self) -> None:
        self.tables["death"] = [
            {
                "person_id": person,
                "death_date": self.day(person),
                "death_type_concept_id": small(self.random),
                "cause_concept_id": maybe(concept)(self.random),
                "cause_source_concept_id": maybe(concept)(self.random),
            }
            for person in self.people
            if self.random.random() < 0.3
        ]

    def _vocabulary(self) -> None:
        known = (*CONCEPTS, *SMALL, *GENDERS, 4155142, 8527, 8516, 38003563, 38003564)
        self.tables["concept"] = [
            {"concept_id": n, "concept_name": f"concept {n}", "invalid_reason": "D" if n in INVALID else None}
            for n in known
        ]
        pairs = [*ANCESTORS, *((n, n) for n in known)]
        self.tables["concept_ancestor"] = [{"ancestor_concept_id": a, "descendant_concept_id": b} for a, b in pairs]
        self.tables["concept_relationship"] = [
            {"concept_id_1": a, "concept_id_2": b, "relationship_id": "Maps to", "invalid_reason": None}
            for a, b in MAPS_TO
        ]

    def write(self, folder: Path) -> Path:
        """Write a Parquet file a table."""
        folder.mkdir(parents=True)
        for name, rows in self.tables.items():
            pl.DataFrame(rows, schema=SCHEMAS[name], orient="row").write_parquet(folder / f"{name}.parquet")
        return folder


def _kind(column: str) -> type[pl.DataType]:
    if column.endswith("_date"):
        return pl.Date
    if column in {"value_as_number", "range_low", "range_high", "quantity", "dose_value", "effective_drug_dose"}:
        return pl.Float64
    if column.endswith("_id") and column not in {"relationship_id", "unique_device_id", "specimen_source_id"}:
        return pl.Int64
    if column.startswith("concept_id") or column.endswith("_count"):
        return pl.Int64
    if column in {"refills", "days_supply", "gap_days", "year_of_birth", "month_of_birth", "day_of_birth"}:
        return pl.Int64
    return pl.String


def _schema(*columns: str) -> dict[str, type[pl.DataType]]:
    return {column: _kind(column) for column in columns}


SCHEMAS = {
    name: _schema(
        *(column for column in (key, "person_id", code, first, last) if column is not None),
        *further,
        *(("visit_occurrence_id", "provider_id") if name in VISITED else ()),
    )
    for name, (key, code, first, last, further) in TABLES.items()
}
# Circe asks drugs for two columns of old versions of the CDM; they are here, and empty.
SCHEMAS["drug_exposure"] |= _schema("effective_drug_dose", "dose_unit_concept_id")
SCHEMAS |= {
    "person": _schema(
        *("person_id", "gender_concept_id", "year_of_birth", "month_of_birth", "day_of_birth"),
        *("race_concept_id", "ethnicity_concept_id"),
    ),
    "observation_period": _schema(
        *("observation_period_id", "person_id", "observation_period_start_date", "observation_period_end_date"),
        "period_type_concept_id",
    ),
    "provider": _schema("provider_id", "specialty_concept_id"),
    "care_site": _schema("care_site_id", "place_of_service_concept_id"),
    "visit_occurrence": _schema(
        *("visit_occurrence_id", "person_id", "visit_concept_id", "visit_start_date", "visit_end_date"),
        *("visit_type_concept_id", "provider_id", "care_site_id", "visit_source_concept_id"),
    ),
    "visit_detail": _schema(
        *("visit_detail_id", "person_id", "visit_detail_concept_id", "visit_detail_start_date"),
        *("visit_detail_end_date", "visit_detail_type_concept_id", "provider_id", "care_site_id"),
        *("visit_occurrence_id", "visit_detail_source_concept_id"),
    ),
    "death": _schema("person_id", "death_date", "death_type_concept_id", "cause_concept_id", "cause_source_concept_id"),
    "concept": _schema("concept_id", "concept_name", "invalid_reason"),
    "concept_ancestor": _schema("ancestor_concept_id", "descendant_concept_id"),
    "concept_relationship": _schema("concept_id_1", "concept_id_2", "relationship_id", "invalid_reason"),
}
