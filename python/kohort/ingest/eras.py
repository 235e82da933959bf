"""Builds the eras that a CDM lacks from what happened, as the scripts of the common data model's documentation do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from kohort.ingest import canonical
from kohort.ingest.cdm import typed, usable
from kohort.ingest.shapes import SHAPES, WHOLE

if TYPE_CHECKING:
    from collections.abc import Mapping

#: At most so many days lie between the end of one part of an era and the start of the next.
PERSISTENCE = 30
#: The vocabularies whose ingredients have eras.
INGREDIENTS = ("RxNorm", "RxNorm Extension")

KEYS = ["person_id", "concept"]


def build(tables: Mapping[str, pl.LazyFrame]) -> dict[str, pl.LazyFrame]:
    """Build the era tables that the source lacks and has the parts of.

    Drug eras need the exposures, `concept` with classes and vocabularies, and `concept_ancestor`.
    """
    built = {}
    if "condition_era" not in tables and "condition_occurrence" in tables:
        built["condition_era"] = conditions(tables["condition_occurrence"], tables["person"])
    needed = {"drug_exposure", "concept", "concept_ancestor"}
    if "drug_era" not in tables and needed <= tables.keys():
        columns = canonical.columns_of(tables["concept"], "concept")
        if {"concept_class_id", "vocabulary_id"} <= columns.keys():
            pairs = ingredients(tables["concept"], tables["concept_ancestor"])
            built["drug_era"] = drugs(tables["drug_exposure"], tables["person"], pairs)
    return built


def conditions(occurrences: pl.LazyFrame, person: pl.LazyFrame) -> pl.LazyFrame:
    """Join the occurrences of each condition; one without an end lasts to the next day."""
    parts = _parts(occurrences, "condition_occurrence")
    parts = parts.with_columns(end=pl.coalesce("end", pl.col("start") + pl.duration(days=1)))
    return _table(_joined(usable(parts, person), PERSISTENCE), "condition_era")


def drugs(exposures: pl.LazyFrame, person: pl.LazyFrame, pairs: pl.LazyFrame) -> pl.LazyFrame:
    """Join the exposures to each ingredient; one without an end lasts for its supply, or to the next day."""
    parts = _parts(exposures, "drug_exposure")
    # A supply of no days says nothing; a row with one of fewer is an error of the source.
    supply = pl.when(pl.col("supply") > 0).then(pl.col("supply")).otherwise(1)
    parts = parts.filter(pl.col("supply").fill_null(0) >= 0, pl.col("concept") != 0)
    parts = parts.with_columns(end=pl.coalesce("end", pl.col("start") + pl.duration(days=supply)))
    taken = usable(parts, person).join(pairs, on="concept", how="inner")
    taken = taken.drop("concept").rename({"ingredient": "concept"})
    # Days of exposure are counted once where exposures overlap.
    covered = _joined(taken, 0)
    return _table(_joined(covered, PERSISTENCE), "drug_era")


def ingredients(concept: pl.LazyFrame, ancestor: pl.LazyFrame) -> pl.LazyFrame:
    """Give each drug concept with each ingredient that it descends from."""
    chosen = concept.filter(
        pl.col("vocabulary_id").cast(pl.String).is_in(INGREDIENTS), pl.col("concept_class_id") == "Ingredient"
    ).select(ingredient=pl.col("concept_id").cast(pl.Int64))
    pairs = ancestor.select(
        concept=pl.col("descendant_concept_id").cast(pl.Int64), ingredient=pl.col("ancestor_concept_id").cast(pl.Int64)
    )
    return pairs.join(chosen, on="ingredient", how="semi").unique()


def _parts(frame: pl.LazyFrame, table: str) -> pl.LazyFrame:
    """Give what eras are made of: person, concept, days, supply."""
    columns = canonical.columns_of(frame, table)
    shape = SHAPES[table]
    canonical.demand(columns, ["person_id", shape.code, shape.start], table)
    end = pl.lit(None, pl.Date)
    if shape.end is not None and shape.end in columns:
        end = canonical.day(shape.end, columns[shape.end], table)
    return frame.select(
        person_id=pl.col("person_id").cast(pl.Int64, strict=False),
        concept=typed(shape.code, columns[shape.code], WHOLE),
        start=canonical.day(shape.start, columns[shape.start], table),
        end=end,
        supply=typed("days_supply", columns.get("days_supply"), WHOLE),
        count=pl.lit(1, WHOLE),
    ).drop_nulls("concept")


def _joined(parts: pl.LazyFrame, gap: int) -> pl.LazyFrame:
    """Join the parts of each person and concept that at most `gap` days lie between; `days` are those of the parts."""
    length = (pl.col("end") - pl.col("start")).dt.total_days()
    before = pl.col("end").cum_max().shift(1).over(KEYS)
    begins = before.is_null() | (pl.col("start") > before + pl.duration(days=gap))
    return (
        parts.sort([*KEYS, "start", "end"])
        .with_columns(era=begins.cum_sum(), days=length)
        .group_by([*KEYS, "era"], maintain_order=True)
        .agg(pl.col("start").min(), pl.col("end").max(), pl.col("count").sum(), pl.col("days").sum())
        .drop("era")
    )


def _table(eras: pl.LazyFrame, table: str) -> pl.LazyFrame:
    """Give eras as the table of the CDM, numbered in order of person, concept and start."""
    shape = SHAPES[table]
    number = pl.int_range(1, pl.len() + 1, dtype=pl.Int64)
    length = (pl.col("end") - pl.col("start")).dt.total_days()
    chosen = {
        shape.event_id: number,
        "person_id": pl.col("person_id"),
        shape.code: pl.col("concept"),
        shape.start: pl.col("start"),
        str(shape.end): pl.col("end"),
        str(shape.counted): pl.col("count"),
    }
    gaps = {"gap_days": length - pl.col("days")} if "gap_days" in shape.columns else {}
    return eras.select(**chosen, **gaps)
