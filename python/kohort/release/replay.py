"""The rules of the gate, applied again to what a release shows: what can be checked without the exact counts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kohort.errors import ArgumentError, IntegrityError, KohortError
from kohort.release.attack import attack
from kohort.release.recompute import ADDED, KNOWN
from kohort.release.released import Measure
from kohort.release.structure import unstated

if TYPE_CHECKING:
    from collections.abc import Callable

    from kohort.release.released import Number, Release

# Rules that hide the cells they name.
_HIDING = frozenset({"threshold", "secondary suppression", "withheld"})
# Rules after which shown counts need neither add up nor stay above the threshold.
CHANGE_VALUES = frozenset(
    {"rounding", "controlled rounding", "cell key", "cell keys", "perturbation", "differential privacy"}
)


def exact(release: Release) -> bool:
    """Tell whether shown counts are exact, not rounded or perturbed."""
    return not CHANGE_VALUES & {record.name for record in release.record}


def check_rules(release: Release) -> str:
    """Check that no shown count is below the threshold, and that shown counts give no hidden or small one away.

    Raises
    ------
    IntegrityError
        At the first cell that breaks a rule; a count that can be worked out is not told.
    """
    least = release.rules.min_cell
    for row, marks in enumerate(release.statuses):
        for j, mark in enumerate(marks):
            if release.measures[j].kind == "count":
                _check_cell(release, row, j, mark)
    if not exact(release):
        return f"no cell contradicts its status under a threshold of {least}; counts are not exact and need not add up"
    missing = unstated(release)
    if missing is not None:
        raise IntegrityError(f"the record does not state that {missing}: a reader knows it, and the attack has to")
    for total, parts in release.relations:
        _check_relation(release, total, parts)
    return (
        f"no cell below {least} persons is shown, alone or as a difference; {len(release.relations):,} relations hold"
    )


def _check_cell(release: Release, row: int, j: int, mark: str) -> None:
    where, value = _name(release, (row, j)), release.values[row][j]
    decided = release.decisions[row][j]
    if mark in {"small", "protective", "withheld"} and not decided:
        raise IntegrityError(f"{where} is {mark} and no rule is named that says so")
    if mark == "shown" and _HIDING & set(decided):
        raise IntegrityError(f"{where} is shown, and a rule is named that hides it")
    if mark == "shown" and value is not None and exact(release) and not _allowed(release, value):
        raise IntegrityError(f"{where} is shown and below the threshold of {release.rules.min_cell} persons")


def _allowed(release: Release, value: float) -> bool:
    return value >= release.rules.min_cell or (value == 0 and release.rules.show_zeros)


def _check_relation(release: Release, total: int, parts: tuple[int, ...]) -> None:
    if any(_measure(release, cell).kind != "count" for cell in (total, *parts) if release.cells[cell] is not None):
        return
    values = {cell: _value(release, cell) for cell in (total, *parts)}
    unknown = [cell for cell, value in values.items() if value is None]
    rest = (values[total] or 0) - sum(values[part] or 0 for part in parts)
    whole = _name(release, release.cells[total])
    if not unknown and rest:
        raise IntegrityError(f"{whole} is not the sum of its parts, all of which are shown")
    if len(unknown) != 1:
        return
    (cell,), found = unknown, -rest if unknown == [total] else rest
    if found < 0:
        raise IntegrityError(f"the parts of {whole} that are shown exceed it")
    if release.cells[cell] is not None:
        raise IntegrityError(f"{_name(release, release.cells[cell])} is hidden and follows from the cells around it")
    if found and found < release.rules.min_cell:
        raise IntegrityError(f"a complement below the threshold follows from {whole} and its parts")


def check_figures(release: Release) -> str:
    """Check that derived figures are shown only with their counts, and equal what follows from these.

    Raises
    ------
    IntegrityError
        At the first figure that is shown without a count it needs, or is another than its counts give.
    """
    names = [measure.name for measure in release.measures]
    figures = [j for j, measure in enumerate(release.measures) if measure.kind == "derived"]
    recomputed, unknown = 0, []
    for j, needs in zip(figures, (*release.needs, *[()] * len(figures)), strict=False):
        known = KNOWN.get((release.kind, names[j]))
        if known is None:
            unknown.append(names[j])
        elif known.needs != tuple(need if isinstance(need, str) else _measure(release, need).name for need in needs):
            raise IntegrityError(f"{names[j]} does not follow from the counts that the record names")
        for row, values in enumerate(release.values):
            value, where = values[j], _name(release, (row, j))
            if value is None:
                continue
            needed = (_value(release, need) if isinstance(need, int) else values[names.index(need)] for need in needs)
            counts = [count for count in needed if count is not None]
            if len(counts) < len(needs):
                raise IntegrityError(f"{where} is shown, and a count that it follows from is hidden")
            if known is not None and not known.may_be(value, counts, dict(zip(names, values, strict=True))):
                raise IntegrityError(f"{where} is not what follows from the counts shown")
            recomputed += known is not None
    added = next((name for name in unknown if name in ADDED), None)
    if added is not None:
        first = names.index(added)
        recomputed += _check_added(release, first, ADDED[added])
        unknown = [name for name in unknown if names.index(name) < first]
    if not figures:
        return "there are none"
    missing = f"; not worked out again: {', '.join(unknown)}" if unknown else ""
    return f"{recomputed:,} figures are what follows from the counts shown{missing}"


def _check_added(release: Release, first: int, add: Callable[[Release], Release]) -> int:
    """Add the figures from a column on to the rest of the table again, and compare; return how many are shown."""
    rest = replace(
        release,
        measures=release.measures[:first],
        values=tuple(values[:first] for values in release.values),
        statuses=tuple(statuses[:first] for statuses in release.statuses),
        decisions=tuple(decisions[:first] for decisions in release.decisions),
    )
    try:
        again = add(rest)
    except (KohortError, ArithmeticError, ValueError) as error:
        raise IntegrityError(f"{release.measures[first].name} cannot be worked out from what is shown") from error
    for row, (values, found) in enumerate(zip(release.values, again.values, strict=True)):
        if values[first:] != found[first:]:
            raise IntegrityError(f"{_name(release, (row, first))} is not what follows from the counts shown")
    return sum(value is not None for values in release.values for value in values[first:])


def check_attack(release: Release) -> str:
    """Attack the hidden cells by linear programming, and check that nothing small is bounded below the threshold.

    Raises
    ------
    IntegrityError
        If a small cell is bounded more tightly than from 1 to `min_cell - 1`, or a withheld one within these limits; or
        the shown cells contradict each other.
    """
    if release.rules.protection is not None:
        # Nothing is hidden: what a reader can bound is part of the protection, and told rather than judged.
        return str(attack(release))
    least = release.rules.min_cell
    try:
        found = attack(release)
    except ArgumentError as error:
        raise IntegrityError("the shown cells contradict each other: no table has all of them") from error
    counts = {measure.name for measure in release.measures if measure.kind == "count"}
    for interval in found.intervals:
        high = float("inf") if interval.high is None else interval.high
        whole_range = interval.low <= 1 and high >= least - 1
        exposed = interval.status == "small" or (interval.low >= 1 and high < least)
        if interval.measure in counts and exposed and not whole_range:
            where = " / ".join((*interval.row, interval.measure))
            raise IntegrityError(f"{where} can be bounded more tightly than from 1 to {least - 1} persons")
    return str(found)


def _value(release: Release, cell: int) -> Number:
    at = release.cells[cell]
    return None if at is None else release.values[at[0]][at[1]]


def _measure(release: Release, cell: int) -> Measure:
    at = release.cells[cell]
    return Measure("", "count") if at is None else release.measures[at[1]]


def _name(release: Release, at: tuple[int, int] | None) -> str:
    if at is None:
        return "a count that the table leaves out"
    return " / ".join((*release.labels[at[0]], release.measures[at[1]].name))
