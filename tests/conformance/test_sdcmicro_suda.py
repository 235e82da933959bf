"""SUDA2 scores that sdcMicro's own tests assert (sdcMicro 5.8.1, tests/testthat/test_suda2.R), all sizes searched."""

from itertools import permutations

import kohort as kh
import polars as pl
import pytest


@pytest.mark.parametrize("order", list(permutations("abc")))
def test_contributions_of_three_rows(order):
    df = pl.DataFrame({"a": [2, 1, 1], "b": [0, 3, 0], "c": [0, 6, 0]}).select(order)
    found = kh.suda(df, df.columns)
    assert found.records()["suda_score"].to_list() == [2, 4, 2]
    assert dict(found.contributions.rows()) == {"a": 0.5, "b": 0.375, "c": 0.375}


def test_the_example_of_the_book():
    df = pl.DataFrame(
        {
            "age": ["20s"] * 7 + ["60s"],
            "gender": ["male"] * 4 + ["female"] * 3 + ["male"],
            "income": ["50k+"] * 2 + ["50k-"] * 6,
            "education": ["highschool"] * 4 + ["university", "highschool", "middleschool", "university"],
        }
    )
    assert kh.suda(df, df.columns, max_size=4).records()["suda_score"].to_list()[4:] == [4, 2, 6, 8]
    assert kh.suda(df, df.columns, max_size=3).records()["suda_score"].to_list()[4:] == [4, 2, 6, 8]


def test_the_example_of_the_guideline():
    education = ["secondary-", "secondary-", "primary-", "secondary", "secondary", "secondary", "primary"]
    df = pl.DataFrame(
        {
            "residence": ["urban"] * 4 + ["rural"] + ["urban"] * 5,
            "gender": ["f", "f", "f", "m", "f", "m", "f", "m", "f", "f"],
            "education": [*education, "post", "secondary-", "secondary-"],
            "labor": ["yes", "yes", "out", "yes", "no", "yes", "out", "no", "out", "out"],
        }
    )
    found = kh.suda(df, df.columns, sampling_fraction=0.1)
    scores = found.records()["suda_score"].to_list()
    assert scores == [0, 0, 6, 0, 12, 0, 6, 10, 0, 0]
    # As sdcMicro's source has it: U = 4 unique rows, P = 6 rows in classes of two.
    assert found.dis == pytest.approx(0.4 / (0.4 + 6 * 0.9))
    exponent = 1 + (8 - 4) / 20
    weight = sum(score**-exponent for score in scores if score)
    expected = [1 / (1 + (4 / found.dis - 4) / (score**exponent * weight)) if score else 0 for score in scores]
    assert found.records()["dis_suda"].to_list() == pytest.approx(expected)
