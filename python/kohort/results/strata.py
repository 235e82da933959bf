"""What a table is cut by: from the words of the user to the core's variables and the labels of their levels."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from kohort.definition import AgeBands
from kohort.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from kohort.release import OutputRules


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that a table is cut by: its column, the core's form of it, and the labels of its levels in order."""

    name: str
    core: dict[str, Any]
    labels: tuple[str, ...]


def variables(by: object, period: tuple[date, date] | None) -> list[Variable]:
    """Read ``by=["sex", kh.age_bands(10), "year"]``; one entry may stand alone."""
    entries: Sequence[object] = by if isinstance(by, (list, tuple)) else [] if by is None else [by]
    found = [_variable(entry, period) for entry in entries]
    names = [variable.name for variable in found]
    for name in names:
        if names.count(name) > 1:
            raise ArgumentError(f"by= names '{name}' twice: name each variable once")
    return found


def _variable(entry: object, period: tuple[date, date] | None) -> Variable:
    if isinstance(entry, AgeBands):
        labels = (f"<{entry.edges[0]}", *entry.labels)
        return Variable("age", {"kind": "age", "edges": list(entry.edges)}, labels)
    if entry == "sex":
        return Variable("sex", {"kind": "sex"}, ("male", "female", "unknown"))
    if entry == "year" and period is not None:
        years = range(period[0].year, period[1].year + 1)
        labels = (f"<{years[0]}", *map(str, years))
        return Variable("year", {"kind": "year", "edges": list(years)}, labels)
    raise ArgumentError(f"by= holds {entry!r}, which is no variable: there are 'sex', 'year' and kh.age_bands(...)")


def levels_in_use(variables: Sequence[Variable], persons: Sequence[int], rules: OutputRules) -> list[list[int]]:
    """Tell which levels of each variable a table shows.

    "unknown" and "below the first band" are listed only where somebody is in them; bands between the first and the last
    used one stay, so that a table has no hole. A table of fewer persons than a cell may show lists every level, and so
    does one that hides its zeros or blurs its counts: a level left out would tell that nobody is in it.
    """
    if sum(persons) < rules.min_cell or not rules.show_zeros or rules.protection is not None:
        return [list(range(len(variable.labels))) for variable in variables]
    used: list[list[int]] = []
    for position, variable in enumerate(variables):
        after = 1
        for later in variables[position + 1 :]:
            after *= len(later.labels)
        size = len(variable.labels)
        there = sorted({(cell // after) % size for cell, count in enumerate(persons) if count > 0})
        if variable.core["kind"] == "sex" or not there:
            used.append(there)
        else:
            used.append(list(range(there[0], there[-1] + 1)))
    return used


def labelled(
    variables: Sequence[Variable], persons: Sequence[int], rules: OutputRules
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the number and the labels of each cell that a table lists."""
    for levels in product(*levels_in_use(variables, persons, rules)):
        cell = 0
        for variable, level in zip(variables, levels, strict=True):
            cell = cell * len(variable.labels) + level
        yield cell, tuple(variable.labels[level] for variable, level in zip(variables, levels, strict=True))


def levels_by_name(variables: Sequence[Variable], persons: Sequence[int], rules: OutputRules) -> dict[str, list[str]]:
    """Return the labels of each variable that a table lists."""
    used = levels_in_use(variables, persons, rules)
    return {
        variable.name: [variable.labels[level] for level in levels]
        for variable, levels in zip(variables, used, strict=True)
    }
