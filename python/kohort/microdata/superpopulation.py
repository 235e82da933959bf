"""Models of the population behind a sample: what class sizes in the sample say of classes of one in the population.

Each estimator takes the class sizes of the sample, how many classes have each, and the size of the population; it gives
the expected number of persons who are alone in their class in the population, or None where its equations have no
solution.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq
from scipy.special import digamma, gammaln
from scipy.stats import hypergeom

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Alpha of Pitman's model lies in (0, 1). Nearer to 0 it is Ewens' model, and the equations lose their digits.
NEAR_ZERO, NEAR_ONE = 1e-4, 1 - 1e-9
#: How finely the second parameter of the slide negative binomial model is searched for sign changes.
GRID = 400


def zayatz(sizes: Floats, counts: Floats, population: int) -> float | None:
    """Zayatz (1991): Bayes' rule, with the sample's class sizes standing in for the population's."""
    rows = int(sizes @ counts)
    alone = counts[sizes == 1].sum()
    if population < sizes[-1]:
        return None
    # P(one of a class of this size is drawn), which is 0 where the sample is the population and the class is larger.
    drawn = hypergeom.pmf(1, population, sizes, rows)
    share = alone * drawn[0] / (counts @ drawn)
    return float(share * alone * population / rows)


def pitman(sizes: Floats, counts: Floats, population: int) -> float | None:
    """Pitman's sampling formula, by maximum likelihood (Hoshino 2001)."""
    rows, classes = float(sizes @ counts), float(counts.sum())
    if classes < 2 or classes == rows:
        return None  # the likelihood grows without end: one class, or nothing but classes of one

    def by_theta(theta: float, alpha: float) -> float:
        unseen = (digamma(classes + theta / alpha) - digamma(1 + theta / alpha)) / alpha
        return float(unseen - (digamma(rows + theta) - digamma(1 + theta)))

    def best_theta(alpha: float) -> float:
        low, high = -alpha * NEAR_ONE, 1.0
        while by_theta(high, alpha) > 0:
            high *= 2
        return float(brentq(by_theta, low, high, args=(alpha,), xtol=1e-12, rtol=1e-14))

    def by_alpha(alpha: float) -> float:
        theta = best_theta(alpha)
        unseen = (digamma(classes + theta / alpha) - digamma(1 + theta / alpha)) / alpha
        within = counts @ (digamma(sizes - alpha) - digamma(1 - alpha))
        return float((classes - 1 - theta * unseen) / alpha - within)

    alpha = _root(by_alpha, NEAR_ZERO, NEAR_ONE)
    if alpha is None:
        return None
    theta = best_theta(alpha)
    uniques = math.exp(gammaln(theta + 1) - gammaln(theta + alpha) + alpha * math.log(population))
    return uniques if uniques <= population else None


def slide_negative_binomial(sizes: Floats, counts: Floats, population: int) -> float | None:
    """Slide negative binomial class sizes, by the moments of classes of one and of two (Chen and McNulty 1998).

    A class of the population has one person more than a negative binomial variable with parameters alpha and beta. The
    number of classes comes from the third estimator of Shlosser's kind of Haas and Stokes (1998).
    """
    fraction = float(sizes @ counts) / population
    one, two = counts[sizes == 1].sum(), counts[sizes == 2].sum()
    if fraction >= 1:
        return float(one)
    if two == 0:
        return None
    classes = _shlosser(sizes, counts, fraction)
    missed = 1 - fraction
    goal = math.log(one / (classes * fraction))

    def residual(beta: float, branch: int) -> float:
        """Classes of two that are expected, less those there are, where those of one agree."""
        alpha = _alpha(beta, missed, goal, branch)
        if alpha is None:
            return math.nan
        kept = 1 - (1 - beta) * missed
        start = classes * fraction**2 / 2 * (beta / kept) ** alpha * alpha * (1 - beta) / kept**2
        return float(start * (2 - (1 - alpha) * (1 - beta) * missed) - two)

    # Near beta = 1 all classes are of one: the smallest beta at which the equations agree is the informative one.
    betas = np.linspace(0, 1, GRID + 1)[1:-1]
    found = []
    for branch in (0, 1):
        values = [residual(beta, branch) for beta in betas]
        for low, high, left, right in zip(betas, betas[1:], values, values[1:], strict=False):
            if left * right < 0:
                beta = float(brentq(residual, low, high, args=(branch,), xtol=1e-13))
                alpha = _alpha(beta, missed, goal, branch)
                if alpha is not None:
                    found.append(classes * beta**alpha)
    fitting = [uniques for uniques in found if uniques <= population]
    return float(fitting[0]) if fitting else None


def _alpha(beta: float, missed: float, goal: float, branch: int) -> float | None:
    """Solve the equation of the classes of one for alpha: on one side of the maximum of its left side, or the other."""
    weight = (1 - beta) * missed / (1 - (1 - beta) * missed)
    slope = math.log(beta / (1 - (1 - beta) * missed))  # below 0

    def left(alpha: float) -> float:
        return slope * alpha + math.log1p(alpha * weight) - goal

    peak = max(0.0, -1 / slope - 1 / weight)
    if left(peak) < 0:
        return None
    if branch == 0:
        return _root(left, 0.0, peak) if peak > 0 else None
    far = max(2 * peak, 1.0)
    while left(far) > 0:
        far *= 2
    return _root(left, peak, far)


def _shlosser(sizes: Floats, counts: Floats, fraction: float) -> float:
    """Estimate the number of classes in the population."""
    missed = 1 - fraction
    one = counts[sizes == 1].sum()
    first = counts @ (sizes * fraction**2 * (1 - fraction**2) ** (sizes - 1))
    second = counts @ ((1 - fraction**2) ** sizes - missed**sizes)  # missed^i ((1 + fraction)^i - 1)
    ratio = (counts @ missed**sizes) / (counts @ (sizes * fraction * missed ** (sizes - 1)))
    return float(counts.sum() + one * first / second * ratio**2)


def _root(function: Callable[[float], float], low: float, high: float) -> float | None:
    """Find where a function changes its sign; None if it has one sign at both ends."""
    left, right = function(low), function(high)
    if not (left * right <= 0):
        return None
    return float(brentq(function, low, high, xtol=1e-13))
