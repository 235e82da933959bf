"""The combinations of levels as a chart in a card: what each loses, over the share of rows that it suppresses."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from kohort.display.html import Markup
from kohort.display.numbers import percent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDTH, HEIGHT = 800, 300  # of the picture
LEFT, RIGHT, TOP, BOTTOM = 64, 780, 30, 248  # of the plot
SMALL = 'font-size="11.5" fill="var(--soft,currentColor)"'
SHARES = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0)
#: More points than this are drawn without their words.
WORDED = 400


@dataclass(frozen=True, slots=True)
class Node:
    """A combination of levels in the chart.

    Attributes
    ----------
    words
        Its levels.
    share
        The share of rows, in [0, 1], that are suppressed.
    loss
        What is lost.
    safe
        Whether the models hold within the suppression allowed.
    chosen
        Whether it is the one that was taken.
    """

    words: str
    share: float
    loss: float
    safe: bool
    chosen: bool


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Give round numbers between two."""
    step = 10.0 ** math.floor(math.log10((high - low) / most))
    step = next(step * by for by in (1, 2, 5, 10, 20) if (high - low) / (step * by) <= most)
    return [number * step for number in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def svg(nodes: Sequence[Node], allowed: float, measure: str) -> Markup:
    """Draw combinations of levels.

    Parameters
    ----------
    nodes
        Two at least.
    allowed
        The share of rows, in [0, 1], that may be suppressed.
    measure
        What the loss is measured by.

    Returns
    -------
    Markup
        An ``<svg>`` element for a card; what it shows is said in its label.
    """
    losses = [node.loss for node in nodes]
    low, high = min(0.0, *losses), max(losses)
    high = high if high > low else low + 1
    across = _Across(max(allowed, *(node.share for node in nodes)))

    def up(loss: float) -> float:
        return BOTTOM - (loss - low) / (high - low) * (BOTTOM - TOP)

    marks = []
    for loss in ticks(low, high):
        y = up(loss)
        marks.append(f'<path d="M{LEFT} {y:.1f}H{RIGHT}" stroke="var(--line,currentColor)" stroke-opacity="0.6"/>')
        marks.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" {SMALL}>{loss:.4g}</text>')
    marks += [
        f'<text x="{across(share):.1f}" y="{BOTTOM + 20}" text-anchor="middle" {SMALL}>{share:.0%}</text>'
        for share in across.shares()
    ]
    if allowed < across.most:
        x = across(allowed)
        marks.append(
            f'<path d="M{x:.1f} {TOP - 6}V{BOTTOM}" stroke="currentColor" stroke-dasharray="4 3" fill="none"/>'
            f'<text x="{x + 6:.1f}" y="{TOP - 1}" {SMALL}>at most {percent(allowed)} of rows may be suppressed</text>'
        )
    label = escape(f"{len(nodes):,} combinations of levels: what they lose, over the share of rows suppressed")
    return Markup(
        f'<svg role="img" aria-label="{label}" viewBox="0 0 {WIDTH} {HEIGHT}" width="100%" '
        f'style="max-width:{WIDTH}px;display:block" fill="currentColor" font-family="inherit">'
        f"{''.join(marks)}{_points(nodes, across, up)}"
        f'<text x="{RIGHT - 12}" y="{HEIGHT - 14}" text-anchor="end" {SMALL}>'
        "share of rows suppressed, square-root scale</text>"
        f'<text x="{LEFT - 8}" y="{TOP - 14}" text-anchor="end" {SMALL}>{escape(measure)}</text>'
        f"{_legend()}</svg>"
    )


class _Across:
    """Shares to places across the plot."""

    def __init__(self, most: float) -> None:
        self.most = min(max(most * 1.05, 0.01), 1.0)

    def __call__(self, share: float) -> float:
        return LEFT + 12 + (RIGHT - LEFT - 24) * math.sqrt(share / self.most)

    def shares(self) -> list[float]:
        """Give shares to name, as far apart as their words need."""
        named: list[float] = []
        for share in SHARES:
            if share <= self.most and (not named or self(share) - self(named[-1]) > 44):
                named.append(share)
        return named


def _shape(x: float, y: float, node: Node) -> str:
    if node.chosen:
        return (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9" fill="none" stroke="var(--good,currentColor)" stroke-width="2"/>'
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="var(--good,currentColor)"/>'
        )
    if node.safe:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="var(--bar,currentColor)"/>'
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="none" stroke="var(--bad,currentColor)" stroke-opacity="0.8"/>'
    )


def _points(nodes: Sequence[Node], across: _Across, up: Callable[[float], float]) -> str:
    """Draw the points, the chosen one last; of those at one place only one."""
    drawn: dict[tuple[int, int, bool, bool], str] = {}
    worded = len(nodes) <= WORDED
    for node in sorted(nodes, key=lambda node: (node.chosen, node.safe)):
        x, y = across(node.share), up(node.loss)
        words = f"<title>{escape(node.words)}</title>" if worded or node.chosen else ""
        drawn[round(x), round(y), node.safe, node.chosen] = f"<g>{words}{_shape(x, y, node)}</g>"
    return "".join(drawn.values())


def _legend() -> str:
    y, x, found = HEIGHT - 14, LEFT, []
    for words, safe, chosen, room in (
        ("chosen", True, True, 90),
        ("fulfills the models", True, False, 150),
        ("does not", False, False, 90),
    ):
        found.append(_shape(x + 12, y - 4, Node("", 0, 0, safe, chosen)))
        found.append(f'<text x="{x + 26}" y="{y}" {SMALL}>{words}</text>')
        x += room
    return "".join(found)
