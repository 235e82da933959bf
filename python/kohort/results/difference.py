"""What is different between two definitions, as text, and between two results, as safe counts."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import unified_diff
from typing import TYPE_CHECKING, overload

import polars as pl

from kohort.definition import Cohort
from kohort.display import badge, card
from kohort.errors import ArgumentError
from kohort.release.gate import protect_table
from kohort.release.shares import with_margins
from kohort.release.tables import Source, table_of
from kohort.results.result import Result

if TYPE_CHECKING:
    from kohort._core import PersonSet
    from kohort.release import Release


@dataclass(frozen=True, slots=True, repr=False)
class DefinitionDiff:
    """The sentences in which two definitions differ; made by :func:`diff`.

    Attributes
    ----------
    lines
        The sentences of both, each behind ``"- "`` (the first alone), ``"+ "`` (the second alone) or two blanks.
    """

    lines: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether the definitions say the same."""
        return all(line.startswith("  ") for line in self.lines)

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        tones = {"-": "bad", "+": "good"}
        pieces = (badge(line, tones[line[0]]) if line[0] in tones else line.strip() for line in self.lines)  # type: ignore[arg-type]
        return card("Difference of two definitions", *pieces)


@overload
def diff(a: Cohort, b: Cohort) -> DefinitionDiff: ...
@overload
def diff(a: Result, b: Result) -> Release: ...
def diff(a: Cohort | Result, b: Cohort | Result) -> DefinitionDiff | Release:
    """Compare two definitions as text, or two results as counts that have passed the output rules.

    Parameters
    ----------
    a, b
        Two definitions, or two results of one open warehouse.

    Returns
    -------
    DefinitionDiff or Release
        Of definitions: their sentences, line by line. Of results: how many of the warehouse's persons are in both, in
        one alone, and in neither, with the margins; small differences are hidden with what would tell them.

    Raises
    ------
    ArgumentError
        When one is a definition and the other a result, or the results come from different warehouses.

    Examples
    --------
    >>> import kohort as kh
    >>> a = kh.cohort("deaths").entry(kh.death())
    >>> kh.diff(a, a.require("adult", kh.age() >= 18)).same
    False
    """
    if isinstance(a, Cohort) and isinstance(b, Cohort):
        first, second = a.describe().splitlines(), b.describe().splitlines()
        longest = max(len(first), len(second))
        changed = list(unified_diff(first, second, lineterm="", n=longest))[3:]
        lines = [f"{line[0]} {line[1:]}" for line in changed] or [f"  {line}" for line in first]
        return DefinitionDiff(tuple(lines))
    if isinstance(a, Result) and isinstance(b, Result):
        return _overlap(a, b)
    kinds = f"{type(a).__name__} and {type(b).__name__}"
    raise ArgumentError(f"{kinds} cannot be compared: give two definitions, or two results of one warehouse")


def _overlap(a: Result, b: Result) -> Release:
    both, first, second = a._core.overlap(b._core)  # noqa: SLF001
    neither = a._warehouse._persons - both - first - second  # noqa: SLF001
    left, right = a.definition.name, b.definition.name
    if left == right:
        left, right = f"{left} (first)", f"{right} (second)"
    frame = pl.DataFrame(
        {
            left: ["in", "in", "not in", "not in"],
            right: ["in", "not in", "in", "not in"],
            "persons": [both, first, second, neither],
        }
    )
    title = f"Overlap of {left} and {right}"
    exact, wh = table_of(frame, Source([left, right], "persons")), a._warehouse  # noqa: SLF001
    if wh._needs_sets:  # noqa: SLF001
        known = with_margins(_sets(a, b))
        for (row, _), cell in exact.of.items():
            (exact.people[cell],) = known[exact.labels[row]]
    memory = wh._memory("overlap", f"{a.definition.hash} {b.definition.hash}")  # noqa: SLF001
    return protect_table(exact, title=title, kind="table", rules=wh.rules, memory=memory)


def _sets(a: Result, b: Result) -> dict[tuple[str, ...], tuple[PersonSet]]:
    """Return the persons of each inner cell of the overlap."""
    mine, others = a._core.population(), b._core.population()  # noqa: SLF001
    alone, other = mine.difference(others), others.difference(mine)
    everybody = a._warehouse._core.population()  # noqa: SLF001
    return {
        ("in", "in"): (mine.difference(alone),),
        ("in", "not in"): (alone,),
        ("not in", "in"): (other,),
        ("not in", "not in"): (everybody.difference(mine).difference(other),),
    }
