"""A table on its way through the gate: what the rules have decided so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kohort.release.released import RuleRecord

if TYPE_CHECKING:
    from kohort.release.gate.exact import Exact
    from kohort.release.gate.history import Memory
    from kohort.release.released import Measure, Number, Status
    from kohort.release.rules import OutputRules

# The core's statuses, by number.
NAMES: tuple[Status, ...] = ("shown", "small", "protective", "withheld")


@dataclass(slots=True)
class Draft:
    """The state of a table while the rules run, one after the other.

    Attributes
    ----------
    rules
        The thresholds to obey.
    statuses
        The core's status of each cell of the `Exact`: 0 shown, 1 small, 2 protective, 3 withheld.
    released
        What each cell says where it is shown: its count, or the count as rounded or perturbed.
    columns
        Columns that are no counts of persons (sums, means, percentiles): value and status by row.
    relations
        Relations among the cells of `columns`, as (column, row) positions.
    figures
        Value and status of each derived figure, by figure and row.
    decisions
        The rules that acted on each cell, in order. For a hidden cell they follow from its status alone, and so tell a
        reader nothing that the status does not.
    search
        How protective cells were chosen.
    memory
        What was released before; None where that is not known.
    record
        What each rule did, for the disclosure record.
    """

    rules: OutputRules
    statuses: list[int]
    released: list[int]
    decisions: list[list[str]]
    columns: list[tuple[Measure, list[tuple[Number, Status]]]] = field(default_factory=list)
    relations: list[tuple[tuple[int, int], tuple[tuple[int, int], ...]]] = field(default_factory=list)
    figures: list[list[tuple[Number, Status]]] = field(default_factory=list)
    # Amounts as a protection released them, by name and row; None where it withholds one.
    amounts: dict[str, list[float | None]] = field(default_factory=dict)
    search: str = "heuristic"
    memory: Memory | None = None
    record: list[RuleRecord] = field(default_factory=list)

    @classmethod
    def of(cls, exact: Exact, rules: OutputRules) -> Draft:
        """Return the draft of a table that no rule has seen."""
        cells = len(exact.persons)
        return cls(rules, [0] * cells, list(exact.persons), [[] for _ in range(cells)])

    def did(self, rule: str, what: str) -> None:
        """Record what a rule did."""
        self.record.append(RuleRecord(rule, what))


def number(count: int, one: str, many: str) -> str:
    """Say a number of things."""
    return f"{count:,} {one if count == 1 else many}"
