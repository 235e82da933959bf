"""`kohort check` and `kohort anonymize` as a script meets them."""

from __future__ import annotations

import json
from pathlib import Path

import kohort as kh
import polars as pl
import pytest
from click.testing import CliRunner, Result
from kohort.cli import main

PATIENTS = pl.DataFrame(
    {
        "id": range(8),
        "age": [57, 31, 27, 52, 38, 55, 90, 33],
        "sex": ["F", "F", "M", "F", "M", "F", "M", "F"],
        "icd10": ["C67", "I10", "I10", "E11", "C67", "I10", "E11", "C67"],
    }
)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def refused(*arguments: object) -> str:
    """The last line on stderr of a command that ends with code 2."""
    found = run(*arguments)
    assert found.exit_code == 2, found.output
    assert "Traceback" not in found.stderr
    assert found.stdout == ""
    lines = found.stderr.strip().splitlines()
    assert sum(line.startswith("Error: ") for line in lines) == 1
    return lines[-1].removeprefix("Error: ")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    PATIENTS.write_parquet(tmp_path / "patients.parquet")
    PATIENTS.write_csv(tmp_path / "patients.csv")
    kh.hierarchy.intervals(10, 20).to_csv(tmp_path / "age.csv", PATIENTS["age"])
    return tmp_path


def test_check_says_what_fails(folder: Path) -> None:
    data = folder / "patients.parquet"
    good = run("check", data, "--qi", "sex", "--k", 3, "--sensitive", "icd10", "--l", 3, "--t", 0.5)
    assert good.exit_code == 0, good.output
    assert "fails" not in good.output
    bad = run("check", data, "--qi", "sex, age", "--k", 2, "--sensitive", "icd10", "--l", 2, "--t", 0.1)
    assert bad.exit_code == 1
    assert bad.stdout.splitlines()[-3:-1] == [
        "fails: k is 1, required is 2",
        "fails: l of icd10 is 1, required is 2",
    ]
    assert bad.stdout.splitlines()[-1].startswith("fails: t of icd10 is 0.")
    assert bad.stderr == ""
    only_t = run("check", folder / "patients.csv", "--qi", "sex", "--k", 1, "--sensitive", "icd10", "--t", 0)
    assert only_t.exit_code == 1


def test_check_as_json(folder: Path) -> None:
    found = run("check", folder / "patients.csv", "--qi", "sex", "--sensitive", "icd10", "--l", 4, "--json")
    assert found.exit_code == 1
    report = json.loads(found.stdout)
    assert report["passes"] is False
    assert (report["k"], report["required"]) == (3, {"k": 11, "l": 4, "t": None})
    assert report["failures"] == ["k is 3, required is 11", "l of icd10 is 3, required is 4"]
    assert report["sensitive"]["icd10"]["l"] == 3
    assert "I10" not in found.stdout


def test_check_counts_persons(folder: Path) -> None:
    stays = pl.concat([PATIENTS] * 3)
    stays.write_parquet(folder / "stays.parquet")
    assert run("check", folder / "stays.parquet", "--qi", "sex", "--k", 9).exit_code == 0
    assert run("check", folder / "stays.parquet", "--qi", "sex", "--k", 9, "--person", "id").exit_code == 1


def test_check_refuses_in_one_line(folder: Path) -> None:
    data = folder / "patients.parquet"
    assert refused("check", data, "--qi", "sex,agee").startswith(
        "there is no column 'agee'; the nearest names are 'age'"
    )
    assert "--sensitive" in refused("check", data, "--qi", "sex", "--l", 2)
    assert "empty name" in refused("check", data, "--qi", "sex,,age")
    assert "--k" in refused("check", data, "--qi", "sex", "--k", 0)
    assert "--t" in refused("check", data, "--qi", "sex", "--sensitive", "icd10", "--t", 1.5)
    assert "one role" in refused("check", data, "--qi", "sex", "--sensitive", "sex")
    assert "none.parquet" in refused("check", folder / "none.parquet", "--qi", "sex")


def test_anonymize_writes_a_safe_file(folder: Path) -> None:
    out = folder / "safe.parquet"
    given = ("--hierarchy", f"age={folder}/age.csv", "--suppress", "sex", "--k", 2, "--max-suppression", 0.2)
    found = run("anonymize", folder / "patients.parquet", out, *given)
    assert found.exit_code == 0, found.output
    assert f"Written to {out}" in found.stdout
    safe = pl.read_parquet(out)
    assert safe.columns == PATIENTS.columns
    assert safe.select("id", "icd10").equals(PATIENTS.select("id", "icd10"))
    assert safe["age"][0] == "[40, 60["
    assert run("check", out, "--qi", "age,sex", "--k", 1).exit_code == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "age.csv",
        "patients.csv",
        "patients.parquet",
        "safe.parquet",
    ]

    assert "--force" in refused("anonymize", folder / "patients.parquet", out, *given)
    as_json = run(
        "anonymize", folder / "patients.csv", out, *given, "--force", "--json", "--sensitive", "icd10", "--l", 2
    )
    assert as_json.exit_code == 0, as_json.output
    assert json.loads(as_json.stdout)["k_after"] == 2
    text = run("anonymize", folder / "patients.csv", folder / "safe.csv", *given)
    assert text.exit_code == 0
    assert pl.read_csv(folder / "safe.csv").height == 8


def test_anonymize_without_a_solution_writes_nothing(folder: Path) -> None:
    out = folder / "safe.parquet"
    found = run("anonymize", folder / "patients.parquet", out, "--suppress", "sex", "--k", 9)
    assert found.exit_code == 1
    assert "no combination of levels" in found.stderr
    assert not out.exists()


def test_anonymize_refuses_in_one_line(folder: Path) -> None:
    data, out = folder / "patients.parquet", folder / "safe.parquet"
    hierarchy = ("--hierarchy", f"age={folder}/age.csv")
    assert "empty" in refused("anonymize", data, out)
    assert ".parquet or .csv" in refused("anonymize", data, folder / "safe.xlsx", *hierarchy)
    assert "column=file" in refused("anonymize", data, out, "--hierarchy", "age.csv")
    assert "age is given twice" in refused("anonymize", data, out, *hierarchy, "--suppress", "age")
    assert "none.csv" in refused("anonymize", data, out, "--hierarchy", "age=none.csv")
    assert "no column 'agee'" in refused("anonymize", data, out, "--suppress", "agee")
    assert "--l or --t" in refused("anonymize", data, out, *hierarchy, "--sensitive", "icd10")
    (folder / "some.csv").write_text("57;50-59;*\n")
    found = refused("anonymize", data, out, "--hierarchy", f"age={folder}/some.csv")
    assert found.startswith("column 'age': ")
    assert not out.exists()


@pytest.mark.parametrize("command", ["check", "anonymize"])
def test_help(command: str) -> None:
    found = run(command, "--help")
    assert found.exit_code == 0
    assert "Example:" in found.output
