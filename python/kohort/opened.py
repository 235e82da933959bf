"""What is open of a warehouse: its manifest, its data behind the policy's door, and what was released before."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kohort import _core
from kohort.hosting.doors import check_rows
from kohort.hosting.history import Identity
from kohort.hosting.memory import ReleaseMemory, open_history
from kohort.release import CellKeys, OutputRules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kohort.hosting.admission import Admission, Authorization
    from kohort.hosting.history import History
    from kohort.ingest.report import IngestReport

#: Bytes of decoded columns that an open warehouse keeps, unless told otherwise.
MEMORY = 4 << 30

EPOCH = date(1970, 1, 1)


class Opened:
    """An open warehouse, without its questions."""

    def __init__(
        self,
        path: str | Path,
        *,
        memory: int = MEMORY,
        rules: OutputRules | None = None,
        report: IngestReport | None = None,
        admission: Admission | None = None,
        history: bool = True,
    ) -> None:
        self._history = history
        self._past: History | None = None
        self._path = Path(path)
        self._admission = admission
        self._opened = _core.Warehouse(self._path, memory)
        self._manifest: dict[str, Any] = json.loads(self._opened.manifest())
        self._rules = rules or (admission.policy.rules if admission else OutputRules())
        self._report = report

    @property
    def _core(self) -> _core.Warehouse:
        """The data, after the policy has been asked again: every question comes through here."""
        self._ask()
        return self._opened

    def _ask(self, *, rows: bool = False) -> None:
        if self._admission is not None:
            self._admission.ask()
            if rows:
                check_rows(self._admission.policy)

    def _memory(self, kind: str, plan: str, **parameters: object) -> ReleaseMemory | None:
        """Return what was released before, asked in the name of a release; None where that is not kept."""
        if not self._history:
            return None
        if self._past is None:
            clock = None if self._admission is None else self._admission.clock
            self._past = open_history(self._path, self._opened.numbering, self._rules.min_cell, clock)
        policy = "" if self._admission is None else self._admission.policy.hash
        words = {name: str(value) for name, value in parameters.items()} | {"rules": str(self._rules)}
        return ReleaseMemory(self._past, Identity(plan, str(self.snapshot), policy, kind, words))

    @property
    def _needs_sets(self) -> bool:
        """Whether the gate asks for the persons behind counts: for the history, or for noise bound to them."""
        return self._history or isinstance(self._rules.protection, CellKeys)

    @property
    def authorization(self) -> Authorization | None:
        """The authorization that it is open under, with the days left; None where it was opened without a policy."""
        return None if self._admission is None else self._admission.authorization

    @property
    def path(self) -> Path:
        """The folder of the warehouse."""
        return self._path

    @property
    def snapshot(self) -> int:
        """The number of the snapshot in force when it was opened."""
        return int(self._manifest["snapshot"])

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains that have events, in alphabetical order."""
        return tuple(sorted(self._manifest["domains"]))

    @property
    def vocabularies(self) -> Mapping[str, str]:
        """The vocabulary that each domain is coded in."""
        return {name: entry["vocabulary"] for name, entry in self._manifest["domains"].items()}

    @property
    def period(self) -> tuple[date, date] | None:
        """The first and the last day under observation."""
        period = self._manifest["period"]
        return None if period is None else (EPOCH + timedelta(days=period[0]), EPOCH + timedelta(days=period[1]))

    @property
    def rules(self) -> OutputRules:
        """The output rules that every release obeys."""
        return self._rules

    @property
    def provenance(self) -> Mapping[str, Any]:
        """Where the data came from, as the ingest recorded it; the demo's planted truths are here."""
        return dict(self._manifest["provenance"])

    @property
    def ingest_report(self) -> IngestReport | None:
        """What the ingest that made this snapshot read, kept and left out; only right after it."""
        return self._report

    @property
    def _persons(self) -> int:
        return int(self._manifest["persons"])

    @property
    def _shards(self) -> int:
        return len(self._manifest["shards"])
