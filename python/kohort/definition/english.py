"""Words of the sentences: plurals, lists, and windows said in days before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NOUNS = {
    "drug": ("drug record", "drug records"),
    "diagnosis": ("diagnosis", "diagnoses"),
    "procedure": ("procedure", "procedures"),
    "stay": ("stay", "stays"),
    "measurement": ("measurement", "measurements"),
    "observation": ("observation", "observations"),
    "device": ("device record", "device records"),
    "death": ("death", "deaths"),
}


def noun(domain: str, *, plural: bool = False) -> str:
    """Name the events of a domain."""
    one, many = NOUNS.get(domain, (f"{domain} event", f"{domain} events"))
    return many if plural else one


def article(text: str) -> str:
    """Put "a" or "an" in front."""
    return f"{'an' if text[0] in 'aeiou' else 'a'} {text}"


def days(count: int) -> str:
    """Say a number of days."""
    return f"{count} day" if count == 1 else f"{count} days"


def listed(words: Sequence[str], last: str, most: int = 8) -> str:
    """Join words with commas and a last conjunction; long lists are cut, with the number of those left out."""
    if len(words) > most:
        return f"{', '.join(words[: most - 1])} {last} {len(words) - most + 1} more"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def minus(day: int) -> str:
    """Write a day with the sign that typographers use."""
    return f"−{-day}" if day < 0 else str(day)  # noqa: RUF001


def interval(start: int | None, end: int | None) -> str:
    """Write a window in days, as the diagram does."""
    if start == end and start is not None:
        return f"day {minus(start)}"
    if start is None and end is None:
        return "any day"
    if start is None:
        return f"days up to {minus(end or 0)}"
    if end is None:
        return f"days from {minus(start)}"
    return f"days {minus(start)} to {minus(end)}"


def _point(day: int) -> str:
    if day == 0:
        return "the index day"
    return f"{days(abs(day))} {'before' if day < 0 else 'after'} the index day"


def _open_window(start: int | None, end: int | None) -> str:
    if start is None and end is None:
        return "at any time"
    if start is None and end is not None:
        fixed = {-1: "at any time before the index day", 0: "at any time up to the index day"}
        return fixed.get(end, f"at any time up to {_point(end)}")
    assert start is not None  # noqa: S101 (for the type checker)
    fixed = {1: "at any time after the index day", 0: "at any time from the index day on"}
    return fixed.get(start, f"at any time from {_point(start)} on")


def window(start: int | None, end: int | None) -> str:
    """Say a window in words."""
    if start is None or end is None:
        return _open_window(start, end)
    if start == end:
        return f"on {_point(0)}" if start == 0 else f"exactly {_point(start)}"
    if end == -1:
        return f"in the {days(-start)} before the index day"
    if start == 1:
        return f"in the {days(end)} after the index day"
    if end < 0 or start > 0:
        first, last, side = (-start, -end, "before") if end < 0 else (start, end, "after")
        return f"from {first} to {days(last)} {side} the index day"
    return f"from {_point(start)} to {_point(end)}"


def bounds(low: int | None, high: int | None) -> str:
    """Say how many: "at least 2", "at most 3", "2 to 4", "exactly 1"."""
    if low is not None and high is not None:
        return f"exactly {low}" if low == high else f"{low} to {high}"
    return f"at least {low}" if low is not None else f"at most {high}"
