"""Exact counts with what ties them together: what holds exact numbers, and stays inside the gate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kohort.release.gate.contributions import Magnitude, Percentiles
    from kohort.release.released import Level, Measure, Number, Release

# A table beyond it would keep the linear programs busy for minutes; one that is a whole cross of dimensions is
# protected by patterns, which are faster.
MAX_CELLS = 20_000
MAX_CELLS_OF_PRODUCT = 250_000


@dataclass(frozen=True, slots=True)
class Product:
    """A table that is the whole cross of dimensions, in the order that the core numbers its cells.

    Attributes
    ----------
    dimensions
        For each, the number of its nodes, and those that are sums of others.
    cells
        The cell of the `Exact` at each place, row by row, the last dimension fastest.
    """

    dimensions: list[tuple[int, list[tuple[int, list[int]]]]]
    cells: list[int]


class People(Protocol):
    """The set of persons behind a cell, as far as a rule needs to know it; never shows who or how many."""

    def key(self, secret: bytes) -> int:
        """Return a whole number below 2**64 that depends on the set and the secret alone, alike for equal sets."""
        ...


@dataclass(frozen=True, slots=True)
class Amount:
    """An exact amount of each row, such as person-years, that is released with the count of the persons behind it.

    Like counts, amounts add up along the relations between the cells of `persons`. `most` is the most that one person
    can contribute, known without the data: differential privacy needs it, and then amounts that are whole numbers.
    """

    name: str
    values: Callable[[int], float]
    persons: str
    most: int | None = None


@dataclass(slots=True)
class Derived:
    """A figure worked out from counts: shown only where every count it needs is shown.

    `formula` gets the number of the row and the released values of `needs`, in that order: where counts are rounded or
    perturbed, so is what follows from them. With an `amount`, the released amount of the row comes last.
    """

    measure: Measure
    # Names of counts, or the number of a cell that every row needs.
    needs: tuple[str | int, ...]
    formula: Callable[[int, Sequence[Any]], Number]
    amount: Amount | None = None


@dataclass(slots=True)
class Exact:
    """A table of exact counts with what ties them together; stays inside the gate.

    Cells are numbered by `cell` (counts of the table, row by row) and `imply` (complements that the table leaves out).
    """

    dimensions: tuple[str, ...]
    counts: tuple[str, ...]
    labels: list[tuple[str, ...]] = field(default_factory=list)
    persons: list[int] = field(default_factory=list)
    reluctance: list[float] = field(default_factory=list)
    positions: list[tuple[int, int] | None] = field(default_factory=list)
    people: list[People | None] = field(default_factory=list)
    relations: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    # Cells without a common total of which no person is in two.
    exclusive: list[tuple[int, ...]] = field(default_factory=list)
    # Whether a person may be in several parts of a relation, which differential privacy does not bound.
    overlapping: bool = False
    derived: list[Derived] = field(default_factory=list)
    # Lines of sensitive attributes: the number of a relation, with those of its parts that must not dominate it.
    sensitive: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    magnitudes: list[Magnitude] = field(default_factory=list)
    percentiles: list[Percentiles] = field(default_factory=list)
    of: dict[tuple[int, int], int] = field(default_factory=dict)
    # Where each row stands in each dimension; empty without hierarchies.
    levels: list[tuple[Level, ...]] = field(default_factory=list)
    # All cells, where they are a whole cross of dimensions and nothing else.
    product: Product | None = None
    # Earlier releases of the same persons; what they show stays shown, what they hide stays hidden.
    earlier: tuple[Release, ...] = ()
    # Whether implied cells are known by what relations tell alone, as steps between cumulative counts are.
    quiet: bool = False

    def row(self, labels: tuple[str, ...], levels: tuple[Level, ...] = ()) -> int:
        """Add a row and return its number."""
        self.labels.append(labels)
        if levels:
            self.levels.append(levels)
        return len(self.labels) - 1

    def cell(self, row: int, count: str, persons: int, reluctance: float = 1.0, *, people: People | None = None) -> int:
        """Add a count of the table, with the set of persons where it is known, and return the cell's number."""
        position = (row, self.counts.index(count))
        self.of[position] = len(self.persons)
        return self._add(position, persons, reluctance, people)

    def repeat(self, row: int, count: str, cell: int) -> None:
        """Show a cell in a further place of the table: the same persons under another label."""
        self.of[row, self.counts.index(count)] = cell

    def imply(self, persons: int, reluctance: float = 0.02, *, people: People | None = None) -> int:
        """Add a count that a reader can work out but the table does not show, such as a complement."""
        return self._add(None, persons, reluctance, people)

    def relate(self, total: int, parts: Sequence[int], *, disjoint: bool = True) -> None:
        """State that a cell is the sum of others; unless `disjoint`, a person may be in several of them."""
        self.relations.append((total, tuple(parts)))
        self.overlapping |= not disjoint

    def needed(self, figure: Derived, row: int) -> list[int]:
        """Return the cells that a derived figure of a row is worked out from."""
        return [need if isinstance(need, int) else self.of[row, self.counts.index(need)] for need in figure.needs]

    def _add(self, position: tuple[int, int] | None, persons: int, reluctance: float, people: People | None) -> int:
        self.persons.append(persons)
        self.reluctance.append(reluctance)
        self.positions.append(position)
        self.people.append(people)
        return len(self.persons) - 1
