"""A release as text and as a card; hidden cells print as "<11" or "·"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort.display import card, note, table
from kohort.release.cross import TOTAL
from kohort.release.flow import flow
from kohort.release.protections import footnote_of_protection

if TYPE_CHECKING:
    from kohort.release.released import Release

HIDDEN = "·"
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


def footnote(release: Release) -> str:
    """Say in one line what hidden cells mean, or what was done to counts instead of hiding them."""
    if release.rules.protection is not None:
        return footnote_of_protection(release)
    rounded = f" Counts rounded to {release.rules.rounding}." if release.rules.rounding > 1 else ""
    found, least = release.status_counts(), release.rules.min_cell
    sums = release.status_counts("magnitude")["withheld"]
    if not found["small"] + found["protective"] + found["withheld"] + sums:
        none = " or for none" if release.rules.show_zeros else ""
        return f"Every cell stands for at least {least} persons{none}.{rounded}"
    parts = [f"Rule: at least {least} persons per cell and complement."]
    if found["small"]:
        zero = "" if release.rules.show_zeros else ", or none"
        parts.append(f"<{least}: fewer than {least} persons{zero}.")
    what = " and what few persons contribute" if sums else ""
    parts.append(f"{HIDDEN}: hidden so that small counts{what} cannot be worked out.")
    return " ".join(parts) + rounded


def _heads(release: Release) -> list[str]:
    return [*release.dimensions, *(measure.name for measure in release.measures)]


def _texts(release: Release, row: int) -> list[str]:
    depths = [level.depth for level in release.levels[row]] if release.levels else [0] * len(release.dimensions)
    labels = ["\u2002" * 2 * depth + label for depth, label in zip(depths, release.labels[row], strict=True)]
    return [*labels, *(cell_text(release, row, j) for j in range(len(release.measures)))]


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


def html_card(release: Release) -> str:
    """Return the table as a card for notebooks."""
    offset = len(release.dimensions)
    body = table(
        _heads(release),
        [_texts(release, row) for row in range(len(release.labels))],
        numeric=range(offset, offset + len(release.measures)),
        hidden=[
            (row, offset + j)
            for row, marks in enumerate(release.statuses)
            for j, mark in enumerate(marks)
            if mark in {"small", "protective", "withheld"}
        ],
        totals=[row for row, labels in enumerate(release.labels) if TOTAL in labels],
    )
    drawing = [flow(release)] if release.kind == "attrition" else []
    return card(release.title, *drawing, body, note(footnote(release)))
