# ruff: noqa: T201 - what was attacked is printed
"""Thousands of random tables of one to four dimensions, with hierarchies and linked pairs, against the reader with a solver.

The reader (`lp_reader`) knows the released values, the statuses, the rules and the layout; it shares no code with the package.
"""

from __future__ import annotations

import random
from math import inf

import lp_reader as reader
import polars as pl
import pytest
import random_tables as tables
from kohort.errors import DisclosureError
from kohort.release import OutputRules, release_table, release_tables

NOISE = 1e-5


class Tally:
    """What was attacked, and the closest that the reader came."""

    def __init__(self):
        self.tables = self.cells = 0
        self.tightest = inf

    def __str__(self):
        return f"{self.tables:,} tables, {self.cells:,} small cells attacked; tightest interval {self.tightest:.0%} of the range"

    def attack(self, cells, sums, rules, truth, context):
        small = range(1, rules.min_cell)
        for name, (value, status) in cells.items():
            assert status != "protective" or truth[name] >= rules.min_cell, context
            assert status != "shown" or (value == truth[name] and value not in small), context
        bounds = reader.known_bounds(cells, sums, rules.min_cell, show_zeros=rules.show_zeros)
        targets = [n for n, (_, s) in cells.items() if s == "small" or (s == "withheld" and truth[n] in small)]
        found = reader.intervals(cells, sums, bounds, targets)
        self.tables, self.cells = self.tables + 1, self.cells + len(targets)
        for name, (low, high) in found.items():
            width = (min(high, rules.min_cell - 1) - max(low, 1) + 1) / (rules.min_cell - 1)
            self.tightest = min(self.tightest, width)
            assert low <= 1 + NOISE, (context, name)
            assert high >= rules.min_cell - 1 - NOISE, (context, name)


def random_rules(rng):
    return OutputRules(
        min_cell=rng.choice([3, 5, 11, 11]),
        show_zeros=rng.random() < 0.7,
        search=rng.choice(["heuristic", "heuristic", "heuristic", "auto"]),
    )


def one_table(rng, tally):
    leaves, trees = tables.random_dimensions(rng)
    counts, rules = tables.random_counts(rng, leaves), random_rules(rng)
    release = release_table(tables.frame_of(leaves, counts), dimensions=list(leaves), hierarchies=trees, rules=rules)
    keys, sums = tables.layout(leaves, trees)
    frame = release.to_polars()
    rows = {row[:-2]: row[-2:] for row in frame.select([*leaves, "n", "n_status"]).iter_rows()}
    assert set(rows) == set(keys)
    tally.attack(rows, sums, rules, tables.truth_of(leaves, trees, counts), (leaves, trees, counts, rules))


def linked_pair(rng, tally, *, one_after_the_other):
    """Two tables of the same persons that share a dimension, or see one by different hierarchies."""
    leaves, trees = tables.random_dimensions(rng)
    # Margins are what the pair shares: counts are small, so that some margins are.
    counts = tables.random_counts(rng, leaves, rng.choice([("tiny",), ("tiny", "tiny", "thin"), ("thin",)]))
    names, rules = list(leaves), random_rules(rng)
    views = []
    for half in range(2):
        kept = [name for axis, name in enumerate(names) if len(names) == 1 or axis != len(names) - 1 - half]
        mine = {name: trees[name][half : half + 1] for name in kept if trees.get(name, [])[half : half + 1]}
        views.append((kept, mine))
    frame = tables.frame_of(leaves, counts)
    specs = {
        f"t{n}": {"dimensions": kept, "hierarchies": mine, "df": summed(frame, kept)}
        for n, (kept, mine) in enumerate(views)
    }
    if one_after_the_other:
        done = []
        for spec in specs.values():
            try:
                done.append(release_table(**spec, rules=rules, linked=done))
            except DisclosureError:
                return 0
    else:
        done = list(release_tables(specs, rules=rules).values())
    cells, sums, truth = {}, [], {}
    for (kept, mine), release in zip(views, done, strict=True):
        part = {name: leaves[name] for name in kept}
        exact = tables.truth_of(part, mine, {row[:-1]: row[-1] for row in summed(frame, kept).iter_rows()})
        rows = release.to_polars().select([*kept, "n", "n_status"]).iter_rows()
        for row in rows:
            name = tables.shared_name(kept, row[:-2])
            assert cells.setdefault(name, row[-2:]) == row[-2:]
            truth[name] = exact[row[:-2]]
        for total, parts in tables.layout(part, mine)[1]:
            named = [tables.shared_name(kept, key) for key in (total, *parts)]
            sums.append((named[0], named[1:]))
    tally.attack(cells, sums, rules, truth, (leaves, trees, counts, rules))
    return 1


def summed(frame, kept):
    return frame.group_by(kept, maintain_order=True).agg(pl.col("n").sum())


def many(seed, single, pairs, after):
    rng, tally, linked, later = random.Random(seed), Tally(), Tally(), Tally()
    for _ in range(single):
        one_table(rng, tally)
    for _ in range(pairs):
        linked_pair(rng, linked, one_after_the_other=False)
    done = sum(linked_pair(rng, later, one_after_the_other=True) for _ in range(after))
    print(f"\nalone: {tally}\ntogether: {linked}\none after the other: {later}; {after - done} refused")
    assert tally.cells > single
    assert linked.cells > pairs
    assert done > after / 2


def test_some_tables():
    many(20260101, 120, 60, 40)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_many_tables(seed):
    many(seed, 300, 100, 50)
