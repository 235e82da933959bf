"""Maps of released zones, and their ranking where no shapes are at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kohort.display.figure import figure
from kohort.errors import ArgumentError
from kohort.release.cross import TOTAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kohort.release.released import Release

_BLUE, _GRAY = "#2f6f9f", "#d0d7de"
# Bars beyond it cannot be read.
_MOST = 40


def ranked(release: Release) -> Any:
    """Draw the shown zones of the smallest zoning from the greatest count on."""
    first = release.labels[0][0]
    shown = [
        (labels[1], row[0]) for labels, row in zip(release.labels, release.values, strict=True) if labels[0] == first
    ]
    bars = sorted(((value, name) for name, value in shown if value is not None), reverse=True)
    hidden = len(shown) - len(bars)
    chart = figure(7.5, 1.2 + 0.26 * max(1, min(len(bars), _MOST)))
    axes = chart.add_subplot()
    axes.barh(range(len(bars[:_MOST])), [value for value, _ in bars[:_MOST]], color=_BLUE)
    axes.set_yticks(range(len(bars[:_MOST])), [name for _, name in bars[:_MOST]])
    axes.invert_yaxis()
    more = f"; {len(bars) - _MOST:,} more" if len(bars) > _MOST else ""
    axes.set(xlabel=f"{release.measures[0].name} by {first}; {hidden:,} hidden{more}", title=release.title)
    return chart


def choropleth(release: Release, geometries: Any) -> Any:
    """Draw the zones that have a shape in color where they are shown, in gray where they are hidden."""
    from matplotlib import colormaps  # noqa: PLC0415 - optional
    from matplotlib.cm import ScalarMappable  # noqa: PLC0415 - optional
    from matplotlib.colors import Normalize  # noqa: PLC0415 - optional
    from matplotlib.patches import PathPatch  # noqa: PLC0415 - optional

    shapes = dict(geometries.items())
    value = {
        labels[1]: row[0]
        for labels, row in zip(release.labels, release.values, strict=True)
        if labels[0] != TOTAL and labels[1] in shapes
    }
    if not value:
        raise ArgumentError(f"geometries= has a shape for none of the zones, such as {release.labels[0][1]!r}")
    chart = figure(7.5, 6.5)
    axes = chart.add_subplot()
    counts = [count for count in value.values() if count is not None]
    scale = Normalize(0, max(counts, default=1) or 1)
    for name, count in value.items():
        color = _GRAY if count is None else colormaps["Blues"](0.15 + 0.85 * scale(count))
        for path in _paths(shapes[name]):
            axes.add_patch(PathPatch(path, facecolor=color, edgecolor="white", linewidth=0.4))
    axes.autoscale_view()
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_title(f"{release.title}\ngray: hidden")
    chart.colorbar(ScalarMappable(scale, "Blues"), ax=axes, shrink=0.6, label=release.measures[0].name)
    return chart


def _paths(shape: Any) -> Iterator[Any]:
    """Yield a path per polygon of a geometry, its holes included."""
    from matplotlib.path import Path  # noqa: PLC0415 - optional

    geometry: Mapping[str, Any] = getattr(shape, "__geo_interface__", shape)
    kind = geometry.get("type") if hasattr(geometry, "get") else None
    if kind not in {"Polygon", "MultiPolygon"}:
        raise ArgumentError(f"a geometry of kind {kind!r} is no area: give Polygon or MultiPolygon")
    for rings in geometry["coordinates"] if kind == "MultiPolygon" else [geometry["coordinates"]]:
        yield Path.make_compound_path(*(Path([point[:2] for point in ring], closed=True) for ring in rings))
