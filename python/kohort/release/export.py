"""A release as files: data, figure, page, disclosure record, ACRO's results, and a seal over all of them."""

from __future__ import annotations

import json
import shutil
import tempfile
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from kohort.release.acro import acro_results
from kohort.release.charts import draw, has_chart
from kohort.release.page import release_page
from kohort.release.record import disclosure_record, written
from kohort.release.seal import NAME, checked_key, digest, files_in, seal

if TYPE_CHECKING:
    from kohort.release.released import Release


def export(release: Release, folder: str | Path, *, key: bytes | None = None) -> Path:
    """Write the files beside the target and move them into place at once; see `Release.export`."""
    target = Path(folder)
    checked_key(key)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FileExistsError(f"{target} exists and is not an empty folder: nothing was written; name a new one")
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        _write(release, work, datetime.now(UTC).isoformat(timespec="seconds"))
        _text(work / NAME, json.dumps(seal(work, key), indent=2) + "\n")
        work.chmod(0o755)
        if target.exists():
            target.rmdir()
        work.rename(target)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return target


def _write(release: Release, work: Path, created: str) -> None:
    frame, record = release.to_polars(), disclosure_record(release, created)
    frame.write_csv(work / "data.csv")
    frame.write_parquet(work / "data.parquet")
    tables = ["data.csv"]
    if has_chart(release) and find_spec("matplotlib") is not None:
        draw(release).savefig(work / "figure.png", dpi=150)
        tables.append("figure.png")
    _text(work / "disclosure.json", written(record))
    _text(work / "release.html", release_page(release, record))
    _text(
        work / "results.json", json.dumps(acro_results(release, created, tables), indent=2, ensure_ascii=False) + "\n"
    )
    checksums = {name: digest(work / name) for name in files_in(work)}
    (work / "checksums").mkdir()
    for name, found in checksums.items():
        _text(work / "checksums" / f"{name}.txt", found)


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
