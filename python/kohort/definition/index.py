"""Criteria on the index event itself: its days, and the columns of its person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kohort.definition.filters import Condition, conditions
from kohort.definition.logic import Criterion
from kohort.errors import DefinitionError


@dataclass(frozen=True, slots=True, repr=False)
class IndexCriterion(Criterion):
    """All of some conditions hold for the index event; without one it holds for everybody. Made by :func:`where`."""

    of: tuple[Condition, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "of", conditions(self.of, "a condition on the index event"))

    def __str__(self) -> str:
        if not self.of:
            return "anything"
        return f"an index event with {' and '.join(str(part) for part in self.of)}"

    def plan(self) -> dict[str, Any]:
        """Return the criterion as the plan writes it."""
        return {"kind": "where", "where": [part.plan() for part in self.of]}


def where(*filters: Condition) -> IndexCriterion:
    """Ask for the days of the index event and the columns of its person.

    Parameters
    ----------
    *filters
        Conditions on ``start``, ``end``, ``length``, ``birth_years``, ``birth_years_at_end`` and columns of the
        person, as in ``kh.column("person:race_concept_id").is_in([8527])``. All must hold.

    Raises
    ------
    DefinitionError
        When there is no argument, or one is no condition.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.where(kh.column("length") >= 2)
    <criterion: an index event with length in days ≥ 2>
    """
    if not filters:
        raise DefinitionError('where() has no conditions: hand in one or more, as in kh.column("length") >= 2.')
    return IndexCriterion(filters)
