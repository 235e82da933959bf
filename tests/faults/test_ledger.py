"""The ledger under edits, crashes, many writers, wrong keys and wrong clocks."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from kohort.errors import ArgumentError, IntegrityError
from kohort.hosting import KeyFile, Ledger

START = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)


class Clock:
    def __init__(self, step: timedelta) -> None:
        self.now, self.step = START, step

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now


@pytest.fixture
def key(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "keys" / "ledger.key")


def filled(folder: Path, key: KeyFile | None, entries: int = 24) -> Ledger:
    ledger = Ledger(folder, key=key, clock=Clock(timedelta(hours=3)))
    for number in range(entries):
        ledger.append("release", {"title": f"Table {number}", "threshold": 11})
    return ledger


def test_entries_come_back_and_days_are_sealed(tmp_path: Path, key: KeyFile) -> None:
    filled(tmp_path / "ledger", key)
    again = Ledger(tmp_path / "ledger", key=key)
    assert again.verify() is None
    assert [entry.body["title"] for entry in again.entries if entry.kind == "release"] == [
        f"Table {number}" for number in range(24)
    ]
    days = sorted(path.name for path in (tmp_path / "ledger").glob("*.jsonl"))
    assert days == [f"2026-11-{day}.jsonl" for day in (23, 24, 25)]
    assert [entry.body["day"] for entry in again.entries if entry.kind == "seal"] == ["2026-11-23", "2026-11-24"]
    assert [entry.sequence for entry in again.entries] == list(range(1, 27))


def tamper(folder: Path, rng: random.Random) -> None:
    """One change of one file that makes it another."""
    path = rng.choice(sorted([*folder.glob("*.jsonl"), folder / "head.json"]))
    data = path.read_bytes()
    lines = data.splitlines(keepends=True)
    place, line = rng.randrange(len(data) - 1), rng.randrange(len(lines))
    kinds = ["byte", "cut", "insert", "delete", "drop", "copy", "forge"]
    kind = rng.choice([*kinds, "swap"] if len(lines) > 1 else kinds)
    if kind == "byte":
        changed = data[:place] + bytes([data[place] ^ rng.randrange(1, 256)]) + data[place + 1 :]
    elif kind == "cut":
        changed = data[:place]
    elif kind == "insert":
        changed = data[:place] + bytes([rng.randrange(256)]) + data[place:]
    elif kind == "delete":
        changed = data[:place] + data[place + rng.randrange(1, 9) :]
    elif kind == "swap":
        other = (line + rng.randrange(1, len(lines))) % len(lines)
        lines[line], lines[other] = lines[other], lines[line]
        changed = b"".join(lines)
    elif kind == "drop":
        changed = b"".join(lines[:line] + lines[line + 1 :])
    elif kind == "copy":
        changed = b"".join([*lines, lines[line]])
    else:
        entry = json.loads(lines[line])
        entry["sequence"] += 1
        lines[line] = (json.dumps(entry, sort_keys=True, separators=(",", ":")) + "\n").encode()
        changed = b"".join(lines)
    assert changed != data or kind == "insert"
    path.write_bytes(changed + (b"" if changed != data else b"\n"))


def test_five_hundred_random_edits_are_all_found(tmp_path: Path, key: KeyFile) -> None:
    rng = random.Random(1)
    filled(tmp_path / "whole", key)
    for number in range(500):
        folder = tmp_path / "edited"
        shutil.copytree(tmp_path / "whole", folder)
        tamper(folder, rng)
        fault = Ledger(folder, key=key).verify()
        assert fault is not None, number
        with pytest.raises(IntegrityError):
            Ledger(folder, key=key).append("open", {})
        shutil.rmtree(folder)


@pytest.mark.parametrize("entry", [1, 5, 24])
def test_the_first_bad_entry_is_named(tmp_path: Path, entry: int) -> None:
    filled(tmp_path / "ledger", None)
    for path in sorted((tmp_path / "ledger").glob("*.jsonl")):
        lines = path.read_bytes().splitlines(keepends=True)
        for number, line in enumerate(lines):
            if json.loads(line)["sequence"] == entry:
                lines[number] = line.replace(b'"threshold":11', b'"threshold":10')
        path.write_bytes(b"".join(lines))
    fault = Ledger(tmp_path / "ledger").verify()
    assert fault is not None
    assert (fault.sequence, fault.reason) == (entry, "was edited")


@pytest.mark.parametrize("lines", [1, 3, 30])
def test_a_cut_end_is_found(tmp_path: Path, key: KeyFile, lines: int) -> None:
    filled(tmp_path / "ledger", key)
    left = lines
    for path in sorted((tmp_path / "ledger").glob("*.jsonl"), reverse=True):
        kept = path.read_bytes().splitlines(keepends=True)
        cut = min(left, len(kept))
        left -= cut
        if cut == len(kept):
            path.unlink()
        else:
            path.write_bytes(b"".join(kept[: len(kept) - cut]))
    fault = Ledger(tmp_path / "ledger", key=key).verify()
    assert fault is not None
    assert fault.reason == "is gone: the end was cut off"


def test_a_torn_line_is_recognized_and_the_next_session_goes_on(tmp_path: Path, key: KeyFile) -> None:
    filled(tmp_path / "ledger", key)
    last = max((tmp_path / "ledger").glob("*.jsonl"))
    with last.open("ab") as file:
        file.write(b'{"body":{"title":"half')
    assert Ledger(tmp_path / "ledger", key=key).verify() is None
    ledger = Ledger(tmp_path / "ledger", key=key, clock=Clock(timedelta(days=30)))
    ledger.append("release", {"title": "after"})
    assert [entry.kind for entry in ledger.entries[-3:]] == ["seal", "recovery", "release"]
    assert Ledger(tmp_path / "ledger", key=key).verify() is None


def writer(folder: Path, key: KeyFile, name: int, count: int) -> tuple[int, int]:
    """Fork a process that appends; gives its id, and where it tells which entries were confirmed."""
    told, tell = os.pipe()
    process = os.fork()
    if process:
        os.close(tell)
        return process, told
    failed = 1
    try:
        ledger = Ledger(folder, key=key)
        for number in range(count):
            entry = ledger.append("release", {"writer": name, "number": number})
            os.write(tell, b"%d\n" % entry.sequence)
        failed = 0
    finally:
        os._exit(failed)


def confirmed_by(told: int) -> list[int]:
    with os.fdopen(told) as lines:
        return [int(line) for line in lines]


def test_eight_processes_at_once_lose_nothing(tmp_path: Path, key: KeyFile) -> None:
    writers = [writer(tmp_path / "ledger", key, name, 50) for name in range(8)]
    told = [number for _, pipe in writers for number in confirmed_by(pipe)]
    assert [os.waitpid(process, 0)[1] for process, _ in writers] == [0] * 8
    ledger = Ledger(tmp_path / "ledger", key=key)
    assert ledger.verify() is None
    written = [entry for entry in ledger.entries if entry.kind == "release"]
    assert len({(entry.body["writer"], entry.body["number"]) for entry in written}) == 400
    assert sorted(told) == [entry.sequence for entry in written]


def test_killed_writers_leave_a_valid_ledger(tmp_path: Path, key: KeyFile) -> None:
    rng, confirmed = random.Random(2), set()
    for name in range(10):
        process, told = writer(tmp_path / "ledger", key, name, 100_000)
        time.sleep(rng.uniform(0.02, 0.15))
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        confirmed |= set(confirmed_by(told))
    ledger = Ledger(tmp_path / "ledger", key=key)
    assert ledger.verify() is None
    entry = ledger.append("open", {"purpose": "after"})
    assert len(confirmed) > 10
    assert confirmed <= {entry.sequence for entry in ledger.entries}
    assert entry.sequence == len(ledger.entries)
    assert ledger.verify() is None


def test_another_key_is_refused(tmp_path: Path, key: KeyFile) -> None:
    filled(tmp_path / "ledger", key, 3)
    other = KeyFile(tmp_path / "other.key")
    with pytest.raises(IntegrityError, match="key is another"):
        Ledger(tmp_path / "ledger", key=other).append("open", {})
    fault = Ledger(tmp_path / "ledger", key=other).verify()
    assert fault is not None
    assert fault.sequence == 1


def test_a_forger_without_the_key_is_found(tmp_path: Path, key: KeyFile) -> None:
    """A whole chain made anew, hashes and head included, but with tags of another key or none."""
    for forged in (KeyFile(tmp_path / "forger.key"), None):
        filled(tmp_path / "forged", forged, 4)
        assert Ledger(tmp_path / "forged", key=key).verify() is not None
        shutil.rmtree(tmp_path / "forged")


def test_a_clock_set_back_is_refused(tmp_path: Path) -> None:
    filled(tmp_path / "ledger", None, 2)
    early = Ledger(tmp_path / "ledger", clock=lambda: START)
    with pytest.raises(IntegrityError, match="set the clock right"):
        early.append("open", {})


@pytest.mark.parametrize(
    ("kind", "body", "match"),
    [("Release", {}, "no kind of event"), ("open", {"share": 0.5}, "not a whole number"), ("", {}, "no kind")],
)
def test_what_is_no_entry_is_refused(tmp_path: Path, kind: str, body: dict[str, object], match: str) -> None:
    ledger = Ledger(tmp_path / "ledger")
    with pytest.raises(ArgumentError, match=match):
        ledger.append(kind, body)
    assert ledger.append("open", {}).sequence == 1


def test_key_files(tmp_path: Path) -> None:
    path = tmp_path / "a" / "ledger.key"
    key = KeyFile(path)
    assert key.key("ledger") == KeyFile(path).key("ledger") != key.key("other")
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with pytest.raises(ArgumentError, match="can be read by others"):
        key.key("ledger")
    path.chmod(0o600)
    path.write_text("short")
    with pytest.raises(IntegrityError, match="does not hold a key"):
        key.key("ledger")
