"""Criteria, and how they are joined: all, any, at least n, at most n, not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NoReturn

from kohort.definition import checks
from kohort.errors import DefinitionError


class Unfinished:
    """What is on its way to a criterion; using it as one is refused, with what is missing."""

    __slots__ = ()

    _missing: ClassVar[str]

    def _refuse(self, _other: object = None) -> NoReturn:
        raise DefinitionError(
            f"{self} is not a criterion yet, neither true nor false, and cannot be joined: {self._missing}."
        )

    __bool__ = _refuse
    __and__ = _refuse
    __rand__ = _refuse
    __or__ = _refuse
    __ror__ = _refuse
    __invert__ = _refuse


class Criterion:
    """A statement about a person and an index day, true or false once it meets a warehouse.

    Joined with ``&`` (and), ``|`` (or) and ``~`` (not). Immutable, hashable; equal when written alike.
    ``str()`` says it in English, :meth:`plan` as the plan does.
    """

    __slots__ = ()

    def plan(self) -> dict[str, Any]:
        """Return the criterion as the plan writes it."""
        raise NotImplementedError

    def __and__(self, other: object) -> Criterion:
        return all_of(self, as_criterion(other, "the right side of &"))

    def __or__(self, other: object) -> Criterion:
        return any_of(self, as_criterion(other, "the right side of |"))

    def __invert__(self) -> Criterion:
        return Not(self)

    def __rand__(self, other: object) -> NoReturn:
        as_criterion(other, "the left side of &")
        raise AssertionError(other)  # a criterion has its own &

    def __ror__(self, other: object) -> NoReturn:
        as_criterion(other, "the left side of |")
        raise AssertionError(other)

    def __bool__(self) -> NoReturn:
        raise DefinitionError(
            f'the criterion "{self}" is neither true nor false before it meets a warehouse: join criteria with &, | '
            f"and ~ instead of and, or and not, and write .between(a, b) instead of a < x < b."
        )

    def __repr__(self) -> str:
        return f"<criterion: {self}>"


def as_criterion(value: object, what: str) -> Criterion:
    """Take a criterion; of everything else say what is missing."""
    if isinstance(value, Criterion):
        return value
    if isinstance(value, Unfinished):
        raise DefinitionError(f"{what} is {value}, which is not a criterion yet: {value._missing}.")  # noqa: SLF001
    if isinstance(value, int) and not isinstance(value, bool):
        raise DefinitionError(
            f"{what} is {value}, a number: put parentheses around each comparison, as in (kh.age() >= 18) & (...), "
            f"since & and | bind more tightly."
        )
    star = ": unpack it with a star" if isinstance(value, list | tuple | set) else ""
    raise DefinitionError(
        f"{what} is {checks.show(value)}, which is not a criterion{star or ': write one such as kh.age() >= 18'}."
    )


@dataclass(frozen=True, slots=True, repr=False)
class Group(Criterion):
    """All of, or any of, some criteria; nested groups of the same kind are one. Made by ``&`` and ``|``."""

    kind: Literal["all", "any"]
    of: tuple[Criterion, ...]

    def __post_init__(self) -> None:
        flat: list[Criterion] = []
        for part in self.of:
            flat.extend(part.of if isinstance(part, Group) and part.kind == self.kind else (part,))
        object.__setattr__(self, "of", tuple(flat))

    def __str__(self) -> str:
        return (", and " if self.kind == "all" else ", or ").join(_inside(part) for part in self.of)

    def plan(self) -> dict[str, Any]:
        """Return the group as the plan writes it."""
        return {"kind": self.kind, "of": [part.plan() for part in self.of]}


@dataclass(frozen=True, slots=True, repr=False)
class Threshold(Criterion):
    """At least, or at most, n of some criteria; made by :func:`at_least` and :func:`at_most`."""

    kind: Literal["at_least", "at_most"]
    n: int
    of: tuple[Criterion, ...]

    def __post_init__(self) -> None:
        checks.choice(self.kind, ("at_least", "at_most"), "the kind of a threshold")
        object.__setattr__(self, "n", checks.whole(self.n, f"the number in {self.kind}"))

    def telling(self) -> Threshold:
        """Refuse a number that makes the answer the same for everybody, which nobody writes on purpose."""
        words, number, count = self.kind.replace("_", " "), self.n, len(self.of)
        low, high = (1, count) if self.kind == "at_least" else (0, count - 1)
        if not low <= number <= high:
            always = "always" if (number < low) == (self.kind == "at_least") else "never"
            raise DefinitionError(
                f"{words} {number} of {count} criteria is {always} true: write a number from {low} to {high}."
                if high >= low
                else f"{words} {number} of {count} criteria is {always} true: hand in the criteria to count."
            )
        return self

    def __str__(self) -> str:
        return f"{self.kind.replace('_', ' ')} {self.n} of: {'; '.join(_inside(part) for part in self.of)}"

    def plan(self) -> dict[str, Any]:
        """Return the threshold as the plan writes it."""
        return {"kind": self.kind, "n": self.n, "of": [part.plan() for part in self.of]}


@dataclass(frozen=True, slots=True, repr=False)
class Not(Criterion):
    """The opposite of a criterion; made by ``~``."""

    of: Criterion

    def __invert__(self) -> Criterion:
        return self.of

    def __str__(self) -> str:
        return f"not ({self.of})"

    def plan(self) -> dict[str, Any]:
        """Return the opposite as the plan writes it."""
        return {"kind": "not", "of": self.of.plan()}


def _inside(part: Criterion) -> str:
    return f"({part})" if isinstance(part, Group | Threshold) else str(part)


def _operands(criteria: tuple[object, ...], what: str) -> tuple[Criterion, ...]:
    if not criteria:
        raise DefinitionError(f"{what}() has no criteria: hand in one or more.")
    return tuple(as_criterion(value, f"argument {place} of {what}") for place, value in enumerate(criteria, start=1))


def all_of(*criteria: Criterion) -> Criterion:
    """Join criteria that must all hold; the same as ``&``.

    Parameters
    ----------
    *criteria
        What to join; at least one.

    Raises
    ------
    DefinitionError
        When an argument is not a criterion.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.all_of(kh.age() >= 18, kh.sex() == "female")
    <criterion: aged 18 or older, and female>
    """
    parts = _operands(criteria, "all_of")
    return parts[0] if len(parts) == 1 else Group("all", parts)


def any_of(*criteria: Criterion) -> Criterion:
    """Join criteria of which one must hold; the same as ``|``.

    Parameters
    ----------
    *criteria
        What to join; at least one.

    Raises
    ------
    DefinitionError
        When an argument is not a criterion.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.any_of(kh.age() < 18, kh.age() >= 65)
    <criterion: aged 17 or younger, or aged 65 or older>
    """
    parts = _operands(criteria, "any_of")
    return parts[0] if len(parts) == 1 else Group("any", parts)


def at_least(n: int, *criteria: Criterion) -> Criterion:
    """Require at least `n` of some criteria, 1 <= n <= their number.

    Parameters
    ----------
    n
        The fewest that must hold.
    *criteria
        What to count.

    Raises
    ------
    DefinitionError
        When an argument is not a criterion, or `n` makes the answer the same for everybody.

    Examples
    --------
    >>> import kohort as kh
    >>> insulin, hba1c = kh.drug(kh.codes("ATC", "A10A*")), kh.measurement(kh.codes("NABM", "1577"))
    >>> kh.at_least(1, insulin.before().any(), hba1c.within(-365, 0).count() >= 2).plan()["n"]
    1
    """
    return Threshold("at_least", n, _operands(criteria, "at_least")).telling()


def at_most(n: int, *criteria: Criterion) -> Criterion:
    """Allow at most `n` of some criteria, 0 <= n < their number.

    Parameters
    ----------
    n
        The most that may hold.
    *criteria
        What to count.

    Raises
    ------
    DefinitionError
        When an argument is not a criterion, or `n` makes the answer the same for everybody.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.at_most(1, kh.age() >= 80, kh.sex() == "male", kh.age() < 18).plan()["kind"]
    'at_most'
    """
    return Threshold("at_most", n, _operands(criteria, "at_most")).telling()
