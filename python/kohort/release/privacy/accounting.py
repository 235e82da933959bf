"""Zero-concentrated differential privacy in terms of epsilon and delta."""

from __future__ import annotations

from math import exp, inf, isfinite, log, log1p, sqrt

from scipy.optimize import minimize_scalar

from kohort.errors import ArgumentError


def delta_of(rho: float, epsilon: float) -> float:
    """Return a delta for which rho-zCDP implies (epsilon, delta)-differential privacy.

    Parameters
    ----------
    rho
        What was spent, in all.
    epsilon
        The epsilon asked for.

    Returns
    -------
    float
        At most 1.

    Notes
    -----
    Canonne, Kamath, Steinke (2020), corollary 13: the least over orders a > 1 of
    exp((a - 1)(a rho - epsilon)) / (a - 1) * (1 - 1/a)^a. Every order gives a valid delta, so the search for the best
    one cannot make the answer too small.

    Examples
    --------
    >>> delta_of(0.02, 1.0) < 1e-6
    True
    """
    return min(1.0, exp(min(0.0, _log_delta(rho, epsilon))))


def epsilon_of(rho: float, delta: float) -> float:
    """Return the least epsilon for which rho-zCDP implies (epsilon, delta)-differential privacy.

    Parameters
    ----------
    rho
        What was spent, in all; costs of several releases add up.
    delta
        The delta asked for, above 0 and below 1.

    Returns
    -------
    float
        Never too small; above the best possible for Gaussian noise by some 7 to 9 %, the looseness of zCDP.

    Raises
    ------
    ArgumentError
        If `rho` is negative or `delta` is not between 0 and 1.

    Examples
    --------
    >>> round(epsilon_of(0.005, 1e-6), 2)
    0.43
    """
    _check(delta)
    if not (rho >= 0 and isfinite(rho)):
        raise ArgumentError(f"rho must be a number from 0 on, got {rho!r}")
    if rho == 0:
        return 0.0
    # Bun and Steinke (2016), proposition 1.3: always enough.
    low, high = 0.0, rho + 2 * sqrt(rho * -log(delta))
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        if middle in {low, high}:
            break
        low, high = (low, middle) if _log_delta(rho, middle) <= log(delta) else (middle, high)
    return high


def rho_of(epsilon: float, delta: float) -> float:
    """Return the largest rho such that rho-zCDP implies (epsilon, delta)-differential privacy.

    Parameters
    ----------
    epsilon, delta
        The guarantee asked for.

    Returns
    -------
    float
        Never too large.

    Raises
    ------
    ArgumentError
        If `epsilon` is not positive or `delta` is not between 0 and 1.

    Examples
    --------
    >>> rho = rho_of(1.0, 1e-6)
    >>> epsilon_of(rho, 1e-6) <= 1.0
    True
    """
    _check(delta)
    if not (epsilon > 0 and isfinite(epsilon)):
        raise ArgumentError(f"epsilon must be a positive number, got {epsilon!r}")
    low, high = 0.0, epsilon
    while _log_delta(high, epsilon) <= log(delta):
        high *= 2
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        if middle in {low, high}:
            break
        low, high = (middle, high) if _log_delta(middle, epsilon) <= log(delta) else (low, middle)
    # A billionth less: the search for the best order is only that exact.
    return low * (1 - 1e-9)


def _log_delta(rho: float, epsilon: float) -> float:
    def of(logarithm: float) -> float:
        less = exp(logarithm)
        order = 1 + less
        return less * (order * rho - epsilon) - logarithm - order * log1p(1 / less)

    # The best order lies near (1 + epsilon / rho) / 2; -35 to 35 covers every order a float can tell from 1.
    start = log(max((epsilon / rho - 1) / 2, 1e-12)) if rho else 0.0
    found = minimize_scalar(of, bounds=(min(-35.0, start - 5), max(5.0, start + 5)), method="bounded")
    near = minimize_scalar(of, bounds=(start - 3, start + 3), method="bounded", options={"xatol": 1e-10})
    return min(float(found.fun), float(near.fun), inf)


def _check(delta: float) -> None:
    if not 0 < delta < 1:
        raise ArgumentError(f"delta must lie between 0 and 1, got {delta!r}: one in a million (1e-6) is usual")
