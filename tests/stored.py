"""What a warehouse's files hold, read without kohort."""

from __future__ import annotations

import json
from pathlib import Path

import kohort as kh
import polars as pl


def manifest(wh: kh.Warehouse) -> dict:
    return json.loads((Path(wh.path) / "snapshots" / f"{wh.snapshot:06}.json").read_text())


def persons(wh: kh.Warehouse) -> pl.DataFrame:
    """Every person, shard by shard, in the order in which they are stored."""
    shards = manifest(wh)["shards"]
    files = [Path(wh.path) / shard["folder"] / shard["tables"]["persons"]["name"] for shard in shards]
    return pl.concat(pl.read_parquet(file) for file in files)


def events(wh: kh.Warehouse, domain: str) -> pl.DataFrame:
    """Every event of a domain with the name of its person, in the order in which it is stored."""
    parts = []
    for shard in manifest(wh)["shards"]:
        if domain not in shard["domains"]:
            continue
        folder = Path(wh.path) / shard["folder"]
        people = pl.read_parquet(folder / shard["tables"]["persons"]["name"], columns=["person", "person_id"])
        part = pl.read_parquet(folder / shard["domains"][domain]["events"]["name"])
        parts.append(part.join(people, on="person", maintain_order="left").drop("person"))
    found = pl.concat(parts) if parts else pl.DataFrame()
    return found.with_columns(pl.col("code").cast(pl.String)) if parts else found


def vocabulary(wh: kh.Warehouse, table: str) -> pl.DataFrame:
    return pl.read_parquet(Path(wh.path) / "vocabulary" / manifest(wh)["vocabulary"][table]["name"])
