"""The sheet for an information-security officer: what is declared about the host, what was checked, what is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Literal

from kohort.display import card, note
from kohort.display.html import table
from kohort.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kohort.hosting.admission import Admission
    from kohort.hosting.hosts import HostSheet
    from kohort.warehouse import Warehouse

# Code de la santé publique, R.1111-9; wording of the certification bodies.
HDS_ACTIVITIES = (
    "physical sites",
    "hardware infrastructure",
    "virtual infrastructure",
    "platform that hosts applications",
    "administration and operation of the information system",
    "backup",
)
Grade = Literal["declared", "checked", "unknown"]
FOOTNOTE = (
    "Declared: said by the controller, with a date. Checked: kohort itself looked. Unknown: nobody said. kohort cannot "
    "see where a disk stands."
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the sheet: what it is about, what is said, and how well that is known."""

    name: str
    value: str
    grade: Grade


@dataclass(frozen=True, slots=True, repr=False)
class HostingSheet:
    """The facts of hosting that an information-security officer files; made by :func:`hosting_sheet`.

    Attributes
    ----------
    title
        What it is about.
    facts
        The lines, in order.
    """

    title: str
    facts: tuple[Fact, ...]

    def __str__(self) -> str:
        width = max(len(fact.name) for fact in self.facts)
        lines = [f"  {fact.name:<{width}}  {fact.grade:<8}  {fact.value}" for fact in self.facts]
        return "\n".join([self.title, *lines, FOOTNOTE])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = [(fact.name, fact.value, fact.grade) for fact in self.facts]
        return card(self.title, table(["", "", "how known"], rows), note(FOOTNOTE))

    def to_html(self) -> str:
        """Return the sheet as a page that stands alone."""
        return (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(self.title)}</title></head>'
            f'<body style="margin:2rem;color-scheme:light dark">{self._repr_html_()}</body></html>\n'
        )


def hosting_sheet(warehouse: Warehouse) -> HostingSheet:
    """State what is known of the host of a warehouse that was opened under a policy.

    Parameters
    ----------
    warehouse
        Opened with ``policy=``; what is declared comes from the sheet of its host, where the policy demands one.

    Returns
    -------
    HostingSheet
        HDS activities covered or not, SecNumCloud, regions, transfers, laws of third countries, custody of keys,
        retention.

    Raises
    ------
    ArgumentError
        If the warehouse was opened without a policy.

    Notes
    -----
    The lines follow the French référentiel for hosts of health data, version 2 (arrêté of 26 April 2024), requirements
    17 (scope and dates of the certificate), 28 and 29 (storage and access outside the EEA), 30 (laws of third
    countries) and 31 (map of transfers), and SecNumCloud 3.2, chapter 19.6.

    Examples
    --------
    >>> import kohort as kh
    >>> wh = kh.open(kh.demo().path, policy="open-data", purpose="teaching")
    >>> print(str(kh.hosting_sheet(wh)).splitlines()[1].split())
    ['Policy', 'declared', 'Open', 'or', 'synthetic', 'data', '(open-data)']
    """
    admission = warehouse._admission  # noqa: SLF001
    if admission is None:
        raise ArgumentError("the warehouse was opened without a policy, so nothing is declared: open it with policy=")
    lines = (*_of_policy(admission), *_of_host(admission.sheet), *_of_store(warehouse))
    return HostingSheet(f"Hosting of {warehouse.path.name}", lines)


def _of_policy(admission: Admission) -> Iterator[Fact]:
    document = admission.policy.document
    yield Fact("Policy", f"{document.policy.title} ({document.policy.id})", "declared")
    yield Fact("Authorization", str(admission.authorization), "checked")
    yield _fact("Retention of data", document.retention.data_months, "{} months".format)
    yield _fact("Retention of logs", document.retention.log_months, "{} months".format)


def _of_host(sheet: HostSheet | None) -> Iterator[Fact]:
    if sheet is None:
        yield Fact("Host", "no sheet: the policy demands nothing of the host", "unknown")
        return
    yield Fact("Host", f"{sheet.name}, {sheet.provider}", "declared")
    yield Fact("Sheet", f"of {sheet.declared}, by {sheet.declared_by}", "declared")
    yield _fact("Home of the group", sheet.home_jurisdiction)
    yield _fact("Regions", sheet.regions, _listed)
    covered = sheet.hds.activities if sheet.hds else ()
    for number, words in enumerate(HDS_ACTIVITIES, start=1):
        said = "covered" if number in covered else "not covered"
        yield Fact(f"HDS {number}: {words}", said, "declared")
    if sheet.hds is not None:
        yield _fact("HDS version", sheet.hds.version)
        yield _fact("HDS certificate", sheet.hds.certificate)
        yield _fact("HDS certificate ends", sheet.hds.expires)
    qualified = sheet.secnumcloud
    yield Fact(
        "SecNumCloud", f"{qualified.version}, until {qualified.expires}" if qualified else "not qualified", "declared"
    )
    yield _fact("Access from outside the EEA", sheet.access_outside_eea)
    yield _fact("Transfers", sheet.transfers, _listed)
    yield _fact("Laws of third countries", sheet.third_country_laws, _listed)
    yield _fact("Residual risk", sheet.residual_risk)
    yield _fact("Custody of keys", sheet.key_custody)


def _of_store(warehouse: Warehouse) -> Iterator[Fact]:
    yield Fact("Snapshot", str(warehouse.snapshot), "checked")


def _fact(name: str, value: Any, words: Any = str) -> Fact:
    return Fact(name, "not said", "unknown") if value == "unknown" else Fact(name, words(value), "declared")


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(values) or "none"
