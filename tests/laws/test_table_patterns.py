"""Laws of the protection of large tables: what patterns hide withstands an attacker with another solver (HiGHS)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kohort import _core
from kohort.errors import ArgumentError, DisclosureError
from scipy.optimize import linprog
from scipy.sparse import coo_array

FLAT = (4, [(3, [0, 1, 2])])
PAIR = (3, [(2, [0, 1])])
TREE = (11, [(7, [0, 1, 2]), (8, [3, 4]), (9, [5, 6]), (10, [7, 8, 9])])
# Two hierarchies over the same leaves: districts 4 and 5, catchment areas 6 and 7.
BOTH = (9, [(4, [0, 1]), (5, [2, 3]), (6, [0, 3]), (7, [1, 2]), (8, [4, 5]), (8, [6, 7])])
SHAPES = [[TREE, TREE], [TREE, FLAT, PAIR], [BOTH, TREE, PAIR], [FLAT, FLAT, PAIR, PAIR], [TREE]]


def count(dimensions, leaves):
    """Add leaves up at every combination of nodes."""
    cube = leaves
    for axis, (nodes, sums) in enumerate(dimensions):
        of = np.zeros((nodes, nodes), dtype=np.int64)
        inside = sorted(set(range(nodes)) - {total for total, _ in sums})
        of[inside, inside] = 1
        for total, parts in sums:
            of[total] = of[parts].sum(axis=0)
        cube = np.moveaxis(np.tensordot(of[:, inside], cube, axes=(1, axis)), 0, axis)
    return cube.ravel().tolist()


def table(dimensions, seed, mean):
    random = np.random.default_rng(seed)
    shape = [nodes - len({total for total, _ in sums}) for nodes, sums in dimensions]
    scale = random.exponential(mean, size=shape) * random.integers(0, 2, size=shape) + random.exponential(3, size=shape)
    return count(dimensions, random.poisson(scale))


def reader(values, relations, statuses, threshold, *, show, sensitive):
    """The bounds that a reader puts on every cell, from the rules as they are written."""
    shown_zero = [not value and not status for value, status in zip(values, statuses, strict=True)]
    maybe = {cell for cell, low, _ in sensitive if not low} | {cell for cell, value in enumerate(values) if not value}
    for total, parts in relations:
        if statuses[total] in {1, 3} and all(statuses[part] or shown_zero[part] for part in parts):
            maybe |= set(parts)
    if all(status == 3 for status in statuses):
        maybe |= set(range(len(values)))
    bounds = []
    for cell, (value, status) in enumerate(zip(values, statuses, strict=True)):
        least = 0 if cell in maybe or not show else 1
        bounds.append([(value, value), (least, threshold - 1), (threshold, None), (least, None)][status])
    return bounds


def attack(values, relations, bounds, cells):
    """The least and largest value of cells, each on its own, over all solutions of the relations."""
    entries = [
        (row, cell, sign)
        for row, (total, parts) in enumerate(relations)
        for cell, sign in [(total, 1.0), *((part, -1.0) for part in parts)]
    ]
    rows, columns, signs = zip(*entries, strict=True)
    matrix = coo_array((signs, (rows, columns)), shape=(len(relations), len(values))).tocsr()
    for cell in cells:
        ends = []
        for sign in (1.0, -1.0):
            cost = np.zeros(len(values))
            cost[cell] = sign
            answer = linprog(cost, A_eq=matrix, b_eq=np.zeros(len(relations)), bounds=bounds, method="highs")
            assert answer.status in {0, 3}, answer.message
            ends.append(-np.inf if answer.status == 3 else answer.fun)
        yield cell, ends[0], -ends[1]


@settings(max_examples=12, deadline=None)
@given(
    shape=st.sampled_from(SHAPES),
    seed=st.integers(0, 10**6),
    mean=st.sampled_from([10, 60, 400]),
    threshold=st.sampled_from([11, 5]),
    show=st.booleans(),
    demands=st.integers(0, 2),
)
def test_patterns_withstand_another_solver(*, shape, seed, mean, threshold, show, demands):
    values = table(shape, seed, mean)
    relations = _core.product_relations(shape)
    random = np.random.default_rng(seed)
    sensitive = [
        (int(cell), values[cell] * 9 // 10, values[cell] * 11 // 10)
        for cell in random.choice(len(values), demands, replace=False)
        if values[cell] > 20
    ]
    found = _core.protection(values, [], threshold, show, sensitive=sensitive, dimensions=shape, method="patterns")
    assert found.method == "patterns"
    assert found.statuses == _core.protect(
        values, relations[:0], threshold, show, sensitive=sensitive, dimensions=shape, method="patterns"
    )
    demand = {cell: (1, threshold - 1) for cell, status in enumerate(found.statuses) if status == 1}
    demand |= {c: (1, threshold - 1) for c, s in enumerate(found.statuses) if s == 3 and 0 < values[c] < threshold}
    demand |= {cell: (low, high) for cell, low, high in sensitive}
    for cell, (value, status) in enumerate(zip(values, found.statuses, strict=True)):
        assert status or not (0 < value < threshold or cell in demand)
        assert status != 2 or value >= threshold
    bounds = reader(values, relations, found.statuses, threshold, show=show, sensitive=sensitive)
    asked = random.permutation(sorted(demand))[:25].tolist() + [cell for cell, _, _ in sensitive]
    for cell, low, high in attack(values, relations, bounds, asked):
        assert low <= demand[cell][0] + 1e-4 * (1 + demand[cell][0])
        assert high >= demand[cell][1] - 1e-4 * (1 + demand[cell][1])


def test_the_order_of_magnitude_of_the_cost():
    """Patterns may cost more than programs, within a factor."""
    shape = [TREE, FLAT]
    costs = [
        sum(_core.protection(table(shape, n, 60), [], 11, True, dimensions=shape, method=method).cost for n in range(8))
        for method in ("programs", "patterns")
    ]
    assert costs[1] <= 1.3 * costs[0]


def test_statuses_chosen_elsewhere():
    values = table([TREE, FLAT], 5, 60)
    small = [int(0 < value < 11) for value in values]
    exposed = _core.audit_protection(values, [], 11, True, small, dimensions=[TREE, FLAT])
    assert exposed
    assert set(exposed) <= {cell for cell, status in enumerate(small) if status}
    found = _core.protection(values, _core.product_relations([TREE, FLAT]), 11, True)
    assert _core.audit_protection(values, [], 11, True, found.statuses, dimensions=[TREE, FLAT]) == []
    shown = list(found.statuses)
    shown[small.index(1)] = 0
    assert small.index(1) in _core.audit_protection(values, [], 11, True, shown, dimensions=[TREE, FLAT])


def test_what_was_released_before():
    values = [3, 40, 50, 93]
    kept = _core.protect(values, [], 11, True, fixed=[(1, 0)], dimensions=[FLAT])
    assert kept[1] == 0
    assert sorted(kept[2:]) == [0, 2]
    with pytest.raises(DisclosureError, match="earlier releases") as caught:
        _core.protect(values, [], 11, True, fixed=[(1, 0), (2, 0), (3, 0)], dimensions=[FLAT])
    assert set(caught.value.cells) <= {1, 2, 3}
    assert "93" not in str(caught.value)
    with pytest.raises(DisclosureError, match="cell 0 was shown"):
        _core.protect(values, [], 11, True, fixed=[(0, 0)], dimensions=[FLAT])


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"sensitive": [(9, 1, 2)]}, "names cell 9"),
        ({"sensitive": [(1, 41, 50)]}, "does not hold the cell's value"),
        ({"fixed": [(1, 4)]}, "status is 0"),
        ({"fixed": [(1, 1)]}, "cannot be fixed as small"),
        ({"dimensions": [(5, [(4, [0, 1, 2, 3])])]}, "more cells than"),
        ({"dimensions": [(4, [(3, [0, 1, 3])])]}, "part of itself"),
        ({"method": "luck"}, "'programs' or 'patterns'"),
    ],
)
def test_refusals_of_the_core(more, message):
    with pytest.raises(ArgumentError, match=message):
        _core.protect([3, 40, 50, 93], [], 11, True, **{"dimensions": [FLAT], **more})
