"""From the parts of a plan back to code sets, events and criteria; refusals name the path."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, cast

from kohort.definition import checks
from kohort.definition.codesets import Codes
from kohort.definition.counts import Distinct, EventCriterion
from kohort.definition.events import Events
from kohort.definition.filters import (
    LIKES,
    LISTS,
    NULLS,
    OPERATORS,
    RANGES,
    AnyCondition,
    Condition,
    Filter,
    Other,
)
from kohort.definition.index import IndexCriterion
from kohort.definition.logic import Criterion, Threshold, all_of, any_of
from kohort.definition.patterns import Pattern
from kohort.definition.person import AgeCriterion, SexCriterion
from kohort.definition.spans import Fixed, Shift
from kohort.definition.windowed import WindowedEvents
from kohort.definition.windows import Window
from kohort.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")


@contextmanager
def at(path: str) -> Iterator[None]:
    """Put the place in the plan before a builder's refusal."""
    try:
        yield
    except DefinitionError as error:
        raise DefinitionError(f"{path}: {error}") from None


def fields(value: object, path: str, names: Sequence[str], unusual: Sequence[str] = ()) -> dict[str, Any]:
    """Take an object that has these fields, all of them, and perhaps some that say something unusual."""
    record = typed(value, path, dict, "an object")
    below = "" if path == "plan" else f"{path}."
    for name in record:
        if name not in names and name not in unusual:
            raise DefinitionError(f"{below}{name} is not a field of the plan: {checks.hint(name, (*names, *unusual))}.")
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
    """Read a code set, unless a reference to it was resolved before."""
    if isinstance(value, Codes):
        return value
    record = fields(value, path, ("vocabulary", "include", "exclude"))
    vocabulary = words(record["vocabulary"], f"{path}.vocabulary")
    include = each(record["include"], f"{path}.include", _pattern)
    exclude = each(record["exclude"], f"{path}.exclude", _pattern)
    with at(path):
        return Codes(vocabulary, include, exclude)


def _forms(op: str) -> tuple[tuple[str, ...], ...]:
    """Say by which fields a comparison can be completed."""
    if op in NULLS:
        return ((),)
    if op in RANGES:
        return (("value", "extent"),)
    if op in LISTS:
        return (("values",), ("codes",))
    return (("value",),) if op in LIKES else (("value",), ("other",))


def _filter(value: object, path: str) -> Condition:
    record = typed(value, path, dict, "an object")
    if "any" in record:
        return AnyCondition(each(fields(record, path, ("any",))["any"], f"{path}.any", _filter))
    fields(record, path, ("column", "op"), ("value", "extent", "values", "codes", "other"))
    with at(f"{path}.op"):
        op = checks.choice(record["op"], OPERATORS, "the comparison")
    form = next((form for form in _forms(op) if set(form) <= record.keys()), _forms(op)[0])
    fields(record, path, ("column", "op", *form))
    if form == ("codes",):
        operand: Any = read_codes(record["codes"], f"{path}.codes")
    elif form == ("other",):
        operand = Other(words(record["other"], f"{path}.other"))
    elif form == ("values",):
        operand = tuple(typed(record["values"], f"{path}.values", list, "a list"))
    else:
        operand = {0: None, 1: record.get("value"), 2: (record.get("value"), record.get("extent"))}[len(form)]
    with at(path):
        return Filter(words(record["column"], f"{path}.column"), op, operand)


def _shift(value: object, path: str) -> Shift:
    record = fields(value, path, ("start", "end"))
    ends = []
    for name in ("start", "end"):
        end = fields(record[name], f"{path}.{name}", ("of", "days"))
        ends.append((end["of"], number(end["days"], f"{path}.{name}.days")))
    with at(path):
        return Shift.of(*ends)


def _fixed(value: object, path: str) -> Fixed:
    ends = each(value, path, lambda item, there: optional(item, there, words))
    if len(ends) != 2:
        raise DefinitionError(f"{path} has {len(ends)} days: write the first and the last.")
    with at(path):
        return Fixed.of(*ends)


def read_events(value: object, path: str) -> Events:
    """Read events."""
    unusual = ("source_codes", "where", "having", "ends", "shift", "fixed")
    record = fields(value, path, ("domain", "codes", "occurrence"), unusual)
    domain = words(record["domain"], f"{path}.domain")
    codes = optional(record["codes"], f"{path}.codes", read_codes)
    source = optional(record.get("source_codes"), f"{path}.source_codes", read_codes)
    filters = each(record.get("where", []), f"{path}.where", _filter)
    nested = optional(record.get("having"), f"{path}.having", read_criterion)
    shift = optional(record.get("shift"), f"{path}.shift", _shift)
    fixed = optional(record.get("fixed"), f"{path}.fixed", _fixed)
    ends = record.get("ends", "recorded")
    with at(path):
        return Events(domain, codes, record["occurrence"], source, filters, nested, ends, shift, fixed)


def _window(value: object, path: str) -> Window:
    record = fields(value, path, ("from", "to"), ("of", "index"))
    ends = {
        name: end if isinstance(end := record[name], str) else optional(end, f"{path}.{name}", number)
        for name in ("from", "to")
    }
    sides = {name: record.get(name, "start") for name in ("of", "index")}
    with at(path):
        return Window(cast("Any", ends["from"]), cast("Any", ends["to"]), **sides)


def _counted(value: object, path: str) -> Criterion:
    usual = ("kind", "events", "window", "observed", "count")
    record = fields(value, path, usual, ("end_window", "same_stay"))
    window = _window(record["window"], f"{path}.window")
    events = read_events(record["events"], f"{path}.events")
    observed = typed(record["observed"], f"{path}.observed", bool, "true or false")
    second = optional(record.get("end_window"), f"{path}.end_window", _window)
    stay = typed(record.get("same_stay", False), f"{path}.same_stay", bool, "true or false")
    count = fields(record["count"], f"{path}.count", ("of", "at_least", "at_most"))
    low = optional(count["at_least"], f"{path}.count.at_least", number)
    high = optional(count["at_most"], f"{path}.count.at_most", number)
    of = count["of"]
    if isinstance(of, dict):
        of = Distinct(words(fields(of, f"{path}.count.of", ("distinct",))["distinct"], f"{path}.count.of.distinct"))
    with at(f"{path}.count"):
        sides = (window.of, window.index)
        return EventCriterion(
            WindowedEvents(events, window.start, window.end, observed, *sides, second, stay), of, low, high
        )


def _index(value: object, path: str) -> Criterion:
    record = fields(value, path, ("kind", "where"))
    return IndexCriterion(each(record["where"], f"{path}.where", _filter))


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
    "where": _index,
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
