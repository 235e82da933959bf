"""The history of a warehouse's releases: what was released before protects what is released now.

PRIVACY.md, section 2, rule 7. The ledger says what was released and when; the persons behind each released count are
kept beside it, encrypted, and compared by the core (`src/disclosure/history`).

What is assumed of data that change: a person keeps the number that the first snapshot gave. Every set is kept with the
number of persons there were and a digest of their names in order. Under a snapshot that names the same first persons in
the same order (an ingest that appends), sets of both are compared as they are, and a question asked again of later data
is a new set whose difference must not be small. A snapshot that numbers persons otherwise cannot be compared: such
releases are counted in `unrelated`.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from kohort import _core
from kohort.errors import ArgumentError, DifferencingError, IntegrityError
from kohort.hosting.files import replace
from kohort.hosting.ledger import PURPOSE, Ledger, utc_now

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from kohort.hosting.keys import KeyProvider
    from kohort.hosting.ledger import Entry

Reason = Literal["clear", "repeated", "small", "difference", "combination", "unknown", "full"]

_AT_FAULT = frozenset({"small", "difference", "combination"})
_WHY: Mapping[str, str] = {
    "small": "a count to be shown stands for fewer than {threshold} persons",
    "difference": "two counts together would tell of fewer than {threshold} persons",
    "combination": "several counts together would tell of fewer than {threshold} persons",
    "unknown": "too many combinations of counts are possible to rule out that one tells of fewer than {threshold}",
    "full": "the history is too long to rule out that counts together tell of fewer than {threshold} persons",
}


@dataclass(frozen=True)
class Identity:
    """What makes a release the same release: the same question of the same data under the same rules."""

    plan: str
    snapshot: str
    policy: str
    kind: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical form; numbers that are not whole must be text."""
        document = {
            "kind": self.kind,
            "parameters": self.parameters,
            "plan": self.plan,
            "policy": self.policy,
            "snapshot": self.snapshot,
        }
        return _core.canonical_hash(json.dumps(document))


@dataclass(frozen=True)
class Earlier:
    """An earlier release, as the ledger names it."""

    sequence: int
    title: str
    date: str

    def __str__(self) -> str:
        return f"release {self.sequence} of {self.date} ({self.title})"


@dataclass(frozen=True)
class Verdict:
    """Whether a release may be made, and with which earlier ones it collides; never about how many persons.

    `among` are the places, among the sets that were judged, of those that take part in the collision.
    """

    reason: Reason
    threshold: int
    earlier: tuple[Earlier, ...] = ()
    among: tuple[int, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether nothing speaks against the release."""
        return self.reason in {"clear", "repeated"}

    @property
    def undecided(self) -> bool:
        """Whether no two counts collide, but combinations of more are too many to rule out that one does."""
        return self.reason in {"unknown", "full"}

    def demand(self, title: str) -> None:
        """Raise unless the release may be made.

        Raises
        ------
        DifferencingError
            With the earlier releases named.
        """
        if self.allowed:
            return
        why = _WHY[self.reason].format(threshold=self.threshold)
        what = " and ".join(map(str, self.earlier[:3]))
        collides = f"it collides with {what}" if what else "its own counts collide with each other"
        if self.reason not in _AT_FAULT:
            collides = "nothing is said of which"
        instead = ", or use the earlier release" if what else ""
        raise DifferencingError(
            f"{title!r} is not released: {why}; {collides}: widen the population, cut it more coarsely, round the "
            f"counts{instead}",
            self.earlier,
        )


class History:
    """The releases of a warehouse, with the persons behind them.

    Parameters
    ----------
    folder
        The ledger's folder, ``<warehouse>/ledger``; sets are kept in ``sets`` below it.
    key
        Gives the key that tags entries, names and encrypts sets.
    threshold
        Groups of fewer persons are protected.
    numbering
        Tells how the first n persons of the warehouse are numbered, as a digest, and how many persons there are; as
        `kohort._core.Warehouse.numbering` does. Without it all sets are taken to be numbered alike.
    clock
        Tells the time.

    Raises
    ------
    IntegrityError
        When the ledger or a set is not as it was written, or the key is another.

    Examples
    --------
    >>> import tempfile
    >>> from kohort import _core
    >>> from kohort.hosting import History, Identity, KeyFile
    >>> folder = tempfile.mkdtemp()
    >>> history = History(f"{folder}/ledger", key=KeyFile(f"{folder}/ledger.key"), threshold=11)
    >>> adults, women = (_core.PersonSet(list(range(n))) for n in (300, 295))
    >>> history.record([adults], Identity("a", "1", "p", "count"), title="Adults").sequence
    1
    >>> history.check([women], Identity("b", "1", "p", "count")).reason
    'difference'
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        key: KeyProvider,
        threshold: int,
        numbering: Callable[[int | None], tuple[str, int]] | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._ledger = Ledger(folder, key=key, clock=clock)
        self._keys = _core.LedgerKeys(key.key(PURPOSE))
        self._sets = Path(folder) / "sets"
        self._threshold = threshold
        self._released = _core.ReleasedSets(threshold)
        self._digest = numbering
        digest, persons = ("", 0) if numbering is None else numbering(None)
        self._persons = persons
        self._numbering = f"{persons} {digest}"
        self._comparable = {self._numbering: True}
        # By the name of a set, and by its place in the core: the first release that had it.
        self._known: dict[str, Earlier] = {}
        self._owners: list[Earlier] = []
        self._of_identity: dict[tuple[str, tuple[str, ...]], Earlier] = {}
        self._unrelated: set[int] = set()
        self._seen = 0
        self._judged: tuple[int, tuple[str, ...], Verdict] | None = None
        self._sync()

    @property
    def ledger(self) -> Ledger:
        """The ledger."""
        return self._ledger

    @property
    def unrelated(self) -> int:
        """How many releases were made when persons were numbered otherwise: they cannot be compared."""
        return len(self._unrelated)

    @property
    def releases(self) -> int:
        """How many different releases there are."""
        return len(self._of_identity)

    def check(self, sets: Sequence[_core.PersonSet], identity: Identity) -> Verdict:
        """Tell whether the counts of some sets of persons may be released; nothing is written.

        Parameters
        ----------
        sets
            The persons behind each count that the release shows exactly.
        identity
            Which release it is: the same one as before is allowed at once.

        Returns
        -------
        Verdict
            With the earlier releases it collides with.

        Notes
        -----
        Refused are sets of fewer persons than the threshold, pairs that differ by fewer but do differ, and linear
        combinations of any number of sets that stand on fewer persons. See `src/disclosure/history/span.rs` for the
        argument and for what is not covered: inequalities, averages, and whatever a reader knows from elsewhere.
        """
        with self._current():
            return self._judge(sets, identity, self._names(sets))

    def record(
        self, sets: Sequence[_core.PersonSet], identity: Identity, *, title: str, undecided: bool = False
    ) -> Earlier:
        """Check and record a release; when this returns, the ledger has it, and it may be shown.

        The check is made again where another process has released something since.

        Parameters
        ----------
        sets, identity
            See `check`.
        title
            How the ledger names the release.
        undecided
            Whether to release also where combinations of more than two counts are too many to judge; the entry says so.

        Returns
        -------
        Earlier
            The entry; of a release that is repeated, the first.

        Raises
        ------
        DifferencingError
            When it may not be released; the refusal is recorded.
        """
        with self._current():
            names = self._names(sets)
            verdict = self._judge(sets, identity, names)
            body: dict[str, Any] = {
                "identity": identity.hash,
                "kind": identity.kind,
                "plan": identity.plan,
                "policy": identity.policy,
                "snapshot": identity.snapshot,
                "threshold": self._threshold,
                "title": title,
            }
            if not verdict.allowed and not (undecided and verdict.undecided):
                with_whom = [release.sequence for release in verdict.earlier]
                self._ledger.append("refusal", body | {"reason": verdict.reason, "with": with_whom})
                verdict.demand(title)
            fresh = {name: one for name, one in zip(names, sets, strict=True) if name not in self._known}
            for name, one in fresh.items():
                self._store(name, one)
            repeats: dict[str, Any] = {"repeats": verdict.earlier[0].sequence} if verdict.reason == "repeated" else {}
            if verdict.undecided:
                repeats = {"undecided": verdict.reason}
            entry = self._ledger.append("release", body | {"sets": sorted(set(names))} | repeats)
            self._take(entry, fresh)
            return verdict.earlier[0] if verdict.earlier else _named(entry)

    def _names(self, sets: Sequence[_core.PersonSet]) -> tuple[str, ...]:
        for one in sets:
            if not isinstance(one, _core.PersonSet):
                raise ArgumentError(f"a {type(one).__name__} is no set of persons: give those of a cohort that was run")
        return tuple(self._keys.name(one, self._numbering) for one in sets)

    def _judge(self, sets: Sequence[_core.PersonSet], identity: Identity, names: tuple[str, ...]) -> Verdict:
        repeated = self._of_identity.get((identity.hash, tuple(sorted(set(names)))))
        if repeated is not None:
            return Verdict("repeated", self._threshold, (repeated,))
        if self._judged is not None and self._judged[:2] == (self._seen, names):
            return self._judged[2]
        fresh = {name: one for name, one in zip(names, sets, strict=True) if name not in self._known}
        reason, place, others = self._released.check(list(fresh.values()))
        taking_part = sorted({*others, place} if reason in {"difference", "combination"} else ())
        owners = {owner.sequence: owner for owner in (self._owners[i] for i in taking_part if i < len(self._owners))}
        # The latest first: it is the one whose reader is likely to be the same.
        earlier = tuple(owners[sequence] for sequence in sorted(owners, reverse=True))
        mine, first = list(fresh), len(self._owners)
        at_fault = (*others, place) if reason in _AT_FAULT else ()
        named = {mine[i - first] for i in at_fault if i >= first}
        among = tuple(i for i, name in enumerate(names) if name in named)
        verdict = Verdict(reason, self._threshold, earlier, among)
        self._judged = (self._seen, names, verdict)
        return verdict

    @contextmanager
    def _current(self) -> Iterator[None]:
        """Hold the ledger, with the releases of other processes known."""
        with self._ledger.exclusive():
            self._sync()
            yield

    def _sync(self) -> None:
        for entry in self._ledger.entries[self._seen :]:
            self._take(entry, {})

    def _take(self, entry: Entry, fresh: Mapping[str, _core.PersonSet]) -> None:
        """Take an entry of the ledger into account; sets that are not given are read."""
        if entry.kind == "release":
            release = _named(entry)
            names = entry.body["sets"]
            missing = [name for name in names if name not in self._known]
            found = [(name, fresh[name] if name in fresh else self._load(name, release)) for name in missing]
            added = [one for _, one in found if one is not None]
            self._released.add(added)
            self._owners += [release] * len(added)
            self._known |= {name: release for name, one in found}
            self._of_identity.setdefault((entry.body["identity"], tuple(names)), release)
        self._seen = entry.sequence

    def _path(self, name: str) -> Path:
        return self._sets / name[:2] / f"{name}.set"

    def _store(self, name: str, one: _core.PersonSet) -> None:
        path = self._path(name)
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        _, closed = self._keys.close(one, self._numbering)
        replace(path, closed)

    def _load(self, name: str, release: Earlier) -> _core.PersonSet | None:
        """Read a set; none where its persons are numbered otherwise."""
        try:
            closed = self._path(name).read_bytes()
        except FileNotFoundError:
            raise IntegrityError(
                f"a set of {release} is gone ({self._path(name)}): restore it from a copy; nothing can be released "
                "without it"
            ) from None
        numbering, one = self._keys.open(name, closed)
        if not self._is_comparable(numbering):
            self._unrelated.add(release.sequence)
            return None
        return one

    def _is_comparable(self, numbering: str) -> bool:
        if numbering not in self._comparable:
            persons, digest = numbering.split(" ")
            self._comparable[numbering] = (
                self._digest is not None and int(persons) <= self._persons and self._digest(int(persons))[0] == digest
            )
        return self._comparable[numbering]


def _named(entry: Entry) -> Earlier:
    return Earlier(entry.sequence, str(entry.body["title"]), entry.time[:10])
