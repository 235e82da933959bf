"""What each class of a frame gives away of a sensitive column: one function per model."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, overload

from kohort import _core
from kohort._frames import open_frame
from kohort.errors import ArgumentError
from kohort.microdata import checks, thresholds
from kohort.microdata.arrangement import Arrangement, in_order, in_tree

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from kohort.microdata.arrangement import Levels

DIVERSITIES = {"distinct": "distinct", "entropy": "shannon_entropy", "grassberger": "grassberger_entropy"}


@overload
def l_diversity(
    df: Any, quasi_identifiers: str | Iterable[str], sensitive: str, kind: Literal["distinct"] = "distinct"
) -> int: ...
@overload
def l_diversity(
    df: Any, quasi_identifiers: str | Iterable[str], sensitive: str, kind: Literal["entropy", "grassberger"]
) -> float: ...
def l_diversity(
    df: Any,
    quasi_identifiers: str | Iterable[str],
    sensitive: str,
    kind: Literal["distinct", "entropy", "grassberger"] = "distinct",
) -> float:
    r"""Find the l for which a frame is l-diverse.

    Parameters
    ----------
    df
        Any frame that `kohort.k_anonymity` takes. Only the named columns are read, nothing is changed.
    quasi_identifiers
        The columns that someone outside may know of a person; a single name may come as a string.
    sensitive
        The column whose values must not be learned. A missing value is a value of its own.
    kind
        "distinct": different values in a class. "entropy": how many equally frequent values would be as hard to guess,
        exp of the Shannon entropy of the class. "grassberger": the same with Grassberger's estimate of the entropy of
        the distribution that the class was drawn from, which small classes underrate.

    Returns
    -------
    int or float
        The smallest l of all classes: a whole number for "distinct". The frame is l-diverse for this l, and no greater.

    Raises
    ------
    ArgumentError
        If a column is absent, ambiguous, nested, named twice or in two roles, if no quasi-identifier is named, if
        `kind` is none of the three, or if the frame has no rows.

    Notes
    -----
    A. Machanavajjhala, D. Kifer, J. Gehrke, M. Venkitasubramaniam, "l-diversity: privacy beyond k-anonymity", ACM TKDD
    1 (2007). "grassberger": S. Stammler, S. Katzenbeisser, K. Hamacher, "Correcting finite sampling issues in entropy
    l-diversity", PSD 2016, as in ARX: the entropy is :math:`G(n) - \frac1n \sum_v c_v G(c_v)`, and may exceed the
    logarithm of the number of values. pyCANON gives the entropy l rounded down to a whole number.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> df = pl.DataFrame({"sex": ["F"] * 4 + ["M"] * 2, "icd10": ["C67", "C67", "C67", "I10", "C67", "I10"]})
    >>> kh.l_diversity(df, "sex", "icd10")
    2
    >>> round(kh.l_diversity(df, "sex", "icd10", kind="entropy"), 3)
    1.755
    """
    thresholds.one_of("kind", kind, tuple(DIVERSITIES))
    least = _figure(df, quasi_identifiers, sensitive, {"measure": DIVERSITIES[kind]})
    return int(least) if kind == "distinct" else least


def recursive_diversity(df: Any, quasi_identifiers: str | Iterable[str], sensitive: str, l: int) -> float:  # noqa: E741
    r"""Find the c that recursive (c,l)-diversity must exceed.

    With the counts of a class sorted, :math:`r_1 \ge r_2 \ge \dots`, the class is recursively (c,l)-diverse if
    :math:`r_1 < c (r_l + r_{l+1} + \dots)`: once l - 2 values are ruled out, the most frequent one is still not too
    frequent.

    Parameters
    ----------
    df
        Any frame that `kohort.k_anonymity` takes. Only the named columns are read, nothing is changed.
    quasi_identifiers
        The columns that someone outside may know of a person; a single name may come as a string.
    sensitive
        The column whose values must not be learned. A missing value is a value of its own.
    l
        From 1; with 2 the most frequent value is compared with all others.

    Returns
    -------
    float
        The greatest :math:`r_1 / (r_l + \dots)` of all classes: the frame is recursively (c,l)-diverse for every c
        above it. Infinite if a class has fewer than l values.

    Raises
    ------
    ArgumentError
        If a column is absent, ambiguous, nested, named twice or in two roles, if no quasi-identifier is named, if `l`
        is not a whole number from 1, or if the frame has no rows.

    Notes
    -----
    A. Machanavajjhala et al., "l-diversity: privacy beyond k-anonymity", ACM TKDD 1 (2007), definition 4.3. pyCANON
    sorts the counts the other way round, so that its c is another figure.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> df = pl.DataFrame({"sex": ["F"] * 10, "icd10": ["C67"] * 6 + ["I10"] * 3 + ["E11"]})
    >>> kh.recursive_diversity(df, "sex", "icd10", l=2), kh.recursive_diversity(df, "sex", "icd10", l=3)
    (1.5, 6.0)
    """
    measure = {"measure": "recursive", "l": thresholds.whole("l", l)}
    return _figure(df, quasi_identifiers, sensitive, measure)


def t_closeness(  # noqa: PLR0917 - the parts of the model
    df: Any,
    quasi_identifiers: str | Iterable[str],
    sensitive: str,
    ordered: bool = False,  # noqa: FBT001, FBT002 - a model of this name has it
    order: Iterable[Any] | None = None,
    hierarchy: Levels | pl.DataFrame | None = None,
) -> float:
    r"""Find the t for which a frame is t-close.

    t is the greatest distance between the distribution of the sensitive column in a class and in the whole frame: how
    much must be moved, and how far, to turn the one into the other (the earth mover's distance).

    Parameters
    ----------
    df
        Any frame that `kohort.k_anonymity` takes. Only the named columns are read, nothing is changed.
    quasi_identifiers
        The columns that someone outside may know of a person; a single name may come as a string.
    sensitive
        The column whose values must not be learned. A missing value is a value of its own.
    ordered
        Whether two values are as far apart as their ranks, :math:`|i - j| / (m - 1)` for m values. Numbers, dates and
        booleans are ordered by value, an Enum or an ordered categorical by its categories that occur, texts by
        alphabet; a missing value comes first. Otherwise all values are equally far apart.
    order
        The order of the values, from the least; implies `ordered`. A listed value that does not occur counts as a rank.
    hierarchy
        Two values are as far apart as the lowest level at which they become the same, over the number of levels. Made
        by `kohort.hierarchy`, or a polars DataFrame whose first column holds the values and the others what they
        become, the last one being the same everywhere. A missing value becomes the same as others at the last level.

    Returns
    -------
    float
        In [0, 1]; the frame is t-close for this t, and no smaller one.

    Raises
    ------
    ArgumentError
        If a column is absent, ambiguous, nested, named twice or in two roles, if no quasi-identifier is named, if
        `order` or `hierarchy` lacks a value, if both are given, if the hierarchy parts what a lower level has joined,
        or if the frame has no rows.

    Notes
    -----
    N. Li, T. Li, S. Venkatasubramanian, "t-closeness: privacy beyond k-anonymity and l-diversity", ICDE 2007. Counts
    are added as whole numbers of 128 bits. ARX adds the hierarchical distance in 32 bits and passes classes that hold a
    single value where the frame has more than 46,340 rows. pyCANON takes the ordered distance for numbers.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> df = pl.DataFrame({"zip": [1, 1, 1, 2, 2, 2], "income": [3, 4, 5, 9, 10, 11]})
    >>> kh.t_closeness(df, "zip", "income"), kh.t_closeness(df, "zip", "income", ordered=True)
    (0.5, 0.3)
    >>> tree = pl.DataFrame({"income": [3, 4, 5, 9, 10, 11], "1": ["low"] * 3 + ["high"] * 3, "2": ["*"] * 6})
    >>> kh.t_closeness(df, "zip", "income", hierarchy=tree)
    0.5
    """
    if hierarchy is not None and (ordered or order is not None):
        raise ArgumentError("t-closeness is measured along an order or in a hierarchy, not both: give one of them")
    kind = "t_hierarchical" if hierarchy is not None else "t_ordered" if ordered or order is not None else "t_equal"
    return _figure(df, quasi_identifiers, sensitive, {"measure": kind}, order=order, hierarchy=hierarchy)


def alpha_k(df: Any, quasi_identifiers: str | Iterable[str], sensitive: str) -> tuple[float, int]:
    """Find the alpha and the k for which a frame is (alpha,k)-anonymous.

    Parameters
    ----------
    df
        Any frame that `kohort.k_anonymity` takes. Only the named columns are read, nothing is changed.
    quasi_identifiers
        The columns that someone outside may know of a person; a single name may come as a string.
    sensitive
        The column whose values must not be learned. A missing value is a value of its own.

    Returns
    -------
    tuple[float, int]
        The greatest share of one value in a class, in (0, 1], and the rows of the smallest class.

    Raises
    ------
    ArgumentError
        If a column is absent, ambiguous, nested, named twice or in two roles, if no quasi-identifier is named, or if
        the frame has no rows.

    Notes
    -----
    R. C.-W. Wong, J. Li, A. W.-C. Fu, K. Wang, "(alpha, k)-anonymity: an enhanced k-anonymity model for
    privacy-preserving data publishing", KDD 2006; every value of the column is taken for a sensitive one (their general
    model).

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> df = pl.DataFrame({"sex": ["F"] * 4 + ["M"] * 2, "icd10": ["C67", "C67", "C67", "I10", "C67", "I10"]})
    >>> kh.alpha_k(df, "sex", "icd10")
    (0.75, 2)
    """
    alpha, k = _figures(df, quasi_identifiers, sensitive, [{"measure": "alpha"}, {"measure": "size"}])
    return alpha, int(k)


def beta_likeness(
    df: Any,
    quasi_identifiers: str | Iterable[str],
    sensitive: str,
    enhanced: bool = False,  # noqa: FBT001, FBT002 - the two models of the paper
) -> float:
    r"""Find the beta for which a frame is beta-like.

    Parameters
    ----------
    df
        Any frame that `kohort.k_anonymity` takes. Only the named columns are read, nothing is changed.
    quasi_identifiers
        The columns that someone outside may know of a person; a single name may come as a string.
    sensitive
        The column whose values must not be learned. A missing value is a value of its own.
    enhanced
        Whether the gain of a value of share p in the whole frame must also be at most :math:`-\ln p`, so that its share
        in a class stays below 1, and frequent values are protected too.

    Returns
    -------
    float
        The greatest relative gain :math:`(q - p) / p` of a value's share q in a class: the frame is beta-like for this
        beta, and no smaller one. With `enhanced`, infinite if a gain exceeds :math:`-\ln p`: no beta makes up for it.

    Raises
    ------
    ArgumentError
        If a column is absent, ambiguous, nested, named twice or in two roles, if no quasi-identifier is named, or if
        the frame has no rows.

    Notes
    -----
    J. Cao, P. Karras, "Publishing microdata with a robust privacy guarantee", PVLDB 5 (2012). pyCANON's enhanced figure
    is the greatest over the values of :math:`\min(d, -\ln p)` with d the greatest gain of all: not a beta in their
    sense.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> df = pl.DataFrame({"sex": ["F"] * 4 + ["M"] * 4, "icd10": ["C67", "C67", "C67", "I10"] + ["I10"] * 3 + ["C67"]})
    >>> kh.beta_likeness(df, "sex", "icd10"), kh.beta_likeness(df, "sex", "icd10", enhanced=True)
    (0.5, 0.5)
    """
    measure = "enhanced_beta" if enhanced else "basic_beta"
    return _figure(df, quasi_identifiers, sensitive, {"measure": measure})


def delta_disclosure(
    df: Any,
    quasi_identifiers: str | Iterable[str],
    sensitive: str,
    base: float = 2,
    absent: bool = False,  # noqa: FBT001, FBT002 - the letter of the definition
) -> float:
    r"""Find the delta that delta-disclosure privacy must exceed.

    Parameters
    ----------
    df
        Any frame that `kohort.k_anonymity` takes. Only the named columns are read, nothing is changed.
    quasi_identifiers
        The columns that someone outside may know of a person; a single name may come as a string.
    sensitive
        The column whose values must not be learned. A missing value is a value of its own.
    base
        Of the logarithm: 2, as in ARX, gives bits; `math.e` is pyCANON's.
    absent
        Whether a value that a class lacks counts, with an infinite logarithm: the letter of the definition. Both ARX
        and pyCANON look at the values that occur.

    Returns
    -------
    float
        The greatest :math:`|\log(q / p)|` of a value's share q in a class and p in the whole frame: the frame is
        delta-disclosure private for every delta above it.

    Raises
    ------
    ArgumentError
        If a column is absent, ambiguous, nested, named twice or in two roles, if no quasi-identifier is named, if
        `base` is not a number above 1, or if the frame has no rows.

    Notes
    -----
    J. Brickell, V. Shmatikov, "The cost of privacy: destruction of data-mining utility in anonymized data publishing",
    KDD 2008, definition 4.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> df = pl.DataFrame({"sex": ["F"] * 4 + ["M"] * 4, "icd10": ["C67", "I10"] * 2 + ["C67"] * 2 + ["I10"] * 2})
    >>> kh.delta_disclosure(df, "sex", "icd10")
    0.0
    >>> kh.delta_disclosure(df.head(7), "sex", "icd10") < kh.delta_disclosure(df.tail(5), "sex", "icd10")
    True
    """
    base = thresholds.number("base", base, 1, above=True)
    return _figure(df, quasi_identifiers, sensitive, {"measure": "delta", "base": base, "absent": bool(absent)})


def _figure(
    df: Any,
    quasi_identifiers: str | Iterable[str],
    sensitive: str,
    measure: dict[str, Any],
    **arrangement: Any,
) -> float:
    return _figures(df, quasi_identifiers, sensitive, [measure], **arrangement)[0]


def _figures(
    df: Any,
    quasi_identifiers: str | Iterable[str],
    sensitive: str,
    measures: list[dict[str, Any]],
    *,
    order: Iterable[Any] | None = None,
    hierarchy: Levels | pl.DataFrame | None = None,
) -> list[float]:
    quasi = checks.names("quasi_identifiers", quasi_identifiers)
    secret = thresholds.column("sensitive", sensitive)
    frame = open_frame(df)
    checks.columns(frame, quasi, [secret])
    rows = frame.select([*quasi, secret])
    arranged = Arrangement(rows)
    if hierarchy is not None:
        arranged = in_tree(rows, secret, hierarchy)
    elif any(measure["measure"] == "t_ordered" for measure in measures):
        arranged = in_order(rows, secret, order)
    seen = _core.sensitive(arranged.rows, quasi, secret, arranged.sequence, arranged.levels)
    checks.some_rows(seen.classes())
    return seen.worst(json.dumps(measures))
