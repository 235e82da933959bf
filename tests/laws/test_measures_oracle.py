"""What is measured of a cohort agrees with the oracle: inside the core, and in what a release shows."""

from __future__ import annotations

import json
from collections import Counter
from itertools import product

import kohort as kh
import measures_oracle as slow
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from oracle import evaluate
from random_cohorts import CodeSet, Definition, Exit, Query, definitions, queries, windows
from random_worlds import VOCABULARY, warehouse, worlds
from scipy.optimize import brentq
from scipy.stats import poisson

LIGHT = settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
OPEN = kh.OutputRules(min_cell=1)
BY_AGE = {"kind": "age", "edges": [0, 1, 18, 19, 65]}
BY_YEAR = {"kind": "year", "edges": [2016, 2017]}
variables = st.lists(st.sampled_from([{"kind": "sex"}, BY_AGE, BY_YEAR]), max_size=2, unique_by=lambda v: v["kind"])
questions = st.lists(
    st.tuples(queries(), variables, st.sampled_from([None, None, 0, 1, 3, 10]), st.sampled_from([0, 0, 1, 3, 8])),
    min_size=1,
    max_size=4,
)


def cells(counts: Counter[int], by: list[dict]) -> list[int]:
    size = 1
    for variable in by:
        size *= slow.levels(variable)
    return [counts[cell] for cell in range(size)]


@LIGHT
@given(worlds(), st.lists(definitions(), min_size=1, max_size=3), questions)
def test_incidence_counts_persons_events_and_days(world, cohorts, asked):
    with warehouse(world) as wh:
        for definition in cohorts:
            result = wh.run(definition.build(), progress=False)
            spells = evaluate(definition, world).rows
            for outcome, by, washout, lag in asked:
                plan = json.dumps(outcome.build().plan())
                found = result._core.incidence(plan, json.dumps(by), washout, lag, None)
                expected = slow.incidence(spells, outcome, by, washout, lag, world)
                assert found == tuple(cells(part, by) for part in expected)


@LIGHT
@given(worlds(), st.lists(definitions(), min_size=1, max_size=3), variables, st.lists(queries(), max_size=5), windows)
def test_characteristics_count_persons_on_their_first_day(world, cohorts, by, prior, window):
    with warehouse(world) as wh:
        for definition in cohorts:
            result = wh.run(definition.build(), progress=False)
            spells = evaluate(definition, world).rows
            found = result._core.persons_by(json.dumps(by))
            assert found == cells(slow.persons_by(spells, by, world), by)
            built = window.build(kh.drug())
            days = json.dumps({"from": built.start, "to": built.end})

            def ask(plans, core=result._core, window=(days, built.observed)):
                return core.persons_with(json.dumps(plans), *window)

            plans = [query.build().plan() for query in prior]
            together = ask(plans)
            assert together == [slow.persons_with(spells, query, window, world) for query in prior]
            assert together == [count for plan in plans for count in ask([plan])]


def exact_limits(events: int) -> tuple[float, float]:
    """Find the Poisson means under which so many events or more, or so few or fewer, have a chance of 2.5 %."""
    low = brentq(lambda mean: poisson.sf(events - 1, mean) - 0.025, 1e-9, events + 1.0) if events else 0.0
    return low, brentq(lambda mean: poisson.cdf(events, mean) - 0.025, 1e-9, 10 * events + 20.0)


everybody = Definition(
    entry=(Query("drug", None, first=False), Query("diagnosis", None, first=False), Query("visit", None, first=False)),
    between=None,
    before=0,
    after=0,
    rules=(),
    limit="all",
    exit=Exit("observation", 0, None, "drug"),
    censor=(),
)


@settings(LIGHT, max_examples=25)
@given(worlds(), queries(), st.sampled_from([None, 3]), st.sampled_from([0, 2]))
def test_an_open_gate_shows_the_oracle_s_numbers(world, outcome, washout, lag):
    bands, by = kh.age_bands([0, 18, 19]), [{"kind": "sex"}, {"kind": "age", "edges": [0, 18, 19]}]
    labels = list(product(slow.SEXES, ("<0", *bands.labels)))
    spells = evaluate(everybody, world).rows
    with warehouse(world) as made:
        wh = kh.open(made.path, rules=OPEN)
        result = wh.run(everybody.build(), progress=False)
        expected = slow.incidence(spells, outcome, by, washout, lag, world)
        table = result.incidence(outcome.build(), by=["sex", bands], washout=washout, lag=lag, progress=False)
        seen: Counter[int] = Counter()
        for row in table.to_polars().iter_rows(named=True):
            own = [
                cell
                for cell, (sex, band) in enumerate(labels)
                if row["sex"] in (sex, "Total") and row["age"] in (band, "Total")
            ]
            persons, events, days = (sum(part[cell] for cell in own) for part in expected)
            assert (row["persons"], row["events"]) == (persons, events)
            assert row["person_years"] == pytest.approx(days / 365.25, abs=0.0501)
            if days:
                per_year = 1000 * 365.25 / days
                assert row["rate"] == pytest.approx(events * per_year, abs=0.00501)
                assert row["rate_low"] == pytest.approx(exact_limits(events)[0] * per_year, abs=0.00501, rel=1e-6)
                assert row["rate_high"] == pytest.approx(exact_limits(events)[1] * per_year, abs=0.00501, rel=1e-6)
            seen.update(own)
        # Every stratum with a person has its own row, and is in the three kinds of totals.
        assert all(seen[cell] == 4 for cell in expected.persons)


@settings(LIGHT, max_examples=25)
@given(worlds(), queries(), windows)
def test_an_open_gate_shows_the_oracle_s_characteristics(world, query, window):
    spells = evaluate(everybody, world).rows
    with warehouse(world) as made:
        result = kh.open(made.path, rules=OPEN).run(everybody.build(), progress=False)
        bands = kh.age_bands([0, 18, 19])
        table = result.characterize(age=bands, prior=window.build(query.build()), progress=False).to_polars()
    total = len({name for name, _, _ in spells})
    shown = {(row["variable"], row["level"]): row["persons"] for row in table.iter_rows(named=True)}
    sexes = slow.persons_by(spells, [{"kind": "sex"}], world)
    ages = slow.persons_by(spells, [{"kind": "age", "edges": [0, 18, 19]}], world)
    expected = {("sex", slow.SEXES[level]): count for level, count in sexes.items()}
    expected |= {("age", ("<0", *bands.labels)[level]): count for level, count in ages.items()}
    assert {key: count for key, count in shown.items() if key[0] in ("sex", "age") and count} == expected
    (prior,) = (count for (variable, _), count in shown.items() if variable.startswith(query.domain))
    assert prior == slow.persons_with(spells, query, window, world)
    assert total in shown.values()


LEVELS = [("drug", kh.drug, 1, 1), ("drug", kh.drug, 2, 3), ("diagnosis", kh.diagnosis, 3, 3)]


@settings(LIGHT, max_examples=25)
@given(worlds(), st.sampled_from(LEVELS), windows)
def test_each_group_of_codes_has_the_count_of_its_own_codes(world, grouped, window):
    domain, events, level, length = grouped
    vocabulary = VOCABULARY[domain]
    spells = evaluate(everybody, world).rows
    with warehouse(world) as made:
        wh = kh.open(made.path, rules=OPEN)
        assume(domain in wh.domains)
        prior = window.build(events(kh.codes(vocabulary, level=level)))
        table = wh.run(everybody.build(), progress=False).characterize(prior=prior, progress=False).to_polars()
    rows = table.filter(table["variable"].str.starts_with(domain))
    shown = dict(zip(rows["level"], rows["persons"], strict=True))
    queries_of = {
        group: Query(domain, CodeSet(vocabulary, (f"{group}*",), (), descendants=False), first=False)
        for group in sorted({event.code[:length] for event in world.events[domain]})
    }
    assert shown == {group: slow.persons_with(spells, query, window, world) for group, query in queries_of.items()}
