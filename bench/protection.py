"""Protection of a table of about 100,000 cells: seconds, what is hidden, and an audit.

    python bench/protection.py [--persons 5000000] [--seed 1] [--repeats 1]

Persons are drawn one by one (commune of residence, ICD-10 category, sex, age band; all skewed) and counted at every
level: commune > département > region > all, category > block > chapter > all, sex, age band > broad age > all. The
table is protected by patterns (`kohort._core.protection`), certificates checked by substitution included. Printed:
processor seconds, cells by status, the share hidden, beside suppression that ignores margins (which hides small cells
alone and leaves them open to subtraction), and the verdict of a second audit that finds its own certificates.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from kohort import _core

Sum = tuple[int, list[int]]
Dimension = tuple[int, list[Sum]]
THRESHOLD = 11


def tree(levels: list[list[int]]) -> Dimension:
    """Leaves 0, 1, ...; each level says how many nodes of the one below go into each of its nodes."""
    below, nodes = list(range(sum(levels[0]))), sum(levels[0])
    sums: list[Sum] = []
    for level in levels:
        above: list[int] = []
        for size in level:
            parts, below = below[:size], below[size:]
            if size == 1:
                above += parts
                continue
            sums.append((nodes, parts))
            above.append(nodes)
            nodes += 1
        below = above
    return nodes, sums


def holders(dimension: Dimension) -> list[list[int]]:
    """List the nodes that hold each leaf."""
    nodes, sums = dimension
    leaves = sorted(set(range(nodes)) - {total for total, _ in sums})
    answer = [[leaf] for leaf in leaves]
    for total, parts in sums:
        for inside in answer:
            if set(inside) & set(parts):
                inside.append(total)
    return answer


def make_table(persons: int, seed: int) -> tuple[list[Dimension], np.ndarray]:
    """Dimensions, and the persons counted at every combination of nodes, row by row."""
    random = np.random.default_rng(seed)
    departments = random.integers(3, 7, size=8).tolist()
    blocks = random.integers(2, 6, size=16).tolist()
    dimensions = [
        tree([departments, [3, 3, 2], [3]]),
        tree([blocks, [5, 6, 5], [3]]),
        tree([[2]]),
        tree([[2, 3, 2], [3]]),
    ]
    shape = tuple(len(holders(dimension)) for dimension in dimensions)
    codes = []
    for size, skew in zip(shape, (1.1, 1.2, 0.0, 0.5), strict=True):
        weight = (1.0 + np.arange(size)) ** -skew
        codes.append(random.choice(random.permutation(size), size=persons, p=weight / weight.sum()))
    # Diseases of the old are not those of the young.
    codes[3] = (codes[3] + codes[1]) % shape[3]
    cube = np.bincount(np.ravel_multi_index(tuple(codes), shape), minlength=int(np.prod(shape))).reshape(shape)
    for axis, dimension in enumerate(dimensions):
        matrix = np.zeros((dimension[0], shape[axis]), dtype=np.int64)
        for leaf, inside in enumerate(holders(dimension)):
            matrix[inside, leaf] = 1
        cube = np.moveaxis(np.tensordot(matrix, cube, axes=(1, axis)), 0, axis)
    return dimensions, cube.ravel()


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=5_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=1)
    args = parser.parse_args()
    dimensions, counts = make_table(args.persons, args.seed)
    values = counts.tolist()
    primary = int(((counts > 0) & (counts < THRESHOLD)).sum())
    nodes = " x ".join(str(nodes) for nodes, _ in dimensions)
    print(f"{len(values):,} cells ({nodes}), {args.persons:,} persons, seed {args.seed}")
    print(f"{int((counts == 0).sum()):,} zeros, {primary:,} cells of 1 to {THRESHOLD - 1} persons")
    best = np.inf
    for _ in range(args.repeats):
        start = time.process_time()
        found = _core.protection(values, [], THRESHOLD, show_zeros=True, dimensions=dimensions)
        best = min(best, time.process_time() - start)
    _, small, protective, withheld = found.counts
    hidden = small + protective + withheld
    print(
        f"protected by {found.method} in {best:.1f} s of processor time, certificates checked; cost {found.cost:,.0f}"
    )
    print(f"small {small:,}, protective {protective:,}, withheld {withheld:,}")
    print(f"hidden {hidden / len(values):.1%} of all cells; margins ignored: {primary / len(values):.1%}")
    start = time.process_time()
    exposed = _core.audit_protection(
        values, [], THRESHOLD, show_zeros=True, statuses=found.statuses, dimensions=dimensions
    )
    print(f"second audit: {len(exposed)} cells not proven, {time.process_time() - start:.1f} s")
    naive = [int(0 < value < THRESHOLD) for value in values]
    start = time.process_time()
    exposed = _core.audit_protection(values, [], THRESHOLD, show_zeros=True, statuses=naive, dimensions=dimensions)
    seconds = time.process_time() - start
    print(f"margins ignored: {len(exposed):,} of {primary:,} small cells not proven safe, {seconds:.1f} s")


if __name__ == "__main__":
    main()
