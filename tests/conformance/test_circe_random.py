"""Random definitions on random CDMs: kohort and Circe's own SQL find the same rows, and the same masks of rules."""

from __future__ import annotations

import json
import random
import warnings

import kohort as kh
import pytest
from circe_oracle import Oracle
from random_cdm import Cdm
from random_circe import Definitions

#: Definitions asked of each CDM.
EACH = 25
#: Seeds that once found a fault; they are tried for ever.
FOUND = (10, 26, 34)


def compare(seed, folder):
    """Ask definitions of one CDM; gives the first that the two answer differently, with both answers."""
    draw = random.Random(seed)
    ties = seed % 2 == 0
    source = Cdm(draw, ties=ties).write(folder / "cdm")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", kh.KohortWarning)
        wh = kh.ingest.omop(source, into=folder / "wh", progress=False, shard_persons=10)
        oracle = Oracle(source)
        for number in range(EACH):
            definition = Definitions(draw, ties=ties).definition()
            expected = oracle.rows(definition, stats=True)
            cohort = kh.from_circe(definition)
            found = wh.run(cohort, progress=False).persons().rows()
            rows = sorted((int(person), start, end) for person, start, end in found)
            if rows != expected:
                return number, definition, expected, rows
            masks = wh._core.inclusion(cohort.to_json())
            if definition["InclusionRules"] and masks[0] != oracle.masks(0):
                return number, definition, oracle.masks(0), masks[0]
    return None


def check(seed, folder):
    different = compare(seed, folder)
    if different is not None:
        number, definition, expected, found = different
        pytest.fail(
            f"seed {seed}, definition {number}\nCirce: {expected}\nkohort: {found}\n{json.dumps(definition, indent=1)}"
        )


@pytest.mark.parametrize("seed", [*FOUND, *range(6)])
def test_the_same_rows(seed, tmp_path):
    check(seed, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1100))
def test_the_same_rows_thousands_of_times(seed, tmp_path):
    check(seed, tmp_path)
