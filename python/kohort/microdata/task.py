"""What is to be made safe, read and refused before any work starts: rows, hierarchies, models, and what may be lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from kohort._frames import Frame, open_frame
from kohort.errors import ArgumentError
from kohort.microdata import checks, thresholds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kohort.hierarchy import Hierarchy

MODELS = "kh.KAnonymity, kh.LDiversity, kh.TCloseness and so on"


class Task(NamedTuple):
    """Rows to be generalized, with what is asked of them."""

    frame: Frame
    #: The quasi-identifiers and the sensitive columns.
    rows: pl.DataFrame
    hierarchies: dict[str, Hierarchy]
    models: tuple[Any, ...]
    sensitive: list[str]
    #: How many rows may be suppressed.
    budget: int


def read_task(df: Any, hierarchies: dict[str, Hierarchy], models: tuple[Any, ...], max_suppression: float) -> Task:
    """Read the rows, and fit the hierarchies to them."""
    share = thresholds.number("max_suppression", max_suppression, 0, 1)
    sensitive = _sensitive_names(models)
    frame = open_frame(df)
    checks.columns(frame, list(hierarchies), sensitive)
    frame = frame.held()
    rows = pl.DataFrame(frame.select([*hierarchies, *sensitive]))
    checks.some_rows(rows.height)
    fitted = {name: hierarchy.fitted(rows[name]) for name, hierarchy in hierarchies.items()}
    # The product of a share and a count must not fall short of a whole number by rounding.
    budget = int(share * rows.height * (1 + 1e-12))
    return Task(frame, rows, fitted, models, sensitive, budget)


def read_models(models: Any) -> tuple[Any, ...]:
    """Read one model or several."""
    asked = tuple(models) if isinstance(models, list | tuple) else (models,)
    if not asked:
        raise ArgumentError(f"models is empty, and anything would do: ask for one, such as {MODELS}")
    for model in asked:
        if not (hasattr(model, "requirement") or hasattr(model, "threshold")):
            raise ArgumentError(f"models must be {MODELS}, got {type(model).__qualname__}")
    return asked


def _sensitive_names(models: Sequence[Any]) -> list[str]:
    """Name the sensitive columns that models look at, each once."""
    named = (getattr(model, "sensitive", None) for model in models)
    return list(dict.fromkeys(name for name in named if name is not None))
