"""The full cross of dimensions with its margins: rows, totals, and the relations between them."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from kohort.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

TOTAL = "Total"
Key = tuple[str, ...]
# A margin is missed more than the cells it sums, the grand total most.
MARGIN_RELUCTANCE = 4.0


def levels_of(dimensions: Mapping[str, Sequence[str]] | Sequence[str], keys: Iterable[Key]) -> dict[str, list[str]]:
    """Return the ordered labels of each dimension: as declared, or in order of appearance."""
    declared = isinstance(dimensions, dict)
    levels: dict[str, list[str]] = {name: list(dimensions[name]) if declared else [] for name in dimensions}  # type: ignore[call-overload]
    if len(levels) != len(dimensions):
        raise ArgumentError(f"a dimension is named twice in {list(dimensions)}: name each once")
    for name, labels in levels.items():
        if TOTAL in labels or len(set(labels)) != len(labels):
            raise ArgumentError(
                f"dimension {name!r} has the level {TOTAL!r} or a level twice: {TOTAL!r} names the margin"
            )
    seen = {name: set(labels) for name, labels in levels.items()}
    for key in keys:
        for name, label in zip(levels, key, strict=True):
            if label == TOTAL or label in seen[name]:
                continue
            if declared:
                raise ArgumentError(
                    f"dimension {name!r} has no level {label!r}: declare it or map it to {levels[name]}"
                )
            seen[name].add(label)
            levels[name].append(label)
    return levels


def keys_with_margins(levels: Mapping[str, Sequence[str]]) -> Iterator[Key]:
    """Yield every combination of levels and margins, margins last."""
    yield from product(*([*labels, TOTAL] for labels in levels.values()))


def covering(key: Key) -> Iterator[Key]:
    """Yield the cells that a cell without margins adds to, itself included."""
    yield from product(*((label, TOTAL) for label in key))


def lines(levels: Mapping[str, Sequence[str]]) -> Iterator[tuple[Key, list[Key]]]:
    """Yield each margin with the cells it sums, along each of its dimensions."""
    for key in keys_with_margins(levels):
        for axis, labels in enumerate(levels.values()):
            if key[axis] == TOTAL:
                yield key, [(*key[:axis], label, *key[axis + 1 :]) for label in labels]


def reluctance(key: Key) -> float:
    """Return how much a cell would be missed."""
    return MARGIN_RELUCTANCE ** sum(label == TOTAL for label in key)
