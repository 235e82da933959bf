"""Random cohort definitions: said in plain data, from which both the builders and the oracle read."""

from __future__ import annotations

import operator
from datetime import date
from functools import reduce
from typing import Any, NamedTuple

import kohort as kh
from hypothesis import strategies as st
from random_worlds import VOCABULARY, day

COMPARE = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}


class CodeSet(NamedTuple):
    """Patterns as a user writes them: "A1*" by beginning, "A1+" with descendants, else the code itself."""

    vocabulary: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    descendants: bool

    def build(self) -> Any:
        return kh.codes(self.vocabulary, *self.include, exclude=self.exclude, descendants=self.descendants)


class Query(NamedTuple):
    """Events of a domain with some codes, all or each person's first."""

    domain: str
    codes: CodeSet | None
    first: bool

    def build(self) -> Any:
        codes = () if self.codes is None else (self.codes.build(),)
        named = {"drug": kh.drug, "diagnosis": kh.diagnosis, "death": kh.death}.get(self.domain)
        events = named(*codes) if named else kh.event(self.domain, *codes)
        return events.first() if self.first else events


class Window(NamedTuple):
    """Days around the index day: from `start` to `end`, or the words for common windows."""

    kind: str
    start: int | None
    end: int | None
    observed: bool

    def build(self, events: Any) -> Any:
        match self.kind:
            case "within":
                return events.within(self.start, self.end, observed=self.observed)
            case "before":
                return events.before(observed=self.observed)
            case "after":
                return events.after(observed=self.observed)
            case _:
                return events.on_index()


class Counted(NamedTuple):
    """A number of events, or of days with an event, in a window."""

    query: Query
    window: Window
    of: str
    compare: str
    n: int
    m: int

    def build(self) -> Any:
        windowed = self.window.build(self.query.build())
        if self.of in ("any", "none"):
            return getattr(windowed, self.of)()
        count = windowed.count() if self.of == "count" else windowed.distinct_days()
        return compared(count, self.compare, self.n, self.m)


class Age(NamedTuple):
    """Completed years at the index day."""

    compare: str
    n: int
    m: int

    def build(self) -> Any:
        return compared(kh.age(), self.compare, self.n, self.m)


class Sex(NamedTuple):
    """One of some sexes, or none of one."""

    compare: str
    names: tuple[str, ...]

    def build(self) -> Any:
        match self.compare:
            case "==":
                return kh.sex() == self.names[0]
            case "!=":
                return kh.sex() != self.names[0]
            case _:
                return kh.sex().is_in(list(self.names))


class Joined(NamedTuple):
    """Several criteria joined: all, any, at_least, at_most, and, or; or one that must not hold."""

    how: str
    n: int
    of: tuple[Any, ...]

    def build(self) -> Any:
        parts = [part.build() for part in self.of]
        match self.how:
            case "all":
                return kh.all_of(*parts)
            case "any":
                return kh.any_of(*parts)
            case "at_least":
                return kh.at_least(self.n, *parts)
            case "at_most":
                return kh.at_most(self.n, *parts)
            case "and":
                return reduce(operator.and_, parts)
            case "or":
                return reduce(operator.or_, parts)
            case _:
                return ~parts[0]


class Exit(NamedTuple):
    """When a row ends: kind, days or gap, and what is supplied."""

    kind: str
    days: int
    codes: CodeSet | None
    domain: str

    def build(self) -> Any:
        match self.kind:
            case "fixed":
                return kh.fixed_days(self.days)
            case "supply":
                return kh.end_of_supply(
                    gap=self.days, codes=None if self.codes is None else self.codes.build(), domain=self.domain
                )
            case _:
                return kh.end_of_observation()


class Definition(NamedTuple):
    """A whole cohort."""

    entry: tuple[Query, ...]
    between: tuple[date | None, date | None] | None
    before: int
    after: int
    rules: tuple[tuple[str, Any], ...]
    limit: str
    exit: Exit
    censor: tuple[Query, ...]

    def build(self) -> kh.definition.Cohort:
        cohort = kh.cohort("random").entry(
            *(query.build() for query in self.entry), between=self.between, limit=self.limit
        )
        cohort = cohort.observed(before=self.before, after=self.after)
        for number, (kind, criterion) in enumerate(self.rules):
            cohort = getattr(cohort, kind)(f"rule {number}", criterion.build())
        return cohort.exit(self.exit.build(), censor=[query.build() for query in self.censor])


def compared(quantity: Any, compare: str, n: int, m: int) -> Any:
    """Compare as a user does."""
    return quantity.between(n, m) if compare == "between" else COMPARE[compare](quantity, n)


written = {
    "ATC": ["A*", "A", "A1", "a12", "AB", "B", "C", "Z", "a1*", "A1B*", "B*", "Z*", "A+", "A1+", "B+", "C+"],
    "ICD10": ["A*", "A", "A1", "A1.2", "a1b", "B1", "C", "A.1*", "b*", "B+", "A+", "C+", "A1.2+"],
    "visit": ["A*", "A", "A1", "a1", "A1B", "B", "C", "a*", "A1*", "B*", "A+", "AB+", "B+"],
}


@st.composite
def code_sets(draw: st.DrawFn, vocabulary: str) -> CodeSet:
    """Draw patterns; with `descendants` only such as may be written then."""
    patterns = written[vocabulary]
    descendants = draw(st.sampled_from([False, False, False, True]))
    plain = [pattern for pattern in patterns if not (descendants and pattern.endswith("*"))]
    include = draw(st.lists(st.sampled_from(plain), min_size=1, max_size=3))
    exclude = draw(st.just([]) | st.lists(st.sampled_from(patterns), max_size=2))
    return CodeSet(vocabulary, tuple(include), tuple(exclude), descendants)


@st.composite
def queries(draw: st.DrawFn) -> Query:
    """Draw events, seldom deaths."""
    domain = draw(st.sampled_from([*VOCABULARY, *VOCABULARY, *VOCABULARY, "death"]))
    coded = domain != "death" and draw(st.sampled_from([True, True, False]))
    codes = draw(code_sets(VOCABULARY[domain])) if coded else None
    return Query(domain, codes, draw(st.sampled_from([False, False, True])))


bounds = st.sampled_from([None, -20, -10, -5, -2, -1, 0, 1, 2, 5, 10, 20])
windows = st.builds(
    lambda kind, ends, observed: Window(kind, *sorted(ends) if None not in ends else ends, observed),
    st.sampled_from(["within", "within", "before", "after", "on_index"]),
    st.tuples(bounds, bounds),
    st.sampled_from([True, True, False]),
)
comparisons = st.sampled_from([*COMPARE, "between"])


@st.composite
def counted(draw: st.DrawFn) -> Counted:
    """Draw a count with a bound that says something."""
    compare = draw(comparisons)
    low = {">=": 1, "<": 1}.get(compare, 0)
    n = draw(st.sampled_from([2, 1, 3, 0, 4]).filter(lambda n: n >= low))
    of = draw(st.sampled_from(["any", "none", "count", "distinct_days", "distinct_days"]))
    return Counted(draw(queries()), draw(windows), of, compare, n, n + draw(st.integers(0, 3)))


@st.composite
def ages(draw: st.DrawFn) -> Age:
    """Draw an age at which some of the population may be."""
    compare = draw(comparisons)
    n = draw(st.sampled_from([1, 17, 18, 19, 65] if compare in ("<", ">=") else [0, 1, 17, 18, 19, 65]))
    return Age(compare, n, n + draw(st.sampled_from([0, 1, 17, 60])))


sexes = st.builds(
    Sex,
    st.sampled_from(["==", "!=", "in"]),
    st.lists(st.sampled_from(["female", "male", "unknown", "F", "M"]), min_size=1, max_size=2).map(tuple),
)


@st.composite
def joined(draw: st.DrawFn, parts: st.SearchStrategy[Any]) -> Joined:
    """Draw criteria that are joined."""
    how = draw(st.sampled_from(["all", "any", "at_least", "at_most", "and", "or", "not"]))
    of = tuple(draw(st.lists(parts, min_size=1, max_size=1 if how == "not" else 3)))
    low, high = (1, len(of)) if how == "at_least" else (0, len(of) - 1)
    return Joined(how, draw(st.integers(low, high)), of)


leaves = st.one_of(counted(), counted(), ages(), sexes)
single = st.one_of(leaves, joined(leaves))
criteria = st.one_of(leaves, joined(leaves), joined(single))


@st.composite
def exits(draw: st.DrawFn, entry: tuple[Query, ...]) -> Exit:
    """Draw an exit; the supply of the entry events only where they are supplied."""
    kind = draw(st.sampled_from(["observation", "fixed", "supply", "supply"]))
    domain = draw(st.sampled_from(list(VOCABULARY)))
    codes = draw(code_sets(VOCABULARY[domain]))
    if any(query.domain == domain for query in entry) and draw(st.booleans()):
        codes = None
    return Exit(kind, draw(st.sampled_from([0, 1, 2, 3, 5, 10, 365])), codes, domain)


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    """Draw a cohort."""
    entry = tuple(draw(st.lists(queries(), min_size=1, max_size=3)))
    ends = draw(st.tuples(st.none() | st.integers(0, 25), st.none() | st.integers(0, 45)))
    first, last = sorted(ends) if None not in ends else ends
    between = tuple(None if end is None else day(end) for end in (first, last))
    observed = st.sampled_from([0, 0, 0, 0, 1, 2, 5, 12])
    rule = st.tuples(st.sampled_from(["require", "exclude"]), criteria)
    return Definition(
        entry=entry,
        between=draw(st.sampled_from([None, None, between])),
        before=draw(observed),
        after=draw(observed),
        rules=tuple(draw(st.lists(rule, max_size=1) | st.lists(rule, min_size=1, max_size=3))),
        limit=draw(st.sampled_from(["first", "last", "all", "all"])),
        exit=draw(exits(entry)),
        censor=tuple(draw(st.lists(queries(), max_size=1) | st.lists(queries(), max_size=2))),
    )
