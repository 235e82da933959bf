"""A risk report as plain values and as a frame, for pipelines."""

from __future__ import annotations

from dataclasses import asdict
from math import isfinite
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kohort.microdata.disclosure import Disclosure
    from kohort.microdata.report import RiskReport

SCALARS = (
    "k",
    "required",
    "rows",
    "classes",
    "unique_share",
    "below_share",
    "prosecutor_max",
    "prosecutor_mean",
    "journalist_max",
    "journalist_mean",
    "marketer",
)


def as_dict(report: RiskReport) -> dict[str, Any]:
    """Give the numbers as plain values that can be written as JSON."""
    return {
        "passes": report.passes,
        **{name: getattr(report, name) for name in SCALARS},
        "person": report.person,
        "nulls": report.nulls,
        "class_sizes": [asdict(band) for band in report.histogram],
        "quasi_identifiers": [
            asdict(column) | ({"raised": asdict(report.raised[column.name])} if column.name in report.raised else {})
            for column in report.columns
        ],
        "sensitive": {
            name: {"l": least, **(_plain(report.disclosure[name]) if name in report.disclosure else {})}
            for name, least in report.l.items()
        },
    }


def as_frame(report: RiskReport) -> pl.DataFrame:
    """Give the numbers in three columns: the figure, what it is of, and its value."""
    return pl.DataFrame(
        list(_figures(as_dict(report))),
        schema={"figure": pl.String, "of": pl.String, "value": pl.Float64},
        orient="row",
    )


def _figures(plain: dict[str, Any]) -> Iterator[tuple[str, str | None, float | None]]:
    for name in ("passes", *SCALARS):
        if plain[name] is not None:
            yield name, None, float(plain[name])
    for band in plain["class_sizes"]:
        of = f"{band['smallest']}-{band['largest'] or ''}"
        yield "classes", of, float(band["classes"])
        yield "rows", of, float(band["rows"])
    for column in plain["quasi_identifiers"]:
        for figure in ("distinct", "k_without", "unique_share_without"):
            yield figure, column["name"], float(column[figure])
        for figure, value in column.get("raised", {}).items():
            if figure in {"k", "unique_share", "below_share"}:
                yield f"{figure}_raised", column["name"], float(value)
    for name, figures in plain["sensitive"].items():
        for figure, value in figures.items():
            yield figure, name, None if value is None else float(value)


def _plain(found: Disclosure) -> dict[str, float | None]:
    """JSON has no infinity."""
    return {name: value if isfinite(value) else None for name, value in asdict(found).items()}
