"""The best safe levels, beside a look at every combination of levels written out plainly, for tiny random frames."""

import math
from collections import defaultdict
from itertools import product

import kohort as kh
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FAST = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
HIERARCHIES = {
    "age": (kh.hierarchy.intervals(2, 4), st.integers(0, 9)),
    "code": (kh.hierarchy.prefixes(2, 1), st.sampled_from(["aa1", "aa2", "ab1", "b", "bb2"])),
    "sex": (kh.hierarchy.suppress(), st.sampled_from("FM")),
    "job": (
        kh.hierarchy.from_table({"nurse": ["care"], "doctor": ["care"], "cook": ["food"], "baker": ["food"]}),
        st.sampled_from(["nurse", "doctor", "cook"]),
    ),
}
MODELS = st.one_of(
    st.builds(kh.KAnonymity, st.integers(1, 4)),
    st.builds(kh.LDiversity, st.just("s"), st.integers(1, 3)),
    st.builds(kh.TCloseness, st.just("s"), st.sampled_from([0.0, 0.2, 0.5, 1.0])),
    st.builds(kh.AlphaK, st.just("s"), st.sampled_from([0.5, 0.75, 1.0]), st.integers(1, 3)),
)


@st.composite
def frames(draw):
    names = draw(st.lists(st.sampled_from(list(HIERARCHIES)), min_size=1, max_size=3, unique=True))
    rows = draw(st.integers(1, 14))
    missing = draw(st.sampled_from([st.nothing(), st.none()]))
    columns = {name: draw(st.lists(HIERARCHIES[name][1] | missing, min_size=rows, max_size=rows)) for name in names} | {
        "s": draw(st.lists(st.sampled_from("xyz") | missing, min_size=rows, max_size=rows))
    }
    types = {"age": pl.Int64}
    return pl.DataFrame(columns, schema={name: types.get(name, pl.String) for name in columns})


class Column:
    """What the values of a column become, and the share of all leaves that each level covers."""

    def __init__(self, name, values):
        # A column of nothing but missing values has the levels of its hierarchy, and no leaves.
        table = HIERARCHIES[name][0].levels(values).cast(pl.String) if values.drop_nulls().len() else None
        self.height = (table.width if table is not None else HIERARCHIES[name][0].levels(pl.Series([None])).width) - 1
        rows = {} if table is None else {row[0]: row for row in table.iter_rows()}
        leaves = (len(rows) or (4 if name == "job" else 0)) if table is not None else 0
        missing = values.null_count() > 0
        self.total = max(leaves + missing, 1)
        self.values = [None if value is None else str(value) for value in values]
        self.became, self.share = [], []
        for level in range(self.height + 1):
            labels = {value: row[level] for value, row in rows.items()}
            everything = level == self.height and level > 0 and bool(rows)
            labels |= {None: "*" if everything else None}
            below = {
                label: (sum(row[level] == label for row in rows.values()) + (missing and everything)) / self.total
                for label in labels.values()
            } | ({} if everything else {None: 1 / self.total})
            self.became.append([labels[value] for value in self.values])
            self.share.append([below[label] for label in self.became[-1]])


def fulfills(model, members, whole):
    """Whether a class, given by the sensitive values in it, fulfills a model."""
    counts = {value: members.count(value) for value in members}
    match model:
        case kh.KAnonymity():
            return len(members) >= model.k
        case kh.LDiversity():
            return len(counts) >= model.l
        case kh.AlphaK():
            return len(members) >= model.k and max(counts.values()) <= model.alpha * len(members)
        case kh.TCloseness():
            moved = sum(abs(members.count(v) / len(members) - whole.count(v) / len(whole)) for v in set(whole)) / 2
            return moved <= model.t + 1e-12
    raise AssertionError(model)


def loss_of(measure, columns, levels, classes, lost):
    rows = len(lost)
    if measure == "height":
        return sum(levels)
    if measure == "discernibility":
        return sum(rows * len(of) if lost[of[0]] else len(of) ** 2 for of in classes.values())
    total = 1.0
    for column, level in zip(columns, levels, strict=True):
        least = rows / column.total
        added = sum(1 if lost[row] else column.share[level][row] for row in range(rows))
        alone = 0.0 if rows == least else max((added - least) / (rows - least), 0.0)
        total *= (math.floor(alone * 1e10 + 1e-6) / 1e10 + 1) ** (1 / len(columns))
    return total - 1


def every_node(df, models, budget, measure):
    """Give (levels, loss, suppressed) of each safe combination of levels."""
    columns = [Column(name, df[name]) for name in df.columns[:-1]]
    secret = df["s"].to_list()
    for levels in product(*(range(column.height + 1) for column in columns)):
        became = zip(*(column.became[level] for column, level in zip(columns, levels, strict=True)), strict=True)
        classes = defaultdict(list)
        for row, key in enumerate(became):
            classes[key].append(row)
        lost = [False] * df.height
        for members in classes.values():
            if not all(fulfills(model, [secret[row] for row in members], secret) for model in models):
                for row in members:
                    lost[row] = True
        if sum(lost) <= budget:
            yield levels, loss_of(measure, columns, levels, classes, lost), lost


@FAST
@given(
    frames(),
    st.lists(MODELS, min_size=1, max_size=2),
    st.sampled_from([0, 0.1, 0.25, 0.5]),
    st.sampled_from(["loss", "height", "discernibility"]),
)
def test_nothing_safe_loses_less(df, models, share, measure):
    names = df.columns[:-1]
    safe_nodes = list(every_node(df, models, math.floor(share * df.height), measure))
    hierarchies = {name: HIERARCHIES[name][0] for name in names}
    if not safe_nodes:
        with pytest.raises(kh.DisclosureError, match="no combination of levels"):
            kh.anonymize(df, hierarchies, models=models, max_suppression=share, utility=measure)
        return
    found = kh.anonymize(df, hierarchies, models=models, max_suppression=share, utility=measure)
    assert found.is_optimal
    by_levels = {levels: (loss, lost) for levels, loss, lost in safe_nodes}
    chosen = tuple(found.transformation.values())
    assert chosen in by_levels
    loss, lost = by_levels[chosen]
    assert found.records()["suppressed"].to_list() == lost
    assert found.loss == pytest.approx(loss, rel=1e-6, abs=1e-9)
    assert loss <= min(loss for loss, _ in by_levels.values()) + 1e-9


@FAST
@given(frames(), MODELS, st.sampled_from([0, 0.2, 0.5]))
def test_each_value_is_where_its_hierarchy_puts_it_and_the_functions_agree(df, model, share):
    names = df.columns[:-1]
    hierarchies = {name: HIERARCHIES[name][0] for name in names}
    try:
        safe = kh.anonymize(df, hierarchies, models=model, max_suppression=share)
    except kh.DisclosureError:
        return
    suppressed = safe.records()["suppressed"]
    for name, level in safe.transformation.items():
        became = Column(name, df[name]).became[level]
        expected = [None if gone else value for gone, value in zip(suppressed, became, strict=True)]
        assert safe.frame[name].cast(pl.String).to_list() == expected
    assert safe.frame["s"].equals(df["s"])
    assert safe.apply(df).select(names).equals(safe.frame.select(names))
    kept = safe.frame.filter(~suppressed)
    if not kept.height:
        assert safe.risk_after is None
        return
    assert safe.risk_after.k == kh.k_anonymity(kept, names)
    match model:
        case kh.KAnonymity():
            assert kh.k_anonymity(kept, names) >= model.k
        case kh.LDiversity():
            assert kh.l_diversity(kept, names, "s") >= model.l
        case kh.AlphaK():
            alpha, k = kh.alpha_k(kept, names, "s")
            assert alpha <= model.alpha
            assert k >= model.k
        case kh.TCloseness():
            # The distance is to the whole frame that came in, suppressed rows and all.
            assert suppressed.any() or kh.t_closeness(kept, names, "s") <= model.t + 1e-12
