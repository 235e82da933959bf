"""Plain frames in: persons and their events, from polars, pandas, pyarrow, DuckDB or files."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from kohort.errors import IngestError, KohortWarning
from kohort.hosting.doors import utc_now
from kohort.hosting.intake import Intake
from kohort.ingest import canonical
from kohort.ingest.session import SHARD_PERSONS, Session
from kohort.ingest.source import lazy
from kohort.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from kohort.hosting.hosts import Hosts
    from kohort.hosting.policy import Policy

#: The vocabularies of domains whose name says what they hold in French data.
VOCABULARIES = {"drug": "ATC", "diagnosis": "ICD10", "procedure": "CCAM", "measurement": "LOINC"}


def frames(
    *,
    persons: Any,
    into: str | Path,
    observation: Any = None,
    residence: Any = None,
    concepts: Any = None,
    ancestors: Any = None,
    vocabularies: Mapping[str, str] | None = None,
    domains: Mapping[str, Any] | None = None,
    key: bytes | None = None,
    identifiers: Literal["pseudonymize", "keep"] = "pseudonymize",
    birth_dates: Literal["refuse", "truncate"] = "refuse",
    strict: bool = False,
    replace: bool = False,
    progress: bool = True,
    memory: int = 1 << 30,
    shard_persons: int = SHARD_PERSONS,
    policy: Policy | str | Path | None = None,
    person: str | None = None,
    hosts: Hosts | str | Path | None = None,
    clock: Callable[[], datetime] = utc_now,
    **named: Any,
) -> Warehouse:
    """Make a warehouse from plain frames.

    Each frame is a polars DataFrame or LazyFrame, a pandas DataFrame, anything with ``__arrow_c_stream__``
    (pyarrow, DuckDB relations), or the path of a Parquet or CSV file. Rows may come in any order.

    Parameters
    ----------
    persons
        One row a person: `person_id` (whole numbers or text), `sex` (female, male, unknown, or ISO/IEC 5218 codes),
        `birth_month` (the first of the month, or text such as ``1956-07``), perhaps `death` (a date), and perhaps
        `observation_start` and `observation_end`.
    into
        The folder of the new warehouse.
    observation
        Observation periods: `person_id`, `start`, `end` (closed). Without them, and without the two columns in
        `persons`, each person is observed from the first to the last recorded event, and a warning says so.
    residence
        Where persons lived: `person_id`, `start`, `end`, `code` (of the commune).
    concepts
        Labels of codes: `vocabulary`, `code`, `label`.
    ancestors
        Descents of codes: `vocabulary`, `ancestor`, `descendant`.
    vocabularies
        The vocabulary of each domain; without an entry: ATC for `drug`, ICD10 for `diagnosis`, CCAM for `procedure`,
        LOINC for `measurement`, and the domain's own name for others.
    domains
        Frames of domains by name, for names that are arguments here, such as
        ``domains={"observation": df}``; they are added to those given by keyword.
    key
        At least 16 secret bytes; pseudonyms are HMAC-SHA-256 (RFC 2104) of the identifiers under it. Without a key, a
        random one is used and forgotten: nobody can link the warehouse back to the source.
    identifiers
        ``"keep"`` where the identifiers are pseudonyms already.
    birth_dates
        ``"truncate"`` cuts full dates of birth to the month; they are refused otherwise.
    strict
        End at the first row that cannot be used, instead of leaving such rows out and counting them.
    replace
        Give a warehouse that is there a new snapshot, instead of refusing.
    progress
        Show progress when it takes more than a second.
    memory
        Bytes of events held before they are spooled to disk.
    shard_persons
        At most so many persons in a shard.
    policy
        The policy that the warehouse is to be under: a `kohort.Policy`, its file, or a preset's name. It is asked
        before anything is stored: dates, host, persons, how exact variables are, and that no column names anybody.
    person, hosts, clock
        As for :func:`kohort.open`.
    **named
        A frame per domain, by keyword: `person_id`, `start` (or `date`), `code`, perhaps `end`, and any further columns
        (`quantity`, `days_supply`, `value`...).

    Returns
    -------
    Warehouse
        Open, with an `ingest_report`.

    Raises
    ------
    IngestError
        Where input cannot be used; then nothing is left behind.
    AuthorizationError
        Where the policy does not let it in, such as `MinimizationRefused`; then nothing is left behind either.

    Examples
    --------
    >>> import tempfile, polars as pl, kohort as kh
    >>> persons = pl.DataFrame({"person_id": [1, 2], "sex": ["F", "M"], "birth_month": ["1950-01", "1961-12"],
    ...                         "observation_start": ["2015-01-01"] * 2, "observation_end": ["2019-12-31"] * 2})
    >>> drug = pl.DataFrame({"person_id": [1], "start": ["2016-05-04"], "code": ["A10BA02"]})
    >>> wh = kh.ingest.frames(persons=persons, drug=drug, into=tempfile.mkdtemp() + "/wh")
    >>> wh.domains
    ('drug',)
    """
    if identifiers == "keep" and key is not None:
        raise IngestError(
            "identifiers='keep' stores them as they are: leave out the key, or leave out identifiers='keep'"
        )
    events = _domains(domains or {}, named)
    people = lazy(persons, "persons")
    columns = canonical.columns_of(people, "persons")
    canonical.demand(columns, ["person_id", "sex", "birth_month"], "persons")
    if "birth_date" in columns or "date_of_birth" in columns:
        raise IngestError("table 'persons' holds a full date of birth: leave the column out, birth_month is enough")
    inline = {"observation_start", "observation_end"} <= columns.keys()
    observe = observation is None and not inline
    if observe:
        warnings.warn(
            "no observation periods were given: each person counts as observed from the first to the last event",
            KohortWarning,
            stacklevel=2,
        )
    intake = Intake.open(
        policy,
        str(into),
        kept=identifiers == "keep",
        truncate=birth_dates == "truncate",
        person=person,
        hosts=hosts,
        clock=clock,
    )
    pseudonyms: Literal["kept", "keyed", "forgotten"]
    pseudonyms = "kept" if identifiers == "keep" else "forgotten" if key is None else "keyed"
    with Session(
        into,
        key=key,
        pseudonyms=pseudonyms,
        strict=strict,
        replace=replace,
        observe_from_events=observe,
        shard_persons=shard_persons,
        memory=memory,
        progress=progress,
        intake=intake,
    ) as session:
        session.persons(_persons(people, columns, truncate=birth_dates == "truncate"))
        if observation is not None:
            session.observation(canonical.spans(lazy(observation, "observation_period"), "observation_period"))
        elif inline:
            periods = people.select("person_id", start="observation_start", end="observation_end")
            session.observation(canonical.spans(periods, "persons"))
        if residence is not None:
            frame = lazy(residence, "residence")
            canonical.demand(
                canonical.columns_of(frame, "residence"), ["person_id", "start", "end", "code"], "residence"
            )
            session.residence(canonical.spans(frame, "residence"))
        for domain, given in events.items():
            vocabulary = (vocabularies or {}).get(domain) or VOCABULARIES.get(domain, domain)
            session.events(domain, vocabulary, canonical.events(lazy(given, domain), domain))
        for table, given in (("concept", concepts), ("ancestor", ancestors)):
            if given is not None:
                session.vocabulary(table, lazy(given, table))
        provenance = {"kind": "frames", "domains": sorted(events), "pseudonyms": pseudonyms}
        report = session.finish(provenance, {})
    return Warehouse(into, report=report, admission=None if intake is None else intake.admission)


def _domains(by_name: Mapping[str, Any], by_keyword: Mapping[str, Any]) -> dict[str, Any]:
    twice = by_name.keys() & by_keyword.keys()
    if twice:
        raise IngestError(f"domain '{min(twice)}' is given by keyword and in domains=: give it once")
    return {**by_keyword, **by_name}


def _persons(frame: pl.LazyFrame, columns: dict[str, pl.DataType], *, truncate: bool) -> pl.LazyFrame:
    death = canonical.day("death", columns["death"], "persons") if "death" in columns else pl.lit(None, pl.Date)
    return frame.select(
        canonical.identifier(frame, columns["person_id"], "persons").alias("person_id"),
        canonical.sex("sex", columns["sex"], frame).alias("sex"),
        canonical.birth_month(frame, columns, truncate=truncate).alias("birth_month"),
        death.alias("death"),
    )
