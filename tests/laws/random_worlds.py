"""Small random populations, as plain Python data and as warehouses."""

from __future__ import annotations

import tempfile
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import kohort as kh
import polars as pl
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Day 0 of every population; the 29th of February 2016 is day 19, and some have a birthday on the day after.
FIRST = date(2016, 2, 10)
LAST_DAY = 45
CODES = ("A", "A1", "A12", "A1B", "AB", "B", "B1", "C")
#: The vocabulary of each domain, as the French names of domains imply it; `visit` has one of its own.
VOCABULARY = {"drug": "ATC", "diagnosis": "ICD10", "visit": "visit"}


class Person(NamedTuple):
    """A person; born so that several birthdays of interest lie in the time that events do."""

    name: str
    sex: str
    born: date
    died: date | None


class Event(NamedTuple):
    """An event of a person, perhaps with an end, perhaps with days of supply."""

    person: str
    start: date
    code: str
    end: date | None
    supply: int | None


@dataclass(frozen=True)
class World:
    """A population: who lives, who is observed when, what happens, which codes descend from which."""

    persons: tuple[Person, ...]
    periods: tuple[tuple[str, date, date], ...]
    events: dict[str, tuple[Event, ...]]
    descents: tuple[tuple[str, str, str], ...]
    with_ends: dict[str, bool] = field(default_factory=dict)
    shard_persons: int = 100

    def shuffled(self, order: Random) -> World:
        """The same population, its rows in another order."""

        def mix(rows: tuple) -> tuple:
            rows = list(rows)
            order.shuffle(rows)
            return tuple(rows)

        events = {domain: mix(rows) for domain, rows in self.events.items()}
        return replace(self, persons=mix(self.persons), periods=mix(self.periods), events=events)


def day(number: int) -> date:
    """The date of a day, counted from the first one."""
    return FIRST + timedelta(days=number)


def ingest(world: World, into: Path) -> kh.Warehouse:
    """Make a warehouse of a population through the public door."""
    persons = pl.DataFrame(
        [(p.name, p.sex, p.born, p.died) for p in world.persons],
        schema={"person_id": pl.String, "sex": pl.String, "birth_month": pl.Date, "death": pl.Date},
        orient="row",
    )
    periods = pl.DataFrame(
        list(world.periods), schema={"person_id": pl.String, "start": pl.Date, "end": pl.Date}, orient="row"
    )
    columns = {"person_id": pl.String, "start": pl.Date, "code": pl.String, "end": pl.Date, "days_supply": pl.Int32}
    domains = {}
    for domain, events in world.events.items():
        frame = pl.DataFrame([tuple(event) for event in events], schema=columns, orient="row")
        domains[domain] = frame if world.with_ends[domain] else frame.drop("end", "days_supply")
    descents = pl.DataFrame(
        list(world.descents), schema=dict.fromkeys(("vocabulary", "ancestor", "descendant"), pl.String), orient="row"
    )
    return kh.ingest.frames(
        persons=persons,
        observation=periods,
        ancestors=descents,
        into=into,
        identifiers="keep",
        strict=True,
        progress=False,
        shard_persons=world.shard_persons,
        **domains,
    )


#: A folder in memory where there is one: an ingest waits for its files to be safe on the disk, many times a population.
FOLDER = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108


@contextmanager
def warehouse(world: World) -> Iterator[kh.Warehouse]:
    """Make a warehouse for a while; that random codes match nothing is no news here."""
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", kh.KohortWarning)
        yield ingest(world, Path(folder) / "wh")


MONTHS = (
    *(date(year, 3, 1) for year in (1951, 1997, 1998, 1998, 1999, 2015, 2016)),
    *(date(1998, month, 1) for month in (1, 2, 4, 12)),
)


def observation(chance: Random) -> list[tuple[int, int]]:
    """Draw a person's periods: mostly one, else stretches that touch or leave gaps, seldom overlapping, or none."""
    kind = chance.choices(["whole", "long", "cut", "overlap", "none"], [4, 3, 5, 2, 1])[0]
    if kind == "whole":
        return [(-10, LAST_DAY + 10)]
    if kind == "none":
        return []
    if kind == "long":
        return [(chance.randint(0, 15), chance.randint(25, LAST_DAY))]
    cuts = sorted(chance.sample(range(LAST_DAY + 1), chance.randint(2, 5)))
    cuts = [-5, *cuts] if chance.random() < 0.5 else [*cuts, LAST_DAY]
    found = [(a, b - 1) for a, b in pairwise(cuts) if a < b and chance.random() < 0.8]
    if kind == "overlap":
        start = chance.randint(0, LAST_DAY)
        found.append((start, start + chance.randint(0, 20)))
    return found


def busy_days(chance: Random) -> list[int]:
    """Draw the few days on which everything happens, some of them neighbors, so that much falls together."""
    found = chance.sample(range(LAST_DAY), chance.randint(2, 12))
    return [*found, *(on + 1 for on in found if chance.random() < 0.4)]


def happenings(names: list[str], each: int, busy: list[int], chance: Random) -> tuple[Event, ...]:
    """Draw events, at least one; most on the days on which much happens."""
    found: list[Event] = []
    for _ in range(chance.randint(1, 1 + each * len(names))):
        start = chance.choice(busy) if chance.random() < 0.8 else chance.randint(0, LAST_DAY)
        length = chance.choice([None, None, 0, 1, 2, 5, 15])
        found.append(
            Event(
                chance.choice(names),
                day(start),
                chance.choice(CODES),
                None if length is None else day(start + length),
                chance.choice([None, None, -1, 0, 1, 3, 8]),
            )
        )
        if chance.random() < 0.15:  # once more on the same day, perhaps under another code
            found.append(found[-1]._replace(code=chance.choice(CODES)))
    return tuple(found)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw a population of 1 to 12 persons: hypothesis chooses how large, a seeded draw fills it.

    So a population of a hundred events costs hypothesis a handful of choices, and what fails still shrinks in size.
    """
    size, each = draw(st.integers(1, 12)), draw(st.sampled_from([0, 1, 2, 4, 8]))
    chance = Random(draw(st.integers(0, 2**32)))
    names = [f"p{number}" for number in range(size)]
    busy = busy_days(chance)
    persons, periods = [], []
    for name in names:
        born = chance.choice(MONTHS)
        died = day(chance.choice(busy)) if chance.random() < 0.3 else None
        # Nobody dies before birth: such a row is refused at the ingest, which other tests see to.
        died = None if died is None or died < born else died
        persons.append(Person(name, chance.choice(["female", "male", "unknown"]), born, died))
        periods += [(name, day(start), day(end)) for start, end in observation(chance)]
    vocabularies = list(VOCABULARY.values())
    descents = [(chance.choice(vocabularies), *chance.choices(CODES, k=2)) for _ in range(chance.randint(0, 12))]
    return World(
        persons=tuple(persons),
        periods=tuple(periods),
        events={domain: happenings(names, each, busy, chance) for domain in VOCABULARY},
        descents=tuple(descents),
        with_ends={"drug": True, "diagnosis": chance.random() < 0.5, "visit": chance.random() < 0.5},
        shard_persons=draw(st.integers(1, 5)),
    )
