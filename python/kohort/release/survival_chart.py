"""Survival curves above their risk table, as Morris et al. (BMJ Open 9, 2019) propose for Kaplan-Meier plots."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from kohort.display.figure import figure
from kohort.release.render import cell_text

if TYPE_CHECKING:
    from kohort.release.released import Release

_COLORS = ("#2f6f9f", "#b3541e", "#3d7a3d", "#7a4f9f", "#8a6d1f", "#57606a")
_STYLES = ("-", "--", "-.", ":")
# More columns of the risk table would run into each other.
_TIMES = 9
_TABLE = ("at_risk", "censored", "events")


def survival(release: Release) -> Any:
    """Draw the curves of a survival release where they are shown, and the risk table beneath."""
    names = [measure.name for measure in release.measures]
    column = {name: names.index(name) for name in (*_TABLE, "survival", "survival_low", "survival_high")}
    strata = {
        labels: list(rows)
        for labels, rows in groupby(range(len(release.labels)), key=lambda row: release.labels[row][:-1])
    }
    many = [labels for labels in strata if len(strata) < 3 or "Total" not in labels] or list(strata)
    height = 0.2 * (len(many) * 4 + 1)
    chart = figure(8.0, 4.2 + height)
    axes, below = chart.subplots(2, 1, sharex=True, height_ratios=[4.2, height])
    last, lowest = 0.0, 1.0
    for number, labels in enumerate(many):
        color, style = _COLORS[number % len(_COLORS)], _STYLES[number // len(_COLORS) % len(_STYLES)]
        points = [
            (float(release.labels[row][-1]), *(release.values[row][column[name]] for name in list(column)[3:]))
            for row in strata[labels]
        ]
        shown = [point for point in points if point[1] is not None]
        last = max(last, float(release.labels[strata[labels][-1]][-1]))
        if not shown:
            continue
        times, middle, low, high = zip(*shown, strict=True)
        lowest = min(lowest, *middle)
        axes.step(times, middle, where="post", color=color, linestyle=style, label=" / ".join(labels) or None)
        sure = [(time, lower, upper) for time, _, lower, upper in shown if lower is not None and upper is not None]
        if sure:
            times, low, high = zip(*sure, strict=True)
            axes.fill_between(times, low, high, step="post", color=color, alpha=0.15, linewidth=0)
    axes.set(
        ylabel="survival",
        title=release.title,
        ylim=(0 if lowest < 0.5 else 1 - 2 * max(1 - lowest, 0.01), 1.005),
        xlim=(0, last or 1),
    )
    axes.tick_params(labelbottom=True)
    axes.set_xlabel("time; the curve ends, and skips times, where too few persons stand behind it")
    if len(many) > 1 or many[0]:
        axes.legend(frameon=False, loc="lower left")
    _risk_table(release, below, [(labels, strata[labels]) for labels in many], column)
    return chart


def _risk_table(
    release: Release, axes: Any, strata: list[tuple[tuple[str, ...], list[int]]], column: dict[str, int]
) -> None:
    axes.set_axis_off()
    line = 0.0
    for labels, rows in strata:
        axes.text(
            -0.06,
            line,
            " / ".join(labels) or "all",
            ha="right",
            va="center",
            fontsize=8,
            weight="bold",
            transform=axes.get_yaxis_transform(),
        )
        every = max(1, -(-len(rows) // _TIMES))
        for name in _TABLE:
            line -= 1
            axes.text(
                -0.06,
                line,
                name.replace("_", " "),
                ha="right",
                va="center",
                fontsize=8,
                transform=axes.get_yaxis_transform(),
            )
            for row in rows[::every]:
                text = cell_text(release, row, column[name])
                axes.text(float(release.labels[row][-1]), line, text, ha="center", va="center", fontsize=8)
        line -= 1
    axes.set_ylim(line, 1)
