"""Random tables with hierarchies, and the sums that any reader of them knows; shares no code with the package."""

from __future__ import annotations

from itertools import product
from math import prod

import polars as pl

SHAPES = {
    1: [(4,), (9,), (14,)],
    2: [(2, 2), (3, 5), (6, 4), (8, 3)],
    3: [(2, 2, 2), (3, 3, 2), (4, 3, 3)],
    4: [(2, 2, 2, 2), (3, 2, 2, 2)],
}


def skewed(rng, kind):
    """One count: small and zero ones are frequent, large ones occur."""
    if kind == "tiny":
        return rng.choice([0, 0, 1, 2, 3, 5, 8])
    if kind == "thin":
        return rng.choice([0, 1, 4, 7, 9, 10, 11, 12, 13, 15, 25])
    return int(rng.lognormvariate(3.5, 1.3))


def random_tree(rng, leaves, name):
    """One or two levels above the leaves, as a mapping from each leaf to what it becomes."""
    groups = rng.randint(2, max(2, len(leaves) // 2))
    tree = {leaf: [f"{name}{rng.randrange(groups)}"] for leaf in leaves}
    if rng.random() < 0.4:
        above = {f"{name}{g}": f"{name}{name}{rng.randrange(2)}" for g in range(groups)}
        tree = {leaf: [*path, above[path[0]]] for leaf, path in tree.items()}
    return tree


def random_dimensions(rng):
    """Leaves of each dimension, and the hierarchies of some."""
    count = rng.choice([1, 2, 2, 3, 3, 4])
    while True:
        shape = rng.choice(SHAPES[count])
        leaves = {f"d{axis}": [f"l{axis}{i}" for i in range(n)] for axis, n in enumerate(shape)}
        trees = {}
        for axis, (name, labels) in enumerate(leaves.items()):
            if len(labels) > 2 and rng.random() < 0.6:
                trees[name] = [random_tree(rng, labels, f"g{axis}{n}") for n in range(rng.choice([1, 1, 2]))]
        if prod(len(nodes(labels, trees.get(name, []))) for name, labels in leaves.items()) <= 130:
            return leaves, trees


def random_counts(rng, leaves, kinds=None):
    kinds = kinds or rng.choice([("wide",), ("wide", "thin"), ("thin",), ("tiny", "wide", "wide"), ("tiny", "thin")])
    return {key: skewed(rng, rng.choice(kinds)) for key in product(*leaves.values())}


def frame_of(names, counts):
    columns = {name: [key[axis] for key in counts] for axis, name in enumerate(names)}
    return pl.DataFrame({**columns, "n": list(counts.values())})


def nodes(leaves, trees):
    """The set of leaves of each label."""
    found = {leaf: frozenset([leaf]) for leaf in leaves} | {"Total": frozenset(leaves)}
    for tree in trees:
        for label in {label for path in tree.values() for label in path}:
            members = frozenset(leaf for leaf in leaves if label in tree[leaf])
            # A group of everything is the total, and has no row of its own.
            if len(members) < len(leaves):
                found[label] = members
    return found


def splits(leaves, trees):
    """(node, parts) for every way in which a level of a hierarchy cuts a node."""
    sets = nodes(leaves, trees)
    levels = [list(leaves), ["Total"]]
    for tree in trees:
        levels += [sorted({path[n] for path in tree.values()}) for n in range(len(next(iter(tree.values()))))]
    for label, members in sets.items():
        for level in levels:
            parts = [part for part in level if part in sets and sets[part] <= members and part != label]
            if parts and sum(len(sets[part]) for part in parts) == len(members):
                yield label, parts


def layout(leaves, trees):
    """Every cell's key, and all sums."""
    labels = [list(nodes(each, trees.get(name, []))) for name, each in leaves.items()]
    sums = []
    for axis, (name, each) in enumerate(leaves.items()):
        for rest in product(*labels[:axis], *labels[axis + 1 :]):
            for total, parts in splits(each, trees.get(name, [])):
                keys = [(*rest[:axis], part, *rest[axis:]) for part in (total, *parts)]
                sums.append((keys[0], keys[1:]))
    return list(product(*labels)), sums


def truth_of(leaves, trees, counts):
    """The exact count of every cell."""
    sets = [nodes(each, trees.get(name, [])) for name, each in leaves.items()]
    return {
        key: sum(n for at, n in counts.items() if all(a in s[k] for a, s, k in zip(at, sets, key, strict=True)))
        for key in product(*sets)
    }


def shared_name(names, key):
    """What a cell is called in every table of the same persons."""
    return frozenset((name, label) for name, label in zip(names, key, strict=True) if label != "Total")
