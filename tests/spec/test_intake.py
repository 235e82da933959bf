"""What a policy does not let into a warehouse: refused by name, and nothing is left behind."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import kohort as kh
import polars as pl
import pytest
from kohort import errors
from kohort.hosting.policy import preset_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OPEN = preset_text("open-data")
PERSONS = pl.DataFrame(
    {
        "person_id": ["a", "b", "c"],
        "sex": ["F", "M", "F"],
        "birth_month": ["1950-03", "1961-12", "1999-01"],
        "observation_start": ["2015-01-01"] * 3,
        "observation_end": ["2019-12-31"] * 3,
    }
)
DRUG = pl.DataFrame({"person_id": ["a"], "start": ["2016-05-04"], "code": ["3400930000001"]})
RESIDENCE = pl.DataFrame(
    {"person_id": ["a"], "start": [date(2015, 1, 1)], "end": [date(2019, 12, 31)], "code": ["75056"]}
)


def policy(*changes: tuple[str, str]) -> kh.Policy:
    text = OPEN
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    return kh.Policy.parse(text)


def ingest(into: Path, **changes: Any) -> kh.Warehouse:
    return kh.ingest.frames(**{"persons": PERSONS, "drug": DRUG, "into": into, "policy": policy(), **changes})


def with_column(name: str, value: object) -> pl.DataFrame:
    return DRUG.with_columns(pl.lit(value).alias(name))


CAP = ('max_persons = "unlimited"', "max_persons = 2")
SHARE = ('max_persons = "unlimited"', 'max_persons = "unlimited"\nmax_share = 0.5\nreference_persons = 4')

REFUSED: list[tuple[str, Callable[[], dict[str, Any]], type[Exception], str]] = [
    ("too many persons", lambda: {"policy": policy(CAP)}, errors.MinimizationRefused, "3 persons are more than the 2"),
    ("too large a share", lambda: {"policy": policy(SHARE)}, errors.MinimizationRefused, "50.00% of 4"),
    (
        "cap unknown",
        lambda: {"policy": policy(('max_persons = "unlimited"', 'max_persons = "unknown"'))},
        errors.MinimizationRefused,
        "population.max_persons is not established",
    ),
    (
        "months where years are allowed",
        lambda: {"policy": policy(('birth = "day"', 'birth = "year"'))},
        errors.MinimizationRefused,
        "variables.birth is 'year'",
    ),
    (
        "months where nothing is said",
        lambda: {"policy": policy(('birth = "day"', 'birth = "unknown"'))},
        errors.MinimizationRefused,
        "variables.birth is not established",
    ),
    (
        "full dates of birth",
        lambda: {
            "policy": policy(('full_birth_date = "truncate"', 'full_birth_date = "refuse"')),
            "birth_dates": "truncate",
        },
        errors.MinimizationRefused,
        "which the policy refuses",
    ),
    (
        "communes",
        lambda: {"policy": policy(('residence = "commune"', 'residence = "region"')), "residence": RESIDENCE},
        errors.MinimizationRefused,
        "variables.residence is 'region'",
    ),
    (
        "communes as identifiers",
        lambda: {
            "policy": policy(("residence_commune = true", "residence_commune = false")),
            "residence": RESIDENCE,
        },
        errors.MinimizationRefused,
        "identifiers.residence_commune is refused",
    ),
    (
        "days of death",
        lambda: {
            "policy": policy(("death_date = true", 'death_date = "unknown"')),
            "persons": PERSONS.with_columns(death=pl.lit("2018-01-01")),
        },
        errors.MinimizationRefused,
        "identifiers.death_date is not established",
    ),
    ("a name", lambda: {"drug": with_column("patient_name", "x")}, errors.MinimizationRefused, "a name: leave it out"),
    ("mail", lambda: {"drug": with_column("note", "a.b@c.fr")}, errors.MinimizationRefused, "e-mail address"),
    ("phone", lambda: {"drug": with_column("line", "06 12 34 56 78")}, errors.MinimizationRefused, "phone number"),
    (
        "NIR",
        lambda: {"drug": with_column("x", "255081416802538")},
        errors.MinimizationRefused,
        "social security number",
    ),
    (
        "NIR, 13",
        lambda: {"drug": with_column("x", 2550814168025)},
        errors.MinimizationRefused,
        "social security number",
    ),
    (
        "NIR as identifiers kept",
        lambda: {
            "persons": PERSONS.with_columns(person_id=pl.Series(["2550814168025", "1550814168025", "1650814168025"])),
            "drug": DRUG.with_columns(person_id=pl.lit("2550814168025")),
            "identifiers": "keep",
        },
        errors.MinimizationRefused,
        "column 'person_id' of table 'persons'",
    ),
    (
        "after the end",
        lambda: {
            "policy": kh.Policy.load("emc2"),
            "clock": lambda: datetime(2026, 12, 22, tzinfo=UTC),
            "hosts": None,
        },
        errors.HostingRefused,
        "no sheet of a host covers",
    ),
]


@pytest.mark.parametrize(("changes", "kind", "message"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_an_ingest_is_refused_and_leaves_nothing(
    changes: Callable[[], dict[str, Any]], kind: type[Exception], message: str, tmp_path: Path
) -> None:
    into = tmp_path / "wh"
    with pytest.raises(kind) as caught:
        ingest(into, **changes())
    assert message in str(caught.value)
    assert not any(tmp_path.iterdir())
    for value in ("255081416802538", "2550814168025", "06 12 34 56 78", "a.b@c.fr"):
        assert value not in str(caught.value)


def test_what_a_policy_allows_is_taken_and_asked_for_with_a_purpose(tmp_path: Path) -> None:
    wh = ingest(tmp_path / "wh", policy=policy(("death_date = true", "death_date = false")), residence=RESIDENCE)
    with pytest.raises(kh.PurposeRefused, match="no purpose is declared"):
        wh.run(kh.cohort("drugs").entry(kh.drug().first()))
    again = kh.open(wh.path, policy=policy(), purpose="teaching")
    assert again.run(kh.cohort("drugs").entry(kh.drug().first())).attrition().kind == "attrition"
    januaries = PERSONS.with_columns(birth_month=pl.lit("1950-01"))
    ingest(tmp_path / "years", policy=policy(('birth = "day"', 'birth = "year"')), persons=januaries)
    identified = PERSONS.with_columns(person_id=pl.Series(["2550814168025", "1550814168025", "1650814168025"]))
    ingest(tmp_path / "keyed", persons=identified, drug=DRUG.with_columns(person_id=pl.lit("2550814168025")))


def test_codes_of_drugs_are_no_social_security_numbers() -> None:
    hints = kh.identifier_hints(pl.DataFrame({"cip": ["3400930000001", "3400935000002"]}))
    assert "social security number" not in hints["kind"].to_list()
