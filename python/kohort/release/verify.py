"""An exported release checked again, without the warehouse: what an output checker runs."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from kohort import _core
from kohort.display import badge, card, table
from kohort.errors import IntegrityError
from kohort.release.acro import acro_results
from kohort.release.page import release_page
from kohort.release.reading import RECORD, read_json, release_of
from kohort.release.replay import check_attack, check_figures, check_rules
from kohort.release.seal import NAME, check_seal, checked_key, digest

if TYPE_CHECKING:
    from collections.abc import Callable

    from kohort.release.released import Release

_FILES = ("data.csv", "data.parquet", RECORD, "release.html", "results.json", NAME)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked: whether it holds, None where it could not be asked, and what was found."""

    name: str
    passes: bool | None
    said: str


@dataclass(frozen=True, slots=True, repr=False)
class Verification:
    """What a check of an exported release has found; true if everything holds.

    Attributes
    ----------
    folder
        What was checked.
    checks
        Seal, record, data, pages, rules, figures and attack, in this order.
    """

    folder: Path
    checks: tuple[Check, ...]

    @property
    def passes(self) -> bool:
        """Whether every check holds."""
        return all(check.passes for check in self.checks)

    @property
    def reason(self) -> str:
        """The first thing that does not hold, in a sentence; empty if all does."""
        return next((f"{check.name}: {check.said}" for check in self.checks if check.passes is False), "")

    def __bool__(self) -> bool:
        return self.passes

    def to_dict(self) -> dict[str, Any]:
        """Return what was found as plain values."""
        checks = [{"name": check.name, "passes": check.passes, "said": check.said} for check in self.checks]
        return {"folder": str(self.folder), "passes": self.passes, "reason": self.reason, "checks": checks}

    def __repr__(self) -> str:
        words = {True: "holds", False: "FAILS", None: "not asked"}
        lines = [f"  {check.name:<8} {words[check.passes]:<9}  {check.said}" for check in self.checks]
        return "\n".join([f"{self.folder} {'passes' if self.passes else 'does not pass'}", *lines])

    def _repr_html_(self) -> str:
        words = {True: "holds", False: "fails", None: "not asked"}
        verdict = badge("passes" if self.passes else "does not pass", "good" if self.passes else "bad")
        rows = [(check.name, words[check.passes], check.said) for check in self.checks]
        return card(f"Check of {self.folder.name}", verdict, table(["check", "", "found"], rows, stub=1))


def verify(folder: str | Path, *, key: bytes | None = None) -> Verification:
    """Check an exported release again, from its folder alone.

    Parameters
    ----------
    folder
        A folder that `Release.export` wrote.
    key
        The key it was sealed with. Without it, a folder whose files and seal were all made anew, in agreement with each
        other and with the rules, cannot be told from the folder that kohort wrote.

    Returns
    -------
    Verification
        Whether everything holds, and what each check found: the seal (no file changed, missing or added); the record
        (its schema, no contradiction); the data (CSV, Parquet and record say the same); the pages (release.html,
        results.json and checksums say the same); the rules (nothing shown below the threshold, alone or as the rest of
        a sum; all sums hold; no relation left out that the table shows); the figures (shown only with their counts,
        and equal to what follows from them); the attack (no small cell is bounded more tightly than the threshold
        allows).

    Raises
    ------
    NotADirectoryError
        If there is no such folder.
    ArgumentError
        If the key is shorter than 16 bytes.

    Notes
    -----
    What is drawn in figure.png is sealed, not read. The attack is the audit of Fischetti and Salazar-Gonzalez
    (Management Science 47, 2001), solved by HiGHS, which the gate does not use. The code of the seal is HMAC-SHA256
    (RFC 2104).

    Examples
    --------
    >>> import tempfile
    >>> import kohort as kh
    >>> import polars as pl
    >>> df = pl.DataFrame({"sex": ["f", "m", "x"], "n": [120, 340, 3]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     out = kh.release_table(df, dimensions=["sex"]).export(folder + "/out")
    ...     before = kh.verify(out)
    ...     _ = (out / "data.csv").write_text((out / "data.csv").read_text().replace("340", "341"))
    ...     after = kh.verify(out)
    >>> before.passes, after.reason
    (True, 'seal: data.csv was changed after the folder was sealed')
    """
    folder = Path(folder)
    checked_key(key)
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is not a folder: name one that Release.export wrote")
    checks = [_asked("seal", lambda: _sealed(folder, key))]
    read: list[tuple[Release, dict[str, Any]]] = []
    checks.append(_asked("record", lambda: _read(folder, read)))
    later: tuple[tuple[str, Callable[[Release, dict[str, Any]], str]], ...] = (
        ("data", lambda release, _: _same_data(folder, release)),
        ("pages", lambda release, record: _same_pages(folder, release, record)),
        ("rules", lambda release, _: check_rules(release)),
        ("figures", lambda release, _: check_figures(release)),
        ("attack", lambda release, _: check_attack(release)),
    )
    for name, question in later:
        if read:
            checks.append(_asked(name, lambda question=question: question(*read[0])))  # type: ignore[misc]
        else:
            checks.append(Check(name, None, "the record cannot be read"))
    return Verification(folder, tuple(checks))


def _asked(name: str, question: Callable[[], str]) -> Check:
    try:
        return Check(name, True, question())
    except IntegrityError as error:
        return Check(name, False, str(error))


def _sealed(folder: Path, key: bytes | None) -> str:
    for name in _FILES:
        if not (folder / name).is_file():
            raise IntegrityError(f"{name} is missing")
    return check_seal(folder, read_json(folder / NAME), key)


def _read(folder: Path, read: list[tuple[Release, dict[str, Any]]]) -> str:
    if not (folder / RECORD).is_file():
        raise IntegrityError(f"{RECORD} is missing")
    record = read_json(folder / RECORD)
    release = release_of(record)
    read.append((release, record))
    return f"as its schema says: {record['kind']}, {len(release.labels):,} rows, {release.rules}"


def _same_data(folder: Path, release: Release) -> str:
    wanted = release.to_polars()
    try:
        stored = pl.read_parquet(folder / "data.parquet")
    except (pl.exceptions.PolarsError, OSError) as error:
        raise IntegrityError("data.parquet cannot be read") from error
    if stored.schema != wanted.schema or not stored.equals(wanted):
        raise IntegrityError("data.parquet is not the table that the record tells of")
    try:
        with (folder / "data.csv").open(encoding="utf-8", newline="") as file:
            head, *lines = list(csv.reader(file, strict=True)) or [[]]
    except (csv.Error, UnicodeDecodeError, OSError) as error:
        raise IntegrityError("data.csv cannot be read") from error
    kinds = wanted.dtypes
    if head != wanted.columns or len(lines) != wanted.height:
        raise IntegrityError("data.csv has not the rows and columns that the record tells of")
    for number, (line, row) in enumerate(zip(lines, wanted.iter_rows(), strict=True), start=2):
        if len(line) != len(row) or not all(map(_same, line, row, kinds)):
            raise IntegrityError(f"line {number} of data.csv is not what the record tells")
    return "CSV, Parquet and record are the same table"


def _same(text: str, value: str | float | None, kind: pl.DataType) -> bool:
    if not kind.is_numeric() or value is None:
        return text == (value or "")
    try:
        return float(text) == value if kind.is_float() else text == str(value)
    except ValueError:
        return False


def _same_pages(folder: Path, release: Release, record: dict[str, Any]) -> str:
    tables = ["data.csv", *(["figure.png"] if (folder / "figure.png").exists() else [])]
    if record["tool"]["version"] != _core.VERSION:
        version = record["tool"]["version"]
        return f"written by version {version}, which may say things otherwise: the seal alone speaks for them"
    if _text(folder / "release.html") != release_page(release, record):
        raise IntegrityError("release.html says something else than the record")
    expected = json.loads(json.dumps(acro_results(release, record["created"], tables)))
    if read_json(folder / "results.json") != expected:
        raise IntegrityError("results.json says something else than the record")
    for path in sorted((folder / "checksums").glob("*")):
        told = folder / path.name.removesuffix(".txt")
        if not told.is_file() or _text(path) != digest(told):
            raise IntegrityError(f"checksums/{path.name} is not the SHA-256 of its file")
    return "release.html, results.json and checksums say the same"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise IntegrityError(f"{path.name} cannot be read") from error
