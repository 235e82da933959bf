"""Local recoding by hierarchies: rows that one choice of levels leaves unsafe get a choice of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from kohort.errors import ArgumentError, DisclosureError
from kohort.microdata import checks, thresholds
from kohort.microdata.encoding import Encoded
from kohort.microdata.models import AlphaK, KAnonymity, LDiversity, RecursiveDiversity
from kohort.microdata.task import read_models, read_task
from kohort.microdata.transformation import suppress
from kohort.microdata.utility import Utility

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kohort.hierarchy import Hierarchy

# Models that look at one class by itself: whatever else is released, it holds.
LOCAL = (KAnonymity, LDiversity, RecursiveDiversity, AlphaK)


@dataclass(frozen=True)
class LocalGeneralization:
    """A frame whose classes are generalized to different levels; made by `kohort.generalize_locally`.

    Attributes
    ----------
    frame
        Of the same kind as the input, rows in the same order; quasi-identifiers are texts, missing where suppressed.
    rounds
        A row per round: the level of each quasi-identifier, and the rows that it made safe.
    suppressed
        How many rows were suppressed.
    suppressed_share
        Their share, in [0, 1].
    warning
        Why a recoding of this kind must not be given to somebody who knows how it was made.
    """

    frame: Any = field(repr=False)
    rounds: pl.DataFrame
    suppressed: int
    suppressed_share: float
    models: tuple[Any, ...]

    @property
    def warning(self) -> str:
        """What downcoding does to minimal local recodings."""
        return (
            "each class keeps as much detail as it can, so who knows the hierarchies can reason back to the detail of "
            "rows around it (downcoding): prefer anonymize, where it is affordable"
        )

    def __repr__(self) -> str:
        names = ", ".join(map(repr, self.models))
        lost = f"{self.suppressed_share:.1%} of rows suppressed"
        return f"LocalGeneralization: {names}; {self.rounds.height} rounds, {lost}\n{self.warning}"


def generalize_locally(
    df: Any,
    quasi_identifiers: Mapping[str, Hierarchy],
    *,
    models: Any,
    max_suppression: float = 0.0,
    utility: Utility | None = None,
    rounds: int = 50,
) -> LocalGeneralization:
    """Generalize each class only as far as it needs, by the levels of hierarchies.

    The best choice of levels is found for all rows, and those that stay unsafe are set aside; for these a choice of
    their own is found, and so on. Less is lost than where all rows have the same levels (`kohort.anonymize`), but
    values of a column then come from several levels, and the recoding is open to downcoding.

    Parameters
    ----------
    df
        Any frame that `kohort.anonymize` takes. It is not changed.
    quasi_identifiers
        By column that someone outside may know of a person, how it is generalized: see `kohort.hierarchy`.
    models
        One model or several that look at one class by itself: `KAnonymity`, `LDiversity`, `RecursiveDiversity`,
        `AlphaK`.
    max_suppression
        The share of rows, in [0, 1], that may be suppressed in the end.
    utility
        A `Utility`; by default the loss, with suppression counted less, so that a round may leave rows to later ones.
    rounds
        How many rounds at most.

    Returns
    -------
    LocalGeneralization
        The frame, and the levels of each round.

    Raises
    ------
    ArgumentError
        As `kohort.anonymize` does, and if a model compares a class with the whole frame.
    DisclosureError
        If more rows than allowed stay unsafe.

    Notes
    -----
    The iterative local recoding of ARX: F. Prasser, J. Eicher, H. Spengler, R. Bild, K. Kuhn, "Flexible data
    anonymization using ARX", Software: Practice and Experience 50 (2020). Downcoding: A. Cohen, "Attacks on
    deidentification's defenses", USENIX Security 2022.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> df = pl.DataFrame({"age": [31, 34, 38, 52, 71, 88]})
    >>> local = kh.generalize_locally(df, {"age": kh.hierarchy.intervals(10, 50)}, models=kh.KAnonymity(3))
    >>> local.frame["age"].to_list()
    ['[30, 40[', '[30, 40[', '[30, 40[', '[50, 100[', '[50, 100[', '[50, 100[']
    """
    asked = read_models(models)
    for model in asked:
        if not isinstance(model, LOCAL):
            raise ArgumentError(
                f"{type(model).__name__} compares a class with more than itself, and other rounds change that: use "
                "anonymize, or models such as KAnonymity and LDiversity"
            )
    thresholds.whole("rounds", rounds)
    # Suppression at a small weight: rows left to the next round are not lost.
    measure = utility if utility is not None else Utility("loss", suppression_weight=0.05)
    read = checks.hierarchies("quasi_identifiers", quasi_identifiers)
    frame, rows, hierarchies, _, _, budget = read_task(df, read, asked, max_suppression)

    left = pl.Series("row", range(rows.height), dtype=pl.UInt32)
    done: list[pl.DataFrame] = []
    told: list[dict[str, int]] = []
    while left.len() and len(told) < rounds:
        found = _round(rows[left], hierarchies, asked, measure, left.len() - 1)
        if found is None:
            break
        safe, lost, levels = found
        done.append(safe.with_columns(left.alias("row")).filter(~lost))
        told.append(levels | {"rows": int((~lost).sum())})
        left = left.filter(lost)
    if left.len() > budget:
        raise DisclosureError(
            f"more rows than max_suppression, {max_suppression:.1%}, stay unsafe after {len(told)} rounds: allow more, "
            "or give hierarchies a level that is the same for all"
        )
    nothing = pl.Series([None] * left.len(), dtype=pl.String)
    texts = [*done, pl.DataFrame({"row": left} | dict.fromkeys(hierarchies, nothing))]
    whole = pl.concat([part.select("row", *hierarchies) for part in texts]).sort("row").drop("row")
    lost_rows = pl.Series(range(rows.height), dtype=pl.UInt32).is_in(left.implode())
    return LocalGeneralization(
        frame=frame.replaced(whole.with_columns(suppress(name, lost_rows) for name in hierarchies), (), lost_rows),
        rounds=pl.DataFrame(told, schema=dict.fromkeys([*hierarchies, "rows"], pl.Int64)),
        suppressed=left.len(),
        suppressed_share=left.len() / rows.height,
        models=asked,
    )


def _round(
    rows: pl.DataFrame, hierarchies: dict[str, Hierarchy], models: tuple[Any, ...], utility: Utility, budget: int
) -> tuple[pl.DataFrame, pl.Series, dict[str, int]] | None:
    """Find the best levels for some rows, of which one at least must become safe."""
    encoded = Encoded(rows, hierarchies, models, budget, utility)
    best, *_ = encoded.lattice.search(None)
    if best is None:
        return None
    levels = best[0]
    columns, _, lost = encoded.recode(rows, levels)
    texts = columns.select(pl.col(name).cast(pl.String) for name in hierarchies)
    return texts, lost, dict(zip(hierarchies, levels, strict=True))
