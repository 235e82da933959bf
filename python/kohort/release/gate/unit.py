"""The first rule: cells count persons, each one once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort.errors import ArgumentError
from kohort.release.gate.exact import MAX_CELLS, MAX_CELLS_OF_PRODUCT

if TYPE_CHECKING:
    from kohort.release.gate.draft import Draft
    from kohort.release.gate.exact import Exact


def unit(exact: Exact, draft: Draft) -> None:
    """Demand that cells count whole persons."""
    most = MAX_CELLS if exact.product is None else MAX_CELLS_OF_PRODUCT
    if len(exact.persons) > most:
        raise ArgumentError(
            f"the table has {len(exact.persons):,} cells with its margins, more than {most:,}: drop a dimension "
            "or release it in parts"
        )
    for cell, persons in enumerate(exact.persons):
        if isinstance(persons, bool) or not isinstance(persons, int) or persons < 0:
            position = exact.positions[cell]
            where = f"row {' / '.join(exact.labels[position[0]])!r}" if position else "a complement"
            raise ArgumentError(f"{where} does not hold a whole number of persons: cells count persons, from 0 on")
    draft.did("unit", "cells count persons")
