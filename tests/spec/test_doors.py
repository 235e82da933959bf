"""Every refusal of a policy: what is refused on which day, with which exception, naming value, reason and remedy."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import kohort as kh
import pytest
from kohort import errors
from kohort.hosting import doors
from kohort.hosting.hosts import Hosts, check_host
from kohort.hosting.policy import preset_text

EMC2 = preset_text("emc2")
IN_FORCE = date(2025, 6, 1)


def policy(*changes: tuple[str, str], text: str = EMC2) -> kh.Policy:
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    return kh.Policy.parse(text)


@pytest.mark.parametrize("today", [date(2023, 12, 21), date(2026, 12, 20), date(2026, 12, 21)])
def test_both_ends_of_an_authorization_count(today: date) -> None:
    doors.check_dates(policy(), today)


CAPPED = [('max_persons = "unknown"', "max_persons = 1000"), ('max_share = "unknown"', "max_share = 0.1")]
CAPPED += [('reference_persons = "unknown"', "reference_persons = 5000")]
CROSSED = ('max_crossed = "unknown"', "max_crossed = 2")
NAMED = (
    "named_persons = false",
    'named_persons = true\n[[persons]]\nname = "A. Martin"\nrole = "r"\nuntil = 2025-12-31\n',
)

REFUSALS: list[tuple[type[Exception], Any, str, str]] = [
    (errors.AuthorizationExpired, lambda: doors.check_dates(policy(), date(2026, 12, 22)), "2026-12-21", "obtain"),
    (errors.AuthorizationExpired, lambda: doors.check_dates(policy(), date(2023, 12, 20)), "2023-12-21", "wait"),
    (
        errors.AuthorizationExpired,
        lambda: doors.check_dates(policy(("not_after = 2026-12-21", 'not_after = "unknown"')), IN_FORCE),
        "not established",
        "write not_before and not_after",
    ),
    (
        errors.AuthorizationExpired,
        lambda: doors.check_dates(policy(("not_before = 2023-12-21", 'not_before = "unknown"')), IN_FORCE),
        "2023-146",
        "write",
    ),
    (errors.PurposeRefused, lambda: doors.check_purpose(policy(), None), "no purpose", "say purpose="),
    (errors.PurposeRefused, lambda: doors.check_purpose(policy(), "  "), "no purpose", "prevention"),
    (errors.PurposeRefused, lambda: doors.check_purpose(policy(), "curiosity"), "'curiosity'", "allowed are"),
    (
        errors.PurposeRefused,
        lambda: doors.check_purpose(policy(), "promotion of health products"),
        "forbidden",
        "'emc2'",
    ),
    (errors.AccessRefused, lambda: doors.check_rows(policy()), "not established", "use a release"),
    (
        errors.AccessRefused,
        lambda: doors.check_rows(policy(('row_level = "unknown"', "row_level = false"))),
        "refused",
        "use a release",
    ),
    (errors.AccessRefused, lambda: doors.check_person(policy(NAMED), None, IN_FORCE), "names the persons", "person="),
    (errors.AccessRefused, lambda: doors.check_person(policy(NAMED), "B", IN_FORCE), "'B' is not named", "added"),
    (
        errors.AccessRefused,
        lambda: doors.check_person(policy(NAMED), "A. Martin", date(2026, 1, 1)),
        "2025-12-31",
        "reviewed",
    ),
    (errors.MinimizationRefused, lambda: doors.check_population(policy(), 10), "population.max_persons", "write it"),
    (errors.MinimizationRefused, lambda: doors.check_population(policy(CAPPED[0]), 10), "max_share", "write it"),
    (errors.MinimizationRefused, lambda: doors.check_population(policy(*CAPPED), 1001), "1,001", "take fewer"),
    (errors.MinimizationRefused, lambda: doors.check_population(policy(*CAPPED), 501), "10.00%", "take fewer"),
    (errors.CrossingRefused, lambda: doors.check_crossing(policy(), {"death_date"}), "death_date", "leave it out"),
    (errors.CrossingRefused, lambda: doors.check_crossing(policy(), {"death_commune"}), "not established", "coarser"),
    (
        errors.CrossingRefused,
        lambda: doors.check_crossing(policy(("care_dates = true", "care_dates = false")), {"care_dates"}),
        "care_dates is refused",
        "leave it out",
    ),
    (errors.CrossingRefused, lambda: doors.check_crossing(policy(), {"birth_month"}), "max_crossed", "write it"),
    (
        errors.CrossingRefused,
        lambda: doors.check_crossing(policy(CROSSED), {"birth_month", "residence_commune", "care_dates"}),
        "crosses 3",
        "leave some out",
    ),
    (
        errors.ClockRefused,
        lambda: doors.check_clock(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)),
        "2026-01-02",
        "set the clock right",
    ),
]


@pytest.mark.parametrize(
    ("kind", "work", "value", "remedy"), REFUSALS, ids=[f"{k.__name__}-{v}" for k, _, v, _ in REFUSALS]
)
def test_a_refusal_names_value_and_remedy(kind: type[Exception], work: Any, value: str, remedy: str) -> None:
    with pytest.raises(kind) as caught:
        work()
    assert type(caught.value) is kind
    assert isinstance(caught.value, errors.AuthorizationError)
    assert isinstance(caught.value, PermissionError)
    assert value in str(caught.value)
    assert remedy in str(caught.value)


def test_what_is_allowed_passes() -> None:
    doors.check_purpose(policy(), "prevention")
    doors.check_purpose(kh.Policy.load("open-data"), "anything")
    doors.check_dates(kh.Policy.load("open-data"), date(1990, 1, 1))
    doors.check_rows(policy(('row_level = "unknown"', "row_level = true")))
    doors.check_person(policy(NAMED), "A. Martin", date(2025, 12, 31))
    doors.check_person(policy(), None, IN_FORCE)
    doors.check_population(policy(*CAPPED), 500)
    doors.check_crossing(policy(CROSSED), {"birth_month", "care_dates"})
    doors.check_crossing(policy(), set())
    doors.check_clock(datetime(2026, 1, 1, tzinfo=UTC), None)


SHEET = """
[[hosts]]
name = "sovereign"
addresses = ["s3://sovereign", "/data/sovereign"]
declared = 2025-01-10
declared_by = "information security officer"
provider = "A host of France"
home_jurisdiction = "FR"
regions = ["FR"]
access_outside_eea = "none"
transfers = []
third_country_laws = []
key_custody = "controller"
[hosts.hds]
version = "v2"
activities = [1, 2, 3, 4, 5, 6]
certificate = "HDS-1"
expires = 2027-06-30
[hosts.secnumcloud]
version = "3.2"
expires = 2027-06-30
"""
STRICT = kh.Policy.load("snds-research").document.hosting
TODAY = date(2026, 11, 24)

HOSTS = [
    ('home_jurisdiction = "FR"', 'home_jurisdiction = "US"', "home_jurisdiction is US"),
    ('home_jurisdiction = "FR"', 'home_jurisdiction = "unknown"', "home_jurisdiction is not established"),
    ('regions = ["FR"]', 'regions = ["FR", "US"]', "regions is US"),
    ('regions = ["FR"]', "regions = []", "regions is empty"),
    ('regions = ["FR"]', 'regions = "unknown"', "regions is not established"),
    ("activities = [1, 2, 3, 4, 5, 6]", "activities = [1, 2, 6]", "lacks activities 3, 4, 5"),
    ('version = "v2"', 'version = "v1"', "HDS version is 'v1'"),
    ('certificate = "HDS-1"\nexpires = 2027-06-30', 'certificate = "HDS-1"\nexpires = 2026-11-23', "2026-11-23"),
    ('certificate = "HDS-1"\nexpires = 2027-06-30', 'certificate = "HDS-1"\nexpires = "unknown"', "until, unknown"),
    ('version = "3.2"\nexpires = 2027-06-30', 'version = "3.2"\nexpires = 2026-01-01', "SecNumCloud qualification"),
    (SHEET[SHEET.index("[hosts.secnumcloud]") :], "", "secnumcloud is demanded"),
    ('access_outside_eea = "none"', 'access_outside_eea = "technical data only"', "at most 'none' is allowed"),
    ('access_outside_eea = "none"', 'access_outside_eea = "unknown"', "access_outside_eea is not established"),
    ("declared = 2025-01-10", "declared = 2027-01-10", "dated after today"),
]


def test_a_host_that_meets_the_demands_passes() -> None:
    hosts = Hosts.parse(SHEET)
    check_host(STRICT, hosts.sheet("s3://sovereign/wh"), TODAY)
    check_host(STRICT, Hosts.parse(SHEET.replace('regions = ["FR"]', 'regions = ["EEA"]')).hosts[0], TODAY)
    check_host(kh.Policy.load("open-data").document.hosting, hosts.hosts[0], TODAY)


@pytest.mark.parametrize(("before", "after", "reason"), HOSTS, ids=[reason for _, _, reason in HOSTS])
def test_a_host_is_refused_by_its_sheet(before: str, after: str, reason: str) -> None:
    assert before in SHEET
    sheet = Hosts.parse(SHEET.replace(before, after, 1)).hosts[0]
    with pytest.raises(errors.HostingRefused, match="nothing was read") as caught:
        check_host(STRICT, sheet, TODAY)
    assert reason in str(caught.value)
    assert "'sovereign'" in str(caught.value)


@pytest.mark.parametrize("address", ["az://emc2/wh", "s3://sovereign-2/wh", "s3://other", "/data/sovereigns", "s3:/"])
def test_an_address_without_a_sheet_is_refused(address: str) -> None:
    with pytest.raises(errors.HostingRefused, match=r"no sheet of a host covers .*declare it under \[\[hosts\]\]"):
        Hosts.parse(SHEET).sheet(address)


def test_the_sheet_with_the_longest_address_counts() -> None:
    nearer = SHEET.replace('"s3://sovereign"', '"s3://sovereign/wh/"').replace('name = "sovereign"', 'name = "nearer"')
    hosts = Hosts.parse(SHEET + nearer.replace(', "/data/sovereign"', ""))
    assert hosts.sheet("s3://sovereign/wh/1").name == "nearer"
    assert hosts.sheet("s3://sovereign/other").name == "sovereign"


def test_faults_of_a_sheet_are_named_at_once() -> None:
    text = SHEET.replace("declared = 2025-01-10", "").replace("activities = [1,", "activities = [9,")
    with pytest.raises(errors.PolicyError) as caught:
        Hosts.parse(text + SHEET, "hosts.toml")
    faults = "; ".join(caught.value.faults)
    assert "hosts.1.declared is missing" in faults
    assert "hosts.1.hds.activities.1 must be" in faults
    with pytest.raises(errors.PolicyError, match="same name"):
        Hosts.parse(SHEET + SHEET)
