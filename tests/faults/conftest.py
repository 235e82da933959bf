"""A small source, the warehouse made of it, and what it answers."""

from __future__ import annotations

import hashlib
import random
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import kohort as kh
import polars as pl
import pytest

if TYPE_CHECKING:
    from pathlib import Path

KEY = b"sixteen bytes or more"


def source(persons: int = 400, events: int = 6_000, seed: int = 1) -> dict[str, pl.DataFrame]:
    draw = random.Random(seed)
    day = date(2015, 1, 1)
    people = pl.DataFrame(
        {
            "person_id": range(1, persons + 1),
            "sex": [draw.choice("FM") for _ in range(persons)],
            "birth_month": [date(draw.randint(1930, 2000), draw.randint(1, 12), 1) for _ in range(persons)],
            "observation_start": [day] * persons,
            "observation_end": [date(2019, 12, 31)] * persons,
        }
    )

    def rows(codes: list[str]) -> dict[str, list[Any]]:
        return {
            "person_id": [draw.randint(1, persons) for _ in range(events)],
            "start": [day + timedelta(days=draw.randint(0, 1_800)) for _ in range(events)],
            "code": [draw.choice(codes) for _ in range(events)],
        }

    drug = pl.DataFrame(
        {**rows([f"A10B{n:03}" for n in range(40)]), "quantity": [draw.random() for _ in range(events)]}
    )
    return {"persons": people, "drug": drug, "diagnosis": pl.DataFrame(rows(["I10", "C67", "E11"]))}


def large(persons: int = 20_000, events: int = 400_000) -> dict[str, pl.DataFrame]:
    """The same with more persons, made quickly."""
    first = pl.date(2015, 1, 1)
    people = pl.select(person_id=pl.int_range(1, persons + 1)).with_columns(
        sex=pl.lit("F"), birth_month=pl.date(1950, 1, 1), observation_start=first, observation_end=pl.date(2019, 12, 31)
    )
    number = pl.int_range(events, dtype=pl.UInt64)
    drug = pl.select(
        person_id=(number.hash(1) % persons + 1).cast(pl.Int64),
        start=first + pl.duration(days=(number.hash(2) % 1_800).cast(pl.Int64)),
        code=pl.format("A10B{}", number.hash(3) % 40),
        quantity=number.hash(4).cast(pl.Float64),
    )
    return {"persons": people, "drug": drug, "diagnosis": drug.select("person_id", "start", code=pl.lit("I10"))}


def make(into: Path, tables: dict[str, Any] | None = None, **options: Any) -> kh.Warehouse:
    tables = source() if tables is None else tables
    return kh.ingest.frames(**{"into": into, "key": KEY, "progress": False, **options, **tables})


def definition() -> Any:
    return (
        kh.cohort("drug without cancer")
        .entry(kh.drug(kh.codes("ATC", "A10B*")).first())
        .observed(before=30)
        .exclude("cancer lately", kh.diagnosis(kh.codes("ICD10", "C67")).within(-365, -1).any())
        .exit(kh.end_of_supply(gap=90))
    )


def answer(wh: kh.Warehouse) -> str:
    """Every row of a cohort, counts and an incidence, hashed: every kind of file has a part in it.

    Copies of the warehouse are compared: none has a ledger.
    """
    wh._history = False
    result = wh.run(definition(), progress=False)
    rows = result.persons().sort("person_id", "start").write_csv()
    released = (
        result.incidence(kh.diagnosis(kh.codes("ICD10", "E11")), by="sex", progress=False).to_polars().write_csv()
    )
    counted = wh.count(kh.drug(kh.codes("ATC", "A10B00*")), kh.diagnosis(), progress=False).to_polars().write_csv()
    return hashlib.sha256((rows + released + counted).encode()).hexdigest()


def files(folder: Path) -> dict[str, str]:
    """Every file of a folder with its SHA-256."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="session")
def right(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A warehouse that is never changed, and what it answers."""
    path = tmp_path_factory.mktemp("right") / "wh"
    return path, answer(make(path, shard_persons=150))
