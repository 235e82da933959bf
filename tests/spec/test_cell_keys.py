"""Cell keys: noise bound to the set of persons."""

import pickle

import kohort as kh
import numpy as np
import polars as pl
import pytest
from kohort.release import CellKeys, OutputRules, keys_of_persons, person_key
from kohort.release.gate import Amount, Derived, Exact, protect_table
from kohort.release.keys import KeySum
from kohort.release.perturbation import perturbation_table
from kohort.release.released import Measure
from scipy.optimize import minimize

SECRET = bytes(range(32))
RULES = OutputRules(protection=CellKeys(secret=SECRET))


def records(sizes):
    rows, person = [], 0
    for (region, sex), size in sizes.items():
        rows += [(f"p{person + i}", region, sex) for i in range(size)]
        person += size
    return pl.DataFrame(rows, ["person", "region", "sex"], orient="row")


SIZES = {("A", "f"): 23, ("A", "m"): 3, ("B", "f"): 48, ("B", "m"): 51}


def release_of(frame, dimensions, rules=RULES, secret=SECRET):
    counted = keys_of_persons(frame, dimensions=dimensions, person="person", secret=secret)
    return kh.release_table(counted, dimensions=dimensions, keys="key", rules=rules)


def values(release):
    frame = release.to_polars()
    return dict(zip(frame.select(release.dimensions).rows(), frame["n"].to_list(), strict=True))


def test_the_table_of_ptable():
    """D = 5, V = 3, js = 2: cellKey's own example has 66 rows over the counts 0 to 8."""
    table = perturbation_table(5, 3.0, 2)
    assert sum(map(len, table.changes)) == 66
    assert len(table.changes) == 9


def test_greatest_entropy_against_plain_optimization():
    for deviation, variance, forbidden in [(2, 1.0, 0), (5, 3.0, 2), (4, 2.0, 1)]:
        table = perturbation_table(deviation, variance, forbidden)
        for changes, chances in list(zip(table.changes, table.probabilities, strict=True))[1:]:
            v = np.array(changes, float)
            rules = [
                {"type": "eq", "fun": lambda p: p.sum() - 1},
                {"type": "eq", "fun": lambda p, v=v: p @ v},
                {"type": "eq", "fun": lambda p, v=v, variance=variance: p @ v**2 - variance},
            ]
            start = np.full(len(v), 1 / len(v))
            found = minimize(
                lambda p: (p * np.log(p)).sum(),
                start,
                bounds=[(1e-9, 1)] * len(v),
                constraints=rules,
                options={"maxiter": 500, "ftol": 1e-12},
            )
            assert np.allclose(found.x, chances, atol=2e-4)


def test_the_lookup_follows_the_probabilities():
    table = perturbation_table(5, 3.0, 2)
    for count in (1, 4, 30):
        row = min(count, 8)
        # A grid of keys meets each step within one of its cells.
        found = [table.change(count, key) for key in range(0, 2**64, 2**64 // 20_000)]
        for change, chance in zip(table.changes[row], table.probabilities[row], strict=True):
            assert abs(found.count(change) / len(found) - chance) < 3e-4
    assert table.change(0, 2**64 - 1) == 0
    assert {table.change(40, 0), table.change(40, 2**64 - 1)} == {-5, 5}


def test_counts_are_close_and_none_is_forbidden():
    found = values(release_of(records(SIZES), ["region", "sex"]))
    for key, size in SIZES.items():
        assert abs(found[key] - size) <= 5
        assert found[key] == 0 or found[key] > 2
    assert abs(found["Total", "Total"] - 125) <= 5


def test_margins_have_noise_of_their_own():
    found = values(release_of(records(SIZES), ["region", "sex"]))
    sums = [found[r, "f"] + found[r, "m"] - found[r, "Total"] for r in ("A", "B", "Total")]
    assert any(sums)


def test_the_same_set_reads_the_same_in_every_table():
    frame = records(SIZES)
    two, one = values(release_of(frame, ["region", "sex"])), values(release_of(frame, ["sex"]))
    assert one["f",] == two["Total", "f"]
    assert one["Total",] == two["Total", "Total"]
    shuffled = pl.concat([frame, frame]).sample(fraction=1, shuffle=True, seed=3)
    assert values(release_of(shuffled, ["region", "sex"])) == two


def test_another_secret_is_another_noise():
    frame = records({(f"r{i}", "f"): 40 for i in range(40)})
    assert values(release_of(frame, ["region"])) != values(
        release_of(frame, ["region"], OutputRules(protection=CellKeys(secret=b"x" * 16)), b"x" * 16)
    )


def test_nobody_stays_nobody():
    frame = records(SIZES).filter(~((pl.col("region") == "A") & (pl.col("sex") == "m")))
    assert values(release_of(frame, ["region", "sex"]))["A", "m"] == 0


def test_the_secret_is_shown_nowhere(tmp_path):
    release = release_of(records(SIZES), ["region", "sex"])
    folder = release.export(tmp_path / "out")
    shown = [repr(RULES), str(RULES), repr(release), release._repr_html_(), release.explain(), repr(release.rules)]
    shown += [(folder / "disclosure.json").read_text(), (folder / "release.html").read_text()]
    for text in shown:
        assert repr(SECRET)[2:20] not in text
        assert SECRET.hex()[:16] not in text
    assert SECRET not in pickle.dumps(release)
    assert release.rules.protection.secret is None
    assert '"deviation": 5' in shown[6]


def test_words():
    release = release_of(records(SIZES), ["region", "sex"])
    assert "perturbed by up to 5 persons" in repr(release)
    assert "no count from 1 to 2 is shown" in repr(release)
    assert all(decisions == (("cell keys",),) for decisions in release.decisions)


def test_amounts_and_figures_follow():
    exact = Exact(dimensions=("sex",), counts=("persons",))
    cell = exact.cell(exact.row(("f",)), "persons", 200, people=KeySum(12345))
    exact.cell(exact.row(("m",)), "persons", 4, people=KeySum(99))
    hidden = exact.imply(7)
    years = Amount("person-years", [431.25, 9.0].__getitem__, "persons")
    exact.derived = [
        Derived(Measure("years", "derived", 2), ("persons",), lambda _, counts: counts[1], years),
        Derived(Measure("half", "derived", 1), (cell,), lambda _, counts: counts[0] / 2),
        Derived(Measure("other", "derived"), (hidden,), lambda _, counts: counts[0]),
    ]
    release = protect_table(exact, title="t", kind="table", rules=RULES)
    shown, amount, half, other = release.values[0]
    assert half == shown / 2
    assert amount != 431.25
    assert abs(amount - 431.25) <= 6 * 431.25 / 200 + 5
    assert amount % 5 == 0
    assert other is None
    assert release.values[1][1] is None
    assert release.statuses[1][1] == "withheld"


def test_keys_of_persons():
    frame = records({("A", "f"): 3})
    counted = keys_of_persons(frame, dimensions=["region"], person="person", secret=SECRET)
    assert counted.rows() == [("A", 3, sum(person_key(f"p{i}", SECRET) for i in range(3)) % 2**64)]
    many = records({("A", "f"): 2_000})
    counted = keys_of_persons(many, dimensions=["region"], person="person", secret=SECRET)
    assert counted["key"][0] == sum(person_key(f"p{i}", SECRET) for i in range(2_000)) % 2**64
    assert "12345" not in repr(KeySum(12345))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: CellKeys(secret=b"short"), "at least 16"),
        (lambda: CellKeys(secret="0123456789" + "abcdef"), "must be bytes"),
        (lambda: CellKeys(deviation=0), "deviation must be"),
        (lambda: CellKeys(forbidden=-1), "forbidden must be"),
        (lambda: CellKeys(variance=0), "positive number"),
        (lambda: CellKeys(deviation=5, variance=1.0, forbidden=2), "a count of 1 cannot .* between 2 and 5"),
        (lambda: CellKeys(deviation=2, variance=3.0, forbidden=0), "between 0 and 2"),
        (lambda: OutputRules(rounding=5, protection=CellKeys(secret=SECRET)), "with CellKeys"),
        (lambda: release_of(records(SIZES), ["region"], OutputRules(protection=CellKeys())), "hold no secret"),
        (
            lambda: kh.release_table(pl.DataFrame({"d": ["a"], "n": [30]}), dimensions=["d"], rules=RULES),
            "set of persons behind every cell",
        ),
        (
            lambda: kh.release_table(
                pl.DataFrame({"d": ["a"], "n": [30], "k": [-1]}), dimensions=["d"], keys="k", rules=RULES
            ),
            "'k' must hold keys",
        ),
        (
            lambda: release_of(pl.DataFrame({"person": [1, 1], "region": ["A", "B"]}), ["region"]),
            "in two cells",
        ),
        (lambda: release_of(pl.DataFrame({"person": [1, None], "region": ["A", "B"]}), ["region"]), "missing values"),
    ],
)
def test_refusals(make, message):
    with pytest.raises(kh.ArgumentError, match=message) as caught:
        make()
    assert "short" not in str(caught.value)
    assert "0123456789abcdef" not in str(caught.value)
