"""Attackers who repeat, rephrase, subtract and add up rounded and perturbed answers."""

import math
import random
from collections import Counter

import kohort as kh
import numpy as np
import polars as pl
import pytest
from kohort.release import (
    CellKeys,
    DifferentialPrivacy,
    MemoryBudget,
    OutputRules,
    Rounding,
    keys_of_persons,
    release_table,
)
from kohort.release.gate import Exact, protect_table
from kohort.release.keys import KeySum, person_key
from lp_reader import intervals, sums_of_cross

SECRET = b"kept by the guardian of the data"
KEYS = OutputRules(protection=CellKeys(secret=SECRET))


@pytest.fixture(scope="module")
def population():
    chance = random.Random(11)
    rows = [(i, chance.randrange(18, 95), chance.choice("fm"), chance.choice("ABCD")) for i in range(400)]
    return pl.DataFrame(rows, ["person", "age", "sex", "region"], orient="row")


def answer(frame, rules=KEYS):
    """How many persons, as released."""
    frame = frame.with_columns(everybody=pl.lit("all"))
    counted = keys_of_persons(frame, dimensions=["everybody"], person="person", secret=SECRET)
    return release_table(counted, dimensions=["everybody"], keys="key", rules=rules).to_polars()["n"][0]


def counts_of(sets, rules=KEYS):
    """The released counts of many sets of persons at once, given as sums of keys with sizes."""
    exact = Exact(dimensions=("set",), counts=("n",))
    for i, (size, key) in enumerate(sets):
        exact.cell(exact.row((str(i),)), "n", size, people=KeySum(key))
    return [row[0] for row in protect_table(exact, title="t", kind="table", rules=rules).values]


def test_repeating_gains_nothing(population):
    """1,000 repeats of one question on 23 persons: one value. Fresh noise would give the count away."""
    asked = population.head(23)
    found = {answer(asked.sample(fraction=1, shuffle=True, seed=i % 7)) for i in range(30)}
    assert len(found) == 1
    key = sum(person_key(str(i), SECRET) for i in range(23)) % 2**64
    repeated = counts_of([(23, key)] * 1000)
    assert set(repeated) == found
    fresh = 23 + np.random.default_rng(2).normal(0, math.sqrt(3.0), 1000)
    assert round(fresh.mean()) == 23


@pytest.mark.parametrize(
    "words",
    [
        pl.col("age") >= 30,
        pl.col("age") > 29,
        ~(pl.col("age") < 30),
        (pl.col("age") >= 30) & pl.col("sex").is_in(["m", "f"]),
        pl.col("sex").is_in(["f", "m"]) & (pl.col("age") >= 30),
        (pl.col("age") >= 60) | pl.col("age").is_between(30, 59),
    ],
)
def test_other_words_for_the_same_persons(population, words):
    assert answer(population.filter(words)) == answer(population.filter(pl.col("age") >= 30))


def test_the_same_persons_in_other_tables(population):
    """A count as a cell, as a margin, and beside other cells."""
    tables = []
    for dimensions in (["sex"], ["sex", "region"], ["region", "sex"]):
        counted = keys_of_persons(population, dimensions=dimensions, person="person", secret=SECRET)
        frame = release_table(counted, dimensions=dimensions, keys="key", rules=KEYS).to_polars()
        women = frame.filter(pl.col("sex") == "f")
        if "region" in dimensions:
            women = women.filter(pl.col("region") == "Total")
        tables.append(women["n"].item())
    assert len(set(tables)) == 1


def test_two_sets_that_differ_by_one_person(capsys):
    """What subtracting tells: noise of a spread of 2 V hides how many; equal answers do not prove equal sets."""
    chance, sets, pairs = random.Random(5), [], 20_000
    for _ in range(pairs):
        size, key, one = chance.randrange(15, 400), chance.getrandbits(64), chance.getrandbits(64)
        sets += [(size, key), (size + 1, (key + one) % 2**64)]
    found = counts_of(sets[:20_000]) + counts_of(sets[20_000:])
    changes = Counter(found[2 * i + 1] - found[2 * i] for i in range(pairs))
    mean = sum(change * n for change, n in changes.items()) / pairs
    spread = sum((change - mean) ** 2 * n for change, n in changes.items()) / pairs
    same = changes[0] / pairs
    with capsys.disabled():
        print(  # noqa: T201 - the figure is the result
            f"\ntwo sets that differ by 1 of {pairs:,}: same answer {100 * same:.1f} %, spread {spread:.2f}, ", end=""
        )
        print("change " + ", ".join(f"{c:+d}: {100 * n / pairs:.1f} %" for c, n in sorted(changes.items())))  # noqa: T201
    # The change of 1 drowns: mean 1, variance 2 V = 6, as of two independent sets.
    assert abs(mean - 1) < 5 * math.sqrt(6 / pairs)
    assert abs(spread - 6) < 0.4
    # An answer that stays the same is no proof that nobody was added ...
    assert same > 0.1
    # ... and a change of 2 is as likely as one of 0: the sign and size tell little about one person.
    assert abs(changes[2] / pairs - same) < 0.02


def test_what_cell_keys_leave_to_the_history_of_questions():
    """Known limits, measured: the rules on earlier releases must refuse both kinds of questions.

    An answer that changes proves that the set changed. And fresh sets have fresh noise: a population split in two at
    random, again and again, is counted exactly by the mean of the sums (Dinur and Nissim 2003).
    """
    chance = random.Random(8)
    persons = [chance.getrandbits(64) for _ in range(23)]
    sets = []
    for _ in range(1000):
        side = [chance.random() < 0.5 for _ in persons]
        for half in (True, False):
            members = [key for key, mine in zip(persons, side, strict=True) if mine == half]
            sets.append((len(members), sum(members) % 2**64))
    found = counts_of(sets)
    sums = [found[2 * i] + found[2 * i + 1] for i in range(1000)]
    assert abs(sum(sums[:7]) / 7 - 23) < 5
    assert round(sum(sums) / 1000) == 23


def test_repeating_under_differential_privacy_runs_out():
    pytest.importorskip("opendp", reason="the extra 'privacy' is not installed")
    budget = MemoryBudget(0.1)
    rules = OutputRules(protection=DifferentialPrivacy(rho=0.02, budget=budget, nonnegative=False))
    frame = pl.DataFrame({"d": ["a"], "n": [23]})
    answers, refusals = [], set()
    for _ in range(1000):
        try:
            answers.append(release_table(frame, dimensions=["d"], rules=rules).to_polars()["n"][0])
        except kh.BudgetSpent as refusal:
            refusals.add(str(refusal))
    assert len(refusals) == 1
    assert "23" not in refusals.pop()
    assert len(answers) == 5
    # The mean of what was paid for has the error of the whole budget: 1 / sqrt(2 * 0.1) persons and no less.
    assert budget.remaining == 0


def poisson_tables(number):
    chance = np.random.default_rng(4)
    for _ in range(number):
        yield chance.poisson(12, (4, 4))


def reader(frame, bounds_of):
    """The independent reader's intervals of the inner cells of a rounded or perturbed table."""
    rows = {row[:-2]: row[-2] for row in frame.select("r", "c", "n", "n_status").iter_rows()}
    inner = [key for key in rows if "Total" not in key]
    bounds = {key: bounds_of(key, value) for key, value in rows.items()}
    found = intervals({k: (v, "shown") for k, v in rows.items()}, sums_of_cross(frame, ["r", "c"]), bounds, inner)
    return {key: (math.ceil(low - 1e-6), math.floor(high + 1e-6)) for key, (low, high) in found.items()}


@pytest.mark.parametrize(("margins", "number"), [("sum", 25), ("exact", 60), ("controlled", 12)])
def test_rounded_margins(margins, number, capsys):
    """Poisson(12), 4 x 4, base 5: totals rounded by themselves give cells away; sums of cells and controlled do not."""
    exactly, cells, narrowest = 0, 0, math.inf
    for counts in poisson_tables(number):
        records = pl.DataFrame(
            [(f"r{i}", f"c{j}", int(counts[i, j])) for i in range(4) for j in range(4)], ["r", "c", "n"], orient="row"
        )
        rules = OutputRules(protection=Rounding(base=5, margins=margins))
        release = release_table(records, dimensions=["r", "c"], rules=rules)

        def bounds(key, value):
            if margins == "controlled":
                return max(0, value - 4), value + 4
            if margins == "sum" and "Total" in key:
                return 0, None
            return max(0, value - 2), value + 2

        found = reader(release.to_polars(), bounds)
        mine = {part.row: part for part in release.attack().intervals}
        for (r, c), (low, high) in found.items():
            true = counts[int(r[1]), int(c[1])]
            assert low <= true <= high
            cells += 1
            exactly += low == high
            narrowest = min(narrowest, high - low + 1)
            if (r, c) in mine:
                assert (mine[r, c].low, mine[r, c].high) == (low, high)
    with capsys.disabled():
        print(f"\nbase 5, margins {margins}: {exactly} of {cells:,} cells exact, narrowest {narrowest:g} values")  # noqa: T201
    if margins != "exact":
        assert exactly == 0
        assert narrowest >= 3


def test_bounds_of_perturbed_tables(capsys):
    """The reader who knows D: never wrong, and how far margins narrow what he knows."""
    narrowest, widths = math.inf, Counter()
    chance = random.Random(3)
    for counts in poisson_tables(25):
        records, person = [], 0
        for i in range(4):
            for j in range(4):
                records += [(person + k, f"r{i}", f"c{j}") for k in range(int(counts[i, j]))]
                person += int(counts[i, j])
        chance.shuffle(records)
        frame = pl.DataFrame(records, ["person", "r", "c"], orient="row")
        counted = keys_of_persons(frame, dimensions=["r", "c"], person="person", secret=chance.randbytes(16))
        release = release_table(counted, dimensions=["r", "c"], keys="key", rules=KEYS)
        found = reader(release.to_polars(), lambda _, v: (max(1, v - 5), v + 5) if v else (0, 5))
        mine = {part.row: part for part in release.attack().intervals}
        for (r, c), (low, high) in found.items():
            assert low <= counts[int(r[1]), int(c[1])] <= high
            widths[high - low + 1] += 1
            narrowest = min(narrowest, high - low + 1)
            if (r, c) in mine:
                assert (mine[r, c].low, mine[r, c].high) == (low, high)
    with capsys.disabled():
        print(f"\ncell keys, D = 5: narrowest interval {narrowest:g} values; widths {dict(sorted(widths.items()))}")  # noqa: T201
    assert narrowest >= 2
