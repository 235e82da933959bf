"""How ARX comes to reject classes that meet Grassberger's entropy l-diversity: it stops adding too early.

A value that occurs once adds a negative term to the sum, so a partial sum above the bound proves nothing; ARX rejects
the class at the first one, in the order of the buckets of its hash table.
"""

import math
from functools import cache

EULER = 0.5772156649015329
CAPACITY = 8


@cache
def g(n):
    return -EULER - math.log(2) + sum(2 / (2 * j - 1) for j in range(1, n // 2 + 1))


def buckets(values):
    """Add values to a table of open addressing as ARX does; give them bucket by bucket."""
    table = [None] * CAPACITY
    for value in values:
        if put(table, value) and sum(x is not None for x in table) > len(table) * 3 // 4:
            table, old = [None] * (2 * len(table)), table
            for x in old:
                if x is not None:
                    put(table, x)
    return [x for x in table if x is not None]


def put(table, value):
    at = value % len(table)
    while table[at] not in (None, value):
        at = (at + 1) % len(table)
    new = table[at] is None
    table[at] = value
    return new


def accepts(values, least):
    """Decide as ARX does; `values` are the numbers of the class's values, in the order of the rows."""
    if len(set(values)) < math.ceil(least):
        return False
    bound = len(values) * (g(len(values)) - math.log(least))
    total = 0.0
    for value in buckets(values):
        count = values.count(value)
        total += count * g(count)
        if bound < total:
            return False
    return True
