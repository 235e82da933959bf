"""Whatever the gate lets out passes the check of its folder: no false alarm on random tables of every kind."""

import random
from itertools import product

import kohort as kh
import polars as pl
import pytest
from kohort.release import Section, release_attrition, release_characteristics, release_incidence

RULES = [kh.OutputRules(), kh.OutputRules(min_cell=5), kh.OutputRules(show_zeros=False), kh.OutputRules(min_cell=1)]


def count(rng):
    return rng.choice([0, 0, 1, 3, 7, 10, 11, 12, 14, 25, int(rng.lognormvariate(3.5, 1.3))])


def table(rng, rules):
    shape = rng.choice([(3,), (7,), (2, 2), (2, 5), (4, 3), (2, 3, 2), (9, 1)])
    names = [f"d{axis}" for axis in range(len(shape))]
    cells = {key: count(rng) for key in product(*([f"l{i}" for i in range(n)] for n in shape))}
    totals = rng.random() < 0.7
    if not totals and rng.random() < 0.5:
        cells |= {("Total",) * len(shape): sum(cells.values())}
    df = pl.DataFrame([(*labels, n) for labels, n in cells.items()], schema=[*names, "n"], orient="row")
    return kh.release_table(df, dimensions=names, rules=rules, totals=totals)


def attrition(rng, rules):
    steps = [rng.choice([3, 40, 300, 5000])]
    for _ in range(rng.randint(0, 5)):
        steps.append(max(0, steps[-1] - count(rng)))
    return release_attrition([(f"step {i}", n) for i, n in enumerate(steps)], rules=rules)


def incidence(rng, rules):
    names, rows = rng.choice([["d"], ["d", "e"]]), []
    for key in product("abc", repeat=len(names)):
        persons = count(rng)
        rows.append((*key, persons, rng.randint(0, persons), persons * rng.randint(1, 900)))
    return release_incidence(rows, names, rules=rules)


def characteristics(rng, rules):
    parts = [count(rng) for _ in range(4)]
    total = sum(parts)
    prior = [(f"p{i}", rng.randint(0, total)) for i in range(2)]
    sections = [("sex", list(zip("fmxu", parts, strict=True))), Section("prior", prior, exclusive=False)]
    return release_characteristics(sections, total, rules=rules)


@pytest.mark.parametrize("make", [table, attrition, incidence, characteristics])
def test_no_false_alarm(make, tmp_path, monkeypatch):
    monkeypatch.setattr("kohort.release.export.find_spec", lambda _: None)
    rng = random.Random(make.__name__)
    for number in range(12 if make is incidence else 40):
        release = make(rng, rng.choice(RULES))
        found = kh.verify(release.export(tmp_path / str(number)))
        assert found, (repr(release), found)
