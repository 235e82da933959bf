"""Words of the sentences: plurals, lists, and windows said in days before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

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
    "death_cause": ("death", "deaths"),
    "visit_detail": ("visit detail", "visit details"),
    "specimen": ("specimen", "specimens"),
    "condition_era": ("condition era", "condition eras"),
    "drug_era": ("drug era", "drug eras"),
    "dose_era": ("dose era", "dose eras"),
    "enrollment": ("observation period", "observation periods"),
    "payer_plan_period": ("payer plan period", "payer plan periods"),
    "location": ("place of living", "places of living"),
}
Bound: TypeAlias = int | str | None
PERIOD = {"period_start": "the start of the observation period", "period_end": "the end of the observation period"}
INDEX = "the index day"


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


def column(name: str) -> str:
    """Name a column as people read it."""
    if name.startswith("person:"):
        return f"the person's {column(name.removeprefix('person:'))}"
    if name.startswith("ratio:"):
        first, _, second = name.removeprefix("ratio:").partition("/")
        return f"{column(first)} / {column(second)}"
    known = {
        "birth_years": "age (calendar year less year of birth)",
        "birth_years_at_end": "age at the end (calendar year less year of birth)",
        "length": "length in days",
        "code": "code",
        "stay_id": "stay",
        "event_id": "event",
        "stay_concept_id": "kind of stay",
        "value_as_concept_id": "value as concept",
    }
    return known.get(name, name.removesuffix("_concept_id").removesuffix("_id").replace("_", " "))


def _point(day: Bound, anchor: str = INDEX) -> str:
    if isinstance(day, str):
        return PERIOD[day]
    if not day:
        return anchor
    return f"{days(abs(day))} {'before' if day < 0 else 'after'} {anchor}"


def _open_window(start: Bound, end: Bound, anchor: str) -> str:
    if start is None and end is None:
        return "at any time"
    if start is None:
        fixed: dict[Bound, str] = {-1: f"at any time before {anchor}", 0: f"at any time up to {anchor}"}
        return fixed.get(end, f"at any time up to {_point(end, anchor)}")
    fixed = {1: f"at any time after {anchor}", 0: f"at any time from {anchor} on"}
    return fixed.get(start, f"at any time from {_point(start, anchor)} on")


def window(start: Bound, end: Bound, anchor: str = INDEX) -> str:
    """Say a window in words; days count from the anchor."""
    if start is None or end is None:
        return _open_window(start, end, anchor)
    if isinstance(start, str) or isinstance(end, str):
        return f"from {_point(start, anchor)} to {_point(end, anchor)}"
    return _days_window(start, end, anchor)


def _days_window(start: int, end: int, anchor: str) -> str:
    if start == end:
        return f"on {anchor}" if start == 0 else f"exactly {_point(start, anchor)}"
    if end == -1 and start < end:
        return f"in the {days(-start)} before {anchor}"
    if start == 1 and end > start:
        return f"in the {days(end)} after {anchor}"
    if (end < 0 or start > 0) and start * end > 0:
        first, last, side = (-start, -end, "before") if end < 0 else (start, end, "after")
        return f"from {first} to {days(last)} {side} {anchor}"
    return f"from {_point(start, anchor)} to {_point(end, anchor)}"


def bounds(low: int | None, high: int | None) -> str:
    """Say how many: "at least 2", "at most 3", "2 to 4", "exactly 1"."""
    if low is not None and high is not None:
        return f"exactly {low}" if low == high else f"{low} to {high}"
    return f"at least {low}" if low is not None else f"at most {high}"
