"""Derived figures: rates and shares are hidden with the counts behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort.release.gate.amounts import released_amount
from kohort.release.gate.draft import number

if TYPE_CHECKING:
    from kohort.release.gate.draft import Draft
    from kohort.release.gate.exact import Exact
    from kohort.release.released import Number, Status


def derived_figures(exact: Exact, draft: Draft) -> None:
    """Work out every derived figure from released counts; hide those whose counts are not all shown."""
    hidden = 0
    for figure in exact.derived:
        column: list[tuple[Number, Status]] = []
        for row in range(len(exact.labels)):
            needed = exact.needed(figure, row)
            found = {draft.statuses[cell] for cell in needed} - {0}
            amounts: list[float | None] = [released_amount(exact, draft, figure.amount, row)] if figure.amount else []
            if None in amounts:
                found.add(3)
            if found:
                column.append((None, "small" if 1 in found else "withheld" if 3 in found else "protective"))
                hidden += 1
            else:
                value = figure.formula(row, [*(draft.released[cell] for cell in needed), *amounts])
                column.append((value, "not applicable" if value is None else "shown"))
        draft.figures.append(column)
    if exact.derived:
        names = ", ".join(figure.measure.name for figure in exact.derived)
        draft.did(
            "derived figures", f"{number(hidden, 'figure', 'figures')} hidden with the counts behind them ({names})"
        )
