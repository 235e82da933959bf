"""What every builder asks of its arguments; each refusal names the value, the reason and the remedy."""

from __future__ import annotations

import operator
import os
import unicodedata
from datetime import date, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, SupportsIndex

from kohort.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LIMIT = 1_000_000  # days or events; some 2,700 years, so that no sum of days overflows the engine's 32 bits
SHOWN = 60


def show(value: object) -> str:
    """Name a value in a message; of all but plain values the type alone, since a frame would show its rows."""
    if isinstance(value, date):
        return f"{type(value).__name__} {value.isoformat()}"
    if value is None or isinstance(value, str | int | float):
        text = repr(value)
        return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
    return f"an object of type {type(value).__name__}"


def hint(value: object, names: Sequence[str]) -> str:
    """Offer the nearest of the names that exist; the case of letters makes no distance."""
    known = {name.casefold(): name for name in names}
    near = get_close_matches(value.casefold(), known, n=1) if isinstance(value, str) else []
    return f'did you mean "{known[near[0]]}"?' if near else f"choose from {', '.join(names)}"


def whole(value: object, what: str, *, low: int = -LIMIT, high: int = LIMIT) -> int:
    """Take a whole number in [low, high]."""
    number: int | None = None
    if isinstance(value, SupportsIndex) and not isinstance(value, bool):
        try:
            number = operator.index(value)
        except TypeError:
            number = None
    if number is None:
        raise DefinitionError(f"{what} is {show(value)}, which is not a whole number: write an integer such as 30.")
    if not low <= number <= high:
        raise DefinitionError(f"{what} is {number}, which lies outside {low} to {high}: choose a number inside.")
    return number


def optional_whole(value: object, what: str, *, low: int = -LIMIT, high: int = LIMIT) -> int | None:
    """Take a whole number in [low, high], or None."""
    return None if value is None else whole(value, what, low=low, high=high)


def flag(value: object, what: str) -> bool:
    """Take True or False."""
    if not isinstance(value, bool):
        raise DefinitionError(f"{what} is {show(value)}, which is neither True nor False: write one of them.")
    return value


def line(value: object, what: str) -> str:
    """Take a line of text; composed (NFC) and without white space at its ends, so that what looks equal is equal."""
    if not isinstance(value, str):
        raise DefinitionError(f'{what} is {show(value)}, which is not text: write it in quotes, as in "adult".')
    text = unicodedata.normalize("NFC", value).strip()
    if not text:
        raise DefinitionError(
            f"{what} is {show(value)}, which is blank: write a few words that a reader will recognize."
        )
    if not text.isprintable():
        raise DefinitionError(f"{what} is {show(value)}, which holds a line break or a control character: remove it.")
    return text


def choice(value: object, names: Sequence[str], what: str) -> str:
    """Take one of some words."""
    if not isinstance(value, str) or value not in names:
        raise DefinitionError(f"{what} is {show(value)}, which is not known: {hint(value, names)}.")
    return value


def day(value: object, what: str) -> date | None:
    """Take a calendar day: a date, its ISO text, or None for an open end."""
    if isinstance(value, datetime):
        raise DefinitionError(f"{what} is {show(value)}, a moment rather than a day: hand in its .date().")
    if value is None or isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            parsed = date.fromisoformat(value)
        except ValueError:
            parsed = None
        if parsed is not None and parsed.isoformat() == value:
            return parsed
    raise DefinitionError(
        f'{what} is {show(value)}, which is not a day: write it as year-month-day, as in "2015-01-31".'
    )


def period(value: object) -> tuple[date | None, date | None]:
    """Take a pair of calendar days, either of which may be open; None for both open."""
    if value is None:
        return None, None
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise DefinitionError(
            f'between is {show(value)}, which is not a pair: write two days, as in ("2015-01-01", None).'
        )
    first, last = day(value[0], "the start of between"), day(value[1], "the end of between")
    ordered(first, last, "between")
    return first, last


def ordered(low: int | date | None, high: int | date | None, what: str) -> None:
    """Refuse an interval whose ends are swapped."""
    if low is not None and high is not None and low > high:  # type: ignore[operator]
        raise DefinitionError(f"{what} runs from {low} to {high}, which ends before it begins: swap the two.")


def write_whole(target: Path, text: str) -> Path:
    """Write a file in full or not at all."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return target
