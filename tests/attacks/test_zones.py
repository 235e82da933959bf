"""Against the reader with two zonings: no union of zones less another leaves fewer persons than a cell may show."""

from __future__ import annotations

import random
from itertools import chain, combinations

import polars as pl
import pytest
from kohort.release import OutputRules, release_map


def unions(zones):
    return chain.from_iterable(combinations(zones, size) for size in range(1, len(zones) + 1))


def pieces(rng):
    """Persons in strips of two zonings that mostly agree: what moves a border is small."""
    rows = []
    for zone in range(rng.choice([3, 4, 5])):
        rows.append((f"a{zone}", f"b{zone}", rng.choice([40, 120, 900])))
        if rng.random() < 0.6:
            rows.append((f"a{zone}", f"b{zone + 1}", rng.choice([1, 3, 6, 10, 14, 60])))
    return pl.DataFrame(rows, schema=["a", "b", "n"], orient="row")


def isolated(data, shown):
    """The strips between a union of shown zones of one zoning and one of the other inside it, that hold few persons."""
    count = {row[:2]: row[2] for row in data.iter_rows()}
    of = {}
    for name, axis in (("a", 0), ("b", 1)):
        for label in set(data[name]):
            if (name, label) in shown:
                of[name, label] = frozenset(piece for piece in count if piece[axis] == label)
    found = []
    for outer, inner in (("a", "b"), ("b", "a")):
        for large in unions([zone for zone in of if zone[0] == outer]):
            whole = frozenset().union(*(of[zone] for zone in large))
            # The greatest union of the other zoning that lies inside.
            inside = frozenset().union(*(of[zone] for zone in of if zone[0] == inner and of[zone] <= whole))
            rest = sum(count[piece] for piece in whole - inside)
            if inside and 0 < rest < 11:
                found.append((large, rest))
    return found


@pytest.mark.parametrize("seed", range(25))
def test_no_strip_between_two_zonings_is_isolated(seed):
    data = pieces(random.Random(seed))
    frame = release_map(data, zone="a", zonings="b", rules=OutputRules()).to_polars()
    shown = {row[:2] for row in frame.filter(pl.col("n_status") == "shown").select("zoning", "zone").iter_rows()}
    assert not isolated(data, shown)


def test_the_attack_finds_strips_when_everything_is_shown():
    data = pl.DataFrame({"a": ["a0", "a0", "a1"], "b": ["b0", "b1", "b1"], "n": [100, 4, 200]})
    everything = {("a", "a0"), ("a", "a1"), ("b", "b0"), ("b", "b1")}
    assert {rest for _, rest in isolated(data, everything)} == {4}
