"""A definition in plain sentences, the way a protocol says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kohort.definition import english
from kohort.definition.events import Events
from kohort.definition.exits import EndOfObservation
from kohort.definition.named import parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kohort.definition.cohorts import Cohort
    from kohort.definition.rules import Rule

KEPT = {
    "first": "each person's first remaining index day",
    "last": "each person's last remaining index day",
    "all": "all remaining index days of a person",
}
LAST_DAYS = {
    "next_day_if_none": "end on the day recorded, without one after their days of supply (drugs), else the day after "
    "their start",
    "next_day": "end the day after their start",
    "stored": "end on the day recorded, and on none without one",
}


@dataclass(frozen=True, slots=True)
class Sentences:
    """The parts of a description: heads with their sentences, before the rules and after."""

    before: tuple[tuple[str, str], ...]
    rules: tuple[tuple[str, str], ...]
    after: tuple[tuple[str, str], ...]
    note: str


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _entry(cohort: Cohort) -> str:
    if not cohort.entry_events:
        return "Not given yet."
    firsts = any(events.occurrence == "first" for events in cohort.entry_events)
    meant = " (first in the whole warehouse, before any other step)" if firsts else ""
    said = _capital(", or ".join(str(events) for events in cohort.entry_events) + meant)
    if cohort.each == "event":
        said += " Each event is a row, also where several share person and day."
    return said if cohort.take == "all" else f"{said} Of a person's observed ones, the {cohort.take} alone."


def _calendar(cohort: Cohort) -> str:
    first, last = cohort.between
    if first is None and last is None:
        return "Any index day."
    if first is None or last is None:
        return f"Index days on or {f'before {last}' if first is None else f'after {first}'}."
    return f"Index days on {first}." if first == last else f"Index days from {first} to {last}."


def _observation(cohort: Cohort) -> str:
    sides = [(cohort.before, "before"), (cohort.after, "after")]
    said = " and ".join(f"for at least {english.days(days)} {side} it" for days, side in sides if days)
    return f"Observed on the index day{f' and {said}' if said else ''}."


def _qualified(cohort: Cohort) -> tuple[tuple[str, str], ...]:
    asked = cohort.qualification
    if asked is None:
        return ()
    kept = "" if asked.limit == "all" else f" Of a person's entry events that do so, the {asked.limit} alone."
    return (("Qualified", f"{_capital(str(asked.when))}{kept}"),)


def _joined_and_cut(cohort: Cohort) -> tuple[tuple[str, str], ...]:
    said = []
    if cohort.pad:
        days = english.days(cohort.pad)
        said.append(("Joined", f"Rows of a person that begin at most {days} after the end of what came before."))
    first, last = cohort.cut
    if first is not None or last is not None:
        side = f"before {last}" if first is None else f"after {first}"
        days = side if first is None or last is None else f"from {first} to {last}"
        said.append(("Cut", f"To the days {f'on or {days}' if days == side else days}."))
    return tuple(said)


def _events(cohort: Cohort) -> Iterator[Events]:
    return parts_of(Events, (cohort.entry_events, cohort.qualification, cohort.rules, cohort.censor))


def _nested(cohort: Cohort) -> bool:
    return any(events.nested is not None for events in _events(cohort))


def _last_days(cohort: Cohort) -> tuple[tuple[str, str], ...]:
    """Say by which rule events end, where it is not simply what is recorded."""
    found: dict[str, set[str]] = {}
    for events in _events(cohort):
        if events.end_rule != "recorded":
            found.setdefault(events.end_rule, set()).add(english.noun(events.domain, plural=True))
    said = [f"{english.listed(sorted(nouns), 'and')} {LAST_DAYS[rule]}" for rule, nouns in sorted(found.items())]
    return (("Last days", _capital("; ".join(said))),) if said else ()


def _code_sets(cohort: Cohort) -> tuple[tuple[str, str], ...]:
    said = [f"{codes} is {codes.patterns()}" for codes in cohort.code_sets]
    return (("Code sets", _capital("; ".join(said))),) if said else ()


def rule_head(rule: Rule) -> str:
    """Name a rule, as in 'Require “adult”'."""
    return f"{rule.kind.capitalize()} “{rule.name}”"


def sentences(cohort: Cohort) -> Sentences:
    """Write the sentences of a definition, complete or not."""
    exit_ = _capital(str(cohort.strategy))
    if not isinstance(cohort.strategy, EndOfObservation):
        exit_ += " Never after the end of the observation period."
    censors = ["death" if str(events) == "a death" else str(events) for events in cohort.censor]
    censoring = ", or ".join(censors) if censors else "none"
    return Sentences(
        before=(
            ("Entry", _entry(cohort)),
            ("Calendar", _calendar(cohort)),
            ("Observation", _observation(cohort)),
            *_qualified(cohort),
        ),
        rules=tuple((rule_head(rule), _capital(str(rule.when))) for rule in cohort.rules),
        after=(
            ("Limit", _capital(KEPT[cohort.limit])),
            ("Exit", exit_),
            ("Censoring", _capital(censoring)),
            *_joined_and_cut(cohort),
            *_last_days(cohort),
            *_code_sets(cohort),
        ),
        note=(
            "Windows count days from the index day, day 0, and hold both their ends; events count where they begin in "
            "the observation period that holds the index day, unless it says “observed or not”."
            + (" Within “having (…)” the event before it is the index event." if _nested(cohort) else "")
        ),
    )


def text(cohort: Cohort) -> str:
    """Write a definition as lines of text."""
    parts = sentences(cohort)
    lines = [f"Cohort “{cohort.name}”", *(f"{head}: {sentence}" for head, sentence in parts.before)]
    lines.append("Rules, in this order:" if parts.rules else "Rules: none.")
    lines += [f"  {place}. {head}: {sentence}" for place, (head, sentence) in enumerate(parts.rules, start=1)]
    lines += [f"{head}: {sentence}" for head, sentence in parts.after]
    return "\n".join([*lines, parts.note])
