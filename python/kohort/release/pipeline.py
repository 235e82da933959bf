"""The gate itself: exact counts become a `Release` here, and nowhere else.

Rules run in a fixed order, each recording what it did: unit, threshold, secondary suppression, derived figures.
An `Exact` is the only object that holds exact numbers; no `Release` refers to one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kohort import _core
from kohort.errors import ArgumentError
from kohort.release.released import Measure, Release, RuleRecord, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kohort.release.released import Number
    from kohort.release.rules import OutputRules

# A table beyond it would keep the linear programs busy for minutes.
MAX_CELLS = 20_000
_NAMES: tuple[Status, ...] = ("shown", "small", "protective", "withheld")


@dataclass(slots=True)
class Derived:
    """A figure worked out from counts: shown only where every count it needs is shown."""

    measure: Measure
    # Names of counts, or the number of a cell that every row needs.
    needs: tuple[str | int, ...]
    values: list[Number]


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
    relations: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    derived: list[Derived] = field(default_factory=list)
    of: dict[tuple[int, int], int] = field(default_factory=dict)

    def row(self, labels: tuple[str, ...]) -> int:
        """Add a row and return its number."""
        self.labels.append(labels)
        return len(self.labels) - 1

    def cell(self, row: int, count: str, persons: int, reluctance: float = 1.0) -> int:
        """Add a count of the table and return the cell's number."""
        position = (row, self.counts.index(count))
        self.of[position] = len(self.persons)
        return self._add(position, persons, reluctance)

    def imply(self, persons: int, reluctance: float = 0.02) -> int:
        """Add a count that a reader can work out but the table does not show, such as a complement."""
        return self._add(None, persons, reluctance)

    def relate(self, total: int, parts: Sequence[int]) -> None:
        """State that a cell is the sum of others."""
        self.relations.append((total, tuple(parts)))

    def _add(self, position: tuple[int, int] | None, persons: int, reluctance: float) -> int:
        self.persons.append(persons)
        self.reluctance.append(reluctance)
        self.positions.append(position)
        return len(self.persons) - 1


@dataclass(slots=True)
class _Draft:
    """The statuses while the rules run."""

    rules: OutputRules
    statuses: list[int]
    derived: list[list[Status]] = field(default_factory=list)
    record: list[RuleRecord] = field(default_factory=list)


def _number(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def unit(exact: Exact, draft: _Draft) -> None:
    """Demand that cells count whole persons."""
    if len(exact.persons) > MAX_CELLS:
        raise ArgumentError(
            f"the table has {len(exact.persons):,} cells with its margins, more than {MAX_CELLS:,}: drop a dimension "
            "or release it in parts"
        )
    for cell, persons in enumerate(exact.persons):
        if isinstance(persons, bool) or not isinstance(persons, int) or persons < 0:
            position = exact.positions[cell]
            where = f"row {' / '.join(exact.labels[position[0]])!r}" if position else "a complement"
            raise ArgumentError(f"{where} does not hold a whole number of persons: cells count persons, from 0 on")
    draft.record.append(RuleRecord("unit", "cells count persons"))


def threshold(exact: Exact, draft: _Draft) -> None:
    """Mark the cells, complements included, of fewer than `min_cell` persons."""
    low = 1 if draft.rules.show_zeros else 0
    draft.statuses = [int(low <= persons < draft.rules.min_cell) for persons in exact.persons]


def secondary(exact: Exact, draft: _Draft) -> None:
    """Hide further cells until every small one may be anything from 1 to `min_cell - 1`: the core's `protection`."""
    before = draft.statuses
    after = _core.protect(
        exact.persons,
        [(total, list(parts)) for total, parts in exact.relations],
        draft.rules.min_cell,
        draft.rules.show_zeros,
        exact.reluctance,
    )
    if any(first and not last for first, last in zip(before, after, strict=True)):
        raise RuntimeError("a cell below the threshold would be shown: please report this as a defect of kohort")
    draft.statuses = after
    # What is recorded follows from final statuses alone: a number of cells marked earlier would tell how many
    # of the hidden cells are zeros, or which are small among withheld ones.
    found = [sum(after[cell] == status for cell, at in enumerate(exact.positions) if at) for status in range(4)]
    zeros = "zeros are shown" if draft.rules.show_zeros else "zeros are hidden"
    below = f"{_number(found[1], 'cell', 'cells')} marked as below {draft.rules.min_cell} persons"
    draft.record.append(RuleRecord("threshold", f"{below}; {zeros}; complements count as cells"))
    more = f"{_number(found[2], 'cell', 'cells')} hidden as protective, {found[3]:,} withheld"
    relations = _number(len(exact.relations), "relation", "relations")
    draft.record.append(RuleRecord("secondary suppression", f"{more}; audited over {relations}"))


def derived(exact: Exact, draft: _Draft) -> None:
    """Hide every derived figure whose counts are not all shown."""
    hidden = 0
    for figure in exact.derived:
        column: list[Status] = []
        for row, value in enumerate(figure.values):
            needed = [
                need if isinstance(need, int) else exact.of[row, exact.counts.index(need)] for need in figure.needs
            ]
            found = {draft.statuses[cell] for cell in needed} - {0}
            if found:
                column.append("small" if 1 in found else "withheld" if 3 in found else "protective")
                hidden += 1
            else:
                column.append("not applicable" if value is None else "shown")
        draft.derived.append(column)
    if exact.derived:
        names = ", ".join(figure.measure.name for figure in exact.derived)
        did = f"{_number(hidden, 'figure', 'figures')} hidden with the counts behind them ({names})"
        draft.record.append(RuleRecord("derived figures", did))


RULES: tuple[Callable[[Exact, _Draft], None], ...] = (unit, threshold, secondary, derived)


def protect_table(
    exact: Exact, *, title: str, kind: str, rules: OutputRules, context: Mapping[str, str] | None = None
) -> Release:
    """Turn exact counts into a `Release`: the one way out.

    Parameters
    ----------
    exact
        The counts, their relations and the figures derived from them.
    title, kind
        What heads the table, and which chart it has.
    rules
        The thresholds to obey.
    context
        What the disclosure record repeats: `plan_hash`, `snapshot` and the like.

    Returns
    -------
    Release
        The table with released values only.

    Raises
    ------
    ArgumentError
        If cells are not whole numbers of persons, or do not add up.
    """
    draft = _Draft(rules, [0] * len(exact.persons))
    for rule in RULES:
        rule(exact, draft)
    values: list[tuple[Number, ...]] = []
    statuses: list[tuple[Status, ...]] = []
    for row in range(len(exact.labels)):
        numbers: list[Number] = []
        marks: list[Status] = []
        for j in range(len(exact.counts)):
            cell = exact.of.get((row, j))
            mark: Status = "not applicable" if cell is None else _NAMES[draft.statuses[cell]]
            marks.append(mark)
            numbers.append(exact.persons[cell] if cell is not None and mark == "shown" else None)
        for figure, column in zip(exact.derived, draft.derived, strict=True):
            marks.append(column[row])
            numbers.append(figure.values[row] if column[row] == "shown" else None)
        values.append(tuple(numbers))
        statuses.append(tuple(marks))
    return Release(
        title=title,
        kind=kind,
        dimensions=exact.dimensions,
        measures=(*(Measure(name, "count") for name in exact.counts), *(figure.measure for figure in exact.derived)),
        labels=tuple(exact.labels),
        values=tuple(values),
        statuses=tuple(statuses),
        cells=tuple(exact.positions),
        relations=tuple(exact.relations),
        rules=rules,
        record=tuple(draft.record),
        context=tuple((str(name), str(value)) for name, value in (context or {}).items()),
    )
