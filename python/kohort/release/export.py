"""A release as files: data, a page to read, and the disclosure record that an output checker signs."""

from __future__ import annotations

import json
import shutil
import tempfile
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kohort import _core
from kohort.release.render import explanation, html_card

if TYPE_CHECKING:
    from kohort.release.released import Release


def disclosure_record(release: Release) -> dict[str, Any]:
    """Return the record: what was released under which rules; never a hidden value."""
    context = dict(release.context)
    rules = release.rules
    extra: dict[str, str | int | float] = {"rounding": rules.rounding} if rules.rounding > 1 else {}
    if rules.protection is not None:
        extra = rules.protection.parameters()
    return {
        "tool": {"name": "kohort", "version": _core.VERSION},
        "kind": release.kind,
        "title": release.title,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "plan_hash": context.pop("plan_hash", None),
        "snapshot": context.pop("snapshot", None),
        "context": context,
        "parameters": {"min_cell": release.rules.min_cell, "show_zeros": release.rules.show_zeros, **extra},
        "rules": [{"name": record.name, "did": record.did} for record in release.record],
        "cells": {
            "counts": release.status_counts("count"),
            "magnitudes": release.status_counts("magnitude"),
            "derived": release.status_counts("derived"),
        },
    }


def export(release: Release, folder: str | Path) -> Path:
    """Write the files beside the target and move them into place at once; see `Release.export`."""
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FileExistsError(f"{target} exists and is not an empty folder: nothing was written; name a new one")
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        frame = release.to_polars()
        frame.write_csv(work / "data.csv")
        frame.write_parquet(work / "data.parquet")
        (work / "release.html").write_text(_page(release), encoding="utf-8")
        record = json.dumps(disclosure_record(release), indent=2, ensure_ascii=False)
        (work / "disclosure.json").write_text(record + "\n", encoding="utf-8")
        work.chmod(0o755)
        if target.exists():
            target.rmdir()
        work.rename(target)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return target


def _page(release: Release) -> str:
    reasons = "".join(f"<p>{escape(line)}</p>" for line in explanation(release).splitlines())
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(release.title)}</title></head>'
        f'<body style="margin:2rem;color-scheme:light dark">{html_card(release)}'
        f'<div style="font:13px/1.5 system-ui,sans-serif;max-width:62rem">{reasons}</div></body></html>\n'
    )
