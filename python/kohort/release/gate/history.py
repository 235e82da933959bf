"""History: a count that, with what was released before, would tell of few persons is withheld.

What is compared is the persons behind each count that is shown exactly. A collision withholds one of the counts that
take part in it, and whatever would tell that count, until nothing collides; where that leads nowhere, nothing is
released.
That a count is withheld for its history says no more than "<11" would: that two populations differ by few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from kohort.errors import DisclosureError
from kohort.release.gate.draft import number
from kohort.release.gate.secondary import protected, tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kohort.release.gate.draft import Draft
    from kohort.release.gate.exact import Exact, People

_WITHHELD = 3


class Collision(Protocol):
    """What is wrong with releasing some sets of persons."""

    @property
    def among(self) -> Sequence[int]:
        """The places of those sets that take part."""
        ...

    @property
    def earlier(self) -> Sequence[object]:
        """The earlier releases that take part; their text names them."""
        ...


class Memory(Protocol):
    """What was released before, as far as the gate asks."""

    @property
    def undecided(self) -> bool:
        """Whether, when last asked, combinations of more than two counts were too many to judge."""
        ...

    def collision(self, sets: Sequence[People]) -> Collision | None:
        """Return what speaks against releasing the counts of some sets together; None where nothing does."""
        ...

    def record(self, sets: Sequence[People], title: str) -> None:
        """Record what is released, before it is shown; refuses what collides meanwhile."""
        ...


def history(exact: Exact, draft: Draft) -> None:
    """Withhold the counts that collide with earlier releases, or with each other, and what would tell them."""
    if draft.memory is None:
        return
    collided: dict[int, None] = {}
    earlier: dict[str, None] = {}
    for _ in range(len(exact.persons) + 1):
        cells = shown_cells(exact, draft)
        found = draft.memory.collision([exact.people[cell] for cell in cells])  # type: ignore[misc]
        if found is None:
            break
        earlier |= dict.fromkeys(map(str, found.earlier))
        # The one that is missed least; equal ones in order of cells.
        collided[min((cells[i] for i in found.among), key=lambda cell: (exact.reluctance[cell], cell))] = None
        _withhold(exact, draft, list(collided))
    else:
        raise DisclosureError("what was released before leaves no protection for this table: cut it more coarsely")
    if collided:
        withheld = sum(draft.statuses[cell] == _WITHHELD for cell in exact.of.values())
        others = ", ".join(earlier) or "each other"
        cells_ = number(withheld, "cell", "cells")
        what = f"{cells_} withheld, which together with {others} would tell of few persons, or protect such"
    else:
        what = "no shown count tells, with earlier releases, of few persons"
    if draft.memory.undecided:
        what += "; judged by pairs of counts and single groups: other combinations are too many"
    draft.did("history", what)


def remember(exact: Exact, draft: Draft, title: str) -> None:
    """Record the counts that are about to be shown."""
    if draft.memory is not None:
        draft.memory.record([exact.people[cell] for cell in shown_cells(exact, draft)], title)  # type: ignore[misc]


def shown_cells(exact: Exact, draft: Draft) -> list[int]:
    """Return the cells that are shown exactly, hold somebody, and whose persons are known."""
    return [
        cell
        for cell in dict.fromkeys(exact.of.values())
        if not draft.statuses[cell] and exact.persons[cell] and exact.people[cell] is not None
    ]


def _withhold(exact: Exact, draft: Draft, cells: Sequence[int]) -> None:
    """Protect the table anew: for all that a reader knows, the cells may hold `min_cell - 1` persons more or fewer."""
    rules, slack = draft.rules, draft.rules.min_cell - 1
    demands = [(cell, max(exact.persons[cell] - slack, 0), exact.persons[cell] + slack) for cell in cells]
    after = protected(exact, rules, exact.reluctance, demands)
    draft.statuses, draft.search = after, "heuristic"
    names = ("", "threshold", "secondary suppression", "withheld")
    draft.decisions = [[names[status]] if status else [] for status in after]
    tell(exact, draft)
