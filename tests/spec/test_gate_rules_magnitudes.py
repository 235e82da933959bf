"""Sums, counts of units, group disclosure and percentiles: what a user sees, and what is refused."""

from __future__ import annotations

import kohort as kh
import numpy as np
import polars as pl
import pytest
from kohort.errors import ArgumentError
from kohort.release import release_incidence
from kohort.release.gate import Contributions
from kohort.release.gate.dominance import dominance, is_beyond, p_percent
from kohort.release.gate.percentiles import smoothed
from kohort.release.gate.program import Program


def costs(**cells):
    """A row per person: costs of each named cell."""
    rows = [(name, value) for name, values in cells.items() for value in values]
    return pl.DataFrame(rows, schema=["site", "cost"], orient="row").with_row_index("id")


def shown(release, measure):
    table = release.to_polars()
    return dict(zip(table[release.dimensions[0]].to_list(), table[measure].to_list(), strict=True))


class TestDominance:
    def test_upper_level_of_p_percent(self):
        # The second contributor bounds the first by 1000 - 150 = 850; 10 % of 800 is 80, and 50 are there.
        amount = Contributions(1000, 12, 12, (800.0, 150.0))
        assert p_percent(amount, 10) == pytest.approx(30)
        assert p_percent(amount, 5) == 0

    def test_upper_level_of_n_k(self):
        amount = Contributions(1000, 12, 12, (800.0, 150.0))
        assert dominance(amount, 2, 0.95) == pytest.approx(0)
        assert not is_beyond(dominance(amount, 2, 0.95), amount)
        assert dominance(amount, 1, 0.75) == pytest.approx(800 / 0.75 - 1000)

    def test_one_contributor(self):
        amount = Contributions(70, 12, 1, (70.0,))
        assert p_percent(amount, 10) == pytest.approx(7)


class TestSums:
    def test_a_giant_is_hidden_with_a_companion_and_the_total_stays(self):
        release = kh.release_magnitudes(
            costs(a=[5_000, *[10] * 20], b=[100] * 30, c=[100] * 40, d=[100] * 50),
            dimensions=["site"],
            value="cost",
            person="id",
        )
        found = shown(release, "cost")
        assert found["a"] is None
        assert found["Total"] == 17_200
        assert sum(value is None for value in found.values()) == 2
        # Persons are many everywhere: counts stay.
        assert shown(release, "n") == {"a": 21, "b": 30, "c": 40, "d": 50, "Total": 141}
        assert shown(release, "cost_mean")["a"] is None
        assert "withheld by these rules" in release.explain()
        assert "5000" not in repr(release) + release.explain() + release._repr_html_()

    def test_a_person_counts_once(self):
        # Twelve stays of one person are one contribution.
        rows = pl.DataFrame({"site": ["a"] * 12 + ["b"] * 40, "id": [0] * 12 + list(range(1, 41)), "days": [3] * 52})
        release = kh.release_magnitudes(rows, dimensions=["site"], value="days", person="id")
        assert release.to_polars().filter(site="a")["n_status"].item() == "small"
        assert shown(release, "days")["a"] is None

    def test_persons_in_several_cells_are_not_shown(self):
        rows = pl.DataFrame(
            {"ward": ["a"] * 30 + ["b"] * 30, "id": [*range(30), *range(20, 50)], "days": list(range(1, 61))}
        )
        release = kh.release_magnitudes(rows, dimensions=["ward"], value="days", person="id")
        assert [measure.name for measure in release.measures] == ["days"]
        assert shown(release, "days")["Total"] == sum(range(1, 61))

    def test_few_contributors_among_many_persons(self):
        release = kh.release_magnitudes(
            costs(a=[0] * 40 + [90, 100, 110, 95], b=[50] * 40, c=[50] * 40),
            dimensions=["site"],
            value="cost",
            person="id",
        )
        assert shown(release, "cost")["a"] is None
        assert shown(release, "n")["a"] == 44

    def test_cells_with_their_largest_contributions(self):
        frame = costs(a=[5_000, *[10] * 20], b=[100] * 30, c=[100] * 40, d=[100] * 50)
        cells = frame.group_by("site", maintain_order=True).agg(
            n=pl.len(), total=pl.col("cost").sum(), first=pl.col("cost").max(), second=pl.col("cost").top_k(2).min()
        )
        both = [
            kh.release_magnitudes(frame.rename({"cost": "total"}), dimensions=["site"], value="total", person="id"),
            kh.release_magnitudes(cells, dimensions=["site"], value="total", persons="n", largest=["first", "second"]),
        ]
        assert both[0].to_polars().equals(both[1].to_polars())

    def test_fractions_are_shown_to_the_cent(self):
        release = kh.release_magnitudes(
            costs(a=[0.125] * 20, b=[0.25] * 30), dimensions=["site"], value="cost", person="id"
        )
        assert shown(release, "cost") == {"a": 2.5, "b": 7.5, "Total": 10.0}
        assert release.attack().intervals == ()

    def test_no_margins(self):
        frame = costs(a=[5_000, *[10] * 20], b=[100] * 30)
        release = kh.release_magnitudes(frame, dimensions=["site"], value="cost", person="id", totals=False)
        assert shown(release, "cost") == {"a": None, "b": 3000}

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"cost": [-1.0, 2.0]}, "from 0 on"),
            ({"cost": [None, 2.0]}, "without missing"),
            ({"cost": [float("nan"), 2.0]}, "numbers from 0 on"),
            ({"cost": ["1", "2"]}, "numbers"),
            ({"cost": [2.0**53, 2.0**53]}, "larger unit"),
            ({"id": [None, 1]}, "needs its person"),
            ({"site": ["Total", "a"]}, "names the margins"),
        ],
    )
    def test_refusals(self, change, words):
        frame = pl.DataFrame({"site": ["a", "b"], "cost": [1.0, 2.0], "id": [0, 1]} | change)
        with pytest.raises(ArgumentError, match=words):
            kh.release_magnitudes(frame, dimensions=["site"], value="cost", person="id")

    def test_arguments_that_do_not_go_together(self):
        frame = costs(a=[1] * 20)
        for arguments, words in [
            ({"value": "cost"}, "who contributes"),
            ({"person": "id"}, "give value="),
            ({"value": "cost", "person": "id", "persons": "n"}, "not both"),
            ({"value": "cost", "persons": "id", "largest": ["cost"]}, "columns"),
            ({"value": "cost", "person": "id", "sensitive": ["site"]}, "tables of persons"),
            ({"value": "cost", "person": "cost"}, "different columns"),
        ]:
            with pytest.raises(ArgumentError, match=words):
                kh.release_table(frame, dimensions=["site"], **arguments)

    @pytest.mark.parametrize(
        "row", [(5, 100, 10, 20), (1, 100, 60, 40), (2, 100, 60, 30), (9, 100, 20, 1), (0, 5, 0, 0), (3, 10, 9, 8)]
    )
    def test_impossible_cells(self, row):
        frame = pl.DataFrame([("a", *row)], schema=["site", "n", "cost", "first", "second"], orient="row")
        with pytest.raises(ArgumentError, match=r"correct it|falling order"):
            kh.release_magnitudes(frame, dimensions=["site"], value="cost", persons="n", largest=["first", "second"])


class TestUnits:
    FRAME = pl.DataFrame(
        {
            "diagnosis": ["x", "y", "z", "Total"],
            "stays": [400, 60, 300, 760],
            "persons": [200, 4, 150, 310],
        }
    )

    def test_many_stays_of_few_persons_are_hidden(self):
        release = kh.release_units(self.FRAME, dimensions=["diagnosis"], count="stays", persons="persons")
        found = shown(release, "stays")
        assert found["y"] is None
        assert found["Total"] == 760
        assert list(found.values()).count(None) == 2
        assert [measure.name for measure in release.measures] == ["stays"]

    def test_persons_that_add_up_are_shown(self):
        frame = self.FRAME.filter(pl.col("diagnosis") != "Total")
        release = kh.release_units(frame, dimensions=["diagnosis"], count="stays", persons="persons", overlap=False)
        table = release.to_polars()
        assert table["persons_status"].to_list()[1] == "small"
        assert all(
            stays == "withheld"
            for stays, persons in zip(table["stays_status"], table["persons_status"], strict=True)
            if persons != "shown"
        )

    def test_a_margin_without_persons_counts_as_its_largest_cell(self):
        # 6, 5, 6 and 5 persons may be six in all: the margin is not known to have eleven.
        frame = pl.DataFrame({"ward": list("abcd"), "stays": [90, 80, 70, 60], "persons": [6, 5, 6, 5]})
        both = [
            kh.release_units(frame, dimensions=["ward"], count="stays", persons="persons", overlap=overlap)
            for overlap in (True, False)
        ]
        assert shown(both[0], "stays")["Total"] is None
        assert shown(both[1], "stays")["Total"] == 300

    @pytest.mark.parametrize(
        ("stays", "persons", "words"),
        [
            ([3, 40], [5, 20], "no more persons"),
            ([3, 40], [0, 20], "at least one person"),
            ([0, 40], [1, 20], "persons"),
        ],
    )
    def test_refusals(self, stays, persons, words):
        frame = pl.DataFrame({"ward": ["a", "b"], "stays": stays, "persons": persons})
        with pytest.raises(ArgumentError, match=words):
            kh.release_units(frame, dimensions=["ward"], count="stays", persons="persons")

    def test_a_margin_of_impossibly_few_persons(self):
        frame = self.FRAME.with_columns(persons=pl.Series([200, 4, 150, 180]))
        with pytest.raises(ArgumentError, match="fewer persons than one of its cells"):
            kh.release_units(frame, dimensions=["diagnosis"], count="stays", persons="persons")


class TestGroupDisclosure:
    FRAME = pl.DataFrame(
        [
            (region, result, n)
            for region, row in {"a": (190, 10), "b": (60, 40), "c": (50, 50), "d": (30, 70)}.items()
            for result, n in zip(("positive", "negative"), row, strict=True)
        ],
        schema=["region", "hiv", "n"],
        orient="row",
    )
    RULES = kh.OutputRules(min_cell=5)

    def lines(self, release):
        table = release.to_polars()
        answer = {}
        for region, result, _, status in table.iter_rows():
            answer.setdefault(region, {})[result] = status
        return answer

    def test_a_dominated_line_is_withheld_with_company(self):
        release = kh.release_table(self.FRAME, dimensions=["region", "hiv"], sensitive=["hiv"], rules=self.RULES)
        found = self.lines(release)
        assert found["a"] == {"positive": "withheld", "negative": "withheld", "Total": "shown"}
        assert sum(line["positive"] == "withheld" for line in found.values()) == 2
        assert found["Total"] == dict.fromkeys(["positive", "negative", "Total"], "shown")
        # The record counts withheld cells, and not which of them are dominated.
        assert "4 cells are withheld" in release.explain()

    def test_sensitive_levels(self):
        for levels, hidden in ((["positive"], True), (["negative"], False)):
            release = kh.release_table(
                self.FRAME, dimensions=["region", "hiv"], sensitive={"hiv": levels}, rules=self.RULES
            )
            assert (self.lines(release)["a"]["positive"] == "withheld") == hidden

    def test_zeros_of_a_withheld_line_are_withheld(self):
        frame = self.FRAME.with_columns(n=pl.Series([200, 0, 60, 40, 50, 50, 30, 70]))
        release = kh.release_table(frame, dimensions=["region", "hiv"], sensitive=["hiv"], rules=self.RULES)
        assert self.lines(release)["a"]["negative"] == "withheld"

    def test_small_counts_of_a_withheld_line_lose_their_size_class(self):
        frame = self.FRAME.with_columns(n=pl.Series([196, 4, 60, 40, 50, 50, 30, 70]))
        release = kh.release_table(frame, dimensions=["region", "hiv"], sensitive=["hiv"], rules=self.RULES)
        assert set(self.lines(release)["a"].values()) == {"withheld", "shown"}
        assert "0 cells marked as below 5" in release.explain()

    def test_switched_off(self):
        rules = kh.OutputRules(min_cell=5, group_share=None)
        release = kh.release_table(self.FRAME, dimensions=["region", "hiv"], sensitive=["hiv"], rules=rules)
        assert release.status_counts()["shown"] == 15

    def test_incidence(self):
        rows = [("a", 200, 195, 9), ("b", 200, 120, 9), ("c", 200, 100, 9), ("d", 200, 90, 9)]
        table = release_incidence(rows, ["region"], rules=self.RULES).to_polars()
        assert table["events_status"].to_list().count("withheld") == 2
        assert table["events_status"][0] == "withheld"
        assert table["rate_status"][0] == "withheld"
        assert table["persons_status"].unique().to_list() == ["shown"]

    @pytest.mark.parametrize(
        ("sensitive", "words"),
        [(["region", "sex"], "not a dimension"), ({"hiv": ["maybe"]}, "no level"), ("hiv", "list")],
    )
    def test_refusals(self, sensitive, words):
        with pytest.raises(ArgumentError, match=words):
            kh.release_table(self.FRAME, dimensions=["region", "hiv"], sensitive=sensitive)

    def test_one_level(self):
        frame = self.FRAME.filter(pl.col("hiv") == "positive")
        with pytest.raises(ArgumentError, match="one level"):
            kh.release_table(frame, dimensions=["region", "hiv"], sensitive=["hiv"])


class TestPercentiles:
    def test_means_of_neighbors(self):
        values = [1, 2, 2, 3, 3, 3, 4, 4, 5, 5, 5, 6, 6, 7, 7]
        rules = kh.OutputRules(min_cell=5)
        assert smoothed(values, [0.5], rules) == [4.2]

    @pytest.mark.parametrize("count", [21, 22, 43, 44, 400])
    def test_as_many_on_either_side(self, count):
        found = smoothed(list(range(1, count + 1)), [0.25, 0.5, 0.75, 0.01], kh.OutputRules())
        assert (found[1] is not None) == (count >= 22)
        assert (found[0] is not None) == (found[2] is not None) == (count >= 44)
        assert found[3] is None
        for quantile, value in zip((0.25, 0.5, 0.75), found, strict=False):
            assert value is None or value == pytest.approx(np.quantile(range(1, count + 1), quantile), abs=1.5)

    def test_overlapping_ranks_tell_differences(self):
        assert smoothed(list(range(100)), [0.5, 0.51, 0.7], kh.OutputRules())[1] is None

    def test_a_dominated_mean_is_withheld(self):
        values = [0] * 29 + [900] * 20
        assert smoothed(values, [0.5], kh.OutputRules()) == [None]

    def test_table(self):
        frame = pl.DataFrame({"id": range(130), "sex": ["f"] * 100 + ["m"] * 30, "days": [*range(100), *range(30)]})
        release = kh.release_percentiles(frame, value="days", by=["sex"], person="id", quantiles=(0.5, 0.25))
        table = release.to_polars()
        assert table["p50"].to_list() == [50.0, 15.0]
        assert table["p25_status"].to_list() == ["shown", "withheld"]
        assert release.attack().intervals == ()

    def test_groups_of_few_persons(self):
        frame = pl.DataFrame({"id": range(5), "days": range(5)})
        table = kh.release_percentiles(frame, value="days", person="id").to_polars()
        assert table["n_status"].to_list() == ["small"]
        assert table["p50_status"].to_list() == ["withheld"]

    @pytest.mark.parametrize("quantile", [0, 1, -0.1, True, "half"])
    def test_extremes_are_refused(self, quantile):
        frame = pl.DataFrame({"id": range(50), "days": range(50)})
        with pytest.raises(ArgumentError, match="strictly between"):
            kh.release_percentiles(frame, value="days", person="id", quantiles=[quantile])

    def test_missing_values(self):
        frame = pl.DataFrame({"id": [1, 2], "days": [1, None]})
        with pytest.raises(ArgumentError, match="without missing"):
            kh.release_percentiles(frame, value="days", person="id")


class TestProgram:
    def test_nothing_helps_where_nothing_may_be_hidden(self):
        program = Program([5, 2, 3], [(0, (1, 2))], low=[0] * 3, high=[9] * 3, hidden=[1], price=[np.inf] * 3)
        assert program.meet([({1: 1.0}, 1.0)]) is None

    def test_the_cheaper_cell_is_hidden(self):
        program = Program(
            [100, 20, 30, 50], [(0, (1, 2, 3))], low=[0] * 4, high=[np.inf] * 4, hidden=[1], price=[9, 1, 2, 1]
        )
        assert program.meet([({1: 1.0}, 10.0)]) == [3]
        # The same deviation, once more, hides nothing.
        assert program.meet([({1: 1.0}, 15.0)]) == []


@pytest.mark.parametrize(
    "change",
    [
        {"group_share": 0.2},
        {"group_share": 1.5},
        {"dominance": ((0, 0.5),)},
        {"dominance": ((1, 1.0),)},
        {"p_percent": 0},
    ],
)
def test_rules_out_of_range(change):
    with pytest.raises(ArgumentError, match="must"):
        kh.OutputRules(**change)
