"""Windows: which day of an event lies in which days around which day of the index event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from kohort.definition import checks, english
from kohort.errors import DefinitionError

Side = Literal["start", "end"]
SIDES: tuple[Side, ...] = ("start", "end")
PeriodBound = Literal["period_start", "period_end"]
PERIOD_BOUNDS: tuple[PeriodBound, ...] = ("period_start", "period_end")
Bound: TypeAlias = int | PeriodBound | None


def bound(value: object, what: str) -> Bound:
    """Take days from the index day, an end of the observation period, or None for open."""
    if isinstance(value, str):
        if value == "period_start":
            return "period_start"
        checks.choice(value, PERIOD_BOUNDS, what)
        return "period_end"
    return checks.optional_whole(value, what)


def ordered(start: object, end: object, what: str) -> None:
    """Refuse a window that no day can lie in; what people write by hand is never meant so."""
    if isinstance(start, int) and isinstance(end, int):
        checks.ordered(start, end, what)
    if (start, end) == ("period_end", "period_start"):
        raise DefinitionError(f"{what} runs from the end of the observation period to its start: swap the two.")


def anchor(index: str) -> str:
    """Name the day that a window counts from."""
    return english.INDEX if index == "start" else "the end of the index event"


@dataclass(frozen=True, slots=True)
class Window:
    """Days around a day of the index event, both included, in which a day of the event must lie."""

    start: Bound
    end: Bound
    of: Side = "start"
    index: Side = "start"

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", bound(self.start, "the first day of a window"))
        object.__setattr__(self, "end", bound(self.end, "the last day of a window"))
        checks.choice(self.of, SIDES, "the day of the event that lies in a window")
        checks.choice(self.index, SIDES, "the day of the index event that a window counts from")

    def __str__(self) -> str:
        return english.window(self.start, self.end, anchor(self.index))

    def plan(self) -> dict[str, Any]:
        """Return the window as the plan writes it."""
        plan: dict[str, Any] = {"from": self.start, "to": self.end}
        sides = {"of": self.of, "index": self.index}
        return plan | {name: side for name, side in sides.items() if side != "start"}
