"""Bad input to the risk functions: one clear error each, before any work, that quotes no value of the data."""

import kohort as kh
import numpy as np
import polars as pl
import pytest

DF = pl.DataFrame(
    {"age": [30, 30, 41], "sex": ["F", "F", "M"], "icd10": ["I10", "C67", "I10"], "many": [[1], [2], [3]]}
)
EMPTY = DF.head(0)

BY_NAMES = {
    "population_uniqueness": lambda df, names: kh.population_uniqueness(df, names, sampling_fraction=0.5),
    "suda": kh.suda,
    "separation": kh.separation,
    "unique_column_sets": kh.unique_column_sets,
    "attribute_disclosure": lambda df, names: kh.attribute_disclosure(df, names, "icd10"),
}


@pytest.mark.parametrize("name", sorted(BY_NAMES))
@pytest.mark.parametrize(
    ("columns", "says"),
    [
        (["agee"], "there is no column 'agee'; the nearest names are 'age'"),
        ([], "is empty"),
        (["age", "age"], "twice"),
        ([3], "must be column names, got int"),
        (["many"], "many"),
    ],
)
def test_columns(name, columns, says):
    with pytest.raises(kh.ArgumentError, match=says):
        BY_NAMES[name](DF, columns)


@pytest.mark.parametrize("name", sorted(BY_NAMES))
def test_frames(name):
    with pytest.raises(kh.ArgumentError, match="no rows"):
        BY_NAMES[name](EMPTY, ["age", "sex"])
    with pytest.raises(kh.ArgumentError, match="expected a frame"):
        BY_NAMES[name](7, ["age"])
    twice = DF.to_pandas()[["age", "sex", "icd10", "age"]]
    with pytest.raises(kh.ArgumentError, match="several columns called 'age'"):
        BY_NAMES[name](twice, ["age"])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: kh.population_uniqueness(DF, "age"), "either sampling_fraction or population_size"),
        (
            lambda: kh.population_uniqueness(DF, "age", sampling_fraction=0.5, population_size=9),
            "either sampling_fraction or population_size",
        ),
        (lambda: kh.population_uniqueness(DF, "age", sampling_fraction=0), r"\(0, 1\], got 0"),
        (lambda: kh.population_uniqueness(DF, "age", sampling_fraction=float("nan")), r"\(0, 1\], got nan"),
        (lambda: kh.population_uniqueness(DF, "age", population_size=2), "fewer than the frame's 3 rows"),
        (lambda: kh.population_uniqueness(DF, "age", population_size=9.5), "a whole number of persons, got 9.5"),
        (lambda: kh.population_uniqueness(DF, "age", sampling_fraction=0.5, model="best"), "got 'best'"),
        (lambda: kh.population_uniqueness(DF, "age", sampling_fraction=0.5, model="pitman"), "no solution"),
        (lambda: kh.suda(DF, "age", max_size=0), "max_size must be"),
        (lambda: kh.suda(DF, "age", max_size=True), "max_size must be"),
        (lambda: kh.suda(DF, "age", sampling_fraction=1), r"in \(0, 1\), got 1"),
        (lambda: kh.suda(pl.DataFrame({f"c{n}": [1] for n in range(65)}), [f"c{n}" for n in range(65)]), "64 columns"),
        (
            lambda: kh.suda(pl.DataFrame({f"c{n}": [1] for n in range(64)}), [f"c{n}" for n in range(64)], 9),
            "smaller max",
        ),
        (lambda: kh.separation(DF, "age", max_columns=0), "max_columns must be"),
        (
            lambda: kh.separation(pl.DataFrame({f"c{n}": [1] for n in range(300)}), [f"c{n}" for n in range(300)]),
            "give a smaller max_columns",
        ),
        (lambda: kh.unique_column_sets(DF, "age", distinction=0), r"distinction must be in \(0, 1\]"),
        (lambda: kh.unique_column_sets(pl.DataFrame()), "is empty"),
        (lambda: kh.attribute_disclosure(DF, "age", "age"), "one role"),
        (lambda: kh.attribute_disclosure(DF, "age", ["sex"]), "sensitive must be the name of one column"),
        (lambda: kh.attribute_disclosure(DF, "age", "sex", known=-1), "known must be"),
    ],
)
def test_arguments(call, says):
    with pytest.raises(kh.ArgumentError, match=says):
        call()


def test_whole_numbers_of_numpy_are_taken():
    assert kh.suda(DF, ["age", "sex"], max_size=np.int64(2)).max_size == 2
    assert kh.population_uniqueness(DF, "age", population_size=np.int64(30)).population_size == 30


def test_300_columns_are_searched_to_a_size():
    df = pl.DataFrame({f"c{n}": [n % 2, n % 3, n % 5, 1] for n in range(300)})
    assert kh.separation(df, df.columns, max_columns=1).height == 300
    assert len(kh.unique_column_sets(df, max_columns=2)) > 0
