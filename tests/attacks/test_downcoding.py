"""The downcoding attack of Cohen (2022) on a minimal local recoding, and what kohort says of recodings.

Records are leaves of binary trees, in clusters of four equal ones and an outlier; each cluster is generalized to the
lowest nodes that cover it, which is 5-anonymous and minimal. The attacker, who knows that, says of every node that both
its halves have a record of the cluster.
"""

from random import Random

import kohort as kh
import polars as pl
import pytest

DEPTH, COLUMNS, CLUSTERS = 4, 6, 300


def lift(leaf, level):
    """The node above a leaf: how many leaves it has, and which of these nodes it is."""
    return f"{1 << level}:{leaf >> level}"


def minimal(values):
    return next(lift(values[0], level) for level in range(DEPTH + 1) if len({v >> level for v in values}) == 1)


@pytest.fixture(scope="module")
def recoded():
    chance = Random(5)
    before, after = [], []
    for cluster in range(CLUSTERS):
        center = [chance.randrange(1 << DEPTH) for _ in range(COLUMNS)]
        outlier = [chance.randrange(1 << DEPTH) for _ in range(COLUMNS)]
        records = [center] * 4 + [outlier]
        before += [[cluster, *record] for record in records]
        after += [[cluster, *(minimal([r[n] for r in records]) for n in range(COLUMNS))]] * 5
    names = ["cluster", *(f"c{n}" for n in range(COLUMNS))]
    return (pl.DataFrame(rows, names, orient="row") for rows in (before, after))


@pytest.fixture(scope="module")
def trees():
    tree = {leaf: [lift(leaf, level) for level in range(DEPTH + 1)] for leaf in range(1 << DEPTH)}
    return {f"c{n}": tree for n in range(COLUMNS)}


@pytest.fixture(scope="module")
def frames(recoded):
    return tuple(recoded)


def test_the_attack_is_always_right(frames):
    before, after = frames
    names = [f"c{n}" for n in range(COLUMNS)]
    assert kh.k_anonymity(after, names) >= 5
    said = right = 0
    for cluster in range(CLUSTERS):
        records = before.filter(pl.col("cluster") == cluster)
        published = after.filter(pl.col("cluster") == cluster)
        for name in names:
            width, number = map(int, published[name][0].split(":"))
            if width == 1:
                continue
            for half in (2 * number, 2 * number + 1):
                said += 1
                right += any(leaf // (width // 2) == half for leaf in records[name])
    assert right == said > 3_000


def test_it_is_warned_of(frames, trees):
    before, after = frames
    names = [f"c{n}" for n in range(COLUMNS)]
    found = kh.downcoding(before, after, names, hierarchies=trees)
    assert found.open
    assert found.columns["least"].to_list() == [1.0] * COLUMNS
    assert found.columns["open"].all()
    assert found.open_share > 0.99
    assert "Cohen 2022" in found.warning
    assert "'c0'" in found.warning
    assert found.warning in repr(found)


def test_one_rule_for_all_rows_is_not_open(frames, trees):
    before, _ = frames
    names = [f"c{n}" for n in range(COLUMNS)]
    after = before.select(pl.col(name).map_elements(lambda leaf: lift(leaf, 2), pl.String) for name in names)
    found = kh.downcoding(before, after, names, hierarchies=trees)
    assert not found.open
    assert found.warning is None
    assert not found.columns["local"].any()


def test_a_coarser_local_recoding_is_not_open(frames, trees):
    before, after = frames
    names = [f"c{n}" for n in range(COLUMNS)]
    wider = after.with_columns(pl.when(pl.col("cluster") % 2 == 0).then(pl.lit("16:0")).otherwise("c0").alias("c0"))
    found = kh.downcoding(before, wider, names, hierarchies=trees)
    assert found.columns["local"].all()
    assert found.columns["open"].to_list() == [False, *[True] * (COLUMNS - 1)]


def test_intervals_and_sets():
    before = pl.DataFrame({"age": [20, 29, 25, 25, 31, 40], "sex": ["F", "M", "F", "F", "M", "M"]})
    ages = ["[20, 29]"] * 3 + ["[25, 40]"] * 3
    after = pl.DataFrame({"age": ages, "sex": ["{F, M}"] * 6})
    found = kh.downcoding(before, after, ["age", "sex"])
    assert found.columns.rows() == [("age", True, 2, 1.0, True), ("sex", False, 2, 1.0, False)]
    assert found.open_share == 1.0
    for written in (["20-29"] * 3 + ["25-40"] * 3, ["20..29"] * 3 + ["25..40"] * 3):
        assert kh.downcoding(before, after.with_columns(pl.Series("age", written)), "age").open
    for coarse in (["[20, 30]"] * 3 + ["[25, 45]"] * 3, ["*"] * 6):
        assert not kh.downcoding(before, after.with_columns(pl.Series("age", coarse)), "age").open


def test_nothing_recoded_is_not_open():
    df = pl.DataFrame({"age": [20, 29, None]})
    assert not kh.downcoding(df, df, "age").open


def test_what_is_refused():
    df = pl.DataFrame({"age": [20, 29]})
    with pytest.raises(kh.ArgumentError, match="same rows"):
        kh.downcoding(df, df.head(1), "age")
    with pytest.raises(kh.ArgumentError, match="no quasi-identifier"):
        kh.downcoding(df, df, "age", hierarchies={"sex": {}})
    with pytest.raises(kh.ArgumentError, match="hierarchy lacks"):
        kh.downcoding(df, df, "age", hierarchies={"age": {20: ["*"]}})
    with pytest.raises(kh.ArgumentError, match="has no levels"):
        kh.downcoding(df, df, "age", hierarchies={"age": 3})
    with pytest.raises(kh.ArgumentError, match="no rows"):
        kh.downcoding(df.head(0), df.head(0), "age")


def test_a_hierarchy_of_kohort():
    before = pl.DataFrame({"age": [21, 24, 22, 23, 26, 29]})
    bands = kh.hierarchy.intervals(5, 10)
    narrow, wide = bands.levels(before["age"]).rows()[0][1:3]
    after = pl.DataFrame({"age": [narrow] * 2 + [wide] * 4})
    found = kh.downcoding(before, after, "age", hierarchies={"age": bands})
    assert found.columns.rows() == [("age", False, 2, 1.0, False)]
    local = kh.downcoding(before.vstack(before[:2]), after.vstack(after[-2:]), "age", hierarchies={"age": bands})
    assert local.columns.rows() == [("age", True, 2, 1.0, True)]
