"""Tables of one population go through the gate together: a cell that they share is one cell, with one fate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort.errors import ArgumentError
from kohort.release.cross import TOTAL
from kohort.release.gate.draft import Draft
from kohort.release.gate.exact import Exact

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from kohort.release.rules import OutputRules


def name_of(dimensions: Sequence[str], labels: Sequence[str], counts: Sequence[str], count: int) -> Hashable:
    """Return what identifies a cell in any table of the population: its labels, totals left out."""
    parts = frozenset((name, label) for name, label in zip(dimensions, labels, strict=True) if label != TOTAL)
    return (parts, counts[count] if len(counts) > 1 else "")


class Joint:
    """Several exact tables as one.

    Parameters
    ----------
    tables
        The tables by name.

    Raises
    ------
    ArgumentError
        If two tables hold different numbers of persons in a cell that they share.
    """

    def __init__(self, tables: Mapping[str, Exact]) -> None:
        self.tables = dict(tables)
        self.exact = Exact(dimensions=("table", "row"), counts=("persons",))
        # For each table, the joint number of each of its cells.
        self.cells: dict[str, list[int]] = {}
        self._known: dict[Hashable, int] = {}
        for name, table in self.tables.items():
            self._join(name, table)

    def _join(self, name: str, table: Exact) -> None:
        joint, numbers = self.exact, [-1] * len(table.persons)
        names = [
            (cell, row, name_of(table.dimensions, table.labels[row], table.counts, j))
            for (row, j), cell in table.of.items()
        ]
        for cell, row, key in names:
            if key not in self._known:
                continue
            shared = self._known[key]
            if joint.persons[shared] != table.persons[cell]:
                raise ArgumentError(
                    f"table {name!r} does not hold the persons of an earlier one in the row "
                    f"{' / '.join(table.labels[row])!r}: link tables of one population only, and name groups of "
                    "different labels differently"
                )
            numbers[cell] = shared
        for cell, row, key in names:
            number = numbers[cell]
            if number < 0:
                number = joint.cell(
                    joint.row((name, " / ".join(table.labels[row]))),
                    "persons",
                    table.persons[cell],
                    0.0,
                    people=table.people[cell],
                )
                numbers[cell] = number
            self._known.setdefault(key, number)
        for cell, number in enumerate(numbers):
            if number < 0:
                numbers[cell] = joint.imply(table.persons[cell], 0.0, people=table.people[cell])
            # Hidden once, it is missed in every table.
            joint.reluctance[numbers[cell]] += table.reluctance[cell]
        seen = {(total, frozenset(parts)) for total, parts in joint.relations}
        for total, parts in table.relations:
            relation = (numbers[total], tuple(numbers[part] for part in parts))
            if (relation[0], frozenset(relation[1])) not in seen and relation[1] != (relation[0],):
                joint.relate(*relation)
        self.cells[name] = numbers

    def split(self, draft: Draft, name: str, rules: OutputRules) -> Draft:
        """Return what was decided about the cells of one table."""
        numbers = self.cells[name]
        return Draft(
            rules,
            [draft.statuses[cell] for cell in numbers],
            [draft.released[cell] for cell in numbers],
            [list(draft.decisions[cell]) for cell in numbers],
            record=list(draft.record),
        )
