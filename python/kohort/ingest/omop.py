"""The OMOP common data model in: versions 5.3 and 5.4, from Parquet, CSV or DuckDB."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

import polars as pl

from kohort.errors import IngestError
from kohort.ingest import canonical
from kohort.ingest.session import SHARD_PERSONS, Session
from kohort.ingest.source import tables
from kohort.warehouse import Warehouse


class Shape(NamedTuple):
    """How a table of the CDM becomes a domain: its name, and which columns hold code, first and last day."""

    domain: str
    code: str
    start: str
    end: str | None


#: The event tables of the CDM. Tables without an end have events of one day.
SHAPES = {
    "condition_occurrence": Shape("diagnosis", "condition_concept_id", "condition_start_date", "condition_end_date"),
    "drug_exposure": Shape("drug", "drug_concept_id", "drug_exposure_start_date", "drug_exposure_end_date"),
    "procedure_occurrence": Shape("procedure", "procedure_concept_id", "procedure_date", "procedure_end_date"),
    "measurement": Shape("measurement", "measurement_concept_id", "measurement_date", None),
    "observation": Shape("observation", "observation_concept_id", "observation_date", None),
    "visit_occurrence": Shape("stay", "visit_concept_id", "visit_start_date", "visit_end_date"),
    "visit_detail": Shape(
        "visit_detail", "visit_detail_concept_id", "visit_detail_start_date", "visit_detail_end_date"
    ),
    "device_exposure": Shape("device", "device_concept_id", "device_exposure_start_date", "device_exposure_end_date"),
    "specimen": Shape("specimen", "specimen_concept_id", "specimen_date", None),
    "condition_era": Shape(
        "condition_era", "condition_concept_id", "condition_era_start_date", "condition_era_end_date"
    ),
    "drug_era": Shape("drug_era", "drug_concept_id", "drug_era_start_date", "drug_era_end_date"),
    "dose_era": Shape("dose_era", "drug_concept_id", "dose_era_start_date", "dose_era_end_date"),
    "episode": Shape("episode", "episode_concept_id", "episode_start_date", "episode_end_date"),
}

#: Tables of the CDM that are read in another way, or that describe the source, its vocabularies or its places.
OTHER = {
    *("person", "observation_period", "death", "concept", "concept_ancestor", "concept_class", "concept_relationship"),
    *("concept_synonym", "domain", "vocabulary", "relationship", "drug_strength", "source_to_concept_map", "metadata"),
    *("cdm_source", "location", "care_site", "provider", "cohort", "cohort_definition", "attribute_definition"),
}


def omop(
    source: str | Path,
    *,
    into: str | Path,
    key: bytes | None = None,
    strict: bool = False,
    replace: bool = False,
    progress: bool = True,
    memory: int = 1 << 30,
    shard_persons: int = SHARD_PERSONS,
) -> Warehouse:
    """Make a warehouse from an OMOP CDM.

    The tables `condition_occurrence`, `drug_exposure`, `procedure_occurrence` and `visit_occurrence` become the domains
    `diagnosis`, `drug`, `procedure` and `stay`; other event tables keep their names. Codes are concept ids as text,
    in vocabulary ``"OMOP"``; `concept` and `concept_ancestor` give labels and descents.
    The CDM's `person_id` is kept, since it is a pseudonym by the model's own rules, unless a `key` is given.
    Birth days are not taken; a birth month that the CDM does not tell counts as January.
    Columns that end in ``_datetime`` or ``_source_value`` are not taken: no cohort needs them, and the latter hold
    raw text of the source.

    Parameters
    ----------
    source
        A folder with a Parquet or CSV file per table, or a DuckDB file.
    into
        The folder of the new warehouse.
    key
        At least 16 secret bytes: persons are renamed by HMAC-SHA-256 under it.
    strict
        End at the first row that cannot be used, instead of leaving such rows out and counting them.
    replace
        Give a warehouse that is there a new snapshot, instead of refusing.
    progress
        Show progress when it takes more than a second.
    memory
        Bytes of events held before they are spooled to disk.
    shard_persons
        At most so many persons in a shard.

    Returns
    -------
    Warehouse
        Open, with an `ingest_report`.

    Raises
    ------
    IngestError
        Where the source lacks `person` or `observation_period`, or cannot be read; then nothing is left behind.

    Examples
    --------
    >>> import kohort as kh
    >>> wh = kh.ingest.omop("cdm.duckdb", into="warehouse/")  # doctest: +SKIP
    """
    found = tables(source)
    for name in ("person", "observation_period"):
        if name not in found:
            raise IngestError(f"{source}: there is no table '{name}', without which a CDM cannot be used")
    pseudonyms: Literal["kept", "keyed"] = "kept" if key is None else "keyed"
    skipped = {name: "no cohort can ask for it yet" for name in found if name not in SHAPES and name not in OTHER}
    with Session(
        into,
        key=key,
        pseudonyms=pseudonyms,
        strict=strict,
        replace=replace,
        observe_from_events=False,
        shard_persons=shard_persons,
        memory=memory,
        progress=progress,
    ) as session:
        session.persons(_persons(found["person"], found.get("death")))
        periods = found["observation_period"].select(
            "person_id", start="observation_period_start_date", end="observation_period_end_date"
        )
        session.observation(canonical.spans(periods, "observation_period"))
        for name, shape in SHAPES.items():
            if name in found:
                frame = _events(found[name], name, shape)
                if frame is None:
                    skipped[name] = "it is empty"
                else:
                    session.events(shape.domain, "OMOP", frame)
        if "concept" in found:
            session.vocabulary("concept", _concepts(found["concept"]))
        if "concept_ancestor" in found:
            session.vocabulary("ancestor", _ancestors(found["concept_ancestor"]))
        provenance = {"kind": "omop", "source": Path(source).name, "pseudonyms": pseudonyms}
        report = session.finish(provenance, skipped)
    return Warehouse(into, report=report)


def _persons(person: pl.LazyFrame, death: pl.LazyFrame | None) -> pl.LazyFrame:
    columns = canonical.columns_of(person, "person")
    canonical.demand(columns, ["person_id", "gender_concept_id", "year_of_birth"], "person")
    month = pl.col("month_of_birth").fill_null(1) if "month_of_birth" in columns else pl.lit(1)
    frame = person.select(
        pl.col("person_id").cast(pl.Int64),
        pl.col("gender_concept_id").replace_strict([8507, 8532], [1, 2], default=0, return_dtype=pl.UInt8).alias("sex"),
        pl.date(pl.col("year_of_birth"), month, 1).alias("birth_month"),
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


def _events(frame: pl.LazyFrame, table: str, shape: Shape) -> pl.LazyFrame | None:
    columns = canonical.columns_of(frame, table)
    canonical.demand(columns, ["person_id", shape.code, shape.start], table)
    with canonical.reading(table):
        if frame.head(1).collect().is_empty():
            return None
    names = {shape.code: "code", shape.start: "start"}
    if shape.end is not None and shape.end in columns:
        names[shape.end] = "end"
    dropped = [name for name in columns if name.endswith(("_datetime", "_source_value")) or name == "measurement_time"]
    return canonical.events(frame.drop(dropped).rename(names), table)


def _concepts(concept: pl.LazyFrame) -> pl.LazyFrame:
    return concept.select(
        vocabulary=pl.lit("OMOP"),
        code=pl.col("concept_id").cast(pl.String),
        label=pl.col("concept_name").cast(pl.String).fill_null(""),
    )


def _ancestors(ancestor: pl.LazyFrame) -> pl.LazyFrame:
    return ancestor.select(
        vocabulary=pl.lit("OMOP"),
        ancestor=pl.col("ancestor_concept_id").cast(pl.String),
        descendant=pl.col("descendant_concept_id").cast(pl.String),
    )
