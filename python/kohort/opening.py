"""Opening a warehouse: the policy is asked before anything is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort.errors import ArgumentError
from kohort.hosting.admission import Admission
from kohort.hosting.doors import utc_now
from kohort.opened import MEMORY
from kohort.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from kohort.hosting.hosts import Hosts
    from kohort.hosting.policy import Policy
    from kohort.release import OutputRules


def open_warehouse(
    path: str | Path,
    *,
    memory: int = MEMORY,
    rules: OutputRules | None = None,
    policy: Policy | str | Path | None = None,
    purpose: str | None = None,
    person: str | None = None,
    hosts: Hosts | str | Path | None = None,
    clock: Callable[[], datetime] = utc_now,
    history: bool = True,
) -> Warehouse:
    """Open a warehouse; as ``kohort.open``.

    Parameters
    ----------
    path
        The folder of the warehouse.
    memory
        Bytes of decoded columns to keep between questions.
    rules
        The output rules; by default those of the policy, or else counts of 1 to 10 persons are hidden, and what would
        tell them.
    policy
        The policy to open under: a `kohort.Policy`, its file, or the name of a preset. It is asked before anything is
        read, and again at every question.
    purpose
        What the session is for, in the policy's words.
    person
        Who opens it, where the policy names persons.
    hosts
        The sheets of hosts, or their file (``hosts.toml``), where the policy demands something of the host.
    clock
        Gives the time in UTC; for tests.
    history
        Whether what was released before is remembered in the warehouse's ledger, with the persons behind it encrypted
        (the key is made beside the warehouse: ``<name>.ledger.key``), and protects what is released now. A policy
        demands it.

    Returns
    -------
    Warehouse
        Open; data are read when a question needs them.

    Raises
    ------
    FileNotFoundError
        When there is no warehouse in the folder.
    AuthorizationError
        When the policy does not let the session in: `AuthorizationExpired`, `PurposeRefused`, `AccessRefused` or
        `HostingRefused`.
    ArgumentError
        When both a policy and output rules are given, a purpose, person or hosts without a policy, or a policy
        without history.
    IntegrityError
        When its manifest is not what was written. Data are checked block by block (SHA-256) when a question first reads
        them, and the question ends with this error; :meth:`Warehouse.verify` checks everything.

    Examples
    --------
    >>> import kohort as kh
    >>> wh = kh.open(kh.demo().path)
    """
    if policy is None:
        given = {"purpose": purpose, "person": person, "hosts": hosts}
        for name, value in given.items():
            if value is not None:
                raise ArgumentError(f"{name}= needs a policy: say policy= as well, or leave {name}= out")
        return Warehouse(path, memory=memory, rules=rules, history=history)
    if rules is not None:
        raise ArgumentError("a policy brings its own output rules: leave rules= out, or change [outputs] in the policy")
    if not history:
        raise ArgumentError("a policy demands the history of releases: leave history= out")
    admission = Admission.open(policy, str(path), purpose=purpose, person=person, hosts=hosts, clock=clock)
    return Warehouse(path, memory=memory, admission=admission)
