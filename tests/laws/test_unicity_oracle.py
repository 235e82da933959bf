"""Unicity against a brute-force count: whoever holds all points of a drawn person is looked for in plain Python."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import combinations

import kohort as kh
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kohort.results.unicity import COARSENINGS, wilson
from random_worlds import VOCABULARY, Event, Person, World, warehouse, worlds
from scipy.stats import binomtest

LIGHT = settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))


def blurred(on, coarsening):
    return {
        "day": on,
        "week": on - timedelta(days=on.weekday()),
        "month": (on.year, on.month),
        "quarter": (on.year, (on.month - 1) // 3),
        "year": on.year,
    }[coarsening]


def trajectories(world, domains, coarsening, place):
    found = {}
    for domain in domains:
        for event in world.events[domain]:
            where = event.end if place else None
            point = (domain, event.code, blurred(event.start, coarsening), where)
            found.setdefault(event.person, set()).add(point)
    return found


def ask(wh, domains, *, place=None, points=4, samples=10**6, seed=1):
    plans = json.dumps([kh.event(domain).plan() for domain in domains])
    buckets = list(COARSENINGS)
    return wh._core.unicity(plans, place=place, points=points, buckets=buckets, samples=samples, seed=seed)


@LIGHT
@given(worlds(), st.sampled_from([("drug",), ("visit", "drug"), tuple(VOCABULARY)]), st.booleans())
def test_one_point_and_all_points(world, domains, place):
    """What is drawn is random, but not with one point held by each, nor when all that a person has are drawn."""
    place = place and all(world.with_ends[domain] for domain in domains)
    most = 1 + max(len(world.events[domain]) for domain in VOCABULARY) * len(domains)
    with warehouse(world) as wh:
        found = ask(wh, domains, place="end" if place else None, points=most)
    for coarsening, counts in zip(COARSENINGS, found, strict=True):
        held = trajectories(world, domains, coarsening, place)
        sizes = [len(points) for points in held.values()]
        assert [persons for persons, _ in counts] == [
            sum(size >= number for size in sizes) for number in range(1, most + 1)
        ]
        # With all their points, exactly those are alone whose points nobody else has all of.
        alone_with_all = {
            person
            for person, points in held.items()
            if not any(points <= other for name, other in held.items() if name != person)
        }
        for number, (persons, alone) in enumerate(counts, start=1):
            never = sum(len(held[p]) >= number for p in held) - sum(len(held[p]) >= number for p in alone_with_all)
            must = sum(len(held[person]) == number for person in alone_with_all)
            assert must <= alone <= persons - never
        if all(size == 1 for size in sizes):
            assert counts[0][1] == len(alone_with_all)


@settings(LIGHT, max_examples=6)
@given(worlds(), st.integers(0, 2**64 - 1))
def test_points_are_drawn_evenly(world, seed):
    """Over many seeds, a person is alone with p points as often as the share of sets of p points says."""
    draws = 40
    with warehouse(world) as wh:
        found = [ask(wh, ("drug",), points=3, seed=(seed + n) % 2**64)[0] for n in range(draws)]
    held = trajectories(world, ("drug",), "day", place=False)
    for number in (1, 2, 3):
        expected = 0.0
        for person, points in held.items():
            sets = [set(chosen) for chosen in combinations(sorted(points, key=repr), number)]
            others = [other for name, other in held.items() if name != person]
            expected += sum(not any(chosen <= other for other in others) for chosen in sets) / max(len(sets), 1)
        alone = sum(counts[number - 1][1] for counts in found) / draws
        # Five standard deviations of a sum of that many Bernoulli draws.
        assert abs(alone - expected) <= 5 * (len(held) / 4 / draws) ** 0.5 + 1e-9


@LIGHT
@given(worlds(), st.integers(1, 4))
def test_samples_and_shards(world, samples):
    with warehouse(world) as wh:
        some = ask(wh, ("drug",), samples=samples)
        everybody = ask(wh, ("drug",))
        assert some == ask(wh, ("drug",), samples=samples)
    persons = len({event.person for event in world.events["drug"]})
    assert some[0][0][0] == min(samples, persons)
    assert everybody[0][0][0] == persons
    for few, all_ in zip(some, everybody, strict=True):
        assert all(a <= b and c <= d for (a, c), (b, d) in zip(few, all_, strict=True))


def test_holders_in_shards_of_nobody_sampled_count():
    """Who is sampled has company also in a shard that no sampled person is in."""
    named = [Person(name=f"p{n}", sex="female", born=date(1980, 1, 1), died=None) for n in range(6)]
    same = [Event(person=p.name, start=date(2016, 3, 1), code="A1", end=None, supply=None) for p in named]
    world = World(
        persons=tuple(named),
        periods=tuple((p.name, date(2016, 1, 1), date(2016, 4, 1)) for p in named),
        events={"drug": tuple(same), "diagnosis": (), "visit": ()},
        descents=(),
        with_ends=dict.fromkeys(VOCABULARY, True),
        shard_persons=1,
    )
    with warehouse(world) as wh:
        for seed in range(12):
            assert [counts[0] for counts in ask(wh, ("drug",), samples=1, seed=seed)] == [(1, 0)] * len(COARSENINGS)


@pytest.mark.parametrize(("hits", "trials"), [(0, 5), (5, 5), (3, 20), (999, 1000)])
def test_wilson_is_scipys(hits, trials):
    low, high = binomtest(hits, trials).proportion_ci(method="wilson")
    assert wilson(hits, trials) == pytest.approx((low, high), abs=1e-12)


def test_the_frame_is_of_whole_percents(tmp_path):
    wh = kh.demo(1_500, path=tmp_path / "wh", progress=False)
    found = wh.unicity("stay", points=[2, 1], coarsening="year", progress=False)
    assert found.frame["points"].to_list() == [1, 2]
    shares = found.frame.select((pl.col("share", "low", "high") * 100).round(9) % 1)
    assert shares.sum().sum_horizontal().item() == pytest.approx(0, abs=1e-9)
    assert (found.frame["persons"] % 10 == 0).all()
