"""Criteria on events: how many of them, or on how many distinct days, lie in a window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias, overload

from kohort.definition import checks, english
from kohort.definition.logic import Criterion, Unfinished
from kohort.errors import DefinitionError

if TYPE_CHECKING:
    from kohort.definition.windowed import WindowedEvents


@dataclass(frozen=True, slots=True)
class Distinct:
    """What is counted: the distinct values of a column, nulls left out."""

    column: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "column", checks.line(self.column, "the column whose values are counted"))


Counted: TypeAlias = Literal["events", "days"] | Distinct


@dataclass(frozen=True, slots=True, repr=False)
class EventCriterion(Criterion):
    """The number of events, of their distinct days or values, in a window lies in [at_least, at_most]."""

    counted: WindowedEvents
    of: Counted
    at_least: int | None
    at_most: int | None

    def __post_init__(self) -> None:
        self.counted.events.ungrouped("a criterion")
        if not isinstance(self.of, Distinct):
            checks.choice(self.of, ("events", "days"), "what a count is of")
        low = checks.optional_whole(self.at_least, "the number of events", low=0, high=checks.LIMIT)
        high = checks.optional_whole(self.at_most, "the number of events", low=0, high=checks.LIMIT)
        low = low or None  # at least 0 says nothing
        if low is None and high is None:
            raise DefinitionError(
                f"a count of {self.counted} without a bound, or of at least 0, holds for everybody: "
                f"write .count() >= 1 or more."
            )
        checks.ordered(low, high, f"the count of {self.counted}")
        object.__setattr__(self, "at_least", low)
        object.__setattr__(self, "at_most", high)

    def __str__(self) -> str:
        events, when = self.counted.events, self.counted.when()
        number = english.bounds(self.at_least, self.at_most)
        if self.of == "days":
            unit = "day" if (self.at_most or self.at_least) == 1 else "days"
            return f"{events.phrase(plural=True)} on {number} distinct {unit} {when}"
        if isinstance(self.of, Distinct):
            what = english.column(self.of.column)
            return f"{events.phrase(plural=True)} with {number} distinct values of {what} {when}"
        if (self.at_least, self.at_most) == (1, None):
            return f"{events} {when}"
        if self.at_most == 0:
            return f"no {events.phrase(plural=False)} {when}"
        return f"{number} {events.phrase(plural=(self.at_most or self.at_least) != 1)} {when}"

    def plan(self) -> dict[str, Any]:
        """Return the criterion as the plan writes it."""
        of = {"distinct": self.of.column} if isinstance(self.of, Distinct) else self.of
        plan: dict[str, Any] = {
            "kind": "events",
            "events": self.counted.events.plan(),
            "window": self.counted.window.plan(),
            "observed": self.counted.observed,
            "count": {"of": of, "at_least": self.at_least, "at_most": self.at_most},
        }
        if self.counted.end_window is not None:
            plan["end_window"] = self.counted.end_window.plan()
        return plan | ({"same_stay": True} if self.counted.in_same_stay else {})


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Count(Unfinished):
    """A number of events or days, to be compared; made by ``.count()`` and ``.distinct_days()``."""

    counted: WindowedEvents
    of: Counted
    _missing: ClassVar[str] = "compare it, as in (events.count() >= 2), each comparison in parentheses"

    def __ge__(self, n: int) -> EventCriterion:
        return self._bounded(self._number(n), None)

    def __gt__(self, n: int) -> EventCriterion:
        return self._bounded(self._number(n) + 1, None)

    def __le__(self, n: int) -> EventCriterion:
        return self._bounded(None, self._number(n))

    def __lt__(self, n: int) -> EventCriterion:
        return self._bounded(None, self._number(n, low=1) - 1)

    @overload  # type: ignore[override]
    def __eq__(self, n: Count) -> bool: ...
    @overload
    def __eq__(self, n: int) -> EventCriterion: ...
    def __eq__(self, n: int | Count) -> EventCriterion | bool:
        if isinstance(n, Count):
            return (self.counted, self.of) == (n.counted, n.of)
        return self.between(n, n)

    @overload  # type: ignore[override]
    def __ne__(self, n: Count) -> bool: ...
    @overload
    def __ne__(self, n: int) -> Criterion: ...
    def __ne__(self, n: int | Count) -> Criterion | bool:
        if isinstance(n, Count):
            return (self.counted, self.of) != (n.counted, n.of)
        return ~self.between(n, n)

    def __hash__(self) -> int:
        return hash((Count, self.counted, self.of))

    def __str__(self) -> str:
        what = {"events": "events", "days": "distinct days"}.get(str(self.of), "distinct values")
        return f"the number of {what} of {self.counted}"

    def __repr__(self) -> str:
        return f"<count: {self}>"

    def between(self, low: int, high: int) -> EventCriterion:
        """Require `low` to `high`, both included."""
        return self._bounded(self._number(low), self._number(high))

    def _number(self, value: object, low: int = 0) -> int:
        return checks.whole(value, str(self), low=low, high=checks.LIMIT - 1)

    def _bounded(self, low: int | None, high: int | None) -> EventCriterion:
        return EventCriterion(self.counted, self.of, low, high)
