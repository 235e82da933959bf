"""Laws of the definition language over random definitions: round trips, sentences, set algebra, the diagram's scale."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from datetime import date
from functools import reduce
from itertools import product
from typing import TYPE_CHECKING, Any

import kohort as kh
from hypothesis import given, settings
from hypothesis import strategies as st
from kohort.definition.diagram import Axis
from kohort.errors import DefinitionError

if TYPE_CHECKING:
    from kohort.definition.patterns import Pattern

stems = st.text("ABC1", min_size=1, max_size=4)
names = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20)
written = st.builds(str.__add__, stems, st.sampled_from(["", "*", "+"]))


def code_sets(patterns: st.SearchStrategy[str], vocabularies: tuple[str, ...] = ("ATC", "ICD10", "OMOP", "own")) -> Any:
    return st.builds(
        lambda vocabulary, include, exclude: kh.codes(vocabulary, *include, exclude=exclude),
        st.sampled_from(vocabularies),
        st.lists(patterns, min_size=1, max_size=4),
        st.lists(patterns, max_size=3),
    )


columns = st.sampled_from(["quantity", "start", "person:race_concept_id", "ratio:a/b", "birth_years"]).map(kh.column)
numbers = st.integers(-9, 9) | st.floats(-9, 9)
comparisons = st.one_of(
    st.builds(
        lambda column, compare, n: getattr(column, compare)(n),
        columns,
        st.sampled_from(["__lt__", "__ge__", "__ne__"]),
        numbers,
    ),
    st.builds(lambda column, low, more: column.between(low, low + more), columns, numbers, st.integers(0, 9)),
    st.builds(lambda column, values: column.not_in(values), columns, st.lists(numbers, max_size=3)),
    st.builds(lambda column, codes: column.is_in(codes), columns, code_sets(written)),
    columns.map(lambda column: column.is_null()),
    columns.map(lambda column: column.like("a%")),
    columns.map(lambda column: column > kh.column("other")),
)
filters = comparisons | st.builds(lambda a, b: a | b, comparisons, comparisons)
shifts = st.tuples(st.sampled_from(["start", "end"]), st.integers(-40, 40))


def unusual(what: Any) -> Any:
    """Ask more of events, in each of the ways there are."""
    return st.one_of(
        what,
        st.builds(lambda events, asked: events.where(*asked), what, st.lists(filters, min_size=1, max_size=2)),
        st.builds(lambda events, start, end: events.adjusted(start=start, end=end), what, shifts, shifts),
        st.builds(lambda events, rule: events.ends(rule), what, st.sampled_from(["recorded", "next_day", "stored"])),
        st.builds(lambda events, codes: events.source(codes), what, code_sets(written)),
        st.builds(lambda events: events.pinned_to("2015-01-01", None), what),
        st.builds(lambda events, days: events.having(kh.stay().within(-days, days).any()), what, st.integers(0, 9)),
    )


domains = st.sampled_from(["drug", "diagnosis", "procedure", "stay", "measurement", "death", "a_domain2"])
usual = st.builds(
    lambda domain, codes, first: kh.event(domain, codes).first() if first else kh.event(domain, codes),
    domains,
    st.none() | code_sets(written),
    st.booleans(),
)
events = st.one_of(usual, usual, unusual(usual))
bounds = st.none() | st.integers(-4000, 4000)
windowed = st.builds(
    lambda what, ends, observed: what.within(*ends, observed=observed),
    events,
    st.tuples(bounds, bounds).map(lambda ends: tuple(sorted(ends)) if None not in ends else ends),
    st.booleans(),
)
sides = st.sampled_from(["start", "end"])
windowed = st.one_of(
    windowed,
    windowed,
    st.builds(lambda what, of, index: what.within("period_start", 7, of=of, index=index), events, sides, sides),
    st.builds(lambda what, index: what.ending_within(-3, None, index=index).same_stay(), windowed, sides),
)
compared = st.sampled_from(["__ge__", "__gt__", "__le__", "__eq__", "__ne__"])
leaves = st.one_of(
    windowed.map(lambda what: what.any()),
    windowed.map(lambda what: what.none()),
    st.builds(
        lambda what, days, compare, n: getattr(what.distinct_days() if days else what.count(), compare)(n),
        windowed,
        st.booleans(),
        compared,
        st.integers(1, 9),
    ),
    windowed.map(lambda what: what.count_distinct("stay_id") >= 2),
    filters.map(kh.where),
    st.builds(lambda compare, years: getattr(kh.age(), compare)(years), compared, st.integers(0, 120)),
    st.lists(st.sampled_from(["f", "Male", "unknown"]), min_size=1).map(kh.sex().is_in),
)


def joined(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(parts, min_size=1, max_size=4)
    return st.one_of(
        several.map(lambda of: kh.all_of(*of)),
        several.map(lambda of: kh.any_of(*of)),
        several.flatmap(lambda of: st.integers(1, len(of)).map(lambda n: kh.at_least(n, *of))),
        several.flatmap(lambda of: st.integers(0, len(of) - 1).map(lambda n: kh.at_most(n, *of))),
        st.builds(lambda a, b: a & ~b, parts, parts),
        st.builds(lambda a, b: ~(a | b), parts, parts),
    )


criteria = st.recursive(leaves, joined, max_leaves=5)
days = st.none() | st.dates(date(1990, 1, 1), date(2030, 12, 31))
exits = st.one_of(
    st.just(None),
    st.just(kh.end_of_observation()),
    st.builds(lambda days, of: kh.fixed_days(days, of=of), st.integers(0, 4000), sides),
    st.builds(
        lambda codes, gap, supply: kh.end_of_era(codes, gap=gap, days_supply=supply),
        code_sets(written),
        st.integers(0, 9),
        st.none() | st.integers(0, 9),
    ),
    st.builds(lambda gap, codes: kh.end_of_supply(gap=gap, codes=codes), st.integers(0, 400), code_sets(written)),
)


@st.composite
def definitions(draw: st.DrawFn) -> Any:
    ends = draw(st.tuples(days, days).map(lambda pair: tuple(sorted(pair)) if None not in pair else pair))
    made = kh.cohort(draw(names)).entry(
        *draw(st.lists(events, min_size=1, max_size=3)),
        between=ends,
        limit=draw(st.sampled_from(["first", "last", "all"])),
        each=draw(st.sampled_from(["day", "event"])),
        take=draw(st.sampled_from(["all", "all", "first", "last"])),
    )
    if draw(st.booleans()):
        made = made.qualify(draw(criteria), limit=draw(st.sampled_from(["first", "last", "all"])))
        made = made.collapse(draw(st.integers(0, 40))).window(None, draw(st.sampled_from([None, "2019-12-31"])))
    if draw(st.booleans()):
        made = made.observed(before=draw(st.integers(0, 4000)), after=draw(st.integers(0, 4000)))
    for place, criterion in enumerate(draw(st.lists(criteria, max_size=4))):
        add = made.require if draw(st.booleans()) else made.exclude
        made = add(f"{draw(names)} {place}", criterion)
    return made.exit(draw(exits), censor=draw(st.none() | events | st.lists(events, max_size=3)))


@given(definitions())
@settings(max_examples=60, deadline=None)
def test_a_definition_survives_json(tmp_path_factory, made):
    text = made.to_json()
    back = kh.definition.from_json(text)
    assert back == made
    assert hash(back) == hash(made)
    assert (back.to_json(), back.hash) == (text, made.hash)
    assert json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False) == text
    path = made.save(tmp_path_factory.getbasetemp() / "definition.json")
    assert kh.load_definition(path) == made
    # Unsorted, indented, escaped: the same definition.
    loose = json.dumps(made.plan(), indent=1, ensure_ascii=True)
    assert kh.definition.from_json(loose).hash == made.hash


@given(definitions())
@settings(max_examples=30, deadline=None)
def test_every_definition_can_be_said_and_drawn(made):
    said = made.describe()
    for rule in made.rules:
        assert f"{rule.kind.capitalize()} “{rule.name}”: " in said
    for part in (*(rule.when for rule in made.rules), *made.entry_events, *made.censor, made.strategy):
        assert "None" not in str(part)
    unusual_lines = ("Qualified", "Joined", "Cut", "Last days", "Code sets")
    extra = sum(line.startswith(unusual_lines) for line in said.splitlines())
    assert len(said.splitlines()) == 9 + len(made.rules) + extra
    html = made._repr_html_()
    picture = ET.fromstring(html[html.index("<svg") : html.index("</svg>") + 6])  # noqa: S314 (our own)
    width = float(picture.get("viewBox").split()[2])
    for shape in picture.iter("polygon"):
        places = [float(point.split(",")[0]) for point in shape.get("points").split()]
        assert 0 <= min(places) < max(places) <= width


@given(definitions(), criteria)
@settings(max_examples=20, deadline=None)
def test_any_change_changes_the_hash(made, criterion):
    more = made.require("one more rule", criterion)
    assert more != made
    assert more.hash != made.hash


def holds(criterion: Any, truth: dict[Any, bool]) -> bool:
    """Evaluate a plan's logic over given truths of its leaves, by the words of docs/plan.md."""
    match criterion["kind"]:
        case "all":
            return all(holds(part, truth) for part in criterion["of"])
        case "any":
            return any(holds(part, truth) for part in criterion["of"])
        case "at_least":
            return sum(holds(part, truth) for part in criterion["of"]) >= criterion["n"]
        case "at_most":
            return sum(holds(part, truth) for part in criterion["of"]) <= criterion["n"]
        case "not":
            return not holds(criterion["of"], truth)
        case _:
            return truth[criterion["at_least"]]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_joining_means_what_it_says(data):
    """Build the same expression with &, |, ~ and with Python's own booleans."""
    leaf = st.integers(0, 4)
    truth = {years: data.draw(st.booleans()) for years in range(5)}
    pairs = st.recursive(
        leaf.map(lambda years: (kh.age() >= years, truth[years])),
        lambda inner: st.one_of(
            st.builds(lambda a, b: (a[0] & b[0], a[1] and b[1]), inner, inner),
            st.builds(lambda a, b: (a[0] | b[0], a[1] or b[1]), inner, inner),
            inner.map(lambda a: (~a[0], not a[1])),
            st.lists(inner, min_size=2, max_size=3).map(
                lambda of: (kh.at_least(2, *[c for c, _ in of]), sum(t for _, t in of) >= 2)
            ),
            st.lists(inner, min_size=2, max_size=3).map(
                lambda of: (kh.at_most(1, *[c for c, _ in of]), sum(t for _, t in of) <= 1)
            ),
        ),
        max_leaves=7,
    )
    criterion, expected = data.draw(pairs)
    assert holds(criterion.plan(), truth) == expected


UNIVERSE = ["".join(parts) for n in range(1, 5) for parts in product("AB", repeat=n)]


def members(codes: Any) -> set[str]:
    def hit(pattern: Pattern, code: str) -> bool:
        return code == pattern.code if pattern.match == "exact" else code.startswith(pattern.code)

    return {
        code
        for code in UNIVERSE
        if any(hit(p, code) for p in codes.include) and not any(hit(p, code) for p in codes.exclude)
    }


small = code_sets(st.builds(str.__add__, st.text("AB", min_size=1, max_size=3), st.sampled_from(["", "*"])), ("own",))


@given(small, small)
@settings(max_examples=150, deadline=None)
def test_the_algebra_of_code_sets_is_exact_or_refused(left, right):
    for combine, expected in ((type(left).__or__, set.union), (type(left).__sub__, set.difference)):
        try:
            made = combine(left, right)
        except DefinitionError:
            assert left.exclude or right.exclude  # without exclusions nothing is refused
            continue
        assert members(made) == expected(members(left), members(right))


@given(st.permutations(["A10*", "A10BA02", "B01*", "C10+", "A10*"]))
@settings(max_examples=30, deadline=None)
def test_the_order_of_patterns_does_not_matter(patterns):
    assert kh.codes("ATC", *patterns) == reduce(lambda a, b: a | b, [kh.codes("ATC", p) for p in patterns])


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_the_axis_keeps_the_order_of_days(data):
    before, after = data.draw(st.integers(30, 40_000)), data.draw(st.integers(30, 40_000))
    low = data.draw(st.integers(-before, after))
    high = data.draw(st.integers(low + 1, after + 1))
    axis = Axis(before, after)
    assert axis.edge(low) < axis.edge(high)


@given(st.integers(1, 40), st.integers(0, 60), st.integers(60, 120), st.integers(0, 150))
@settings(max_examples=100, deadline=None)
def test_age_bands_hold_each_age_once(width, first, last, years):
    bands = kh.age_bands(width, first=first, last=last)
    assert len(bands.labels) == len(bands.edges)

    def inside(label: str) -> bool:
        if label.endswith("+"):
            return years >= int(label[:-1])
        low, _, high = label.partition("-")
        return int(low) <= years <= int(high or low)

    assert sum(inside(label) for label in bands.labels) == (years >= first)
    assert bands.edges[-1] <= last < bands.edges[-1] + width
