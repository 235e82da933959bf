# ruff: noqa: T201 - seeded tables, and the count of what was attacked is printed
"""Against the reader with a solver who has the risk table and the curve: no step, shown or not, gives a small count."""

from __future__ import annotations

import random
from collections import Counter
from math import ceil

import lp_reader as reader
import polars as pl
import pytest
from kohort.release import OutputRules, release_survival

NOISE = 1e-5
COUNTS = ("at_risk", "events", "censored")


def followed(rng):
    """Persons of one to three groups, with rare or frequent events and early or late censoring."""
    groups = rng.choice([["a"], ["a", "b"], ["a", "b", "c"]])
    rows = []
    for group in groups:
        hazard, out = rng.choice([0.0005, 0.002, 0.01]), rng.choice([0.0005, 0.003])
        for _ in range(rng.choice([15, 60, 200, 600])):
            event, censored = rng.expovariate(hazard), min(rng.expovariate(out), 720)
            rows.append((group, int(min(event, censored)), event <= censored))
    return pl.DataFrame(rows, schema=["group", "time", "event"], orient="row")


def facts(data, times):
    """The true counts, by group and column: the persons at risk, events and censored at each time, and per step."""
    truth = {}
    groups = sorted(set(data["group"]))
    for group in [*groups, "Total"]:
        rows = data.filter(pl.col("group") == group) if group != "Total" else data
        before = (rows.height, 0, 0)
        for time in times:
            gone = rows.filter(pl.col("time") <= time) if time else rows.clear()
            events = gone["event"].sum()
            here = (rows.height - gone.height, events, gone.height - events)
            for name, count in zip(COUNTS, here, strict=True):
                truth[name, group, time] = count
            if time:
                steps = (before[0] - here[0], here[1] - before[1], here[2] - before[2])
                for name, count in zip(("leave", "event step", "censored step"), steps, strict=True):
                    truth[name, group, time] = count
            before = here
    return truth, groups


def read(frame, groups):
    """Cells and sums of the risk table, with the steps that it does not show and what the curve says of them."""
    cells, sums, rows = {}, [], {}
    for row in frame.iter_rows(named=True):
        rows.setdefault(row["group"], []).append(row)
    for group, given in rows.items():
        start = None
        for position, row in enumerate(given):
            time = float(row["time"])
            for name in COUNTS:
                status = row[f"{name}_status"]
                if status != "not applicable":
                    cells[name, group, time] = (row[name], status)
            if not position:
                whole, start = ("at_risk", group, time), (time, 1.0)
                continue
            past = float(given[position - 1]["time"])
            sums.append((whole, [(name, group, time) for name in COUNTS]))
            for step, name in (("event step", "events"), ("censored step", "censored")):
                cells[step, group, time] = (None, "unknown")
                sums.append(((name, group, time), [*([(name, group, past)] if past else []), (step, group, time)]))
            cells["leave", group, time] = (None, "unknown")
            sums.append((("at_risk", group, past), [("at_risk", group, time), ("leave", group, time)]))
            sums.append((("leave", group, time), [("event step", group, time), ("censored step", group, time)]))
            if row["survival"] is not None:
                # The ratio of two points of the curve is that of events and persons at risk.
                at_risk, status = cells["at_risk", group, start[0]]
                assert status == "shown"
                steps = [("event step", group, float(r["time"])) for r in given if start[0] < float(r["time"]) <= time]
                cells["curve", group, time] = (round(at_risk * (1 - row["survival"] / start[1]), 6), "shown")
                sums.append((("curve", group, time), steps))
                start = (time, row["survival"]) if row["survival"] else start
    for time in [float(row["time"]) for row in rows["Total"]]:
        names = COUNTS if time else COUNTS[:1]
        sums += [((name, "Total", time), [(name, group, time) for group in groups]) for name in names]
    return cells, sums


def attack(data, rules, interval):
    frame = release_survival(data, by="group", interval=interval, rules=rules).to_polars()
    truth, groups = facts(data, [float(time) for time in dict.fromkeys(frame["time"])])
    cells, sums = read(frame, groups)
    small = range(1, rules.min_cell)
    for name, (value, status) in cells.items():
        if name[0] != "curve":
            assert status != "shown" or value == truth[name]
            assert status != "shown" or truth[name] not in small
            assert status != "protective" or truth[name] >= rules.min_cell
    bounds = reader.known_bounds(cells, sums, rules.min_cell, show_zeros=rules.show_zeros)
    targets = [n for n, (_, s) in cells.items() if s not in {"shown", "protective"} and truth[n] in small]
    found = reader.intervals(cells, sums, bounds, targets)
    broken = {n: i for n, i in found.items() if i[0] > 1 + NOISE or i[1] < rules.min_cell - 1 - NOISE}
    return Counter(status for _, status in cells.values()), len(targets), broken


@pytest.mark.parametrize("seed", range(6))
def test_no_step_of_a_curve_is_narrowed_down(seed):
    rng = random.Random(seed)
    for _ in range(2):
        data, rules = followed(rng), OutputRules(min_cell=rng.choice([5, 11]))
        found, attacked, broken = attack(data, rules, rng.choice([None, 30, 90]))
        print(dict(found), attacked)
        assert not broken


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 140))
def test_no_step_of_many_curves_is_narrowed_down(seed):
    rng = random.Random(seed)
    for _ in range(8):
        found, attacked, broken = attack(
            followed(rng), OutputRules(min_cell=rng.choice([5, 11])), rng.choice([None, 30])
        )
        print(dict(found), attacked)
        assert not broken


def test_a_curve_alone_gives_its_events_away():
    """What the gate prevents: an unprotected curve with the persons at its start tells every step's events."""
    data = pl.DataFrame({"time": [10] * 3 + [40] * 7 + [100] * 90, "event": [True] * 10 + [False] * 90})
    survival, left = 1.0, 100
    for time in (10, 40):
        step = data.filter(pl.col("time") == time).height
        after = survival * (1 - step / left)
        assert round(left * (1 - after / survival)) == step
        survival, left = after, left - step
    shown = release_survival(data, interval=30).to_polars()
    assert shown["survival"].drop_nulls().to_list() == [1.0]
    assert ceil(float(shown["time"][-1]) / 30) >= 1
