"""What the relations of a table say of its inner cells: which make up a margin, and how many a person may be in."""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from kohort.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Additive:
    """Inner cells, and margins as sums of them.

    Attributes
    ----------
    inner
        The cells that are the sum of no others.
    sums
        For each cell, inner cells that it is the sum of: those of the relation with the fewest; an inner cell is
        its own.
    overlap
        A bound on how many inner cells count the same person.
    """

    inner: tuple[int, ...]
    sums: Mapping[int, tuple[int, ...]]
    overlap: int

    @classmethod
    def of(
        cls,
        cells: Iterable[int],
        relations: Iterable[tuple[int, Sequence[int]]],
        exclusive: Iterable[Sequence[int]] = (),
    ) -> Additive:
        """Read the relations over some cells; a relation to another cell does not count.

        Notes
        -----
        The parts of a relation are disjoint sets of persons that make up the total. A person of the total is in one
        part, so of the inner cells below the total, those that count the person are below that part: their number is at
        most the largest bound of a part. Relations over the same inner cells say this of the same cells, and the best
        one counts; relations over different inner cells (the variables of Table 1) add up.
        """
        here = set(cells)
        ways: dict[int, list[tuple[int, ...]]] = {cell: [] for cell in here}
        for total, parts in relations:
            if total in here and here.issuperset(parts):
                ways[total].append(tuple(parts))
        sums: dict[int, tuple[int, ...]] = {}
        below: dict[int, frozenset[int]] = {}
        overlap: dict[int, int] = {}
        try:
            order = tuple(
                TopologicalSorter({cell: {p for way in ways[cell] for p in way} for cell in ways}).static_order()
            )
        except CycleError as error:
            raise ArgumentError(
                "a total is a part of itself: state each margin as the sum of cells below it"
            ) from error
        for cell in order:
            if not ways[cell]:
                sums[cell], below[cell], overlap[cell] = (cell,), frozenset((cell,)), 1
                continue
            sums[cell] = min((tuple(leaf for part in way for leaf in sums[part]) for way in ways[cell]), key=len)
            below[cell] = frozenset().union(*(below[part] for way in ways[cell] for part in way))
            overlap[cell] = _added(ways[cell], below, overlap)
        tops = here.difference(*(way for found in ways.values() for way in found))
        groups = [tuple(group) for group in exclusive if here.issuperset(group)]
        alone = [(top,) for top in sorted(tops.difference(*groups))]
        return cls(
            inner=tuple(sorted(cell for cell in here if not ways[cell])),
            sums=sums,
            overlap=_added([*groups, *alone], below, overlap),
        )


def _added(ways: Iterable[Sequence[int]], below: Mapping[int, frozenset[int]], overlap: Mapping[int, int]) -> int:
    best: dict[frozenset[int], int] = {}
    for way in ways:
        leaves = frozenset().union(*(below[part] for part in way))
        bound = max((overlap[part] for part in way), default=0)
        best[leaves] = min(bound, best.get(leaves, bound))
    # What lies within other inner cells is bounded with them.
    return sum(bound for leaves, bound in best.items() if not any(leaves < other for other in best))
