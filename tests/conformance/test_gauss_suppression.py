# ruff: noqa: T201 - as a script it prints a table
"""Secondary suppression against GaussSuppression 1.2.3 of Statistics Norway, on its own example tables.

Run as a script, this file prints the comparison that `docs/tables.md` shows.

GaussSuppression (Langsrud, "Secondary cell suppression by Gaussian elimination: an algorithm suitable for handling
issues with zeros and singletons", Privacy in Statistical Databases 2024) hides cells until no small count is the
solution of a linear system. kohort demands more: a small count may be anything from 1 to `min_cell - 1`, also for a
reader who knows which hidden cells are small and which are not.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from kohort.release import OutputRules, attack, release_table

SHARED = Path(os.environ.get("KOHORT_SHARED", Path(__file__).parents[2] / ".." / "shared"))
FOLDER = SHARED / "data" / "microdata" / "tables"
DIMENSIONS = {"z1": ["region", "hovedint"], "z2": ["region", "hovedint"], "z3": ["region", "hovedint", "mnd"]}
SMALL_TABLES = [
    f"{table}_maxN{n}_pz{zeros}" for n in (1, 2, 3, 5, 9, 10) for zeros in ("TRUE", "FALSE") for table in ("z1", "z2")
] + ["z1_intervals_maxN3", "z1_intervals_maxN5", "z1_intervals_maxN10", "z2_intervals_maxN3", "z2_intervals_maxN10"]
LARGE_TABLES = ["z3_maxN2", "z3_maxN10"]

needs_tables = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="reference data not here: data/microdata/tables (set KOHORT_SHARED to its folder)"
)


def cases():
    return {case["name"]: case for case in json.loads((FOLDER / "gauss_cases.json").read_text())}


def table(name):
    """The counts, and the two hierarchies of regions, which overlap."""
    frame = pl.read_csv(FOLDER / f"{name}.csv")
    upper = pl.col("region").str.to_uppercase()
    if name == "z3":
        # The published patterns tell "a" from "A" by a number.
        frame = frame.with_columns(pl.when(upper == pl.col("region")).then(upper + "2").otherwise(upper + "1"))
    trees = {}
    if name != "z1":
        columns = [frame.select("region", pl.col(of).cast(pl.String)) for of in ("fylke", "kostragr")]
        trees["region"] = [dict(each.iter_rows()) for each in columns]
    if name == "z3":
        trees["mnd"] = dict(frame.select("mnd", "mnd2").iter_rows())
    return frame.select(*DIMENSIONS[name], "ant"), trees


def compare(case):
    """Protect a case under equal parameters; return what there is to compare."""
    name = case["name"][:2]
    frame, trees = table(name)
    least = int(case["call"].split("maxN=")[1].split(",")[0].rstrip(")")) + 1
    rules = OutputRules(
        min_cell=least,
        show_zeros="protectZeros=FALSE" in case["call"],
        search="heuristic" if name == "z3" else "auto",
    )
    ours = release_table(frame, dimensions=DIMENSIONS[name], count="ant", hierarchies=trees, rules=rules)
    columns = case["table"]
    keys = list(zip(*(map(str, columns[each]) for each in DIMENSIONS[name]), strict=True))
    given = dict(zip(keys, zip(columns["ant"], columns["primary"], columns["suppressed"], strict=True), strict=True))
    assert set(keys) == set(ours.labels)
    theirs = replace(
        ours,
        values=tuple((None if given[key][2] else given[key][0],) for key in ours.labels),
        statuses=tuple(
            ("small" if given[key][1] else "protective" if given[key][2] else "shown",) for key in ours.labels
        ),
    )
    return ours, theirs, given, rules


def exposed(release):
    """Small cells that a reader tells more closely than 1 to `min_cell - 1`, and those told exactly."""
    found = [each for each in attack(release).intervals if each.status == "small"]
    close = [each for each in found if each.low > 1 or (each.high or 0) < release.rules.min_cell - 1]
    return close, [each for each in close if each.low == each.high]


def hidden(release):
    return sum(status != "shown" for (status,) in release.statuses)


def zeros(release, given):
    """Hidden zeros of groups too small to be broken down, which GaussSuppression shows."""
    return sum(
        status != "shown" and given[key][0] == 0 and not given[key][1]
        for key, (status,) in zip(release.labels, release.statuses, strict=True)
    )


def check(case, *, audit):
    ours, theirs, given, rules = compare(case)
    for key, (status,) in zip(ours.labels, ours.statuses, strict=True):
        persons, primary, _ = given[key]
        if primary:
            assert status in {"small", "withheld"}
        elif status == "small":
            # A group of few persons is not broken down: its zeros are not told apart.
            assert persons == 0
            assert rules.show_zeros
    if audit:
        assert not exposed(ours)[0]
        # No more cells than published, zeros of small groups left aside; or what was published tells too much.
        assert hidden(ours) - zeros(ours, given) <= case["n_suppressed"] or exposed(theirs)[0]


@needs_tables
@pytest.mark.parametrize("name", SMALL_TABLES)
def test_tables_of_counts(name):
    check(cases()[name], audit=True)


@needs_tables
@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE_TABLES)
def test_six_columns(name):
    check(cases()[name], audit=True)


@needs_tables
def test_two_tables_that_give_a_cell_away_together():
    case = cases()["linked136_maxN3"]
    frame = pl.read_csv(FOLDER / "linked136.csv")
    trees = [dict(frame.select("region", of).iter_rows()) for of in ("county", "group")]
    counts, rules = frame.select("region", "n"), OutputRules(min_cell=4)
    alone = [release_table(counts, dimensions=["region"], hierarchies={"region": tree}, rules=rules) for tree in trees]
    assert [exposed(each)[0] for each in alone] == [[], []]
    together = {found.row[0]: (found.low, found.high) for found in attack(*alone).intervals}
    assert together["K"] == together["L"] == (3, 3)
    ours = release_table(counts, dimensions=["region"], hierarchies={"region": trees}, rules=rules)
    assert not exposed(ours)[0]
    assert hidden(ours) <= case["n_suppressed"] + 2


def main():
    heads = ["table", "cells", "below the threshold", "hidden by GaussSuppression", "told too closely", "told exactly"]
    heads += ["hidden by kohort", "of these zeros of small groups"]
    print(f"| {' | '.join(heads)} |")
    print("| --- " * len(heads) + "|")
    for name in [*SMALL_TABLES, *LARGE_TABLES]:
        case = cases()[name]
        ours, theirs, given, _ = compare(case)
        close, exact = map(len, exposed(theirs))
        found = [name, f"{case['n_cells']:,}", case["n_primary"], case["n_suppressed"], close, exact, hidden(ours)]
        print(f"| {' | '.join(map(str, [*found, zeros(ours, given)]))} |")


if __name__ == "__main__":
    main()
