"""Models that look at the population, or at all classes at once, as plain values for `kohort.anonymize`."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import Any, Literal

from kohort.errors import ArgumentError
from kohort.microdata import thresholds
from kohort.microdata.population import ESTIMATORS, fraction_of, least_class, sampled


@dataclass(frozen=True, slots=True)
class DeltaPresence:
    """In every class of the population, the share that is in the frame has bounds; see `kohort.delta_presence`.

    Parameters
    ----------
    lower, upper
        In [0, 1], both included.
    population
        A frame with the quasi-identifiers as they are before generalization; its rows include those of the frame.

    Raises
    ------
    ArgumentError
        If a bound is out of its range, or `lower` is above `upper`.

    Notes
    -----
    M. E. Nergiz, M. Atzori, C. Clifton, "Hiding the presence of individuals from shared databases", SIGMOD 2007.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> kh.DeltaPresence(0.1, 0.5, population=pl.DataFrame({"sex": ["F", "M"]}))
    DeltaPresence(lower=0.1, upper=0.5)
    """

    lower: float
    upper: float
    population: Any = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        thresholds.number("lower", self.lower, 0, 1)
        thresholds.number("upper", self.upper, 0, 1)
        if self.lower > self.upper:
            raise ArgumentError(f"lower is {self.lower!r}, above upper, {self.upper!r}: exchange them")

    def requirement(self) -> dict[str, Any]:
        """Give the requirement as the core reads it; the population is read apart."""
        return {"model": "delta_presence", "lower": float(self.lower), "upper": float(self.upper)}


@dataclass(frozen=True, slots=True)
class KMap:
    """Every class of the frame has at least `k` rows in the population; see `kohort.k_map`.

    Parameters
    ----------
    k
        A whole number from 1.
    population
        A frame with the quasi-identifiers as they are before generalization; its rows include those of the frame.
    population_size, sampling_fraction, estimator, significance
        Without a population, how its classes are estimated, as for `kohort.k_map`.

    Raises
    ------
    ArgumentError
        If not exactly one of `population`, `population_size` and `sampling_fraction` is given, or if one of the
        arguments is out of its range.

    Notes
    -----
    L. Sweeney, "Computational disclosure control", PhD thesis, MIT 2001; the estimators: see `kohort.k_map`.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.KMap(11, sampling_fraction=0.1).requirement()
    {'measure': 'size', 'threshold': 4.0}
    """

    k: int
    population: Any = field(default=None, repr=False, compare=False)
    population_size: int | None = None
    sampling_fraction: float | None = None
    estimator: Literal["poisson", "zero_truncated_poisson"] = "zero_truncated_poisson"
    significance: float = 0.05

    def __post_init__(self) -> None:
        thresholds.whole("k", self.k)
        given = [option is not None for option in (self.population, self.population_size, self.sampling_fraction)]
        if sum(given) != 1:
            raise ArgumentError(
                "k-map looks at the population: give exactly one of population, population_size and sampling_fraction"
            )
        if self.population_size is not None:
            thresholds.whole("population_size", self.population_size)
        if self.sampling_fraction is not None:
            sampled(self.sampling_fraction)
        thresholds.one_of("estimator", self.estimator, ESTIMATORS)
        thresholds.significance(self.significance)

    def requirement(self, rows: int | None = None) -> dict[str, Any]:
        """Give the requirement as the core reads it; a population is read apart.

        Parameters
        ----------
        rows
            Rows of the frame, needed if `population_size` was given.

        Returns
        -------
        dict
            Estimated, k-map is k-anonymity for a smaller k.

        Raises
        ------
        ArgumentError
            If `rows` is needed and missing, or is more than the population.
        """
        if self.population is not None:
            return {"model": "k_map", "k": int(self.k)}
        fraction = self.sampling_fraction
        if self.population_size is not None:
            if rows is None:
                raise ArgumentError("a population of known size is compared with the rows of the frame: give rows")
            fraction = fraction_of(rows, self.population_size)
        least = least_class(int(self.k), sampled(fraction), self.estimator, float(self.significance))
        return {"measure": "size", "threshold": float(least)}


@dataclass(frozen=True, slots=True)
class ProsecutorRisk:
    """Whoever knows that a person is in the frame picks the right row with at most this probability.

    Parameters
    ----------
    threshold
        In (0, 1].

    Raises
    ------
    ArgumentError
        If `threshold` is out of its range.

    Notes
    -----
    K. El Emam, F. Dankar, "Protecting privacy using k-anonymity", JAMIA 15 (2008): k-anonymity for k of one over the
    threshold, rounded up.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.ProsecutorRisk(0.2).requirement()
    {'measure': 'size', 'threshold': 5.0}
    """

    threshold: float

    def __post_init__(self) -> None:
        thresholds.number("threshold", self.threshold, 0, 1, above=True)

    def requirement(self) -> dict[str, Any]:
        """Give the requirement as the core reads it."""
        return {"measure": "size", "threshold": float(least_size(self.threshold))}


@dataclass(frozen=True, slots=True)
class JournalistRisk:
    """Whoever does not know who is in the frame finds a person in the population with at most this probability.

    Parameters
    ----------
    threshold
        In (0, 1].
    population
        A frame with the quasi-identifiers as they are before generalization; its rows include those of the frame.

    Raises
    ------
    ArgumentError
        If `threshold` is out of its range.

    Notes
    -----
    K. El Emam, F. Dankar, "Protecting privacy using k-anonymity", JAMIA 15 (2008): k-map for k of one over the
    threshold, rounded up.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> kh.JournalistRisk(0.2, population=pl.DataFrame({"sex": ["F", "M"]})).requirement()
    {'model': 'k_map', 'k': 5}
    """

    threshold: float
    population: Any = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        thresholds.number("threshold", self.threshold, 0, 1, above=True)
        if self.population is None:
            raise ArgumentError("the journalist looks people up in the population: give it, or use ProsecutorRisk")

    def requirement(self) -> dict[str, Any]:
        """Give the requirement as the core reads it; the population is read apart."""
        return {"model": "k_map", "k": least_size(self.threshold)}


@dataclass(frozen=True, slots=True)
class AverageRisk:
    """On average over the rows that are kept, the right row is picked with at most this probability (marketer's risk).

    Parameters
    ----------
    threshold
        In (0, 1].

    Raises
    ------
    ArgumentError
        If `threshold` is out of its range.

    Notes
    -----
    K. El Emam, "Guide to the de-identification of personal health information", CRC Press 2013. The average over the
    rows of one over the size of their class is the number of classes over the number of rows: a requirement on all
    classes together, not on each.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.AverageRisk(0.1).holds(rows=30, classes=3)
    True
    """

    threshold: float

    def __post_init__(self) -> None:
        thresholds.number("threshold", self.threshold, 0, 1, above=True)

    def holds(self, rows: int, classes: int) -> bool:
        """Say whether so many rows in so many classes are few enough classes; no rows at all are.

        Parameters
        ----------
        rows, classes
            Those that are kept.

        Returns
        -------
        bool
            Whether classes / rows is at most the threshold.
        """
        return rows == 0 or classes / rows <= self.threshold


def least_size(risk: float) -> int:
    """Find the smallest class whose rows are picked with at most this probability."""
    # One over 1/k shall be k, whatever the rounding of 1/k.
    return ceil(1 / risk - 1e-9)
