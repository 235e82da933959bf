"""The smallest and largest value of many unknowns of one system: few linear programs, as one answers for many."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import linprog

if TYPE_CHECKING:
    from collections.abc import Sequence

_NOISE = 1e-7


class NoSolutionError(RuntimeError):
    """Bounds and relations that contradict each other."""


@dataclass(frozen=True, slots=True)
class Extremes:
    """Unknowns within bounds that satisfy equations.

    Attributes
    ----------
    matrix, constants
        The equations; the matrix is None without any.
    limits
        The bounds of each unknown; None is no bound.
    """

    matrix: Any
    constants: Sequence[float]
    limits: Sequence[tuple[float, float | None]]

    def find(self, wanted: Sequence[int], sign: float) -> dict[int, float]:
        """Return the smallest (`sign` 1) or the largest (-1) value of each wanted unknown.

        A program that pushes all of them at once leaves many at their own bounds, which are then their extremes; the
        others are pushed again, and one by one when that settles no more.

        Raises
        ------
        NoSolutionError
            If nothing satisfies the equations.
        """
        answer: dict[int, float] = {}
        own = {j: self.limits[j][0 if sign > 0 else 1] for j in wanted}
        together = [j for j in wanted if own[j] is not None]
        while len(together) > 1:
            point = self._push(together, sign)
            if point is None:
                break
            settled = {j: bound for j in together if (bound := own[j]) is not None and abs(point[j] - bound) < _NOISE}
            if not settled:
                break
            answer |= settled
            together = [j for j in together if j not in settled]
        for j in wanted:
            if j not in answer:
                point = self._push([j], sign)
                answer[j] = -sign * inf if point is None else float(point[j])
        return answer

    def _push(self, unknowns: Sequence[int], sign: float) -> Any:
        """Return a solution with the least or largest sum of some unknowns; None if there is no limit."""
        cost = np.zeros(len(self.limits))
        cost[list(unknowns)] = sign
        found: Any = linprog(
            cost, A_eq=self.matrix, b_eq=self.constants or None, bounds=list(self.limits), method="highs"
        )
        if found.status == 3:
            return None
        if found.status == 2:
            raise NoSolutionError("the relations and the bounds of this table contradict each other")
        if found.status != 0:
            raise RuntimeError(f"the solver gave up on this table: {found.message}")
        return found.x
