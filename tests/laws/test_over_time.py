"""Survival and prevalence agree with an oracle that goes day by day, and with lifelines, statsmodels and polars."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import date, timedelta

import kohort as kh
import measures_oracle as slow
import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kohort.release import release_prevalence
from kohort.release.incidence import release_incidence
from oracle import days_of, evaluate
from random_cohorts import definitions, queries
from random_worlds import warehouse, worlds

LIGHT = settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
BY = ([], [{"kind": "sex"}], [{"kind": "sex"}, {"kind": "age", "edges": [0, 18, 65]}])
EPOCH = date(1970, 1, 1)


@LIGHT
@given(
    worlds(),
    st.lists(definitions(), min_size=1, max_size=3),
    queries(),
    st.sampled_from(BY),
    st.sampled_from([None, None, 0, 3]),
    st.sampled_from([0, 0, 1, 8]),
)
def test_follow_up_is_counted_day_by_day(world, cohorts, outcome, by, washout, lag):  # noqa: PLR0917
    with warehouse(world) as wh:
        for definition in cohorts:
            result = wh.run(definition.build(), progress=False)
            plan = json.dumps(outcome.build().plan())
            found = result._core.survival(plan, json.dumps(by), washout, lag, None)
            expected = slow.survival(evaluate(definition, world).rows, outcome, by, washout, lag, world)
            told = Counter()
            for cell, days, events, censored in found:
                told[cell, days, True] += events
                told[cell, days, False] += censored
            assert +told == expected
            assert [row[:2] for row in found] == sorted({row[:2] for row in found})


@LIGHT
@given(
    worlds(),
    definitions(),
    definitions(),
    queries(),
    st.sampled_from(BY),
    st.sampled_from([(date(2015, 6, 1), 0), (date(2016, 1, 1), 40), (date(2016, 3, 1), 400)]),
    st.sampled_from([None, 0, 5, 60]),
)
def test_prevalence_is_counted_day_by_day(world, definition, other, condition, by, period, lasting):  # noqa: PLR0917
    first, last = period[0], period[0] + timedelta(days=period[1])
    core = ((first - EPOCH).days, (last - EPOCH).days)
    spells = evaluate(definition, world).rows
    long = (last - first).days + 4000
    sick = {
        person.name: {
            on + timedelta(days=n)
            for on in days_of(condition, person, world)
            for n in range((long if lasting is None else lasting) + 1)
        }
        for person in world.persons
    }
    members: dict[str, set[date]] = {}
    for name, start, end in evaluate(other, world).rows:
        members.setdefault(name, set()).update(start + timedelta(days=n) for n in range((end - start).days + 1))
    with warehouse(world) as wh:
        result = wh.run(definition.build(), progress=False)
        size = 1
        for variable in by:
            size *= slow.levels(variable)
        events = json.dumps(condition.build().plan())
        found = result._core.prevalence_of_events(events, json.dumps(by), core, lasting, None)
        expected = slow.prevalence(spells, sick, (first, last), by, world)
        assert found == tuple([part[cell] for cell in range(size)] for part in expected)
        found = result._core.prevalence_of_cohort(wh.run(other.build(), progress=False)._core, json.dumps(by), core)
        expected = slow.prevalence(spells, members, (first, last), by, world)
        assert found == tuple([part[cell] for cell in range(size)] for part in expected)


def followed(seed, persons):
    rng = np.random.default_rng(seed)
    event, out = rng.exponential(500, persons), rng.uniform(30, 1500, persons)
    return pl.DataFrame(
        {"t": np.floor(np.minimum(event, out)), "e": event <= out, "g": rng.choice(["x", "y"], persons)}
    )


@pytest.mark.parametrize(("seed", "persons", "interval"), [(1, 4000, 30), (2, 700, None), (3, 250, 90), (4, 60, 60)])
def test_a_curve_is_kaplan_meier_of_coarse_times(seed, persons, interval):
    lifelines = pytest.importorskip("lifelines")
    data = followed(seed, persons)
    frame = kh.release_survival(data, times="t", events="e", by="g", interval=interval).to_polars()
    compared = 0
    for group in ("x", "y", "Total"):
        rows = frame.filter((pl.col("g") == group) & pl.col("survival").is_not_null())
        grid = rows["time"].cast(pl.Float64).to_numpy()
        own = data if group == "Total" else data.filter(pl.col("g") == group)
        # To the next shown time; what is later is censored beyond the last.
        later = np.append(grid[1:], np.inf)[np.searchsorted(grid[1:], own["t"].to_numpy())]
        known = np.isfinite(later)
        fit = lifelines.KaplanMeierFitter().fit(
            np.where(known, later, grid[-1] + 1), own["e"].to_numpy() & known, timeline=grid
        )
        assert np.allclose(rows["survival"].to_numpy(), fit.survival_function_.iloc[:, 0].to_numpy(), atol=1e-9, rtol=0)
        limits = fit.confidence_interval_.to_numpy()[1:]
        ours = rows.select("survival_low", "survival_high").to_numpy()[1:]
        assert np.allclose(ours, limits, atol=1e-9, rtol=0)
        compared += len(grid) - 1
    assert compared > 2 or persons < 100


def test_shown_counts_are_those_of_polars():
    data = followed(5, 3000)
    for row in kh.release_survival(data, times="t", events="e", by="g").to_polars().iter_rows(named=True):
        own = data if row["g"] == "Total" else data.filter(pl.col("g") == row["g"])
        gone = own.filter(pl.col("t") <= float(row["time"])) if row["time"] != "0" else own.clear()
        assert row["at_risk"] in {None, own.height - gone.height}
        assert row["events"] in {None, gone["e"].sum()}
        assert row["censored"] in {None, gone.height - gone["e"].sum()}


def test_wilson_is_that_of_statsmodels():
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    rows = [(str(cases), persons, cases) for persons, cases in [(100, 11), (5000, 4000), (250, 239), (40, 0)]]
    rel = release_prevalence(rows, ["x"], rules=kh.OutputRules(min_cell=1)).to_polars()
    for row in rel.iter_rows(named=True):
        limits = proportion.proportion_confint(row["cases"], row["persons"], method="wilson")
        assert (row["per_1000_low"], row["per_1000_high"]) == pytest.approx([1000 * x for x in limits], abs=0.006)


def test_a_standardized_rate_is_the_weighted_mean_of_its_bands():
    rng = random.Random(7)
    bands = ["<20", "20-39", "40-64", "65+"]
    # Eurostat's persons of each five years of age, added up by hand.
    weights = [21_500, 25_500, 33_500, 19_500]
    rows = [(sex, band, 2000, rng.randint(20, 200), rng.randint(10**5, 10**6)) for sex in "fm" for band in bands]
    rel = release_incidence(rows, {"sex": ["f", "m"], "age": bands}, standardize="european_2013").to_polars()
    for sex in "fm":
        rates = [1000 * row[3] / (row[4] / 365.25) for row in rows if row[0] == sex]
        expected = sum(w * r for w, r in zip(weights, rates, strict=True)) / 100_000
        row = rel.filter((pl.col("sex") == sex) & (pl.col("age") == "Total")).row(0, named=True)
        assert row["standardized_rate"] == pytest.approx(expected, rel=1e-3)
        assert row["standardized_low"] < row["standardized_rate"] < row["standardized_high"]
    inner = rel.filter(pl.col("age") != "Total")
    assert set(inner["standardized_rate_status"]) == {"not applicable"}
