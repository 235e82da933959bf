"""How many persons of the population are unique, judged from a sample of it."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from kohort import _core
from kohort._frames import open_frame
from kohort.display import card, facts, note
from kohort.errors import ArgumentError
from kohort.microdata import checks, superpopulation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Model = Literal["dankar", "pitman", "zayatz", "snb"]

_MODELS: dict[str, Callable[..., float | None]] = {
    "pitman": superpopulation.pitman,
    "zayatz": superpopulation.zayatz,
    "snb": superpopulation.slide_negative_binomial,
}
_TITLES = {"pitman": "Pitman", "zayatz": "Zayatz", "snb": "slide negative binomial"}

#: Sampling fractions up to this are Pitman's in the rule of Dankar et al.
SMALL_SAMPLE = 0.1


@dataclass(frozen=True, slots=True)
class PopulationUniqueness:
    """How many persons of the population are expected to be unique; made by `kohort.population_uniqueness`.

    Attributes
    ----------
    share
        The share of the population, in [0, 1], expected to be alone in their class.
    expected
        The expected number of persons in the population who are.
    model
        The model behind the two: "pitman", "zayatz" or "snb"; "exact" where nothing had to be estimated.
    why
        Why this model, in a sentence.
    sample_share
        The share of the sample's rows that are alone in their class.
    population_size, sampling_fraction
        The size of the population, and the share of it that is in the frame.
    estimates
        The share by each model that was evaluated; None where a model's equations have no solution.
    """

    share: float
    expected: float
    model: str
    why: str
    sample_share: float
    population_size: int
    sampling_fraction: float
    estimates: Mapping[str, float | None]

    def __repr__(self) -> str:
        return (
            f"PopulationUniqueness: {self.share:.1%} of the population expected to be unique "
            f"({self.sample_share:.1%} of the sample is), by model {self.model}: {self.why}"
        )

    def _repr_html_(self) -> str:
        shown = {
            "of the population expected to be unique": f"{self.share:.1%}",
            "of the sample unique": f"{self.sample_share:.1%}",
            "sample": f"{self.sampling_fraction:.2%} of {self.population_size:,} persons",
        }
        others = {
            f"by {_TITLES[name]}'s model" if name != "snb" else "by the slide negative binomial model": (
                "no solution" if share is None else f"{share:.1%}"
            )
            for name, share in self.estimates.items()
        }
        return card("Uniqueness in the population", facts(shown | others), note(f"Model {self.model}: {self.why}."))


def population_uniqueness(
    df: Any,
    quasi_identifiers: str | Iterable[str],
    *,
    sampling_fraction: float | None = None,
    population_size: int | None = None,
    model: Model = "dankar",
) -> PopulationUniqueness:
    """Estimate how many persons of the population are unique, from a frame that is a random sample of it.

    A row that is alone in the frame may have doubles among the persons who are not in it. How many persons have none
    is estimated from the number of classes of each size in the sample.

    Parameters
    ----------
    df
        A frame of any kind that `kohort.k_anonymity` takes; one row per person.
    quasi_identifiers
        The columns that someone outside may know of a person; a single name may come as a string.
    sampling_fraction
        The share of the population that the frame holds, in (0, 1].
    population_size
        Instead of it, how many persons the population has.
    model
        "dankar" chooses as Dankar et al. (2012) found best: up to a tenth of the population Pitman's model, or
        Zayatz's where Pitman's has no solution; beyond it the smaller of the slide negative binomial's and Zayatz's
        estimate. "pitman", "zayatz" and "snb" (slide negative binomial) ask for one model.

    Returns
    -------
    PopulationUniqueness
        The share, the number, the model that decided, and why.

    Raises
    ------
    ArgumentError
        If a column is absent, ambiguous, nested or named twice, if the frame has no rows, if not exactly one of
        `sampling_fraction` and `population_size` is given or it is out of range, if `model` is unknown, or if the model
        that was asked for has no solution on this frame.

    Notes
    -----
    - Decision rule: F. Dankar, K. El Emam, A. Neisa, T. Roffey, "Estimating the re-identification risk of clinical data
      sets", BMC Medical Informatics and Decision Making 12:66 (2012).
    - Pitman: N. Hoshino, "Applying Pitman's sampling formula to microdata disclosure risk assessment", Journal of
      Official Statistics 17 (2001).
    - Zayatz: L. Zayatz, "Estimation of the number of unique population elements using a sample", Proceedings of the
      Survey Research Methods Section, ASA (1991).
    - Slide negative binomial: G. Chen and S. Keller-McNulty, "Estimation of identification disclosure risk in
      microdata", Journal of Official Statistics 14 (1998); the number of classes in the population by the estimator
      D_Sh3 of P. Haas and L. Stokes, "Estimating the number of classes in a finite population", JASA 93 (1998).

    ARX's Pitman and Zayatz estimates are these. Its slide negative binomial differs: its second equation multiplies by
    (1 - (1-f)(1-beta))^(alpha+2), by which the moment of the classes of two divides, and its D_Sh3 subtracts 1 after
    the multiplication by (1-f)^i instead of before. Its solver then finds nothing where there is a solution, and its
    decision rule gives Zayatz's estimate.

    All models take the sample for random. In a sample of selected persons the estimate says little.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> df = pl.DataFrame({"age": [30, 30, 41, 52, 52, 52, 67], "sex": ["F", "F", "M", "M", "M", "M", "F"]})
    >>> found = kh.population_uniqueness(df, ["age", "sex"], sampling_fraction=0.5)
    >>> found.model, found.share < found.sample_share
    ('snb', True)
    """
    names = checks.names("quasi_identifiers", quasi_identifiers)
    if model != "dankar" and model not in _MODELS:
        raise ArgumentError(f"model must be one of 'dankar', {', '.join(map(repr, _MODELS))}, got {model!r}")
    _scale(sampling_fraction, population_size)
    frame = open_frame(df)
    checks.columns(frame, names)
    spectrum = _core.class_sizes(frame.select(names), names)
    checks.some_rows(len(spectrum))
    sizes = np.array([size for size, _ in spectrum], dtype=np.float64)
    counts = np.array([count for _, count in spectrum], dtype=np.float64)
    rows = sum(size * count for size, count in spectrum)
    population = _population(rows, sampling_fraction, population_size)
    alone = spectrum[0][1] if spectrum[0][0] == 1 else 0

    estimates: dict[str, float | None] = {}

    def estimate(name: str) -> float | None:
        uniques = _MODELS[name](sizes, counts, population)
        usable = uniques is not None and 0 < uniques <= population * (1 + 1e-9)
        estimates[name] = uniques / population if uniques is not None and usable else None
        return uniques if usable else None

    decided, expected, why = _decide(model, alone, rows, population, estimate)
    return PopulationUniqueness(
        share=min(expected / population, 1.0),
        expected=expected,
        model=decided,
        why=why,
        sample_share=alone / rows,
        population_size=population,
        sampling_fraction=rows / population,
        estimates=MappingProxyType(estimates),
    )


def _decide(
    model: str, alone: int, rows: int, population: int, estimate: Callable[[str], float | None]
) -> tuple[str, float, str]:
    if alone == 0:
        return "exact", 0.0, "no row of the sample is alone, so that no person of the population is seen to be"
    if rows == population:
        return "exact", float(alone), "the frame is the whole population"
    if model != "dankar":
        uniques = estimate(model)
        if uniques is None:
            raise ArgumentError(
                f"the {_TITLES[model]} model has no solution for the class sizes of this frame: use model='dankar', "
                "which then falls back on another"
            )
        return model, uniques, "it was asked for"
    if rows / population <= SMALL_SAMPLE:
        uniques = estimate("pitman")
        if uniques is not None:
            return "pitman", uniques, "the sample is at most a tenth of the population"
        return "zayatz", _certain(estimate), "a sample of at most a tenth, and Pitman's model has no solution"
    return _of_large_sample(estimate)


def _of_large_sample(estimate: Callable[[str], float | None]) -> tuple[str, float, str]:
    zayatz, snb = _certain(estimate), estimate("snb")
    if snb is None:
        return "zayatz", zayatz, "a sample above a tenth, and the slide negative binomial model has no solution"
    if snb <= zayatz:
        return "snb", snb, "a sample above a tenth, and the slide negative binomial estimate is below Zayatz's"
    return "zayatz", zayatz, "a sample above a tenth, and Zayatz's estimate is below the slide negative binomial's"


def _certain(estimate: Callable[[str], float | None]) -> float:
    # Zayatz's estimate exists wherever a row is alone.
    return estimate("zayatz") or 0.0


def _scale(fraction: float | None, population: int | None) -> None:
    if (fraction is None) == (population is None):
        raise ArgumentError("give either sampling_fraction or population_size: uniqueness depends on what was left out")
    if fraction is not None and not (
        isinstance(fraction, Real) and not isinstance(fraction, bool) and 0 < fraction <= 1
    ):
        raise ArgumentError(f"sampling_fraction must be in (0, 1], got {fraction!r}")
    if population is not None and (isinstance(population, bool) or not isinstance(population, Integral)):
        raise ArgumentError(f"population_size must be a whole number of persons, got {population!r}")


def _population(rows: int, fraction: float | None, population: int | None) -> int:
    if population is None:
        return round(rows / float(fraction or 1))
    if population < rows:
        raise ArgumentError(
            f"population_size is {population:,}, fewer than the frame's {rows:,} rows: a sample is not larger than its "
            "population"
        )
    return int(population)
