"""One ingest under way: pushes lazy frames into the core batch by batch, and publishes or leaves nothing."""

from __future__ import annotations

import json
import warnings
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal, Self

from kohort import _core
from kohort._progress import progress_bar, rows_bar
from kohort.errors import KohortWarning
from kohort.ingest import canonical
from kohort.ingest.report import IngestReport, TableCounts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    import polars as pl

    from kohort.hosting.intake import Intake

#: Rows of a batch: large enough to be worth a call, small enough to be forgotten.
BATCH_ROWS = 500_000
#: At most so many persons in a shard: their columns fit a core's cache.
SHARD_PERSONS = 131_072

EPOCH = date(1970, 1, 1)


class Session:
    """An ingest into a folder; leaving it without :meth:`finish` removes what was written."""

    def __init__(
        self,
        into: str | Path,
        *,
        key: bytes | None,
        pseudonyms: Literal["kept", "keyed", "forgotten"],
        strict: bool,
        replace: bool,
        observe_from_events: bool,
        shard_persons: int,
        memory: int,
        progress: bool,
        intake: Intake | None = None,
    ) -> None:
        self._intake = intake
        now = datetime.now(tz=UTC)
        self._progress = progress
        self._builder = _core.Builder(
            into,
            pseudonyms=pseudonyms,
            key=key,
            shard_persons=shard_persons,
            strict=strict,
            replace=replace,
            observe_from_events=observe_from_events,
            memory=memory,
            today=(now.date() - EPOCH).days,
            now=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._builder.abandon()

    def _push(self, frame: pl.LazyFrame, name: str, take: Callable[[Any], None]) -> None:
        with rows_bar(name, show=self._progress) as advance, canonical.reading(name):
            some = False
            for batch in frame.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True):
                some = True
                if self._intake is not None:
                    self._intake.look(name, batch)
                take(batch)
                advance(batch.height)
            if not some:  # a table without rows is a table: its domain exists, and holds nothing
                take(frame.head(0).collect())

    def persons(self, frame: pl.LazyFrame) -> None:
        """Take `person_id`, `sex`, `birth_month`, `death`."""
        self._push(frame, "persons", self._builder.persons)

    def observation(self, frame: pl.LazyFrame) -> None:
        """Take `person_id`, `start`, `end`."""
        self._push(frame, "observation_period", self._builder.observation)

    def residence(self, frame: pl.LazyFrame) -> None:
        """Take `person_id`, `start`, `end`, `code`."""
        self._push(frame, "residence", self._builder.residence)

    def events(self, domain: str, vocabulary: str, frame: pl.LazyFrame) -> None:
        """Take the events of a domain."""
        self._push(frame, domain, lambda batch: self._builder.events(domain, vocabulary, batch))

    def vocabulary(self, table: str, frame: pl.LazyFrame) -> None:
        """Take a vocabulary table."""
        self._push(frame, table, lambda batch: self._builder.vocabulary(table, batch))

    def finish(self, provenance: dict[str, Any], skipped: dict[str, str]) -> IngestReport:
        """Sort, write and publish; warn of rows that were left out."""
        with progress_bar("writing", show=self._progress) as callback:
            found = json.loads(self._builder.finish(json.dumps(provenance), callback))
        tables = {name: TableCounts(c["read"], c["kept"], c["refused"]) for name, c in found["tables"].items()}
        report = IngestReport(tables, found["never_observed"], skipped)
        if report.refused:
            warnings.warn(
                f"{report.refused:,} rows were left out of the warehouse; see .ingest_report for the reasons",
                KohortWarning,
                stacklevel=3,
            )
        return report
