"""What can be wrong with the arguments of a microdata function, said before any work starts."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from numbers import Integral
from typing import TYPE_CHECKING, Any

from kohort.errors import ArgumentError
from kohort.hierarchy import Hierarchy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kohort._frames import Frame


def names(argument: str, value: str | Iterable[str]) -> list[str]:
    """Read a column name, or several; a single string is one name."""
    if isinstance(value, str):
        return [value]
    listed = list(value) if isinstance(value, Iterable) else [value]
    for name in listed:
        if not isinstance(name, str):
            raise ArgumentError(f"{argument} must be column names, got {type(name).__qualname__}")
    repeated = [name for position, name in enumerate(listed) if name in listed[:position]]
    if repeated:
        raise ArgumentError(f"{argument} names column {repeated[0]!r} twice: name each column once")
    return listed


def columns(frame: Frame, quasi_identifiers: Sequence[str], sensitive: Sequence[str] = ()) -> None:
    """Refuse columns that are absent, ambiguous, or in two roles."""
    if not quasi_identifiers:
        raise ArgumentError("quasi_identifiers is empty: name the columns that someone outside may know of a person")
    present = frame.columns
    for name in (*quasi_identifiers, *sensitive):
        if name not in present:
            texts = [other for other in present if isinstance(other, str)]
            near = get_close_matches(name, texts, n=3, cutoff=0.5) or texts[:8]
            raise ArgumentError(f"there is no column {name!r}; the nearest names are {', '.join(map(repr, near))}")
        if present.count(name) > 1:
            raise ArgumentError(f"the frame has several columns called {name!r}: rename them")
    for name in sensitive:
        if name in quasi_identifiers:
            raise ArgumentError(
                f"column {name!r} is named both as quasi-identifier and as sensitive: what is known cannot be "
                "disclosed, so give it one role"
            )


def threshold(k: int) -> None:
    """Refuse a k that is not a whole number from 1."""
    if isinstance(k, bool) or not isinstance(k, Integral) or k < 1:
        raise ArgumentError(f"k must be a whole number from 1 (French health data: 11), got {k!r}")


def null_semantics(nulls: str) -> None:
    """Refuse a reading of missing values that is not offered."""
    if nulls not in ("category", "any"):
        raise ArgumentError(
            "nulls must be 'category' (a missing value is a value of its own) or 'any' (it matches every value), "
            f"got {nulls!r}"
        )


def person(frame: Frame, name: str | None, others: Sequence[str]) -> list[str]:
    """Refuse a person column that is absent, ambiguous or in another role; give it as a list of none or one."""
    if name is None:
        return []
    if not isinstance(name, str):
        raise ArgumentError(f"person must be the name of one column, got {type(name).__qualname__}")
    if name in others:
        raise ArgumentError(
            f"column {name!r} is named both as person and as quasi-identifier or sensitive: give it one role"
        )
    columns(frame, [name])
    return [name]


def hierarchies(argument: str, value: Any, what: str = "each column is") -> dict[str, Hierarchy]:
    """Read what says by column how it is generalized."""
    if not hasattr(value, "items"):
        raise ArgumentError(
            f"{argument} must say how {what} generalized, such as "
            '{"age": kh.hierarchy.intervals(5, 10)}, got ' + type(value).__qualname__
        )
    read = dict(value.items())
    names(argument, read)
    for name, hierarchy in read.items():
        if not isinstance(hierarchy, Hierarchy):
            raise ArgumentError(
                f"column {name!r} needs a hierarchy from kohort.hierarchy, got {type(hierarchy).__qualname__}"
            )
    return read


def some_rows(rows: int) -> None:
    """Refuse a frame of no rows."""
    if rows == 0:
        raise ArgumentError(
            "the frame has no rows, and every k would be true of nobody: look at the filter that made it empty"
        )
