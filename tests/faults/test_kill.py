"""Ingests that die, that meet, and that are interrupted: the old snapshot stays in force, or there is none."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import kohort as kh
import pytest
from conftest import answer, definition, files, make, source

HERE = Path(__file__).parent
BEGIN = f"import sys; sys.path.insert(0, {str(HERE)!r}); import kohort as kh, conftest; from pathlib import Path\n"
#: An ingest that takes a second or two, in many small steps.
INGEST = BEGIN + (
    "tables = conftest.large()\n"
    "print('begun', flush=True)\n"
    "conftest.make(Path(sys.argv[1]), tables, replace=True, memory=1 << 20, shard_persons=500)\n"
)


def start(code: str, *arguments: str | Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


def no_debris(root: Path) -> None:
    names = files(root)
    assert not [name for name in names if ".tmp" in name or ".spool" in name or ".lock" in name]


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("seconds", [0.0, 0.1, 0.25, 0.4, 0.6, 0.9])
def test_kill_9(there: bool, seconds: float, tmp_path: Path) -> None:  # noqa: FBT001
    into = tmp_path / "wh"
    before = answer(make(into)) if there else None
    process = start(INGEST, into)
    time.sleep(seconds)
    process.kill()
    process.communicate()
    if process.returncode == 0:
        pytest.skip("the ingest was faster than the kill")
    if (into / "HEAD").exists():
        wh = kh.open(into)
        assert wh.verify(progress=False) > 0
        # Killed before the publication, or in the instants between it and the end.
        assert (there and wh.snapshot == 1 and answer(wh) == before) or wh.snapshot == 1 + there
    else:
        assert not there
        with pytest.raises(FileNotFoundError, match="not a warehouse"):
            kh.open(into)
    again = make(into, replace=True)
    assert answer(again) == answer(make(tmp_path / "other"))
    assert again.verify(progress=False) > 0
    no_debris(into)
    # Nothing is there that no snapshot names.
    assert len(files(into)) == len(list((into / "snapshots").iterdir())) + 1 + _named(into)


def _named(root: Path) -> int:
    """How many files the snapshots name, wherever in a manifest."""
    names: set[tuple[str, str]] = set()

    def walk(part: Any, folder: str) -> None:
        if isinstance(part, dict):
            if "sha256" in part:
                names.add((folder, part["name"]))
            for inner in part.values():
                walk(inner, part.get("folder", folder))
        elif isinstance(part, list):
            for inner in part:
                walk(inner, folder)

    for path in (root / "snapshots").iterdir():
        walk(json.loads(path.read_text()), "")
    return len(names)


def test_two_ingests_at_once(tmp_path: Path) -> None:
    into = tmp_path / "wh"
    process = start(INGEST, into)
    for _ in range(500):
        if (into / ".lock").exists():
            break
        time.sleep(0.01)
    with pytest.raises(kh.IngestError, match="another ingest"):
        make(into)
    _, error = process.communicate()
    assert process.returncode == 0, error
    assert kh.open(into).verify(progress=False) > 0
    with pytest.raises(kh.IngestError, match="already"):
        make(into)
    assert make(into, replace=True).snapshot == 2
    no_debris(into)


def test_many_ingests_race_for_one_folder(tmp_path: Path) -> None:
    code = BEGIN + (
        "tables = conftest.source(50, 500, seed=int(sys.argv[2]))\nprint('begun', flush=True); sys.stdin.read()\n"
        "try:\n    conftest.make(Path(sys.argv[1]), tables)\nexcept kh.IngestError as error:\n    sys.exit(7)\n"
    )
    into = tmp_path / "wh"
    command = [sys.executable, "-c", code, str(into)]
    racers = [
        subprocess.Popen([*command, str(n)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for n in range(3)
    ]
    for racer in racers:
        assert racer.stdout is not None
        racer.stdout.readline()
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.close()
    codes = sorted(racer.wait() for racer in racers)
    for racer in racers:
        assert racer.stdout is not None
        racer.stdout.close()
    assert codes == [0, 7, 7]
    wh = kh.open(into)
    assert wh.snapshot == 1
    assert wh.verify(progress=False) > 0
    no_debris(into)


def test_an_old_reader_reads_on(tmp_path: Path) -> None:
    into = tmp_path / "wh"
    old = make(into)
    before = answer(old)
    new = make(into, source(seed=3), replace=True)
    assert new.snapshot == 2
    assert answer(new) != before
    fresh = kh.open(into)
    assert answer(fresh) == answer(new)
    assert answer(old) == before


def interrupted(code: str, *arguments: str | Path, after: float) -> subprocess.Popen[str]:
    process = start(code, *arguments)
    time.sleep(after)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=20)
    took = time.monotonic() - began
    assert "KeyboardInterrupt" in error, error
    assert "Panic" not in error
    # The promise is a second; a machine that does other work at the time gets more.
    assert took < 10, f"it took {took:.1f} s to stop"
    return process


def test_ctrl_c_while_the_demo_is_made(tmp_path: Path) -> None:
    code = BEGIN + "print('begun', flush=True)\nkh.demo(1_000_000, path=sys.argv[1], progress=False)\n"
    interrupted(code, tmp_path / "demo", after=1.0)
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_while_the_kept_demo_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOHORT_CACHE", str(tmp_path / "cache"))
    interrupted(BEGIN + "print('begun', flush=True)\nkh.demo(1_000_000, progress=False)\n", after=1.0)
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("after", [0.05, 0.5])
def test_ctrl_c_during_an_ingest(after: float, tmp_path: Path) -> None:
    # So many events that a fast machine is not done when the signal comes.
    interrupted(INGEST.replace("large()", "large(events=4_000_000)"), tmp_path / "wh", after=after)
    assert not (tmp_path / "wh").exists()


def test_ctrl_c_during_a_run(right: tuple[Path, str]) -> None:
    """Runs again and again, with nothing kept between them, so that the signal meets the core at work."""
    code = BEGIN + (
        "wh = kh.open(sys.argv[1], memory=0)\nplan = conftest.definition()\nprint('begun', flush=True)\n"
        "while True:\n    wh.run(plan, progress=False)\n"
    )
    interrupted(code, right[0], after=0.3)


def _persons(wh: kh.Warehouse) -> int:
    """Ask the core alone: polars, like any library with one pool for ever, does not answer in a forked child."""
    return wh.run(definition(), progress=False)._core.persons()


def _child(path: str, inherited: kh.Warehouse, expected: int) -> None:
    os._exit(0 if _persons(kh.open(path)) == _persons(inherited) == expected else 1)


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_child_runs_queries(right: tuple[Path, str]) -> None:
    wh = kh.open(right[0])
    expected = _persons(wh)
    assert expected > 100
    fork = multiprocessing.get_context("fork")
    children = [fork.Process(target=_child, args=(str(right[0]), wh, expected)) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join(timeout=20)
        child.kill()
    assert [child.exitcode for child in children] == [0, 0, 0]
    assert _persons(wh) == expected
