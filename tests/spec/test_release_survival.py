"""Survival, drawn by hand: what a risk table shows, where the curve has points, and where it ends."""

from __future__ import annotations

import kohort as kh
import polars as pl
import pytest
from kohort.release import release_prevalence
from kohort.release.incidence import release_incidence


def people(*groups):
    """(time, event, persons) as a row per person."""
    rows = [(time, event) for time, event, persons in groups for _ in range(persons)]
    return pl.DataFrame(rows, schema={"time": pl.Float64, "event": pl.Boolean}, orient="row")


def drawn(release):
    """The table as text, a line per row; derived figures to three decimals."""
    lines = []
    for labels, values, statuses in zip(release.labels, release.values, release.statuses, strict=True):
        cells = [
            "-" if status == "not applicable" else "." if value is None else f"{value:.3f}".rstrip("0").rstrip(".")
            for value, status in zip(values[:4], statuses[:4], strict=True)
        ]
        lines.append(" ".join([*labels, *cells]))
    return lines


def test_a_table_without_small_steps_is_shown_whole():
    data = people((10, True, 20), (30, False, 30), (31, True, 25), (60, False, 15), (90, True, 30))
    # Day 30 belongs to the first step, day 31 to the second.
    assert drawn(kh.release_survival(data, interval=30)) == [
        "0 120 - - 1",
        "30 70 20 30 0.833",
        "60 30 45 45 0.536",
        "90 0 75 45 0",
    ]


def test_a_step_of_few_events_is_passed_over():
    data = people((10, True, 40), (40, True, 4), (50, False, 30), (70, True, 20), (80, False, 40), (95, False, 60))
    table = kh.release_survival(data, interval=30).to_polars()
    hidden = table.filter(pl.col("events_status") != "shown")["time"].to_list()
    assert hidden == ["0", "60"], "the events until day 60 would give the 4 away"
    # From day 30 on the curve takes the step of day 60 and that of day 90 together: 24 events of 154 at risk.
    first = 1 - 40 / 194
    assert table["survival"].to_list()[1:4] == [first, None, pytest.approx(first * (1 - 24 / 154))]


def test_the_curve_ends_where_few_are_at_risk():
    data = people((10, True, 40), (40, True, 30), (70, False, 5), (400, True, 3))
    table = kh.release_survival(data, interval=30).to_polars()
    assert table["time"].to_list() == ["0", "30", "60"], "after day 60 fewer than 11 are at risk"
    assert table["at_risk_status"].to_list() == ["shown", "shown", "small"]
    assert table["survival"].to_list()[2] is None


def test_a_group_of_few_shows_nothing():
    table = kh.release_survival(people((10, True, 3), (20, False, 5)), interval=30).to_polars()
    assert (
        table.select("at_risk", "events", "censored", "survival").null_count().sum_horizontal().item()
        == 4 * table.height
    )


def test_steps_grow_until_events_fill_them():
    data = people(*((day, True, 1) for day in range(1, 181)), (200, False, 500))
    times = kh.release_survival(data, interval=1).to_polars()["time"].to_list()
    assert times[:2] == ["0", "16"], "16 days hold more than 11 events on average, 8 do not"
    times = kh.release_survival(data).to_polars()["time"].to_list()
    assert times == [str(day) for day in range(0, 211, 30)]


def test_strata_add_up_to_their_total():
    data = people((10, True, 60), (50, True, 40), (60, False, 60)).with_columns(
        sex=pl.Series(["f", "m"] * 80), town=pl.lit("t")
    )
    rel = kh.release_survival(data, by=["sex", "town"], interval=30)
    assert rel.dimensions == ("sex", "town", "time")
    totals = rel.to_polars().filter((pl.col("sex") == "Total") & (pl.col("town") == "Total"))
    assert totals["events"].to_list() == [None, 60, 100]


def test_it_explains_itself_and_is_drawn():
    data = people((10, True, 40), (40, True, 30), (80, False, 60)).with_columns(g=pl.Series(["a", "b"] * 65))
    rel = kh.release_survival(data, by="g", interval=30)
    assert "Rule curve: " in rel.explain()
    assert len(rel.plot().axes) == 2
    assert rel.attack().tightest is None or rel.attack().tightest.width >= 10


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"times": "when"}, "no column 'when'"),
        ({"events": "time"}, "different columns"),
        ({"interval": 0}, "above 0"),
        ({"interval": float("nan")}, "above 0"),
    ],
)
def test_wrong_arguments_are_refused(change, words):
    with pytest.raises(kh.ArgumentError, match=words):
        kh.release_survival(people((10, True, 40)), **change)


@pytest.mark.parametrize(
    "column", [pl.Series("time", [-1.0, 2.0]), pl.Series("time", ["1", "2"]), pl.Series("event", [2, 0])]
)
def test_wrong_columns_are_refused(column):
    with pytest.raises(kh.ArgumentError, match=f"column '{column.name}'"):
        kh.release_survival(people((10, True, 1), (20, False, 1)).with_columns(column))
    with pytest.raises(kh.ArgumentError, match="no rows"):
        kh.release_survival(people())


def test_prevalence_hides_numerator_denominator_and_difference():
    rows = [("few cases", 500, 4), ("few persons", 8, 2), ("few others", 300, 295), ("fine", 400, 100), ("none", 90, 0)]
    # Without group disclosure, which would withhold "few others", nearly all of whom are cases, and company for it.
    table = release_prevalence(rows, ["town"], rules=kh.OutputRules(group_share=None)).to_polars()
    status = dict(zip(table["town"], table["cases_status"], strict=True))
    assert status["few cases"] == "small"
    assert status["few others"] != "shown", "its complement has 5"
    assert table.filter(pl.col("town") == "few persons")["persons"].to_list() == [None]
    assert status["none"] == "shown"
    hidden = table.filter(pl.col("cases").is_null())
    assert hidden["per_1000"].null_count() == hidden.height


def test_a_standardized_rate_needs_every_band():
    rows = [
        ("f", "<40", 900, 30, 10**6),
        ("f", "40+", 900, 4, 10**6),
        ("m", "<40", 800, 50, 10**6),
        ("m", "40+", 700, 60, 10**6),
    ]
    table = release_incidence(rows, ["sex", "age"], standardize="european_2013").to_polars()
    rate = {
        row[0]: row[1] for row in table.filter(pl.col("age") == "Total").select("sex", "standardized_rate").iter_rows()
    }
    assert rate["f"] is None
    with pytest.raises(kh.ArgumentError, match="needs age bands"):
        release_incidence([("f", 900, 30, 10**6)], ["sex"], standardize="european_2013")
    with pytest.raises(kh.ArgumentError, match="multiples of 5"):
        release_incidence([("<42", 900, 30, 10**6)], ["age"], standardize="european_2013")
    with pytest.raises(kh.ArgumentError, match="no standard population"):
        release_incidence([("<40", 900, 30, 10**6)], ["age"], standardize="mars")
