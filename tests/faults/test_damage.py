"""A byte that flips, a file that is cut or gone: an error, never another answer and never a panic."""

from __future__ import annotations

import hashlib
import random
import re
import shutil
from pathlib import Path

import kohort as kh
import polars as pl
import pytest
from conftest import answer, files, make, source

HONEST = (kh.IntegrityError, FileNotFoundError)


def flip(path: Path, position: int, bit: int = 0) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 1 << bit
    path.write_bytes(data)


def kinds(root: Path) -> dict[str, Path]:
    """One file of each kind."""
    shard = root / "shards" / "0001"

    def one(pattern: str) -> Path:
        return next(shard.glob(pattern))

    return {
        "HEAD": root / "HEAD",
        "manifest": next((root / "snapshots").iterdir()),
        "persons": one("persons-*"),
        "observation": one("observation_period-*"),
        "events": one("drug-*"),
        "first events": one("drug.first-*"),
        "codes": one("drug.codes-*"),
        "other events": one("diagnosis-*"),
    }


KINDS = ("HEAD", "manifest", "persons", "observation", "events", "first events", "codes", "other events")


@pytest.fixture
def copy(right: tuple[Path, str], tmp_path: Path) -> Path:
    return Path(shutil.copytree(right[0], tmp_path / "copy"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_flipped_byte_is_never_a_wrong_answer(kind: str, copy: Path, right: tuple[Path, str]) -> None:
    path = kinds(copy)[kind]
    whole = path.read_bytes()
    draw = random.Random(kind)
    size = len(whole)
    places = {0, 3, size // 2, size - 1, size - 5, size - 9, *(draw.randrange(size) for _ in range(12))}
    errors = 0
    for position in sorted(places):
        flip(path, position, draw.randrange(8))
        try:
            found = answer(kh.open(copy))
        except HONEST:
            errors += 1
        else:
            assert found == right[1], f"byte {position} of {path.name}"
        with pytest.raises(HONEST):
            kh.open(copy).verify(progress=False)
        path.write_bytes(whole)
    assert errors > len(places) // 2
    assert answer(kh.open(copy)) == right[1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("left", [0, 1, 40])
def test_a_cut_file(kind: str, left: int, copy: Path) -> None:
    path = kinds(copy)[kind]
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(HONEST) as error:
        answer(kh.open(copy))
    assert path.name in str(error.value)
    with pytest.raises(HONEST):
        kh.open(copy).verify(progress=False)


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_file(kind: str, copy: Path) -> None:
    kinds(copy)[kind].unlink()
    with pytest.raises(HONEST):
        answer(kh.open(copy))
    with pytest.raises(HONEST):
        kh.open(copy).verify(progress=False)


def test_a_file_of_another_shard_in_its_place(copy: Path) -> None:
    here, there = copy / "shards" / "0001", copy / "shards" / "0000"
    shutil.copy(next(there.glob("drug-*")), next(here.glob("drug-*")))
    with pytest.raises(HONEST):
        answer(kh.open(copy))


def test_a_file_that_changes_while_it_is_open(copy: Path) -> None:
    wh = kh.open(copy)
    assert wh.count(kh.drug(kh.codes("ATC", "A10B001")), progress=False)
    path = next((copy / "shards" / "0001").glob("diagnosis.first-*"))
    flip(path, path.stat().st_size // 8)
    with pytest.raises(HONEST):
        wh.count(kh.diagnosis(), progress=False)


def test_labels_are_checked_too(tmp_path: Path) -> None:
    concepts = pl.DataFrame({"vocabulary": ["ATC"], "code": ["A10B000"], "label": ["a label"]})
    wh = make(tmp_path / "labeled", {**source(), "concepts": concepts})
    assert wh._core.labels("ATC", ["A10B000"]) == {"A10B000": "a label"}
    flip(next((tmp_path / "labeled" / "vocabulary").glob("concept-*")), 40)
    with pytest.raises(HONEST):
        kh.open(tmp_path / "labeled")._core.labels("ATC", ["A10B000"])


def test_an_older_layout_is_told_by_its_number(copy: Path) -> None:
    manifest = kinds(copy)["manifest"]
    text = re.sub(r'"layout": \d+', '"layout": 1', manifest.read_text())
    manifest.write_text(text)
    (copy / "HEAD").write_text(f"{manifest.name} {hashlib.sha256(text.encode()).hexdigest()}\n")
    with pytest.raises(kh.IntegrityError, match="layout 1"):
        kh.open(copy)


def test_damage_is_no_reason_to_write(copy: Path) -> None:
    flip(copy / "HEAD", 3)
    before = files(copy)
    with pytest.raises(HONEST):
        make(copy, replace=True)
    assert files(copy) == before
