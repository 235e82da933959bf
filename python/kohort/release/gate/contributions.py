"""Exact amounts that are no counts of persons: what stands behind sums, counts of stays, and percentiles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kohort.release.released import Measure


@dataclass(frozen=True, slots=True)
class Contributions:
    """The sum of a cell and who stands behind it; every contribution is zero or positive.

    `contributors` are the persons who add more than zero, `largest` their largest contributions, descending: as many as
    the rules need, or all there are. Empty for counts of stays, whose persons alone are known.
    """

    total: float
    persons: int
    contributors: int
    largest: tuple[float, ...] = ()


@dataclass(slots=True)
class Magnitude:
    """A column of sums, with the relations among its rows.

    `persons` names the count of persons in the same table: a sum is hidden wherever that count is. It is None
    where a person may stand behind several cells, so that persons do not add up and are not shown.
    """

    measure: Measure
    amounts: list[Contributions]
    reluctance: list[float]
    relations: list[tuple[int, tuple[int, ...]]]
    persons: str | None = None
    # Counts of stays, deliveries and the like: each person behind a cell adds at least one.
    units: bool = False
    mean: Measure | None = None


@dataclass(slots=True)
class Percentiles:
    """Percentiles by row: the values of the persons behind each, one per person, ascending."""

    measures: list[Measure]
    quantiles: list[float]
    values: list[Sequence[float]] = field(default_factory=list)
    persons: str = "n"
