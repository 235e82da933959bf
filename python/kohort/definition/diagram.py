"""The diagram of a definition as inline SVG, after Schneeweiss et al., Annals of Internal Medicine 2019, 170:398-406.

The index day is a column of its own, so that "the day before" ends at its left edge and "the day after" begins
at its right edge. Distances grow with the square root of the days: a week stays visible beside ten years.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from kohort.definition import english, timeline

if TYPE_CHECKING:
    from kohort.definition.cohorts import Cohort
    from kohort.definition.timeline import Row, Span

WIDTH, LEFT, RIGHT = 800, 300, 772  # of the picture; of the plot inside
HEAD, ROW, FOOT = 30, 38, 46
COLUMN, OPEN, BAR = 8, 26, 14  # the index day; the room for open ends; a bar's height
SMALL = 'font-size="11.5"'
LONGEST = {"label": 40, "remark": 50}  # characters that fit beside the plot

FILL = {
    "observed": 'fill="var(--soft,currentColor)" fill-opacity="0.35"',
    "require": 'fill="var(--good,currentColor)"',
    "exclude": 'fill="var(--bad,currentColor)" fill-opacity="0.25" stroke="var(--bad,currentColor)" '
    'stroke-dasharray="4 3"',
    "follow": 'fill="var(--bar,currentColor)"',
}


@dataclass(frozen=True, slots=True)
class Axis:
    """Days to places across the plot."""

    before: int
    after: int

    @property
    def zero(self) -> float:
        """Where the index day begins."""
        back, ahead = math.sqrt(self.before), math.sqrt(self.after)
        share = min(max(back / (back + ahead), 0.3), 0.7)
        return LEFT + OPEN + share * (RIGHT - LEFT - 2 * OPEN - COLUMN)

    def edge(self, day: int) -> float:
        """Where a day begins; a day ends where the next one begins."""
        if day <= 0:
            return self.zero - (self.zero - LEFT - OPEN) * math.sqrt(-day / self.before)
        right = self.zero + COLUMN
        return right + (RIGHT - OPEN - right) * math.sqrt((day - 1) / self.after)


def _axis(rows: tuple[Row, ...]) -> Axis:
    days = [day for row in rows for span in row.spans for day in (span.start, span.end) if day is not None]
    return Axis(before=max(30, -min(days, default=0)), after=max(30, max(days, default=0)))


def _bar(span: Span, axis: Axis, middle: float, height: float, tone: str) -> str:
    """Draw a span; an open end is an arrow head."""
    top, bottom = middle - height / 2, middle + height / 2
    left = LEFT + 10.0 if span.start is None else axis.edge(span.start)
    right = RIGHT - 10.0 if span.end is None else axis.edge(span.end + 1)
    right = max(right, left + 2)
    points = [(left, top), (right, top)]
    points += [(right + 10, middle)] if span.end is None else []
    points += [(right, bottom), (left, bottom)]
    points += [(left - 10, middle)] if span.start is None else []
    shape = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polygon points="{shape}" {FILL[tone]}/>'


def _cut(text: str, kind: str) -> str:
    most = LONGEST[kind]
    return escape(text if len(text) <= most else f"{text[: most - 1].rstrip()}…")


def _row(row: Row, axis: Axis, middle: float) -> str:
    label = f'<text y="{middle - 2:.1f}" font-size="13">{_cut(row.label, "label")}</text>'
    small = f'{SMALL} fill="var(--soft,currentColor)"'
    remark = f'<text y="{middle + 13:.1f}" {small}>{_cut(row.remark, "remark")}</text>'
    lane = (ROW - 14) / len(row.spans) if len(row.spans) > 1 else BAR
    top = middle - lane * (len(row.spans) - 1) / 2
    bars = "".join(
        _bar(span, axis, top + lane * place, lane * (1.0 if len(row.spans) == 1 else 0.75), row.tone)
        for place, span in enumerate(row.spans)
    )
    return f"<g>{label}{remark}{bars}</g>"


def _ticks(rows: tuple[Row, ...], axis: Axis, y: float) -> str:
    """Put numbers below the ends of the bars, as many as fit; the far ends before the near ones."""
    starts = {span.start: axis.edge(span.start) for row in rows for span in row.spans if span.start}
    ends = {span.end: axis.edge(span.end + 1) for row in rows for span in row.spans if span.end and span.end > 0}
    taken = [(axis.zero + COLUMN / 2, 7.0)]
    marks = []
    for day, x in sorted((starts | ends).items(), key=lambda item: -abs(item[0])):
        text = english.minus(day)
        half = 3.6 * len(text) + 3
        if all(abs(x - other) > half + room for other, room in taken):
            taken.append((x, half))
            mark = f'<path d="M{x:.1f} {y - 13:.1f}v5" stroke="currentColor"/>'
            marks.append(f'{mark}<text x="{x:.1f}" y="{y + 4:.1f}">{text}</text>')
    return "".join(marks)


def svg(cohort: Cohort) -> str:
    """Draw a definition: the index day, what is observed, each rule's windows, and the follow-up.

    Returns
    -------
    str
        An ``<svg>`` element, for a page with or without the card's colors; what it shows is said in its label.
    """
    rows = timeline.rows(cohort)
    axis = _axis(rows)
    foot = HEAD + ROW * len(rows)
    center = axis.zero + COLUMN / 2
    title = escape(f"Timeline of {cohort.name}: {' '.join(row.sentence for row in rows)}")
    drawn = "".join(_row(row, axis, HEAD + ROW * (place + 0.5)) for place, row in enumerate(rows))
    return (
        # Said in an attribute: where a notebook is not trusted, the text of elements is left without its picture.
        f'<svg role="img" aria-label="{title}" viewBox="0 0 {WIDTH} {foot + FOOT}" width="100%" '
        f'style="max-width:{WIDTH}px;display:block" fill="currentColor" font-family="inherit">'
        f'<rect x="{axis.zero:.1f}" y="{HEAD - 6}" width="{COLUMN}" height="{foot - HEAD + 6}" fill-opacity="0.16"/>'
        f'<text x="{center:.1f}" y="{HEAD - 12}" font-size="12.5" text-anchor="middle">index day</text>'
        f"{drawn}"
        f'<path d="M{LEFT} {foot + 2}H{RIGHT}" stroke="var(--line,currentColor)" fill="none"/>'
        f'<g {SMALL} text-anchor="middle" fill="var(--soft,currentColor)">'
        f'<text x="{center:.1f}" y="{foot + 19}">0</text>{_ticks(rows, axis, foot + 15)}'
        f'<text x="{(LEFT + RIGHT) / 2}" y="{foot + 38}">days from the index day, square-root scale</text></g></svg>'
    )
