"""What a frame shall fulfill: the models of privacy as plain values, for `kohort.anonymize`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from kohort.errors import ArgumentError
from kohort.microdata import thresholds
from kohort.microdata.classwise import DIVERSITIES

if TYPE_CHECKING:
    import polars as pl

    from kohort.microdata.arrangement import Levels


@dataclass(frozen=True, slots=True)
class KAnonymity:
    """Every class has at least `k` rows.

    Parameters
    ----------
    k
        From 1; 11 is the practice for French health data.

    Raises
    ------
    ArgumentError
        If `k` is not a whole number from 1.

    Notes
    -----
    L. Sweeney, "k-anonymity: a model for protecting privacy", IJUFKS 10 (2002).

    Examples
    --------
    >>> import kohort as kh
    >>> kh.KAnonymity(11)
    KAnonymity(k=11)
    """

    k: int

    def __post_init__(self) -> None:
        thresholds.whole("k", self.k)

    def requirement(self) -> dict[str, Any]:
        """Give the requirement as the core reads it."""
        return {"measure": "size", "threshold": float(self.k)}


@dataclass(frozen=True, slots=True)
class LDiversity:
    """Every class is l-diverse; see `kohort.l_diversity`.

    Parameters
    ----------
    sensitive
        The column whose values must not be learned.
    l
        A whole number from 1 for "distinct", else a number from 1.
    kind
        "distinct", "entropy" or "grassberger".

    Raises
    ------
    ArgumentError
        If `l` is below 1 or not of its kind.

    Notes
    -----
    A. Machanavajjhala et al., "l-diversity: privacy beyond k-anonymity", ACM TKDD 1 (2007).

    Examples
    --------
    >>> import kohort as kh
    >>> kh.LDiversity("icd10", 3)
    LDiversity(sensitive='icd10', l=3, kind='distinct')
    """

    sensitive: str
    l: float  # noqa: E741 - the name that the literature gives it
    kind: Literal["distinct", "entropy", "grassberger"] = "distinct"

    def __post_init__(self) -> None:
        thresholds.column("sensitive", self.sensitive)
        thresholds.one_of("kind", self.kind, tuple(DIVERSITIES))
        if self.kind == "distinct":
            thresholds.whole("l", self.l)
        else:
            thresholds.number("l", self.l, 1)

    def requirement(self) -> dict[str, Any]:
        """Give the requirement as the core reads it."""
        return {"measure": DIVERSITIES[self.kind], "threshold": float(self.l), "sensitive": self.sensitive}


@dataclass(frozen=True, slots=True)
class RecursiveDiversity:
    """Every class is recursively (c,l)-diverse; see `kohort.recursive_diversity`.

    Parameters
    ----------
    sensitive
        The column whose values must not be learned.
    c
        Above 0.
    l
        A whole number from 1.

    Raises
    ------
    ArgumentError
        If `c` or `l` is out of its range.

    Notes
    -----
    A. Machanavajjhala et al., "l-diversity: privacy beyond k-anonymity", ACM TKDD 1 (2007).

    Examples
    --------
    >>> import kohort as kh
    >>> kh.RecursiveDiversity("icd10", c=4, l=3).requirement()["threshold"]
    4.0
    """

    sensitive: str
    c: float
    l: int  # noqa: E741 - the name that the literature gives it

    def __post_init__(self) -> None:
        thresholds.column("sensitive", self.sensitive)
        thresholds.number("c", self.c, 0, above=True)
        thresholds.whole("l", self.l)

    def requirement(self) -> dict[str, Any]:
        """Give the requirement as the core reads it."""
        return {"measure": "recursive", "l": int(self.l), "threshold": float(self.c), "sensitive": self.sensitive}


@dataclass(frozen=True, slots=True)
class TCloseness:
    """Every class is t-close to the whole; see `kohort.t_closeness`.

    Parameters
    ----------
    sensitive
        The column whose values must not be learned.
    t
        In [0, 1].
    ordered, order, hierarchy
        How far apart two values are, as for `kohort.t_closeness`.

    Raises
    ------
    ArgumentError
        If `t` is out of its range, or both an order and a hierarchy are given.

    Notes
    -----
    N. Li, T. Li, S. Venkatasubramanian, "t-closeness: privacy beyond k-anonymity and l-diversity", ICDE 2007.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.TCloseness("icd10", 0.2).requirement()["measure"]
    't_equal'
    """

    sensitive: str
    t: float
    ordered: bool = False
    order: tuple[Any, ...] | None = None
    hierarchy: Levels | pl.DataFrame | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        thresholds.column("sensitive", self.sensitive)
        thresholds.number("t", self.t, 0, 1)
        if self.order is not None:
            object.__setattr__(self, "order", tuple(self.order))
        if self.hierarchy is not None and (self.ordered or self.order is not None):
            raise ArgumentError("t-closeness is measured along an order or in a hierarchy, not both: give one of them")

    def requirement(self) -> dict[str, Any]:
        """Give the requirement as the core reads it; order and hierarchy are read apart."""
        ordered = self.ordered or self.order is not None
        measure = "t_hierarchical" if self.hierarchy is not None else "t_ordered" if ordered else "t_equal"
        return {"measure": measure, "threshold": float(self.t), "sensitive": self.sensitive}


@dataclass(frozen=True, slots=True)
class AlphaK:
    """Every class has at least `k` rows, and no value a greater share than `alpha`; see `kohort.alpha_k`.

    Parameters
    ----------
    sensitive
        The column whose values must not be learned.
    alpha
        In (0, 1].
    k
        A whole number from 1.

    Raises
    ------
    ArgumentError
        If `alpha` or `k` is out of its range.

    Notes
    -----
    R. C.-W. Wong, J. Li, A. W.-C. Fu, K. Wang, "(alpha, k)-anonymity", KDD 2006.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.AlphaK("icd10", alpha=0.5, k=11).requirement()["size"]
    11
    """

    sensitive: str
    alpha: float
    k: int

    def __post_init__(self) -> None:
        thresholds.column("sensitive", self.sensitive)
        thresholds.number("alpha", self.alpha, 0, 1, above=True)
        thresholds.whole("k", self.k)

    def requirement(self) -> dict[str, Any]:
        """Give the requirement as the core reads it."""
        return {
            "measure": "alpha",
            "threshold": float(self.alpha),
            "size": int(self.k),
            "sensitive": self.sensitive,
        }


@dataclass(frozen=True, slots=True)
class BetaLikeness:
    """No value gains more than `beta` in a class; see `kohort.beta_likeness`.

    Parameters
    ----------
    sensitive
        The column whose values must not be learned.
    beta
        Above 0.
    enhanced
        Whether gains are also bounded by the logarithm of the value's share.

    Raises
    ------
    ArgumentError
        If `beta` is not above 0.

    Notes
    -----
    J. Cao, P. Karras, "Publishing microdata with a robust privacy guarantee", PVLDB 5 (2012).

    Examples
    --------
    >>> import kohort as kh
    >>> kh.BetaLikeness("icd10", 1, enhanced=True).requirement()["measure"]
    'enhanced_beta'
    """

    sensitive: str
    beta: float
    enhanced: bool = False

    def __post_init__(self) -> None:
        thresholds.column("sensitive", self.sensitive)
        thresholds.number("beta", self.beta, 0, above=True)

    def requirement(self) -> dict[str, Any]:
        """Give the requirement as the core reads it."""
        measure = "enhanced_beta" if self.enhanced else "basic_beta"
        return {"measure": measure, "threshold": float(self.beta), "sensitive": self.sensitive}


@dataclass(frozen=True, slots=True)
class DeltaDisclosure:
    """No value's share changes by more than `delta` in a class, as a logarithm; see `kohort.delta_disclosure`.

    Parameters
    ----------
    sensitive
        The column whose values must not be learned.
    delta
        Above 0.
    base
        Of the logarithm: 2 as in ARX, `math.e` as in pyCANON.
    absent
        Whether a value that a class lacks counts, as infinite.

    Raises
    ------
    ArgumentError
        If `delta` is not above 0, or `base` not above 1.

    Notes
    -----
    J. Brickell, V. Shmatikov, "The cost of privacy", KDD 2008.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.DeltaDisclosure("icd10", 1.5).requirement()["base"]
    2.0
    """

    sensitive: str
    delta: float
    base: float = 2
    absent: bool = False

    def __post_init__(self) -> None:
        thresholds.column("sensitive", self.sensitive)
        thresholds.number("delta", self.delta, 0, above=True)
        thresholds.number("base", self.base, 1, above=True)

    def requirement(self) -> dict[str, Any]:
        """Give the requirement as the core reads it."""
        return {
            "measure": "delta",
            "base": float(self.base),
            "absent": bool(self.absent),
            "threshold": float(self.delta),
            "sensitive": self.sensitive,
        }
