"""Reading Circe's JSON value by value; whatever is unknown or unusable is refused by its place in the expression."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from kohort.definition import checks
from kohort.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

T = TypeVar("T")

CONCEPT = (
    "CONCEPT_ID",
    "CONCEPT_NAME",
    "STANDARD_CONCEPT",
    "STANDARD_CONCEPT_CAPTION",
    "INVALID_REASON",
    "INVALID_REASON_CAPTION",
    "CONCEPT_CODE",
    "DOMAIN_ID",
    "VOCABULARY_ID",
    "CONCEPT_CLASS_ID",
    "VALID_START_DATE",
    "VALID_END_DATE",
)


def below(path: str, name: str) -> str:
    """Name a field of the object at a place."""
    return f"{path}.{name}" if path else name


def record(value: object, path: str, names: Sequence[str]) -> dict[str, Any]:
    """Take an object all of whose fields are known."""
    if not isinstance(value, dict):
        raise DefinitionError(
            f"{path or 'the expression'} is {checks.show(value)}, which is no object: write one with its fields."
        )
    for name in value:
        if name not in names:
            raise DefinitionError(f"{below(path, name)} is not a field that Circe has: {checks.hint(name, names)}.")
    return value


def needed(fields: dict[str, Any], path: str, name: str) -> Any:
    """Take a field that Circe cannot do without."""
    if fields.get(name) is None:
        raise DefinitionError(f"{below(path, name)} is missing: Circe cannot do without it.")
    return fields[name]


def each(value: object, path: str, read: Callable[[object, str], T]) -> list[T]:
    """Read every item of a list; null is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise DefinitionError(f"{path} is {checks.show(value)}, which is no list: write one.")
    return [read(item, f"{path}[{place}]") for place, item in enumerate(value)]


def word(value: object, path: str) -> str:
    """Take text."""
    if not isinstance(value, str):
        raise DefinitionError(f"{path} is {checks.show(value)}, which is not text: write it in quotes.")
    return value


def chosen(value: object, path: str, names: Collection[str]) -> str:
    """Take one of Circe's words, in any case."""
    known = {name.casefold(): name for name in names}
    found = known.get(word(value, path).casefold())
    if found is None:
        raise DefinitionError(
            f"{path} is {checks.show(value)}, which Circe does not know: {checks.hint(value, [*names])}."
        )
    return found


def flag(value: object, path: str) -> bool:
    """Take true or false; null is false."""
    if value is not None and not isinstance(value, bool):
        raise DefinitionError(f"{path} is {checks.show(value)}, which is neither true nor false: write one of them.")
    return bool(value)


def number(value: object, path: str) -> Decimal:
    """Take a number, as it is written."""
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            found = Decimal(str(value))
        except ArithmeticError:
            found = Decimal("nan")
        if found.is_finite():
            return found
    raise DefinitionError(f"{path} is {checks.show(value)}, which is not a number: write one.")


def whole(value: object, path: str) -> int:
    """Take a whole number; what follows the decimal point is cut off, as Java does."""
    return int(number(value, path))


def whole_or(default: int, value: object, path: str) -> int:
    """Take a whole number, or the default in the place of null."""
    return default if value is None else whole(value, path)


def decimal(value: object, path: str) -> int | float:
    """Take a number with four decimals, which is what Circe writes into its SQL."""
    rounded = number(value, path).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return int(rounded) if rounded == int(rounded) else float(rounded)


def day(value: object, path: str) -> str:
    """Take a day, as in 2015-01-31 or 2015-1-31."""
    parts = [part for part in word(value, path).split("-") if part]
    try:
        return date(*(int(part) for part in parts[:3])).isoformat()
    except (TypeError, ValueError):
        raise DefinitionError(
            f"{path} is {checks.show(value)}, which is not a day: write it as year-month-day."
        ) from None


def concept(value: object, path: str) -> int:
    """Take the identifier of a concept."""
    return whole(needed(record(value, path, CONCEPT), path, "CONCEPT_ID"), below(path, "CONCEPT_ID"))


def limit(value: object, path: str) -> str:
    """Take a limit; of a person's events all stay where it is "All", and one where it is anything else."""
    kind = record(value, path, ("Type",)).get("Type", "First")
    if kind is None:
        return "all"
    folded = word(kind, below(path, "Type")).casefold()
    return folded if folded in ("all", "last") else "first"
