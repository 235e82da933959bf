"""What can be wrong with the threshold of a model, said before any work starts."""

from __future__ import annotations

from math import isfinite, nan
from numbers import Integral, Real
from typing import Any

from kohort.errors import ArgumentError


def whole(argument: str, value: Any, least: int = 1) -> int:
    """Read a whole number from `least`."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise ArgumentError(f"{argument} must be a whole number from {least}, got {value!r}")
    return int(value)


def number(argument: str, value: Any, low: float, high: float | None = None, *, above: bool = False) -> float:
    """Read a finite number from `low` (or, with `above`, greater than it) to `high`."""
    read = float(value) if isinstance(value, Real) and not isinstance(value, bool) else nan
    usable = isfinite(read) and (read > low if above else read >= low) and (high is None or read <= high)
    if not usable:
        bounds = f"{'above' if above else 'from'} {low:g}" + (f" to {high:g}" if high is not None else "")
        raise ArgumentError(f"{argument} must be a number {bounds}, got {value!r}")
    return read


def column(argument: str, value: Any) -> str:
    """Read the name of one column."""
    if not isinstance(value, str):
        raise ArgumentError(f"{argument} must be the name of one column, got {type(value).__qualname__}")
    return value


def one_of(argument: str, value: Any, known: tuple[str, ...]) -> None:
    """Refuse a choice that is not offered."""
    if value not in known:
        raise ArgumentError(f"{argument} must be one of {', '.join(map(repr, known))}, got {value!r}")


def significance(value: Any) -> float:
    """Read a probability of error, between 0 and 1."""
    read = number("significance", value, 0, 1, above=True)
    if read == 1:
        raise ArgumentError(f"significance must be a number below 1, got {value!r}")
    return read
