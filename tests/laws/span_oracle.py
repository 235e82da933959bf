"""Slow and obvious: which small groups of persons do exact counts of sets give away?

Sets are bit masks over a few persons. A reader of their exact counts knows the sum of a function over all persons
exactly where it is a linear combination of the sets' indicators.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations


def rank(rows: list[list[int]]) -> int:
    """The rank of a matrix, by elimination over the rationals."""
    left = [[Fraction(value) for value in row] for row in rows]
    found = 0
    for column in range(len(left[0]) if left else 0):
        pivot = next((i for i in range(found, len(left)) if left[i][column]), None)
        if pivot is None:
            continue
        left[found], left[pivot] = left[pivot], left[found]
        for i in range(found + 1, len(left)):
            factor = left[i][column] / left[found][column]
            if factor:
                left[i] = [a - factor * b for a, b in zip(left[i], left[found], strict=True)]
        found += 1
    return found


def indicator(mask: int, persons: list[int]) -> list[int]:
    return [mask >> person & 1 for person in persons]


def groups(persons: int, threshold: int) -> list[tuple[int, ...]]:
    """All groups of at least one and fewer than `threshold` persons."""
    return [group for size in range(1, threshold) for group in combinations(range(persons), size)]


def isolated(masks: list[int], persons: int, threshold: int) -> bool:
    """Whether the indicator of a small group is in the span: its number is known exactly."""
    rows = [indicator(mask, list(range(persons))) for mask in masks]
    whole = rank(rows)
    return any(
        rank([*rows, [int(person in group) for person in range(persons)]]) == whole
        for group in groups(persons, threshold)
    )


def exposed(masks: list[int], persons: int, threshold: int) -> bool:
    """Whether any combination stands on a small group alone: it lowers the rank of what the others see."""
    whole = rank([indicator(mask, list(range(persons))) for mask in masks])
    for group in groups(persons, threshold):
        others = [person for person in range(persons) if person not in group]
        if rank([indicator(mask, others) for mask in masks]) < whole:
            return True
    return False
