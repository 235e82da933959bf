"""The ledger: what happened to a warehouse, append-only, each entry bound to the one before.

A file of JSON lines per UTC day in a folder. Bytes and hashes are the core's (`src/vault`); here are files, the lock
that processes share, and the order of things: an entry is on the disk before whoever asked for it goes on. `head.json`
repeats the number and the hash of the last entry, so that a ledger whose end was cut is recognized.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kohort import _core
from kohort.errors import ArgumentError, IntegrityError
from kohort.hosting.files import replace, sync_folder, write_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kohort.hosting.keys import KeyProvider

PURPOSE = "ledger"
_KIND = re.compile(r"[a-z][a-z-]{0,30}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d\.jsonl")


@dataclass(frozen=True)
class Entry:
    """An entry of the ledger: its number, when (UTC), what kind of event, and what is told of it."""

    sequence: int
    time: str
    kind: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Fault:
    """The first entry of a ledger that is not as it was written."""

    sequence: int
    file: str
    reason: str

    def __str__(self) -> str:
        return f"entry {self.sequence} of the ledger ({self.file}) {self.reason}"


def utc_now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


class Ledger:
    """A ledger, open for reading and for further entries; several processes may have it open.

    Parameters
    ----------
    folder
        Where the ledger is, or shall be: ``<warehouse>/ledger``.
    key
        Gives the key under which each entry is tagged; without one, edits are found, forgeries are not.
    clock
        Tells the time, with its zone.

    Examples
    --------
    >>> import tempfile
    >>> ledger = Ledger(tempfile.mkdtemp())
    >>> ledger.append("open", {"purpose": "a study"}).sequence
    1
    >>> ledger.verify() is None
    True
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        key: KeyProvider | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._folder = Path(folder)
        self._secret = None if key is None else key.key(PURPOSE)
        self._keys = None if self._secret is None else _core.LedgerKeys(self._secret)
        self._clock = clock
        self._folder.mkdir(parents=True, exist_ok=True)
        self._threads = threading.RLock()
        self._held = 0
        self._lock = -1
        self._restart()

    def _restart(self) -> None:
        self._chain = _core.LedgerChain()
        self._file = ""
        self._offset = 0
        self._torn = 0
        self._entries: list[Entry] = []

    @property
    def folder(self) -> Path:
        """The folder of the ledger."""
        return self._folder

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, in order, those of other processes included."""
        self.refresh()
        return tuple(self._entries)

    @contextmanager
    def _hold(self) -> Iterator[bool]:
        """Hold the lock that processes share; tells whether it was taken just now."""
        with self._threads:
            if self._held == 0:
                self._lock = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
            self._held += 1
            try:
                if self._held == 1:
                    fcntl.flock(self._lock, fcntl.LOCK_EX)
                yield self._held == 1
            finally:
                self._held -= 1
                if self._held == 0:
                    os.close(self._lock)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the ledger: no other process or thread reads or appends meanwhile; entries of others are known."""
        with self._hold() as outermost:
            if outermost:
                self._catch_up()
            yield

    def refresh(self) -> None:
        """Read what other processes have appended.

        Raises
        ------
        IntegrityError
            When an entry is not as it was written.
        """
        with self.exclusive():
            pass

    def append(self, kind: str, body: Mapping[str, Any]) -> Entry:
        """Append an entry; it is on the disk when this returns.

        Parameters
        ----------
        kind
            The kind of event, such as "release".
        body
            What is told of it: text, whole numbers, lists and mappings. No hidden number, nobody's identifier.

        Returns
        -------
        Entry
            What was written.

        Raises
        ------
        ArgumentError
            When the body cannot be written in canonical form.
        IntegrityError
            When the ledger is not as it was written, or the clock is behind its last entry.
        """
        if not _KIND.fullmatch(kind):
            raise ArgumentError(f"{kind!r} is no kind of event: give a word in lower case, such as 'release'")
        with self.exclusive():
            now = self._clock().astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
            torn, self._torn = self._torn, 0
            if torn:
                os.truncate(self._folder / self._file, self._offset)
            if self._file and self._file < f"{now[:10]}.jsonl":
                sealed = (self._folder / self._file).read_bytes()
                day = self._file.removesuffix(".jsonl")
                self._write(now, "seal", {"day": day, "sha256": hashlib.sha256(sealed).hexdigest()})
            if torn:
                self._write(now, "recovery", {"removed": "an unfinished last line", "bytes": torn})
            return self._write(now, kind, body)

    def _write(self, now: str, kind: str, body: Mapping[str, Any]) -> Entry:
        chain = self._chain.copy()
        line = chain.add(now, kind, json.dumps(body), self._keys)
        name = f"{now[:10]}.jsonl"
        path = self._folder / name
        new = not path.exists()
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            write_all(file, line)
        finally:
            os.close(file)
        if new:
            sync_folder(self._folder)
        self._offset = len(line) if name != self._file else self._offset + len(line)
        self._chain, self._file = chain, name
        sequence, last, _ = chain.last()
        replace(self._folder / "head.json", self._head(sequence, last))
        entry = Entry(sequence, now, kind, json.loads(json.dumps(body)))
        self._entries.append(entry)
        return entry

    def _head(self, sequence: int, last: str) -> bytes:
        head: dict[str, Any] = {"last": last, "sequence": sequence}
        if self._secret is not None:
            head["tag"] = hmac.digest(self._secret, f"head {sequence} {last}".encode(), "sha256").hex()
        return (json.dumps(head, sort_keys=True) + "\n").encode()

    def _catch_up(self) -> None:
        fault = self._read()
        if fault is not None:
            # What was read is not to be built on: the next reader meets the fault again.
            self._restart()
            raise IntegrityError(f"{fault}: the ledger was changed, or the key is another; restore it from a copy")

    def _read(self) -> Fault | None:
        """Read what is new, up to the first fault."""
        names = sorted(path.name for path in self._folder.iterdir() if _DAY.fullmatch(path.name))
        if self._file and self._file not in names:
            return Fault(self._chain.last()[0], self._file, "is gone with its file")
        later = [name for name in names if name >= self._file]
        for number, name in enumerate(later):
            offset = self._offset if name == self._file else 0
            with (self._folder / name).open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(offset)
                data = file.read()
            found, fault, torn = self._chain.read(data, self._keys)
            self._entries += [Entry(sequence, time, kind, json.loads(body)) for sequence, time, kind, body in found]
            self._file, self._offset, self._torn = name, offset + len(data) - torn, torn
            if fault is not None:
                return Fault(fault[0], name, fault[1])
            sequence = self._chain.last()[0]
            if size < offset:
                return Fault(sequence, name, "was cut off")
            if torn and number + 1 < len(later):
                return Fault(sequence + 1, name, "is not whole")
            misplaced = [entry for entry in self._entries[-len(found) :] if found and entry.time[:10] != name[:10]]
            if misplaced:
                return Fault(misplaced[0].sequence, name, "is in the file of another day")
        return self._compare_head()

    def _compare_head(self) -> Fault | None:
        sequence, last, _ = self._chain.last()
        path = self._folder / "head.json"
        where = self._file or path.name
        try:
            written = path.read_bytes()
            head = json.loads(written)
            at, of = int(head["sequence"]), str(head["last"])
        except FileNotFoundError:
            # A writer may have died between the first entry and the head.
            return None if sequence <= 1 else Fault(sequence, path.name, "is not confirmed: head.json is gone")
        except (ValueError, KeyError, TypeError):
            return Fault(sequence, path.name, "is not confirmed: head.json was edited")
        if written != self._head(at, of):
            return Fault(min(at, sequence), path.name, "is not confirmed: head.json was edited, or is of another key")
        if at > sequence:
            return Fault(sequence + 1, where, "is gone: the end was cut off")
        if at == sequence and of != last:
            return Fault(sequence, where, "was edited")
        return None

    def verify(self) -> Fault | None:
        """Read the whole ledger again and find the first entry that is not as it was written.

        An unfinished last line is no fault: a writer died before the entry was confirmed. A ledger that was put back
        whole to an earlier state, its head included, cannot be told from within; compare its last entry with a copy
        kept elsewhere.

        Returns
        -------
        Fault or None
            The first fault.
        """
        with self._hold():
            self._restart()
            fault = self._read()
            if fault is not None:
                self._restart()
            return fault
