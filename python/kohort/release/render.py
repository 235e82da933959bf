"""A release as text and as a card; hidden cells print as "<11" or "·"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort.display import card, table
from kohort.release.flow import flow
from kohort.release.grid import grid_of
from kohort.release.wording import HIDDEN, footnote, footnotes, meaning

if TYPE_CHECKING:
    from kohort.display.html import Markup
    from kohort.release.released import Release

_PLAIN_ROWS = 60


def cell_text(release: Release, row: int, measure: int) -> str:
    """Return what a reader sees in a cell."""
    status, column = release.statuses[row][measure], release.measures[measure]
    if status == "not applicable":
        return ""
    if status == "small" and column.kind == "count":
        return f"<{release.rules.min_cell}"
    value = release.values[row][measure]
    if status != "shown" or value is None:
        return HIDDEN
    return f"{value:,.{column.decimals}f}"


def explanation(release: Release) -> str:
    """Say how many cells are hidden and why, and what each rule did."""
    found = release.status_counts()
    hidden = found["small"] + found["protective"] + found["withheld"]
    cells = hidden + found["shown"]
    lines = [f"None of {cells:,} cells is hidden."]
    if hidden:
        reasons = []
        if found["small"]:
            verb = "holds" if found["small"] == 1 else "hold"
            reasons.append(f"{found['small']:,} {verb} fewer than {release.rules.min_cell} persons")
        if found["protective"]:
            verb = "protects" if found["protective"] == 1 else "protect"
            whom = (
                f"those {found['small']:,}"
                if found["small"] > 1
                else "that one"
                if found["small"]
                else "complements below it"
            )
            reasons.append(f"{found['protective']:,} {verb} {whom}")
        if found["withheld"]:
            verb = "is" if found["withheld"] == 1 else "are"
            reasons.append(f"{found['withheld']:,} {verb} withheld because even the size class would tell too much")
        lines = [f"{hidden:,} of {cells:,} cells hidden: {', '.join(reasons)}."]
    lines += [f"Rule {record.name}: {record.did}." for record in release.record]
    return "\n".join(lines)


def _heads(release: Release) -> list[str]:
    return [*release.dimensions, *(measure.name for measure in release.measures)]


def _texts(release: Release, row: int) -> list[str]:
    return [*release.labels[row], *(cell_text(release, row, j) for j in range(len(release.measures)))]


def plain(release: Release) -> str:
    """Return the table as plain text."""
    shown = range(min(len(release.labels), _PLAIN_ROWS))
    lines = [_heads(release), *(_texts(release, row) for row in shown)]
    widths = [max(len(line[j]) for line in lines) for j in range(len(lines[0]))]
    text = [release.title]
    for line in lines:
        pieces = [
            piece.ljust(width) if j < len(release.dimensions) else piece.rjust(width)
            for j, (piece, width) in enumerate(zip(line, widths, strict=True))
        ]
        text.append("  ".join(pieces).rstrip())
    if len(release.labels) > len(shown):
        text.append(f"... {len(release.labels) - len(shown):,} more rows")
    return "\n".join([*text, footnote(release)])


def html_table(release: Release, *, caption: str) -> Markup:
    """Return the table as HTML, with its rule below."""
    laid = grid_of(release)
    width = len(laid.stub)
    cells = {(i, width + j): at for i, (_, found) in enumerate(laid.rows) for j, at in enumerate(found) if at}
    spoken = {place: said for place, at in cells.items() if (said := meaning(release, *at))}
    return table(
        [*laid.stub, *laid.columns],
        [[*labels, *(cell_text(release, *at) if at else "" for at in found)] for labels, found in laid.rows],
        numeric=range(width, width + len(laid.columns)),
        hidden=spoken,
        totals=laid.totals(),
        stub=width,
        caption=caption,
        spanner=laid.spanner,
        spoken=spoken,
        notes=footnotes(release),
    )


def html_card(release: Release) -> str:
    """Return the table as a card for notebooks."""
    if release.kind == "attrition":
        return card(release.title, flow(release), html_table(release, caption="The same as a table"))
    return card("", html_table(release, caption=release.title))
