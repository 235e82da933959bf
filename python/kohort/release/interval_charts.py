"""Estimates with their limits, a row each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kohort.display.figure import figure

if TYPE_CHECKING:
    from kohort.release.released import Release

_BLUE = "#2f6f9f"


def intervals(release: Release, estimate: str, low: str, high: str, label: str) -> Any:
    """Draw the rows of a release whose estimate and limits are shown, named by three of its columns."""
    names = [measure.name for measure in release.measures]
    columns = [names.index(name) for name in (estimate, low, high)]
    chart = figure(7.5, 1.2 + 0.32 * len(release.labels))
    axes = chart.add_subplot()
    for position, row in enumerate(release.values):
        center, lower, upper = (row[column] for column in columns)
        if center is None or lower is None or upper is None:
            continue
        axes.plot([lower, upper], [position, position], color=_BLUE, linewidth=1.5)
        axes.plot([center], [position], "o", color=_BLUE, markersize=5)
    axes.set_yticks(range(len(release.labels)), [" / ".join(labels) for labels in release.labels])
    axes.set_ylim(len(release.labels) - 0.5, -0.5)
    axes.set(xlabel=label, title=release.title)
    if release.kind == "model":
        axes.axvline(0, color="#a3adb8", linewidth=1, linestyle="--")
    else:
        axes.set_xlim(left=0)
    return chart
