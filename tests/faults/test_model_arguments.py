"""Bad arguments of the models: one clear error each, before work starts."""

import math

import kohort as kh
import polars as pl
import pytest

DF = pl.DataFrame({"q": [1, 1, 2], "s": ["a", "b", None], "list": [[1], [1], [2]], "id": [1, 2, None]})
TREE = pl.DataFrame({"s": ["a", "b"], "1": ["*", "*"]})

FUNCTIONS = [
    kh.l_diversity,
    lambda df, qi, s: kh.recursive_diversity(df, qi, s, l=2),
    kh.t_closeness,
    lambda df, qi, s: kh.t_closeness(df, qi, s, ordered=True),
    lambda df, qi, s: kh.t_closeness(df, qi, s, hierarchy=TREE),
    kh.alpha_k,
    kh.beta_likeness,
    kh.delta_disclosure,
]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("df", "qi", "sensitive", "message"),
    [
        (DF, ["sexe"], "s", "no column 'sexe'"),
        (DF, ["q"], "z", "no column 'z'"),
        (DF, [], "s", "empty"),
        (DF, ["q", "q"], "s", "twice"),
        (DF, ["q", "s"], "s", "one role"),
        (DF, ["list"], "s", "no single value per row"),
        (DF, ["q"], "list", "no single value per row"),
        (DF, ["q"], ["s"], "name of one column"),
        (DF.head(0), ["q"], "s", "no rows"),
        ([1], ["q"], "s", "expected a frame"),
    ],
)
def test_frames_and_columns(function, df, qi, sensitive, message):
    with pytest.raises(kh.ArgumentError, match=message):
        function(df, qi, sensitive)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kh.l_diversity(DF, "q", "s", kind="shannon"), "'distinct', 'entropy', 'grassberger'"),
        (lambda: kh.recursive_diversity(DF, "q", "s", l=0), "l must be"),
        (lambda: kh.recursive_diversity(DF, "q", "s", l=1.5), "l must be"),
        (lambda: kh.delta_disclosure(DF, "q", "s", base=1), "base must be"),
        (lambda: kh.delta_disclosure(DF, "q", "s", base=math.nan), "base must be"),
        (lambda: kh.t_closeness(DF, "q", "s", ordered=True, hierarchy=TREE), "not both"),
        (lambda: kh.t_closeness(DF, "q", "s", order=["a"]), "order lacks 'b'"),
        (lambda: kh.t_closeness(DF, "q", "s", order=["a", "b", "b"]), "once"),
        (lambda: kh.t_closeness(DF, "q", "q2"), "no column 'q2'"),
        (lambda: kh.t_closeness(DF, "s", "q", order=["x"]), "not of its type"),
        (lambda: kh.t_closeness(DF, "q", "s", hierarchy=TREE.head(1)), "hierarchy lacks 'b'"),
        (lambda: kh.t_closeness(DF, "q", "s", hierarchy=TREE.select("s")), "no level"),
        (lambda: kh.t_closeness(DF, "q", "s", hierarchy={"a": "*"}), "kohort.hierarchy"),
        (lambda: kh.t_closeness(DF, "q", "s", hierarchy=pl.concat([TREE, TREE])), "a value twice"),
        (lambda: kh.t_closeness(DF, "q", "s", hierarchy=TREE.with_columns(pl.lit(None).alias("1"))), "missing values"),
        (lambda: kh.t_closeness(DF, "q", "s", hierarchy=TREE.with_columns(pl.col("s").alias("1"))), "same value"),
        (
            lambda: kh.t_closeness(
                DF,
                "q",
                "s",
                hierarchy=pl.DataFrame({"s": ["a", "b"], "1": ["x", "x"], "2": ["y", "z"], "3": ["*", "*"]}),
            ),
            "must not split",
        ),
        (lambda: kh.delta_presence(DF, "q", population=DF.head(1)), "more rows in the frame"),
        (lambda: kh.delta_presence(DF, "q", population=DF.drop("q")), "no column 'q'"),
        (lambda: kh.delta_presence(DF, "q", population=DF.with_columns(pl.lit("x").alias("q"))), "cast one of them"),
        (lambda: kh.delta_presence(DF.head(0), "q", population=DF), "no rows"),
        (lambda: kh.k_map(DF, "q"), "exactly one"),
        (lambda: kh.k_map(DF, "q", population=DF, population_size=9), "exactly one"),
        (lambda: kh.k_map(DF, "q", population_size=2), "fewer than the rows"),
        (lambda: kh.k_map(DF, "q", sampling_fraction=0), "sampling_fraction must be"),
        (lambda: kh.k_map(DF, "q", sampling_fraction=0.1, significance=1), "below 1"),
        (lambda: kh.k_map(DF, "q", sampling_fraction=0.1, estimator="normal"), "estimator must be"),
        (lambda: kh.km_anonymity(DF, person="id", code="s"), "which person"),
        (lambda: kh.km_anonymity(DF, person="q", code="q"), "one role"),
        (lambda: kh.km_anonymity(DF, person="q", code="list"), "no single value per row"),
        (lambda: kh.km_anonymity(DF, person="q", code="s", m=6), "from 1 to 5"),
        (lambda: kh.km_anonymity(DF, person="q", code="s", k=0), "k must be"),
        (lambda: kh.km_anonymity(DF.tail(1), person="q", code="s"), "every code is missing"),
        (lambda: kh.km_anonymity(DF.head(0), person="q", code="s"), "no rows"),
    ],
)
def test_arguments(call, message):
    with pytest.raises(kh.ArgumentError, match=message):
        call()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: kh.KAnonymity(0), "k must be"),
        (lambda: kh.KAnonymity(2.0), "k must be"),
        (lambda: kh.KAnonymity(True), "k must be"),
        (lambda: kh.LDiversity("s", 0), "l must be"),
        (lambda: kh.LDiversity("s", 2.5), "l must be"),
        (lambda: kh.LDiversity("s", 0.9, kind="entropy"), "l must be"),
        (lambda: kh.LDiversity("s", math.nan, kind="entropy"), "l must be"),
        (lambda: kh.LDiversity(["s"], 2), "name of one column"),
        (lambda: kh.RecursiveDiversity("s", c=0, l=2), "c must be"),
        (lambda: kh.RecursiveDiversity("s", c=math.inf, l=2), "c must be"),
        (lambda: kh.TCloseness("s", 1.1), "t must be a number from 0 to 1"),
        (lambda: kh.TCloseness("s", -0.1), "t must be"),
        (lambda: kh.TCloseness("s", math.nan), "t must be"),
        (lambda: kh.TCloseness("s", "0.1"), "t must be"),
        (lambda: kh.TCloseness("s", 0.1, ordered=True, hierarchy=TREE), "not both"),
        (lambda: kh.AlphaK("s", 0, 2), "alpha must be"),
        (lambda: kh.AlphaK("s", 0.5, 0), "k must be"),
        (lambda: kh.BetaLikeness("s", 0), "beta must be"),
        (lambda: kh.DeltaDisclosure("s", -1), "delta must be"),
        (lambda: kh.DeltaDisclosure("s", 1, base=0.5), "base must be"),
        (lambda: kh.DeltaPresence(0.5, 0.1, population=DF), "above upper"),
        (lambda: kh.DeltaPresence(0, 2, population=DF), "upper must be"),
        (lambda: kh.KMap(3), "exactly one"),
        (lambda: kh.KMap(3, population_size=0), "population_size must be"),
        (lambda: kh.KMap(3, population_size=10).requirement(), "give rows"),
        (lambda: kh.KMap(3, population_size=10).requirement(rows=11), "fewer than the rows"),
        (lambda: kh.JournalistRisk(0.1, population=None), "give it"),
        (lambda: kh.AverageRisk(0), "threshold must be"),
        (lambda: kh.ProsecutorRisk(math.nan), "threshold must be"),
    ],
)
def test_models(make, message):
    with pytest.raises(kh.ArgumentError, match=message):
        make()
