"""Named criteria in the order in which they are applied, and lists of events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from kohort.definition import checks
from kohort.definition.events import Events
from kohort.definition.logic import Criterion, as_criterion
from kohort.definition.windowed import WindowedEvents
from kohort.errors import DefinitionError


@dataclass(frozen=True, slots=True)
class Rule:
    """A named criterion that a row must meet (require) or must not meet (exclude)."""

    name: str
    kind: Literal["require", "exclude"]
    when: Criterion

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", checks.line(self.name, "the name of a rule"))
        checks.choice(self.kind, ("require", "exclude"), f"the kind of rule {self.name!r}")
        as_criterion(self.when, f"the criterion of rule {self.name!r}")

    def plan(self) -> dict[str, Any]:
        """Return the rule as the plan writes it."""
        return {"name": self.name, "kind": self.kind, "when": self.when.plan()}


@dataclass(frozen=True, slots=True)
class Qualification:
    """What entry events must meet before the rules, and which of those that do so stay."""

    when: Criterion
    limit: Literal["first", "last", "all"]

    def __post_init__(self) -> None:
        as_criterion(self.when, "the criterion of .qualify(...)")
        checks.choice(self.limit, ("first", "last", "all"), "the limit of .qualify(...)")

    def plan(self) -> dict[str, Any]:
        """Return the qualification as the plan writes it."""
        return {"when": self.when.plan(), "limit": self.limit}


def listed_events(given: object, what: str, *, repeated: bool = False) -> tuple[Events, ...]:
    """Take none, one or several events, each once unless they may be repeated, in the order given."""
    if given is None:
        return ()
    values = given if isinstance(given, Iterable) and not isinstance(given, str) else (given,)
    found: list[Events] = []
    for value in values:
        if not isinstance(value, Events):
            why = ", which has a window: leave the window away" if isinstance(value, WindowedEvents) else ""
            name = value if isinstance(value, WindowedEvents | Criterion) else checks.show(value)
            raise DefinitionError(f"{what} is {name}{why or ': hand in events such as kh.drug(codes)'}.")
        found.append(value.ungrouped(what))
    return tuple(found if repeated else dict.fromkeys(found))
