"""Laws of hierarchies, for any values: total, monotone, and the same as a slow and obvious way to generalize."""

import json
import math
from collections import defaultdict
from datetime import date
from fractions import Fraction
from itertools import pairwise

import kohort as kh
import polars as pl
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

H = kh.hierarchy
FAST = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))

LENGTHS = st.sampled_from([1, 3, 4, 5, 7])
CODES = st.text("ABE019.é*", max_size=6)
INTS = st.integers(-(2**63), 2**63 - 1) | st.integers(-200, 200)
FLOATS = st.floats(-1e6, 1e6, allow_nan=False) | st.integers(-5000, 5000).map(lambda n: n / 100)
DAYS = st.dates(date(1600, 1, 1), date(2199, 12, 31))
CATEGORIES = [f"{letter}{number:02}" for letter in "EI" for number in range(10, 16)]
ICD10 = st.builds("{}{}".format, st.sampled_from(CATEGORIES), st.sampled_from(["", "0", "9", ".9", "91", ".91", "9A"]))
ATC = st.builds(
    lambda code, length: code[:length], st.sampled_from(["A10BA02", "A10BH01", "C10AA05", "N02BE51"]), LENGTHS
)
COMMUNES = st.builds(
    "{}{:03}".format, st.sampled_from(["01", "2A", "2B", "44", "59", "69"]), st.integers(1, 999)
) | st.builds("{}{:02}".format, st.sampled_from(["971", "974", "988"]), st.integers(1, 99))


@st.composite
def widths(draw, unit):
    found = [unit]
    for factor in draw(st.lists(st.integers(2, 6), max_size=3)):
        found.append(found[-1] * factor)
    return found


@st.composite
def limits(draw):
    lower, upper = draw(st.none() | st.integers(-300, 20)), draw(st.none() | st.integers(21, 300))
    return {"lower": lower, "upper": upper, "origin": draw(st.integers(-10, 10))}


@st.composite
def bounds(draw, numbers):
    levels = [sorted(draw(st.sets(numbers, min_size=1, max_size=8)))]
    for _ in range(draw(st.integers(0, 2))):
        levels.append(sorted(draw(st.sets(st.sampled_from(levels[-1]), min_size=1))))
    return levels


UNITS = [
    ("day", "week"),
    ("day", "month", "quarter", "6 months", "year", "5 years", "10 years"),
    ("2 months", "4 months"),
]

CASES = st.one_of(
    st.tuples(
        st.builds(lambda w, o: H.intervals(*w, **o), st.integers(1, 50).flatmap(widths), limits()), st.lists(INTS)
    ),
    st.tuples(
        st.builds(lambda w: H.intervals(*(n / 8 for n in w)), st.integers(1, 50).flatmap(widths)),
        st.lists(FLOATS),
    ),
    st.tuples(st.builds(lambda b: H.intervals(bounds=b), bounds(st.integers(-100, 100))), st.lists(INTS)),
    st.tuples(st.builds(lambda b: H.intervals(bounds=b), bounds(FLOATS)), st.lists(FLOATS)),
    st.tuples(st.sampled_from(UNITS).map(lambda u: H.dates(*u)), st.lists(DAYS)),
    st.tuples(st.just(H.dates("month", "year", "4 years")), st.lists(DAYS.map(lambda d: d.year * 100 + d.month))),
    st.tuples(
        st.sets(st.integers(1, 7), min_size=1).map(lambda s: H.prefixes(*sorted(s, reverse=True))),
        st.lists(CODES) | st.lists(st.integers(0, 10**7)),
    ),
    st.tuples(st.sampled_from([H.redaction(), H.redaction("x", start="left")]), st.lists(CODES)),
    st.tuples(st.sampled_from([H.icd10(), H.icd10("subcategory", "chapter")]), st.lists(ICD10)),
    st.tuples(st.just(H.atc()), st.lists(ATC)),
    st.tuples(st.just(H.french_communes()), st.lists(COMMUNES)),
    st.tuples(st.just(H.suppress()), st.lists(CODES) | st.lists(FLOATS) | st.lists(DAYS)),
    st.tuples(st.just(H.from_function(lambda c: c[:3], lambda c: c[:1])), st.lists(CODES)),
)


def is_total_and_monotone(table, values):
    leaves = table["0"].to_list()
    assert len(set(leaves)) == len(leaves)
    assert set(leaves) >= {value for value in values if value is not None}
    rows = table.rows()
    for level in range(1, table.width - 1):
        above = defaultdict(set)
        for row in rows:
            above[row[level]].add(row[level + 1])
        assert all(len(found) == 1 for found in above.values())
    assert all(cell is not None for row in rows for cell in row)
    assert {row[-1] for row in rows} <= {"*"}


@FAST
@given(CASES, st.lists(st.none(), max_size=2))
def test_total_and_monotone(case, nulls):
    hierarchy, values = case
    series = pl.Series([*values, *nulls, *values], dtype=None if values else pl.Null)
    table = hierarchy.levels(series)
    is_total_and_monotone(table, values)
    assert table["0"].to_list() == sorted(set(values))
    # A value becomes the same whatever the others are, so that a transformation can be applied again.
    for value in values[:2]:
        alone = hierarchy.fitted(series).levels(pl.Series([value], dtype=series.dtype)).row(0)
        assert alone == next(row for row in table.rows() if row[0] == value)


@FAST
@given(CASES)
def test_saved_as_json(case):
    hierarchy, values = case
    if hierarchy.kind:
        again = H.from_dict(json.loads(json.dumps(hierarchy.to_dict())))
        assert again == hierarchy
        if values:
            series = pl.Series(values)
            assert again.levels(series).equals(hierarchy.levels(series))


@FAST
@given(st.integers(1, 50).flatmap(widths), limits(), st.lists(INTS, min_size=1))
def test_integers_lie_in_their_band(sizes, options, values):
    lower, upper, origin = options["lower"], options["upper"], options["origin"]
    table = H.intervals(*sizes, **options).levels(pl.Series(values, dtype=pl.Int64))
    for row in table.rows():
        for size, label in zip(sizes, row[1:], strict=False):
            start = origin + (row[0] - origin) // size * size
            start, end = max(start, lower if lower is not None else start), start + size
            end = min(end, upper if upper is not None else end)
            if lower is not None and row[0] < lower:
                assert label == f"<{lower}"
            elif upper is not None and row[0] >= upper:
                assert label == f"{upper}+"
            else:
                assert label == f"[{start}, {end}["


@FAST
@given(st.integers(1, 500).flatmap(widths), st.sampled_from([10, 100, 1000]), st.lists(FLOATS, min_size=1))
def test_floats_lie_in_their_band(sizes, scale, values):
    """The ends are the floats that read as the label says; widths are the decimals that were written."""
    sizes = [size / scale for size in sizes]
    assume(all((Fraction(str(b)) / Fraction(str(a))).denominator == 1 for a, b in pairwise(sizes)))
    table = H.intervals(*sizes).levels(pl.Series(values))
    for row in table.rows():
        for size, label in zip(sizes, row[1:], strict=False):
            low, high = label.strip("[").split(", ")
            assert float(low) <= row[0] < float(high)
            assert Fraction(high) - Fraction(low) == Fraction(str(size))
            assert (Fraction(low) / Fraction(str(size))).denominator == 1


@FAST
@given(bounds(FLOATS), st.lists(FLOATS, min_size=1))
def test_values_lie_between_their_bounds(levels, values):
    for row in H.intervals(bounds=levels).levels(pl.Series(values)).rows():
        for ends, label in zip(levels, row[1:], strict=False):
            if label.startswith("<"):
                assert row[0] < float(label[1:]) == ends[0]
            elif label.endswith("+"):
                assert row[0] >= float(label[:-1]) == ends[-1]
            else:
                low, high = map(float, label.strip("[").split(", "))
                assert low <= row[0] < high
                assert ends.index(high) == ends.index(low) + 1


@FAST
@given(st.lists(DAYS, min_size=1))
def test_dates_are_written_as_python_writes_them(days):
    units = ("day", "month", "quarter", "6 months", "year", "5 years")
    for row in H.dates(*units).levels(pl.Series(days)).rows():
        day, half = row[0], 1 if row[0].month <= 6 else 7
        first = day.year // 5 * 5
        assert row[1:-1] == (
            day.isoformat(),
            day.isoformat()[:7],
            f"{day.year}-Q{math.ceil(day.month / 3)}",
            f"{day.year}-{half:02} to {half + 5:02}",
            str(day.year),
            f"{first}-{first + 4}",
        )
    for row in H.dates("day", "week").levels(pl.Series(days)).rows():
        year, week, _ = row[0].isocalendar()
        assert row[2] == f"{year}-W{week:02}"


@FAST
@given(st.lists(DAYS, min_size=1))
def test_forms_of_a_month_are_generalized_alike(days):
    hierarchy = H.dates("month", "quarter", "year", "10 years")
    forms = ["%Y-%m-%d", "%Y-%m", "%Y%m%d", "%Y%m"]
    expected = hierarchy.levels(pl.Series(days)).drop("0").unique(maintain_order=True)
    for form in forms:
        texts = pl.Series(days).dt.strftime(form)
        assert hierarchy.levels(texts).drop("0").unique(maintain_order=True).equals(expected)
        if "-" not in form:
            assert hierarchy.levels(texts.cast(pl.Int64)).drop("0").unique(maintain_order=True).equals(expected)


@FAST
@given(st.lists(CODES, min_size=1), st.booleans())
def test_redaction_is_slicing(codes, left):
    table = H.redaction("#", start="left" if left else "right", top=False).levels(pl.Series(codes))
    for row in table.rows():
        for level, shown in enumerate(row[1:], start=1):
            hidden = min(level, len(row[0]))
            kept = row[0][hidden:] if left else row[0][: len(row[0]) - hidden]
            assert shown == ("#" * hidden + kept if left else kept + "#" * hidden)


@st.composite
def monotone_tables(draw):
    cells = st.text("ab;\"'\n\r, é", max_size=4)
    leaves = draw(st.lists(cells, min_size=1, max_size=12, unique=True))
    columns = [leaves]
    for _ in range(draw(st.integers(1, 3))):
        below = columns[-1]
        parent = {value: draw(cells) for value in dict.fromkeys(below)}
        columns.append([parent[value] for value in below])
    return pl.DataFrame({str(level): column for level, column in enumerate(columns)})


@FAST
@given(monotone_tables(), st.sampled_from(";,\t|"), st.booleans())
def test_arx_csv_reads_back(tmp_path_factory, table, separator, top):
    path = tmp_path_factory.mktemp("csv") / "hierarchy.csv"
    hierarchy = H.from_table(table, top=top)
    hierarchy.to_csv(path, separator=separator)
    again = H.from_csv(path, separator=separator, top=top)
    assert again.levels(table["0"]).equals(hierarchy.levels(table["0"]))


@FAST
@given(monotone_tables(), st.data())
def test_a_table_with_two_fates_for_equal_values_is_refused(table, data):
    hierarchy = H.from_table(table, top=False)
    assert hierarchy.levels(table["0"]).equals(table)
    level = data.draw(st.integers(1, table.width - 1))
    row = data.draw(st.integers(0, table.height - 1))
    column = table[str(level)].to_list()
    below = table[str(level - 1)].to_list()
    column[row] = "another"
    broken = level > 1 and below.count(below[row]) > 1
    # Above, all that are "another" are this row alone.
    changed = table.with_columns(pl.Series(str(level), column))
    try:
        H.from_table(changed, top=False)
    except kh.ArgumentError as error:
        assert broken, error  # noqa: PT017
        assert "not monotone" in str(error)  # noqa: PT017
    else:
        assert not broken


@FAST
@given(CASES)
def test_any_hierarchy_survives_arx_csv(tmp_path_factory, case):
    hierarchy, values = case
    assume(values)
    path = tmp_path_factory.mktemp("csv") / "hierarchy.csv"
    series = pl.Series(values)
    hierarchy.to_csv(path, series)
    again, table = H.from_csv(path), hierarchy.levels(series)
    if table.schema["0"] in (pl.String, pl.Int64, pl.Date):
        assert again.levels(series).equals(table)
