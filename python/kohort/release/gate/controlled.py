"""Controlled rounding: cells go up or down so that a table stays additive and close to the exact one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from kohort.errors import ArgumentError
from kohort.release.gate.additive import Additive

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_INNER = 500
# A limit of time would make the answer depend on the machine.
_NODES = 50


@dataclass(frozen=True, slots=True)
class Controlled:
    """A table in controlled rounding.

    Attributes
    ----------
    values
        The rounded counts, by cell.
    within
        Whether margins too are changed by less than the base, as inner cells always are.
    optimal
        Whether no additive rounding has a sum of changes smaller by 0.1 %; if not, the search ended at its limit.
    """

    values: list[int]
    within: bool
    optimal: bool


def controlled_rounding(
    counts: Sequence[int],
    relations: Sequence[tuple[int, Sequence[int]]],
    *,
    base: int,
    weights: Sequence[float] | None = None,
    below: int | None = None,
) -> Controlled:
    """Round inner cells up or down to multiples of a base so that all relations hold and cells change least.

    Parameters
    ----------
    counts
        The exact counts, by cell; relations hold for them.
    relations
        Totals with the cells they are the sums of.
    base
        The base; a multiple of it stays (zero-restricted).
    weights
        How much a change of each cell matters; 1 for all if not given, 0 for a cell that is not shown.
    below
        Round only inner cells smaller than this, and leave others as they are (Langsrud and Heldal's small count
        rounding, with the base here).

    Returns
    -------
    Controlled
        The rounding of least weighted sum of absolute changes over all cells: among those that change margins by less
        than the base, or, where a table of three and more dimensions has none, among all additive ones.

    Raises
    ------
    ArgumentError
        If there are more than 500 inner cells, or no rounding satisfies all relations.

    Notes
    -----
    Cox LH. A constructive procedure for unbiased controlled rounding. JASA 82 (1987). Salazar-Gonzalez JJ.
    Controlled rounding and cell perturbation: statistical disclosure limitation methods for tabular data.
    Mathematical Programming 105 (2006). Langsrud O, Heldal J. An algorithm for small count rounding of tabular data.
    Privacy in statistical databases (2018). Solved by HiGHS with a limit of nodes, never of time: the same table gives
    the same answer on every machine with the same version of scipy.

    Examples
    --------
    >>> controlled_rounding([10, 4, 4, 2], [(0, (1, 2, 3))], base=5).values
    [10, 5, 5, 0]
    """
    additive = Additive.of(range(len(counts)), relations)
    if len(additive.inner) > MAX_INNER:
        raise ArgumentError(
            f"controlled rounding solves an integer program over inner cells, and this table has "
            f"{len(additive.inner):,}, more than {MAX_INNER:,}: use margins='sum', or release it in parts"
        )
    program = _Program(counts, relations, additive, base=base, weights=weights or [1.0] * len(counts), below=below)
    for within in (True, False):
        found = program.solve(within=within)
        if found is not None:
            values, optimal = found
            return Controlled(values, within, optimal)
    plain = program.nearest()
    if plain is not None:
        return Controlled(plain, within=False, optimal=False)
    raise ArgumentError(
        "no rounding of the inner cells satisfies all relations of the table: use margins='sum' or margins='exact'"
    )


class _Program:
    """Choices (inner cell up or not), then the change of each margin in persons."""

    def __init__(
        self,
        counts: Sequence[int],
        relations: Sequence[tuple[int, Sequence[int]]],
        additive: Additive,
        *,
        base: int,
        weights: Sequence[float],
        below: int | None,
    ) -> None:
        self.counts, self.base, self.additive = counts, base, additive
        free = [cell for cell in additive.inner if counts[cell] % base and (below is None or counts[cell] < below)]
        self.choice = {cell: j for j, cell in enumerate(free)}
        self.floors = {
            cell: counts[cell] // base * base if cell in self.choice else counts[cell] for cell in additive.inner
        }
        # Margins of the same inner cells change alike: one variable for them.
        self.margins: dict[tuple[int, ...], float] = {}
        self.cost = np.zeros(len(free))
        for cell, j in self.choice.items():
            self.cost[j] = weights[cell] * (base - 2 * (counts[cell] % base))
        for cell in range(len(counts)):
            leaves = tuple(sorted(leaf for leaf in additive.sums[cell] if leaf in self.choice))
            if cell not in self.floors and leaves:
                self.margins[leaves] = self.margins.get(leaves, 0.0) + weights[cell]
        self.equal: list[dict[int, int]] = []
        for total, parts in relations:
            balance: dict[int, int] = {}
            for cell, sign in [(total, 1), *((part, -1) for part in parts)]:
                for leaf in additive.sums[cell]:
                    balance[leaf] = balance.get(leaf, 0) + sign
            balance = {leaf: sign for leaf, sign in balance.items() if sign}
            if balance:
                self.equal.append(balance)

    def solve(self, *, within: bool) -> tuple[list[int], bool] | None:
        """Return the rounded counts, and whether they are the best; None if there are none."""
        choices, margins = len(self.choice), list(self.margins)
        if not choices:
            return self._values(np.zeros(0)), True
        size = choices + len(margins)
        entries: list[tuple[int, int, float]] = []
        low: list[float] = []
        high: list[float] = []
        for k, leaves in enumerate(margins):
            lost = sum(self.counts[leaf] - self.floors[leaf] for leaf in leaves)
            # A margin gains the base for each cell that goes up, and loses what all going down would.
            for sign in (1.0, -1.0):
                row = len(low)
                entries += [(row, self.choice[leaf], sign * self.base) for leaf in leaves]
                entries.append((row, choices + k, -1.0))
                low.append(-np.inf)
                high.append(sign * lost)
        for balance in self.equal:
            row = len(low)
            entries += [(row, self.choice[leaf], float(sign)) for leaf, sign in balance.items() if leaf in self.choice]
            level = -sum(sign * self.floors[leaf] for leaf, sign in balance.items()) / self.base
            low.append(level)
            high.append(level)
        constraints: Any = ()
        if low:
            rows, columns, signs = zip(*entries, strict=True)
            matrix = coo_array((signs, (rows, columns)), shape=(len(low), size)).tocsr()
            constraints = LinearConstraint(matrix, np.array(low), np.array(high))
        limit = self.base - 1 if within else np.inf
        for presolve in (True, False):
            answer: Any = milp(
                np.concatenate([self.cost, [self.margins[leaves] for leaves in margins]]),
                integrality=np.concatenate([np.ones(choices), np.zeros(len(margins))]),
                bounds=Bounds(0, np.concatenate([np.ones(choices), np.full(len(margins), limit)])),
                constraints=constraints,
                options={"node_limit": _NODES, "mip_rel_gap": 1e-3, "presolve": presolve},
            )
            # HiGHS stumbles at times over what presolve leaves of a very small program.
            if answer.status != 4:
                break
        return None if answer.x is None else (self._values(answer.x), answer.status == 0)

    def nearest(self) -> list[int] | None:
        """Return the table with every inner cell at its nearest multiple, where no relation stands against it."""
        return None if self.equal else self._values(np.array([float(self.cost[j] <= 0) for j in self.choice.values()]))

    def _values(self, point: np.ndarray) -> list[int]:
        rounded = {
            cell: floor + (self.base if cell in self.choice and point[self.choice[cell]] > 0.5 else 0)
            for cell, floor in self.floors.items()
        }
        return [sum(rounded[leaf] for leaf in self.additive.sums[cell]) for cell in range(len(self.counts))]
