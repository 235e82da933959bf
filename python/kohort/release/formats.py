"""A release in the formats of documents: Markdown, LaTeX, and Great Tables for those who style further."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from kohort.errors import ArgumentError
from kohort.release.grid import grid_of
from kohort.release.render import cell_text
from kohort.release.wording import HIDDEN, footnote, footnotes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kohort.release.released import Release

_LATEX = {
    "\\": r"\textbackslash{}",
    **{sign: "\\" + sign for sign in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": "$<$",
    ">": "$>$",
    HIDDEN: r"$\cdot$",
    "\u2002": r"\enspace{}",
}


def _lines(release: Release) -> Iterable[tuple[str, ...]]:
    for labels, cells in grid_of(release).rows:
        yield (*labels, *(cell_text(release, *at) if at else "" for at in cells))


def _one_line(text: str) -> str:
    return " ".join(text.splitlines())


def to_markdown(release: Release) -> str:
    """Return the table as Markdown in the form of GitHub and pandoc; see `Release.to_markdown`."""
    laid = grid_of(release)

    def line(cells: Iterable[str]) -> str:
        escaped = (_one_line(cell).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;") for cell in cells)
        return f"| {' | '.join(escaped)} |"

    rule = f"|{' --- |' * len(laid.stub)}{' ---: |' * len(laid.columns)}"
    head = [*laid.stub, *laid.columns]
    note = footnote(release).replace("<", "&lt;")
    return "\n".join([line([release.title])[2:-2], "", line(head), rule, *map(line, _lines(release)), "", note, ""])


def to_latex(release: Release) -> str:
    """Return the table as LaTeX with the rules of booktabs; see `Release.to_latex`."""
    laid = grid_of(release)

    def escaped(text: str) -> str:
        return "".join(_LATEX.get(sign, sign) for sign in _one_line(text))

    def line(cells: Iterable[str]) -> str:
        return " & ".join(map(escaped, cells)) + r" \\"

    left, right = len(laid.stub), len(laid.columns)
    over = (
        [
            " & " * left + rf"\multicolumn{{{right}}}{{c}}{{{escaped(laid.spanner)}}} \\",
            rf"\cmidrule(l){{{left + 1}-{left + right}}}",
        ]
        if laid.spanner
        else []
    )
    return "\n".join(
        [
            r"\begin{table}",
            rf"\caption{{{escaped(release.title)}}}",
            rf"\begin{{tabular}}{{{'l' * left}{'r' * right}}}",
            r"\toprule",
            *over,
            line([*laid.stub, *laid.columns]),
            r"\midrule",
            *map(line, _lines(release)),
            r"\bottomrule",
            r"\end{tabular}",
            "",
            rf"\smallskip\footnotesize {escaped(footnote(release))}",
            r"\end{table}",
            "",
        ]
    )


def gt(release: Release) -> Any:
    """Return the table as a `great_tables.GT`; see `Release.gt`."""
    try:
        from great_tables import GT  # noqa: PLC0415 - optional
    except ImportError as error:
        raise ArgumentError("gt() needs Great Tables: pip install 'kohort[tables]'") from error
    laid = grid_of(release)
    # Names that are unique whatever the levels are called; readers see the labels.
    stub, columns = [f"stub {j}" for j in range(len(laid.stub))], [f"column {j}" for j in range(len(laid.columns))]
    data = {name: pl.Series([labels[j] for labels, _ in laid.rows], dtype=pl.String) for j, name in enumerate(stub)}
    for j, name in enumerate(columns):
        numbers = [None if at is None else release.values[at[0]][at[1]] for at in (cells[j] for _, cells in laid.rows)]
        data[name] = pl.Series(numbers, dtype=pl.Float64 if any(isinstance(n, float) for n in numbers) else pl.Int64)
    shown = GT(pl.DataFrame(data)).tab_header(title=release.title)
    shown = shown.cols_label(dict(zip([*stub, *columns], [*laid.stub, *laid.columns], strict=True)))
    if laid.spanner:
        shown = shown.tab_spanner(label=laid.spanner, columns=columns)
    for j, name in enumerate(columns):
        decimals = release.measures[0 if laid.spanner else j].decimals
        shown = shown.fmt_number(columns=name, decimals=decimals).cols_align(align="right", columns=name)
        signs: dict[str, list[int]] = {}
        for line, (_, cells) in enumerate(laid.rows):
            at = cells[j]
            if at is None or release.values[at[0]][at[1]] is None:
                signs.setdefault(cell_text(release, *at) if at else "", []).append(line)
        for sign, lines in signs.items():
            shown = shown.sub_missing(columns=name, rows=lines, missing_text=sign)
    for said in footnotes(release):
        shown = shown.tab_source_note(said)
    return shown
