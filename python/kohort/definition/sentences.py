"""A definition in plain sentences, the way a protocol says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kohort.definition import english
from kohort.definition.exits import EndOfObservation

if TYPE_CHECKING:
    from kohort.definition.cohorts import Cohort
    from kohort.definition.rules import Rule

KEPT = {
    "first": "each person's first remaining index day",
    "last": "each person's last remaining index day",
    "all": "all remaining index days of a person",
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
    return _capital(", or ".join(str(events) for events in cohort.entry_events) + meant)


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


def rule_head(rule: Rule) -> str:
    """Name a rule, as in 'Require “adult”'."""
    return f"{rule.kind.capitalize()} “{rule.name}”"


def sentences(cohort: Cohort) -> Sentences:
    """Write the sentences of a definition, complete or not."""
    exit_ = _capital(str(cohort.strategy))
    if not isinstance(cohort.strategy, EndOfObservation):
        exit_ += " Never after the end of the observation period."
    censors = ["death" if events.domain == "death" else str(events) for events in cohort.censor]
    censoring = ", or ".join(censors) if censors else "none"
    return Sentences(
        before=(("Entry", _entry(cohort)), ("Calendar", _calendar(cohort)), ("Observation", _observation(cohort))),
        rules=tuple((rule_head(rule), _capital(str(rule.when))) for rule in cohort.rules),
        after=(
            ("Limit", _capital(KEPT[cohort.limit])),
            ("Exit", exit_),
            ("Censoring", _capital(censoring)),
        ),
        note=(
            "Windows count days from the index day, day 0, and hold both their ends; events count where they begin in "
            "the observation period that holds the index day, unless it says “observed or not”."
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
