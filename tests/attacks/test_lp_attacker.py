# ruff: noqa: T201 - seeded tables, and the count of what was attacked is printed
"""Against the reader with a solver: no small cell can be narrowed below the whole range from 1 to min_cell - 1."""

from __future__ import annotations

import random
from itertools import product

import lp_reader as reader
import numpy as np
import polars as pl
import pytest
from kohort.release import (
    OutputRules,
    Section,
    release_attrition,
    release_characteristics,
    release_incidence,
    release_table,
)

NOISE = 1e-5


def breaches(cells, sums, rules, truth):
    """Cells attacked, and those whose interval is tighter than the small range."""
    bounds = reader.known_bounds(cells, sums, rules.min_cell, show_zeros=rules.show_zeros)
    small = range(1, rules.min_cell)
    targets = [n for n, (_, s) in cells.items() if s == "small" or (s == "withheld" and truth[n] in small)]
    found = reader.intervals(cells, sums, bounds, targets)
    broken = {n: i for n, i in found.items() if i[0] > 1 + NOISE or i[1] < rules.min_cell - 1 - NOISE}
    for name, (value, status) in cells.items():
        assert status != "protective" or truth[name] >= rules.min_cell
        assert status != "shown" or value == truth[name]
        assert truth.get(name) not in small or status != "shown"
    return len(targets), broken


def skewed(rng, kind):
    """One count: small and zero ones are frequent, large ones occur."""
    if kind == "tiny":
        return rng.choice([0, 0, 1, 2, 3, 5, 8])
    if kind == "thin":
        return rng.choice([0, 1, 4, 7, 9, 10, 11, 12, 13, 15, 25])
    return int(rng.lognormvariate(3.5, 1.3))


def with_margins(inner):
    truth = {}
    for key, value in inner.items():
        for cover in product(*((label, "Total") for label in key)):
            truth[cover] = truth.get(cover, 0) + value
    return truth


def random_table(rng):
    shape = rng.choice([(3,), (7,), (2, 2), (2, 5), (3, 4), (4, 6), (2, 2, 2), (2, 3, 3), (3, 4, 2)])
    names = [f"d{axis}" for axis in range(len(shape))]
    kinds = rng.choice([("wide",), ("wide", "thin"), ("thin",), ("tiny", "wide", "wide"), ("tiny", "thin")])
    inner = {key: skewed(rng, rng.choice(kinds)) for key in product(*([f"l{i}" for i in range(n)] for n in shape))}
    return names, inner


def table_frame(names, inner):
    columns = {name: [key[axis] for key in inner] for axis, name in enumerate(names)}
    return pl.DataFrame({**columns, "n": list(inner.values())})


@pytest.mark.parametrize(("min_cell", "show_zeros", "tables"), [(11, True, 160), (5, True, 40), (11, False, 60)])
def test_tables(min_cell, show_zeros, tables):
    rng, attacked = random.Random(min_cell + show_zeros), 0
    # The other searches are attacked in test_many_tables.
    rules = OutputRules(min_cell=min_cell, show_zeros=show_zeros, search="heuristic")
    for _ in range(tables):
        names, inner = random_table(rng)
        release = release_table(table_frame(names, inner), dimensions=names, rules=rules)
        cells, sums = reader.read_table(release.to_polars(), names, "n")
        count, broken = breaches(cells, sums, rules, with_margins(inner))
        assert not broken, (inner, broken, repr(release))
        attacked += count
    print(f"\n{tables} tables, {attacked} small cells attacked (min_cell {min_cell}, show_zeros {show_zeros})")
    assert attacked > tables


def test_the_reader_is_dangerous():
    """The same reader finds out most small cells when only they are hidden: the test above has teeth."""
    rng, attacked, exact, narrowed = random.Random(7), 0, 0, 0
    rules = OutputRules()
    for _ in range(40):
        names, inner = random_table(rng)
        truth = with_margins(inner)
        cells = {key: (None, "small") if 0 < n < 11 else (n, "shown") for key, n in truth.items()}
        frame = pl.DataFrame([dict(zip(names, key, strict=True)) for key in truth])
        sums = reader.sums_of_cross(frame, names)
        bounds = reader.known_bounds(cells, sums, 11, show_zeros=True)
        found = reader.intervals(cells, sums, bounds, [key for key, (_, s) in cells.items() if s == "small"])
        attacked += len(found)
        exact += sum(high - low < NOISE for low, high in found.values())
        narrowed += sum(low > 1 + NOISE or high < rules.min_cell - 1 - NOISE for low, high in found.values())
    print(f"\nprimary suppression alone: {exact} of {attacked} small cells recovered exactly, {narrowed} narrowed")
    assert narrowed > attacked / 2


def test_incidence():
    rng, attacked, tables = random.Random(2), 0, 60
    rules = OutputRules()
    for _ in range(tables):
        shape = rng.choice([(2,), (5,), (2, 3), (2, 4)])
        names = [f"d{axis}" for axis in range(len(shape))]
        scale, risk = rng.choice([30, 200, 2000]), rng.choice([0.02, 0.1, 0.6])
        rows, truth = [], {}
        for key in product(*([f"l{i}" for i in range(n)] for n in shape)):
            persons = int(rng.lognormvariate(0, 1) * scale)
            events = sum(rng.random() < risk for _ in range(persons))
            rows.append((*key, persons, events, persons * 301))
            for cover in product(*((label, "Total") for label in key)):
                for name, n in (("persons", persons), ("events", events), ("without", persons - events)):
                    truth[name, *cover] = truth.get((name, *cover), 0) + n
        frame = release_incidence(rows, names, rules=rules).to_polars()
        cells, sums = reader.read_incidence(frame, names)
        count, broken = breaches(cells, sums, rules, truth)
        assert not broken, (rows, broken)
        attacked += count
        attacked += person_years_are_safe(frame, names, cells, sums)
        # Complements of few persons never follow from what is shown.
        for row in frame.rows(named=True):
            if row["persons"] is not None and row["events"] is not None:
                assert row["persons"] - row["events"] not in range(1, 11)
    print(f"\n{tables} incidence tables, {attacked} small cells attacked")
    assert attacked > tables


def person_years_are_safe(frame, names, cells, sums):
    """Person-years of a small group are not determined by the lines they add up along."""
    keys = list(frame.select(names).iter_rows())
    shown = dict(zip(keys, frame["person_years_status"].to_list(), strict=True))
    assert all((status == "shown") == (cells["persons", *key][1] == "shown") for key, status in shown.items())
    hidden = [key for key in keys if shown[key] != "shown"]
    lines = [(t[1:], [p[1:] for p in parts]) for t, parts in sums if t[0] == "persons" and parts[0][0] == "persons"]
    matrix = np.array([[float(key == total) - float(key in parts) for key in hidden] for total, parts in lines])
    small = [j for j, key in enumerate(hidden) if cells["persons", *key][1] == "small"]
    for j in small:
        unit = np.eye(len(hidden))[j]
        assert np.linalg.matrix_rank(np.vstack([matrix, unit])) > np.linalg.matrix_rank(matrix)
    return len(small)


def test_attrition():
    rng, attacked, tables = random.Random(3), 0, 80
    rules = OutputRules()
    for _ in range(tables):
        steps = [rng.choice([40, 300, 5000, 100_000])]
        for _ in range(rng.randint(1, 8)):
            steps.append(max(0, steps[-1] - rng.choice([0, 1, 3, 9, 11, 14, 30, steps[-1] // 2, steps[-1]])))
        release = release_attrition([(f"step {i}", n) for i, n in enumerate(steps)], rules=rules)
        cells, sums = reader.read_attrition(release.to_polars())
        truth = {("left", i): n for i, n in enumerate(steps)}
        truth |= {("out", i): steps[i - 1] - n for i, n in enumerate(steps) if i}
        count, broken = breaches(cells, sums, rules, truth)
        assert not broken, (steps, broken, repr(release))
        attacked += count
    print(f"\n{tables} attrition chains, {attacked} small cells attacked")
    assert attacked > tables


def test_characteristics():
    rng, attacked, tables = random.Random(4), 0, 60
    rules = OutputRules()
    for _ in range(tables):
        total = rng.choice([9, 25, 60, 400, 9000])
        sections, truth = [], {("Total", ""): total}
        for name, width in (("sex", 3), ("age", 6)):
            cuts = sorted(rng.choice([0, 2, total // 2, total - 4, total]) % (total + 1) for _ in range(width - 1))
            parts = [b - a for a, b in zip([0, *cuts], [*cuts, total], strict=True)]
            sections.append((name, [(f"{name}{i}", n) for i, n in enumerate(parts)]))
            truth |= {(name, f"{name}{i}"): n for i, n in enumerate(parts)}
        prior = [(f"p{i}", rng.choice([0, 3, total // 3, total - min(total, 5), total])) for i in range(3)]
        sections.append(Section("prior", prior, exclusive=False))
        truth |= {("prior", level): n for level, n in prior} | {
            ("not", "prior", level): total - n for level, n in prior
        }
        release = release_characteristics(sections, total, rules=rules)
        cells, sums = reader.read_characteristics(release.to_polars(), {"prior"})
        count, broken = breaches(cells, sums, rules, truth)
        assert not broken, (sections, broken, repr(release))
        attacked += count
    print(f"\n{tables} characteristics, {attacked} small cells attacked")
    assert attacked > tables


def test_the_release_attacks_itself_with_the_same_result():
    rng = random.Random(5)
    for _ in range(25):
        names, inner = random_table(rng)
        release = release_table(table_frame(names, inner), dimensions=names)
        cells, sums = reader.read_table(release.to_polars(), names, "n")
        bounds = reader.known_bounds(cells, sums, 11, show_zeros=True)
        mine = {found.row: (found.low, found.high) for found in release.attack().intervals if found.status == "small"}
        theirs = reader.intervals(cells, sums, bounds, list(mine))
        assert mine == {key: (round(low), round(high)) for key, (low, high) in theirs.items()}
        tightest = release.attack().tightest
        assert tightest is None or (tightest.low <= 1 and tightest.high == 10)
