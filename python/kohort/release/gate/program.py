"""Demands on what a reader may work out, met by hiding further cells: linear programs over the additive relations.

The heuristic of Kelly, Golden and Assad (Networks 22, 1992): for each demand the cheapest deviation from the true table
that meets it and keeps every relation; the cells that deviate are hidden. A deviation is a proof: the table it leads to
looks the same to a reader. Hiding more never undoes a proof.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# A demand is asked for with this much to spare, so that the tolerance of the solver cannot undercut it.
_SPARE = 1e-4
_TOLERANCE = 1e-7
# Linear programs, times their hidden cells and a fixed part, that looking for needless suppressions may cost.
_CLEANING, _FIXED_PART = 600_000, 500

# Coefficients of cells, and a bound: the sum of coefficient times cell must be able to stay below it.
Demand = list[tuple["Mapping[int, float]", float]]
Array = np.ndarray[Any, np.dtype[np.float64]]


class Program:
    """A table as a reader sees it, and the cells that are hidden in it.

    Parameters
    ----------
    values
        The true table.
    relations
        The total and the parts of each sum.
    low, high
        What a reader knows of each cell while it is hidden.
    hidden
        The cells hidden so far.
    price
        What hiding each cell costs; infinite for cells that must stay as they are.
    known
        What else a reader knows: sums of coefficient times cell, each with a bound that it does not exceed.
    """

    def __init__(
        self,
        values: Sequence[float],
        relations: Sequence[tuple[int, Sequence[int]]],
        *,
        low: Sequence[float],
        high: Sequence[float],
        hidden: Iterable[int],
        price: Sequence[float],
        known: Demand | None = None,
    ) -> None:
        positive = [value for value in values if value > 0]
        # Sums of money in cents and counts alike come near one.
        self.scale = float(np.median(positive)) if positive else 1.0
        self.values = np.asarray(values, float) / self.scale
        self.low, self.high = np.asarray(low, float) / self.scale, np.asarray(high, float) / self.scale
        self.hidden = np.zeros(len(values), bool)
        self.hidden[list(hidden)] = True
        self.price = np.asarray(price, float)
        rows = [(r, cell, sign) for r, (total, parts) in enumerate(relations) for cell, sign in _signs(total, parts)]
        self.sums = _matrix(rows, len(relations), len(values))
        self.links = abs(self.sums)
        self.known = known or []
        # The demands met so far, each with the deviation that proves it.
        self.met: list[tuple[Demand, Array | None, Array]] = []

    def meet(self, demand: Demand, low: Sequence[float] | None = None) -> list[int] | None:
        """Hide what a demand needs and return it, or None where no hiding would do.

        `low` is what this demand's own reader knows in place of the program's.
        """
        floor = None if low is None else np.minimum(np.asarray(low, float) / self.scale, self.values)
        for *_, deviation in self.met:
            if self._proves(deviation, demand, floor):
                self.met.append((demand, floor, deviation))
                return []
        # Most demands are met by what is hidden around them: a small program finds that for nothing.
        deviation = self._cheapest(demand, floor, None)
        if deviation is None:
            deviation = self._cheapest(demand, floor, self.price)
        if deviation is None:
            return None
        more = [int(cell) for cell in np.flatnonzero((np.abs(deviation) > _TOLERANCE) & ~self.hidden)]
        self.hidden[more] = True
        self.met.append((demand, floor, deviation))
        return more

    def clean(self, extra: Sequence[int]) -> None:
        """Show cells again, the dearest first, where every demand is met without them."""
        budget = _CLEANING
        for cell in sorted(extra, key=lambda cell: (-self.price[cell], cell)):
            self.hidden[cell] = False
            met, size = [], int(self.hidden.sum())
            for demand, floor, deviation in self.met:
                proof: Any = deviation
                if abs(deviation[cell]) > 0:
                    budget -= size + _FIXED_PART
                    proof = self._cheapest(demand, floor, None)
                if proof is None or budget < 0:
                    break
                met.append((demand, floor, proof))
            if len(met) == len(self.met):
                self.met = met
            else:
                self.hidden[cell] = True
            if budget < 0:
                break

    def _bounds(self, demand: Demand) -> tuple[csr_array, Array]:
        """Return a demand in deviations, with something to spare."""
        matrix = _matrix(
            [(r, cell, factor) for r, (factors, _) in enumerate(demand) for cell, factor in factors.items()],
            len(demand),
            len(self.values),
        )
        room = np.array([bound for _, bound in demand]) / self.scale - matrix @ self.values
        return matrix, room

    def _proves(self, deviation: Array, demand: Demand, floor: Array | None) -> bool:
        """Whether a deviation that is known to be possible meets another demand."""
        for factors, bound in demand:
            reached = sum(factor * (self.values[cell] + deviation[cell]) for cell, factor in factors.items())
            if reached > bound / self.scale + 1e-12:
                return False
        low = self.low if floor is None else floor
        falls = np.flatnonzero(deviation < 0)
        least = np.minimum(low[falls], self.values[falls])
        return bool((self.values[falls] + deviation[falls] >= least - 1e-12).all())

    def _block(self, cells: Iterable[int]) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Return the hidden cells that relations tie to some cells through hidden cells alone."""
        seen = np.zeros(len(self.values), bool)
        waiting = np.array([cell for cell in cells if self.hidden[cell]], int)
        while len(waiting):
            seen[waiting] = True
            touched = np.zeros(len(self.values))
            touched[waiting] = 1.0
            near = self.links @ touched
            waiting = np.flatnonzero(((self.links.T @ (near > 0)) > 0) & self.hidden & ~seen)
        return np.flatnonzero(seen)

    def _cheapest(self, demand: Demand, floor: Array | None, price: Array | None) -> Any:
        """Return the cheapest deviation that meets a demand, or None; without prices, one that hides nothing more."""
        if price is None:
            free, more, price = self._block(c for factors, _ in demand for c in factors), np.empty(0, int), self.price
        else:
            free, more = np.flatnonzero(self.hidden), np.flatnonzero(~self.hidden & np.isfinite(price))
        low = self.low if floor is None else floor
        down, up = low - self.values, self.high - self.values
        matrix, room = self._bounds(demand)
        eager = np.minimum(room, 0) * (1 + _SPARE) + np.maximum(room, 0)
        columns = np.concatenate([free, more, more])
        signs = np.concatenate([np.ones(len(free) + len(more)), -np.ones(len(more))])
        bounds = np.vstack(
            [
                np.column_stack([np.minimum(down[free], 0), np.maximum(up[free], 0)]),
                np.column_stack([np.zeros(len(more)), np.maximum(up[more], 0)]),
                np.column_stack([np.zeros(len(more)), np.maximum(-down[more], 0)]),
            ]
        )
        cost = np.concatenate([np.zeros(len(free)), price[more], price[more]])
        told, slack = self._bounds(self.known)
        limits: Any = vstack([matrix, told]).tocsr()
        sums = self.sums[:, columns].multiply(signs).tocsr()
        sums = sums[np.flatnonzero(np.diff(sums.indptr))]
        for wanted in (eager, room):
            answer: Any = linprog(
                cost,
                A_ub=limits[:, columns].multiply(signs).tocsr(),
                b_ub=np.concatenate([wanted, np.maximum(slack, 0)]),
                A_eq=sums if sums.shape[0] else None,
                b_eq=np.zeros(sums.shape[0]) if sums.shape[0] else None,
                bounds=bounds,
                method="highs",
            )
            if answer.status == 0:
                amounts = np.asarray(answer.x) * signs
                return self._checked(amounts, columns, limits, np.concatenate([room, slack]), low)
            if answer.status != 2:
                raise RuntimeError(f"the solver gave up on this table: {answer.message}")
        return None

    def _checked(self, amounts: Array, columns: Any, matrix: csr_array, room: Array, low: Array) -> Array:
        """Return a solution as a deviation, after substituting it: nothing rests on the solver's word."""
        deviation = np.zeros(len(self.values))
        np.add.at(deviation, columns, amounts)
        deviation[np.abs(deviation) <= _TOLERANCE] = 0.0
        tolerance = 1e-5 * (1 + float(np.abs(deviation).max(initial=0.0)))
        sound = (
            (np.abs(self.sums @ deviation) <= tolerance).all()
            and (matrix @ deviation <= room + tolerance).all()
            and (self.values + deviation >= np.minimum(low, self.values) - tolerance).all()
        )
        if not sound:
            raise RuntimeError("the solver's answer does not hold: please report this table's layout")
        return deviation


def _signs(total: int, parts: Sequence[int]) -> list[tuple[int, float]]:
    return [(total, 1.0), *((part, -1.0) for part in parts)]


def _matrix(entries: Sequence[tuple[int, int, float]], rows: int, columns: int) -> csr_array:
    if not entries:
        return csr_array((rows, columns))
    row, column, factor = zip(*entries, strict=True)
    return csr_array((factor, (row, column)), shape=(rows, columns))
