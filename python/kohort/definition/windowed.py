"""Events in a window of days around the index day, before they are counted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from kohort.definition import checks, windows
from kohort.definition.counts import Count, Distinct, EventCriterion
from kohort.definition.logic import Unfinished
from kohort.definition.windows import Bound, Side, Window
from kohort.errors import DefinitionError

if TYPE_CHECKING:
    from kohort.definition.events import Events


@dataclass(frozen=True, slots=True, repr=False)
class WindowedEvents(Unfinished):
    """Events in a window of days around the index day, both ends included; made by :meth:`Events.within`."""

    events: Events
    start: Bound
    end: Bound
    observed: bool = True
    of: Side = "start"
    index: Side = "start"
    end_window: Window | None = None
    in_same_stay: bool = False
    _missing: ClassVar[str] = "say how often, as in .any(), .none(), .count() >= 2 or .distinct_days() >= 2"

    def __post_init__(self) -> None:
        window = self.window
        object.__setattr__(self, "start", window.start)
        object.__setattr__(self, "end", window.end)
        checks.flag(self.observed, "observed")
        checks.flag(self.in_same_stay, "the same stay")

    @property
    def window(self) -> Window:
        """The days in which the first day (or the last, where `of` says so) of an event lies."""
        return Window(self.start, self.end, self.of, self.index)

    def ending_within(self, start: Bound, end: Bound, *, of: Side = "end", index: Side = "start") -> WindowedEvents:
        """Look at events that also end in the days `start` to `end` around the index day, both included.

        Parameters
        ----------
        start, end
            As for :meth:`Events.within`.
        of
            "end": the last day of the event must lie there; "start": its first.
        index
            Count the days from the "start" or the "end" of the index event.

        Raises
        ------
        DefinitionError
            When it was said before, or the window cannot be used.

        Examples
        --------
        >>> import kohort as kh
        >>> kh.stay().within(None, 0).ending_within(0, None).any()
        <criterion: a stay at any time up to the index day, ending at any time from the index day on>
        """
        if self.end_window is not None:
            raise DefinitionError(f"{self} has a second window already: say it once.")
        windows.ordered(start, end, "the second window")
        return replace(self, end_window=Window(start, end, of, index))

    def same_stay(self) -> WindowedEvents:
        """Look only at events of the stay of the index event; where that has no stay, at none.

        Examples
        --------
        >>> import kohort as kh
        >>> kh.procedure().within(0, None).same_stay().any()
        <criterion: a procedure at any time from the index day on, in the stay of the index event>
        """
        return replace(self, in_same_stay=True)

    def any(self) -> EventCriterion:
        """Require one event or more."""
        return EventCriterion(self, "events", 1, None)

    def none(self) -> EventCriterion:
        """Require that there is no event."""
        return EventCriterion(self, "events", None, 0)

    def count(self) -> Count:
        """Count the events, to be compared with ``>=``, ``>``, ``<=``, ``<``, ``==`` or ``.between(a, b)``."""
        return Count(self, "events")

    def distinct_days(self) -> Count:
        """Count the days with an event, several on a day being one; compared as :meth:`count` is."""
        return Count(self, "days")

    def count_distinct(self, column: str = "code") -> Count:
        """Count the distinct values of a column, those not recorded left out; compared as :meth:`count` is.

        Examples
        --------
        >>> import kohort as kh
        >>> kh.drug().before().count_distinct("code") >= 5
        <criterion: drug records with at least 5 distinct values of code at any time before the index day>
        """
        return Count(self, Distinct(column))

    def days_only(self, what: str) -> WindowedEvents:
        """Refuse a window that says more than days from the index day to the start of events."""
        plain = self.window.of == self.window.index == "start" and self.end_window is None and not self.in_same_stay
        if not plain or isinstance(self.start, str) or isinstance(self.end, str):
            raise DefinitionError(
                f"{what} counts days from the index day alone, not {self}: write a window such as .within(-365, -1)."
            )
        return self

    def when(self) -> str:
        """Say the window in words."""
        return "".join(
            [
                _placed(self.window, observed=self.observed, apart=False),
                "" if self.end_window is None else f", {_placed(self.end_window, observed=self.observed, apart=True)}",
                ", in the stay of the index event" if self.in_same_stay else "",
                "" if self.observed else ", observed or not",
            ]
        )

    def __str__(self) -> str:
        return f"{self.events.phrase(plural=True)} {self.when()}"

    def __repr__(self) -> str:
        return f"<events in a window: {self}>"


def _placed(window: Window, *, observed: bool, apart: bool) -> str:
    """Say a window; the period's own ends say nothing new of the start of events that are observed."""
    start, end = window.start, window.end
    if window.of == "start" and observed:
        start, end = None if start == "period_start" else start, None if end == "period_end" else end
    said = str(Window(start, end, window.of, window.index))
    if window.of == "end":
        return f"ending {said}"
    return f"starting {said}" if apart else said
