"""Code sets that have a name: found in the parts of a definition, written once in its plan, put back on reading."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from kohort.definition import checks
from kohort.definition.codesets import Codes, NamedCodes
from kohort.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class CodeBook:
    """Code sets by name, in the order in which they were given, which makes no difference to what they mean."""

    sets: tuple[Codes, ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CodeBook) and frozenset(self.sets) == frozenset(other.sets)

    def __hash__(self) -> int:
        return hash(frozenset(self.sets))

    def __iter__(self) -> Iterator[Codes]:
        return iter(self.sets)

    def __len__(self) -> int:
        return len(self.sets)

    def joined(self, more: Iterable[Codes]) -> CodeBook:
        """Add code sets; two of one name must be the same."""
        found = {codes.name: codes for codes in self.sets}
        for codes in more:
            if found.setdefault(codes.name, codes) != codes:
                raise DefinitionError(
                    f"two different code sets have the name {codes.name!r}: give each a name of its own."
                )
        return self if len(found) == len(self.sets) else CodeBook(tuple(found.values()))

    def plan(self) -> dict[str, Any]:
        """Return the code sets as the plan writes them."""
        return {str(codes.name): dict(codes.plan()) for codes in self.sets}


def parts_of(kind: type[T], part: object) -> Iterator[T]:
    """Find all parts of a kind within a part of a definition, in the order of its fields."""
    if isinstance(part, kind):
        yield part
    if isinstance(part, tuple):
        for item in part:
            yield from parts_of(kind, item)
    elif is_dataclass(part) and not isinstance(part, Codes):
        for field in fields(part):
            yield from parts_of(kind, getattr(part, field.name))


def named_in(part: object) -> Iterator[Codes]:
    """Find the code sets with a name in a part of a definition."""
    return (codes for codes in parts_of(Codes, part) if codes.name is not None)


def referring(plan: Any) -> Any:
    """Write references in the place of code sets that have a name."""
    if isinstance(plan, NamedCodes):
        return {"set": plan.name}
    if isinstance(plan, dict):
        return {name: referring(value) for name, value in plan.items()}
    return [referring(value) for value in plan] if isinstance(plan, list) else plan


def resolved(plan: Any, path: str, book: Mapping[str, Codes]) -> Any:
    """Put code sets in the place of references to them."""
    if isinstance(plan, list):
        return [resolved(value, f"{path}[{place}]", book) for place, value in enumerate(plan)]
    if not isinstance(plan, dict):
        return plan
    if plan.keys() != {"set"}:
        return {name: resolved(value, f"{path}.{name}" if path else str(name), book) for name, value in plan.items()}
    name = plan["set"]
    if not isinstance(name, str) or name not in book:
        known = checks.hint(name, list(book)) if book else "add it to code_sets"
        raise DefinitionError(f"{path}.set is {checks.show(name)}, which code_sets lacks: {known}.")
    return book[name]
