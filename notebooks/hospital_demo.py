"""Hospital patients of the demo population as one plain table, as somebody may want to share it."""

from __future__ import annotations

import json
from datetime import date

import kohort as kh
import polars as pl


def patients(wh: kh.Warehouse, start: date, end: date) -> pl.DataFrame:
    """Give a row per person in hospital between two days: who it was, and the main diagnosis of the latest stay."""
    manifest = json.loads(max((wh.path / "snapshots").iterdir()).read_text())
    rows = pl.concat([_of_shard(wh, shard, start, end) for shard in manifest["shards"]])
    # The communes of the demo are invented; Paris is a single one for INSEE.
    paris = pl.col("commune").str.starts_with("75")
    return rows.with_columns(commune=pl.when(paris).then(pl.lit("75056")).otherwise("commune")).sort("patient")


def _of_shard(wh: kh.Warehouse, shard: dict, start: date, end: date) -> pl.DataFrame:
    def read(files: dict) -> pl.DataFrame:
        return pl.read_parquet(wh.path / shard["folder"] / files["name"])

    during = pl.col("start").is_between(start, end)
    stays = read(shard["domains"]["diagnosis"]["events"]).filter(during, kind="principal").sort("start", "code")
    homes = read(shard["residence"]["events"]).filter(pl.col("start") <= end).sort("start")
    latest = stays.group_by("person").last().join(homes.group_by("person").last(), on="person", suffix="_of_home")
    return latest.join(read(shard["tables"]["persons"]), on="person").select(
        patient="person_id",
        sex=pl.when(pl.col("sex") == 1).then(pl.lit("M")).otherwise(pl.lit("F")),
        birth_month="birth_month",
        commune=pl.col("code_of_home").cast(pl.String),
        icd10=pl.col("code").cast(pl.String),
    )
