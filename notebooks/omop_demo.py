"""The demo population as an OMOP CDM: a folder of Parquet tables, as a data partner of a federated network has them.

Codes become concepts with ids of their own, and so do the groups above them: ATC levels, ICD-10 categories. The ids are
not those of OHDSI's vocabularies, which may not be redistributed.
"""

from __future__ import annotations

import json
from pathlib import Path

import kohort as kh
import polars as pl

#: The lengths of codes that make a group, by vocabulary.
GROUPS = {"ATC": (3, 4, 5), "ICD10": (3,), "CCAM": (4,), "STAY": ()}
TABLES = {
    "drug": ("drug_exposure", "drug_exposure_start_date"),
    "diagnosis": ("condition_occurrence", "condition_start_date"),
    "stay": ("visit_occurrence", "visit_start_date"),
}
FIRST_CONCEPT = 2_000_000_001  # where OHDSI's conventions begin local concepts


def concept_ids(concepts: pl.DataFrame) -> dict[tuple[str, str], int]:
    """Give every code, and every group of codes, a concept id."""
    keys = {
        (vocabulary, code[:length] if length else code)
        for vocabulary, code in concepts.select("vocabulary", "code").rows()
        for length in (0, *GROUPS.get(vocabulary, ()))
    }
    return {key: FIRST_CONCEPT + place for place, key in enumerate(sorted(keys))}


def read(wh: kh.Warehouse, name: str) -> pl.DataFrame:
    """Read a table of every shard, with persons numbered through."""
    manifest = json.loads(max((wh.path / "snapshots").iterdir()).read_text())
    frames, first = [], 0
    for shard in manifest["shards"]:
        files = shard["tables"].get(name) or shard["domains"][name]["events"]
        frame = pl.read_parquet(wh.path / shard["folder"] / files["name"])
        frames.append(frame.with_columns(person_id=pl.col("person").cast(pl.Int64) + first + 1).drop("person"))
        first += shard["persons"]
    return pl.concat(frames)


def write_cdm(wh: kh.Warehouse, folder: str | Path) -> Path:
    """Write the CDM; gives its folder."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    concepts = pl.read_parquet(next((wh.path / "vocabulary").glob("concept-*.parquet")))
    ids = concept_ids(concepts)
    labels = {(vocabulary, code): label for vocabulary, code, label in concepts.rows()}
    pl.DataFrame(
        [(number, labels.get(key, f"{key[0]} {key[1]}"), key[0], key[1], None) for key, number in ids.items()],
        schema={
            "concept_id": pl.Int64,
            "concept_name": str,
            "vocabulary_id": str,
            "concept_code": str,
            "invalid_reason": str,
        },
        orient="row",
    ).write_parquet(folder / "concept.parquet")
    pairs = [
        (ids[vocabulary, code[:length]], number)
        for (vocabulary, code), number in ids.items()
        for length in (*GROUPS.get(vocabulary, ()), len(code))
        if length <= len(code)
    ]
    pl.DataFrame(
        sorted(set(pairs)), schema=["ancestor_concept_id", "descendant_concept_id"], orient="row"
    ).write_parquet(folder / "concept_ancestor.parquet")
    persons = read(wh, "persons")
    persons.select(
        "person_id",
        gender_concept_id=pl.when(pl.col("sex") == 1).then(8507).otherwise(8532),
        year_of_birth=pl.col("birth_month").dt.year(),
        month_of_birth=pl.col("birth_month").dt.month(),
    ).write_parquet(folder / "person.parquet")
    persons.filter(pl.col("death").is_not_null()).select("person_id", death_date="death").write_parquet(
        folder / "death.parquet"
    )
    read(wh, "observation_period").select(
        "person_id",
        observation_period_id=pl.int_range(pl.len()),
        observation_period_start_date="start",
        observation_period_end_date="end",
        period_type_concept_id=pl.lit(0),
    ).write_parquet(folder / "observation_period.parquet")
    for domain, (table, day) in TABLES.items():
        frame = read(wh, domain)
        prefix = table.split("_")[0]
        numbers = {code: number for (vocabulary, code), number in ids.items() if vocabulary == wh.vocabularies[domain]}
        columns = {
            f"{table}_id": pl.col("stay_id") if domain == "stay" else pl.int_range(pl.len()),
            f"{prefix}_concept_id": pl.col("code").cast(pl.String).replace_strict(numbers, return_dtype=pl.Int64),
            day: pl.col("start"),
        }
        if "end" in frame.columns:
            columns[day.replace("start", "end")] = pl.col("end")
        if domain == "diagnosis":
            columns["visit_occurrence_id"] = pl.col("stay_id")
        kept = [name for name in ("days_supply", "quantity") if name in frame.columns]
        frame.select("person_id", *kept, **columns).write_parquet(folder / f"{table}.parquet")
    return folder
