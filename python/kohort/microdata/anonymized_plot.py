"""What an anonymization did, as a matplotlib figure."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

from kohort.display.figure import figure
from kohort.microdata.lattice_chart import SHARES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kohort.microdata.anonymized import Anonymized
    from kohort.microdata.lattice_chart import Node

BLUE, GREEN, RED, SOFT = "#2f6f9f", "#1a7f4b", "#b42318", "#a3adb8"


def draw(safe: Anonymized, nodes: Sequence[Node]) -> Any:
    """Draw the combinations of levels, and rows by class size before and after."""
    chart = figure(10.5, 4.2)
    left, right = chart.subplots(1, 2, gridspec_kw={"width_ratios": [1.25, 1]})
    _scatter(left, safe, nodes)
    _sizes(right, safe)
    return chart


def _scatter(axes: Any, safe: Anonymized, nodes: Sequence[Node]) -> None:
    kinds = (
        ("does not fulfill the models", {"facecolors": "none", "edgecolors": RED}, [n for n in nodes if not n.safe]),
        ("fulfills the models", {"color": BLUE}, [n for n in nodes if n.safe and not n.chosen]),
        ("chosen", {"color": GREEN, "s": 90, "zorder": 3}, [n for n in nodes if n.chosen]),
    )
    for label, style, found in kinds:
        if found:
            given = {"s": 24, "linewidths": 1, "label": label, **style}
            axes.scatter([sqrt(n.share) for n in found], [n.loss for n in found], **given)
    allowed = safe.search.budget / safe.before.height
    axes.axvline(sqrt(allowed), color=SOFT, linestyle="--", linewidth=1)
    most = max(allowed, 0.01, *(n.share for n in nodes))
    shown = [share for share in SHARES if share <= most]
    axes.set_xticks([sqrt(share) for share in shown], [f"{share:.0%}" for share in shown])
    axes.set(
        xlabel="rows suppressed, square-root scale (dashed: the most allowed)",
        ylabel=safe.utility.measure.replace("_", " "),
        title="Combinations of levels",
    )
    axes.legend(frameon=False, fontsize=8)


def _sizes(axes: Any, safe: Anonymized) -> None:
    bands = [band.label for band in safe.risk_before.histogram]
    reports = [("before", safe.risk_before, SOFT, -0.2), ("after", safe.risk_after, BLUE, 0.2)]
    for label, risk, color, shift in reports:
        if risk is not None:
            shares = [band.rows / risk.rows for band in risk.histogram]
            axes.barh([place + shift for place in range(len(bands))], shares, height=0.38, color=color, label=label)
    axes.set_yticks(range(len(bands)), bands)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
    axes.set(xlabel="share of rows", ylabel="rows in the class", title="Class sizes")
    axes.legend(frameon=False, fontsize=8)
