"""Table 1: who the persons of a cohort are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kohort.errors import ArgumentError
from kohort.release.cross import TOTAL
from kohort.release.gate import Derived, Exact, protect_table
from kohort.release.released import Measure
from kohort.release.rules import OutputRules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kohort.release.gate import Memory, People
    from kohort.release.released import Number, Release

_TOTAL_RELUCTANCE = 64.0


class Section(NamedTuple):
    """A variable of Table 1 and the persons at each level.

    Levels are exclusive when every person has exactly one (sex, age band); otherwise each level is a yes/no
    question of its own (has a prior diagnosis), and its complement is protected with it.
    """

    variable: str
    levels: Sequence[tuple[str, int]]
    exclusive: bool = True


def release_characteristics(
    sections: Sequence[Section | tuple[str, Sequence[tuple[str, int]]]],
    total: int,
    *,
    rules: OutputRules | None = None,
    context: Mapping[str, str] | None = None,
    title: str = "Characteristics",
    people: Mapping[tuple[str, str], People] | None = None,
    memory: Memory | None = None,
) -> Release:
    """Release the characteristics of a cohort; all variables share the total and are protected together.

    Relations between yes/no levels (a diagnosis that implies another) are not known here and not part of the audit.

    Parameters
    ----------
    sections
        The variables in order; a plain pair (variable, levels) is exclusive.
    total
        Persons of the cohort.
    rules, context, title, memory
        See `protect_table`.
    people
        The persons of levels, by variable and level, and of the whole cohort, by two empty texts; for `memory`.

    Returns
    -------
    Release
        Columns `persons` and `percent` (of the total, one decimal).

    Raises
    ------
    ArgumentError
        If exclusive levels do not add up to the total, or a level holds more persons than the cohort.

    Examples
    --------
    >>> rel = release_characteristics([("sex", [("female", 600), ("male", 400)])], 1000)
    >>> rel.to_polars()["percent"].to_list()
    [100.0, 60.0, 40.0]
    """
    exact = Exact(dimensions=("variable", "level"), counts=("persons",), quiet=True)
    known = people or {}
    whole = exact.cell(exact.row((TOTAL, "")), "persons", total, _TOTAL_RELUCTANCE, people=known.get(("", "")))
    for section in map(_section, sections):
        cells = []
        for level, persons in section.levels:
            row, who = exact.row((section.variable, level)), known.get((section.variable, level))
            cells.append(exact.cell(row, "persons", persons, people=who))
            if persons > total:
                raise ArgumentError(
                    f"level {level!r} of {section.variable!r} holds more persons than the cohort: check the total"
                )
            if not section.exclusive:
                exact.relate(whole, (cells[-1], exact.imply(total - persons)))
        if section.exclusive:
            if sum(persons for _, persons in section.levels) != total:
                raise ArgumentError(
                    f"the levels of {section.variable!r} do not add up to the cohort: add the missing level (unknown), "
                    "or say exclusive=False"
                )
            exact.relate(whole, cells)
    exact.derived = [Derived(Measure("percent", "derived", 1), ("persons", whole), _percent)]
    return protect_table(
        exact, title=title, kind="characteristics", rules=rules or OutputRules(), context=context, memory=memory
    )


def _percent(_: int, counts: Sequence[int]) -> Number:
    persons, total = counts
    return round(100 * persons / total, 1) if total else None


def _section(section: Section | tuple[str, Sequence[tuple[str, int]]]) -> Section:
    return section if isinstance(section, Section) else Section(*section)
