"""What is said beside the table: hidden numbers are searched for in texts, logs, what is printed, and errors."""

from __future__ import annotations

import logging
import pickle
import re

import polars as pl
import pytest
from kohort.errors import ArgumentError, KohortError
from kohort.release import OutputRules, attack, release_table, release_tables

# Numbers that occur nowhere else; the small one is told apart by its rarity in short texts only, so it is left out.
COUNTS = {("a", "x"): 7, ("b", "x"): 7_654_321, ("a", "y"): 8_765_432, ("b", "y"): 9_876_543, ("c", "y"): 6_543_217}
TREE = {"a": "north", "b": "north", "c": "south"}


def frame():
    return pl.DataFrame([(*key, n) for key, n in COUNTS.items()], schema=["ward", "sex", "n"], orient="row")


def numbers(text):
    return {int(found) for found in re.findall(r"\d+", re.sub(r"[,\u202f\u00a0]", "", text))}


def texts(release):
    yield from (repr(release), release._repr_html_(), release.explain(), str(attack(release)), str(release.record))
    yield str(release.to_polars().to_dict(as_series=False))
    yield release.to_polars().write_csv()


def made(search):
    rules = OutputRules(search=search)
    alone = release_table(frame(), dimensions=["ward", "sex"], hierarchies={"ward": TREE}, rules=rules)
    specs = {"sexes": ["sex"], "both": {"dimensions": ["ward", "sex"], "hierarchies": {"ward": TREE}, "df": frame()}}
    wards = frame().group_by("ward", maintain_order=True).agg(pl.col("n").sum())
    after = release_table(wards, dimensions=["ward"], rules=rules, linked=[alone])
    return [alone, *release_tables(specs, frame(), rules=rules).values(), after]


@pytest.mark.parametrize("search", ["auto", "heuristic"])
def test_no_hidden_number_is_told(search, capfd, caplog):
    caplog.set_level(logging.DEBUG)
    releases = made(search)
    out, err = capfd.readouterr()
    hides = 0
    for release in releases:
        shown = {value for row in release.values for value in row if value is not None}
        hidden = {n for n in COUNTS.values() if n > 1000} - shown
        hides += len(hidden)
        assert not hidden & numbers("\n".join([*texts(release), out, err, caplog.text]))
        pickled = pickle.dumps(release)
        assert not [n for n in hidden if n.to_bytes(4, "little") in pickled]
    assert hides >= 4


def refused():
    wrong = frame().vstack(pl.DataFrame({"ward": ["north"], "sex": ["x"], "n": [7_000_001]}))
    yield lambda: release_table(wrong, dimensions=["ward", "sex"], hierarchies={"ward": TREE})
    yield lambda: release_table(frame(), dimensions=["ward", "sex"], hierarchies={"ward": {"a": "north"}})
    yield lambda: release_table(frame().with_columns(n=-pl.col("n")), dimensions=["ward", "sex"])
    yield lambda: release_table(frame().vstack(frame()), dimensions=["ward", "sex"])
    first = release_table(frame(), dimensions=["ward", "sex"])
    other = frame().with_columns(n=pl.col("n") + 1_000_000)
    yield lambda: release_table(other, dimensions=["ward", "sex"], linked=[first])
    yield lambda: release_tables({"a": ["ward", "sex"], "b": {"dimensions": ["ward", "sex"], "df": other}}, frame())


@pytest.mark.parametrize("case", range(6))
def test_no_count_is_told_by_an_error(case):
    with pytest.raises(KohortError) as caught:
        list(refused())[case]()
    assert isinstance(caught.value, ArgumentError)
    error = caught.value
    said = " ".join(str(each) for each in (error, error.__cause__) if each)
    assert not [n for n in numbers(said) if n > 1000]
