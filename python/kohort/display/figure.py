"""Figures that a notebook shows by themselves, with matplotlib where it is installed."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from kohort.errors import ArgumentError


def figure(width: float, height: float) -> Any:
    """Make an empty matplotlib figure, in inches; pyplot, which would keep it alive, is not used."""
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - optional
    except ImportError as error:
        raise ArgumentError("plot() needs matplotlib: pip install 'kohort[plot]'") from error

    class Chart(Figure):
        """A figure with a picture for notebooks."""

        def _repr_png_(self) -> bytes:
            png = BytesIO()
            self.savefig(png, format="png", dpi=110)
            return png.getvalue()

    return Chart(figsize=(width, height), layout="constrained")
