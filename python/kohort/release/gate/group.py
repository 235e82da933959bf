"""Group disclosure: a group whose members nearly all share a sensitive attribute is not broken down by it.

Knowing that someone belongs to such a group tells the attribute, though no count is small. The whole line is withheld,
zeros included, and its total stays. A reader who knows the rule must not be able to follow it backwards:

- over all tables that agree with what is shown, some leave every part of the line below the share;
- where the table has another line to withhold, one of these tables has that one dominated in its place, so that
  "withheld" does not say which line it was;
- a line that is broken down is known not to be dominated. Small counts are audited again with that knowledge.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

from kohort.release.gate.draft import number
from kohort.release.gate.knowledge import bounds
from kohort.release.gate.program import Program
from kohort.release.gate.secondary import tell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kohort.release.gate.draft import Draft
    from kohort.release.gate.exact import Exact
    from kohort.release.gate.program import Demand

_WITHHELD = 3
# Lines that are tried as company of a dominated one before it is withheld alone.
_COMPANY = 12
# Of those that would do, so many are compared.
_CHOICES = 4

_State = tuple[list[int], tuple[Any, Any, Any], "Demand", list[Any]]


def group_disclosure(exact: Exact, draft: Draft) -> None:
    """Withhold the lines of sensitive attributes in which one part holds `group_share` or more.

    References
    ----------
    Hundepool A et al. Statistical Disclosure Control. Wiley (2012), section 5.2 (group disclosure in frequency tables).
    """
    share = draft.rules.group_share
    if not exact.sensitive:
        return
    if share is None or draft.rules.min_cell == 1:
        draft.did("group disclosure", "switched off")
        return
    lines = _Lines(exact, draft, share)
    if not lines.protect():
        draft.statuses = [
            status if structural else _WITHHELD for status, structural in zip(draft.statuses, lines.forced, strict=True)
        ]
    for cell, status in enumerate(draft.statuses):
        if status == _WITHHELD:
            draft.decisions[cell] = ["withheld"]
    withheld = sum(draft.statuses[cell] == _WITHHELD for cell in exact.of.values())
    tell(exact, draft)
    draft.did(
        "group disclosure",
        f"no part of {number(len(exact.sensitive), 'line', 'lines')} may hold {share:.0%} or more of it; "
        f"{number(withheld, 'cell is', 'cells are')} withheld by this rule, to protect such cells, or before it",
    )


class _Lines:
    """The sensitive lines of a table while they are protected."""

    def __init__(self, exact: Exact, draft: Draft, share: float) -> None:
        self.exact, self.draft, self.share = exact, draft, share
        self.lines = [
            (total, parts, sensitive)
            for line, sensitive in exact.sensitive
            for total, parts in [exact.relations[line]]
            if exact.persons[total] >= draft.rules.min_cell
        ]
        self.of: dict[int, list[int]] = {}
        for line, (_, parts, _) in enumerate(self.lines):
            for part in parts:
                self.of.setdefault(part, []).append(line)
        statuses, persons = draft.statuses, exact.persons
        self.small = [cell for cell, count in enumerate(persons) if statuses[cell] and 0 < count < draft.rules.min_cell]
        # Zeros that no line of this rule holds stay shown, and so do those that follow from them.
        self.forced = [not count and not statuses[cell] and cell not in self.of for cell, count in enumerate(persons)]
        changed = True
        while changed:
            new = {p for total, parts in exact.relations if self.forced[total] for p in parts if not self.forced[p]}
            new = {part for part in new if not statuses[part]}
            for part in new:
                self.forced[part] = True
            changed = bool(new)
        low, high = bounds(exact, draft)
        self.program = Program(
            persons,
            exact.relations,
            low=low,
            high=high,
            hidden=[cell for cell, status in enumerate(statuses) if status],
            price=[weight if count else inf for weight, count in zip(exact.reluctance, persons, strict=True)],
        )

    def protect(self) -> bool:
        """Withhold what must be; False where no choice of cells would do."""
        dominated = [line for line in range(len(self.lines)) if self.top(line)[0] >= self.share]
        if not dominated and not any(self.draft.statuses):
            return True
        self.learn()
        for line in dominated:
            self.withhold([line])
        if not all(self.hide_line(line) for line in dominated):
            return False
        return all(self.audit(cell) for cell in self.small)

    def top(self, line: int) -> tuple[float, int]:
        """Return the largest share that a sensitive part of a line has, and the part."""
        total, _, sensitive = self.lines[line]
        return max((self.exact.persons[part] / self.exact.persons[total], part) for part in sensitive)

    def withhold(self, lines: Iterable[int]) -> None:
        """Hide all parts of lines, and of the lines that share a hidden part with them."""
        waiting = list(lines)
        while waiting:
            for part in self.lines[waiting.pop()][1]:
                if self.draft.statuses[part] == _WITHHELD or self.forced[part]:
                    continue
                fresh = not self.draft.statuses[part]
                self.withhold_cell(part)
                if fresh:
                    waiting += self.of[part]
        self.learn()

    def withhold_cell(self, cell: int) -> None:
        """Hide a cell, and its size class."""
        self.draft.statuses[cell] = _WITHHELD
        self.program.hidden[cell] = True
        if self.of.get(cell):
            self.program.low[cell] = 0.0
        self.program.low[cell] = min(self.program.low[cell], 1 / self.program.scale)
        self.program.high[cell] = inf

    def learn(self) -> None:
        """Work out which lines a reader knows not to be dominated: those not withheld as a whole."""
        statuses, forced = self.draft.statuses, self.forced
        self.program.known = [
            ({part: 1.0, total: -self.share}, 0.0)
            for total, parts, sensitive in self.lines
            if any(statuses[part] for part in parts)
            and any(statuses[part] != _WITHHELD and not forced[part] for part in parts)
            for part in sensitive
        ]

    def hide_line(self, line: int) -> bool:
        """Leave the reader with a table in which a dominated line is not, and another one is."""
        total, _, sensitive = self.lines[line]
        even: Demand = [({part: 1.0, total: -self.share}, -1.0) for part in sensitive]
        start = self.state()
        found: list[tuple[int, int, _State]] = []
        for company in self.company(line):
            other, part = self.lines[company][0], self.top(company)[1]
            self.withhold([company])
            if self.meet([*even, ({other: self.share, part: -1.0}, 0.0)]):
                found.append((int(self.program.hidden.sum()), len(found), self.state()))
                if found[-1][0] == start[1][0].sum() or len(found) == _CHOICES:
                    break
            self.restore(start)
        if found:
            self.restore(min(found)[2])
        return bool(found) or self.meet(even)

    def company(self, line: int) -> list[int]:
        """Return other lines in the order in which they are tried: withheld ones, then the cheapest and most alike."""
        own = set(self.lines[line][1])

        def cost(other: int) -> tuple[float, float]:
            parts = self.lines[other][1]
            fresh = sum(self.exact.reluctance[part] for part in parts if self.draft.statuses[part] != _WITHHELD)
            return fresh, -self.top(other)[0]

        others = [other for other in range(len(self.lines)) if not own & {self.lines[other][0], *self.lines[other][1]}]
        others = [other for other in others if self.lines[line][0] not in self.lines[other][1]]
        return sorted(others, key=cost)[:_COMPANY]

    def audit(self, cell: int) -> bool:
        """Leave the reader with the whole range of a small count, lines known not to be dominated included."""
        ends: list[Demand] = [[({cell: 1.0}, 1.0)], [({cell: -1.0}, 1.0 - self.draft.rules.min_cell)]]
        if all(self.meet(end) for end in ends):
            return True
        # What its lines tell is taken back.
        self.withhold(self.of.get(cell, []))
        return all(self.meet(end) for end in ends)

    def meet(self, demand: Demand) -> bool:
        """Meet a demand, and withhold the lines of cells that it hides."""
        more = self.program.meet(demand)
        if more is None:
            return False
        for cell in more:
            self.withhold_cell(cell)
        self.withhold({line for cell in more for line in self.of.get(cell, [])})
        return True

    def state(self) -> _State:
        """Return what `restore` needs to undo a step."""
        program = self.program
        arrays = (program.hidden.copy(), program.low.copy(), program.high.copy())
        return self.draft.statuses[:], arrays, program.known, program.met[:]

    def restore(self, state: _State) -> None:
        """Go back to an earlier step, or to another one that was tried from there."""
        program = self.program
        self.draft.statuses = state[0][:]
        program.hidden, program.low, program.high = (array.copy() for array in state[1])
        program.known, program.met = state[2], state[3][:]
