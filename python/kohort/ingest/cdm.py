"""Brings the tables of an OMOP CDM into canonical form: persons, events with what other tables tell of them, words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from kohort.ingest import canonical
from kohort.ingest.shapes import WHOLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kohort.ingest.shapes import Shape

#: What Circe takes for the end of a residence that lasts.
OPEN_END = pl.date(2099, 12, 31)
#: What is kept of a person beyond sex, birth month and death.
PERSON_COLUMNS = ("gender_concept_id", "race_concept_id", "ethnicity_concept_id")


def typed(name: str, kind: pl.DataType | None, wanted: pl.DataType) -> pl.Expr:
    """Read a column in the type wanted, all null where there is none; counts that are no whole numbers stay as such."""
    if kind is None:
        return pl.lit(None, wanted)
    column = pl.col(name)
    if wanted == pl.Int64 and (kind.is_float() or kind.is_decimal()):
        if not name.endswith("_id"):
            return column.cast(pl.Float64)
        # pandas makes floats of numbers where some are missing.
        column = column.fill_nan(None) if kind.is_float() else column
    return column.cast(wanted)


def persons(person: pl.LazyFrame, death: pl.LazyFrame | None) -> pl.LazyFrame:
    """Give `person_id`, `sex`, `birth_month`, `death` and :data:`PERSON_COLUMNS`."""
    columns = canonical.columns_of(person, "person")
    canonical.demand(columns, ["person_id", "gender_concept_id", "year_of_birth"], "person")
    month = pl.col("month_of_birth").fill_null(1) if "month_of_birth" in columns else pl.lit(1)
    frame = person.select(
        pl.col("person_id").cast(pl.Int64),
        pl.col("gender_concept_id").replace_strict([8507, 8532], [1, 2], default=0, return_dtype=pl.UInt8).alias("sex"),
        pl.date(pl.col("year_of_birth"), month, 1).alias("birth_month"),
        *(typed(name, columns.get(name), WHOLE).alias(name) for name in PERSON_COLUMNS),
    )
    if death is None:
        return frame.with_columns(death=pl.lit(None, pl.Date))
    kinds = canonical.columns_of(death, "death")
    canonical.demand(kinds, ["person_id", "death_date"], "death")
    # A person dies once; where sources disagree the first date counts.
    first = death.group_by(pl.col("person_id").cast(pl.Int64)).agg(
        canonical.day("death_date", kinds["death_date"], "death").min().alias("death")
    )
    return frame.join(first, on="person_id", how="left", maintain_order="left")


def usable(frame: pl.LazyFrame, person: pl.LazyFrame) -> pl.LazyFrame:
    """Leave out the rows that an ingest refuses: each of them is counted once, in the table that it comes from."""
    known = person.select(_person=pl.col("person_id").cast(pl.Int64))
    found = frame.filter(pl.col("start").is_not_null(), pl.col("end").is_null() | (pl.col("end") >= pl.col("start")))
    found = found.with_columns(_person=pl.col("person_id").cast(pl.Int64, strict=False))
    return found.join(known, on="_person", how="semi", maintain_order="left").drop("_person")


def events(tables: Mapping[str, pl.LazyFrame], table: str, shape: Shape) -> pl.LazyFrame:
    """Bring an event table into canonical form, with the columns that its domain has in any case."""
    frame = tables[table]
    columns = canonical.columns_of(frame, table)
    canonical.demand(columns, ["person_id", *([] if shape.may_lack_code else [shape.code]), shape.start], table)
    code = typed(shape.code, columns.get(shape.code), WHOLE)
    chosen = {
        "person_id": pl.col("person_id"),
        "start": pl.col(shape.start),
        "code": code.fill_null(0) if shape.may_lack_code else code,
    }
    if shape.end is not None and shape.end in columns:
        chosen["end"] = pl.col(shape.end)
    renamed = {
        "event_id": shape.event_id,
        "stay_id": "visit_occurrence_id",
        "source_concept_id": shape.source,
        "type_concept_id": shape.kind,
        **({"occurrence_count": shape.counted} if shape.counted else {}),
    }
    for name, origin in renamed.items():
        kind = None if origin is None else columns.get(origin)
        chosen[name] = typed(origin or name, kind, WHOLE)
    kept = {**shape.columns, **({shape.code: WHOLE} if shape.may_lack_code else {})}
    if shape.care:
        kept |= {"provider_id": WHOLE} | ({} if shape.domain == "stay" else {"visit_detail_id": WHOLE})
    if shape.place:
        kept["care_site_id"] = WHOLE
    for name, wanted in kept.items():
        chosen[name] = typed(name, columns.get(name), wanted)
    used = {"person_id", shape.start, shape.end, shape.code, *renamed.values()}
    for name, kind in columns.items():
        dropped = name.endswith(("_datetime", "_source_value")) or name == "measurement_time"
        if name not in used and name not in chosen and not dropped and kind != pl.Null:
            chosen[name] = typed(name, kind, _stored(name, kind))
    found = canonical.events(frame.select(**chosen), table)
    found = _cared_for(found, tables, shape) if shape.care else found
    if shape.place:
        found = _looked_up(found, tables.get("care_site"), "care_site_id", "place_of_service_concept_id")
    return found


def _stored(name: str, kind: pl.DataType) -> pl.DataType:
    if kind.is_integer() or name.endswith("_concept_id"):
        return WHOLE
    return pl.Float64() if kind.is_float() or kind.is_decimal() else kind


def _cared_for(frame: pl.LazyFrame, tables: Mapping[str, pl.LazyFrame], shape: Shape) -> pl.LazyFrame:
    """Add the specialty of the provider, and the concept of the stay where that is the same person's."""
    frame = _looked_up(frame, tables.get("provider"), "provider_id", "specialty_concept_id").rename(
        {"specialty_concept_id": "provider_specialty_concept_id"}
    )
    if shape.domain == "stay":
        return frame.with_columns(stay_concept_id=pl.col("code").cast(pl.Int64))
    if "visit_occurrence" not in tables:
        return frame.with_columns(stay_concept_id=pl.lit(None, WHOLE))
    visit = tables["visit_occurrence"]
    columns = canonical.columns_of(visit, "visit_occurrence")
    names = ["visit_occurrence_id", "person_id", "visit_concept_id"]
    canonical.demand(columns, names, "visit_occurrence")
    visits = visit.select(
        stay_id=typed(names[0], columns[names[0]], WHOLE),
        _person=pl.col("person_id").cast(pl.Int64, strict=False),
        stay_concept_id=typed(names[2], columns[names[2]], WHOLE),
    ).unique(["stay_id", "_person"], keep="first", maintain_order=True)
    return (
        frame.with_columns(_person=pl.col("person_id").cast(pl.Int64, strict=False))
        .join(visits, on=["stay_id", "_person"], how="left", maintain_order="left")
        .drop("_person")
    )


def _looked_up(frame: pl.LazyFrame, table: pl.LazyFrame | None, key: str, value: str) -> pl.LazyFrame:
    """Add a column of another table, whose rows a key names; null without the table, the column or the row."""
    columns = {} if table is None else canonical.columns_of(table, key)
    if table is None or key not in columns or value not in columns:
        return frame.with_columns(pl.lit(None, WHOLE).alias(value))
    found = table.select(typed(key, columns[key], WHOLE), typed(value, columns[value], WHOLE))
    return frame.join(found.unique(key, keep="first", maintain_order=True), on=key, how="left", maintain_order="left")


def residences(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """Give the persons' rows of `location_history`, with the region of the location and an end."""
    history, location = tables["location_history"], tables["location"]
    columns = canonical.columns_of(history, "location_history")
    canonical.demand(columns, ["location_id", "entity_id", "domain_id", "start_date"], "location_history")
    there = canonical.columns_of(location, "location")
    canonical.demand(there, ["location_id"], "location")
    regions = location.select(
        typed("location_id", there["location_id"], WHOLE),
        region_concept_id=typed("region_concept_id", there.get("region_concept_id"), WHOLE),
    ).unique("location_id", keep="first", maintain_order=True)
    kind = columns.get("end_date")
    end = pl.lit(None, pl.Date) if kind is None else canonical.day("end_date", kind, "location_history")
    return (
        history.filter(pl.col("domain_id") == "PERSON")
        .with_columns(typed("location_id", columns["location_id"], WHOLE), end_date=end.fill_null(OPEN_END))
        .rename({"entity_id": "person_id"})
        .drop("domain_id")
        .join(regions, on="location_id", how="inner", maintain_order="left")
    )


def concepts(concept: pl.LazyFrame) -> pl.LazyFrame:
    """Give the vocabulary table `concept`."""
    return concept.select(
        vocabulary=pl.lit("OMOP"),
        code=pl.col("concept_id").cast(pl.String),
        label=pl.col("concept_name").cast(pl.String).fill_null(""),
    )


def ancestors(ancestor: pl.LazyFrame, concept: pl.LazyFrame | None) -> pl.LazyFrame:
    """Give the vocabulary table `ancestor`: the descendants that are valid concepts, as OHDSI's tools take them."""
    if concept is not None:
        columns = canonical.columns_of(concept, "concept")
        valid = _valid(concept, columns).select(descendant_concept_id=pl.col("concept_id").cast(pl.Int64))
        ancestor = ancestor.with_columns(pl.col("descendant_concept_id").cast(pl.Int64)).join(
            valid, on="descendant_concept_id", how="semi", maintain_order="left"
        )
    return ancestor.select(
        vocabulary=pl.lit("OMOP"),
        ancestor=pl.col("ancestor_concept_id").cast(pl.String),
        descendant=pl.col("descendant_concept_id").cast(pl.String),
    )


def mappings(relationship: pl.LazyFrame) -> pl.LazyFrame:
    """Give the vocabulary table `maps_to`: which concepts map to which standard ones."""
    columns = canonical.columns_of(relationship, "concept_relationship")
    canonical.demand(columns, ["concept_id_1", "concept_id_2", "relationship_id"], "concept_relationship")
    return (
        _valid(relationship, columns)
        .filter(pl.col("relationship_id").cast(pl.String) == "Maps to")
        .select(
            vocabulary=pl.lit("OMOP"),
            code=pl.col("concept_id_1").cast(pl.String),
            standard=pl.col("concept_id_2").cast(pl.String),
        )
    )


def _valid(frame: pl.LazyFrame, columns: Mapping[str, pl.DataType]) -> pl.LazyFrame:
    return frame.filter(pl.col("invalid_reason").is_null()) if "invalid_reason" in columns else frame
