"""A policy in plain sentences, as text and as a sheet for a notebook or a file."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from kohort.display import card, note
from kohort.display.html import Markup, table
from kohort.hosting.policy.schema import POTENTIAL_IDENTIFIERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kohort.hosting.policy.policy import Policy

_NOT_KNOWN = "not established, so what needs it is refused"
_NAMES = {
    "birth_month": "month and year of birth",
    "residence_commune": "commune of residence",
    "care_dates": "exact dates of care",
    "death_date": "exact date of death",
    "death_commune": "commune of death",
}
DECLARED = "These are the controller's declarations: kohort enforces them, and cannot know whether they are true."


def explanation(policy: Policy) -> str:
    """Return the policy in sentences, a section a line."""
    lines = [f"{head}: {' '.join(sentences)}" for head, sentences in _sections(policy)]
    return "\n".join([f"{policy.document.policy.title} ({policy.id})", *lines, DECLARED])


def sheet(policy: Policy) -> Markup:
    """Return the policy as a card: a row per section, and what is not established."""
    rows = [(head, " ".join(sentences)) for head, sentences in _sections(policy)]
    return card(policy.document.policy.title, table(["", "what the policy says"], rows), note(DECLARED))


def page(policy: Policy) -> str:
    """Return the sheet as a page that stands alone."""
    title = escape(policy.document.policy.title)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'</head><body style="margin:2rem;color-scheme:light dark">{sheet(policy)}</body></html>\n'
    )


def _sections(policy: Policy) -> Iterator[tuple[str, list[str]]]:
    document = policy.document
    yield "Authorization", list(_authorization(policy))
    basis = _known(document.controller.legal_basis)
    yield "Controller", [f"{_known(document.controller.name)}; legal basis: {basis}."]
    yield "Purposes", list(_purposes(policy))
    yield "Population", list(_population(policy))
    variables = document.variables
    yield (
        "Variables",
        [
            f"Birth to the {_known(variables.birth)}, residence to the {_known(variables.residence)};",
            f"a full birth date is {'refused' if variables.full_birth_date == 'refuse' else 'cut to the month'};",
            "names, national numbers and other direct identifiers are refused.",
        ],
    )
    yield "Potential identifiers", list(_identifiers(policy))
    yield "Hosting", list(_hosting(policy))
    row_level = {True: "allowed", False: "refused", "unknown": _NOT_KNOWN}[document.access.row_level]
    yield "Access", [f"Row-level access is {row_level}.", *_persons(policy)]
    retention = document.retention
    yield "Retention", [f"Data: {_months(retention.data_months)}; logs: {_months(retention.log_months)}."]
    yield "Outputs", [f"{policy.rules}."]
    unknown = policy.unknown()
    if unknown:
        yield "Not established", [f"{', '.join(unknown)}: refused wherever it is needed."]


def _authorization(policy: Policy) -> Iterator[str]:
    authorization = policy.document.authorization
    if not authorization.required:
        yield "None is required."
        return
    yield f"{authorization.authority}, {authorization.reference}"
    yield f"(decided {authorization.decided})," if authorization.decided else ","
    yield f"in force from {authorization.not_before} to {authorization.not_after}, both days included (UTC)."
    yield "Outside these days nothing is opened, run or released; auditing, migrating and destroying still work."


def _purposes(policy: Policy) -> Iterator[str]:
    purposes = policy.document.purposes
    yield f"Allowed: {'; '.join(purposes.allowed)}."
    if purposes.forbidden:
        yield f"Forbidden: {'; '.join(purposes.forbidden)}."


def _population(policy: Policy) -> Iterator[str]:
    population = policy.document.population
    yield f"{_known(population.rule)};"
    most = population.max_persons
    yield f"largest number of persons: {'no limit' if most == 'unlimited' else _number(most)};"
    share = population.max_share
    if isinstance(share, float):
        yield f"largest share: {share:.2%} of {_number(population.reference_persons)} persons."
    else:
        yield f"largest share of a population: {'no limit' if share == 'unlimited' else _NOT_KNOWN}."


def _identifiers(policy: Policy) -> Iterator[str]:
    identifiers = policy.document.identifiers
    for words, value in (("Allowed", True), ("Refused", False), ("Not established", "unknown")):
        names = [_NAMES[name] for name in POTENTIAL_IDENTIFIERS if getattr(identifiers, name) == value]
        if names:
            yield f"{words}: {', '.join(names)}."
    most = identifiers.max_crossed
    yield f"Crossed in one question: {_NOT_KNOWN if most == 'unknown' else f'at most {most}'}."


def _hosting(policy: Policy) -> Iterator[str]:
    hosting = policy.document.hosting
    if not hosting.required:
        yield "No demands."
        return
    yield f"Regions: {_listed(hosting.regions)}; home of the host's group: {_listed(hosting.home_jurisdictions)};"
    if hosting.hds_activities:
        version = f" {hosting.hds_version}" if hosting.hds_version else ""
        yield f"HDS{version} certificate for activities {', '.join(map(str, hosting.hds_activities))};"
    yield f"SecNumCloud {'demanded' if hosting.secnumcloud else 'not demanded'};"
    yield f"access from outside the EEA: {_known(hosting.access_outside_eea)}."


def _persons(policy: Policy) -> Iterator[str]:
    if policy.document.access.named_persons:
        named = "; ".join(f"{person.name} ({person.role}, until {person.until})" for person in policy.document.persons)
        yield f"Only these persons: {named}."


def _known(value: object) -> str:
    return _NOT_KNOWN if value == "unknown" else str(value)


def _number(value: int | str | None) -> str:
    return f"{value:,}" if isinstance(value, int) else _NOT_KNOWN


def _months(value: int | str) -> str:
    return f"{value} months" if isinstance(value, int) else _NOT_KNOWN


def _listed(value: str | Sequence[str]) -> str:
    return _known(value) if isinstance(value, str) else ", ".join(value)
