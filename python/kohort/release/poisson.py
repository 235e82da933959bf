"""The exact interval of a Poisson count."""

from __future__ import annotations

from scipy.stats import chi2


def poisson_interval(events: int, level: float = 0.95) -> tuple[float, float]:
    """Return the exact confidence limits of a Poisson mean.

    Parameters
    ----------
    events
        The observed number of events.
    level
        The confidence level.

    Returns
    -------
    tuple of float
        The lower and the upper limit, in events.

    References
    ----------
    Garwood F. Fiducial limits for the Poisson distribution. Biometrika 28 (1936).

    Examples
    --------
    >>> [round(limit, 3) for limit in poisson_interval(10)]
    [4.795, 18.39]
    """
    tail = (1 - level) / 2
    low = float(chi2.ppf(tail, 2 * events)) / 2 if events else 0.0
    return low, float(chi2.ppf(1 - tail, 2 * events + 2)) / 2
