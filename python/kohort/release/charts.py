"""Charts of released tables, with matplotlib where it is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kohort.display.figure import figure
from kohort.errors import ArgumentError
from kohort.release.flow import steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from kohort.release.released import Release


def has_chart(release: Release) -> bool:
    """Tell whether tables of this kind have a chart."""
    return release.kind in _CHARTS


def draw(release: Release) -> Any:
    """Draw a release and return the matplotlib figure."""
    chart = _CHARTS.get(release.kind)
    if chart is None:
        raise ArgumentError(f"a table of kind {release.kind!r} has no chart: use to_polars() and draw what is shown")
    return chart(release)


def _attrition(release: Release) -> Any:
    entries = steps(release)
    chart = figure(7.5, 0.9 + 0.95 * len(entries))
    axes = chart.add_subplot()
    box = {"boxstyle": "round,pad=0.45", "facecolor": "white", "edgecolor": "#57606a"}
    side = {**box, "linestyle": "--", "edgecolor": "#a3adb8"}
    for position, (label, persons, excluded) in enumerate(entries):
        y = -float(position)
        axes.text(0.3, y, f"{label}\n{persons} persons", ha="center", va="center", bbox=box, fontsize=9)
        if excluded:
            arrow = {"arrowstyle": "->", "color": "#57606a"}
            axes.annotate("", xy=(0.3, y + 0.28), xytext=(0.3, y + 0.72), arrowprops=arrow)
            axes.text(0.72, y + 0.5, f"excluded: {excluded}", ha="left", va="center", bbox=side, fontsize=8)
            axes.annotate("", xy=(0.7, y + 0.5), xytext=(0.3, y + 0.5), arrowprops=arrow)
    axes.set(xlim=(0, 1), ylim=(-len(entries) + 0.4, 0.6), title=release.title)
    axes.axis("off")
    return chart


def _incidence(release: Release) -> Any:
    names = [measure.name for measure in release.measures]
    rate, low, high = (names.index(name) for name in ("rate", "rate_low", "rate_high"))
    chart = figure(7.5, 1.2 + 0.32 * len(release.labels))
    axes = chart.add_subplot()
    for position, row in enumerate(release.values):
        center, lower, upper = row[rate], row[low], row[high]
        if center is None or lower is None or upper is None:
            continue
        axes.plot([lower, upper], [position, position], color="#2f6f9f", linewidth=1.5)
        axes.plot([center], [position], "o", color="#2f6f9f", markersize=5)
    axes.set_yticks(range(len(release.labels)), [" / ".join(labels) for labels in release.labels])
    axes.set_ylim(len(release.labels) - 0.5, -0.5)
    axes.set(xlabel="per 1,000 person-years (95 % interval); hidden rates are left out", title=release.title)
    axes.set_xlim(left=0)
    return chart


_CHARTS: dict[str, Callable[[Release], Any]] = {"attrition": _attrition, "incidence": _incidence}
