"""`df.kohort` on polars and pandas frames.

polars gets its accessor when kohort is imported. pandas gets it then if it was imported before kohort; if it is
imported later, one call of `register_accessors` adds it. kohort does not import pandas for this, nor hook into the
import of others.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from kohort.microdata.anonymize import anonymize
from kohort.microdata.classwise import l_diversity, t_closeness
from kohort.microdata.risk import k_anonymity, risk_report

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kohort.hierarchy import Hierarchy
    from kohort.microdata.anonymized import Anonymized
    from kohort.microdata.arrangement import Levels
    from kohort.microdata.report import RiskReport
    from kohort.microdata.utility import Measure, Utility


class Accessor:
    """The microdata functions of kohort, called on a frame."""

    def __init__(self, df: Any) -> None:
        self._df = df

    def k_anonymity(
        self,
        quasi_identifiers: str | Iterable[str],
        *,
        person: str | None = None,
        nulls: Literal["category", "any"] = "category",
    ) -> int:
        """Find the k for which this frame is k-anonymous; see `kohort.k_anonymity`."""
        return k_anonymity(self._df, quasi_identifiers, person=person, nulls=nulls)

    def risk_report(
        self,
        quasi_identifiers: str | Iterable[str],
        *,
        sensitive: str | Iterable[str] | None = None,
        k: int = 11,
        person: str | None = None,
        nulls: Literal["category", "any"] = "category",
        population: Any = None,
        hierarchies: Mapping[str, Hierarchy] | None = None,
    ) -> RiskReport:
        """Report how well the rows of this frame hide among each other; see `kohort.risk_report`."""
        return risk_report(
            self._df,
            quasi_identifiers,
            sensitive=sensitive,
            k=k,
            person=person,
            nulls=nulls,
            population=population,
            hierarchies=hierarchies,
        )

    def anonymize(
        self,
        quasi_identifiers: Mapping[str, Hierarchy],
        *,
        models: Any,
        max_suppression: float = 0.0,
        utility: Measure | Utility = "loss",
        time_limit: float | None = None,
    ) -> Anonymized:
        """Generalize quasi-identifiers so that privacy models hold; see `kohort.anonymize`."""
        return anonymize(
            self._df,
            quasi_identifiers,
            models=models,
            max_suppression=max_suppression,
            utility=utility,
            time_limit=time_limit,
        )

    def l_diversity(
        self,
        quasi_identifiers: str | Iterable[str],
        sensitive: str,
        kind: Literal["distinct", "entropy", "grassberger"] = "distinct",
    ) -> float:
        """Find the l for which this frame is l-diverse; see `kohort.l_diversity`."""
        return l_diversity(self._df, quasi_identifiers, sensitive, kind)

    def t_closeness(
        self,
        quasi_identifiers: str | Iterable[str],
        sensitive: str,
        ordered: bool = False,  # noqa: FBT001, FBT002 - as the function
        order: Iterable[Any] | None = None,
        hierarchy: Levels | pl.DataFrame | None = None,
    ) -> float:
        """Find the t for which this frame is t-close; see `kohort.t_closeness`."""
        return t_closeness(self._df, quasi_identifiers, sensitive, ordered, order, hierarchy)


def register_accessors() -> None:
    """Add `df.kohort` to polars frames, and to pandas frames if pandas is imported; may be called again.

    Call it when pandas was imported after kohort.

    Examples
    --------
    >>> import kohort as kh, pandas as pd
    >>> kh.register_accessors()
    >>> pd.DataFrame({"sex": ["F", "M", "F"]}).kohort.k_anonymity("sex")
    1
    """
    if not hasattr(pl.DataFrame, "kohort"):
        pl.api.register_dataframe_namespace("kohort")(Accessor)
    if not hasattr(pl.LazyFrame, "kohort"):
        pl.api.register_lazyframe_namespace("kohort")(Accessor)
    pandas = sys.modules.get("pandas")
    if pandas is not None and hasattr(pandas, "api") and not hasattr(pandas.DataFrame, "kohort"):
        pandas.api.extensions.register_dataframe_accessor("kohort")(Accessor)
