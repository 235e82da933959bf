"""What a definition looks at, as spans of days around the index day: the rows of the diagram, without their drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kohort.definition import english
from kohort.definition.counts import EventCriterion
from kohort.definition.exits import EndOfObservation, EndOfSupply, FixedDays
from kohort.definition.logic import Criterion, Group, Not, Threshold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kohort.definition.cohorts import Cohort
    from kohort.definition.rules import Rule

Tone = Literal["observed", "require", "exclude", "follow"]


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `start` to `end`, both included; None is open."""

    start: int | None
    end: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the diagram: a label, a remark in small print, spans, and the whole as a sentence."""

    label: str
    remark: str
    spans: tuple[Span, ...]
    tone: Tone
    sentence: str


def _leaves(criterion: Criterion) -> Iterator[Span]:
    match criterion:
        case EventCriterion(counted=counted):
            # Only days can be drawn to scale: the ends of the observation period are as open as null.
            start, end = (None if isinstance(bound, str) else bound for bound in (counted.start, counted.end))
            yield Span(start, end) if start is None or end is None or start <= end else Span(end, start)
        case Group(of=parts) | Threshold(of=parts):
            for part in parts:
                yield from _leaves(part)
        case Not(of=part):
            yield from _leaves(part)
        case _:  # the person's age and sex are asked for on the index day
            yield Span(0, 0)


def _days(spans: tuple[Span, ...]) -> str:
    return english.interval(spans[0].start, spans[0].end) if len(spans) == 1 else f"{len(spans)} windows"


def _observed(cohort: Cohort) -> Row:
    span = Span(-cohort.before, cohort.after)
    days = english.interval(span.start, span.end)
    return Row("Observed", f"at least {days}", (span,), "observed", f"Observed at least on {days}.")


def _follow_up(cohort: Cohort) -> Row:
    strategy = cohort.strategy
    if isinstance(strategy, FixedDays) and strategy.of == "start" and strategy.days >= 0:
        span, remark = Span(0, strategy.days), english.interval(0, strategy.days)
    elif isinstance(strategy, EndOfSupply):
        span, remark = Span(0, None), f"to the end of supply, gap {english.days(strategy.gap)}"
    elif not isinstance(strategy, EndOfObservation):
        span, remark = Span(0, None), f"to {strategy}"
    else:
        span, remark = Span(0, None), "to the end of observation"
    others = [event.domain for event in cohort.censor]
    until = f" or {english.listed(sorted({english.noun(domain) for domain in others}), 'or')}" if others else ""
    return Row("Follow-up", remark + until, (span,), "follow", f"Follow-up from day 0 to {strategy}{until}.")


def _absence(criterion: Criterion) -> bool:
    """Tell whether a criterion asks that nothing be there."""
    match criterion:
        case EventCriterion(at_most=0):
            return True
        case Not(of=EventCriterion(at_least=1, at_most=None)):
            return True
    return False


def _rule(rule: Rule) -> Row:
    spans = tuple(dict.fromkeys(_leaves(rule.when)))
    absent = _absence(rule.when)
    verb = "required" if rule.kind == "require" else "excluded"
    tone: Tone = "require" if (rule.kind == "require") != absent else "exclude"
    absence = {"required": " to be absent", "excluded": " if absent"}[verb] if absent else ""
    return Row(rule.name, f"{verb}{absence}, {_days(spans)}", spans, tone, f"{rule.name}: {verb}, {rule.when}.")


def rows(cohort: Cohort) -> tuple[Row, ...]:
    """List the rows of a definition's diagram, top to bottom."""
    return (_observed(cohort), *(_rule(rule) for rule in cohort.rules), _follow_up(cohort))
