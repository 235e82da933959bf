"""Tables of persons and of those among them who have something: numerator, denominator and difference are protected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kohort.errors import ArgumentError
from kohort.release.cross import covering, keys_with_margins, lines, reluctance
from kohort.release.gate import Exact
from kohort.release.gate.exact import Product

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kohort.release.cross import Key

# Persons are the denominator of everything in their row.
_PERSONS_RELUCTANCE = 3.0
_DIFFERENCE_RELUCTANCE = 0.02


def read_cells(rows: Iterable[Sequence[object]], width: int, amounts: Sequence[str]) -> dict[Key, tuple[int, ...]]:
    """Read rows of labels and whole amounts, of which the second is a part of the first.

    Raises
    ------
    ArgumentError
        If a row is given twice, has another number of entries, an amount that is no whole number from 0 on, or a part
        greater than the whole.
    """
    what = ", ".join(amounts)
    cells: dict[Key, tuple[int, ...]] = {}
    for row in rows:
        if len(row) != width + len(amounts):
            raise ArgumentError(f"a row has {len(row)} entries: give {width} labels, then {what}")
        key, given = tuple(str(label) for label in row[:width]), row[width:]
        if any(isinstance(amount, bool) or not isinstance(amount, int) or amount < 0 for amount in given):
            raise ArgumentError(f"cell {key} has an amount that is not a whole number from 0 on: {what}")
        if key in cells:
            raise ArgumentError(f"cell {key} is given twice: give each combination once")
        cells[key] = tuple(int(amount) for amount in given)  # type: ignore[call-overload]
        if cells[key][1] > cells[key][0]:
            raise ArgumentError(f"cell {key} has more {amounts[1]} than {amounts[0]}: count each person once")
    if not cells:
        raise ArgumentError("there are no rows: the table needs at least one cell")
    return cells


def sums_of(
    cells: Mapping[Key, Sequence[int]], levels: Mapping[str, Sequence[str]], width: int
) -> dict[Key, list[int]]:
    """Add the margins, named "Total", on every dimension and combination."""
    sums = {key: [0] * width for key in keys_with_margins(levels)}
    for key, amounts in cells.items():
        for cover in covering(key):
            for j, amount in enumerate(amounts):
                sums[cover][j] += amount
    return sums


def whole_and_part(
    sums: Mapping[Key, Sequence[int]],
    levels: Mapping[str, Sequence[str]],
    names: tuple[str, str],
    people: Mapping[Key, tuple[Any, Any]] | None = None,
) -> Exact:
    """Return the table of two counts, the second a part of the first, with the persons who are not in it implied.

    `people` are the sets of persons behind both counts of each cell that is no margin.
    """
    known = with_margins(people or {})
    exact = Exact(dimensions=tuple(levels), counts=names)
    groups: tuple[dict[Key, int], ...] = ({}, {}, {})
    for key, (whole, part, *_) in sums.items():
        row, weight = exact.row(key), reluctance(key)
        whole_of, part_of = known.get(key, (None, None))
        groups[0][key] = exact.cell(row, names[0], whole, _PERSONS_RELUCTANCE * weight, people=whole_of)
        groups[1][key] = exact.cell(row, names[1], part, weight, people=part_of)
        groups[2][key] = exact.imply(whole - part, _DIFFERENCE_RELUCTANCE * weight)
        # That (nearly) everyone is a part is not to be told of a stratum.
        exact.sensitive.append((len(exact.relations), (groups[1][key],)))
        exact.relate(groups[0][key], (groups[1][key], groups[2][key]))
    for total, parts in lines(levels):
        for group in groups:
            exact.relate(group[total], [group[part] for part in parts])
    # The core takes the whole and its two parts for one dimension more.
    dimensions = [(len(labels) + 1, [(len(labels), list(range(len(labels))))]) for labels in levels.values()]
    order = [group[key] for key in keys_with_margins(levels) for group in groups]
    exact.product = Product([*dimensions, (3, [(0, [1, 2])])], order)
    return exact


def with_margins(people: Mapping[Key, tuple[Any, ...]]) -> dict[Key, tuple[Any, ...]]:
    """Add the sets of margins: unions of the cells below them."""
    answer: dict[Key, tuple[Any, ...]] = {}
    for key, sets in people.items():
        for cover in covering(key):
            before = answer.get(cover)
            answer[cover] = (
                sets if before is None else tuple(old.union(new) for old, new in zip(before, sets, strict=True))
            )
    return answer
