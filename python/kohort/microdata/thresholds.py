"""What can be wrong with the threshold of a model, said before any work starts."""

from __future__ import annotations

from math import isfinite
from numbers import Integral, Real
from typing import Any

from kohort.errors import ArgumentError


def whole(argument: str, value: Any, least: int = 1) -> int:
    """Read a whole number from `least`."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise ArgumentError(f"{argument} must be a whole number from {least}, got {value!r}")
    return int(value)


def number(
    argument: str, value: Any, low: float, high: float | None = None, *, above: bool = False, what: str = ""
) -> float:
    """Read a finite number from `low` (or, with `above`, greater than it) to `high`."""
    usable = (
        isinstance(value, Real)
        and not isinstance(value, bool)
        and isfinite(value)
        and (value > low if above else value >= low)
        and (high is None or value <= high)
    )
    if not usable:
        bounds = f"{'above' if above else 'from'} {low:g}" + (f" to {high:g}" if high is not None else "")
        raise ArgumentError(f"{argument} must be a number {bounds}{what}, got {value!r}")
    return float(value)


def column(argument: str, value: Any) -> str:
    """Read the name of one column."""
    if not isinstance(value, str):
        raise ArgumentError(f"{argument} must be the name of one column, got {type(value).__qualname__}")
    return value


def one_of(argument: str, value: Any, known: tuple[str, ...]) -> None:
    """Refuse a choice that is not offered."""
    if value not in known:
        raise ArgumentError(f"{argument} must be one of {', '.join(map(repr, known))}, got {value!r}")
