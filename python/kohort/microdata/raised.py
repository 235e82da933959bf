"""What generalizing one quasi-identifier by one step would do to the risk, all others as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from kohort import _core
from kohort.errors import ArgumentError
from kohort.microdata import checks
from kohort.microdata.encoding import generalized
from kohort.microdata.transformation import Transformation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kohort._frames import Stream
    from kohort.hierarchy import Hierarchy


@dataclass(frozen=True, slots=True)
class Raised:
    """The risk with one quasi-identifier generalized by one step.

    Attributes
    ----------
    level
        The first level of its hierarchy at which some of its values become equal.
    became
        What that level is, in words.
    k
        The size of the smallest class then, in rows or persons.
    unique_share
        The share of rows, in [0, 1], whose class has one row, or one person, then.
    below_share
        The share of rows, in [0, 1], in classes of fewer than the required rows or persons then.
    """

    level: int
    became: str
    k: int
    unique_share: float
    below_share: float


def checked(hierarchies: Any, quasi_identifiers: Sequence[str]) -> dict[str, Hierarchy]:
    """Read hierarchies by column; refuse those of other columns."""
    read = checks.hierarchies("hierarchies", hierarchies, "columns are")
    for name in read:
        if name not in quasi_identifiers:
            raise ArgumentError(f"hierarchies has column {name!r}, which is not a quasi-identifier: leave it out")
    return read


def raise_each(
    stream: Stream,
    quasi_identifiers: list[str],
    hierarchies: Mapping[str, Hierarchy],
    *,
    k: int,
    person: str | None,
    nulls: str,
) -> dict[str, Raised]:
    """Count classes with each column raised alone; columns that no level changes are left out."""
    if not hierarchies:
        return {}
    rows = pl.DataFrame(stream)
    found = {}
    for name in quasi_identifiers:
        if name not in hierarchies:
            continue
        hierarchy = hierarchies[name].fitted(rows[name])
        present = rows[name].drop_nulls().unique()
        table = generalized(name, hierarchy, rows[name]).filter(pl.col("0").is_in(present.implode()))
        level = next((at for at in range(1, table.width) if table[str(at)].n_unique() < table.height), None)
        if level is None:
            continue
        raised = Transformation({name: hierarchy}, {name: level}, None).apply(rows, unseen="keep")
        sizes = _core.collapse(raised, quasi_identifiers, [], person, nulls).sizes()
        alone, below = (sum(count for size, _, count in sizes if size < bound) / rows.height for bound in (2, k))
        words = "any value" if table[str(level)].n_unique() == 1 else hierarchy.describe(level)
        found[name] = Raised(level, words, sizes[0][0], alone, below)
    return found
