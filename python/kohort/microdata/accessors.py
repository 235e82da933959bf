"""`df.kohort` on polars and pandas frames.

polars gets its accessor when kohort is imported. pandas gets it then if it was imported before kohort; if it is
imported later, one call of `register_accessors` adds it. kohort does not import pandas for this, nor hook into the
import of others.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from kohort.microdata.risk import k_anonymity, risk_report

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kohort.microdata.report import RiskReport


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
    ) -> RiskReport:
        """Report how well the rows of this frame hide among each other; see `kohort.risk_report`."""
        return risk_report(
            self._df, quasi_identifiers, sensitive=sensitive, k=k, person=person, nulls=nulls, population=population
        )


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
