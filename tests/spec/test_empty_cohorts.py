"""A cohort of nobody, or of a few: its tables are whole, and their shape tells nothing."""

from __future__ import annotations

import json
from pathlib import Path

import kohort as kh
import polars as pl
import pytest

PERSONS = 40
OLD = kh.cohort("over 110").entry(kh.drug()).require("over 110", kh.age() >= 110)
ALL = kh.cohort("all").entry(kh.drug())


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty women born in 1980 on one drug, of whom seven have another; one outcome."""
    persons = pl.DataFrame({"person_id": range(PERSONS)}).with_columns(
        sex=pl.lit("F"),
        birth_month=pl.lit("1980-05"),
        observation_start=pl.date(2015, 1, 1),
        observation_end=pl.date(2018, 12, 31),
    )
    drug = pl.DataFrame(
        {
            "person_id": [*range(PERSONS), *range(7)],
            "start": ["2016-03-01"] * PERSONS + ["2016-04-01"] * 7,
            "code": ["A10BA02"] * PERSONS + ["A10BH01"] * 7,
        }
    )
    diagnosis = pl.DataFrame({"person_id": [1], "start": ["2017-01-01"], "code": ["I210"]})
    into = tmp_path_factory.mktemp("empty") / "wh"
    kh.ingest.frames(persons=persons, drug=drug, diagnosis=diagnosis, into=into, progress=False)
    return into


NOBODY = {
    "rule": (OLD, "fails “over 110”"),
    "code": (kh.cohort("code").entry(kh.drug(kh.codes("ATC", "A10BJ*"))), "no entry event"),
    "calendar": (
        kh.cohort("calendar").entry(kh.drug(), between=("1990-01-01", "1990-12-31")),
        "outside the calendar window",
    ),
    "deaths": (kh.cohort("deaths").entry(kh.death()), "no entry event"),
}
RULES = [kh.OutputRules(), kh.OutputRules(show_zeros=False), kh.OutputRules(min_cell=1)]


def releases(result: kh.Result) -> dict[str, kh.Release]:
    outcome, bands = kh.diagnosis(kh.codes("ICD10", "I21*")), kh.age_bands([0, 60])
    prior = [kh.drug(kh.codes("ATC", level=4)).before(), kh.diagnosis().within(-365, -1)]
    return {
        "attrition": result.attrition(),
        "incidence": result.incidence(outcome, progress=False),
        "incidence by sex": result.incidence(outcome, by="sex", progress=False),
        "incidence by all": result.incidence(outcome, by=["sex", bands, "year"], progress=False),
        "characteristics": result.characterize(age=bands, prior=prior, progress=False),
    }


@pytest.mark.parametrize("rules", RULES, ids=str)
def test_every_table_of_nobody_is_whole(path: Path, rules: kh.OutputRules, tmp_path: Path):
    result = kh.open(path, rules=rules).run(OLD, progress=False)
    assert result.persons().schema == {"person_id": pl.String, "start": pl.Date, "end": pl.Date}
    assert result.persons().is_empty()
    assert f"Persons: {'none' if rules.show_zeros else '<11'}" in repr(result)
    assert "over 110" in result._repr_html_()
    for name, release in releases(result).items():
        table = release.to_polars()
        counts = [measure.name for measure in release.measures if measure.kind == "count"]
        assert not table.is_empty()
        rows = table.filter(pl.col("step") == "over 110") if name == "attrition" else table
        seen = {value for count in counts for value in rows[count].to_list()} - {PERSONS}
        assert seen == ({0} if rules.show_zeros else {None}), name
        rates = [measure.name for measure in release.measures if measure.name in {"rate", "percent"}]
        assert all(table[rate].null_count() == table.height for rate in rates)
        assert release.attack().tightest is None or not rules.show_zeros
        assert release.explain().startswith("None of ") is rules.show_zeros
        assert release.title in release._repr_html_()
        assert len(release.to_pandas()) == release.to_arrow().num_rows == table.height
        if release.kind != "characteristics":
            assert release.plot().axes
        record = json.loads((release.export(tmp_path / name) / "disclosure.json").read_text())
        assert len(pl.read_csv(tmp_path / name / "data.csv")) == table.height
        assert record["title"] == release.title


@pytest.mark.parametrize("reason", NOBODY)
@pytest.mark.filterwarnings("ignore::kohort.KohortWarning")  # that a code matches nothing is what is wanted
def test_nobody_is_nobody_for_whatever_reason(path: Path, reason: str):
    definition, because = NOBODY[reason]
    wh = kh.open(path)
    result = wh.run(definition, progress=False)
    assert result.attrition().to_polars()["persons"].to_list()[-1] == 0
    expected = releases(wh.run(OLD, progress=False))
    for name, release in releases(result).items():
        if name != "attrition":
            assert release.to_polars().equals(expected[name].to_polars()), name
    why = result.why(wh.run(ALL, progress=False).persons()["person_id"][0])
    assert not why.included
    assert because in str(why)
    assert "Not in the cohort" in why._repr_html_()
    with pytest.raises(kh.ArgumentError, match="knows no person of that name"):
        result.why("nobody")


def test_a_table_of_nobody_has_the_rows_of_its_strata(path: Path):
    found = releases(kh.open(path).run(OLD, progress=False))
    assert found["incidence by sex"].to_polars()["sex"].to_list() == ["male", "female", "unknown", "Total"]
    assert found["incidence by all"].to_polars().height == 4 * 4 * 6
    levels = found["characteristics"].to_polars().filter(pl.col("variable") == "sex")["level"].to_list()
    assert levels == ["male", "female", "unknown"]


def test_the_levels_of_few_persons_do_not_tell_who_they_are(path: Path):
    few = kh.cohort("few").entry(kh.drug(kh.codes("ATC", "A10BH01")))
    wh = kh.open(path)
    small, none = releases(wh.run(few, progress=False)), releases(wh.run(OLD, progress=False))
    for name in ("incidence by sex", "incidence by all", "characteristics"):
        assert small[name].labels == none[name].labels, "all are women of one age, which nobody shall read off"
    many = releases(wh.run(ALL, progress=False))["characteristics"].to_polars()
    assert many.filter(pl.col("variable") == "sex")["level"].to_list() == ["female"]


def test_hidden_zeros_are_not_told_by_the_levels(path: Path):
    wh = kh.open(path, rules=kh.OutputRules(show_zeros=False))
    table = releases(wh.run(ALL, progress=False))["characteristics"].to_polars()
    assert table.filter(pl.col("variable") == "sex")["level"].to_list() == ["male", "female", "unknown"]
