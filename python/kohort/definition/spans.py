"""The first and the last day of an event, where they are not simply what is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from kohort.definition import checks, english
from kohort.definition.windows import SIDES, Side
from kohort.errors import DefinitionError

if TYPE_CHECKING:
    from datetime import date

Ends = Literal["recorded", "next_day_if_none", "next_day", "stored"]
ENDS: tuple[Ends, ...] = ("recorded", "next_day_if_none", "next_day", "stored")


def _side(value: object, what: str) -> tuple[Side, int]:
    if not isinstance(value, tuple) or len(value) != 2:
        raise DefinitionError(f'{what} is {checks.show(value)}: write a day and a number, as in ("start", 30).')
    checks.choice(value[0], SIDES, f"the day that {what} counts from")
    return value[0], checks.whole(value[1], f"the days of {what}")


@dataclass(frozen=True, slots=True)
class Shift:
    """The days between which an event is taken to last, counted from its own start or end."""

    start_of: Side = "start"
    start_days: int = 0
    end_of: Side = "end"
    end_days: int = 0

    @classmethod
    def of(cls, start: object, end: object) -> Shift:
        """Take two pairs of a day and a number."""
        return cls(*_side(start, "the adjusted start"), *_side(end, "the adjusted end"))

    def plan(self) -> dict[str, Any]:
        """Return the adjustment as the plan writes it."""
        return {
            "start": {"of": self.start_of, "days": self.start_days},
            "end": {"of": self.end_of, "days": self.end_days},
        }

    def __str__(self) -> str:
        said = [
            f"{english.days(abs(days))} {'before' if days < 0 else 'after'} its {side}" if days else f"its {side}"
            for side, days in ((self.start_of, self.start_days), (self.end_of, self.end_days))
        ]
        return f"(each taken to last from {said[0]} to {said[1]})"


@dataclass(frozen=True, slots=True)
class Fixed:
    """Calendar days on which an event is taken to begin and end, where it holds them; None changes nothing."""

    first: date | None = None
    last: date | None = None

    @classmethod
    def of(cls, first: object, last: object) -> Fixed:
        """Take two days."""
        return cls(checks.day(first, "the first fixed day"), checks.day(last, "the last fixed day"))

    def plan(self) -> list[str | None]:
        """Return the days as the plan writes them."""
        return [day.isoformat() if day else None for day in (self.first, self.last)]

    def __str__(self) -> str:
        said = [f"holding {day}" for day in dict.fromkeys((self.first, self.last)) if day is not None]
        first = f"begin on {self.first}" if self.first else ""
        last = f"end on {self.last}" if self.last else ""
        taken = " and ".join(part for part in (first, last) if part)
        return f"{' and '.join(said)} (each taken to {taken})"
