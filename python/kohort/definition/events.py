"""Events that are meant, by domain and codes, and windows of days around the index day to look for them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from kohort.definition import checks, english
from kohort.definition.codesets import CodeGroups, Codes
from kohort.definition.counts import Count, EventCriterion
from kohort.definition.logic import Unfinished
from kohort.errors import DefinitionError

DOMAIN = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


@dataclass(frozen=True, slots=True, repr=False)
class Events(Unfinished):
    """Events of a domain, all or those of a code set; made by :func:`drug`, :func:`diagnosis` and their like.

    A window (:meth:`within`, :meth:`before`, :meth:`after`, :meth:`on_index`) and a count make them a criterion;
    as they are they stand as entry events, censoring events, and outcomes.
    """

    domain: str
    codes: Codes | CodeGroups | None = None
    occurrence: Literal["all", "first"] = "all"
    _missing: ClassVar[str] = (
        "say when and how often, as in kh.drug(codes).before().any() or kh.drug(codes).within(-180, -1).count() >= 2"
    )

    def __post_init__(self) -> None:
        domain = checks.line(self.domain, "the domain of events")
        if DOMAIN.fullmatch(domain) is None:
            raise DefinitionError(
                f'the domain {domain!r} is not a name: write small letters, digits and "_", as in kh.event("drug").'
            )
        if not (self.codes is None or isinstance(self.codes, Codes | CodeGroups)):
            raise DefinitionError(
                f"the codes of {domain} events are {checks.show(self.codes)}, which is no code set: "
                f'make one, as in kh.codes("ATC", "A10BH*").'
            )
        checks.choice(self.occurrence, ("all", "first"), f"the occurrence of {domain} events")
        if self.occurrence == "first":
            self.ungrouped("first()")

    def first(self) -> Events:
        """Keep each person's first such event in the whole warehouse, before any other filter is applied.

        This makes new users: an entry of ``kh.drug(codes).first()`` with a calendar leaves those out whose first
        event lies before it.
        """
        return replace(self, occurrence="first")

    def within(self, start: int | None, end: int | None, *, observed: bool = True) -> WindowedEvents:
        """Look at the days `start` to `end` around the index day, both included.

        Parameters
        ----------
        start, end
            Days from the index day: -1 is the day before, 0 the index day, 1 the day after; None is open.
        observed
            Count only events that begin in the observation period which holds the index day.

        Raises
        ------
        DefinitionError
            When `start` lies after `end`, or one is not a whole number.

        Examples
        --------
        >>> import kohort as kh
        >>> kh.drug(kh.codes("ATC", "A10BA02")).within(-180, -1).any()
        <criterion: a drug record coded ATC A10BA02 in the 180 days before the index day>
        """
        return WindowedEvents(self, start, end, observed)

    def before(self, *, observed: bool = True) -> WindowedEvents:
        """Look at all days before the index day; the index day itself is neither before nor after."""
        return self.within(None, -1, observed=observed)

    def after(self, *, observed: bool = True) -> WindowedEvents:
        """Look at all days after the index day; the index day itself is neither before nor after."""
        return self.within(1, None, observed=observed)

    def on_index(self) -> WindowedEvents:
        """Look at the index day alone."""
        return self.within(0, 0)

    def ungrouped(self, what: str) -> Events:
        """Refuse events that are grouped by code, which only a characterization counts."""
        if isinstance(self.codes, CodeGroups):
            raise DefinitionError(
                f"{what} cannot use {self.codes}, which are groups to characterize a cohort by: "
                f'name the codes, as in kh.codes("{self.codes.vocabulary}", ...).'
            )
        return self

    def phrase(self, *, plural: bool) -> str:
        """Name the events without an article, as in "drug records coded ATC A10BA02"."""
        word = english.noun(self.domain, plural=plural)
        first = "first " if self.occurrence == "first" else ""
        if isinstance(self.codes, CodeGroups):
            return f"{first}{word} grouped by {self.codes}"
        return f"{first}{word} coded {self.codes}" if self.codes is not None else f"{first}{word}"

    def plan(self) -> dict[str, Any]:
        """Return the events as the plan writes them; groups of codes have no place there."""
        self.ungrouped("a plan")
        codes = self.codes.plan() if isinstance(self.codes, Codes) else None
        return {"domain": self.domain, "codes": codes, "occurrence": self.occurrence}

    def __str__(self) -> str:
        text = self.phrase(plural=False)
        return f"the person's {text}" if self.occurrence == "first" else english.article(text)

    def __repr__(self) -> str:
        return f"<events: {self.phrase(plural=True)}>"


@dataclass(frozen=True, slots=True, repr=False)
class WindowedEvents(Unfinished):
    """Events in a window of days around the index day, both ends included; made by :meth:`Events.within`."""

    events: Events
    start: int | None
    end: int | None
    observed: bool = True
    _missing: ClassVar[str] = "say how often, as in .any(), .none(), .count() >= 2 or .distinct_days() >= 2"

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", checks.optional_whole(self.start, "the first day of a window"))
        object.__setattr__(self, "end", checks.optional_whole(self.end, "the last day of a window"))
        checks.ordered(self.start, self.end, "the window")
        checks.flag(self.observed, "observed")

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

    def when(self) -> str:
        """Say the window in words."""
        return english.window(self.start, self.end) + ("" if self.observed else ", observed or not")

    def __str__(self) -> str:
        return f"{self.events.phrase(plural=True)} {self.when()}"

    def __repr__(self) -> str:
        return f"<events in a window: {self}>"


def event(domain: str, codes: Codes | CodeGroups | None = None) -> Events:
    """Name events of any domain of the warehouse; ``kh.drug(c)`` is ``kh.event("drug", c)``.

    Parameters
    ----------
    domain
        The domain's name, in small letters.
    codes
        A code set; without one, every event of the domain. Groups of codes (``kh.codes("ATC", level=4)``) are for
        characterizing a cohort only.

    Raises
    ------
    DefinitionError
        When the domain is not a name or `codes` not a code set.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.event("vaccination").within(-14, 0).any()
    <criterion: a vaccination event from 14 days before the index day to the index day>
    """
    return Events(domain, codes)


def drug(codes: Codes | CodeGroups | None = None) -> Events:
    """Name drug deliveries or exposures; see :func:`event`."""
    return Events("drug", codes)


def diagnosis(codes: Codes | CodeGroups | None = None) -> Events:
    """Name diagnoses; see :func:`event`."""
    return Events("diagnosis", codes)


def procedure(codes: Codes | CodeGroups | None = None) -> Events:
    """Name procedures; see :func:`event`."""
    return Events("procedure", codes)


def stay(codes: Codes | CodeGroups | None = None) -> Events:
    """Name hospital stays; see :func:`event`."""
    return Events("stay", codes)


def measurement(codes: Codes | CodeGroups | None = None) -> Events:
    """Name measurements, such as laboratory tests; see :func:`event`."""
    return Events("measurement", codes)


def observation(codes: Codes | CodeGroups | None = None) -> Events:
    """Name observations; see :func:`event`. For the time under observation see :meth:`Cohort.observed`."""
    return Events("observation", codes)


def device(codes: Codes | CodeGroups | None = None) -> Events:
    """Name devices; see :func:`event`."""
    return Events("device", codes)


def death() -> Events:
    """Name the death of a person, on its day."""
    return Events("death")
