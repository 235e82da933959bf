"""Criteria on the person: age at the index day, and sex."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, overload

from kohort.definition import checks, english
from kohort.definition.logic import Criterion, Unfinished
from kohort.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Collection

OLDEST = 150
SEXES = {"female": "female", "f": "female", "male": "male", "m": "male", "unknown": "unknown"}


@dataclass(frozen=True, slots=True, repr=False)
class AgeCriterion(Criterion):
    """Completed years at the index day lie in [at_least, at_most]; made by comparing :func:`age`."""

    at_least: int | None
    at_most: int | None

    def __post_init__(self) -> None:
        for field in ("at_least", "at_most"):
            value = checks.optional_whole(getattr(self, field), "the age in completed years", low=0, high=OLDEST)
            object.__setattr__(self, field, value)
        if self.at_least is None and self.at_most is None:
            raise DefinitionError("an age without a bound holds for everybody: write one, as in kh.age() >= 18.")
        checks.ordered(self.at_least, self.at_most, "the age")

    def __str__(self) -> str:
        low, high = self.at_least, self.at_most
        if high is None:
            return f"aged {low} or older"
        if low is None:
            return f"aged {high} or younger"
        return f"aged {low}" if low == high else f"aged {low} to {high}"

    def plan(self) -> dict[str, Any]:
        """Return the criterion as the plan writes it."""
        return {"kind": "age", "at_least": self.at_least, "at_most": self.at_most}


class Age(Unfinished):
    """The age at the index day, to be compared with a number of years; made by :func:`age`."""

    __slots__ = ()
    _missing: ClassVar[str] = "compare it, as in (kh.age() >= 18), each comparison in parentheses"

    def __ge__(self, years: int) -> AgeCriterion:
        return AgeCriterion(self._years(years), None)

    def __gt__(self, years: int) -> AgeCriterion:
        return AgeCriterion(self._years(years) + 1, None)

    def __le__(self, years: int) -> AgeCriterion:
        return AgeCriterion(None, self._years(years))

    def __lt__(self, years: int) -> AgeCriterion:
        return AgeCriterion(None, self._years(years, low=1) - 1)

    @overload  # type: ignore[override]
    def __eq__(self, years: Age) -> bool: ...
    @overload
    def __eq__(self, years: int) -> AgeCriterion: ...
    def __eq__(self, years: int | Age) -> AgeCriterion | bool:
        return True if isinstance(years, Age) else self.between(years, years)

    @overload  # type: ignore[override]
    def __ne__(self, years: Age) -> bool: ...
    @overload
    def __ne__(self, years: int) -> Criterion: ...
    def __ne__(self, years: int | Age) -> Criterion | bool:
        return False if isinstance(years, Age) else ~self.between(years, years)

    def __hash__(self) -> int:
        return hash(Age)

    def __str__(self) -> str:
        return "the age"

    def __repr__(self) -> str:
        return "<age: compare it with a number of years>"

    def between(self, low: int, high: int) -> AgeCriterion:
        """Require an age from `low` to `high` completed years, both included."""
        return AgeCriterion(self._years(low), self._years(high))

    def _years(self, value: object, low: int = 0) -> int:
        return checks.whole(value, "the age in completed years", low=low, high=OLDEST)


def age() -> Age:
    """Ask for the age at the index day, in completed years.

    Compare it with ``>=``, ``>``, ``<=``, ``<``, ``==``, ``!=`` or ``.between(a, b)`` (both included). A warehouse
    knows the month of birth, not the day: years are completed on the first day of the birth month. Someone born in
    May 2000 is 18 from 2018-05-01 on.

    Returns
    -------
    Age

    Raises
    ------
    DefinitionError
        When compared with anything but whole years from 0 to 150.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.age() >= 18
    <criterion: aged 18 or older>
    >>> kh.age().between(18, 64).plan()
    {'kind': 'age', 'at_least': 18, 'at_most': 64}
    """
    return Age()


@dataclass(frozen=True, slots=True, repr=False)
class SexCriterion(Criterion):
    """The sex is one of some; made by comparing :func:`sex`."""

    one_of: tuple[str, ...]

    def __post_init__(self) -> None:
        names = []
        for value in self.one_of:
            name = SEXES.get(value.casefold()) if isinstance(value, str) else None
            if name is None:
                raise DefinitionError(
                    f"the sex is {checks.show(value)}, which is not known: "
                    f'choose from "female", "male" and "unknown", or F and M.'
                )
            names.append(name)
        if not names:
            raise DefinitionError('the sex is one of none: name at least one, as in kh.sex().is_in(["female"]).')
        object.__setattr__(self, "one_of", tuple(sorted(set(names))))

    def __str__(self) -> str:
        return english.listed([name if name != "unknown" else "of unknown sex" for name in self.one_of], "or")

    def plan(self) -> dict[str, Any]:
        """Return the criterion as the plan writes it."""
        return {"kind": "sex", "is": list(self.one_of)}


class Sex(Unfinished):
    """The sex, to be compared with a name; made by :func:`sex`."""

    __slots__ = ()
    _missing: ClassVar[str] = 'compare it, as in (kh.sex() == "female"), each comparison in parentheses'

    @overload  # type: ignore[override]
    def __eq__(self, name: Sex) -> bool: ...
    @overload
    def __eq__(self, name: str) -> SexCriterion: ...
    def __eq__(self, name: str | Sex) -> SexCriterion | bool:
        return True if isinstance(name, Sex) else SexCriterion((name,))

    @overload  # type: ignore[override]
    def __ne__(self, name: Sex) -> bool: ...
    @overload
    def __ne__(self, name: str) -> Criterion: ...
    def __ne__(self, name: str | Sex) -> Criterion | bool:
        return False if isinstance(name, Sex) else ~SexCriterion((name,))

    def __hash__(self) -> int:
        return hash(Sex)

    def __str__(self) -> str:
        return "the sex"

    def __repr__(self) -> str:
        return '<sex: compare it with "female", "male" or "unknown">'

    def is_in(self, names: Collection[str]) -> SexCriterion:
        """Require one of several, as in ``kh.sex().is_in(["female", "unknown"])``."""
        if isinstance(names, str) or not hasattr(names, "__iter__"):
            raise DefinitionError(f'is_in takes a list, not {checks.show(names)}: write kh.sex() == "female" for one.')
        return SexCriterion(tuple(names))


def sex() -> Sex:
    """Ask for the sex as the warehouse has it: "female" (or F), "male" (or M), "unknown"; in any case.

    Returns
    -------
    Sex
        To be compared with ``==``, ``!=`` or ``.is_in([...])``.

    Raises
    ------
    DefinitionError
        When compared with anything else; numbers too, since countries number the sexes differently.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.sex() == "F"
    <criterion: female>
    """
    return Sex()
