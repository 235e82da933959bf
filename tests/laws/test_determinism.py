"""The same data and the same question give the same answer, however they are cut, ordered, opened or asked at once."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from random import Random
from threading import Barrier

import kohort as kh
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_cohorts import definitions
from random_worlds import warehouse, worlds

LIGHT = settings(deadline=None, max_examples=12, suppress_health_check=list(HealthCheck))
several = st.lists(definitions(), min_size=2, max_size=5)


def answers(wh, cohorts):
    """Give rows in their order, and the attrition, of each cohort."""
    results = [wh.run(cohort, progress=False) for cohort in cohorts]
    return [(result.persons().rows(), result._core.attrition()) for result in results]


def in_any_order(found):
    return [(sorted(rows), attrition) for rows, attrition in found]


@LIGHT
@given(worlds(), several)
def test_shards_do_not_matter(world, cohorts):
    built = [cohort.build() for cohort in cohorts]
    found = []
    for shard_persons in (1, 3, 100):
        with warehouse(replace(world, shard_persons=shard_persons)) as wh:
            found.append(answers(wh, built))
    assert found[0] == found[1] == found[2]


@LIGHT
@given(worlds(), several, st.integers(0, 1000))
def test_the_order_of_rows_does_not_matter(world, cohorts, seed):
    built = [cohort.build() for cohort in cohorts]
    with warehouse(world) as straight, warehouse(world.shuffled(Random(seed))) as mixed:
        assert in_any_order(answers(straight, built)) == in_any_order(answers(mixed, built))


@LIGHT
@given(worlds(), several)
def test_opening_and_asking_again_does_not_matter(world, cohorts):
    built = [cohort.build() for cohort in cohorts]
    with warehouse(world) as wh:
        once = answers(wh, built)
        assert answers(wh, built) == once
        assert answers(kh.open(wh.path), built) == once
        # With no room to keep anything every question reads its files again.
        assert answers(kh.open(wh.path, memory=0), built) == once


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return kh.demo(20_000, path=tmp_path_factory.mktemp("threads") / "wh", progress=False)


def questions():
    for prefix in ("A*", "B*", "C*", "N*", "R*"):
        drug = kh.drug(kh.codes("ATC", prefix))
        cohort = kh.cohort(prefix).entry(drug, limit="all").observed(before=180)
        cohort = cohort.require("again", drug.within(1, 365).count() >= 2)
        yield cohort.exclude("ill before", kh.diagnosis().before().any()).exit(kh.end_of_supply(gap=30))


@pytest.mark.parametrize("memory", [0, 1 << 30])
def test_threads_do_not_matter(demo, memory):
    cohorts = list(questions())
    once = answers(demo, cohorts)
    assert all(len(rows) > 100 for rows, _ in once)
    wh = kh.open(demo.path, memory=memory)
    threads = max(2, os.cpu_count() or 2)
    together = Barrier(threads)

    def ask(_):
        together.wait(timeout=60)
        return answers(wh, cohorts)

    with ThreadPoolExecutor(threads) as pool:
        for found in pool.map(ask, range(threads)):
            assert found == once
