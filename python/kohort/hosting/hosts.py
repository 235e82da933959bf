"""Sheets of hosts: what the controller declares about where data sit, and whether that meets a policy's demands.

kohort cannot see where a disk stands. A sheet is a dated declaration; an address without a sheet is refused.
"""

from __future__ import annotations

from datetime import date  # noqa: TC003 - pydantic reads the annotations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from kohort.errors import HostingRefused, PolicyError
from kohort.hosting.policy.faults import faults_of
from kohort.hosting.policy.schema import Known, Section, Text
from kohort.hosting.toml import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kohort.hosting.policy.schema import Hosting

# The European Union with Iceland, Liechtenstein and Norway: Agreement on the European Economic Area, ISO 3166-1 codes.
_EEA = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
EEA = frozenset(_EEA.split())
Texts = Annotated[tuple[Text, ...], Field(strict=False)]


class HealthDataHosting(Section):
    """The certificate of a host of health data (HDS, Code de la santé publique, R.1111-9)."""

    version: Known[Text]
    activities: Annotated[tuple[Annotated[int, Field(ge=1, le=6)], ...], Field(strict=False)]
    certificate: Known[Text]
    expires: Known[date]


class Qualification(Section):
    """A SecNumCloud qualification of ANSSI."""

    version: Text
    expires: Known[date]


class HostSheet(Section):
    """What is declared about a host, on a day."""

    name: Text
    # Addresses that begin so are on this host: "az://account/", "s3://bucket/", or the path of a folder.
    addresses: Annotated[tuple[Text, ...], Field(min_length=1, strict=False)]
    declared: date
    declared_by: Text
    provider: Text
    home_jurisdiction: Known[Text]
    regions: Known[Texts]
    hds: HealthDataHosting | None = None
    secnumcloud: Qualification | None = None
    access_outside_eea: Known[Literal["none", "technical data only", "allowed"]] = "unknown"
    transfers: Known[Texts] = "unknown"
    third_country_laws: Known[Texts] = "unknown"
    residual_risk: Known[Text] = "unknown"
    key_custody: Known[Text] = "unknown"


class Hosts(Section):
    """The sheets of a file `hosts.toml`, one under each `[[hosts]]`."""

    hosts: Annotated[tuple[HostSheet, ...], Field(strict=False)]

    @model_validator(mode="after")
    def _apart(self) -> Hosts:
        names = [sheet.name for sheet in self.hosts]
        if len(set(names)) < len(names):
            raise ValueError("two sheets have the same name: write one sheet per host")
        return self

    @classmethod
    def load(cls, source: str | Path) -> Hosts:
        """Read a file of sheets.

        Raises
        ------
        PolicyError
            If it is not TOML or does not say what a sheet must; every fault is named.
        """
        path = Path(source)
        return cls.parse(path.read_text(encoding="utf-8"), path.name)

    @classmethod
    def parse(cls, text: str, name: str = "hosts.toml") -> Hosts:
        """Read sheets from the text of a TOML file; `name` stands in messages."""
        data = parse(text, name)
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise PolicyError(name, faults_of(error, data)) from None

    def sheet(self, address: str) -> HostSheet:
        """Return the sheet of the host that an address is on: the one with the longest beginning of it.

        Raises
        ------
        HostingRefused
            If no sheet covers the address.
        """
        covering = [(len(start), sheet) for sheet in self.hosts for start in sheet.addresses if _under(address, start)]
        if not covering:
            raise HostingRefused(
                f"no sheet of a host covers {address!r}: declare it under [[hosts]] in hosts.toml; nothing was read"
            )
        return max(covering, key=lambda found: found[0])[1]


def check_host(demands: Hosting, sheet: HostSheet, today: date) -> None:
    """Refuse a host whose sheet does not meet the demands on a day; every reason is named.

    Raises
    ------
    HostingRefused
        If a demand is not met, or what it needs is not established.
    """
    reasons = list(_reasons(demands, sheet, today))
    if reasons:
        raise HostingRefused(
            f"the host {sheet.name!r} (sheet of {sheet.declared}) does not meet the policy's demands: "
            f"{'; '.join(reasons)}; use a host that does, or correct its sheet; nothing was read"
        )


def _reasons(demands: Hosting, sheet: HostSheet, today: date) -> Iterator[str]:
    if not demands.required:
        return
    if sheet.declared > today:
        yield f"its sheet is dated after today, {today}"
    yield from _places("regions", demands.regions, sheet.regions)
    home = sheet.home_jurisdiction
    yield from _places("home_jurisdiction", demands.home_jurisdictions, home if home == "unknown" else (home,))
    if demands.hds_activities:
        yield from _hds(demands, sheet, today)
    if demands.secnumcloud:
        if sheet.secnumcloud is None:
            yield "secnumcloud is demanded and it has none"
        elif _over(sheet.secnumcloud.expires, today):
            yield f"its SecNumCloud qualification ended on, or is known until, {sheet.secnumcloud.expires}"
    allowed = ("none", "technical data only", "allowed")
    if "unknown" in {demands.access_outside_eea, sheet.access_outside_eea}:
        yield "access_outside_eea is not established"
    elif allowed.index(sheet.access_outside_eea) > allowed.index(demands.access_outside_eea):
        yield f"access_outside_eea is {sheet.access_outside_eea!r}, at most {demands.access_outside_eea!r} is allowed"


def _places(field: str, wanted: str | tuple[str, ...], found: str | tuple[str, ...]) -> Iterator[str]:
    if wanted == "any":
        return
    if isinstance(wanted, str) or isinstance(found, str):
        yield f"{field} is not established"
        return
    places = {place for name in wanted for place in (EEA if name == "EEA" else (name,))}
    outside = [name for name in found if name not in places and not (name == "EEA" and places >= EEA)]
    if outside or not found:
        yield f"{field} is {', '.join(outside) or 'empty'}, allowed is {', '.join(wanted)}"


def _hds(demands: Hosting, sheet: HostSheet, today: date) -> Iterator[str]:
    if sheet.hds is None:
        yield "an HDS certificate is demanded and it has none"
        return
    missing = sorted(set(demands.hds_activities) - set(sheet.hds.activities))
    if missing:
        yield f"its HDS certificate lacks activities {', '.join(map(str, missing))}"
    if demands.hds_version is not None and sheet.hds.version != demands.hds_version:
        yield f"its HDS version is {sheet.hds.version!r}, {demands.hds_version!r} is demanded"
    if _over(sheet.hds.expires, today):
        yield f"its HDS certificate ended on, or is known until, {sheet.hds.expires}"


def _over(expires: date | str, today: date) -> bool:
    return isinstance(expires, str) or expires < today


def _under(address: str, start: str) -> bool:
    return address == start or address.startswith(start if start.endswith("/") else f"{start}/")
