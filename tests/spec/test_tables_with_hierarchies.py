"""Tables with hierarchies, tables of records, and tables of one population."""

from __future__ import annotations

import kohort as kh
import polars as pl
import pytest
from kohort.errors import ArgumentError, DisclosureError
from kohort.release import OutputRules, attack, release_table, release_tables

COUNTS = pl.DataFrame(
    {
        "commune": ["44109", "44109", "44001", "85191", "97411", "97411"],
        "sex": ["f", "m", "f", "m", "f", "m"],
        "n": [100, 70, 200, 30, 50, 60],
    }
)


def rows(release, column="n"):
    frame = release.to_polars()
    return dict(zip(frame.select(release.dimensions).iter_rows(), frame[column], strict=True))


def test_levels_are_rows_depth_first():
    release = release_table(
        COUNTS, dimensions=["commune", "sex"], hierarchies={"commune": kh.hierarchy.french_communes()}
    )
    frame = release.to_polars().filter(sex="Total")
    assert frame.select("commune", "commune_level", "n").rows() == [
        ("Pays de la Loire", "région", 400),
        ("44", "département", 370),
        ("44109", "value", 170),
        ("44001", "value", 200),
        ("85", "département", 30),
        ("85191", "value", 30),
        ("La Réunion", "région", 110),
        ("974", "département", 110),
        ("97411", "value", 110),
        ("Total", "total", 510),
    ]
    assert "sex_level" not in frame.columns
    assert "\u2002\u2002\u2002\u200244109" in repr(release)


def test_a_level_may_have_the_name_of_a_code():
    counts = pl.DataFrame({"code": ["C67", "C67.1", "E11.9"], "n": [40, 50, 60]})
    release = release_table(counts, dimensions=["code"], hierarchies={"code": kh.hierarchy.icd10()})
    assert rows(release)["C67",] == 40
    assert rows(release)["C67 (category)",] == rows(release)["C64-C68",] == rows(release)["II",] == 90


def test_rows_of_groups_are_margins():
    tree = {"a": "x", "b": "x", "c": "y"}
    counts = pl.DataFrame({"d": ["a", "b", "c", "x", "Total"], "n": [20, 30, 40, 50, 90]})
    assert rows(release_table(counts, dimensions=["d"], hierarchies={"d": tree}))["x",] == 50
    wrong = counts.with_columns(n=pl.Series([20, 30, 40, 77_777, 90]))
    with pytest.raises(ArgumentError, match="'x' is not the sum") as caught:
        release_table(wrong, dimensions=["d"], hierarchies={"d": tree})
    assert "77" not in str(caught.value)
    without = release_table(counts, dimensions=["d"], hierarchies={"d": tree}, totals=False)
    assert [row[0] for row in without.labels] == ["x", "a", "b", "c", "Total"]


def test_numbers_beside_a_total_are_still_numbers():
    counts = pl.DataFrame({"age": ["21", "25", "34", "Total"], "n": [20, 30, 40, 90]})
    release = release_table(counts, dimensions=["age"], hierarchies={"age": kh.hierarchy.intervals(10)})
    assert rows(release)["[20, 30[",] == 50


def test_overlapping_hierarchies_are_one_system():
    county = {"A": "1", "B": "1", "I": "1", "J": "1", "K": "2", "L": "2", "M": "2", "N": "2"}
    group = {each: "big" if each in "LM" else "small" for each in county}
    counts = pl.DataFrame({"region": list(county), "n": [2, 2, 8, 8, 3, 3, 3, 7]})
    release = release_table(
        counts, dimensions=["region"], hierarchies={"region": [county, group]}, rules=OutputRules(min_cell=4)
    )
    assert all((found.low, found.high) == (1, 3) for found in release.attack().intervals if found.status == "small")
    labels = [row[0] for row in release.labels]
    assert labels == ["1", "A", "B", "I", "J", "2", "K", "L", "M", "N", "small", "big", "Total"]


@pytest.mark.parametrize(
    ("hierarchies", "message"),
    [
        ({"place": {}}, "'place', which is no dimension"),
        ([{}], "must map names"),
        ({"d": {"a": "x"}}, "dimension 'd'"),
        ({"d": [{"a": "x", "b": "x", "c": "y"}, {"a": "x", "b": "y", "c": "y"}]}, None),
        ({"d": [{"a": "x", "b": "x", "c": "y"}] * 2}, None),
    ],
)
def test_hierarchies_that_do_not_fit(hierarchies, message):
    counts = pl.DataFrame({"d": ["a", "b", "c"], "n": [20, 30, 40]})
    if message is None:
        labels = [row[0] for row in release_table(counts, dimensions=["d"], hierarchies=hierarchies).labels]
        assert len(set(labels)) == len(labels)
        return
    with pytest.raises(ArgumentError, match=message):
        release_table(counts, dimensions=["d"], hierarchies=hierarchies)


def test_persons_count_once_in_every_cell():
    records = pl.DataFrame(
        {"patient": [n // 2 for n in range(400)], "drug": ["a" if n % 2 or n % 3 else "b" for n in range(400)]}
    )
    release = release_table(records, dimensions=["drug"], person="patient", count="persons")
    for drug in ("a", "b"):
        assert rows(release, "persons")[drug,] == records.filter(drug=drug)["patient"].n_unique()
    assert rows(release, "persons")["Total",] == 200


def test_few_persons_outside_a_part_are_protected():
    # 200 persons have drug a, 195 of them drug b too: whoever has a and not b would be one of 5.
    records = pl.DataFrame({"patient": [*range(200), *range(195)], "drug": ["a"] * 200 + ["b"] * 195})
    release = release_table(records, dimensions=["drug"], person="patient")
    assert rows(release, "n_status")["b",] != "shown" or rows(release, "n_status")["Total",] != "shown"


def test_records_are_checked():
    records = pl.DataFrame({"patient": [1, None], "drug": ["a", "b"]})
    with pytest.raises(ArgumentError, match="without missing"):
        release_table(records, dimensions=["drug"], person="patient")
    with pytest.raises(ArgumentError, match="no margins"):
        release_table(records.with_columns(patient=1, drug=pl.lit("Total")), dimensions=["drug"], person="patient")


def test_tables_share_their_cells():
    counts = pl.DataFrame(
        {"sex": list("fmfm"), "age": ["y", "y", "o", "o"], "region": list("ABAB"), "n": [4, 50, 60, 70]}
    )
    found = release_tables({"one": ["sex", "age"], "two": ["sex", "region"], "three": ["region"]}, counts)
    for sex in ("f", "m"):
        assert rows(found["one"], "n_status")[sex, "Total"] == rows(found["two"], "n_status")[sex, "Total"]
    assert rows(found["two"])["Total", "B"] == rows(found["three"])["B",]
    tightest = attack(*found.values()).tightest
    assert (tightest.low, tightest.high) == (1, 10)


def test_tables_of_different_persons_are_refused():
    one, two = pl.DataFrame({"sex": ["f", "m"], "n": [20, 777]}), pl.DataFrame({"sex": ["f", "m"], "n": [20, 888]})
    with pytest.raises(ArgumentError, match="row 'm'") as caught:
        release_tables({"a": {"dimensions": ["sex"], "df": one}, "b": {"dimensions": ["sex"], "df": two}})
    assert "77" not in str(caught.value)
    assert "88" not in str(caught.value)
    with pytest.raises(ArgumentError, match="has rows 'Total'"):
        release_tables({"a": ["sex"]}, one.with_columns(region=pl.lit("Total")))
    for bad in ({}, {"a": "sex"}, {"a": {"dims": ["sex"]}}):
        with pytest.raises(ArgumentError):
            release_tables(bad, one)


def test_a_table_after_another():
    counts = pl.DataFrame({"region": list("ABCD"), "n": [3, 50, 60, 70]})
    halves = {"A": "n", "B": "n", "C": "s", "D": "s"}
    first = release_table(counts, dimensions=["region"])
    then = release_table(counts, dimensions=["region"], hierarchies={"region": halves}, linked=[first])
    for label, status in rows(first, "n_status").items():
        assert rows(then, "n_status")[label] == status
    tightest = attack(first, then).tightest
    assert (tightest.low, tightest.high) == (1, 10)
    assert "released before" in then.explain()
    with pytest.raises(ArgumentError, match="other thresholds"):
        release_table(counts, dimensions=["region"], linked=[first], rules=OutputRules(min_cell=5))
    with pytest.raises(ArgumentError, match="does not hold what an earlier release says"):
        release_table(counts.with_columns(n=pl.col("n") + 100), dimensions=["region"], linked=[first])


def test_a_table_that_cannot_follow():
    # The first shows 60 and a total; beside it the second would have to hide one of them.
    one = release_table(pl.DataFrame({"sex": ["f", "m"], "n": [60, 70]}), dimensions=["sex"])
    wards = pl.DataFrame({"sex": ["f", "f", "m", "m"], "ward": list("abab"), "n": [3, 57, 70, 0]})
    again = release_table(wards, dimensions=["sex", "ward"], linked=[one])
    assert attack(one, again).tightest.high == 10
    single = pl.DataFrame({"ward": ["a", "b"], "n": [73, 57]})
    both = [one, release_table(single, dimensions=["ward"], linked=[one])]
    with pytest.raises(DisclosureError, match="released before"):
        release_table(wards, dimensions=["sex", "ward"], linked=both)


@pytest.mark.parametrize("search", ["optimal", "auto", "heuristic"])
def test_what_the_search_says(search):
    counts = pl.DataFrame(
        {"r": [r for r in "abc" for _ in "xyz"], "s": list("xyz") * 3, "n": [3, 50, 60, 70, 80, 9, 40, 30, 20]}
    )
    release = release_table(counts, dimensions=["r", "s"], rules=OutputRules(search=search))
    said = release.explain().splitlines()[-1]
    assert ("heuristic" in said) == (search == "heuristic")
    assert ("least cost, proven" in said) == (search != "heuristic")
    with pytest.raises(ArgumentError, match="search must be"):
        OutputRules(search="best")
