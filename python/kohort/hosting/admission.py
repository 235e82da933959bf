"""What an open warehouse was admitted under: policy, purpose, person and host, asked again at every question."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from kohort.display import card, facts, note
from kohort.display.html import badge
from kohort.errors import ArgumentError
from kohort.hosting import doors
from kohort.hosting.hosts import Hosts, HostSheet, check_host
from kohort.hosting.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# From this many days on, the end of an authorization is counted down.
COUNTDOWN = 90


@dataclass(frozen=True, slots=True, repr=False)
class Authorization:
    """The authorization that a warehouse is open under, and the days that are left of it.

    Attributes
    ----------
    policy
        The policy in force.
    purpose
        The purpose that the session declared.
    today
        The day (UTC) that it was asked on.
    """

    policy: Policy
    purpose: str
    today: date

    @property
    def days_left(self) -> int | None:
        """Days until the last day, 0 on that day; None where no authorization is required."""
        last = self.policy.document.authorization.not_after
        return (last - self.today).days if isinstance(last, date) else None

    def __str__(self) -> str:
        authorization = self.policy.document.authorization
        if not authorization.required:
            return "no authorization required"
        left = self.days_left
        days = "last day" if left == 0 else "1 day left" if left == 1 else f"{left:,} days left"
        return f"{authorization.authority}, {authorization.reference}, until {authorization.not_after} ({days})"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        left = self.days_left
        rows = {"Policy": self.policy.document.policy.title, "Authorization": str(self), "Purpose": self.purpose}
        count = [badge(f"{left} days left", "bad" if left < COUNTDOWN // 3 else "warn")] if self.counts_down else []  # type: ignore[operator]
        return card("Authorization", *count, facts(rows), note(f"asked on {self.today} (UTC)"))

    @property
    def counts_down(self) -> bool:
        """Whether fewer than 90 days are left."""
        return self.days_left is not None and self.days_left < COUNTDOWN


@dataclass(frozen=True, slots=True)
class Admission:
    """A session that a policy let in.

    Attributes
    ----------
    policy, purpose, person
        What was asked for, by whom.
    sheet
        The sheet of the host, where the policy demands one.
    clock
        Gives the time in UTC.
    """

    policy: Policy
    purpose: str | None
    person: str | None
    sheet: HostSheet | None
    clock: Callable[[], datetime]

    @classmethod
    def open(
        cls,
        policy: Policy | str | Path,
        address: str,
        *,
        purpose: str | None,
        person: str | None,
        hosts: Hosts | str | Path | None,
        clock: Callable[[], datetime],
    ) -> Admission:
        """Ask the policy whether a warehouse may be opened; nothing has been read yet.

        Raises
        ------
        AuthorizationError
            One of its kinds, for the first reason found.
        PolicyError
            If the policy or the sheets of hosts are not valid.
        """
        admitted = cls.to_store(policy, address, person=person, hosts=hosts, clock=clock)
        doors.check_purpose(admitted.policy, purpose)
        return replace(admitted, purpose=purpose)

    @classmethod
    def to_store(
        cls,
        policy: Policy | str | Path,
        address: str,
        *,
        person: str | None,
        hosts: Hosts | str | Path | None,
        clock: Callable[[], datetime],
    ) -> Admission:
        """Ask the policy whether data may be brought to an address: as `open`, but for the purpose.

        Raises
        ------
        AuthorizationError
            One of its kinds, for the first reason found.
        PolicyError
            If the policy or the sheets of hosts are not valid.
        """
        read = policy if isinstance(policy, Policy) else Policy.load(policy)
        sheets = hosts if isinstance(hosts, Hosts | None) else Hosts.load(hosts)
        demanded = read.document.hosting.required
        sheet = (sheets or Hosts(hosts=())).sheet(address) if demanded else None
        admission = cls(read, None, person, sheet, clock)
        admission.check()
        return admission

    def check(self) -> None:
        """Ask again: dates pass, clearances and certificates end while a notebook is open.

        Raises
        ------
        AuthorizationError
            One of its kinds, for the first reason found.
        """
        today = self.today
        doors.check_dates(self.policy, today)
        doors.check_person(self.policy, self.person, today)
        if self.sheet is not None:
            check_host(self.policy.document.hosting, self.sheet, today)

    def ask(self) -> None:
        """Ask at a question: as `check`, and a purpose must be declared.

        Raises
        ------
        AuthorizationError
            One of its kinds, for the first reason found.
        """
        self.check()
        doors.check_purpose(self.policy, self.purpose)

    @property
    def today(self) -> date:
        """The day, in UTC."""
        now = self.clock()
        if now.tzinfo is None:
            raise ArgumentError("the clock gives a time without a zone: let it give UTC, as datetime.now(tz=UTC) does")
        return now.astimezone(UTC).date()

    @property
    def authorization(self) -> Authorization:
        """The authorization, as of today."""
        return Authorization(self.policy, self.purpose or "", self.today)
