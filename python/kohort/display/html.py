"""Small pieces of HTML that every card is made of.

Text handed in is escaped here, once; pieces made here may be nested in each other. Colors come from JupyterLab's
theme where there is one, and from the reader's light or dark preference elsewhere. No script, no network, no fonts.
"""

from __future__ import annotations

from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Tone = Literal["plain", "good", "warn", "bad"]

STYLE = " ".join(files("kohort.display").joinpath("card.css").read_text(encoding="utf-8").split())


class Markup(str):
    """HTML that is already safe to show."""

    __slots__ = ()


def _safe(text: object) -> Markup:
    return text if isinstance(text, Markup) else Markup(escape(str(text)))


def card(title: str, *body: object) -> Markup:
    """Frame a title, unless it is empty, and pieces of content; the outermost element of every card."""
    inside = "".join(piece if isinstance(piece, Markup) else f"<p>{_safe(piece)}</p>" for piece in body)
    head = f"<h4>{_safe(title)}</h4>" if title else ""
    return Markup(f'<div class="kohort"><style>{STYLE}</style>{head}{inside}</div>')


def badge(text: str, tone: Tone = "plain") -> Markup:
    """Show a verdict of a few words."""
    return Markup(f'<p><span class="k-badge k-{tone}">{_safe(text)}</span></p>')


def note(text: object) -> Markup:
    """Show a footnote."""
    return Markup(f'<p class="k-note">{_safe(text)}</p>')


def facts(entries: Mapping[str, object]) -> Markup:
    """Show names and their values, a line each."""
    lines = "".join(f"<dt>{_safe(name)}</dt><dd>{_safe(value)}</dd>" for name, value in entries.items())
    return Markup(f"<dl>{lines}</dl>")


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    numeric: Iterable[int] = (),
    hidden: Iterable[tuple[int, int]] = (),
    totals: Iterable[int] = (),
    stub: int = 0,
    caption: str = "",
    spanner: str = "",
    spoken: Mapping[tuple[int, int], str] | None = None,
    notes: Sequence[str] = (),
) -> Markup:
    """Show a table, which stays one when it is pasted into a document: heads have a scope, signs their meaning.

    Parameters
    ----------
    columns
        The heads.
    rows
        The cells, each shown as its text.
    numeric
        Positions of the columns that align to the right.
    hidden
        Positions (row, column) of the cells that are grayed out.
    totals
        Positions of the rows set in bold.
    stub
        How many columns on the left are heads of their row.
    caption
        What heads the table.
    spanner
        A head above all columns that are not in the stub.
    spoken
        What a sign stands for, by position (row, column): told to screen readers, and when pointed at.
    notes
        Sentences below the table, part of it.
    """
    right, gray, bold, meanings = set(numeric), set(hidden), set(totals), spoken or {}

    def mark(row: int | None, column: int) -> str:
        names = ["k-num"] * (column in right) + ["k-hidden"] * (row is not None and (row, column) in gray)
        return f' class="{" ".join(names)}"' if names else ""

    def body(row: int, column: int, cell: object) -> str:
        text = _safe(cell)
        if (row, column) in meanings:
            text = Markup(f'<abbr title="{_safe(meanings[row, column])}">{text}</abbr>')
        name, scope = ("th", ' scope="row"') if column < stub else ("td", "")
        return f"<{name}{scope}{mark(row, column)}>{text}</{name}>"

    heads = [f'<th scope="col"{mark(None, j)}>{_safe(name)}</th>' for j, name in enumerate(columns)]
    if spanner:
        over = "".join(head.replace("<th ", '<th rowspan="2" ', 1) for head in heads[:stub])
        over += f'<th scope="colgroup" colspan="{len(columns) - stub}" class="k-span">{_safe(spanner)}</th>'
        heads = [over, "</tr><tr>", *heads[stub:]]
    lines = []
    for i, row in enumerate(rows):
        weight = ' class="k-total"' if i in bold else ""
        lines.append(f"<tr{weight}>{''.join(body(i, j, cell) for j, cell in enumerate(row))}</tr>")
    title = f"<caption>{_safe(caption)}</caption>" if caption else ""
    said = _safe(" ".join(notes))
    foot = f'<tfoot><tr><td colspan="{len(columns)}"><div>{said}</div></td></tr></tfoot>' if notes else ""
    return Markup(
        f"<table>{title}<thead><tr>{''.join(heads)}</tr></thead><tbody>{''.join(lines)}</tbody>{foot}</table>"
    )


def track(share: float, tone: Tone = "plain", *, least: str = "0") -> Markup:
    """Show a share of the full width in [0, 1] as a bar; `least` is the width it keeps in a narrow table."""
    width = 100.0 * min(max(share, 0.0), 1.0)
    wide = f' style="min-width:{least}"' if least != "0" else ""
    return Markup(f'<div class="k-track"{wide}><div class="k-bar k-{tone}" style="width:{width:.1f}%"></div></div>')


def bars(entries: Iterable[tuple[str, float, str, Tone]]) -> Markup:
    """Show labeled horizontal bars: label, share of the full width in [0, 1], text beside it, tone."""
    lines = []
    for label, share, text, tone in entries:
        lines.append(f'<span>{_safe(label)}</span>{track(share, tone)}<span class="k-num">{_safe(text)}</span>')
    return Markup(f'<div class="k-bars">{"".join(lines)}</div>')
