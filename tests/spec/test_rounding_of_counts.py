"""Rounding: after suppression, or in its place."""

import itertools
import json

import kohort as kh
import polars as pl
import pytest
from kohort.release import OutputRules, Rounding, release_attrition, release_characteristics, release_incidence
from kohort.release.gate import Exact, protect_table
from kohort.release.gate.amounts import step, to_grain
from kohort.release.gate.controlled import MAX_INNER, controlled_rounding

REGIONS = pl.DataFrame({"region": ["A", "A", "B", "B"], "sex": ["f", "m", "f", "m"], "n": [23, 3, 48, 51]})


def cells(release, name="n"):
    frame = release.to_polars()
    return dict(zip(frame.select(release.dimensions).rows(), frame[name].to_list(), strict=True))


def released(**protection):
    return cells(kh.release_table(REGIONS, dimensions=["region", "sex"], rules=OutputRules(**protection)))


@pytest.mark.parametrize(
    ("base", "to", "expected"),
    [
        (5, "nearest", [0, 0, 0, 5, 5, 5, 5, 5, 10, 10, 10, 10, 10, 15]),
        (10, "nearest", [0, 0, 0, 0, 0, 10, 10, 10, 10, 10, 10, 10, 10, 10]),
        (3, "nearest", [0, 0, 3, 3, 3, 6, 6, 6, 9, 9, 9, 12, 12, 12]),
        # OpenSAFELY's midpoint 6.
        (6, "midpoint", [0, 3, 3, 3, 3, 3, 3, 9, 9, 9, 9, 9, 9, 15]),
        (5, "midpoint", [0, 3, 3, 3, 3, 3, 8, 8, 8, 8, 8, 13, 13, 13]),
    ],
)
def test_what_counts_read(base, to, expected):
    way = Rounding(base=base, to=to, margins="exact")
    assert [way.of(count) for count in range(14)] == expected
    for count, value in enumerate(expected):
        low, high = way.bounds(value)
        assert [n for n in range(60) if way.of(n) == value] == list(range(low, high + 1))
        assert low <= count <= high


def test_after_suppression_only_what_is_shown_is_rounded():
    release = kh.release_table(REGIONS, dimensions=["region", "sex"], rules=OutputRules(rounding=5))
    found = cells(release)
    assert found["A", "m"] is None
    # 125 of 23 + 3 + 48 + 51: from the exact count, not from rounded cells.
    assert found["Total", "Total"] == 125
    assert all(value % 5 == 0 for value in found.values() if value is not None)
    assert release.decisions[0][0] == ("secondary suppression",)
    assert release.decisions[-1][0] == ("rounding",)
    assert "rounded to 5" in repr(release)
    assert "rounding" in [record.name for record in release.record]


def test_in_place_of_suppression():
    found = released(protection=Rounding(base=5))
    assert [found["A", "f"], found["A", "m"], found["B", "f"], found["B", "m"]] == [25, 5, 50, 50]
    assert [found["A", "Total"], found["Total", "m"], found["Total", "Total"]] == [30, 55, 130]
    exact = released(protection=Rounding(base=5, margins="exact"))
    assert [exact["A", "Total"], exact["Total", "Total"]] == [25, 125]
    controlled = released(protection=Rounding(base=5, margins="controlled"))
    assert controlled["Total", "Total"] == 125
    for total, parts in [(("A", "Total"), [("A", "f"), ("A", "m")]), (("Total", "f"), [("A", "f"), ("B", "f")])]:
        assert controlled[total] == sum(controlled[part] for part in parts)


def test_words():
    rules = OutputRules(protection=Rounding(base=6, to="midpoint"))
    release = kh.release_table(REGIONS, dimensions=["region", "sex"], rules=rules)
    assert "midpoints of 6 (1 to 6 read 3)" in repr(release)
    assert "totals are sums of cells" in repr(release)
    assert "Every cell stands for" not in repr(release)
    assert "midpoints of 6" in release._repr_html_()
    assert str(rules) == "counts rounded to 6 (midpoint; margins: sum)"


def test_the_record_says_how(tmp_path):
    rules = OutputRules(protection=Rounding(base=5))
    folder = kh.release_table(REGIONS, dimensions=["region", "sex"], rules=rules).export(tmp_path / "out")
    recorded = json.loads((folder / "disclosure.json").read_text())["policy"]["protection"]
    assert (recorded["type"], recorded["base"]) == ("Rounding", 5)


def test_figures_follow_from_rounded_counts():
    rules = OutputRules(protection=Rounding(base=5, margins="exact"))
    table = release_characteristics([("sex", [("f", 33), ("m", 69)])], 102, rules=rules)
    assert cells(table, "percent") == {("Total", ""): 100.0, ("sex", "f"): 35.0, ("sex", "m"): 70.0}
    flow = release_attrition([("all", 502), ("adults", 498)], rules=rules)
    assert cells(flow, "excluded") == {("all",): None, ("adults",): 5}


def test_person_years_are_as_coarse_as_the_persons():
    rows = [("f", 400, 40, 146_123), ("m", 403, 43, 147_200)]
    plain = cells(release_incidence(rows, ["sex"]), "person_years")
    assert plain["f",] == 400.1
    for rules in (OutputRules(rounding=5), OutputRules(protection=Rounding(base=5))):
        release = release_incidence(rows, ["sex"], rules=rules)
        years, rates = cells(release, "person_years"), cells(release, "rate")
        # 5 persons contribute 5.0012 years on average: the grain is 10.
        assert years == {("f",): 400.0, ("m",): 400.0, ("Total",): 800.0}
        assert rates["f",] == 1000 * 40 / 400
        assert rates["m",] == 1000 * 45 / 400


def test_person_years_of_few_are_withheld():
    rules = OutputRules(protection=Rounding(base=5))
    release = release_incidence([("f", 400, 40, 146_100), ("m", 9, 1, 3000)], ["sex"], rules=rules)
    assert cells(release, "persons")["m",] == 10
    assert cells(release, "person_years")["m",] is None
    assert cells(release, "rate")["m",] is None
    # A sum of 10 persons at least: shown.
    wide = release_incidence([("f", 400, 40, 146_100), ("m", 16, 1, 3000)], ["sex"], rules=rules)
    assert cells(wide, "person_years")["m",] is not None


def test_grains():
    assert [step(x) for x in (0.3, 1, 1.01, 2, 4.9, 5.1, 77)] == [0.5, 1, 2, 2, 5, 10, 100]
    assert to_grain(0.0, 5, 5) == 0.0
    assert to_grain(1234.5, 0, 5) == 0.0


def test_a_person_more_changes_an_amount_seldom():
    """Two tables that differ by one person: the amount tells no more often than the count does."""
    changes = sum(to_grain(n * 1.0, n, 5) != to_grain(n * 1.0 + 1.0, n + 1, 5) for n in range(100, 600))
    assert changes <= 500 / 5


def test_controlled_rounding_of_a_line_is_best():
    """Every choice of ups and downs, tried."""
    counts = [7, 12, 3, 6, 9]
    found = controlled_rounding([sum(counts), *counts], [(0, range(1, 6))], base=5)
    changes = []
    for ups in itertools.product((0, 5), repeat=5):
        rounded = [count // 5 * 5 + up for count, up in zip(counts, ups, strict=True)]
        away = abs(sum(rounded) - sum(counts))
        if away < 5:
            changes.append(away + sum(abs(a - b) for a, b in zip(rounded, counts, strict=True)))
    mine = sum(abs(a - b) for a, b in zip(found.values, [sum(counts), *counts], strict=True))
    assert found.optimal
    assert found.within
    assert mine == min(changes)


def test_a_table_without_close_controlled_rounding_stays_additive():
    """Causey, Cox and Ernst (1985): a 2 x 2 x 2 table of which no zero-restricted rounding keeps all margins within."""
    cube = list(itertools.product((0, 1), repeat=3))
    counts = [1 if sum(key) % 2 == 0 else 0 for key in cube]
    relations = []
    for axis in range(3):
        for other in itertools.product((0, 1), repeat=2):
            parts = [i for i, key in enumerate(cube) if key[:axis] + key[axis + 1 :] == other]
            relations.append((len(counts), parts))
            counts.append(sum(counts[part] for part in parts))
    found = controlled_rounding(counts, relations, base=2)
    for total, parts in relations:
        assert found.values[total] == sum(found.values[part] for part in parts)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Rounding(base=2), "at least 3, got 2"),
        (lambda: Rounding(base=True), "whole number"),
        (lambda: Rounding(to="up"), "'nearest', 'midpoint', got 'up'"),
        (lambda: Rounding(margins="none"), "'controlled', got 'none'"),
        (lambda: Rounding(to="midpoint", margins="controlled"), "use to='nearest'"),
        (lambda: OutputRules(rounding=0), "rounding must be a whole number, at least 1"),
        (lambda: OutputRules(rounding=2.5), "got 2.5"),
        (lambda: OutputRules(rounding=5, protection=Rounding()), "rounding=5 is for suppression .* with Rounding"),
        (lambda: OutputRules(show_zeros=False, protection=Rounding()), "Rounding hides no cell"),
        (lambda: OutputRules(protection="rounding"), "got a str"),
        (lambda: controlled_rounding([1] * (MAX_INNER + 1), [], base=5), "use margins='sum'"),
    ],
)
def test_refusals(make, message):
    with pytest.raises(kh.ArgumentError, match=message):
        make()


def test_kinds_that_rounding_does_not_protect_are_refused():
    exact = Exact(dimensions=("d",), counts=("n",))
    exact.cell(exact.row(("a",)), "n", 50)
    for rules in (OutputRules(rounding=5), OutputRules(protection=Rounding())):
        with pytest.raises(kh.ArgumentError, match=r"'curve' has figures that (rounding|Rounding) does not protect"):
            protect_table(exact, title="t", kind="curve", rules=rules)
    assert protect_table(exact, title="t", kind="curve", rules=OutputRules())
