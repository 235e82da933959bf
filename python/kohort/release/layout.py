"""The layout of a table: every combination of nodes of its dimensions, and the sums that tie them."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING

from kohort.errors import ArgumentError
from kohort.release.cross import MARGIN_RELUCTANCE
from kohort.release.gate.exact import MAX_CELLS_OF_PRODUCT, Product

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kohort.release.cross import Key
    from kohort.release.dimension import Dimension
    from kohort.release.released import Level


class Layout:
    """The cross of dimensions; a key has a label for each.

    Parameters
    ----------
    dimensions
        The dimensions in order.

    Raises
    ------
    ArgumentError
        If the table would have more cells than the gate takes.
    """

    __slots__ = ("_above", "_canonical", "_nodes", "dimensions")

    def __init__(self, dimensions: Sequence[Dimension]) -> None:
        self.dimensions = tuple(dimensions)
        size = prod(len({node.leaves for node in dimension.nodes}) for dimension in self.dimensions)
        if size > MAX_CELLS_OF_PRODUCT:
            raise ArgumentError(
                f"the table would have {size:,} cells, more than {MAX_CELLS_OF_PRODUCT:,}: release fewer dimensions or "
                "levels"
            )
        self._nodes = [{node.label: node for node in dimension.nodes} for dimension in self.dimensions]
        self._canonical = [dimension.canonical for dimension in self.dimensions]
        self._above: list[dict[str, tuple[str, ...]]] = []
        for dimension in self.dimensions:
            distinct = [node for node in dimension.nodes if dimension.canonical[node.label] == node.label]
            self._above.append(
                {
                    leaf: tuple(node.label for node in distinct if i in node.leaves)
                    for i, leaf in enumerate(dimension.labels)
                }
            )

    def rows(self) -> Iterator[Key]:
        """Yield every combination of labels in the order of rows, also the further names of a cell."""
        yield from product(*self._nodes)

    def canonical(self, key: Key) -> Key:
        """Return the one key by which the cell of a key is kept."""
        return tuple(names[label] for names, label in zip(self._canonical, key, strict=True))

    def above(self, axis: int) -> Mapping[str, tuple[str, ...]]:
        """Return for each leaf of a dimension the canonical labels of the nodes that hold it."""
        return self._above[axis]

    def covering(self, key: Key) -> Iterator[Key]:
        """Yield the cells that a cell of leaves adds to, itself included."""
        yield from product(*(above[label] for above, label in zip(self._above, key, strict=True)))

    def is_inner(self, key: Key) -> bool:
        """Return whether a key names leaves only."""
        return all(not nodes[label].weight for nodes, label in zip(self._nodes, key, strict=True))

    def leaves_of(self, key: Key) -> Iterator[Key]:
        """Yield the canonical keys of the leaf cells below a cell."""
        yield from product(
            *(
                [names[dimension.labels[i]] for i in sorted(nodes[label].leaves)]
                for names, dimension, nodes, label in zip(
                    self._canonical, self.dimensions, self._nodes, key, strict=True
                )
            )
        )

    def lines(self) -> Iterator[tuple[int, Key, list[Key]]]:
        """Yield the axis, a cell, and the cells that it sums along that axis; canonical keys only."""
        kept = [[label for label in names if names[label] == label] for names in self._canonical]
        for axis, dimension in enumerate(self.dimensions):
            for rest in product(*kept[:axis], *kept[axis + 1 :]):
                before, behind = rest[:axis], rest[axis:]
                for total, parts in dimension.sums:
                    yield axis, (*before, total, *behind), [(*before, part, *behind) for part in parts]

    def product(self, cells: Mapping[Key, int]) -> Product | None:
        """Return the table as the core numbers it, if all of its cells are there."""
        kept = [[label for label in names if names[label] == label] for names in self._canonical]
        order = [cells.get(key, -1) for key in product(*kept)]
        if len(order) != len(cells) or -1 in order:
            return None
        dimensions = []
        for labels, dimension in zip(kept, self.dimensions, strict=True):
            number = {label: at for at, label in enumerate(labels)}
            sums = [(number[total], [number[part] for part in parts]) for total, parts in dimension.sums]
            dimensions.append((len(labels), sums))
        return Product(dimensions, order)

    def reluctance(self, key: Key) -> float:
        """Return how much a cell would be missed: a margin more than the cells it sums, the grand total most."""
        return MARGIN_RELUCTANCE ** sum(nodes[label].weight for nodes, label in zip(self._nodes, key, strict=True))

    def levels(self, key: Key) -> tuple[Level, ...]:
        """Return where a row stands in each dimension; nothing for a table without hierarchies."""
        if not any(dimension.hierarchical for dimension in self.dimensions):
            return ()
        return tuple(nodes[label].level for nodes, label in zip(self._nodes, key, strict=True))
