"""The OMOP common data model in: versions 5.3 and 5.4, from Parquet, CSV or DuckDB."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import polars as pl

from kohort.errors import IngestError
from kohort.hosting.doors import utc_now
from kohort.hosting.intake import Intake
from kohort.ingest import canonical, cdm, eras
from kohort.ingest.session import SHARD_PERSONS, Session
from kohort.ingest.shapes import OTHER, SHAPES
from kohort.ingest.source import tables
from kohort.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from kohort.hosting.hosts import Hosts
    from kohort.hosting.policy import Policy


def omop(
    source: str | Path,
    *,
    into: str | Path,
    key: bytes | None = None,
    strict: bool = False,
    replace: bool = False,
    progress: bool = True,
    memory: int = 1 << 30,
    shard_persons: int = SHARD_PERSONS,
    policy: Policy | str | Path | None = None,
    person: str | None = None,
    hosts: Hosts | str | Path | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Warehouse:
    """Make a warehouse from an OMOP CDM.

    The tables `condition_occurrence`, `drug_exposure`, `procedure_occurrence`, `visit_occurrence` and `device_exposure`
    become the domains `diagnosis`, `drug`, `procedure`, `stay` and `device`; other event tables keep their names.
    `death` becomes `death_cause` (the day of death is known without it), `observation_period` becomes `enrollment`, and
    `location_history` with `location`, where persons are concerned, `location`. A table without rows becomes a domain
    without events. Codes are concept ids as text, in vocabulary ``"OMOP"``; `concept` gives labels, `concept_ancestor`
    the descents (to valid concepts), and `concept_relationship` which concepts map to which.

    Columns keep their names, except that the same things are called the same in each domain: `event_id` (the table's
    own key), `stay_id` (the visit), `source_concept_id`, `type_concept_id`, and `occurrence_count` of eras. Added from
    other tables are `provider_specialty_concept_id`, `stay_concept_id` (of the visit, where that is the same person's)
    and `place_of_service_concept_id` of stays. Whatever an OHDSI cohort definition can name is there, null where the
    source lacks it. Of persons, `gender_concept_id`, `race_concept_id` and `ethnicity_concept_id` are stored too.

    Where `condition_era` or `drug_era` is absent, it is built as the CDM's documentation says: what happened at most 30
    days after the end of what came before is of one era; exposures count for the RxNorm ingredients that they descend
    from. The warehouse's `provenance` says what was built.

    The CDM's `person_id` is kept, since it is a pseudonym by the model's own rules, unless a `key` is given.
    Birth days are not taken; a birth month that the CDM does not tell counts as January.
    Columns that end in ``_datetime`` or ``_source_value`` are not taken: no cohort needs them, and the latter hold
    raw text of the source.

    Parameters
    ----------
    source
        A folder with a Parquet or CSV file per table, or a DuckDB file.
    into
        The folder of the new warehouse.
    key
        At least 16 secret bytes: persons are renamed by HMAC-SHA-256 under it.
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

    Returns
    -------
    Warehouse
        Open, with an `ingest_report`.

    Raises
    ------
    IngestError
        Where the source lacks `person` or `observation_period`, or cannot be read; then nothing is left behind.
    AuthorizationError
        Where the policy does not let it in, such as `MinimizationRefused`; then nothing is left behind either.

    Examples
    --------
    >>> import kohort as kh
    >>> wh = kh.ingest.omop("cdm.duckdb", into="warehouse/")  # doctest: +SKIP
    """
    found = tables(source)
    for name in ("person", "observation_period"):
        if name not in found:
            raise IngestError(f"{source}: there is no table '{name}', without which a CDM cannot be used")
    pseudonyms: Literal["kept", "keyed"] = "kept" if key is None else "keyed"
    intake = Intake.open(policy, str(into), kept=key is None, person=person, hosts=hosts, clock=clock)
    skipped = {name: "no cohort can ask for it yet" for name in found if name not in SHAPES and name not in OTHER}
    with Session(
        into,
        key=key,
        pseudonyms=pseudonyms,
        strict=strict,
        replace=replace,
        observe_from_events=False,
        shard_persons=shard_persons,
        memory=memory,
        progress=progress,
        intake=intake,
    ) as session:
        session.persons(cdm.persons(found["person"], found.get("death")))
        periods = found["observation_period"].select(
            "person_id", start="observation_period_start_date", end="observation_period_end_date"
        )
        session.observation(canonical.spans(periods, "observation_period"))
        if "location_history" in found and "location" in found:
            found["location_history"] = cdm.residences(found)
        elif found.pop("location_history", None) is not None:
            skipped["location_history"] = "there is no table 'location'"
        built = eras.build(found)
        found |= built
        for name, shape in SHAPES.items():
            if name in found:
                session.events(shape.domain, "OMOP", _events(found, name, renamed=key is not None))
        _words(session, found)
        provenance = {"kind": "omop", "source": Path(source).name, "pseudonyms": pseudonyms, "built": sorted(built)}
        report = session.finish(provenance, skipped)
    return Warehouse(into, report=report, admission=None if intake is None else intake.admission)


def _events(found: Mapping[str, pl.LazyFrame], name: str, *, renamed: bool) -> pl.LazyFrame:
    frame = cdm.events(found, name, SHAPES[name])
    if name == "observation_period":
        return cdm.usable(frame, found["person"])
    # Persons who were renamed must not be told by the number of their death.
    return frame.with_columns(event_id=pl.lit(None, pl.Int64)) if name == "death" and renamed else frame


def _words(session: Session, found: Mapping[str, pl.LazyFrame]) -> None:
    """Take the vocabulary tables that the source has."""
    if "concept" in found:
        session.vocabulary("concept", cdm.concepts(found["concept"]))
    if "concept_ancestor" in found:
        session.vocabulary("ancestor", cdm.ancestors(found["concept_ancestor"], found.get("concept")))
    if "concept_relationship" in found:
        session.vocabulary("maps_to", cdm.mappings(found["concept_relationship"]))
