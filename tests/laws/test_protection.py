"""Laws of the gate: what is hidden, what is said about it, and that nothing hidden stays in a Release."""

from __future__ import annotations

import gc
import json
import pickle

import duckdb
import kohort as kh
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kohort import _core
from kohort.errors import ArgumentError
from kohort.release import (
    OutputRules,
    Section,
    release_attrition,
    release_characteristics,
    release_incidence,
    release_table,
)
from kohort.release.poisson import poisson_interval

THREE_BY_THREE = {("a", "x"): 3, ("a", "y"): 40, ("b", "x"): 60, ("b", "y"): 70, ("c", "x"): 90, ("c", "y"): 100}


def frame(cells):
    rows = [(*key, n) for key, n in cells.items()]
    return pl.DataFrame(rows, schema=["region", "sex", "n"], orient="row")


def statuses(release, measure="n"):
    return dict(zip(release.labels, release.to_polars()[f"{measure}_status"].to_list(), strict=True))


def test_nothing_is_hidden_where_nothing_is_small():
    release = release_table(frame({k: n + 20 for k, n in THREE_BY_THREE.items()}), dimensions=["region", "sex"])
    assert set(statuses(release).values()) == {"shown"}
    assert release.explain().startswith("None of 12 cells is hidden.")
    assert release.to_polars().filter(region="Total", sex="Total")["n"].item() == sum(THREE_BY_THREE.values()) + 120


def test_a_small_cell_takes_three_others_and_spares_the_totals():
    release = release_table(frame(THREE_BY_THREE), dimensions=["region", "sex"])
    found = statuses(release)
    assert found["a", "x"] == "small"
    assert sorted(found.values()).count("protective") == 3
    assert all(status == "shown" for key, status in found.items() if "Total" in key)
    assert release.explain().startswith("4 of 12 cells hidden: 1 holds fewer than 11 persons, 3 protect that one.")


def test_a_margin_with_one_visible_neighbor():
    # 12 beside 3 under a total of 15: the neighbor, known to be at least 11, would bound the small cell by 4.
    release = release_table(pl.DataFrame({"d": ["a", "b"], "n": [3, 12]}), dimensions=["d"])
    assert statuses(release)["a",] == "small"
    assert statuses(release)["Total",] == "protective"


def test_all_small():
    release = release_table(pl.DataFrame({"d": list("abcd"), "n": [1, 2, 3, 4]}), dimensions=["d"])
    assert set(statuses(release).values()) == {"small"}
    assert all(found.low <= 1 and found.high == 10 for found in release.attack().intervals)


@pytest.mark.parametrize("show", [True, False])
def test_zeros(show):
    cells = pl.DataFrame({"d": list("abc"), "n": [0, 400, 500]})
    found = statuses(release_table(cells, dimensions=["d"], rules=OutputRules(show_zeros=show)))
    assert found["a",] == ("shown" if show else "small")
    assert "protective" in found.values() or show


def test_zeros_of_a_small_group_are_not_told_apart():
    cells = {("a", "x"): 4, ("a", "y"): 0, ("a", "z"): 3, ("b", "x"): 90, ("b", "y"): 80, ("b", "z"): 0}
    release = release_table(frame(cells), dimensions=["region", "sex"])
    found = statuses(release)
    assert {found["a", sex] for sex in ("x", "y", "z", "Total")} == {"small"}
    assert found["b", "z"] != "protective"
    # The number of cells that really are small would tell how many of the four are zeros.
    marked = sum(status == "small" for status in found.values())
    assert f"threshold: {marked} cells marked" in release.explain()


def test_statuses_that_tell_too_much_are_withheld():
    cells = {("a", "x"): 3, ("a", "y"): 9, ("b", "x"): 4, ("b", "y"): 8}
    release = release_table(frame(cells), dimensions=["region", "sex"])
    assert "withheld" in statuses(release).values()
    assert "size class" in release.explain()
    assert "·" in repr(release)


def test_percent_and_complement_follow_their_count():
    release = release_characteristics([Section("prior", [("yes", 995), ("often", 400)], exclusive=False)], 1000)
    got = release.to_polars()
    assert got["persons_status"].to_list() == ["shown", "protective", "shown"]
    assert got["percent"].to_list() == [100.0, None, 40.0]
    assert "protects complements" in release.explain()


def test_incidence_figures():
    release = release_incidence([("f", 500, 50, 365_250), ("m", 400, 20, 182_625), ("x", 300, 4, 36_525)], ["sex"])
    row = release.to_polars().row(0, named=True) if statuses(release, "events")["f",] == "shown" else None
    total = release.to_polars().filter(sex="Total").row(0, named=True)
    assert (total["persons"], total["events"], total["person_years"], total["rate"]) == (1200, 74, 1600.0, 46.25)
    assert row is None or (row["person_years"], row["rate"]) == (1000.0, 50.0)
    hidden = release.to_polars().filter(sex="x").row(0, named=True)
    assert (hidden["persons"], hidden["person_years"]) == (300, 100.0)
    assert hidden["events"] is hidden["rate"] is hidden["rate_low"] is hidden["rate_high"] is None


@pytest.mark.parametrize(
    ("events", "low", "high"),
    # Garwood 1936 and the table of Pearson and Hartley (Biometrika Tables, table 40).
    [(0, 0.0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (10, 4.795, 18.390), (20, 12.217, 30.888)],
)
def test_poisson_limits(events, low, high):
    assert poisson_interval(events) == pytest.approx((low, high), abs=6e-4)


# Numbers that occur nowhere else: 7 and 8 digits for what must be hidden beside small cells, and letters of the text.
SECRETS = [7_654_321, 8_765_432, 9_876_543]


def secret_release():
    cells = {("a", "x"): 7, ("a", "y"): SECRETS[0], ("b", "x"): SECRETS[1], ("b", "y"): SECRETS[2]}
    return release_table(frame(cells), dimensions=["region", "sex"])


def secret_attrition():
    return release_attrition([("all", 19_000_000), ("kept", SECRETS[1]), ("rest", SECRETS[1] - 7)])


def reachable(start):
    """Every object that can be reached from a release, through modules and classes excepted."""
    seen, queue = {}, [start]
    while queue:
        item = queue.pop()
        if id(item) in seen or isinstance(item, type) or type(item).__name__ in {"module", "function", "method"}:
            continue
        seen[id(item)] = item
        queue += gc.get_referents(item)
    return seen.values()


@pytest.mark.parametrize("make", [secret_release, secret_attrition])
def test_no_hidden_number_stays_anywhere(make, tmp_path):
    release = make()
    hidden = {
        "secret_release": set(SECRETS),
        "secret_attrition": {SECRETS[1], 19_000_000 - SECRETS[1], SECRETS[1] - 7, 19_000_000},
    }[make.__name__]
    table = release.to_polars()
    shown = {value for measure in release.measures for value in table[measure.name].drop_nulls()}
    hidden -= shown
    assert hidden, "the case must hide something large"
    folder = release.export(tmp_path / "out")
    texts = [repr(release), release._repr_html_(), release.explain(), str(release.attack())]
    texts += [
        path.read_text() for path in folder.rglob("*") if path.is_file() and path.suffix not in {".parquet", ".png"}
    ]
    texts += [release.to_markdown(), release.to_latex(), repr(kh.verify(folder)), repr(kh.read_release(folder))]
    texts.append(str(pl.read_parquet(folder / "data.parquet").to_dict(as_series=False)))
    for text in texts:
        plain = text.replace(",", "").replace("\u202f", "")
        assert not [n for n in hidden if str(n) in plain]
    numbers = {item for item in reachable(release) if isinstance(item, int | float)}
    assert not numbers & hidden
    pickled = pickle.dumps(release)
    assert not [n for n in hidden if n.to_bytes(4, "little") in pickled or str(n).encode() in pickled]
    copy = pickle.loads(pickled)  # noqa: S301 - our own bytes
    assert repr(copy) == repr(release)
    # The parquet file is compressed: its raw numbers are read back above; the frame forms carry nulls.
    assert release.to_pandas()[release.measures[0].name].isna().any()
    assert release.to_arrow().column(release.measures[0].name).null_count > 0


def test_export(tmp_path):
    release = release_attrition([("all", 500), ("kept", 495)], context={"plan_hash": "ab12", "snapshot": "000003"})
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("keep")
    with pytest.raises(FileExistsError):
        release.export(tmp_path / "full")
    (tmp_path / "empty").mkdir()
    folder = release.export(tmp_path / "empty")
    names = ["checksums", "data.csv", "data.parquet", "disclosure.json", "figure.png", "release.html", "results.json"]
    assert sorted(p.name for p in folder.iterdir()) == [*names, "seal.json"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["empty", "full"]
    record = json.loads((folder / "disclosure.json").read_text())
    assert record["plan_hash"] == "ab12"
    assert record["snapshot"] == "000003"
    assert record["tool"]["version"] == _core.VERSION
    assert record["policy"] | {"min_cell": 11, "show_zeros": True} == record["policy"]
    assert sum(record["cells"]["counts"].values()) == 4
    page = (folder / "release.html").read_text()
    assert "http" not in page
    assert "<script" not in page


def test_labels_are_escaped():
    release = release_attrition([("<script>alert(1)</script>", 500), ("kept", 400)])
    assert "<script>" not in release._repr_html_()


def test_plots():
    release_attrition([("all", 500), ("kept", 400)]).plot()
    release_incidence([("f", 500, 50, 365_250), ("m", 400, 2, 182_625)], ["sex"]).plot()
    with pytest.raises(ArgumentError, match="no chart"):
        secret_release().plot()


def test_frames_of_all_kinds_give_the_same_release():
    base = frame(THREE_BY_THREE)
    expected = release_table(base, dimensions=["region", "sex"]).to_polars()
    more = base.with_columns(note=pl.lit([1]))
    for df in (base.lazy(), more, base.to_pandas(), base.to_arrow(), duckdb.from_arrow(base.to_arrow())):
        assert release_table(df, dimensions=["region", "sex"]).to_polars().equals(expected)
    assert isinstance(release_table(base, dimensions=["region", "sex"]).to_pandas(), pd.DataFrame)


def test_given_margins_are_checked_and_not_quoted():
    df = pl.DataFrame({"d": ["a", "b", "Total"], "n": [123, 456, 579]})
    assert release_table(df, dimensions=["d"]).to_polars()["n"].to_list() == [123, 456, 579]
    wrong = df.with_columns(n=pl.Series([123, 456, 580]))
    with pytest.raises(ArgumentError, match="'Total'") as caught:
        release_table(wrong, dimensions=["d"])
    assert "58" not in str(caught.value)


def test_margins_only_where_given():
    df = frame({**THREE_BY_THREE, ("Total", "x"): 153, ("Total", "y"): 210})
    release = release_table(df, dimensions=["region", "sex"], totals=False)
    assert len(release.labels) == 8
    assert statuses(release)["a", "x"] == "small"
    assert list(statuses(release).values()).count("protective") == 1


@pytest.mark.parametrize(
    ("df", "message"),
    [
        (pl.DataFrame({"d": ["a"], "m": [1]}), "no column 'n'"),
        (pl.DataFrame({"d": ["a", "a"], "n": [12, 13]}), "there twice"),
        (pl.DataFrame({"d": ["a"], "n": [1.5]}), "whole numbers"),
        (pl.DataFrame({"d": ["a"], "n": [float("nan")]}), "whole numbers"),
        (pl.DataFrame({"d": ["a"], "n": [-4]}), "whole numbers"),
        (pl.DataFrame({"d": ["a"], "n": [None]}, schema={"d": pl.String, "n": pl.Int64}), "whole numbers"),
        (pl.DataFrame({"d": [], "n": []}, schema={"d": pl.String, "n": pl.Int64}), "no rows"),
        ([1, 2], "got list"),
    ],
)
def test_refusals(df, message):
    with pytest.raises(ArgumentError, match=message):
        release_table(df, dimensions=["d"])


def test_refusals_of_kinds():
    with pytest.raises(ArgumentError, match="'b' leaves more"):
        release_attrition([("a", 400), ("b", 401)])
    with pytest.raises(ArgumentError, match="'sex' do not add up"):
        release_characteristics([("sex", [("f", 30), ("m", 40)])], 71)
    with pytest.raises(ArgumentError, match="more events than persons"):
        release_incidence([("f", 30, 31, 400)], ["sex"])
    with pytest.raises(ArgumentError, match="no level 'x'"):
        release_incidence([("x", 30, 20, 400)], {"sex": ["f", "m"]})
    for bad in (0, -1, 2.5, True, "11"):
        with pytest.raises(ArgumentError, match="min_cell"):
            OutputRules(min_cell=bad)
    with pytest.raises(ArgumentError, match="'<1' says zero"):
        OutputRules(min_cell=1, show_zeros=False)
    with pytest.raises(ArgumentError, match="does not hold"):
        _core.protect([30, 10, 10], [(0, [1, 2])], 11, True)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=2, max_size=6), st.integers(1, 12), st.booleans(), st.integers(0, 9))
def test_the_core_keeps_its_word(parts, threshold, show, seed):
    """One line of cells: an oracle that tries every whole number a reader could think of."""
    values = [sum(parts), *parts]
    reluctance = [1.0 + (seed * cell) % 7 for cell in range(len(values))]
    found = _core.protect(values, [(0, list(range(1, len(values))))], threshold, show, reluctance)
    assert found == _core.protect(values, [(0, list(range(1, len(values))))], threshold, show, reluctance)
    small = range(1, threshold)
    group = found[0] in {1, 3} and all(status or not value for status, value in zip(found[1:], parts, strict=True))
    for cell, (value, status) in enumerate(zip(values, found, strict=True)):
        assert status or value not in small
        assert status != 2 or value >= threshold
        if status == 1 or (status == 3 and value in small):
            for claim in (1, threshold - 1):
                if not show and threshold == 1:
                    continue
                low, high = bounds_of_line(values, found, threshold, zero=not show or group)
                low[cell] = high[cell] = claim
                assert sum(low[1:]) <= high[0]
                assert sum(high[1:]) >= low[0]


def bounds_of_line(values, found, threshold, *, zero):
    """Least and largest value of each cell, as a reader knows them before adding up."""
    low, high = list(map(float, values)), list(map(float, values))
    for cell, status in enumerate(found):
        least = 0 if zero and (cell or all(found)) else 1
        if status == 1:
            low[cell], high[cell] = least, threshold - 1
        elif status:
            low[cell], high[cell] = (threshold if status == 2 else least), float("inf")
    return low, high
