"""The perturbation table of the cell-key method: how likely each change of each count is."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite

import numpy as np
from scipy.optimize import minimize

from kohort.errors import ArgumentError

# Probabilities are kept in units of 2**-40: far finer than the solver's error, so that platforms agree.
_BITS = 40
_TOLERANCE = 1e-7
_LARGEST = 100


@dataclass(frozen=True, slots=True)
class PerturbationTable:
    """For each count, the distribution of its change; counts beyond the last row are changed like it.

    Attributes
    ----------
    changes, probabilities
        The possible changes of each count from 0 on, in rising order, and how likely they are.
    """

    changes: tuple[tuple[int, ...], ...]
    probabilities: tuple[tuple[float, ...], ...]
    _steps: tuple[tuple[int, ...], ...]

    def change(self, count: int, key: int) -> int:
        """Return the change of a count for a cell key.

        Parameters
        ----------
        count
            The exact count.
        key
            A whole number below 2**64, uniform over sets of persons.

        Returns
        -------
        int
            What to add to the count.
        """
        row = min(count, len(self.changes) - 1)
        return self.changes[row][bisect_right(self._steps[row], key >> (64 - _BITS))]


@lru_cache(maxsize=32)
def perturbation_table(deviation: int, variance: float, forbidden: int = 0) -> PerturbationTable:
    """Build the perturbation table of greatest entropy.

    Parameters
    ----------
    deviation
        The largest change of a count, D.
    variance
        The variance of the change of every positive count, V.
    forbidden
        Results from 1 to this never occur, js.

    Returns
    -------
    PerturbationTable
        Zero stays zero; every other row has mean 0 and variance V; results are neither negative nor forbidden.

    Raises
    ------
    ArgumentError
        If a parameter is out of range, or a count has no such distribution.

    Notes
    -----
    Giessing S. PSD 2016, LNCS 9867; Giessing S, Tent R. Concepts for generalising tools implementing the cell key
    method to the case of continuous variables. UNECE/Eurostat work session (2019). The distribution of greatest entropy
    with given mean and variance is p(v) = exp(a v + b v**2) / z on the allowed changes v; a and b minimize the convex
    dual log z - b V. As ptable (Enderle, CRAN 2023), the table ends with the first count whose changes are all free.

    Examples
    --------
    >>> table = perturbation_table(2, 1.0)
    >>> table.changes[1]
    (-1, 0, 1, 2)
    >>> [round(p, 4) for p in table.probabilities[1]]
    [0.3981, 0.3058, 0.1942, 0.1019]
    """
    for name, value, least in (("deviation", deviation, 1), ("forbidden", forbidden, 0)):
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _LARGEST:
            raise ArgumentError(f"{name} must be a whole number from {least} to {_LARGEST}, got {value!r}")
    if isinstance(variance, bool) or not isinstance(variance, int | float) or not (variance > 0 and isfinite(variance)):
        raise ArgumentError(f"variance must be a positive number, got {variance!r}")
    # Beyond, no change leads to a forbidden result, and so none to 0 either, unless nothing is forbidden.
    last = deviation + forbidden + 1 if forbidden else deviation
    changes: list[tuple[int, ...]] = [(0,)]
    probabilities: list[tuple[float, ...]] = [(1.0,)]
    steps: list[tuple[int, ...]] = [()]
    for count in range(1, last + 1):
        allowed = [
            change for change in range(max(-deviation, -count), deviation + 1) if not 1 <= count + change <= forbidden
        ]
        units = _quantized(_most_entropy(np.array(allowed, float), variance, count))
        changes.append(tuple(allowed))
        probabilities.append(tuple(float(unit) / 2**_BITS for unit in units))
        steps.append(tuple(int(step) for step in np.cumsum(units)[:-1]))
    table = PerturbationTable(tuple(changes), tuple(probabilities), tuple(steps))
    _validate(table, deviation, variance, forbidden)
    return table


def _most_entropy(allowed: np.ndarray, variance: float, count: int) -> np.ndarray:
    """Return the distribution of greatest entropy over changes with mean 0 and a variance."""
    low, high = _variances(allowed)
    if not low + 1e-9 < variance < high - 1e-9:
        raise ArgumentError(
            f"a count of {count} cannot be changed with variance {variance:g}: with this deviation and these forbidden "
            f"results its variance lies between {low:g} and {high:g}; change one of the three"
        )
    scale = max(abs(allowed))
    moments = np.stack([allowed / scale, (allowed / scale) ** 2 - variance / scale**2])

    def distribution(point: np.ndarray) -> tuple[float, np.ndarray]:
        exponent = point @ moments
        top = exponent.max()
        weight = np.exp(exponent - top)
        return top + float(np.log(weight.sum())), weight / weight.sum()

    def hessian(point: np.ndarray) -> np.ndarray:
        _, p = distribution(point)
        mean = moments @ p
        return np.asarray((moments * p) @ moments.T - np.outer(mean, mean))

    found = minimize(
        lambda point: distribution(point)[0],
        np.zeros(2),
        jac=lambda point: moments @ distribution(point)[1],
        hess=hessian,
        method="trust-exact",
        options={"gtol": 1e-13, "maxiter": 1000},
    )
    return distribution(found.x)[1]


def _variances(allowed: np.ndarray) -> tuple[float, float]:
    """Return the least and the largest variance of a distribution over changes with mean 0."""
    below, above = allowed[allowed < 0], allowed[allowed > 0]
    if not len(below) or not len(above):
        return 0.0, 0.0
    # Two points v < 0 < w with mean 0 have variance -v w.
    least = 0.0 if 0 in allowed else float(-below.max() * above.min())
    return least, float(-below.min() * above.max())


def _quantized(probabilities: np.ndarray) -> np.ndarray:
    units = np.rint(probabilities * 2**_BITS).astype(np.int64)
    units[int(units.argmax())] += 2**_BITS - int(units.sum())
    return np.asarray(units)


def _validate(table: PerturbationTable, deviation: int, variance: float, forbidden: int) -> None:
    """Check what the table promises, row by row: a solver is trusted only as far as its result."""
    for count, (changes, chances) in enumerate(zip(table.changes, table.probabilities, strict=True)):
        v, p = np.array(changes), np.array(chances)
        results = count + v
        good = bool(
            (p >= 0).all()
            and abs(p.sum() - 1) < _TOLERANCE
            and abs(p @ v) < _TOLERANCE
            and (count == 0 or abs(p @ v**2 - variance) < _TOLERANCE * max(1.0, variance))
            and (abs(v) <= deviation).all()
            and (results >= 0).all()
            and not ((results >= 1) & (results <= forbidden)).any()
        )
        if not good:
            raise ArgumentError(
                f"no stable perturbation table has deviation {deviation}, variance {variance:g} and forbidden results "
                f"up to {forbidden}: move the variance away from its limits"
            )
