"""The questions that each door asks a policy before a byte moves: open, ingest, run, release, rows.

Each function returns nothing where the answer is yes, and raises one exception where it is no. Time is an argument.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kohort.errors import (
    AccessRefused,
    AuthorizationExpired,
    ClockRefused,
    CrossingRefused,
    MinimizationRefused,
    PurposeRefused,
)
from kohort.hosting.policy.schema import POTENTIAL_IDENTIFIERS

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from kohort.hosting.policy.policy import Policy

STILL_WORKS = "auditing, migrating and destroying still work"


def utc_now() -> datetime:
    """Return the time of the system's clock, in UTC."""
    return datetime.now(tz=UTC)


def check_clock(now: datetime, last: datetime | None) -> None:
    """Refuse a clock that is behind the last entry of the ledger.

    Raises
    ------
    ClockRefused
        If time went back.
    """
    if last is not None and now < last:
        raise ClockRefused(
            f"the clock says {now:%Y-%m-%d %H:%M:%S} UTC, the ledger's last entry is of {last:%Y-%m-%d %H:%M:%S}: "
            "set the clock right; nothing was read"
        )


def check_dates(policy: Policy, today: date) -> None:
    """Refuse a day outside the authorization, both ends included.

    Raises
    ------
    AuthorizationExpired
        If the day is outside, or the dates are not established.
    """
    authorization = policy.document.authorization
    if not authorization.required:
        return
    name = f'authorization "{authorization.authority} {authorization.reference}"'
    first, last = authorization.not_before, authorization.not_after
    if first is None or last is None or isinstance(first, str) or isinstance(last, str):
        raise AuthorizationExpired(
            f"the dates of {name} are not established: write not_before and not_after in policy {policy.id!r}; nothing "
            f"was read ({STILL_WORKS})"
        )
    if today < first:
        raise AuthorizationExpired(f"{name} begins on {first}, today is {today}: wait until then; nothing was read")
    if today > last:
        raise AuthorizationExpired(
            f"{name} ended on {last}, today is {today}: obtain a new one; nothing was read ({STILL_WORKS})"
        )


def check_purpose(policy: Policy, purpose: str | None) -> None:
    """Refuse a session without a purpose that the policy allows.

    Raises
    ------
    PurposeRefused
        If none is declared, or it is forbidden or not among the allowed ones.
    """
    purposes = policy.document.purposes
    allowed = "; ".join(purposes.allowed)
    if purpose is None or not purpose.strip():
        raise PurposeRefused(f"no purpose is declared: say purpose= one of: {allowed}; nothing was read")
    if purpose in purposes.forbidden:
        raise PurposeRefused(f"the purpose {purpose!r} is forbidden by policy {policy.id!r}; nothing was read")
    if purpose not in purposes.allowed and purposes.allowed != ("any",):
        raise PurposeRefused(f"the purpose {purpose!r} is not declared in policy {policy.id!r}: allowed are {allowed}")


def check_person(policy: Policy, name: str | None, today: date) -> None:
    """Refuse a person who is not named, where the policy names persons, or whose clearance is over.

    Raises
    ------
    AccessRefused
        If the person is not named, or their day of review has passed.
    """
    if not policy.document.access.named_persons:
        return
    if name is None:
        raise AccessRefused(
            f"policy {policy.id!r} names the persons who may use the data: say person=; nothing was read"
        )
    found = next((person for person in policy.document.persons if person.name == name), None)
    if found is None:
        raise AccessRefused(f"{name!r} is not named in policy {policy.id!r}: have them added; nothing was read")
    if today > found.until:
        raise AccessRefused(
            f"the clearance of {name!r} ended on {found.until}, today is {today}: have it reviewed; nothing was read"
        )


def check_rows(policy: Policy) -> None:
    """Refuse access to rows of persons, where the policy does not allow it.

    Raises
    ------
    AccessRefused
        If row-level access is refused or not established.
    """
    allowed = policy.document.access.row_level
    if allowed is not True:
        why = "not established" if allowed == "unknown" else "refused"
        raise AccessRefused(f"row-level access is {why} in policy {policy.id!r}: use a release instead")


def check_population(policy: Policy, persons: int) -> None:
    """Refuse more persons than the policy lets be held; asked at ingest and at append.

    Parameters
    ----------
    policy
        The policy in force.
    persons
        The persons that the warehouse would hold.

    Raises
    ------
    MinimizationRefused
        If they are more than the cap or the share allows, or those are not established.
    """
    population = policy.document.population
    for field in ("max_persons", "max_share", "reference_persons"):
        if getattr(population, field) == "unknown":
            raise MinimizationRefused(
                f"population.{field} is not established in policy {policy.id!r}: write it there; nothing was stored"
            )
    most, share, whole = population.max_persons, population.max_share, population.reference_persons
    if isinstance(most, int) and persons > most:
        raise MinimizationRefused(
            f"{persons:,} persons are more than the {most:,} that policy {policy.id!r} allows: take fewer; nothing was "
            "stored"
        )
    if isinstance(share, float) and isinstance(whole, int) and persons > share * whole:
        raise MinimizationRefused(
            f"{persons:,} persons are more than {share:.2%} of {whole:,}, which policy {policy.id!r} allows: "
            "take fewer; nothing was stored"
        )


def check_crossing(policy: Policy, used: Collection[str]) -> None:
    """Refuse potential identifiers that may not be used, or too many of them in one question.

    Parameters
    ----------
    policy
        The policy in force.
    used
        The potential identifiers that a question uses, of "birth_month", "residence_commune", "care_dates",
        "death_date" and "death_commune".

    Raises
    ------
    CrossingRefused
        If one of them is refused or not established, or they are too many.
    """
    identifiers = policy.document.identifiers
    crossed = [name for name in POTENTIAL_IDENTIFIERS if name in used]
    for name in crossed:
        allowed = getattr(identifiers, name)
        if allowed is not True:
            why = "not established" if allowed == "unknown" else "refused"
            raise CrossingRefused(
                f"identifiers.{name} is {why} in policy {policy.id!r}: leave it out, or make it coarser; "
                "nothing was read"
            )
    most = identifiers.max_crossed
    if crossed and most == "unknown":
        raise CrossingRefused(
            f"identifiers.max_crossed is not established in policy {policy.id!r}: write it there; nothing was read"
        )
    if isinstance(most, int) and len(crossed) > most:
        raise CrossingRefused(
            f"the question crosses {len(crossed)} potential identifiers ({', '.join(crossed)}), policy {policy.id!r} "
            f"allows {most}: leave some out, or make them coarser; nothing was read"
        )
