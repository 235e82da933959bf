"""Eras that the ingest builds are those of a slow oracle, which knows no order of rows and counts days one by one."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from kohort.ingest import eras

FIRST = date(2020, 2, 1)
PERSONS = (1, 2)
#: Drug concepts and the ingredients above them; 13 has two, 14 none, and 0 is "no matching concept".
ABOVE = {0: (0,), 10: (10,), 11: (10,), 12: (20,), 13: (10, 20), 14: ()}
SCHEMA = {"person_id": pl.Int64, "concept": pl.Int64, "start": pl.Date, "end": pl.Date, "days_supply": pl.Int64}


class Row(NamedTuple):
    """What happened: days are counted from the first one, and whatever a source gets wrong may be wrong."""

    person: int | None
    concept: int | None
    start: int | None
    length: int | None
    supply: int | None


def drawn(seed: int, size: int) -> list[Row]:
    """Draw rows of a few persons and concepts on days of a grid, so that many gaps are of just 30 days."""
    draw = Random(seed)
    return [
        Row(
            draw.choice([1, 1, 1, 1, 2, 3, None]),
            draw.choice([10, 10, 10, 11, 12, 13, 14, 0, None]),
            None if draw.random() < 0.05 else draw.choice([5, 5, 1]) * draw.randint(0, 60),
            draw.choice([None, None, -1, 0, 0, 1, 5, 10, 40]),
            draw.choice([None, None, -3, 0, 1, 5, 30]),
        )
        for _ in range(size)
    ]


ROWS = st.builds(drawn, st.integers(0, 2**32), st.integers(0, 25))


def frame(rows: list[Row], concept: str, start: str, end: str) -> pl.LazyFrame:
    def day(number: int | None) -> date | None:
        return None if number is None else FIRST + timedelta(days=number)

    def last(row: Row) -> date | None:
        return None if row.start is None or row.length is None else day(row.start + row.length)

    data = [(row.person, row.concept, day(row.start), last(row), row.supply) for row in rows]
    found = pl.LazyFrame(data, schema=SCHEMA, orient="row")
    return found.rename({"concept": concept, "start": start, "end": end})


def oracle(parts: list[tuple[int, int, int, int]]) -> list[tuple[Any, ...]]:
    """Join parts (person, concept, start, end) two by two as long as any two belong together."""
    sets = [[part] for part in parts]

    def together(one: list[Any], other: list[Any]) -> bool:
        return any(a[:2] == b[:2] and a[2] <= b[3] + 30 and b[2] <= a[3] + 30 for a in one for b in other)

    merged = True
    while merged:
        merged = False
        for i in range(len(sets)):
            for j in range(len(sets) - 1, i, -1):
                if together(sets[i], sets[j]):
                    sets[i] += sets.pop(j)
                    merged = True
    found = []
    for era in sets:
        first, last = min(part[2] for part in era), max(part[3] for part in era)
        gaps = sum(not any(start <= day < end for _, _, start, end in era) for day in range(first, last))
        days = (FIRST + timedelta(days=first), FIRST + timedelta(days=last))
        found.append((*era[0][:2], *days, len(era), gaps))
    return sorted(found)


def usable(row: Row) -> bool:
    known = row.person in PERSONS and row.concept is not None and row.start is not None
    return known and (row.length is None or row.length >= 0)


PERSON = pl.LazyFrame({"person_id": PERSONS})


@settings(max_examples=80, deadline=None)
@given(ROWS)
def test_condition_eras(rows: list[Row]) -> None:
    """An occurrence without an end lasts to the next day; concept 0 has eras as any other."""
    parts = [
        (row.person, row.concept, row.start, row.start + (1 if row.length is None else row.length))
        for row in rows
        if usable(row)
    ]
    given_ = frame(rows, "condition_concept_id", "condition_start_date", "condition_end_date")
    found = eras.conditions(given_, PERSON).collect()
    assert found["condition_era_id"].to_list() == list(range(1, found.height + 1))
    assert found.drop("condition_era_id").rows() == [era[:-1] for era in oracle(parts)]


@settings(max_examples=80, deadline=None)
@given(ROWS)
def test_drug_eras(rows: list[Row]) -> None:
    """An exposure without an end lasts for its supply, or to the next day; supplies below zero are errors."""
    parts = [
        (row.person, ingredient, row.start, row.start + (row.length if row.length is not None else row.supply or 1))
        for row in rows
        if usable(row) and row.concept != 0 and (row.supply or 0) >= 0
        for ingredient in ABOVE[row.concept]
    ]
    concept = pl.LazyFrame(
        {
            "concept_id": [0, 10, 20, 30, 14],
            "vocabulary_id": ["RxNorm", "RxNorm", "RxNorm Extension", "RxNorm", "ATC"],
            "concept_class_id": ["Ingredient", "Ingredient", "Ingredient", "Clinical Drug", "Ingredient"],
        }
    )
    pairs = [(above, below) for below, all_ in ABOVE.items() for above in all_]
    # Neither a clinical drug nor an ingredient of another vocabulary has eras, and a pair given twice counts once.
    pairs += [(30, 10), (14, 10), (10, 11)]
    ancestor = pl.LazyFrame(pairs, schema=["ancestor_concept_id", "descendant_concept_id"], orient="row")
    given_ = frame(rows, "drug_concept_id", "drug_exposure_start_date", "drug_exposure_end_date")
    tables = {"person": PERSON, "drug_exposure": given_, "concept": concept, "concept_ancestor": ancestor}
    built = eras.build(tables)
    assert built.keys() == {"drug_era"}
    found = built["drug_era"].collect()
    assert found["drug_era_id"].to_list() == list(range(1, found.height + 1))
    assert found.drop("drug_era_id").rows() == oracle(parts)
