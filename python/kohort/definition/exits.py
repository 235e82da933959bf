"""When a row of the cohort ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kohort.definition import checks, english
from kohort.definition.codesets import Codes
from kohort.definition.events import Events
from kohort.definition.windows import SIDES, Side
from kohort.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Iterable


class Exit:
    """The rule that ends a row; never later than the end of the observation period."""

    __slots__ = ()

    def plan(self) -> dict[str, Any]:
        """Return the exit as the plan writes it."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<exit: {self}>"


@dataclass(frozen=True, slots=True, repr=False)
class EndOfObservation(Exit):
    """The end of the observation period; made by :func:`end_of_observation`."""

    def __str__(self) -> str:
        return "the end of the observation period"

    def plan(self) -> dict[str, Any]:
        """Return the exit as the plan writes it."""
        return {"kind": "observation_end"}


@dataclass(frozen=True, slots=True, repr=False)
class FixedDays(Exit):
    """A number of days after the index day; made by :func:`fixed_days`."""

    days: int
    of: Side = "start"

    def __post_init__(self) -> None:
        checks.choice(self.of, SIDES, "the day that fixed_days counts from")
        object.__setattr__(self, "days", checks.whole(self.days, "the days of fixed_days"))

    def __str__(self) -> str:
        day = "the index day" if self.of == "start" else "the end of the index event"
        side = "before" if self.days < 0 else "after"
        return f"{english.days(abs(self.days))} {side} {day}" if self.days else f"{day} itself"

    def plan(self) -> dict[str, Any]:
        """Return the exit as the plan writes it."""
        return {"kind": "fixed", "days": self.days} | ({"of": self.of} if self.of != "start" else {})


@dataclass(frozen=True, slots=True, repr=False)
class EndOfSupply(Exit):
    """The end of the era of supply that holds the index day; made by :func:`end_of_supply`."""

    gap: int
    codes: Codes | None = None
    domain: str = "drug"

    def __post_init__(self) -> None:
        object.__setattr__(self, "gap", checks.whole(self.gap, "the gap of end_of_supply in days", low=0))
        Events(self.domain, self.codes).ungrouped("end_of_supply")

    def __str__(self) -> str:
        what = f"coded {self.codes}" if self.codes is not None else "as the entry events are"
        return (
            f"the end of supply by {english.noun(self.domain, plural=True)} {what}, "
            f"joined where at most {english.days(self.gap)} without supply lie between"
        )

    def plan(self) -> dict[str, Any]:
        """Return the exit as the plan writes it."""
        codes = self.codes.plan() if self.codes is not None else None
        return {"kind": "end_of_supply", "gap": self.gap, "codes": codes, "domain": self.domain}


@dataclass(frozen=True, slots=True, repr=False)
class EndOfEra(Exit):
    """The end of the era of deliveries in which the index day lies; made by :func:`end_of_era`."""

    codes: Codes
    gap: int = 0
    offset: int = 0
    days_supply: int | None = None
    domain: str = "drug"

    def __post_init__(self) -> None:
        if not isinstance(self.codes, Codes):
            raise DefinitionError(
                f"the codes of end_of_era are {checks.show(self.codes)}, which is no code set: "
                f'make one, as in kh.codes("ATC", "A10BH*").'
            )
        Events(self.domain, self.codes)
        object.__setattr__(self, "gap", checks.whole(self.gap, "the gap of end_of_era in days", low=0))
        object.__setattr__(self, "offset", checks.whole(self.offset, "the offset of end_of_era in days"))
        supply = checks.optional_whole(self.days_supply, "the days of supply of end_of_era")
        object.__setattr__(self, "days_supply", supply)

    def __str__(self) -> str:
        lasting = "" if self.days_supply is None else f", each lasting {english.days(self.days_supply)}"
        side = "before" if self.offset < 0 else "after"
        after = f"{english.days(abs(self.offset))} {side} " if self.offset else ""
        return (
            f"{after}the end of an era of {english.noun(self.domain, plural=True)} coded {self.codes}{lasting}, "
            f"joined where the next begins at most {english.days(self.gap + self.offset)} after the end of those before"
        )

    def plan(self) -> dict[str, Any]:
        """Return the exit as the plan writes it."""
        days = {"gap": self.gap, "offset": self.offset, "days_supply": self.days_supply}
        return {"kind": "era", "domain": self.domain, "codes": self.codes.plan()} | days


def as_exit(value: object) -> Exit:
    """Take an exit."""
    if not isinstance(value, Exit):
        raise DefinitionError(
            f"the exit is {checks.show(value)}, which is none: write kh.end_of_observation(), kh.fixed_days(365) or "
            f"kh.end_of_supply(gap=90), and events that end a row as censor=."
        )
    return value


def unsupplied(strategy: Exit, entry_events: Iterable[Events]) -> str:
    """Say why an end of supply has nothing to follow, nothing where it has."""
    if not isinstance(strategy, EndOfSupply) or strategy.codes is not None:
        return ""
    if any(events.domain == strategy.domain for events in entry_events):
        return ""
    return (
        f"the exit follows the supply of the entry events, none of which is of the domain {strategy.domain!r}: "
        f"name what is supplied, as in kh.end_of_supply(gap={strategy.gap}, codes=...)."
    )


def end_of_observation() -> EndOfObservation:
    """End a row with the observation period that holds its index day.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.end_of_observation()
    <exit: the end of the observation period>
    """
    return EndOfObservation()


def fixed_days(days: int, *, of: Side = "start") -> FixedDays:
    """End a row a number of days after its index event, or with the observation period if that is earlier.

    Parameters
    ----------
    days
        Days, at least 0; ``fixed_days(365)`` ends on day 365.
    of
        Count from the "start" of the index event, the index day, or from its "end".

    Raises
    ------
    DefinitionError
        When `days` is not a whole number of at least 0.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.fixed_days(365)
    <exit: 365 days after the index day>
    """
    return FixedDays(checks.whole(days, "the days of fixed_days", low=0), of)


def end_of_supply(*, gap: int, codes: Codes | None = None, domain: str = "drug") -> EndOfSupply:
    """End a row with the era of supply that holds its index day, if not earlier with its observation.

    Deliveries are joined into eras where at most `gap` days without supply lie between them. A delivery lasts to its
    end day; without one, for its days of supply; without both, for its start day alone.

    Parameters
    ----------
    gap
        Days without supply that do not end an era, at least 0.
    codes
        What is supplied; without it, what the entry events of the domain name.
    domain
        The domain of the deliveries.

    Raises
    ------
    DefinitionError
        When `gap` is not a whole number of at least 0, or `codes` not a code set.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.end_of_supply(gap=90).plan()
    {'kind': 'end_of_supply', 'gap': 90, 'codes': None, 'domain': 'drug'}
    """
    return EndOfSupply(gap, codes, domain)


def end_of_era(
    codes: Codes, *, gap: int = 0, offset: int = 0, days_supply: int | None = None, domain: str = "drug"
) -> EndOfEra:
    """End a row with the era of deliveries in which its index day lies, as OHDSI's tools build eras.

    Parameters
    ----------
    codes
        What is delivered; the source concept counts as well as the code.
    gap
        Days between deliveries that do not end an era, at least 0.
    offset
        Days that are added after the last delivery of an era.
    days_supply
        Days that each delivery lasts, whatever is recorded; None for what is recorded.
    domain
        The domain of the deliveries.

    Raises
    ------
    DefinitionError
        When a number is not whole or `codes` not a code set.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.end_of_era(kh.codes("OMOP", 1503297), gap=30).plan()["gap"]
    30
    """
    return EndOfEra(codes, gap, offset, days_supply, domain)
