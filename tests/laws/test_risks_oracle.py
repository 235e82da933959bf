"""Special uniques, column sets and inferences against trying everything in plain Python, on random frames."""

from collections import Counter, defaultdict
from itertools import combinations
from math import prod

import kohort as kh
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FAST = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
CELLS = st.none() | st.integers(0, 3)


@st.composite
def frames(draw, most_columns=5):
    rows, columns = draw(st.integers(1, 25)), draw(st.integers(1, most_columns))
    cells = {f"c{n}": draw(st.lists(CELLS, min_size=rows, max_size=rows)) for n in range(columns)}
    texts = draw(st.sets(st.sampled_from(sorted(cells))))
    df = pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.Int64))
    return df.with_columns(pl.col(sorted(texts)).cast(pl.String))


def sizes_by(rows, chosen):
    return Counter(tuple(row[n] for n in chosen) for row in rows)


def minimal_uniques(rows, columns, most):
    """By row: the minimal sets of columns by which it is alone, trying all sets on all rows."""
    found = [[] for _ in rows]
    for size in range(1, most + 1):
        for chosen in combinations(range(columns), size):
            sizes = sizes_by(rows, chosen)
            for number, row in enumerate(rows):
                alone = sizes[tuple(row[n] for n in chosen)] == 1
                if alone and not any(set(smaller) <= set(chosen) for smaller in found[number]):
                    found[number].append(chosen)
    return found


@FAST
@given(frames(), st.integers(1, 6))
def test_special_uniques(df, max_size):
    rows, names = df.rows(), df.columns
    found = minimal_uniques(rows, len(names), min(max_size, len(names)))
    report = kh.suda(df, names, max_size=max_size)
    records = report.records()
    most = min(max_size, len(names))
    weights = {
        size: prod(len(names) - i for i in range(size, min(max_size, len(names) - 1) + 1))
        for size in range(1, most + 1)
    }
    scores = [sum(weights[len(chosen)] for chosen in of_row) for of_row in found]
    assert records["suda_score"].to_list() == pytest.approx(scores)
    assert records["minimal_uniques"].to_list() == [len(of_row) for of_row in found]
    assert records["smallest"].to_list() == [min(map(len, of_row), default=None) for of_row in found]
    assert report.share == pytest.approx(sum(map(bool, found)) / len(rows))
    by_column = [
        sum(weights[len(chosen)] for of_row in found for chosen in of_row if number in chosen)
        for number in range(len(names))
    ]
    total = sum(scores)
    assert report.contributions["column"].to_list() == names
    assert report.contributions["contribution"].to_list() == pytest.approx(
        [part / total if total else 0 for part in by_column]
    )
    assert records["dis_suda"].is_between(0, 1).all()
    assert (records["dis_suda"] > 0).to_list() == [score > 0 for score in scores]


@FAST
@given(frames(), st.integers(1, 5))
def test_separation(df, max_columns):
    rows, names = df.rows(), df.columns
    frame = kh.separation(df, names, max_columns=max_columns)
    assert frame.height == sum(1 for k in range(1, max_columns + 1) for _ in combinations(names, k))
    pairs = list(combinations(rows, 2))
    for columns, size, distinction, separation in frame.rows():
        chosen = [names.index(name) for name in columns]
        assert len(chosen) == size
        assert distinction == len(sizes_by(rows, chosen)) / len(rows)
        differ = sum(any(a[n] != b[n] for n in chosen) for a, b in pairs)
        assert separation == (differ / len(pairs) if pairs else None)
    keys = frame.select("size", "distinction").rows()
    assert keys == sorted(keys)


@FAST
@given(frames(), st.sampled_from([0.3, 0.5, 0.7, 0.9, 1.0]), st.none() | st.integers(1, 4))
def test_minimal_unique_column_sets(df, distinction, max_columns):
    rows, names = df.rows(), df.columns
    expected = []
    for size in range(1, (max_columns or len(names)) + 1):
        for chosen in combinations(range(len(names)), size):
            enough = len(sizes_by(rows, chosen)) / len(rows) >= distinction
            if enough and not any(set(smaller) <= set(chosen) for smaller in expected):
                expected.append(chosen)
    found = kh.unique_column_sets(df, distinction=distinction, max_columns=max_columns)
    assert list(found) == [tuple(names[n] for n in chosen) for chosen in expected]


@FAST
@given(frames().filter(lambda df: df.width > 1), st.integers(0, 4))
def test_inferences(df, known):
    *quasi, sensitive = df.columns
    report = kh.attribute_disclosure(df, quasi, sensitive, known=known)
    classes = defaultdict(Counter)
    for row in df.rows():
        classes[row[:-1]][row[-1]] += 1
    assert (report.rows, report.classes) == (df.height, len(classes))
    for excluded, attack in enumerate(report.attacks):
        certain = sum(len(values) <= excluded + 1 for values in classes.values())
        posteriors = []
        for values in classes.values():
            for value, count in values.items():
                others = sorted((n for other, n in values.items() if other != value), reverse=True)
                posteriors += [count / (count + sum(others[excluded:]))] * count
        assert attack.certain_classes == certain
        assert attack.certain_share == pytest.approx(sum(p == 1 for p in posteriors) / df.height)
        assert attack.likely_share == pytest.approx(sum(p > 0.8 for p in posteriors) / df.height)
        assert attack.worst == pytest.approx(max(posteriors))
