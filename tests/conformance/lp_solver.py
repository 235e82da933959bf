"""What a reader of a printed cross-table with margins works out about its blank cells; no code of the package."""

from itertools import product

import numpy as np
from scipy.optimize import linprog


def recovered(printed):
    """The blank cells (None) whose count is fixed by the margins printed around them, with that count.

    Cells are named by their labels; "Total" is a margin. Counts are from 0 on: nothing else is assumed.
    """
    blanks = [key for key, n in printed.items() if n is None]
    column = {key: j for j, key in enumerate(blanks)}
    rows, constants = [], []
    for key, axis in product(printed, range(len(next(iter(printed))))):
        if key[axis] != "Total":
            continue
        line = [k for k in printed if k[axis] != "Total" and k[:axis] + k[axis + 1 :] == key[:axis] + key[axis + 1 :]]
        free = [(1.0, part) for part in line if part in column] + [(-1.0, key)] * (key in column)
        if line and free:
            row = np.zeros(len(blanks))
            for sign, cell in free:
                row[column[cell]] = sign
            rows.append(row)
            constants.append((printed[key] or 0) - sum(printed[part] or 0 for part in line))
    found = {}
    for key in blanks if rows else []:
        cost = np.zeros(len(blanks))
        cost[column[key]] = 1.0
        low, high = (
            linprog(sign * cost, A_eq=np.array(rows), b_eq=constants, bounds=(0, None)) for sign in (1.0, -1.0)
        )
        assert low.status == 0
        if high.status == 0 and -high.fun - low.fun < 1e-6:
            found[key] = round(low.fun)
    return found
