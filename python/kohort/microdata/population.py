"""A frame against the population that it was drawn from: delta-presence and k-map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import polars as pl
from scipy import special

from kohort import _core
from kohort._frames import open_frame
from kohort.errors import ArgumentError
from kohort.microdata import checks, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterable

ESTIMATORS = ("poisson", "zero_truncated_poisson")


class Presence(NamedTuple):
    """The figures of a frame against its population."""

    k: int
    lower: float
    upper: float
    mean_risk: float


def delta_presence(df: Any, quasi_identifiers: str | Iterable[str], population: Any) -> tuple[float, float]:
    """Find the bounds for which a frame is delta-present in its population.

    Whoever knows the population and a person's quasi-identifiers believes the person to be in the frame with a
    probability that lies between the two bounds.

    Parameters
    ----------
    df
        Any frame that `kohort.k_anonymity` takes; a part of `population`. Only the named columns are read, nothing is
        changed.
    quasi_identifiers
        The columns that someone outside may know of a person; a single name may come as a string. Both frames have
        them, generalized alike.
    population
        Any frame; its rows include those of `df`.

    Returns
    -------
    tuple[float, float]
        The least and the greatest share of a class of the population that is in the frame. A class of the population
        without a row in the frame has the share 0.

    Raises
    ------
    ArgumentError
        If a column is absent, ambiguous, nested or named twice, if none is named, if a column has types in the two
        frames that cannot be compared, if the frame has no rows, or if a class has more rows in the frame than in the
        population.

    Notes
    -----
    M. E. Nergiz, M. Atzori, C. Clifton, "Hiding the presence of individuals from shared databases", SIGMOD 2007. ARX
    leaves classes out that fail another model, where both are asked for: its lower bound may be greater.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> population = pl.DataFrame({"sex": ["F", "F", "F", "F", "M", "M"]})
    >>> kh.delta_presence(population.head(3), "sex", population=population)
    (0.0, 0.75)
    """
    figures = presence(df, quasi_identifiers, population)
    return figures.lower, figures.upper


def k_map(
    df: Any,
    quasi_identifiers: str | Iterable[str],
    population: Any = None,
    *,
    population_size: int | None = None,
    sampling_fraction: float | None = None,
    estimator: Literal["poisson", "zero_truncated_poisson"] = "zero_truncated_poisson",
    significance: float = 0.05,
) -> int:
    r"""Find the k for which a frame is k-mapped to its population.

    Every class of the frame has at least k rows in the population: someone who does not know who is in the frame cannot
    tell a person among fewer than k. Give the population, or its size, or the share of it that is in the frame; with
    the latter two k is estimated.

    Parameters
    ----------
    df
        Any frame that `kohort.k_anonymity` takes. Only the named columns are read, nothing is changed.
    quasi_identifiers
        The columns that someone outside may know of a person; a single name may come as a string.
    population
        A frame with the same columns, generalized alike; its rows include those of `df`.
    population_size
        Rows of the population, at least those of `df`.
    sampling_fraction
        The share of the population that is in the frame, in (0, 1].
    estimator
        How the rows of a class in the frame are distributed, given its rows in the population: "poisson", or
        "zero_truncated_poisson", which knows that a class that is seen has a row.
    significance
        The probability, in (0, 1), of taking a class of k rows in the population for one of more.

    Returns
    -------
    int
        The smallest class of the population in which the frame has a row, or its estimate.

    Raises
    ------
    ArgumentError
        If a column is absent, ambiguous, nested or named twice, if none is named, if not exactly one of `population`,
        `population_size` and `sampling_fraction` is given, if one of them or `significance` is out of its range, if the
        frame has no rows, or if a class has more rows in the frame than in the population.

    Notes
    -----
    L. Sweeney, "Computational disclosure control", PhD thesis, MIT 2001. Estimated: a class is accepted for k if seeing
    as many rows as it has, or more, has at most the probability `significance` under a mean of k times the sampling
    fraction (K. El Emam, F. Dankar, "Protecting privacy using k-anonymity", JAMIA 15 (2008), with the truncated
    distribution; J. Pannekoek, "Statistical methods for some simple disclosure limitation rules", Statistica
    Neerlandica 53 (1999), with the plain one). A class of k rows in the frame is one of k rows in the population in any
    case. ARX asks for one row more with the plain distribution, and for the same with the truncated one.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> population = pl.DataFrame({"sex": ["F", "F", "F", "F", "M", "M"]})
    >>> kh.k_map(population.head(2), "sex", population=population)
    4
    >>> kh.k_map(pl.DataFrame({"sex": ["F"] * 9 + ["M"] * 6}), "sex", sampling_fraction=0.1)
    25
    """
    given = [option is not None for option in (population, population_size, sampling_fraction)]
    if sum(given) != 1:
        raise ArgumentError(
            "k-map looks at the population: give exactly one of population, population_size and sampling_fraction"
        )
    if population is not None:
        return presence(df, quasi_identifiers, population).k
    thresholds.one_of("estimator", estimator, ESTIMATORS)
    significance = thresholds.significance(significance)
    if population_size is not None:
        size = thresholds.whole("population_size", population_size)
    names = checks.names("quasi_identifiers", quasi_identifiers)
    frame = open_frame(df)
    checks.columns(frame, names)
    rows = frame.select(names)
    sizes = _core.class_sizes(rows, names)
    checks.some_rows(len(sizes))
    smallest = sizes[0][0]
    if population_size is not None:
        sampling_fraction = fraction_of(sum(rows * classes for rows, classes in sizes), size)
    fraction = sampled(sampling_fraction)
    return greatest_k(smallest, fraction, estimator, significance)


def presence(df: Any, quasi_identifiers: str | Iterable[str], population: Any) -> Presence:
    """Compare a frame with its population by the classes of both."""
    names = checks.names("quasi_identifiers", quasi_identifiers)
    frame, whole = open_frame(df), open_frame(population)
    checks.columns(frame, names)
    checks.columns(whole, names)
    rows, others = alike(pl.DataFrame(frame.select(names)), pl.DataFrame(whole.select(names)))
    checks.some_rows(rows.height)
    k, lower, upper, mean_risk, exceeds = _core.presence(rows, others, names)
    if exceeds:
        raise ArgumentError(
            "a class has more rows in the frame than in the population, so the one is not a part of the other: "
            "generalize both alike, and give the whole population"
        )
    return Presence(k, lower, upper, mean_risk)


def alike(rows: pl.DataFrame, population: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the columns of both frames the same types."""
    for name in rows.columns:
        one, other = rows[name], population[name]
        if one.dtype == other.dtype:
            continue
        one, other = (s.cast(pl.String) if s.dtype in (pl.Categorical, pl.Enum) else s for s in (one, other))
        if (one.dtype == pl.String) != (other.dtype == pl.String):
            raise _unlike(rows[name], population[name])
        try:
            dtype = pl.concat([one.clear().to_frame(), other.clear().to_frame()], how="vertical_relaxed").dtypes[0]
        except pl.exceptions.PolarsError:
            raise _unlike(rows[name], population[name]) from None
        rows, population = rows.with_columns(one.cast(dtype)), population.with_columns(other.cast(dtype))
    return rows, population


def _unlike(one: pl.Series, other: pl.Series) -> ArgumentError:
    return ArgumentError(
        f"column {one.name!r} is of type {one.dtype} in the frame and {other.dtype} in the population: cast one of them"
    )


def fraction_of(rows: int, population_size: int) -> float:
    """Find the sampling fraction, and refuse a population that is smaller than the frame."""
    if population_size < rows:
        raise ArgumentError(
            f"population_size is {population_size}, fewer than the rows of the frame: the frame is a part of the "
            "population"
        )
    return rows / population_size


def sampled(fraction: float | None) -> float:
    """Read a sampling fraction."""
    return thresholds.number("sampling_fraction", fraction, 0, 1, above=True)


def least_class(k: int, fraction: float, estimator: str, significance: float) -> int:
    """Find the fewest rows by which a class of the frame is taken for one of k rows in the population."""
    mean = fraction * k
    seen = -special.expm1(-mean) if estimator == "zero_truncated_poisson" else 1.0
    low, high = 1, k
    # The probability of so many rows or more falls with their number.
    while low < high:
        rows = (low + high) // 2
        if special.pdtrc(rows - 1, mean) / seen <= significance:
            high = rows
        else:
            low = rows + 1
    return low


def greatest_k(rows: int, fraction: float, estimator: str, significance: float) -> int:
    """Find the greatest k that a smallest class of so many rows is taken for."""
    low, high = rows, 2 * rows
    while least_class(high, fraction, estimator, significance) <= rows:
        low, high = high, 2 * high
    while high - low > 1:
        k = (low + high) // 2
        if least_class(k, fraction, estimator, significance) <= rows:
            low = k
        else:
            high = k
    return low
