"""Relations that anybody sees in a table of a known kind, and that its record therefore has to state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort.release.cross import TOTAL, covering

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kohort.release.cross import Key
    from kohort.release.released import Release

# Of each kind: its first counts, and the cells (row, measure) of which a cell is a part.
_COUNTS = {"attrition": ("persons", "excluded"), "incidence": ("persons", "events"), "characteristics": ("persons",)}


def unstated(release: Release) -> str | None:
    """Name a relation that the layout of a table shows and its record leaves out; None if there is none."""
    counts = _COUNTS.get(release.kind, ())
    if tuple(measure.name for measure in release.measures[: len(counts)]) != counts:
        return f"a table of kind {release.kind!r} counts {' and '.join(counts)}"
    number = {at: cell for cell, at in enumerate(release.cells) if at is not None}
    for row, marks in enumerate(release.statuses):
        for j, mark in enumerate(marks):
            if release.measures[j].kind == "count" and mark != "not applicable" and (row, j) not in number:
                return f"{_name(release, (row, j))} is a count"
    stated: dict[int, list[set[int]]] = {}
    for total, parts in release.relations:
        stated.setdefault(total, []).append(set(parts))
    for whole, part in _parts(release):
        if not any(number.get(part) in parts for parts in stated.get(number.get(whole, -1), [])):
            return f"{_name(release, part)} is a part of {_name(release, whole)}"
    return _margin(release, number) if release.kind in {"table", "incidence"} else None


def _parts(release: Release) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield each cell with another of which it is a part, by the kind of the table."""
    rows = range(len(release.labels))
    if release.kind == "attrition":
        yield from (((row - 1, 0), (row, j)) for row in rows[1:] for j in (0, 1))
    if release.kind == "incidence":
        yield from (((row, 0), (row, 1)) for row in rows)
    if release.kind == "characteristics":
        yield from (((0, 0), (row, 0)) for row in rows[1:])


def _margin(release: Release, number: dict[tuple[int, int], int]) -> str | None:
    """Name a margin that is not stated as a sum along a dimension, nor as the sum of all cells without margins."""
    same = _twins(release)
    lines: dict[tuple[int, int, Key], set[int]] = {}
    inner: dict[tuple[int, Key], set[int]] = {}
    for (row, j), cell in number.items():
        labels = release.labels[row]
        for axis, label in enumerate(labels):
            if label != TOTAL:
                lines.setdefault((j, axis, _margin_of(labels, axis)), set()).add(same[cell])
        if TOTAL not in labels:
            for cover in covering(labels):
                inner.setdefault((j, cover), set()).add(same[cell])
    # Where persons have several labels, a margin is a part and the persons outside it, who are not in the table.
    placed = {same[cell] for cell in number.values()}
    sums: dict[int, list[set[int]]] = {}
    for total, parts in release.relations:
        sums.setdefault(same[total], []).append({same[part] for part in parts} & placed)
    for (row, j), cell in number.items():
        labels = release.labels[row]
        for axis in (axis for axis, label in enumerate(labels) if label == TOTAL):
            line, whole = lines.get((j, axis, labels)), inner.get((j, labels), set())
            if line and not any(parts and (parts <= line or parts <= whole) for parts in sums.get(same[cell], [])):
                return f"{_name(release, (row, j))} is the sum over {release.dimensions[axis]}"
    return None


def _twins(release: Release) -> list[int]:
    """Return for each cell the first one that it equals: a sum of one part is a cell that is told twice."""
    same = list(range(len(release.cells)))

    def first(cell: int) -> int:
        while same[cell] != cell:
            cell = same[cell]
        return cell

    for total, parts in release.relations:
        if len(parts) == 1:
            one, other = first(total), first(parts[0])
            same[max(one, other)] = min(one, other)
    return [first(cell) for cell in same]


def _margin_of(labels: Key, axis: int) -> Key:
    return (*labels[:axis], TOTAL, *labels[axis + 1 :])


def _name(release: Release, at: tuple[int, int]) -> str:
    return " / ".join((*release.labels[at[0]], release.measures[at[1]].name))
