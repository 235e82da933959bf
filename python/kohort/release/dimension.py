"""One dimension of a table: its leaves, and the nodes above them that hierarchies name.

A leaf is a label that persons are counted under; a node is a set of leaves with a row of its own. Nodes of the same leaves
hold the same persons: the first is canonical, the others are further names of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from kohort.errors import ArgumentError
from kohort.hierarchy.base import TOP, Hierarchy
from kohort.hierarchy.tables import from_table
from kohort.release.cross import TOTAL
from kohort.release.released import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MISSING = "(missing)"
# One way up from the leaves: for each leaf the labels above it, finest first; and what each of these levels is called.
_Way = tuple[dict[str, list[str]], list[str]]


@dataclass(frozen=True, slots=True)
class Node:
    """A row label of a dimension and the leaves it stands for.

    Attributes
    ----------
    label
        What the row says, unique within the dimension.
    leaves
        Positions of its leaves.
    level
        Where it stands; 0 is the outermost depth below the total.
    weight
        From 0 for a leaf to 1 for the total: how much more the node would be missed.
    """

    label: str
    leaves: frozenset[int]
    level: Level
    weight: float


@dataclass(frozen=True, slots=True)
class Dimension:
    """The leaves and nodes of a dimension, and which nodes are sums of which.

    Attributes
    ----------
    name
        The column.
    labels
        The leaves, by position.
    nodes
        In the order of rows: each node before the nodes below it, the total last.
    sums
        Label of a canonical node, and labels of the canonical nodes that it is the disjoint union of.
    """

    name: str
    labels: tuple[str, ...]
    nodes: tuple[Node, ...]
    sums: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def canonical(self) -> dict[str, str]:
        """Return for each label the label of the canonical node of the same leaves; the total is canonical always."""
        first = {node.leaves: node.label for node in reversed(self.nodes)} | {self.nodes[-1].leaves: TOTAL}
        # A dimension of one leaf: the leaf is the total.
        return {node.label: first[node.leaves] for node in self.nodes}

    @property
    def hierarchical(self) -> bool:
        """Whether there are nodes between the leaves and the total."""
        return any(0 < node.weight < 1 for node in self.nodes)


def dimension_of(name: str, column: pl.Series, hierarchies: object = None) -> Dimension:
    """Build a dimension of the labels in a column and the hierarchies over them.

    Parameters
    ----------
    name
        The column.
    column
        Its values; "Total" and the labels of nodes are margins, and null reads "(missing)".
    hierarchies
        A hierarchy of `kohort.hierarchy`, a frame or mapping that `kohort.hierarchy.from_table` takes, or a list of
        several that overlap.

    Returns
    -------
    Dimension
        Leaves in order of appearance where there is no hierarchy, and depth-first where there is one. Levels of the
        second and further hierarchies follow behind the first.

    Raises
    ------
    ArgumentError
        If a label is in no hierarchy, or two nodes of different leaves have the same name.
    """
    labels = [label for label in _text(column).unique(maintain_order=True).to_list() if label != TOTAL]
    given = list(hierarchies) if isinstance(hierarchies, list | tuple) else [] if hierarchies is None else [hierarchies]
    trees = [item if isinstance(item, Hierarchy) else from_table(item) for item in given]
    leaves, ways = _ways(name, column, labels, trees)
    if not leaves:
        raise ArgumentError(f"dimension {name!r} has no label but {TOTAL!r}: give the cells that it is the sum of")
    return _assemble(name, leaves, ways)


def _text(column: pl.Series) -> pl.Series:
    return column.cast(pl.String).fill_null(MISSING)


def _ways(name: str, column: pl.Series, labels: list[str], trees: Sequence[Hierarchy]) -> tuple[list[str], list[_Way]]:
    """Return the leaves, and each hierarchy's way up; labels that only name nodes are no leaves."""
    ways: list[_Way] = []
    refused: dict[str, ArgumentError] = {}
    for tree in trees:
        paths, errors = _paths(column, labels, tree)
        refused |= errors
        width = max(map(len, paths.values()), default=0)
        ways.append((paths, [tree.describe(level) for level in range(1, width + 1)]))
    named = {label for paths, _ in ways for path in paths.values() for label in path}
    for label, error in refused.items():
        if label not in named and not _is_disambiguated(label, ways):
            raise ArgumentError(f"dimension {name!r}: {error}") from None
    return [label for label in labels if label not in refused], ways


def _is_disambiguated(label: str, ways: Iterable[_Way]) -> bool:
    return any(
        label == f"{above} ({what})"
        for paths, names in ways
        for path in paths.values()
        for above, what in zip(path, names, strict=False)
    )


def _paths(
    column: pl.Series, labels: list[str], tree: Hierarchy
) -> tuple[dict[str, list[str]], dict[str, ArgumentError]]:
    """Return what each label becomes, level by level, and why others are no leaves."""
    values = column.unique(maintain_order=True).drop_nulls()
    if values.dtype == pl.String:
        values = values.filter(values != TOTAL)
    try:
        tables, refused = [_levels(tree, values)], {}
    except ArgumentError:
        tables, refused = [], {}
        good = []
        for value in values:
            try:
                _levels(tree, pl.Series([value], dtype=values.dtype))
                good.append(value)
            except ArgumentError as error:
                refused[str(value)] = error
        if not good:
            raise
        tables = [_levels(tree, pl.Series(good, dtype=values.dtype))]
    table, wanted = tables[0].cast(pl.String), set(labels)
    if table.width > 1 and (table[table.columns[-1]] == TOP).all():
        table = table.drop(table.columns[-1])
    paths = {row[0]: list(row[1:]) for row in table.iter_rows() if row[0] in wanted}
    depth = max(map(len, paths.values()), default=0)
    if MISSING in wanted and column.null_count():
        paths[MISSING] = [MISSING] * depth
    return paths, refused


def _levels(tree: Hierarchy, values: pl.Series) -> pl.DataFrame:
    """Generalize; text that stands for whole numbers (a column with a "Total" in it) is tried as numbers too."""
    try:
        return tree.levels(values)
    except ArgumentError:
        numbers = values.cast(pl.Int64, strict=False) if values.dtype == pl.String else None
        if numbers is None or numbers.null_count() or (numbers.cast(pl.String) != values).any():
            raise
        return tree.levels(numbers)


def _assemble(name: str, leaves: list[str], ways: list[_Way]) -> Dimension:
    number = {leaf: i for i, leaf in enumerate(leaves)}
    everything = frozenset(range(len(leaves)))
    taken: dict[str, frozenset[int]] = {TOTAL: everything} | {leaf: frozenset([i]) for leaf, i in number.items()}
    if len(taken) <= len(leaves):
        raise ArgumentError(f"dimension {name!r} has the level {TOTAL!r} as a leaf: {TOTAL!r} names the margin")
    nodes: list[Node] = []
    placed: set[str] = set()
    sums: dict[frozenset[int], list[list[frozenset[int]]]] = {}

    def place(label: str, members: frozenset[int], depth: int, what: str, weight: float) -> None:
        if label not in placed:
            placed.add(label)
            nodes.append(Node(label, members, Level(depth, what), weight))

    def descend(way: _Way, members: frozenset[int], level: int, depth: int) -> None:
        """Place what is below a node: the groups of the level, or its leaves."""
        paths, names = way
        if level < 0:
            sums.setdefault(members, []).append([frozenset([i]) for i in sorted(members)])
            for i in sorted(members):
                place(leaves[i], frozenset([i]), depth, "value", 0.0)
            return
        groups: dict[str, list[int]] = {}
        for i in sorted(members):
            groups.setdefault(paths[leaves[i]][level], []).append(i)
        parts = [frozenset(group) for group in groups.values()]
        sums.setdefault(members, []).append(parts)
        for above, part in zip(groups, parts, strict=True):
            if part == everything:
                descend(way, part, level - 1, depth)
                continue
            label = above
            if taken.get(label, part) != part:
                label = f"{above} ({names[level]})"
            if taken.setdefault(label, part) != part:
                raise ArgumentError(
                    f"two groups of dimension {name!r} are called {above!r} but hold different labels: rename one"
                )
            if label in number:
                place(label, part, depth, "value", 0.0)
                continue
            place(label, part, depth, names[level], (level + 1) / (len(names) + 1))
            descend(way, part, level - 1, depth + 1)

    for way in ways:
        descend(way, everything, len(way[1]) - 1, 0)
    if not ways:
        descend(({}, []), everything, -1, 0)
    nodes.append(Node(TOTAL, everything, Level(0, "total"), 1.0))
    dimension = Dimension(name, tuple(leaves), tuple(nodes), ())
    label_of = {node.leaves: dimension.canonical[node.label] for node in nodes}
    unique: dict[tuple[str, tuple[str, ...]], None] = {}
    for members, splits in sums.items():
        for parts in splits:
            if len(parts) > 1:
                unique[label_of[members], tuple(label_of[part] for part in parts)] = None
    return Dimension(name, tuple(leaves), tuple(nodes), tuple(unique))
