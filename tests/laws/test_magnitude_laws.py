# ruff: noqa: T201 - seeded tables, and the count of what was attacked is printed
"""Sums on random tables, against a reader with a solver who knows all that is shown."""

from __future__ import annotations

import random
from itertools import product
from math import inf

import numpy as np
import polars as pl
import pytest
from kohort.release import OutputRules, release_magnitudes, release_units
from scipy.optimize import linprog

TOTAL = "Total"


def covers(key):
    return list(product(*((label, TOTAL) for label in key)))


def sums_along(keys):
    """Every total with its parts, along each dimension."""
    answer = []
    for key in keys:
        for axis, label in enumerate(key):
            rest = [k for k in keys if k[axis] != TOTAL and k[:axis] + k[axis + 1 :] == key[:axis] + key[axis + 1 :]]
            if label == TOTAL and rest:
                answer.append((key, rest))
    return answer


def interval(target, shown, keys, floors=None, extra=()):
    """The smallest and the largest value of a hidden cell; `extra` are (coefficients, bound) that the reader knows."""
    column = {key: j for j, key in enumerate(keys)}
    sums = [(total, parts) for total, parts in sums_along(keys) if total in column]
    matrix = np.zeros((len(sums), len(keys)))
    for i, (total, parts) in enumerate(sums):
        matrix[i, column[total]] = 1
        for part in parts:
            matrix[i, column[part]] = -1
    bounds = [(shown[k], shown[k]) if k in shown else ((floors or {}).get(k, 0), None) for k in keys]
    upper = np.zeros((len(extra), len(keys)))
    for i, (factors, _) in enumerate(extra):
        for key, factor in factors.items():
            upper[i, column[key]] = factor
    found = []
    for sign in (1, -1):
        cost = np.zeros(len(keys))
        cost[column[target]] = sign
        answer = linprog(
            cost,
            A_eq=matrix if sums else None,
            b_eq=np.zeros(len(sums)) if sums else None,
            A_ub=upper if len(extra) else None,
            b_ub=[bound for _, bound in extra] if len(extra) else None,
            bounds=bounds,
            method="highs",
        )
        assert answer.status in {0, 3}, answer.message
        found.append(sign * answer.fun if answer.status == 0 else inf)
    return found


def random_rows(rng, *, overlap):
    """Contributions (labels, person, value): few giants among many, empty cells, persons without cost."""
    shape = rng.choice([(4,), (3, 3), (2, 4), (5, 3), (2, 2, 2)])
    rows, person = [], 0
    giants = rng.choice([0.02, 0.1, 0.3])
    for key in product(*([f"l{i}" for i in range(n)] for n in shape)):
        for _ in range(rng.choice([0, 1, 2, 5, 12, 15, 20, 30])):
            person += 1
            for _ in range(rng.choice([1, 1, 2])):
                value = rng.choice([0, 0, 50, 100, 120]) if rng.random() > giants else rng.randint(2_000, 20_000)
                rows.append((*key, person if not overlap else rng.randint(1, 150), value))
    return [f"d{i}" for i in range(len(shape))], rows or [(*(["l0"] * len(shape)), 1, 5)]


def contributions(rows):
    """Contributions of each cell and margin, summed per person, descending."""
    cells = {}
    for *key, person, value in rows:
        for cover in covers(tuple(key)):
            cells.setdefault(cover, {}).setdefault(person, 0)
            cells[cover][person] += value
    return {key: sorted(each.values(), reverse=True) for key, each in cells.items()}


@pytest.mark.parametrize(("overlap", "tables"), [(False, 30), (True, 20)])
def test_no_sum_is_known_to_within_p_percent(overlap, tables):
    rng, attacked, hidden, cells = random.Random(overlap), 0, 0, 0
    for _ in range(tables):
        rules = OutputRules(min_cell=rng.choice([3, 5, 11]), p_percent=rng.choice([5, 10, 40]), dominance=((2, 0.85),))
        names, rows = random_rows(rng, overlap=overlap)
        frame = pl.DataFrame(rows, schema=[*names, "id", "cost"], orient="row")
        released = release_magnitudes(frame, dimensions=names, value="cost", person="id", rules=rules)
        table = released.to_polars()
        keys = [tuple(row) for row in table.select(names).iter_rows()]
        shown = {k: v for k, v in zip(keys, table["cost"].to_list(), strict=True) if v is not None}
        truth = contributions(rows)
        persons = dict(zip(keys, table["n_status"].to_list(), strict=True)) if "n" in table.columns else {}
        assert not overlap or not persons or len({row[-2] for row in rows}) == len({row[:-1] for row in rows})
        p, t = rules.p_percent / 100, rules.min_cell
        for key in keys:
            each = truth.get(key, [])
            total = sum(each)
            cells += 1
            if key in shown:
                assert shown[key] == total
                assert persons.get(key, "shown") == "shown"
            few = 0 < len(each) < t or 0 < sum(x > 0 for x in each) < t
            first, second = (*each, 0, 0)[:2]
            dominated = p * first > total - first - second + 1e-9 or first + second > 0.85 * total + 1e-9
            if not (few or dominated) or not each:
                continue
            assert key not in shown, (rows, key)
            hidden += 1
            low, _ = interval(key, shown, keys)
            # The largest contributors of other hidden sums lend a hand: these are at least their own parts.
            _, high = interval(key, shown, keys, {k: max(truth.get(k, [0])) for k in keys if k != key})
            attacked += 1
            if dominated:
                # The second largest contributor, who subtracts their own part from the upper bound.
                assert high - second >= (1 + p) * first - 1e-3 * (1 + first), (rows, key, low, high)
                assert first + second <= 0.85 * high + 1e-3 * (1 + first), (rows, key, low, high)
            if few:
                assert high >= total + p * first - 1e-3 * (1 + first), (rows, key, low, high)
                assert low <= max(0, total - p * first) + 1e-3 * (1 + first), (rows, key, low, high)
    print(f"\n{tables} tables, {attacked} sensitive sums of {cells} cells attacked")
    assert attacked > tables


def test_means_follow_from_what_is_shown():
    rng = random.Random(3)
    for _ in range(20):
        names, rows = random_rows(rng, overlap=False)
        frame = pl.DataFrame(rows, schema=[*names, "id", "cost"], orient="row")
        table = release_magnitudes(frame, dimensions=names, value="cost", person="id").to_polars()
        for row in table.iter_rows(named=True):
            both = row["n_status"] == row["cost_status"] == "shown"
            assert (row["cost_mean_status"] in {"shown", "not applicable"}) == both
            if row["cost_mean"] is not None:
                assert row["cost_mean"] == pytest.approx(row["cost"] / row["n"], abs=0.01)


def test_the_reader_is_dangerous():
    """Sensitive sums alone hidden: the same reader finds many of them out."""
    rng, exact, attacked = random.Random(9), 0, 0
    for _ in range(15):
        _, rows = random_rows(rng, overlap=False)
        truth = contributions(rows)
        keys = list(truth)
        hidden = [k for k, each in truth.items() if each[0] * 1.1 > sum(each) - sum(each[1:2]) or len(each) < 5]
        shown = {k: sum(each) for k, each in truth.items() if k not in hidden}
        for key in hidden:
            low, high = interval(key, shown, keys)
            attacked += 1
            exact += high - low < 1e-6
    print(f"\n{exact} of {attacked} recovered exactly")
    assert exact > attacked / 4


@pytest.mark.parametrize("overlap", [False, True])
def test_units_tell_nothing_of_hidden_persons(overlap):
    """Stays of few persons: hidden, and not to be worked out from other stays and shown persons together."""
    rng, attacked = random.Random(4 + overlap), 0
    for _ in range(20):
        names, rows = random_rows(rng, overlap=overlap)
        t = rng.choice([5, 11])
        each = contributions([(*row[:-1], 1) for row in rows])
        kept = [k for k in each if overlap or TOTAL not in k]
        frame = pl.DataFrame(
            [(*k, sum(each[k]), len(each[k])) for k in kept], schema=[*names, "stays", "persons"], orient="row"
        )
        rules = OutputRules(min_cell=t)
        release = release_units(frame, dimensions=names, count="stays", persons="persons", overlap=overlap, rules=rules)
        table = release.to_polars()
        assert ("persons" in table.columns) != overlap
        labels = [tuple(row) for row in table.select(names).iter_rows()]
        keys = [("stays", *k) for k in labels]
        shown = {k: v for k, v in zip(keys, table["stays"].to_list(), strict=True) if v is not None}
        small = {k for k, found in each.items() if 0 < len(found) < t}
        blank = {part for total, parts in sums_along(labels) if total in small for part in parts}
        floors = {("stays", *k): 0 if k in blank else 1 for k in labels}
        extra = []
        if not overlap:
            keys += [("persons", *k) for k in labels]
            for k, n, status in zip(labels, table["persons"].to_list(), table["persons_status"].to_list(), strict=True):
                person, stay = ("persons", *k), ("stays", *k)
                if n is not None:
                    shown[person] = n
                floors[person] = t if status == "protective" else floors[stay]
                extra += [({person: 1}, t - 1)] if status == "small" else []
                extra.append(({person: 1, stay: -1}, 0))
                assert stay not in shown or person in shown
        for k in labels:
            persons, stays, key = len(each.get(k, [])), sum(each.get(k, [])), ("stays", *k)
            assert key not in shown or shown[key] == stays
            if not 0 < persons < t:
                continue
            assert key not in shown
            low, high = interval(key, shown, keys, floors, extra)
            attacked += 1
            least, most = (1, t - 1) if stays < t else (0.9 * stays, 1.1 * stays)
            assert low <= least + 1e-3 * stays, (rows, key, low, high)
            assert high >= most - 1e-3 * stays, (rows, key, low, high)
            if not overlap:
                low, high = interval(("persons", *k), shown, keys, floors, extra)
                assert low <= 1 + 1e-5, (rows, key, low, high)
                assert high >= t - 1 - 1e-5, (rows, key, low, high)
    print(f"\n{attacked} counts of stays attacked")
    assert attacked > 20
