"""Code sets: which codes of a vocabulary are meant. Which of them a warehouse holds is the warehouse's to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, SupportsIndex, overload

from kohort.definition import checks, english
from kohort.definition.patterns import Pattern, normal, read_pattern, vocabulary_name
from kohort.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Iterable


class NamedCodes(dict[str, Any]):
    """The plan of a code set that has a name, by which a cohort's plan refers to it."""

    def __init__(self, name: str, plan: dict[str, Any]) -> None:
        super().__init__(plan)
        self.name = name


LEVELS = {"ATC": {1: 1, 2: 3, 3: 4, 4: 5, 5: 7}, "ICD10": {3: 3, 4: 4}}


@dataclass(frozen=True, slots=True, repr=False)
class Codes:
    """The codes that match a pattern of `include` and none of `exclude`; made by :func:`codes`.

    ``a | b`` is the union and ``a - b`` the difference, each exact: a combination that the two lists cannot
    say is refused. Two code sets are equal when their patterns and names are, whatever order they were written in.
    Without a pattern to include, nothing matches.
    """

    vocabulary: str
    include: tuple[Pattern, ...]
    exclude: tuple[Pattern, ...] = ()
    name: str | None = None

    def __post_init__(self) -> None:
        name = vocabulary_name(self.vocabulary)
        object.__setattr__(self, "vocabulary", name)
        for field in ("include", "exclude"):
            patterns = sorted({normal(name, pattern) for pattern in getattr(self, field)})
            object.__setattr__(self, field, tuple(patterns))
        if self.name is not None:
            object.__setattr__(self, "name", checks.line(self.name, "the name of a code set"))

    def __or__(self, other: object) -> Codes:
        theirs = self._same_kind(other, "|")
        for mine, yours in ((self, theirs), (theirs, self)):
            _only_where_apart(mine.exclude, yours.include, yours.exclude, "union")
        return Codes(self.vocabulary, self.include + theirs.include, self.exclude + theirs.exclude)

    def __sub__(self, other: object) -> Codes:
        theirs = self._same_kind(other, "-")
        _only_where_apart(theirs.exclude, self.include, self.exclude, "difference")
        return Codes(self.vocabulary, self.include, self.exclude + theirs.include)

    def __bool__(self) -> NoReturn:
        raise DefinitionError(
            f"the code set {self} is neither true nor false: join code sets with | and take away with -, "
            f"not with and, or and not."
        )

    def patterns(self) -> str:
        """Say which codes are meant, whatever the name of the set."""
        if not self.include:
            return f"no code of {self.vocabulary}"
        without = f" except {english.listed([str(p) for p in self.exclude], 'and')}" if self.exclude else ""
        return f"{self.vocabulary} {english.listed([str(p) for p in self.include], 'or')}{without}"

    def __str__(self) -> str:
        return self.patterns() if self.name is None else f"“{self.name}”"

    def __repr__(self) -> str:
        return f"<codes: {self}>" if self.name is None else f"<codes {self}: {self.patterns()}>"

    def _same_kind(self, other: object, sign: str) -> Codes:
        if not isinstance(other, Codes):
            raise DefinitionError(
                f"the right side of {sign} is {checks.show(other)}, which is no code set: make one with kh.codes(...)."
            )
        if other.vocabulary != self.vocabulary:
            raise DefinitionError(
                f"a code set holds one vocabulary, not {self.vocabulary} and {other.vocabulary}: keep them apart and "
                f"join the criteria made of each with |, or hand both to .entry(...)."
            )
        return other

    def plan(self) -> dict[str, Any]:
        """Return the code set as the plan writes it, in full; a cohort's plan has those with a name once."""
        plan = {
            "vocabulary": self.vocabulary,
            "include": [pattern.plan() for pattern in self.include],
            "exclude": [pattern.plan() for pattern in self.exclude],
        }
        return plan if self.name is None else NamedCodes(self.name, plan)


def _only_where_apart(
    removed: Iterable[Pattern], include: Iterable[Pattern], exclude: tuple[Pattern, ...], what: str
) -> None:
    """Refuse to merge exclusions that would act on codes they were not written for."""
    for out in removed:
        for kept in include:
            if out not in exclude and not out.apart_from(kept):
                raise DefinitionError(
                    f"the {what} is not one list of patterns, since {out}, excluded on one side, may share codes with "
                    f"{kept} on the other: write the patterns that are meant into one kh.codes(...)."
                )


@dataclass(frozen=True, slots=True, repr=False)
class CodeGroups:
    """All codes of a vocabulary, grouped by their first `length` characters; made by ``codes(..., level=...)``."""

    vocabulary: str
    level: int

    def __post_init__(self) -> None:
        name = vocabulary_name(self.vocabulary)
        object.__setattr__(self, "vocabulary", name)
        levels = LEVELS.get(name)
        if levels is None:
            raise DefinitionError(
                f"the vocabulary {name!r} has no levels here: those of {' and '.join(LEVELS)} are known."
            )
        level = checks.whole(self.level, f"the level of {name}")
        if level not in levels:
            known = english.listed([str(n) for n in levels], "and")
            raise DefinitionError(f"the level of {name} is {level}, which it does not have: its levels are {known}.")
        object.__setattr__(self, "level", level)

    @property
    def length(self) -> int:
        """The number of leading characters that the codes of a group share."""
        return LEVELS[self.vocabulary][self.level]

    def __str__(self) -> str:
        return f"{self.vocabulary} by level {self.level} ({self.length} characters)"

    def __repr__(self) -> str:
        return f"<code groups: {self}>"


@overload
def codes(
    vocabulary: str,
    *patterns: str | int,
    descendants: bool = False,
    exclude: str | int | Iterable[str | int] = (),
    name: str | None = None,
) -> Codes: ...
@overload
def codes(vocabulary: str, *, level: int) -> CodeGroups: ...
def codes(
    vocabulary: str,
    *patterns: str | int,
    descendants: bool = False,
    exclude: str | int | Iterable[str | int] = (),
    level: int | None = None,
    name: str | None = None,
) -> Codes | CodeGroups:
    """Name codes of a vocabulary.

    Parameters
    ----------
    vocabulary
        "ATC", "ICD10", "CCAM", "CIP13", "OMOP" (concept identifiers), or any other that the warehouse has.
    *patterns
        ``"A10BH*"``: every code that begins with A10BH. ``"1118084+"``: the code and its descendants.
        ``"A10BD07"``: this code. Whole numbers are stored as text. Codes of ATC, ICD10 and CCAM may be
        written in any case, those of ICD10 with their dot.
    descendants
        Take the descendants of every pattern, as if each ended in ``+``; of `exclude`, only those that end in it.
    exclude
        Patterns to take away.
    level
        Instead of patterns: all codes, grouped, to characterize a cohort. For ATC the level of the WHO's
        hierarchy, 1 to 5 (1, 3, 4, 5 and 7 characters); for ICD10 the characters, 3 (category) or 4.
    name
        What people call the set; sentences say it instead of the codes, and a plan has the set once under it.

    Returns
    -------
    Codes or, with `level`, CodeGroups
        Immutable, hashable; equal when the patterns are equal. Code sets of one vocabulary are joined with ``|``
        and taken away with ``-``.

    Raises
    ------
    DefinitionError
        When a pattern is empty, holds white space, or a ``*`` inside; by name.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.codes("ATC", "A10BH*", "A10BD07")
    <codes: ATC A10BD07 or A10BH*>
    >>> kh.codes("ICD10", "C67.*") - kh.codes("ICD10", "C67.9")
    <codes: ICD10 C67* except C679>
    >>> kh.codes("OMOP", 1118084, descendants=True)
    <codes: OMOP 1118084+>
    >>> kh.codes("ATC", level=4).length
    5
    """
    known = vocabulary_name(vocabulary)
    checks.flag(descendants, "descendants")
    removed: list[object] = [exclude] if isinstance(exclude, str | SupportsIndex) else _spread(exclude)
    if level is not None:
        if patterns or removed or descendants or name is not None:
            raise DefinitionError(
                f"level={checks.show(level)} groups all codes of {known} and takes no patterns: "
                f"drop the patterns and the name, or the level."
            )
        return CodeGroups(known, level)
    if not patterns:
        raise DefinitionError(
            f'a code set of {known} without a pattern holds no code: write one, as in kh.codes("{known}", "A10BA02").'
        )
    return Codes(
        known,
        tuple(read_pattern(known, pattern, descendants=descendants) for pattern in patterns),
        tuple(read_pattern(known, pattern, descendants=False) for pattern in removed),
        name,
    )


def _spread(exclude: object) -> list[object]:
    try:
        return list(exclude)  # type: ignore[call-overload, no-any-return]
    except TypeError:
        raise DefinitionError(f"exclude is {checks.show(exclude)}: write a pattern or a list of patterns.") from None
