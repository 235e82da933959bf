"""A warehouse under a policy: opened, asked and refused, with a clock of the test's own."""

from __future__ import annotations

import builtins
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import kohort as kh
import pytest
from click.testing import CliRunner
from kohort import _core, errors
from kohort.cli import main
from kohort.hosting.policy import preset_text

EMC2 = kh.Policy.parse(preset_text("emc2").replace('row_level = "unknown"', "row_level = true"))
OPEN = kh.Policy.load("open-data")


class Clock:
    """A clock that stands until it is set."""

    def __init__(self, *day: int) -> None:
        self.now = datetime(*day, 12, tzinfo=UTC)  # type: ignore[misc,arg-type]

    def __call__(self) -> datetime:
        return self.now

    def set(self, *day: int) -> None:
        self.now = datetime(*day, 12, tzinfo=UTC)  # type: ignore[misc,arg-type]


def sheets(address: Path | str, regions: str = '["FR"]') -> Any:
    from kohort.hosting.hosts import Hosts  # noqa: PLC0415

    return Hosts.parse(f"""
[[hosts]]
name = "here"
addresses = ["{address}"]
declared = 2024-01-01
declared_by = "a test"
provider = "this machine"
home_jurisdiction = "FR"
regions = {regions}
access_outside_eea = "none"
hds = {{version = "v2", activities = [1, 2, 3, 4, 5, 6], certificate = "unknown", expires = 2030-01-01}}
""")


@pytest.fixture
def path(made: Path, tmp_path: Path) -> Path:
    """A warehouse without a ledger: clocks of tests go back."""
    return shutil.copytree(made, tmp_path / "wh")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kh.demo(2_000, events_per_person=20, path=tmp_path_factory.mktemp("made") / "wh", progress=False).path


def admit(path: Path, clock: Clock | None = None, **changes: Any) -> kh.Warehouse:
    given = {
        "policy": EMC2,
        "purpose": "prevention",
        "hosts": sheets(path),
        "clock": clock or Clock(2026, 1, 1),
        **changes,
    }
    return kh.open(path, **given)


def test_a_question_is_answered_on_the_last_day_and_refused_on_the_next(path: Path) -> None:
    clock = Clock(2026, 12, 21)
    wh = admit(path, clock)
    cohort = kh.cohort("drugs").entry(kh.drug().first())
    result = wh.run(cohort)
    expected = kh.open(path, history=False).run(cohort).attrition().to_polars()
    assert result.attrition().to_polars().equals(expected)
    assert str(wh.authorization) == "CNIL, Délibération 2023-146, until 2026-12-21 (last day)"
    clock.set(2026, 12, 22)
    questions = [lambda: wh.run(cohort), lambda: list(wh.run_all([cohort])), lambda: wh.count(kh.drug())]
    questions += [result.attrition, result.persons, lambda: result.incidence(kh.diagnosis()), result.characterize]
    questions += [lambda: wh.unicity(samples=10), lambda: result.why("1"), result.profile, lambda: repr(result)]
    for question in questions:
        with pytest.raises(
            kh.AuthorizationExpired, match=r"ended on 2026-12-21, today is 2026-12-22.*obtain a new one"
        ):
            question()
    with pytest.raises(kh.AuthorizationExpired):
        admit(path, clock)
    assert wh.verify() > 0


def test_the_countdown_is_shown_from_ninety_days_on(path: Path) -> None:
    wh = admit(path, Clock(2026, 9, 22))
    assert wh.authorization.days_left == 90
    assert 'class="k-badge' not in wh._repr_html_()
    wh = admit(path, Clock(2026, 11, 24))
    assert "27 days left" in wh._repr_html_()
    assert "27 days left" in repr(wh)
    assert "27 days left" in wh.authorization._repr_html_()


def test_output_rules_are_those_of_the_policy(path: Path) -> None:
    stricter = kh.Policy.parse(preset_text("emc2").replace("min_cell = 11", "min_cell = 50"))
    assert admit(path, Clock(2026, 1, 1), policy=stricter).rules.min_cell == 50


def test_rows_are_refused_where_the_policy_does_not_allow_them(path: Path) -> None:
    wh = admit(path, Clock(2026, 1, 1), policy="emc2")
    result = wh.run(kh.cohort("drugs").entry(kh.drug().first()))
    for rows in (result.persons, lambda: result.why("1")):
        with pytest.raises(kh.AccessRefused, match="row-level access is not established"):
            rows()


REFUSED = [
    ({"purpose": None}, errors.PurposeRefused, "no purpose is declared"),
    ({"purpose": "marketing"}, errors.PurposeRefused, "'marketing'"),
    ({"clock": Clock(2026, 12, 22)}, errors.AuthorizationExpired, "2026-12-21"),
    ({"clock": Clock(2023, 12, 20)}, errors.AuthorizationExpired, "begins on 2023-12-21"),
    ({"hosts": None}, errors.HostingRefused, "no sheet of a host covers"),
    ({"hosts": sheets("/elsewhere")}, errors.HostingRefused, "no sheet of a host covers"),
    ({"policy": "emc3"}, FileNotFoundError, "presets are emc2"),
    ({"rules": kh.OutputRules()}, errors.ArgumentError, "leave rules= out"),
    ({"policy": None}, errors.ArgumentError, "purpose= needs a policy"),
]


@pytest.mark.parametrize(("changes", "kind", "message"), REFUSED, ids=[message for _, _, message in REFUSED])
def test_a_refused_session_reads_nothing(
    path: Path, changes: dict[str, Any], kind: type[Exception], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[object] = []
    monkeypatch.setattr(_core, "Warehouse", lambda *given: read.append(given))
    monkeypatch.setattr(builtins, "open", lambda *given, **_: read.append(given))
    with pytest.raises(kind, match=message):
        admit(path, **changes)
    assert read == []


def test_a_host_abroad_is_refused(path: Path) -> None:
    with pytest.raises(kh.HostingRefused, match="regions is US, allowed is FR"):
        admit(path, Clock(2026, 1, 1), hosts=sheets(path, '["US"]'))


def test_open_data_needs_no_host_and_no_dates(path: Path) -> None:
    wh = kh.open(path, policy=OPEN, purpose="teaching")
    assert wh.authorization.days_left is None
    assert "no authorization required" in repr(wh)
    with pytest.raises(kh.ArgumentError, match="clock gives a time without a zone"):
        kh.open(path, policy=OPEN, purpose="teaching", clock=datetime.now)


def test_the_sheet_says_what_is_declared_checked_and_unknown(path: Path) -> None:
    sheet = kh.hosting_sheet(admit(path))
    known = {fact.name: (fact.value, fact.grade) for fact in sheet.facts}
    assert known["Home of the group"] == ("FR", "declared")
    assert known["HDS 6: backup"] == ("covered", "declared")
    assert known["SecNumCloud"] == ("not qualified", "declared")
    assert known["Custody of keys"] == ("not said", "unknown")
    assert known["Snapshot"] == ("1", "checked")
    for text in (str(sheet), sheet.to_html()):
        assert "compliant" not in text.lower()
        assert "cannot see where a disk stands" in text
    with pytest.raises(kh.ArgumentError, match="without a policy"):
        kh.hosting_sheet(kh.open(path))


def test_the_sheet_in_a_shell(path: Path, tmp_path: Path) -> None:
    page = tmp_path / "sheet.html"
    asked = ["hosting", str(path), "--policy", "open-data", "--purpose", "teaching"]
    printed = CliRunner().invoke(main, asked)
    assert (printed.exit_code, "no sheet" in printed.output) == (0, True)
    assert CliRunner().invoke(main, [*asked, "--html", str(page)]).exit_code == 0
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    refused = CliRunner().invoke(main, ["hosting", str(path), "--policy", "emc2", "--purpose", "marketing"])
    assert (refused.exit_code, "HostingRefused" in refused.output) == (2, False)
