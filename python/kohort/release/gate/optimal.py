"""The cheapest protection of a table: an integer program solved by cutting planes, for tables of some hundreds of cells.

Solves the model that the core's search approximates: same knowledge, same criterion, same prices. What it returns the
core has found itself under prices that lead it there, so that nothing rests on this solver being right.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log1p
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array, csr_array, identity, kron

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Rounds of cuts, of the relaxation and of whole choices.
_ROUNDS = 80
_NOISE, _SLACK = 1e-7, 1e-5
_GAP = 1e-6

_SMALL, _PROTECTIVE = 1, 2


@dataclass(frozen=True, slots=True)
class Found:
    """The statuses of the cheapest protection found, its price, and the least that any can cost."""

    statuses: list[int]
    price: float
    bound: float

    @property
    def gap(self) -> float:
        """How much of the price could be saved at most, as a share of it; 0 for a proven optimum."""
        return 0.0 if self.price <= self.bound * (1 + _GAP) + _GAP else 1 - self.bound / self.price


def prices(values: Sequence[int], reluctance: Sequence[float]) -> np.ndarray:
    """Return what it costs to hide each cell: the prices of the core's search."""
    return np.array([r * (1 + 0.1 * log1p(v)) for v, r in zip(values, reluctance, strict=True)])


def optimum(
    values: Sequence[int],
    relations: Sequence[tuple[int, Sequence[int]]],
    min_cell: int,
    reluctance: Sequence[float],
    start: Sequence[int],
    zero_possible: Sequence[bool],
    *,
    complete: Callable[[list[float]], list[int]],
    nodes: int,
) -> Found:
    """Find the cheapest set of protective cells.

    Parameters
    ----------
    values, relations, min_cell, reluctance
        The table, as the core's `protect` takes it.
    start
        The statuses of a protection without withheld cells, to improve on: 0 shown, 1 small, 2 protective.
    zero_possible
        Whether a reader must reckon with nobody in a small cell.
    complete
        The core's search under other prices: every answer is one of its answers, and so certified by it.
    nodes
        How many nodes all search trees may have together.

    Returns
    -------
    Found
        The protection with the least sum of prices, or the best one found with the work allowed.

    Notes
    -----
    The model of Fischetti and Salazar-Gonzalez, "Solving the cell suppression problem on tabular data with linear
    constraints", Management Science 47 (2001): a 0/1 variable for each cell that may be hidden, and for each small cell
    and each end of its range a deviation from the true table that reaches this end within what the hidden cells allow. Small
    cells move between 1 (or 0) and `min_cell - 1`, protective ones down to `min_cell` and up without limit. The
    deviations are projected out: where the hidden cells do not allow one, the dual solution gives a capacity constraint
    on the 0/1 variables, its coefficients lowered to the right-hand side (their section 4), so that no limit on
    deviations has to be made up. Effort is counted in rounds and nodes, never in time.
    """
    model = _Model(values, relations, min_cell, start, zero_possible)
    price = prices(values, reluctance)
    best = _Best(list(start), price)
    if not model.targets or not best.cost:
        return Found(best.statuses, best.cost, best.cost)
    cuts = _Cuts(len(values))
    choice = np.zeros(len(values))
    # First the relaxation, whose solutions are cheap; then whole choices until one needs no further cut.
    for _ in range(_ROUNDS):
        if not cuts.add(model.violated(choice)):
            break
        choice = cuts.relaxed(price, model.free)
    bound = float(price @ choice)
    for _ in range(_ROUNDS):
        if nodes <= 0 or bound >= best.cost * (1 - _GAP):
            break
        answer = cuts.solved(price, model.free, best.cost, nodes)
        if answer is None:
            break
        choice, bound, used = answer
        nodes -= used
        best.offer(complete([r * (1e-3 if x > 0.5 else 1e3) for r, x in zip(reluctance, choice, strict=True)]))
        if not cuts.add(model.violated(choice)):
            break
    return Found(best.statuses, best.cost, min(bound, best.cost))


class _Best:
    """The cheapest protection so far."""

    def __init__(self, start: list[int], price: np.ndarray) -> None:
        self.price, self.statuses = price, start
        self.small = [status == _SMALL for status in start]
        self.cost = self._cost(start)

    def _cost(self, statuses: list[int]) -> float:
        return float(self.price @ np.array([status == _PROTECTIVE for status in statuses], dtype=float))

    def offer(self, statuses: list[int]) -> None:
        """Take a protection if it is cheaper, and says the same of small cells."""
        same = all(
            (status == _SMALL) == small and status <= _PROTECTIVE
            for status, small in zip(statuses, self.small, strict=True)
        )
        if same and self._cost(statuses) < self.cost * (1 - _GAP):
            self.statuses, self.cost = statuses, self._cost(statuses)


class _Model:
    """Deviations from the true table: what a choice of hidden cells allows."""

    def __init__(
        self,
        values: Sequence[int],
        relations: Sequence[tuple[int, Sequence[int]]],
        min_cell: int,
        start: Sequence[int],
        zero_possible: Sequence[bool],
    ) -> None:
        small = np.array(start) == _SMALL
        value = np.array(values, dtype=float)
        self.reach = float(min_cell - 1)
        # Shown zeros are never hidden, and every other shown cell holds at least `min_cell`.
        self.free = ~small & (value >= min_cell)
        least = np.where(np.array(zero_possible), 0.0, 1.0)
        self.low = np.where(small, least - value, np.where(self.free, min_cell - value, 0.0))
        self.high = np.where(small, self.reach - value, np.where(self.free, inf, 0.0))
        self.small = small
        rows, columns, signs = [], [], []
        for row, (total, parts) in enumerate(relations):
            for cell, sign in ((total, 1.0), *((part, -1.0) for part in parts)):
                rows.append(row)
                columns.append(cell)
                signs.append(sign)
        self.matrix = csr_array(coo_array((signs, (rows, columns)), shape=(len(relations), len(values))))
        # Cell, direction, and how far it must deviate.
        ends = [(int(k), sign) for k in np.flatnonzero(small) for sign in (1.0, -1.0)]
        goals = [self.reach - value[k] if sign > 0 else value[k] - 1.0 for k, sign in ends]
        self.targets = [(k, sign, goal) for (k, sign), goal in zip(ends, goals, strict=True) if goal > 0]

    def violated(self, choice: np.ndarray) -> list[np.ndarray]:
        """Return capacity constraints `coefficients @ x >= 1` that a choice breaks, at most one for each end."""
        # A trace of freedom everywhere: of many dual solutions it prefers those that hold for other choices as well.
        return self._violated(choice, 1e-4) or self._violated(choice, 0.0)

    def _violated(self, choice: np.ndarray, trace: float) -> list[np.ndarray]:
        cells, count = self.low.size, len(self.targets)
        share = np.where(self.free, np.maximum(choice, trace), 1.0)
        low, high = self.low * share, np.where(self.free, self.reach * share, self.high)
        unlimited = self.free & (choice > 1 - _NOISE)
        high = np.where(unlimited, inf, high)
        lows, highs = np.tile(low, count), np.tile(high, count)
        cost = np.zeros(count * cells)
        for n, (k, sign, goal) in enumerate(self.targets):
            at = n * cells + k
            cost[at] = -sign
            lows[at], highs[at] = (lows[at], goal) if sign > 0 else (-goal, highs[at])
        answer: Any = linprog(
            cost,
            A_eq=kron(identity(count), self.matrix, format="csr"),
            b_eq=np.zeros(count * self.matrix.shape[0]),
            bounds=np.column_stack([lows, highs]),
            method="highs",
        )
        if answer.status != 0:
            raise RuntimeError(answer.message)
        reached = answer.x.reshape(count, cells)
        duals = answer.eqlin.marginals.reshape(count, -1)
        found = []
        for n, (k, sign, goal) in enumerate(self.targets):
            if sign * reached[n, k] < goal - _SLACK:
                cut = self._cut(k, sign, goal, duals[n])
                if cut is not None and cut @ choice < 1 - _SLACK:
                    found.append(cut)
        return found

    def _cut(self, k: int, sign: float, goal: float, dual: np.ndarray) -> np.ndarray | None:
        """For any multipliers, `sign * y_k` is `slope @ y` on the relations: at most what the bounds make of it."""
        slope = self.matrix.T @ dual
        slope[k] += sign
        slope[np.abs(slope) < _NOISE] = 0.0
        low, high = self.low.copy(), self.high.copy()
        low[k], high[k] = (low[k], goal) if sign > 0 else (-goal, high[k])
        least = goal - sum(
            max(slope[i] * low[i], slope[i] * high[i]) for i in np.flatnonzero(self.small & (slope != 0))
        )
        if least <= _NOISE:
            return None
        room = np.where(slope > 0, inf, slope * np.where(self.free, self.low, 0.0))
        return np.where(self.free & (slope != 0), np.minimum(room, least), 0.0) / least


class _Cuts:
    """The constraints on which cells to hide, found so far."""

    def __init__(self, cells: int) -> None:
        self.rows: dict[bytes, np.ndarray] = {}
        self.cells = cells

    def add(self, found: Sequence[np.ndarray]) -> bool:
        """Take in constraints; false if all are known already."""
        before = len(self.rows)
        for row in found:
            self.rows.setdefault(np.round(row, 9).tobytes(), row)
        return len(self.rows) > before

    def _matrix(self) -> csr_array:
        return csr_array(np.array(list(self.rows.values())))

    def relaxed(self, price: np.ndarray, free: np.ndarray) -> np.ndarray:
        """Return the cheapest fractional choice."""
        answer: Any = linprog(
            price,
            A_ub=-self._matrix(),
            b_ub=-np.ones(len(self.rows)),
            bounds=np.column_stack([np.zeros(self.cells), free.astype(float)]),
            method="highs",
        )
        if answer.status != 0:
            raise RuntimeError(f"the solver gave up on a relaxation: {answer.message}")
        found: np.ndarray = answer.x
        return found

    def solved(
        self, price: np.ndarray, free: np.ndarray, best: float, nodes: int
    ) -> tuple[np.ndarray, float, int] | None:
        """Return the cheapest whole choice found, the least that any costs, and the nodes it took."""
        answer: Any = milp(
            price,
            integrality=np.ones(self.cells),
            bounds=Bounds(np.zeros(self.cells), free.astype(float)),
            constraints=[
                LinearConstraint(self._matrix(), lb=1.0),
                LinearConstraint(csr_array(price[None, :]), ub=best * (1 + _GAP)),
            ],
            options={"node_limit": nodes, "mip_rel_gap": 0.0},
        )
        if answer.x is None:
            return None
        bound = answer.mip_dual_bound if answer.mip_dual_bound is not None else 0.0
        return np.round(answer.x), float(bound), max(int(answer.mip_node_count or 0), 1)
