"""Every builder agrees with the oracle on random small populations: persons, dates and attrition alike."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import evaluate
from random_cohorts import Definition, definitions
from random_worlds import World, warehouse, worlds

if TYPE_CHECKING:
    import kohort as kh

LIGHT = settings(deadline=None, max_examples=50, suppress_health_check=list(HealthCheck))
#: KOHORT_EXAMPLES says how many populations the long run takes.
LONG = settings(LIGHT, max_examples=int(os.environ.get("KOHORT_EXAMPLES", "1000")))
several = st.lists(definitions(), min_size=2, max_size=9)


def agree(wh: kh.Warehouse, definition: Definition, world: World) -> None:
    expected = evaluate(definition, world)
    result = wh.run(definition.build(), progress=False)
    assert result._core.attrition() == expected.attrition
    frame = result.persons()
    assert frame.columns == ["person_id", "start", "end"]
    assert sorted(frame.rows()) == expected.rows
    assert result._core.persons() == len({row[0] for row in expected.rows})


@LIGHT
@given(worlds(), several)
def test_cohorts_are_what_the_oracle_says(world, cohorts):
    with warehouse(world) as wh:
        for definition in cohorts:
            agree(wh, definition, world)


@pytest.mark.slow
@LONG
@given(worlds(), several)
def test_cohorts_are_what_the_oracle_says_at_length(world, cohorts):
    with warehouse(world) as wh:
        for definition in cohorts:
            agree(wh, definition, world)
