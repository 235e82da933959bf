"""Full-domain generalization: the best safe combination of levels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kohort.errors import ArgumentError, DisclosureError
from kohort.microdata import checks, thresholds
from kohort.microdata.anonymized import Anonymized, Search
from kohort.microdata.encoding import Encoded
from kohort.microdata.task import read_models, read_task
from kohort.microdata.transformation import Transformation, suppress
from kohort.microdata.utility import Utility

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kohort.hierarchy import Hierarchy
    from kohort.microdata.utility import Measure


def anonymize(
    df: Any,
    quasi_identifiers: Mapping[str, Hierarchy],
    *,
    models: Any,
    max_suppression: float = 0.0,
    utility: Measure | Utility = "loss",
    time_limit: float | None = None,
) -> Anonymized:
    """Generalize quasi-identifiers so that privacy models hold and as little as possible is lost.

    Each column is generalized to one level of its hierarchy, the same in all rows (full-domain generalization); rows of
    classes that still fail a model are suppressed: their quasi-identifiers become missing. Of all combinations of
    levels the one that loses least is found, and proved to be the best unless time runs out.

    Parameters
    ----------
    df
        A polars DataFrame or LazyFrame, a pandas DataFrame, a pyarrow Table, RecordBatch or reader, a DuckDB relation,
        the path of a Parquet file, or anything with `__arrow_c_stream__`. It is not changed.
    quasi_identifiers
        By column that someone outside may know of a person, how it is generalized: see `kohort.hierarchy`.
    models
        One privacy model or several, which must hold together: `KAnonymity`, `LDiversity`, `RecursiveDiversity`,
        `TCloseness`, `AlphaK`, `BetaLikeness`, `DeltaDisclosure`, `DeltaPresence`, `KMap`, `ProsecutorRisk`,
        `JournalistRisk`, `AverageRisk`.
    max_suppression
        The share of rows, in [0, 1], that may be suppressed.
    utility
        What makes a loss: the name of a measure, or a `Utility` with its parameters.
    time_limit
        Seconds after which the best result so far is taken; its `gap` tells how far from the best it can be.

    Returns
    -------
    Anonymized
        The frame, the levels, what was lost, the risk before and after; a card in a notebook.

    Raises
    ------
    ArgumentError
        If a column is absent, ambiguous, nested or in two roles, if a value is not covered by its hierarchy, if an
        argument is out of its range, or if the frame has no rows.
    DisclosureError
        If no combination of levels fulfills the models.

    Notes
    -----
    A missing value is a value of its own: it stays missing at every level but a last one where all values are the same.
    Full-domain generalization: P. Samarati, IEEE TKDE 13 (2001). The search is a branch and bound over the columns with
    predictive tagging (K. El Emam et al., JAMIA 16 (2009); F. Kohlmayer et al., "Flash", PASSAT 2012). Downcoding
    (A. Cohen, USENIX Security 2022) attacks minimal local recodings; here the level is the same in a whole column.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> df = pl.DataFrame({"age": [31, 34, 38, 52, 55, 57], "sex": ["F", "F", "M", "M", "F", "M"]})
    >>> safe = kh.anonymize(
    ...     df,
    ...     {"age": kh.hierarchy.intervals(10, 20), "sex": kh.hierarchy.suppress()},
    ...     models=kh.KAnonymity(3),
    ... )
    >>> safe.transformation["age"], safe.transformation["sex"]
    (3, 0)
    >>> safe.frame.row(0), safe.risk_after.k
    (('*', 'F'), 3)
    """
    hierarchies = checks.hierarchies("quasi_identifiers", quasi_identifiers)
    asked = read_models(models)
    measure = utility if isinstance(utility, Utility) else Utility(utility)
    for name in measure.weights:
        if name not in hierarchies:
            raise ArgumentError(f"the weight of column {name!r} weighs nothing: it is not a quasi-identifier")
    if time_limit is not None:
        thresholds.number("time_limit", time_limit, 0)
    frame, rows, hierarchies, _, sensitive, budget = read_task(df, hierarchies, asked, max_suppression)
    encoded = Encoded(rows, hierarchies, asked, budget, measure)
    best, bound, counted, visited = encoded.lattice.search(time_limit)
    if best is None:
        late = "in the time given: give more time" if bound is not None else "within max_suppression: allow more"
        raise DisclosureError(
            f"no combination of levels fulfills {', '.join(map(repr, asked))} {late}, or give hierarchies a level that "
            "is the same for all"
        )
    levels, _, suppressed, total, by_column = best
    search = Search(
        nodes=encoded.lattice.nodes(),
        counted=counted,
        bound=None if bound is None else tuple(bound),
        budget=budget,
        visited=visited,
    )
    columns, class_size, lost = encoded.recode(rows, levels)
    # Most never ask for the classes.
    classes = columns.lazy().filter(~lost).unique()
    kept = {name for name, level in zip(hierarchies, levels, strict=True) if level == 0}
    # Generalized columns are without the values of suppressed rows already.
    released = columns.with_columns(suppress(name, lost) for name in kept) if suppressed else columns
    return Anonymized(
        frame=frame.replaced(released, kept, lost),
        transformation=Transformation(hierarchies, dict(zip(hierarchies, levels, strict=True)), classes),
        models=asked,
        utility=measure,
        score=tuple(total),
        loss_by_column=dict(zip(hierarchies, by_column, strict=False)),
        suppressed=suppressed,
        search=search,
        heights=encoded.heights,
        before=rows,
        after=released.with_columns(rows[name] for name in sensitive),
        lost=lost,
        class_size=class_size,
        like=frame.like,
    )
