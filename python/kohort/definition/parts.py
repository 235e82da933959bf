"""From the parts of a plan back to code sets, events and criteria; refusals name the path."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from kohort.definition import checks
from kohort.definition.codesets import Codes
from kohort.definition.counts import EventCriterion
from kohort.definition.events import Events, WindowedEvents
from kohort.definition.logic import Criterion, Threshold, all_of, any_of
from kohort.definition.patterns import Pattern
from kohort.definition.person import AgeCriterion, SexCriterion
from kohort.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

T = TypeVar("T")


@contextmanager
def at(path: str) -> Iterator[None]:
    """Put the place in the plan before a builder's refusal."""
    try:
        yield
    except DefinitionError as error:
        raise DefinitionError(f"{path}: {error}") from None


def fields(value: object, path: str, names: Sequence[str]) -> dict[str, Any]:
    """Take an object that has exactly these fields."""
    record = typed(value, path, dict, "an object")
    below = "" if path == "plan" else f"{path}."
    for name in record:
        if name not in names:
            raise DefinitionError(f"{below}{name} is not a field of the plan: {checks.hint(name, names)}.")
    for name in names:
        if name not in record:
            raise DefinitionError(f"{below}{name} is missing: write it, since a plan leaves no default unsaid.")
    return record


def typed(value: object, path: str, kind: type[T], word: str) -> T:
    """Take a value of exactly this type."""
    if type(value) is not kind:
        raise DefinitionError(f"{path} is {checks.show(value)}, which is not {word}: write {word}.")
    return value


def each(value: object, path: str, read: Callable[[object, str], T]) -> tuple[T, ...]:
    """Read every item of a list."""
    return tuple(read(item, f"{path}[{place}]") for place, item in enumerate(typed(value, path, list, "a list")))


def words(value: object, path: str) -> str:
    """Take text."""
    return typed(value, path, str, "text")


def number(value: object, path: str) -> int:
    """Take a whole number; true and false are none."""
    return typed(value, path, int, "a whole number")


def optional(value: object, path: str, read: Callable[[object, str], T]) -> T | None:
    """Read a value unless it is null."""
    return None if value is None else read(value, path)


def _pattern(value: object, path: str) -> Pattern:
    record = fields(value, path, ("code", "match"))
    code = words(record["code"], f"{path}.code")
    with at(f"{path}.match"):
        return Pattern(code, record["match"])


def read_codes(value: object, path: str) -> Codes:
    """Read a code set."""
    record = fields(value, path, ("vocabulary", "include", "exclude"))
    vocabulary = words(record["vocabulary"], f"{path}.vocabulary")
    include = each(record["include"], f"{path}.include", _pattern)
    exclude = each(record["exclude"], f"{path}.exclude", _pattern)
    with at(path):
        return Codes(vocabulary, include, exclude)


def read_events(value: object, path: str) -> Events:
    """Read events."""
    record = fields(value, path, ("domain", "codes", "occurrence"))
    domain = words(record["domain"], f"{path}.domain")
    codes = optional(record["codes"], f"{path}.codes", read_codes)
    with at(path):
        return Events(domain, codes, record["occurrence"])


def _window(record: Mapping[str, Any], path: str) -> WindowedEvents:
    window = fields(record["window"], f"{path}.window", ("from", "to"))
    events = read_events(record["events"], f"{path}.events")
    start = optional(window["from"], f"{path}.window.from", number)
    end = optional(window["to"], f"{path}.window.to", number)
    observed = typed(record["observed"], f"{path}.observed", bool, "true or false")
    with at(f"{path}.window"):
        return WindowedEvents(events, start, end, observed)


def _counted(value: object, path: str) -> Criterion:
    record = fields(value, path, ("kind", "events", "window", "observed", "count"))
    windowed = _window(record, path)
    count = fields(record["count"], f"{path}.count", ("of", "at_least", "at_most"))
    low = optional(count["at_least"], f"{path}.count.at_least", number)
    high = optional(count["at_most"], f"{path}.count.at_most", number)
    with at(f"{path}.count"):
        return EventCriterion(windowed, count["of"], low, high)


def _age(value: object, path: str) -> Criterion:
    record = fields(value, path, ("kind", "at_least", "at_most"))
    low = optional(record["at_least"], f"{path}.at_least", number)
    high = optional(record["at_most"], f"{path}.at_most", number)
    with at(path):
        return AgeCriterion(low, high)


def _sex(value: object, path: str) -> Criterion:
    record = fields(value, path, ("kind", "is"))
    names = each(record["is"], f"{path}.is", words)
    with at(f"{path}.is"):
        return SexCriterion(names)


def _group(value: object, path: str) -> Criterion:
    record = fields(value, path, ("kind", "of"))
    parts = each(record["of"], f"{path}.of", read_criterion)
    with at(f"{path}.of"):
        return all_of(*parts) if record["kind"] == "all" else any_of(*parts)


def _threshold(value: object, path: str) -> Criterion:
    record = fields(value, path, ("kind", "n", "of"))
    count = number(record["n"], f"{path}.n")
    parts = each(record["of"], f"{path}.of", read_criterion)
    with at(f"{path}.n"):
        return Threshold(record["kind"], count, parts)


def _not(value: object, path: str) -> Criterion:
    record = fields(value, path, ("kind", "of"))
    return ~read_criterion(record["of"], f"{path}.of")


CRITERIA: dict[str, Callable[[object, str], Criterion]] = {
    "events": _counted,
    "age": _age,
    "sex": _sex,
    "all": _group,
    "any": _group,
    "at_least": _threshold,
    "at_most": _threshold,
    "not": _not,
}


def kind_of(value: object, path: str, kinds: Sequence[str]) -> str:
    """Take the kind of an object, one of some."""
    record = typed(value, path, dict, "an object")
    if "kind" not in record:
        raise DefinitionError(f"{path}.kind is missing: choose from {', '.join(kinds)}.")
    return checks.choice(record["kind"], kinds, f"{path}.kind")


def read_criterion(value: object, path: str) -> Criterion:
    """Read a criterion of any kind."""
    return CRITERIA[kind_of(value, path, tuple(CRITERIA))](value, path)
