"""Laws of rounding, cell keys and noise, against slow and obvious oracles."""

import itertools

import kohort as kh
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from kohort.release import OutputRules, Rounding, keys_of_persons, person_key
from kohort.release.gate.additive import Additive
from kohort.release.gate.controlled import controlled_rounding
from kohort.release.perturbation import perturbation_table
from kohort.release.protections import nearest, nearest_bounds

COUNTS = st.lists(st.integers(0, 60), min_size=4, max_size=9)


def table(counts, columns=3):
    rows = [(f"r{i // columns}", f"c{i % columns}", n) for i, n in enumerate(counts)]
    return pl.DataFrame(rows, {"r": pl.String, "c": pl.String, "n": pl.Int64}, orient="row")


def released(counts, rules):
    frame = kh.release_table(table(counts), dimensions=["r", "c"], rules=rules).to_polars()
    return dict(zip(frame.select("r", "c").rows(), frame["n"].to_list(), strict=True))


def exact(counts):
    return released(counts, OutputRules(min_cell=1))


@given(st.integers(0, 10**12), st.integers(1, 1000))
def test_the_nearest_multiple(count, base):
    value = nearest(count, base)
    assert value % base == 0
    assert 2 * abs(value - count) <= base
    low, high = nearest_bounds(value, base)
    assert low <= count <= high
    assert nearest(low, base) == nearest(high, base) == value
    assert nearest(high + 1, base) == value + base


@settings(max_examples=30, deadline=None)
@given(COUNTS, st.integers(3, 12), st.sampled_from(["nearest", "midpoint"]), st.sampled_from(["sum", "exact"]))
def test_rounding_is_a_function_of_the_count(counts, base, to, margins):
    way = Rounding(base=base, to=to, margins=margins)
    found, truth = released(counts, OutputRules(protection=way)), exact(counts)
    for key, count in truth.items():
        if margins == "exact" or "Total" not in key:
            assert found[key] == way.of(count)
            low, high = way.bounds(found[key])
            assert low <= count <= high
        else:
            inner = [way.of(n) for other, n in truth.items() if "Total" not in other and covers(key, other)]
            assert found[key] == sum(inner)


def covers(margin, key):
    return all(mine in {"Total", label} for mine, label in zip(margin, key, strict=True))


@settings(max_examples=30, deadline=None)
@given(COUNTS, st.integers(3, 12))
def test_after_suppression_nothing_but_shown_counts_is_rounded(counts, base):
    plain = kh.release_table(table(counts), dimensions=["r", "c"]).to_polars()
    rounded = kh.release_table(table(counts), dimensions=["r", "c"], rules=OutputRules(rounding=base)).to_polars()
    assert plain["n_status"].to_list() == rounded["n_status"].to_list()
    assert rounded["n"].to_list() == [None if n is None else nearest(n, base) for n in plain["n"]]


@settings(max_examples=30, deadline=None)
@given(
    COUNTS, st.integers(3, 9), st.sampled_from(["nearest", "midpoint"]), st.sampled_from(["sum", "exact", "controlled"])
)
def test_the_attack_never_excludes_the_truth(counts, base, to, margins):
    if margins == "controlled":
        to = "nearest"
    rules = OutputRules(protection=Rounding(base=base, to=to, margins=margins))
    truth = exact(counts)
    for found in kh.release_table(table(counts), dimensions=["r", "c"], rules=rules).attack().intervals:
        assert found.low <= truth[found.row] <= (found.high if found.high is not None else 10**9)


@settings(max_examples=30, deadline=None)
@given(COUNTS, st.integers(3, 9))
def test_margins_that_are_sums_tell_nothing(counts, base):
    """No interval of an inner cell is narrower than its class of rounding, but where zeros would go negative."""
    way = Rounding(base=base)
    for found in (
        kh.release_table(table(counts), dimensions=["r", "c"], rules=OutputRules(protection=way)).attack().intervals
    ):
        if "Total" not in found.row:
            assert found.width == (base if found.high >= base else base - base // 2)


@settings(max_examples=30, deadline=None)
@given(COUNTS, st.integers(2, 9))
def test_controlled_rounding_of_two_dimensions(counts, base):
    """Additive, zero-restricted, and margins too within the base: always possible in two dimensions (Cox 1987)."""
    rows = [[i for i in range(len(counts)) if i // 3 == r] for r in range(-(-len(counts) // 3))]
    columns = [[i for i in range(len(counts)) if i % 3 == c] for c in range(3)]
    values, relations = list(counts), []
    for parts in [*rows, *columns, list(range(len(counts)))]:
        relations.append((len(values), parts))
        values.append(sum(counts[part] for part in parts))
    found = controlled_rounding(values, relations, base=base)
    assert found.within
    for total, parts in relations:
        assert found.values[total] == sum(found.values[part] for part in parts)
    for count, value in zip(values, found.values, strict=True):
        assert value % base == 0
        assert abs(value - count) < base
    for cell in range(len(counts)):
        assert counts[cell] % base or found.values[cell] == counts[cell]


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 10), st.integers(0, 4), st.floats(0.05, 0.95))
def test_perturbation_tables_keep_what_they_promise(deviation, forbidden, place):
    """Every variance that all counts can have; moments recomputed from the steps of the lookup."""
    ends = [variances(deviation, forbidden, count) for count in range(1, deviation + forbidden + 2)]
    low, high = max(end[0] for end in ends), min(end[1] for end in ends)
    if high - low < 0.1:
        return
    variance = low + place * (high - low)
    table = perturbation_table(deviation, variance, forbidden)
    for count, (changes, chances) in enumerate(zip(table.changes, table.probabilities, strict=True)):
        assert abs(sum(chances) - 1) < 1e-9
        assert abs(sum(v * p for v, p in zip(changes, chances, strict=True))) < 1e-6
        spread = sum(v * v * p for v, p in zip(changes, chances, strict=True))
        assert abs(spread - (variance if count else 0)) < 1e-5
        assert all(abs(v) <= deviation and count + v >= 0 for v in changes)
        assert not any(1 <= count + v <= forbidden for v in changes)


def variances(deviation, forbidden, count):
    allowed = [v for v in range(max(-deviation, -count), deviation + 1) if not 1 <= count + v <= forbidden]
    pairs = [-v * w for v, w in itertools.product(allowed, repeat=2) if v < 0 < w]
    return (0 if 0 in allowed else min(pairs, default=0)), max(pairs, default=0)


SECRET = b"a secret of tests, long enough"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from("abc")), min_size=1, max_size=60), st.randoms())
def test_keys_follow_the_set_alone(rows, chance):
    of = dict(rows)
    rows = [(person, of[person]) for person, _ in rows]
    frame = pl.DataFrame(rows, {"person": pl.Int64, "d": pl.String}, orient="row")
    chance.shuffle(rows)
    again = pl.DataFrame(rows, {"person": pl.Int64, "d": pl.String}, orient="row")
    found = [keys_of_persons(f, dimensions=["d"], person="person", secret=SECRET).rows() for f in (frame, again)]
    assert found[0] == found[1]
    for label, count, key in found[0]:
        members = {person for person, mine in rows if mine == label}
        assert count == len(members)
        assert key == sum(person_key(str(person), SECRET) for person in members) % 2**64


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_overlap_bounds_how_many_inner_cells_a_person_is_in(data):
    """Variables of random levels over one population, each level split again or not; counted person by person."""
    persons = range(data.draw(st.integers(1, 12)))
    sets, relations = [set(persons)], []
    for _ in range(data.draw(st.integers(0, 3))):
        split(data, sets, relations, 0, depth=2)
    bound = Additive.of(range(len(sets)), relations)
    for person in persons:
        assert sum(person in sets[cell] for cell in bound.inner) <= bound.overlap
    for cell, leaves in bound.sums.items():
        assert sum(len(sets[leaf]) for leaf in leaves) == len(sets[cell])


def split(data, sets, relations, cell, depth):
    levels = data.draw(st.integers(1, 3))
    parts = [set() for _ in range(levels)]
    for person in sets[cell]:
        parts[data.draw(st.integers(0, levels - 1))].add(person)
    numbers = []
    for part in parts:
        sets.append(part)
        numbers.append(len(sets) - 1)
    relations.append((cell, numbers))
    if depth:
        for number in numbers:
            if data.draw(st.booleans()):
                split(data, sets, relations, number, depth - 1)
