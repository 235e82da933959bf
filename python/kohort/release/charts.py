"""Charts of released tables, with matplotlib where it is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kohort.display.figure import figure
from kohort.errors import ArgumentError
from kohort.release.flow import steps
from kohort.release.interval_charts import intervals
from kohort.release.map_charts import choropleth, ranked
from kohort.release.survival_chart import survival

if TYPE_CHECKING:
    from collections.abc import Callable

    from kohort.release.released import Release


def has_chart(release: Release) -> bool:
    """Tell whether tables of this kind have a chart."""
    return release.kind in _CHARTS


def draw(release: Release, geometries: Any = None) -> Any:
    """Draw a release and return the matplotlib figure."""
    if geometries is not None:
        if release.kind != "map":
            raise ArgumentError(f"geometries= is of maps: a table of kind {release.kind!r} has no zones")
        return choropleth(release, geometries)
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
    return intervals(
        release, "rate", "rate_low", "rate_high", "per 1,000 person-years (95 % interval); hidden rates are left out"
    )


def _prevalence(release: Release) -> Any:
    names = ("per_1000", "per_1000_low", "per_1000_high")
    return intervals(release, *names, "per 1,000 persons (95 % interval); hidden shares are left out")


def _model(release: Release) -> Any:
    return intervals(release, "estimate", "low", "high", "coefficient with its limits; hidden terms are left out")


_CHARTS: dict[str, Callable[[Release], Any]] = {
    "attrition": _attrition,
    "incidence": _incidence,
    "map": ranked,
    "model": _model,
    "prevalence": _prevalence,
    "survival": survival,
}
