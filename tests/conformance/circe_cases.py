"""OHDSI's hand-written cases of Circe: their rows as a CDM, and the cohorts that show what a criterion finds."""

from __future__ import annotations

import json
import warnings
from datetime import date
from typing import TYPE_CHECKING

import kohort as kh
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

EXACTLY, AT_LEAST = 0, 2
ANY_DAY = (None, None)


class Case:
    """A case: the rows of its CDM and of its other tables, and the rows expected of each query.

    `folder` is where the cases are, `name` the path of a pair below it, without the _PREP.json and _VERIFY.json.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.cdm: dict[str, list[dict[str, object]]] = {}
        self.given: dict[str, list[dict[str, object]]] = {}
        prepared = folder / f"{name}_PREP.json"
        for path in (folder / "datasets/vocabulary.json", *([prepared] if prepared.exists() else [])):
            for table, rows in json.loads(path.read_text()).items():
                schema, _, short = table.partition(".")
                (self.cdm if schema == "cdm" else self.given)[short] = rows
        verified = json.loads((folder / f"{name}_VERIFY.json").read_text())
        self.expected = {table.partition(".")[2]: rows for table, rows in verified.items()}

    def rows(self, query: str, *columns: str) -> list[tuple[object, ...]]:
        """Give the expected rows of a query, in order; a query without rows may be missing."""
        found = [tuple(_value(column, row[column]) for column in columns) for row in self.expected.get(query, [])]
        return sorted(found)

    def cohorts(self) -> dict[int, list[tuple[object, ...]]]:
        """Give the expected rows of each cohort: person, first day, last day."""
        found: dict[int, list[tuple[object, ...]]] = {}
        columns = ("cohort_definition_id", "subject_id", "cohort_start_date", "cohort_end_date")
        for number, *row in self.rows("cohort", *columns):
            found.setdefault(number, []).append(tuple(row))
        return found

    def index_rows(self) -> list[tuple[object, ...]]:
        """Give the index events of a case that asks about windows: person, first day, last day."""
        columns = ("subject_id", "cohort_start_date", "cohort_end_date")
        return sorted(tuple(_value(column, row[column]) for column in columns) for row in self.given["cohort"])

    def as_events(self, table: str) -> None:
        """Make the index events rows of a table of the CDM that has none."""
        assert table not in self.cdm
        short = table.removesuffix("_occurrence") if table.startswith("condition") else table
        kind = table.partition("_")[0]
        self.cdm[table] = [
            {
                f"{table}_id": 1000 + number,
                "person_id": person,
                f"{kind}_concept_id": 1,
                f"{short}_start_date": str(start),
                f"{short}_end_date": str(end),
                f"{kind}_type_concept_id": 0,
            }
            for number, (person, start, end) in enumerate(self.index_rows())
        ]

    def warehouse(self, folder: Path) -> kh.Warehouse:
        """Write the CDM, a Parquet file a table, and ingest it."""
        source = folder / "cdm"
        source.mkdir()
        for table, rows in (self.cdm | {"person": self._persons()}).items():
            _typed(rows).write_parquet(source / f"{table}.parquet")
        return kh.ingest.omop(source, into=folder / "warehouse", strict=True, progress=False)

    def _persons(self) -> list[dict[str, object]]:
        # The cases have no years of birth, and one has persons under observation who are not in the table of persons.
        known = {row["person_id"]: row for row in self.cdm["person"]}
        everybody = {row["person_id"]: {} for row in self.cdm["observation_period"]} | known
        return [
            {"gender_concept_id": 0, "race_concept_id": 0, "ethnicity_concept_id": 0}
            | row
            | {"person_id": person, "year_of_birth": 1950}
            for person, row in everybody.items()
        ]


def _value(column: str, value: object) -> object:
    return date.fromisoformat(value) if column.endswith("_date") and isinstance(value, str) else value


def _typed(rows: list[dict[str, object]]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, infer_schema_length=None)
    return frame.with_columns(
        pl.col(r"^.*_date$").str.to_date(),
        pl.col(r"^.*_datetime$").str.to_datetime(),
    )


def run(wh: kh.Warehouse, expression: Mapping[str, object]) -> list[tuple[object, ...]]:
    """Give the rows of a cohort: person, first day, last day, in order."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", kh.KohortWarning)  # some code sets match nothing in so small a CDM
        found = wh.run(kh.from_circe(dict(expression)), progress=False).persons().rows()
    return sorted((int(person), start, end) for person, start, end in found)


def changed(expression: Mapping[str, object], *steps: object) -> dict[str, object]:
    """Copy an expression with something else in a place of it: the steps to the place, and then what is there."""
    found = json.loads(json.dumps(expression))
    *path, last, value = steps
    here = found
    for step in path:
        here = here[step]
    here[last] = value
    return found


def index_of(case: Case, kind: str | None) -> dict[str, object]:
    """Have the index events in a table that a criterion does not ask; gives the criterion that finds them."""
    if kind == "DeviceExposure":
        case.as_events("condition_occurrence")
        return {"ConditionOccurrence": {}}
    case.as_events("device_exposure")
    return {"DeviceExposure": {}}


def concept(number: object) -> dict[str, object]:
    return {"CONCEPT_ID": number, "CONCEPT_NAME": f"concept {number}"}


def concept_set(number: int, ids: Sequence[object]) -> dict[str, object]:
    items = [{"concept": concept(one)} for one in ids]
    return {"id": number, "name": f"set {number}", "expression": {"items": items}}


def window(first: int | None, last: int | None) -> dict[str, object]:
    """Write a window of days from the index day, None for open; the days before it are below zero."""

    def end_point(days: int | None, side: int) -> dict[str, object]:
        return {"Coeff": side} if days is None else {"Days": abs(days), "Coeff": -1 if days < 0 else 1}

    return {"Start": end_point(first, -1), "End": end_point(last, 1)}


def correlated(
    criterion: Mapping[str, object],
    days: tuple[int | None, int | None],
    kind: int,
    count: int,
    *,
    of: str | None = None,
    distinct: bool = False,
) -> dict[str, object]:
    """Write that a criterion is met so often in a window; `of` names the column whose different values are counted."""
    occurrence = {"Type": kind, "Count": count, "IsDistinct": distinct or of is not None}
    return {
        "Criteria": dict(criterion),
        "StartWindow": window(*days),
        "Occurrence": occurrence | ({"CountColumn": of} if of else {}),
    }


def cohort(
    criterion: Mapping[str, object],
    *,
    sets: Sequence[Mapping[str, object]] = (),
    rule: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """Write a cohort whose rows are the first and last days of all events of a criterion, or of those that pass a rule.

    Events of a person that overlap would become one row; no case has such events.
    """
    rules = [] if rule is None else [{"name": "rule", "expression": {"Type": "ALL", "CriteriaList": [dict(rule)]}}]
    return {
        "ConceptSets": [dict(one) for one in sets],
        "PrimaryCriteria": {
            "CriteriaList": [dict(criterion)],
            "ObservationWindow": {"PriorDays": 0, "PostDays": 0},
            "PrimaryCriteriaLimit": {"Type": "All"},
        },
        "QualifiedLimit": {"Type": "All"},
        "ExpressionLimit": {"Type": "All"},
        "InclusionRules": rules,
        "EndStrategy": {"DateOffset": {"DateField": "EndDate", "Offset": 0}},
        "CensoringCriteria": [],
        "CollapseSettings": {"CollapseType": "ERA", "EraPad": 0},
        "CensorWindow": {},
    }
