"""Small pieces of HTML that every card is made of.

Text handed in is escaped here, once; pieces made here may be nested in each other. Colors come from JupyterLab's
theme where there is one, and from the reader's light or dark preference elsewhere. No script, no network, no fonts.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Tone = Literal["plain", "good", "warn", "bad"]

STYLE = """
.kohort{color-scheme:light dark;--ink:var(--jp-content-font-color1,light-dark(#1c2128,#e6e9ee));
--soft:var(--jp-content-font-color2,light-dark(#57606a,#a3adb8));--line:light-dark(#d8dee4,#3d444d);
--fill:light-dark(#f3f6f9,#22272e);--bar:light-dark(#2f6f9f,#6cb2e0);--good:light-dark(#1a7f4b,#57c98a);
--warn:light-dark(#9a6700,#e0b04a);--bad:light-dark(#b42318,#ff8a7a);color:var(--ink);
font:14px/1.45 system-ui,sans-serif;max-width:62rem;border:1px solid var(--line);border-radius:8px;padding:14px 18px;margin:4px 0}
[data-jp-theme-light="true"] .kohort{color-scheme:light}[data-jp-theme-light="false"] .kohort{color-scheme:dark}
.kohort h4{margin:0 0 6px;font-size:16px;font-weight:600;color:var(--ink)}
.kohort p{margin:4px 0}.kohort .k-note{color:var(--soft);font-size:12.5px}
.kohort .k-badge{display:inline-block;border:1px solid currentColor;border-radius:999px;padding:0 9px;font-size:12.5px;font-weight:600}
.kohort .k-good{color:var(--good)}.kohort .k-warn{color:var(--warn)}.kohort .k-bad{color:var(--bad)}
.kohort table{border-collapse:collapse;margin:8px 0;font-variant-numeric:tabular-nums;color:var(--ink);background:none}
.kohort tr,.kohort tbody tr:nth-child(odd),.kohort tbody tr:hover{background:none}
.kohort th{text-align:left;font-weight:600;border-bottom:1.5px solid var(--line);padding:3px 14px 3px 0;background:none;vertical-align:bottom}
.kohort td{text-align:left;border-bottom:1px solid var(--line);padding:3px 14px 3px 0;vertical-align:top}
.kohort .k-num{text-align:right}.kohort .k-hidden{color:var(--soft);background:var(--fill)}.kohort .k-total td{font-weight:600}
.kohort dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:8px 0}
.kohort dt{color:var(--soft);font-weight:400}.kohort dd{margin:0}
.kohort .k-bars{display:grid;grid-template-columns:max-content minmax(8rem,1fr) max-content;gap:3px 10px;align-items:center;margin:8px 0}
.kohort .k-track{background:var(--fill);border-radius:3px;height:12px}.kohort .k-bar{background:var(--bar);border-radius:3px;height:12px}
.kohort .k-bar.k-bad{background:var(--bad)}.kohort .k-bar.k-warn{background:var(--warn)}.kohort .k-bar.k-good{background:var(--good)}
""".strip()


class Markup(str):
    """HTML that is already safe to show."""

    __slots__ = ()


def _safe(text: object) -> Markup:
    return text if isinstance(text, Markup) else Markup(escape(str(text)))


def card(title: str, *body: object) -> Markup:
    """Frame a title and pieces of content; the outermost element of every card."""
    inside = "".join(piece if isinstance(piece, Markup) else f"<p>{_safe(piece)}</p>" for piece in body)
    return Markup(f'<div class="kohort"><style>{STYLE}</style><h4>{_safe(title)}</h4>{inside}</div>')


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
) -> Markup:
    """Show a table.

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
    """
    right, gray, bold = set(numeric), set(hidden), set(totals)

    def mark(row: int | None, column: int) -> str:
        names = ["k-num"] * (column in right) + ["k-hidden"] * (row is not None and (row, column) in gray)
        return f' class="{" ".join(names)}"' if names else ""

    head = "".join(f"<th{mark(None, j)}>{_safe(name)}</th>" for j, name in enumerate(columns))
    lines = []
    for i, row in enumerate(rows):
        cells = "".join(f"<td{mark(i, j)}>{_safe(cell)}</td>" for j, cell in enumerate(row))
        weight = ' class="k-total"' if i in bold else ""
        lines.append(f"<tr{weight}>{cells}</tr>")
    return Markup(f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>")


def bars(entries: Iterable[tuple[str, float, str, Tone]]) -> Markup:
    """Show labeled horizontal bars: label, share of the full width in [0, 1], text beside it, tone."""
    lines = []
    for label, share, text, tone in entries:
        width = 100.0 * min(max(share, 0.0), 1.0)
        lines.append(
            f'<span>{_safe(label)}</span><div class="k-track"><div class="k-bar k-{tone}" style="width:{width:.1f}%"></div></div>'
            f'<span class="k-num">{_safe(text)}</span>'
        )
    return Markup(f'<div class="k-bars">{"".join(lines)}</div>')
