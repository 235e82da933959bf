"""Conditions on the columns of an event: numbers, concepts, days and text that it must have."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from kohort.definition import checks, english
from kohort.definition.codesets import Codes
from kohort.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Iterable

Value: TypeAlias = int | float | str

COMPARED = {"lt": "<", "le": "≤", "eq": "=", "ne": "≠", "ge": "≥", "gt": ">"}
RANGES = {"between": "from", "outside": "not from"}
LISTS = {"in": "in", "not_in": "not in"}
NULLS = {"null": "not recorded", "not_null": "recorded"}
LIKES = {"like": "like", "not_like": "not like"}
OPERATORS = (*COMPARED, *RANGES, *LISTS, *NULLS, *LIKES)


def column_name(value: object) -> str:
    """Take the name of a column."""
    return checks.line(value, "the name of a column")


def plain(value: object, what: str) -> Value:
    """Take a number, text or a day; whole numbers are written without a fraction and days as ISO text."""
    if isinstance(value, datetime):
        raise DefinitionError(f"{what} is {checks.show(value)}, a moment rather than a day: hand in its .date().")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return int(value) if value.is_integer() else value
    if not isinstance(value, bool) and hasattr(value, "__index__"):
        return int(value)
    raise DefinitionError(f"{what} is {checks.show(value)}, which is no number, text or day: write one of them.")


@dataclass(frozen=True, slots=True)
class Other:
    """Another column of the event, in the place of a value."""

    column: str


class Condition:
    """What one event must have; handed to :meth:`Events.where`, joined with ``|``."""

    __slots__ = ()

    def plan(self) -> dict[str, Any]:
        """Return the condition as the plan writes it."""
        raise NotImplementedError

    def __or__(self, other: object) -> AnyCondition:
        return AnyCondition((self, as_condition(other, "the right side of |")))

    def __and__(self, other: object) -> NoReturn:
        raise DefinitionError(
            f"the condition “{self}” is joined with &: hand both sides to one .where(...), where all of them must hold."
        )

    def __bool__(self) -> NoReturn:
        raise DefinitionError(
            f"the condition “{self}” is neither true nor false before it meets an event: hand it to .where(...), "
            f"join it with | instead of or, and write .between(a, b) instead of a < x < b."
        )

    def __repr__(self) -> str:
        return f"<condition: {self}>"


@dataclass(frozen=True, slots=True, repr=False)
class Filter(Condition):
    """A column compared with a value, a range (two values), a list, a code set, or another column; see :func:`column`.

    A value that is not recorded meets no condition but `null`.
    """

    column: str
    op: str
    value: Value | tuple[Value, ...] | Codes | Other | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "column", column_name(self.column))
        checks.choice(self.op, OPERATORS, f"the comparison of {self.column}")
        object.__setattr__(self, "value", self._operand())

    def _operand(self) -> Value | tuple[Value, ...] | Codes | Other | None:
        value, what = self.value, f"the value that {self.column} is compared with"
        if self.op in NULLS and value is not None:
            raise DefinitionError(f"{self.op} of {self.column} has a value, {checks.show(value)}: leave it away.")
        if self.op in RANGES and not (isinstance(value, tuple) and len(value) == 2):
            raise DefinitionError(f"the range of {self.column} is {checks.show(value)}: write its two ends.")
        if self.op in LIKES and not isinstance(value, str):
            raise DefinitionError(f"{what} is {checks.show(value)}, which is not text: write it in quotes.")
        if isinstance(value, Other) and self.op not in ("lt", "gt"):
            raise DefinitionError(
                f"{self.column} and {value.column} are compared as {self.op}, where columns compare as lt and gt "
                f"alone: write < or >."
            )
        if isinstance(value, Codes) and self.op not in LISTS:
            raise DefinitionError(f"{self.column} is compared as {self.op} with a code set: write .is_in(codes).")
        if self.op in NULLS or isinstance(value, Codes | Other):
            return value
        if self.op in (*RANGES, *LISTS):
            return tuple(plain(item, what) for item in (value if isinstance(value, tuple) else (value,)))
        return plain(value, what)

    def __str__(self) -> str:
        name, value = english.column(self.column), self.value
        if self.op in NULLS:
            return f"{name} {NULLS[self.op]}"
        if isinstance(value, Codes):
            return f"{name} {LISTS[self.op]} {value}"
        if self.op in LISTS:
            assert isinstance(value, tuple)  # noqa: S101 (for the type checker)
            said = [str(item) for item in value]
            return f"{name}{' not' * (self.op == 'not_in')} {english.listed(said, 'or') if said else 'none'}"
        if self.op in RANGES:
            assert isinstance(value, tuple)  # noqa: S101 (for the type checker)
            return f"{name} {RANGES[self.op]} {value[0]} to {value[1]}"
        if self.op in LIKES:
            return f"{name} {LIKES[self.op]} “{value}”"
        other = english.column(value.column) if isinstance(value, Other) else value
        return f"{name} {COMPARED[self.op]} {other}"

    def plan(self) -> dict[str, Any]:
        """Return the filter as the plan writes it."""
        plan: dict[str, Any] = {"column": self.column, "op": self.op}
        value = self.value
        if self.op in NULLS:
            return plan
        if isinstance(value, Codes):
            return plan | {"codes": value.plan()}
        if isinstance(value, Other):
            return plan | {"other": value.column}
        if isinstance(value, tuple):
            pair = self.op in RANGES
            return plan | ({"value": value[0], "extent": value[1]} if pair else {"values": list(value)})
        return plan | {"value": value}


@dataclass(frozen=True, slots=True, repr=False)
class AnyCondition(Condition):
    """Conditions of which one must hold; made by ``|``."""

    of: tuple[Condition, ...]

    def __post_init__(self) -> None:
        flat: list[Condition] = []
        for part in self.of:
            flat.extend(part.of if isinstance(part, AnyCondition) else (as_condition(part, "a condition"),))
        object.__setattr__(self, "of", tuple(flat))

    def __str__(self) -> str:
        return f"({' or '.join(str(part) for part in self.of) or 'nothing'})"

    def plan(self) -> dict[str, Any]:
        """Return the conditions as the plan writes them."""
        return {"any": [part.plan() for part in self.of]}


def as_condition(value: object, what: str) -> Condition:
    """Take a condition on columns."""
    if isinstance(value, Condition):
        return value
    said = f"the column {value.name}, not compared yet" if isinstance(value, Column) else checks.show(value)
    raise DefinitionError(f'{what} is {said}, which is no condition: write one, as in kh.column("quantity") > 2.')


def conditions(values: Iterable[object], what: str) -> tuple[Condition, ...]:
    """Take conditions, in their order."""
    return tuple(as_condition(value, what) for value in values)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Column:
    """A column of the events, to be compared; made by :func:`column`. What is not recorded meets no comparison."""

    name: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", column_name(self.name))

    def __lt__(self, value: Value | date | Column) -> Filter:
        return self._compared("lt", value)

    def __le__(self, value: Value | date) -> Filter:
        return self._compared("le", value)

    def __gt__(self, value: Value | date | Column) -> Filter:
        return self._compared("gt", value)

    def __ge__(self, value: Value | date) -> Filter:
        return self._compared("ge", value)

    def __eq__(self, value: object) -> Any:
        return self.name == value.name if isinstance(value, Column) else self._compared("eq", value)

    def __ne__(self, value: object) -> Any:
        return self.name != value.name if isinstance(value, Column) else self._compared("ne", value)

    def __hash__(self) -> int:
        return hash((Column, self.name))

    def __bool__(self) -> NoReturn:
        raise DefinitionError(
            f'the column {self.name} is neither true nor false: compare it, as in kh.column("{self.name}") > 2.'
        )

    def __repr__(self) -> str:
        return f"<column {self.name}>"

    def between(self, low: Value | date, high: Value | date) -> Filter:
        """Require a value from `low` to `high`, both included."""
        ends = plain(low, "the low end"), plain(high, "the high end")
        if isinstance(ends[0], str) == isinstance(ends[1], str) and ends[0] > ends[1]:  # type: ignore[operator]
            raise DefinitionError(
                f"the range of {self.name} runs from {ends[0]} to {ends[1]}, which ends before it begins: swap the two."
            )
        return Filter(self.name, "between", ends)

    def outside(self, low: Value | date, high: Value | date) -> Filter:
        """Require a value below `low` or above `high`."""
        return Filter(self.name, "outside", self.between(low, high).value)

    def is_in(self, values: Codes | Iterable[Value]) -> Filter:
        """Require one of several values, or a concept of a code set."""
        return Filter(self.name, "in", self._listed(values))

    def not_in(self, values: Codes | Iterable[Value]) -> Filter:
        """Require a recorded value that is none of several, nor of a code set."""
        return Filter(self.name, "not_in", self._listed(values))

    def is_null(self) -> Filter:
        """Require that nothing is recorded."""
        return Filter(self.name, "null")

    def is_not_null(self) -> Filter:
        """Require that something is recorded."""
        return Filter(self.name, "not_null")

    def like(self, text: str) -> Filter:
        """Require text that fits a pattern of SQL: % any text, _ any one character; case matters."""
        return Filter(self.name, "like", text)

    def not_like(self, text: str) -> Filter:
        """Require text that does not fit a pattern of SQL."""
        return Filter(self.name, "not_like", text)

    def _compared(self, op: str, value: object) -> Filter:
        other: Any = Other(value.name) if isinstance(value, Column) else value
        return Filter(self.name, op, other)

    def _listed(self, values: object) -> Any:
        if isinstance(values, Codes):
            return values
        if isinstance(values, str) or not hasattr(values, "__iter__"):
            raise DefinitionError(
                f"the values of {self.name} are {checks.show(values)}, which is no list: write [{values!r}]."
            )
        return tuple(values)


def column(name: str) -> Column:
    """Name a column of the events, to keep those whose value is right.

    Parameters
    ----------
    name
        A column that the domain stores (for OMOP data the name in the CDM, such as ``value_as_number``), ``code``,
        ``start``, ``end``, ``length`` in days, ``birth_years`` (calendar year minus year of birth), ``event_id``,
        ``stay_id``, ``person:`` with a column of the persons, or ``ratio:a/b`` of two columns.

    Returns
    -------
    Column
        Compared with ``<``, ``<=``, ``==``, ``!=``, ``>=``, ``>``, `.between`, `.outside`, `.is_in`, `.not_in`,
        `.is_null`, `.is_not_null`, `.like` and `.not_like`.

    Raises
    ------
    DefinitionError
        When the name is blank or not text.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.column("value_as_number") > 7.5
    <condition: value as number > 7.5>
    >>> kh.measurement().where(kh.column("value_as_number").between(5, 7)).on_index().any()
    <criterion: a measurement with value as number from 5 to 7 on the index day>
    """
    return Column(name)
