"""Cards, charts, frames and plain values: what a risk report and an anonymization say, and how."""

import json
import re
from html.parser import HTMLParser

import kohort as kh
import pandas as pd
import polars as pl
import pytest

H = kh.hierarchy
PATIENTS = pl.DataFrame(
    {
        "age": [57, 31, 27, 52, 38, 55, 90, 33],
        "<sex>": ["F", "F", "M", "F", "M", "F", "M", "F"],
        "icd10": ["C67", "I10", "I10", "E11", "C67", "I10", "E11", "C67"],
    }
)
QI = {"age": H.intervals(10, 20), "<sex>": H.suppress()}
MODELS = [kh.KAnonymity(2), kh.LDiversity("icd10", 2)]


@pytest.fixture(scope="module")
def safe() -> kh.Anonymized:
    return kh.anonymize(PATIENTS, QI, models=MODELS, max_suppression=0.2)


class Tags(HTMLParser):
    """Whether the tags close."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag, _attrs):
        assert tag not in {"script", "link", "img", "iframe"}
        if tag not in {"path", "circle", "rect"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in {"path", "circle", "rect"}:
            assert self.open.pop() == tag


def body(html: str) -> str:
    tags = Tags()
    tags.feed(html)
    assert tags.open == []
    return re.sub(r"<style>.*?</style>", "", html)


def test_the_card_of_an_anonymization_says_the_verdict_first(safe):
    html = body(safe._repr_html_())
    assert "<sex>" not in html
    places = [html.index(text) for text in ("2-anonymity and 2-diversity of icd10: yes", "the best solution", "1 of 8")]
    assert places == sorted(places)
    for text in (
        "bands of 20",
        "2 of 3",
        "as it was",
        "prosecutor risk",
        "All combinations of levels",
        "at most 12.5%",
    ):
        assert text in html
    assert html.count("<circle") >= 8, "every combination of levels has its place"
    assert "57" not in re.sub(r'[="\d.]*57[\d.]*', "", html), "no value of the frame"


def test_one_node_has_no_chart():
    only = kh.anonymize(pl.DataFrame({"a": ["x", "x"]}), {"a": H.from_table({"x": ["x"]}, top=False)}, models=MODELS[0])
    assert "<svg" not in only._repr_html_() or only.search.nodes > 1


def test_when_everything_is_suppressed_and_when_time_runs_out():
    gone = kh.anonymize(PATIENTS, QI, models=kh.KAnonymity(9), max_suppression=1, utility="height")
    assert gone.risk_after is None
    html = body(gone._repr_html_())
    assert "no rows" in html
    wide = pl.DataFrame({f"c{i}": [1, 2, 3, 4] * 5 for i in range(10)} | {"d": range(20)})
    hurried = kh.anonymize(
        wide,
        {name: H.intervals(2, 4, 8) for name in wide.columns},
        models=kh.KAnonymity(3),
        max_suppression=0.3,
        time_limit=0.001,
    )
    html = body(hurried._repr_html_())
    assert ("a good solution" in html) == (not hurried.is_optimal)
    assert "that were counted" in html or len(hurried.search.visited) < 2


@pytest.mark.parametrize("measure", ["discernibility", "entropy", "height", "precision", "average_class_size"])
def test_other_measures_have_cards_and_charts(measure):
    safe = kh.anonymize(PATIENTS, QI, models=kh.KAnonymity(2), max_suppression=0.2, utility=measure)
    assert measure.replace("_", " ") in body(safe._repr_html_())
    assert safe.plot()._repr_png_().startswith(b"\x89PNG")


def test_the_complete_lattice(safe):
    every = safe.lattice(complete=True)
    assert every.height == safe.search.nodes == 8
    assert every.columns == ["age", "<sex>", "height", "safe", "suppressed", "loss"]
    best = every.filter(pl.col("safe")).row(0, named=True)
    assert (best["age"], best["<sex>"], best["suppressed"]) == (2, 0, safe.suppressed)
    assert best["loss"] == pytest.approx(safe.loss)
    counted = safe.lattice()
    assert counted.join(every, on=counted.columns).height == counted.height, "the search has counted the same"
    many = pl.DataFrame({f"c{i}": [1, 2] for i in range(17)})
    large = kh.anonymize(many, {name: H.suppress() for name in many.columns}, models=kh.KAnonymity(2))
    with pytest.raises(kh.ArgumentError, match="131,072 combinations"):
        large.lattice(complete=True)


def test_columns_have_their_own_share_of_the_loss():
    df = pl.DataFrame({"few": [1, 1, 2, 2] * 5, "many": range(20)})
    for order in (["few", "many"], ["many", "few"]):
        hierarchies = {name: H.intervals(10) for name in order}
        safe = kh.anonymize(df, hierarchies, models=kh.KAnonymity(4), utility="precision")
        by_column = {name: level / 2 for name, level in safe.transformation.items()}
        assert dict(safe.loss_by_column) == pytest.approx(by_column)


def test_a_report_as_plain_values_and_as_a_frame():
    report = kh.risk_report(PATIENTS, list(QI), sensitive="icd10", k=2, hierarchies=QI)
    plain = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert (plain["passes"], plain["k"], plain["rows"]) == (False, 1, 8)
    assert plain["sensitive"]["icd10"]["l"] == report.l["icd10"] == 1
    assert plain["sensitive"]["icd10"]["t"] == report.t["icd10"]
    assert [column["name"] for column in plain["quasi_identifiers"]] == list(QI)
    assert sum(band["rows"] for band in plain["class_sizes"]) == 8
    frame = report.to_polars()
    assert frame.columns == ["figure", "of", "value"]
    assert frame.filter(figure="k")["value"].to_list() == [1.0]
    assert frame.filter(figure="t", of="icd10")["value"].to_list() == [report.t["icd10"]]
    assert frame.filter(figure="k_without", of="age")["value"].to_list() == [3.0]


def test_what_one_step_would_buy():
    report = kh.risk_report(PATIENTS, list(QI), k=2, hierarchies=QI)
    age, sex = report.raised["age"], report.raised["<sex>"]
    assert (age.level, age.became) == (1, "bands of 10")
    raised = PATIENTS.with_columns(pl.col("age") // 10)
    assert age.k == kh.k_anonymity(raised, list(QI))
    assert age.below_share == pytest.approx(kh.risk_report(raised, list(QI), k=2).below_share)
    assert age.unique_share == pytest.approx(kh.risk_report(raised, list(QI), k=2).unique_share)
    assert (sex.became, sex.k) == ("any value", 1)
    assert "bands of 10" in body(report._repr_html_())
    months = pl.DataFrame({"born": ["1950-01", "1950-01", "1950-07"]})
    found = kh.risk_report(months, "born", k=2, hierarchies={"born": H.dates("month", "year")}).raised["born"]
    assert (found.level, found.k) == (2, 3), "months of months change nothing"
    same = kh.risk_report(pl.DataFrame({"a": [1, 1]}), "a", hierarchies={"a": H.suppress()})
    assert dict(same.raised) == {}, "nothing to join"
    for kind in (PATIENTS.lazy(), PATIENTS.to_pandas(), PATIENTS.to_arrow()):
        assert kh.risk_report(kind, list(QI), k=2, hierarchies=QI).raised == report.raised


@pytest.mark.parametrize(
    ("hierarchies", "message"),
    [
        ({"icd10": H.icd10()}, "not a quasi-identifier"),
        ({"age": [5, 10]}, "needs a hierarchy"),
        (["age"], "how columns are generalized"),
        ({"<sex>": H.intervals(5)}, "column '<sex>'"),
    ],
)
def test_hierarchies_that_a_report_refuses(hierarchies, message):
    with pytest.raises(kh.ArgumentError, match=message):
        kh.risk_report(PATIENTS, list(QI), hierarchies=hierarchies)


def test_accessors_are_the_functions():
    kh.register_accessors()
    quasi = list(QI)
    for df in (PATIENTS, PATIENTS.lazy(), PATIENTS.to_pandas()):
        assert df.kohort.l_diversity(quasi, "icd10") == kh.l_diversity(PATIENTS, quasi, "icd10")
        assert df.kohort.l_diversity("<sex>", "icd10", kind="entropy") == kh.l_diversity(
            PATIENTS, "<sex>", "icd10", kind="entropy"
        )
        assert df.kohort.t_closeness("<sex>", "icd10", ordered=True) == kh.t_closeness(
            PATIENTS, "<sex>", "icd10", ordered=True
        )
        assert df.kohort.risk_report(quasi, k=2, hierarchies=QI).raised
        safe = df.kohort.anonymize(QI, models=MODELS, max_suppression=0.2)
        assert isinstance(safe.frame, type(df))
    assert isinstance(
        PATIENTS.to_pandas().kohort.anonymize(QI, models=MODELS[0], max_suppression=0.2).frame, pd.DataFrame
    )
