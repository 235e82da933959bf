"""Differential privacy: price, noise, margins and words."""

import copy
import sys
from math import sqrt
from threading import Thread

import kohort as kh
import polars as pl
import pytest
from kohort.release import (
    DifferentialPrivacy,
    MemoryBudget,
    OutputRules,
    delta_of,
    epsilon_of,
    release_attrition,
    release_characteristics,
    release_incidence,
    release_sums,
    rho_of,
)
from kohort.release.gate import Exact, differential_privacy, protect_table
from kohort.release.gate.additive import Additive
from kohort.release.gate.differential_privacy import half_width

pytest.importorskip("opendp", reason="the extra 'privacy' is not installed")

TABLE = pl.DataFrame({"region": ["A", "A", "B", "B"], "sex": ["f", "m", "f", "m"], "n": [2300, 300, 4800, 5100]})


def rules(rho=0.5, total=10.0, **more):
    budget = MemoryBudget(total)
    return OutputRules(protection=DifferentialPrivacy(rho=rho, budget=budget, **more)), budget


def cells(release, name="n"):
    frame = release.to_polars()
    return dict(zip(frame.select(release.dimensions).rows(), frame[name].to_list(), strict=True))


def test_a_table_costs_its_rho_and_is_additive():
    given, budget = rules()
    release = kh.release_table(TABLE, dimensions=["region", "sex"], rules=given)
    found = cells(release)
    assert budget.entries == ((0.5, "4 inner cells of a table of region x sex"),)
    assert found["A", "Total"] == found["A", "f"] + found["A", "m"]
    assert found["Total", "Total"] == sum(found[r, s] for r in "AB" for s in "fm")
    # sigma = 1: ten standard deviations.
    assert all(abs(found[r, s] - n) <= 10 for r, s, n in TABLE.iter_rows())
    assert release.rules.protection.budget is None
    assert all(decisions == (("differential privacy",),) for decisions in release.decisions)


def test_the_error_is_said_in_persons():
    given, _ = rules(rho=0.02)
    release = kh.release_table(TABLE, dimensions=["region", "sex"], rules=given)
    # sigma = 1 / sqrt(0.04) = 5, and twice that for the sum of four cells.
    text = "error of 95 % of inner cells is within 10 persons, of the largest total within 20"
    assert text in repr(release)
    assert text in release.explain()
    assert half_width(5.0, 1) == 10


def test_fresh_noise_each_time_costs_each_time():
    given, budget = rules(total=1.0)
    first = [cells(kh.release_table(TABLE, dimensions=["region", "sex"], rules=given)) for _ in range(2)]
    assert first[0] != first[1]
    assert budget.remaining == 0
    with pytest.raises(kh.BudgetSpent, match=r"costs rho 0.5 of a privacy budget that has 0 left") as caught:
        kh.release_table(TABLE, dimensions=["region", "sex"], rules=given)
    assert isinstance(caught.value, kh.DisclosureError)
    assert (caught.value.asked, caught.value.remaining) == (0.5, 0.0)
    assert str(copy.copy(caught.value)) == str(caught.value)
    assert len(budget.entries) == 2


def test_nothing_is_drawn_before_it_is_paid(monkeypatch):
    log = []

    class Ledger:
        remaining = 1.0

        def spend(self, rho, _):
            log.append("paid" if rho == 0.5 else "wrong")

    drawn = differential_privacy.noisy
    monkeypatch.setattr(differential_privacy, "noisy", lambda *given: [log.append("drawn"), drawn(*given)][1])
    way = DifferentialPrivacy(rho=0.5, budget=Ledger())
    kh.release_table(TABLE, dimensions=["region", "sex"], rules=OutputRules(protection=way))
    assert log == ["paid", "drawn"]


def test_what_is_recorded_does_not_depend_on_counts():
    told = []
    for factor in (1, 7):
        given, budget = rules()
        frame = TABLE.with_columns(pl.col("n") // factor)
        release = kh.release_table(frame, dimensions=["region", "sex"], rules=given)
        told.append((release.record, release.decisions, release.statuses, budget.entries))
    assert told[0] == told[1]


def test_negative_results():
    frame = pl.DataFrame({"d": [str(i) for i in range(200)], "n": [0] * 200})
    for nonnegative in (True, False):
        given, _ = rules(nonnegative=nonnegative)
        found = cells(kh.release_table(frame, dimensions=["d"], rules=given))
        assert (min(found.values()) >= 0) == nonnegative
    # Before results are cut, margins are sums.
    assert found["Total",] == sum(value for key, value in found.items() if key != ("Total",))


def test_a_table_1_pays_for_each_variable():
    given, _ = rules()
    sections = [
        ("sex", [("f", 600), ("m", 400)]),
        ("age", [("young", 300), ("old", 700)]),
        kh.release.Section("diabetes", [("yes", 90)], exclusive=False),
    ]
    release = release_characteristics(sections, 1000, rules=given)
    assert "a person is in up to 3 inner cells" in release.explain()
    # sigma = sqrt(3) * 1, the total from two cells.
    assert f"within {half_width(sqrt(3), 1)} persons, of the largest total within {half_width(sqrt(3), 2)}" in repr(
        release
    )


def test_an_attrition_is_one_partition():
    given, _ = rules()
    release = release_attrition([("all", 5000), ("adults", 4200), ("followed", 4100)], rules=given)
    found, excluded = cells(release, "persons"), cells(release, "excluded")
    assert found["all",] == found["adults",] + excluded["adults",]
    assert "inner cells;" not in release.explain().split("differential privacy")[1].split("totals")[1]


def test_person_years_without_a_largest_contribution_are_refused():
    given, budget = rules()
    with pytest.raises(kh.ArgumentError, match="person-years have no largest contribution"):
        release_incidence([("f", 400, 40, 146_100)], ["sex"], rules=given)
    assert budget.spent == 0


def test_sums_are_clipped():
    frame = pl.DataFrame(
        {
            "person": [*range(1000), 0, 1, None],
            "sex": ["f", "m"] * 500 + ["f", "f", "f"],
            "days": [3.0, 8.0] * 500 + [5e9, 77.0, 9.0],
        }
    )
    given, budget = rules(rho=2.0)
    release = release_sums(
        frame, dimensions={"sex": ["f", "m"]}, person="person", value="days", bounds=(0, 30), rules=given
    )
    sums = cells(release, "days")
    # sigma = 30 / sqrt(2): persons cost half of rho. Person 0's 5e9 counts 30; person 1 is in the first cell, f.
    assert abs(sums["f",] - (499 * 3 + 30 + 30)) < 250
    assert abs(sums["m",] - 499 * 8) < 250
    assert abs(cells(release, "persons")["f",] - 501) < 12
    assert cells(release, "mean")["f",] == round(sums["f",] / cells(release, "persons")["f",], 1)
    assert budget.spent == 2.0
    assert "a person contributes at most 30" in repr(release)


def test_accounting():
    assert epsilon_of(0.0, 1e-6) == 0
    assert epsilon_of(0.5, 1e-6) == pytest.approx(5.2215, abs=1e-3)
    for epsilon, delta in [(0.1, 1e-5), (1.0, 1e-6), (10.0, 1e-9)]:
        rho = rho_of(epsilon, delta)
        assert delta_of(rho, epsilon) <= delta
        assert delta_of(rho * 1.001, epsilon) > delta
    assert DifferentialPrivacy.from_epsilon(1.0, 1e-6).rho == rho_of(1.0, 1e-6)


def test_budgets_add_up_as_decimals():
    budget = MemoryBudget(1.0)
    for _ in range(10):
        budget.spend(0.1, "a tenth")
    assert budget.remaining == 0
    assert "1 of rho 1 spent, 0 left" in repr(budget)
    with pytest.raises(kh.BudgetSpent):
        budget.spend(1e-12, "a little more")


def test_threads_do_not_overspend():
    budget, paid = MemoryBudget(0.5), []

    def spend():
        for _ in range(100):
            try:
                budget.spend(0.01, "x")
                paid.append(1)
            except kh.BudgetSpent:
                pass

    threads = [Thread(target=spend) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(paid) == 50


def test_overlap_of_margins_without_totals():
    frame = TABLE.rename({"n": "n"})
    given, _ = rules()
    release = kh.release_table(frame, dimensions=["region", "sex"], totals=False, rules=given)
    assert "a person is in up to" not in release.explain()
    assert Additive.of(range(3), []).overlap == 3
    assert Additive.of(range(3), [], [(0, 1, 2)]).overlap == 1


def test_persons_in_several_cells_are_refused():
    exact = Exact(dimensions=("d",), counts=("n",))
    cells = [exact.cell(exact.row((label,)), "n", 50) for label in "ab"]
    exact.relate(exact.imply(100), cells, disjoint=False)
    given, budget = rules()
    with pytest.raises(kh.ArgumentError, match="in several cells of this table"):
        protect_table(exact, title="t", kind="table", rules=given)
    assert budget.spent == 0


def test_without_opendp(monkeypatch):
    monkeypatch.setitem(sys.modules, "opendp.prelude", None)
    given, budget = rules()
    with pytest.raises(kh.ArgumentError, match=r"pip install 'kohort\[privacy\]'"):
        kh.release_table(TABLE, dimensions=["region", "sex"], rules=given)
    assert budget.spent == 0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DifferentialPrivacy(rho=0), "positive number"),
        (lambda: DifferentialPrivacy(rho=float("nan")), "positive number"),
        (lambda: DifferentialPrivacy(rho=0.1, budget=3), "method spend"),
        (lambda: DifferentialPrivacy(rho=0.1, nonnegative=1), "True or False"),
        (lambda: MemoryBudget(-1), "positive number"),
        (lambda: MemoryBudget(1).spend(-0.1, "x"), "positive number"),
        (lambda: rho_of(0, 1e-6), "epsilon must be"),
        (lambda: epsilon_of(0.1, 0), "delta must lie"),
        (lambda: OutputRules(rounding=5, protection=DifferentialPrivacy(rho=0.1)), "with DifferentialPrivacy"),
        (
            lambda: kh.release_table(
                TABLE, dimensions=["region", "sex"], rules=OutputRules(protection=DifferentialPrivacy(rho=0.1))
            ),
            "no privacy budget",
        ),
        (
            lambda: release_sums(
                TABLE, dimensions={"sex": ["f"]}, person="n", value="n", bounds=(0, 1), rules=OutputRules()
            ),
            "differential privacy alone",
        ),
        (
            lambda: release_sums(
                TABLE, dimensions={"sex": ["f"]}, person="region", value="n", bounds=(5, 1), rules=rules()[0]
            ),
            "in order",
        ),
        (
            lambda: release_sums(
                TABLE, dimensions={"sex": ["f"]}, person="who", value="n", bounds=(0, 1), rules=rules()[0]
            ),
            "no column 'who'",
        ),
    ],
)
def test_refusals(make, message):
    with pytest.raises(kh.ArgumentError, match=message):
        make()
