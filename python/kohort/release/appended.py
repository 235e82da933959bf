"""Figures that are worked out after the gate, from what a release shows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kohort.release.released import Measure, Number, Release, RuleRecord, Status


def append_figures(
    release: Release,
    measures: Sequence[Measure],
    figures: Sequence[tuple[Sequence[Number], Status]],
    record: Sequence[RuleRecord],
) -> Release:
    """Return the release with further columns.

    Parameters
    ----------
    release
        A table that has passed the gate.
    measures
        The columns.
    figures
        Per row the values of all of them and their status; a shown figure without a value is not applicable.
    record
        What was done, for the disclosure record.
    """
    values: list[tuple[Number, ...]] = []
    statuses: list[tuple[Status, ...]] = []
    for row, (found, status) in enumerate(figures):
        shown = status == "shown"
        values.append((*release.values[row], *(found if shown else [None] * len(measures))))
        marks: list[Status] = ["not applicable" if shown and value is None else status for value in found]
        statuses.append((*release.statuses[row], *marks))
    return replace(
        release,
        measures=(*release.measures, *measures),
        values=tuple(values),
        statuses=tuple(statuses),
        decisions=tuple((*row, *([()] * len(measures))) for row in release.decisions),
        record=(*release.record, *record),
    )
