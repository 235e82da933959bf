"""Events that are meant, by domain and codes, and windows of days around the index day to look for them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from kohort.definition import checks, english, windows
from kohort.definition.codesets import CodeGroups, Codes
from kohort.definition.filters import Condition, conditions
from kohort.definition.logic import Criterion, Unfinished, all_of, as_criterion
from kohort.definition.spans import ENDS, Ends, Fixed, Shift
from kohort.definition.windowed import WindowedEvents
from kohort.errors import DefinitionError

if TYPE_CHECKING:
    from datetime import date

    from kohort.definition.windows import Bound, Side

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
    source_codes: Codes | None = None
    filters: tuple[Condition, ...] = ()
    nested: Criterion | None = None
    end_rule: Ends = "recorded"
    shift: Shift | None = None
    fixed: Fixed | None = None
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
        if not (self.source_codes is None or isinstance(self.source_codes, Codes)):
            raise DefinitionError(
                f"the source codes of {domain} events are {checks.show(self.source_codes)}, which is no code set: "
                f'make one, as in kh.codes("OMOP", 44832370).'
            )
        object.__setattr__(self, "filters", conditions(self.filters, f"a condition on {domain} events"))
        if self.nested is not None:
            as_criterion(self.nested, f"the criterion that {domain} events must meet")
        checks.choice(self.end_rule, ENDS, f"the rule of the last day of {domain} events")
        if self.shift == Shift():
            object.__setattr__(self, "shift", None)
        if self.fixed == Fixed():
            object.__setattr__(self, "fixed", None)

    def first(self) -> Events:
        """Keep each person's first such event in the whole warehouse, before any other filter is applied.

        This makes new users: an entry of ``kh.drug(codes).first()`` with a calendar leaves those out whose first
        event lies before it.
        """
        return replace(self, occurrence="first")

    def where(self, *filters: Condition) -> Events:
        """Keep the events that meet all of some conditions on their columns; said again, all must hold.

        Raises
        ------
        DefinitionError
            When an argument is no condition.

        Examples
        --------
        >>> import kohort as kh
        >>> kh.drug().where(kh.column("days_supply") >= 30, kh.column("refills") > 0)
        <events: drug records with days supply ≥ 30 and refills > 0>
        """
        return replace(self, filters=(*self.filters, *conditions(filters, "an argument of .where(...)")))

    def having(self, criterion: Criterion) -> Events:
        """Keep the events that meet a criterion as if each were the index event; said again, both must hold.

        Raises
        ------
        DefinitionError
            When the argument is no criterion.

        Examples
        --------
        >>> import kohort as kh
        >>> kh.diagnosis().having(kh.stay().within(-1, 1).any())
        <events: diagnoses having (a stay from 1 day before the index day to 1 day after the index day)>
        """
        asked = as_criterion(criterion, "the criterion of .having(...)")
        return replace(self, nested=asked if self.nested is None else all_of(self.nested, asked))

    def source(self, codes: Codes) -> Events:
        """Keep the events whose source concept is of a code set too."""
        return replace(self, source_codes=codes)

    def ends(self, rule: Ends) -> Events:
        """Say which day ends an event.

        Parameters
        ----------
        rule
            "recorded": its end, without one the last of its days of supply, without both its first day.
            "next_day_if_none": its end, without one `days_supply` days after the start, without both the next day.
            "next_day": the day after its start. "stored": its end, and none where none is recorded.
        """
        return replace(self, end_rule=rule)

    def adjusted(self, *, start: tuple[Side, int] = ("start", 0), end: tuple[Side, int] = ("end", 0)) -> Events:
        """Move the first and the last day of each event, as in ``.adjusted(start=("end", 1), end=("end", 30))``."""
        return replace(self, shift=Shift.of(start, end))

    def pinned_to(self, first: str | date | None, last: str | date | None) -> Events:
        """Let each event begin and end on these days instead, if it holds them; None leaves a day as it is."""
        return replace(self, fixed=Fixed.of(first, last))

    def within(
        self, start: Bound, end: Bound, *, observed: bool = True, of: Side = "start", index: Side = "start"
    ) -> WindowedEvents:
        """Look at the days `start` to `end` around the index day, both included.

        Parameters
        ----------
        start, end
            Days from the index day: -1 is the day before, 0 the index day, 1 the day after; None is open, and
            "period_start" and "period_end" are the ends of the observation period which holds the index day.
        observed
            Count only events that begin in the observation period which holds the index day.
        of
            Which day of the event must lie there: its "start" or its "end".
        index
            Count the days from the "start" or the "end" of the index event.

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
        windows.ordered(start, end, "the window")
        return WindowedEvents(self, start, end, observed, of, index)

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
            return f"{first}{word} grouped by {self.codes}{self._details()}"
        return f"{first}{word}{f' coded {self.codes}' if self.codes is not None else ''}{self._details()}"

    def _details(self) -> str:
        """Say what more is asked of the events."""
        parts = [f" with source codes {self.source_codes}"] if self.source_codes is not None else []
        if self.filters:
            parts.append(f" with {' and '.join(str(part) for part in self.filters)}")
        parts += [f" {part}" for part in (self.shift, self.fixed) if part is not None]
        if self.nested is not None:
            parts.append(f" having ({self.nested})")
        return "".join(parts)

    def plan(self) -> dict[str, Any]:
        """Return the events as the plan writes them; groups of codes have no place there."""
        self.ungrouped("a plan")
        codes = self.codes.plan() if isinstance(self.codes, Codes) else None
        plan: dict[str, Any] = {"domain": self.domain, "codes": codes, "occurrence": self.occurrence}
        if self.filters:
            plan["where"] = [part.plan() for part in self.filters]
        if self.end_rule != "recorded":
            plan["ends"] = self.end_rule
        said = {"source_codes": self.source_codes, "having": self.nested, "shift": self.shift, "fixed": self.fixed}
        return plan | {name: part.plan() for name, part in said.items() if part is not None}

    def __str__(self) -> str:
        text = self.phrase(plural=False)
        return f"the person's {text}" if self.occurrence == "first" else english.article(text)

    def __repr__(self) -> str:
        return f"<events: {self.phrase(plural=True)}>"


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
