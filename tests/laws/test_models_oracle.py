"""Every model against its definition worked out plainly, for random frames of every kind of column."""

import math
from collections import Counter
from datetime import date

import kohort as kh
import models_oracle as oracle
import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

FAST = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
KINDS = {
    pl.Int64: [-3, 0, 7, 2**62],
    pl.UInt8: [0, 1, 255],
    pl.Float64: [-1.5, 0.0, 2.5, math.inf],
    pl.Date: [date(1950, 1, 1), date(1980, 2, 29), date(2020, 1, 1)],
    pl.Boolean: [False, True],
    pl.String: ["", "C67", "I10", "a longer code than fits into a view"],
    pl.Categorical: ["z", "a", "m"],
    pl.Enum(["never", "seldom", "often", "always"]): ["often", "always", "seldom"],
}


@st.composite
def frames(draw):
    height = draw(st.integers(1, 30))

    def column(kind):
        known = KINDS[kind]
        missing = draw(st.sampled_from([st.nothing(), st.none()]))
        return pl.Series(draw(st.lists(st.sampled_from(known) | missing, min_size=height, max_size=height)), dtype=kind)

    kinds = draw(st.lists(st.sampled_from(list(KINDS)), min_size=2, max_size=4))
    df = pl.DataFrame({f"q{i}": column(kind) for i, kind in enumerate(kinds[1:])} | {"s": column(kinds[0])})
    cut = draw(st.integers(0, height))
    return pl.concat([df.head(cut), df.tail(height - cut)], rechunk=False)


def found(df):
    return oracle.classes(df.drop("s").rows(), df["s"].to_list())


def close(value):
    return pytest.approx(value, rel=1e-9, abs=1e-12)


def in_order(column):
    dtype = column.dtype
    rank = {v: i for i, v in enumerate(dtype.categories)} if isinstance(dtype, pl.Enum) else None
    values = set(column.drop_nulls().to_list())
    return [None] * bool(column.null_count()) + sorted(values, key=rank.get if rank else None)


@FAST
@given(frames(), st.integers(1, 4))
def test_figures_are_as_defined(df, least):
    classes, qi = found(df), df.columns[:-1]
    assert kh.l_diversity(df, qi, "s") == oracle.distinct(classes)
    assert kh.l_diversity(df, qi, "s", kind="entropy") == close(oracle.entropy(classes))
    assert kh.l_diversity(df, qi, "s", kind="grassberger") == close(oracle.grassberger(classes))
    assert kh.recursive_diversity(df, qi, "s", l=least) == close(oracle.recursive(classes, least))
    assert kh.alpha_k(df, qi, "s") == (close(oracle.alpha(classes)), min(c.total() for c in classes))
    assert kh.beta_likeness(df, qi, "s") == close(oracle.basic_beta(classes))
    assert kh.beta_likeness(df, qi, "s", enhanced=True) == close(oracle.enhanced_beta(classes))
    assert kh.delta_disclosure(df, qi, "s") == close(oracle.delta(classes))
    assert kh.delta_disclosure(df, qi, "s", base=math.e) == close(oracle.delta(classes) * math.log(2))
    assert kh.delta_disclosure(df, qi, "s", absent=True) == close(oracle.delta_absent(classes))
    assert kh.t_closeness(df, qi, "s") == close(oracle.t_equal(classes))


@FAST
@given(frames(), st.randoms())
def test_closeness_along_an_order_and_in_a_tree(df, random):
    classes, qi = found(df), df.columns[:-1]
    order = in_order(df["s"])
    assert kh.t_closeness(df, qi, "s", ordered=True) == close(oracle.t_ordered(classes, order))
    known = KINDS.get(df["s"].dtype) or next(v for k, v in KINDS.items() if k == df["s"].dtype)
    given_order = [*known, None] if df["s"].null_count() else list(known)
    random.shuffle(given_order)
    figure = kh.t_closeness(df, qi, "s", order=given_order)
    assert figure == close(oracle.t_ordered(classes, given_order))

    nodes = {value: (random.randrange(3), "*") for value in known}
    table = pl.DataFrame(
        {
            "s": pl.Series(list(nodes), dtype=df["s"].dtype),
            "1": [path[0] for path in nodes.values()],
            "2": [path[0] // 2 for path in nodes.values()],
            "3": ["*"] * len(nodes),
        }
    )
    paths = {value: (path[0], path[0] // 2, "*") for value, path in nodes.items()} | {None: ("?", "?", "*")}
    expected = oracle.t_hierarchical(classes, paths)
    assert kh.t_closeness(df, qi, "s", hierarchy=table) == close(expected)

    class Hierarchy:
        def levels(self, values):
            return table.filter(pl.col("s").is_in(values.implode()))

    assert kh.t_closeness(df, qi, "s", hierarchy=Hierarchy()) == close(expected)


@FAST
@given(frames(), st.data())
def test_the_risk_report_has_the_figures_of_every_model(df, data):
    qi = df.columns[:-1]
    rows = data.draw(st.lists(st.integers(0, df.height - 1), min_size=1, unique=True))
    sample = df[rows]
    report = kh.risk_report(sample, qi, sensitive="s", k=2, population=df)
    assert report.l["s"] == kh.l_diversity(sample, qi, "s")
    assert report.l_entropy["s"] == kh.l_diversity(sample, qi, "s", kind="entropy")
    assert report.disclosure["s"].c == kh.recursive_diversity(sample, qi, "s", l=2)
    assert report.t["s"] == kh.t_closeness(sample, qi, "s")
    assert (report.alpha["s"], report.k) == kh.alpha_k(sample, qi, "s")
    assert report.beta["s"] == kh.beta_likeness(sample, qi, "s")
    assert report.delta["s"] == kh.delta_disclosure(sample, qi, "s")
    there = Counter(df.select(qi).rows())
    risks = [1 / there[key] for key in sample.select(qi).rows()]
    assert report.journalist_max == max(risks) == 1 / kh.k_map(sample, qi, population=df)
    assert report.marketer == report.journalist_mean == close(sum(risks) / len(risks))
    alone = kh.risk_report(sample, qi, k=2)
    assert (alone.journalist_max, alone.journalist_mean, alone.t) == (None, None, {})
    assert alone.marketer == alone.prosecutor_mean == report.prosecutor_mean
    assert "entropy l" in report._repr_html_()
    assert "entropy l" not in alone._repr_html_()


@FAST
@given(frames(), st.data())
def test_against_the_population(df, data):
    rows = data.draw(st.lists(st.integers(0, df.height - 1), min_size=1, unique=True))
    sample, qi = df[rows], df.columns
    keys, population = sample.rows(), df.rows()
    assert kh.delta_presence(sample, qi, population=df) == close(oracle.presence(keys, population))
    assert kh.k_map(sample, qi, population=df.lazy()) == oracle.k_map(keys, population)
    # The same values in another type of column.
    as_text = df.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String), pl.col(pl.UInt8).cast(pl.Int32))
    assert kh.k_map(sample, qi, population=as_text) == oracle.k_map(keys, population)


@FAST
@given(
    st.lists(st.tuples(st.integers(0, 8), st.none() | st.sampled_from("abcdef")), min_size=1, max_size=40),
    st.integers(1, 5),
    st.integers(1, 4),
)
def test_combinations_of_codes(cells, most, required):
    df = pl.DataFrame(cells, schema={"id": pl.Int64, "code": pl.String}, orient="row")
    codes = {}
    for person, code in cells:
        codes.setdefault(person, set()).update({code} - {None})
    if not any(codes.values()):
        return
    report = kh.km_anonymity(df, person="id", code="code", m=most, k=required)
    assert (report.k, report.offending) == oracle.combinations(codes, most, required)
    assert report.passes == (report.k >= required) == (not any(report.offending))
    assert (report.persons, report.codes) == (len(codes), len(set().union(*codes.values())))


@FAST
@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")), min_size=2, max_size=20), st.randoms())
def test_a_pandas_index_is_never_a_position_and_declared_order_is_kept(cells, random):
    df = pd.DataFrame(cells, columns=["q", "s"])
    df["s"] = pd.Categorical(df["s"], categories=["y", "w", "z", "x"], ordered=True)
    labels = list(range(len(df)))
    random.shuffle(labels)
    df = df.iloc[labels]
    df = df[df["s"] != "y"] if (df["s"] != "y").any() else df
    classes = oracle.classes(df["q"], df["s"])
    assert kh.l_diversity(df, "q", "s") == oracle.distinct(classes)
    assert kh.t_closeness(df, "q", "s") == close(oracle.t_equal(classes))
    # Categories that no row has are no rank.
    order = [value for value in "ywzx" if (df["s"] == value).any()]
    assert kh.t_closeness(df, "q", "s", ordered=True) == close(oracle.t_ordered(classes, order))


def test_estimated_k_map_is_the_greatest_k_that_the_test_accepts():
    def accepts(k, rows, fraction, significance, truncated):
        tail = poisson.sf(rows - 1, fraction * k)
        return (tail / poisson.sf(0, fraction * k) if truncated else tail) <= significance or rows >= k

    for rows in (1, 2, 5, 11, 40):
        df = pl.DataFrame({"q": [1] * rows})
        for fraction in (0.01, 0.3, 1.0):
            for significance in (0.01, 0.2):
                for estimator in ("poisson", "zero_truncated_poisson"):
                    truncated = estimator != "poisson"
                    k = kh.k_map(df, "q", sampling_fraction=fraction, estimator=estimator, significance=significance)
                    assert k >= rows
                    assert accepts(k, rows, fraction, significance, truncated)
                    assert not accepts(k + 1, rows, fraction, significance, truncated)
                    model = kh.KMap(k, sampling_fraction=fraction, estimator=estimator, significance=significance)
                    assert model.requirement()["threshold"] <= rows
    assert kh.k_map(pl.DataFrame({"q": [1] * 5}), "q", population_size=5) == 5
