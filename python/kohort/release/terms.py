"""Which terms of a model few persons stand behind: rules on the design, and on an outcome of two values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from kohort.release.fitted import Fitted, Floats

Flags = np.ndarray[Any, np.dtype[np.bool_]]
# A coefficient is dominated where two persons carry this share of what it is worked out from: ACRO's (n, k) rule.
_MOST, _SHARE = 2, 0.9


class People:
    """How many persons are among the rows of a model's data."""

    def __init__(self, weights: Floats, persons: Any = None) -> None:
        self._codes = None if persons is None else np.unique(np.asarray(persons), return_inverse=True)[1]
        # A row without weight is not in the model.
        self._counted = weights > 0

    @property
    def everybody(self) -> Flags:
        """All rows that count."""
        return self._counted

    def count(self, rows: Flags) -> int:
        """Count the persons of the rows that are true and that count."""
        counted = rows & self._counted
        return int(counted.sum()) if self._codes is None else len(np.unique(self._codes[counted]))


def few_persons(fitted: Fitted, people: People, least: int) -> Flags:
    """Tell the terms of which a level, its complement, or one of both with or without the outcome, has few persons.

    A column of two values has two levels; one with -1, 0 and 1 (sum coding) three; of another column whose most
    frequent value has most of the rows, such as a dummy times a number, those with it and those without count as
    levels.
    """

    def thin(rows: Flags) -> bool:
        if fitted.outcome is None:
            return people.count(rows) < least
        return min(people.count(rows & fitted.outcome), people.count(rows & ~fitted.outcome)) < least

    answer = np.zeros(len(fitted.terms), dtype=bool)
    for j, column in enumerate(fitted.design.T):
        values, counts = np.unique(column, return_counts=True)
        if len(values) == 1:
            continue
        if len(values) == 2 or set(values) == {-1.0, 0.0, 1.0}:
            answer[j] = any(thin(column == value) for value in values)
        elif 2 * counts.max() > len(column):
            common = column == values[counts.argmax()]
            answer[j] = thin(common) or thin(~common)
    return answer


def few_in_reference(fitted: Fitted, people: People, least: int) -> Flags:
    """Tell the dummies whose reference level has few persons, and the intercept if that of all dummies has few.

    Dummies that never are 1 together are taken for levels of one variable; who has none of them is in its reference.
    """
    design = fitted.design
    dummies = [j for j, column in enumerate(design.T) if set(np.unique(column)) == {0.0, 1.0}]
    constant = [j for j, column in enumerate(design.T) if column.min() == column.max()]
    answer = np.zeros(len(fitted.terms), dtype=bool)
    if not dummies:
        return answer
    ones = design[:, dummies] == 1
    together = ones.T.astype(float) @ ones.astype(float)
    for position, j in enumerate(dummies):
        group = [position]
        group += [other for other in range(len(dummies)) if other != position and not together[other, group].any()]
        # Chosen one by one, so that the group is exclusive as a whole.
        exclusive = [position]
        for other in group[1:]:
            if not together[other, exclusive].any():
                exclusive.append(other)
        answer[j] = 0 < people.count(~ones[:, exclusive].any(axis=1)) < least
    reference = 0 < people.count(~ones.any(axis=1)) < least
    answer[constant] = reference
    return answer


def dominated(fitted: Fitted) -> Flags:
    """Tell the terms that depend on two persons: of whose variation, given all other terms, two rows have most.

    In least squares a coefficient is the outcome's sum weighted with the part of its column that no other explains; a
    weight that two rows carry says what these two are.
    """
    shares = np.square(_own_part(fitted.design * np.sqrt(fitted.weights)[:, None]))
    whole = shares.sum(axis=0)
    largest = np.sort(shares, axis=0)[-_MOST:].sum(axis=0)
    return np.asarray(largest > _SHARE * np.where(whole > 0, whole, np.inf), dtype=bool)


def _own_part(design: Floats) -> Floats:
    """Return, for each column, what remains of it after regression on the others, up to its scale."""
    return np.asarray(design @ np.linalg.pinv(design.T @ design), dtype=float)


def thin_patterns(fitted: Fitted, people: People, least: int) -> bool:
    """Tell whether a model has a parameter for each pattern of its covariates, and one of these has few persons.

    Such a model is saturated: a table of means, or of shares, written in another way.
    """
    patterns, which = np.unique(fitted.design, axis=0, return_inverse=True)
    whole = np.column_stack([np.ones(len(patterns)), patterns])
    if len(patterns) > np.linalg.matrix_rank(whole):
        return False
    which = which.reshape(-1)
    split = [np.ones(len(which), dtype=bool)] if fitted.outcome is None else [fitted.outcome, ~fitted.outcome]
    return any(people.count((which == number) & part) < least for number in range(len(patterns)) for part in split)
