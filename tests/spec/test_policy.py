"""What a policy file may say, what is said of a wrong one, and what two of them say otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import kohort as kh
import pytest
from click.testing import CliRunner
from kohort.cli import main
from kohort.hosting.policy import PRESETS, preset_text

if TYPE_CHECKING:
    from pathlib import Path

EMC2 = preset_text("emc2")


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_valid_and_explains_itself(name: str) -> None:
    policy = kh.Policy.load(name)
    assert policy.id == name
    text = policy.explain()
    assert policy.document.policy.title in text
    assert f"counts below {policy.rules.min_cell} hidden" in text
    assert all(field in text for field in policy.unknown())
    assert kh.Policy.parse(policy.text).hash == policy.hash


def test_emc2_says_what_is_public_and_no_more() -> None:
    policy = kh.Policy.load("emc2")
    authorization = policy.document.authorization
    assert (authorization.authority, str(authorization.not_after)) == ("CNIL", "2026-12-21")
    assert "population.max_persons" in policy.unknown()
    assert "identifiers.max_crossed" in policy.unknown()
    assert "compliant" not in policy.explain().lower()


# What is changed in the file, and the one fault that must be named.
FAULTS = [
    ("version = 1", "version = 2", "policy.version must be 1, got 2"),
    ('id = "emc2"', 'id = "EMC 2"', "policy.id must be"),
    ('title = "EMC2', 'titel = "EMC2', "policy.titel is no field here: did you mean title"),
    ('reference = "Délibération 2023-146"', "", "an authorization that is required must say reference"),
    ("not_after = 2026-12-21", "not_after = 2022-12-21", "not_before 2023-12-21 is after not_after 2022-12-21"),
    ("not_after = 2026-12-21", 'not_after = "soon"', "authorization.not_after must be a valid date, or 'unknown'"),
    ('forbidden = ["promotion', 'forbidden = ["prevention", "promotion', "'prevention' is both allowed and forbidden"),
    ('max_persons = "unknown"', "max_persons = 0", "population.max_persons must be"),
    ('max_persons = "unknown"', 'max_persons = "many"', "got 'many'"),
    ('max_share = "unknown"  ', "max_share = 1.5 #", "population.max_share must be"),
    ('reference_persons = "unknown"', "", None),
    ('birth = "month"', 'birth = "hour"', "variables.birth must be 'none', 'year', 'month' or 'day'"),
    ("birth_month = true", "", "identifiers.birth_month is missing: write its value, or 'unknown'"),
    ("birth_month = true", 'birth_month = "yes"', "identifiers.birth_month must be a valid boolean, or 'unknown'"),
    ('max_crossed = "unknown"', "max_crossed = 6", "identifiers.max_crossed must be"),
    ("hds_activities = [1, 2, 3, 4, 5, 6]", "hds_activities = [1, 7]", "hosting.hds_activities.2 must be"),
    ("named_persons = false", "named_persons = true", "no [[persons]] are named"),
    ("data_months = 36", 'data_months = "long"', "retention.data_months must be"),
    ("min_cell = 11", "min_cell = 0", "outputs: min_cell must be a whole number of persons"),
    ("min_cell = 11", "mincell = 11", "outputs: mincell is no output rule"),
    ("[outputs]", "[results]", "results is no field here"),
    ("[policy]", "[policy", "it is not TOML"),
]


@pytest.mark.parametrize(("before", "after", "fault"), FAULTS, ids=[f"{b[:20]}-{a[:20]}" for b, a, _ in FAULTS])
def test_a_fault_is_named(before: str, after: str, fault: str | None) -> None:
    assert EMC2.count(before) >= 1
    text = EMC2.replace(before, after, 1)
    if fault is None:
        kh.Policy.parse(text)
        return
    with pytest.raises(kh.PolicyError) as caught:
        kh.Policy.parse(text, "mine.toml")
    assert fault in str(caught.value)
    assert "mine.toml" in str(caught.value)


def test_all_faults_are_named_at_once() -> None:
    text = EMC2.replace("min_cell = 11", "min_cell = 0").replace("data_months = 36", "").replace("[access]", "[acess]")
    with pytest.raises(kh.PolicyError) as caught:
        kh.Policy.parse(text)
    assert len(caught.value.faults) == 4
    assert "has 4 faults" in str(caught.value)


def test_a_share_needs_a_population() -> None:
    text = EMC2.replace('max_share = "unknown"', "max_share = 0.1").replace('reference_persons = "unknown"', "")
    with pytest.raises(kh.PolicyError, match="max_share needs reference_persons"):
        kh.Policy.parse(text)


def test_comments_and_order_do_not_change_the_hash() -> None:
    lines = [line.partition(" #")[0] for line in EMC2.splitlines() if not line.startswith("#")]
    assert kh.Policy.parse("\n".join(lines)).hash == kh.Policy.load("emc2").hash
    assert kh.Policy.parse(EMC2.replace("min_cell = 11", "min_cell = 12")).hash != kh.Policy.load("emc2").hash


def test_a_difference_names_fields_before_and_after() -> None:
    found = kh.Policy.load("emc2").diff(kh.Policy.parse(EMC2.replace("min_cell = 11", "min_cell = 5")))
    assert str(found) == "outputs.min_cell: 11 -> 5"
    assert "outputs.min_cell" in found._repr_html_()
    assert not kh.Policy.load("emc2").diff(kh.Policy.load("emc2"))


def test_in_a_shell(tmp_path: Path) -> None:
    shell = CliRunner()
    mine = tmp_path / "policy.toml"
    printed = shell.invoke(main, ["policy", "preset", "emc2"])
    assert printed.output == EMC2
    mine.write_text(printed.output.replace("min_cell = 11", "min_cell = 20"), encoding="utf-8")
    assert "valid" in shell.invoke(main, ["policy", "check", str(mine)]).output
    differing = shell.invoke(main, ["policy", "diff", "emc2", str(mine)])
    assert (differing.exit_code, differing.output) == (1, "outputs.min_cell: 11 -> 20\n")
    assert shell.invoke(main, ["policy", "diff", "emc2", "emc2"]).exit_code == 0
    assert "counts below 20 hidden" in shell.invoke(main, ["policy", "explain", str(mine)]).output
    page = tmp_path / "sheet.html"
    assert shell.invoke(main, ["policy", "explain", str(mine), "--html", str(page)]).exit_code == 0
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    mine.write_text("[policy]", encoding="utf-8")
    refused = shell.invoke(main, ["policy", "check", str(mine)])
    assert refused.exit_code == 2
    assert "policy.id is missing" in refused.output
    assert shell.invoke(main, ["policy", "check", "absent.toml"]).exit_code == 2
