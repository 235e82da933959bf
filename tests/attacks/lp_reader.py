"""A reader with a solver: knows a released frame, the rules and the layout; shares no code with the package.

Every table is a set of named cells; the reader writes down the sums that any reader of the table knows, bounds each
cell by its status, and asks HiGHS for the smallest and largest value of every hidden cell.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, identity, kron


def sums_of_cross(frame, dimensions):
    """(total, parts) over label tuples, along each dimension."""
    keys = list(frame.select(dimensions).iter_rows())
    answer = []
    for key in keys:
        for axis, label in enumerate(key):
            if label == "Total":
                parts = [
                    k for k in keys if k[axis] != "Total" and k[:axis] + k[axis + 1 :] == key[:axis] + key[axis + 1 :]
                ]
                answer.append((key, parts))
    return answer


def read_table(frame, dimensions, count):
    """Cells {name: (value, status)} and sums of a plain table."""
    rows = frame.select([*dimensions, count, f"{count}_status"]).iter_rows()
    return {row[:-2]: row[-2:] for row in rows}, sums_of_cross(frame, dimensions)


def read_incidence(frame, dimensions):
    """Cells and sums of persons, events and the unshown persons without event."""
    cells, sums = {}, []
    for name in ("persons", "events"):
        table, lines = read_table(frame, dimensions, name)
        cells |= {(name, *key): cell for key, cell in table.items()}
        sums += [((name, *total), [(name, *part) for part in parts]) for total, parts in lines]
    for key in table:
        cells["without", *key] = (None, "unknown")
        sums.append((("persons", *key), [("events", *key), ("without", *key)]))
    sums += [(("without", *total), [("without", *part) for part in parts]) for total, parts in lines]
    return cells, sums


def read_attrition(frame):
    """Cells and sums of a chain: persons before = persons after + excluded."""
    rows = frame.rows(named=True)
    cells = {("left", i): (row["persons"], row["persons_status"]) for i, row in enumerate(rows)}
    cells |= {("out", i): (row["excluded"], row["excluded_status"]) for i, row in enumerate(rows) if i}
    return cells, [(("left", i - 1), [("left", i), ("out", i)]) for i in range(1, len(rows))]


def read_characteristics(frame, yes_no):
    """Cells and sums of Table 1; `yes_no` names the variables whose levels are questions of their own."""
    cells = {row[:2]: row[2:] for row in frame.select("variable", "level", "persons", "persons_status").iter_rows()}
    total, sums = ("Total", ""), []
    for variable in dict.fromkeys(key[0] for key in cells if key != ("Total", "")):
        levels = [key for key in cells if key[0] == variable]
        if variable not in yes_no:
            sums.append((total, levels))
            continue
        for key in levels:
            cells["not", *key] = (None, "unknown")
            sums.append((total, [key, ("not", *key)]))
    return cells, sums


def known_bounds(cells, sums, least, *, show_zeros):
    """What statuses alone say: below `least`, at least `least`, or nothing."""
    possible_zero = set() if show_zeros else set(cells)
    for total, parts in sums:
        status = cells[total][1]
        all_hidden = all(cells[part][1] != "shown" or cells[part][0] == 0 for part in parts)
        if status == "small" or (status == "withheld" and all_hidden):
            possible_zero.update(parts)
    if all(status in {"withheld", "unknown"} for _, status in cells.values()):
        possible_zero = set(cells)
    bounds = {}
    for name, (value, status) in cells.items():
        lowest = 0 if name in possible_zero else 1
        bounds[name] = {
            "shown": (value, value),
            "small": (lowest, least - 1),
            "protective": (least, None),
            "withheld": (lowest, None),
            "unknown": (0, None),
        }[status]
    return bounds


def intervals(cells, sums, bounds, targets):
    """The exact interval of each target, in one program made of independent copies of the table."""
    if not targets:
        return {}
    names = list(cells)
    column = {name: j for j, name in enumerate(names)}
    matrix = np.zeros((len(sums), len(names)))
    for i, (total, parts) in enumerate(sums):
        matrix[i, column[total]] = 1.0
        for part in parts:
            matrix[i, column[part]] -= 1.0
    # No count exceeds a cap far above all others: an unbounded copy would hide the answers of the rest.
    cap = 10 * max((high or 0) for _, high in bounds.values()) + 1000
    limits = [(bounds[name][0], cap if bounds[name][1] is None else bounds[name][1]) for name in names]
    copies = list(product(targets, (1.0, -1.0)))
    cost = np.zeros((len(copies), len(names)))
    for k, (name, sign) in enumerate(copies):
        cost[k, column[name]] = sign
    equalities = kron(identity(len(copies)), csr_array(matrix), format="csr") if sums else None
    answer = linprog(
        cost.ravel(),
        A_eq=equalities,
        b_eq=np.zeros(len(sums) * len(copies)) if sums else None,
        bounds=limits * len(copies),
        method="highs",
    )
    assert answer.status == 0, answer.message
    found = answer.x.reshape(len(copies), len(names))
    return {name: (found[2 * k, column[name]], found[2 * k + 1, column[name]]) for k, name in enumerate(targets)}
