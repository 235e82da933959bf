"""The command line as a user meets it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import kohort as kh
import polars as pl
import pytest
from click.testing import CliRunner, Result
from kohort.cli import main


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=True)


def refused(*arguments: object) -> str:
    """The sentence on stderr of a command that ends with code 2."""
    found = run(*arguments)
    assert found.exit_code == 2, found.output
    assert "Traceback" not in found.output
    return found.stderr.removeprefix("Error: ").strip()


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    people = pl.DataFrame({"person_id": range(300)}).with_columns(
        sex=pl.when(pl.col("person_id") % 2 == 0).then(pl.lit("F")).otherwise(pl.lit("M")),
        birth_month=date(1950, 1, 1),
        observation_start=date(2015, 1, 1),
        observation_end=date(2019, 12, 31),
    )
    people.write_parquet(folder / "persons.parquet")
    drug = people.select("person_id", start=date(2016, 3, 1), code=pl.lit("A10BA02"))
    drug.write_csv(folder / "drug.csv")
    outcome = people.filter(pl.col("person_id") < 120).select("person_id", start=date(2017, 1, 1), code=pl.lit("I21"))
    outcome.write_parquet(folder / "diagnosis.parquet")
    kh.cohort("metformin").entry(kh.drug(kh.codes("ATC", "A10BA02")).first()).observed(before=365).save(
        folder / "metformin.json"
    )
    made = run(
        *("ingest", "frames", "--persons", folder / "persons.parquet", f"drug={folder}/drug.csv"),
        *(f"diagnosis={folder}/diagnosis.parquet", folder / "wh"),
    )
    assert made.exit_code == 0, made.output
    assert "300" in made.output
    assert kh.open(folder / "wh").domains == ("diagnosis", "drug")
    return folder


class Links(HTMLParser):
    """Whatever a page would load, and whether its tags close."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loads += [
            f"{tag} {name}" for name, value in attrs if name in {"src", "href"} and not str(value).startswith("#")
        ]
        if tag in {"script", "link", "iframe", "img"}:
            self.loads.append(tag)
        if tag not in {"meta", "br", "hr"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass


def test_demo_as_a_user_runs_it(tmp_path: Path) -> None:
    """One real process, in a folder of its own."""
    environment = {**os.environ, "KOHORT_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "kohort", "demo", "--persons", "20000", "--report", "study.html"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "no progress in a log"
    assert "Incidence of stays" in done.stdout
    assert re.search(r"^Attrition: entry events \d+, ", done.stdout, re.MULTILINE)
    assert re.search(r"^k-anonymity: ", done.stdout, re.MULTILINE)
    assert str(tmp_path / "study.html") in done.stdout
    page = (tmp_path / "study.html").read_text()
    links = Links()
    links.feed(page)
    assert links.loads == []
    assert links.open == []
    assert "http" not in re.sub(r'xmlns="http://www.w3.org/[^"]*"', "", page)
    for piece in ("Attrition", "Characteristics", "Incidence", "k-anonymity", "light dark", "@media print"):
        assert piece in page
    again = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert again.stdout == done.stdout


def test_demo_of_very_few_persons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOHORT_CACHE", str(tmp_path / "cache"))
    found = run("demo", "--persons", 1_000, "--report", tmp_path / "r.html")
    assert found.exit_code == 0, found.output
    assert "<11" in (tmp_path / "r.html").read_text().replace("&lt;", "<")
    assert "1000" in refused("demo", "--persons", 999).replace(",", "")


def test_run_releases(tables: Path, tmp_path: Path) -> None:
    attrition = run("run", tables / "metformin.json", tables / "wh")
    assert "300" in attrition.output
    characteristics = run("run", tables / "metformin.json", tables / "wh", "--release", "characteristics")
    assert "150" in characteristics.output
    rates = run(
        *("run", tables / "metformin.json", tables / "wh", "--release", "incidence", "--by", "sex,age:20"),
        *("--outcome", "diagnosis:ICD10:I21*", "--export", tmp_path / "out"),
    )
    assert rates.exit_code == 0, rates.output
    frame = pl.read_csv(tmp_path / "out" / "data.csv")
    assert frame.filter(pl.all_horizontal(pl.col("sex", "age") == "Total"))["events"].to_list() == [120]
    assert json.loads((tmp_path / "out" / "disclosure.json").read_text())["kind"] == "incidence"
    (tmp_path / "key").write_bytes(b"sixteen bytes, or more")
    keyed = ("--export", tmp_path / "sealed", "--key-file", tmp_path / "key")
    assert run("run", tables / "metformin.json", tables / "wh", *keyed).exit_code == 0
    for folder in ("out", "sealed"):
        found = run("verify", tmp_path / folder)
        assert found.exit_code == 0, found.output
    assert run("verify", tmp_path / "sealed", "--key-file", tmp_path / "key").exit_code == 0
    assert run("verify", tmp_path / "out", "--key-file", tmp_path / "key").exit_code == 1
    assert "--export" in refused("run", tables / "metformin.json", tables / "wh", "--key-file", tmp_path / "key")


def test_a_warning_is_a_sentence(tables: Path) -> None:
    found = run(
        *(
            "run",
            tables / "metformin.json",
            tables / "wh",
            "--release",
            "incidence",
            "--outcome",
            "diagnosis:ICD10:C67*",
        )
    )
    assert found.exit_code == 0
    assert found.stderr.startswith("Warning: ICD10 C67* matches no diagnosis")


def test_check_tells_by_its_exit_code(tables: Path) -> None:
    assert run("check", tables / "persons.parquet", "--qi", "sex,birth_month", "--k", 150).exit_code == 0
    failed = run("check", tables / "persons.parquet", "--qi", "sex,birth_month", "--k", 151)
    assert failed.exit_code == 1
    assert "is not 151-anonymous" in failed.output
    assert run("check", tables / "drug.csv", "--qi", "code").exit_code == 0
    assert "commune" in refused("check", tables / "persons.parquet", "--qi", "sex,commune")


def test_verify_store(tables: Path) -> None:
    assert "are what was written" in run("verify-store", tables / "wh").output


def test_ingest_omop(tmp_path: Path) -> None:
    cdm = tmp_path / "cdm"
    cdm.mkdir()
    people = pl.DataFrame({"person_id": range(50), "gender_concept_id": [8507] * 50, "year_of_birth": [1950] * 50})
    people.write_parquet(cdm / "person.parquet")
    people.select(
        "person_id", observation_period_start_date=date(2015, 1, 1), observation_period_end_date=date(2019, 1, 1)
    ).write_csv(cdm / "observation_period.csv")
    people.select("person_id", drug_concept_id=1_118_084, drug_exposure_start_date=date(2016, 1, 1)).write_parquet(
        cdm / "drug_exposure.parquet"
    )
    assert run("ingest", "omop", cdm, tmp_path / "wh").exit_code == 0
    assert "holds a warehouse already" in refused("ingest", "omop", cdm, tmp_path / "wh")
    assert run("ingest", "omop", cdm, tmp_path / "wh", "--replace").exit_code == 0
    assert kh.open(tmp_path / "wh").snapshot == 2


def test_errors_are_one_sentence(tables: Path, tmp_path: Path) -> None:
    wh, plan = tables / "wh", tables / "metformin.json"
    (tmp_path / "broken.json").write_text("{")
    assert "not a warehouse" in refused("run", plan, tmp_path)
    assert "not a warehouse" in refused("verify-store", tmp_path / "none")
    assert refused("run", tmp_path / "broken.json", wh).count("\n") == 0
    assert "--outcome" in refused("run", plan, wh, "--release", "incidence")
    assert "domain:vocabulary:codes" in refused("run", plan, wh, "--release", "incidence", "--outcome", "diagnosis:I21")
    assert "is no variable" in refused("run", plan, wh, "--release", "incidence", "--outcome", "drug", "--by", "height")
    assert "domain=path" in refused(
        "ingest", "frames", "--persons", tables / "persons.parquet", "drug.csv", tmp_path / "x"
    )
    taken = refused("ingest", "frames", "--persons", tables / "persons.parquet", *["drug=a.csv"] * 2, tmp_path / "x")
    assert "drug is given twice" in taken
    death = f"death={tables}/drug.csv"
    taken = refused("ingest", "frames", "--persons", tables / "persons.parquet", death, tmp_path / "x")
    assert "'death' cannot name a domain" in taken
    missing = refused("ingest", "frames", "--persons", tables / "persons.parquet", "drug=none.csv", tmp_path / "x")
    assert "none.csv" in missing
    assert not (tmp_path / "x").exists()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("")
    assert "not an empty folder" in refused("run", plan, wh, "--export", tmp_path / "out")


def test_damage_is_told(tables: Path, tmp_path: Path) -> None:
    import shutil  # noqa: PLC0415

    copy = Path(shutil.copytree(tables / "wh", tmp_path / "wh"))
    path = next((copy / "shards" / "0000").glob("drug.first-*"))
    data = bytearray(path.read_bytes())
    data[20] ^= 1
    path.write_bytes(data)
    assert path.name in refused("verify-store", copy)
    assert path.name in refused("run", tables / "metformin.json", copy)


@pytest.mark.parametrize(
    "command", [[], ["demo"], ["ingest"], ["ingest", "omop"], ["ingest", "frames"], ["run"], ["check"]]
)
def test_help(command: list[str]) -> None:
    found = run(*command, "--help")
    assert found.exit_code == 0
    assert "Usage:" in found.output


def test_version() -> None:
    assert kh.__version__ in run("--version").output
