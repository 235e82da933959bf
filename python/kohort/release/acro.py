"""The layout of ACRO's results.json, so that output checkers open a release in a SACRO viewer.

ACRO: Tools for the Semi-Automatic Checking of Research Outputs (AI-SDC, MIT), version 1.0.2: its `record.py` writes and
reads the fields below. Its viewer finds the cells to look at by row, and by column after the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kohort import _core

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kohort.release.released import Release

# ACRO reads no other version than its own.
LAYOUT = "1.0.2"
# What ACRO calls its check, where it has one.
_CHECKS = {"small": "MinimumThresholdCheck", "protective": "SecondarySuppression", "withheld": "Withheld"}
_OUTCOMES = {"small": "threshold; ", "protective": "secondary suppression; ", "withheld": "withheld; "}


def acro_results(release: Release, created: str, files: Sequence[str]) -> dict[str, Any]:
    """Return results.json of a release whose files are written at a time; the first file is the table."""
    table, *others = files
    counted = release.status_counts()
    columns = release.to_polars().columns
    found: dict[str, list[list[int]]] = {check: [] for check in _CHECKS.values()}
    for row, marks in enumerate(release.statuses):
        for mark, measure in zip(marks, release.measures, strict=True):
            if mark in _CHECKS and measure.kind == "count":
                found[_CHECKS[mark]].append([row, columns.index(measure.name) - 1])
    hidden = sum(map(len, found.values()))
    reasons = {"threshold": counted["small"], "secondary": counted["protective"], "withheld": counted["withheld"]}
    said = [f"{reason}: {cells} cells suppressed" for reason, cells in reasons.items() if cells]
    sdc = {
        "summary": {"suppressed": bool(hidden), **{check: len(cells) for check, cells in found.items()}},
        "cells": found,
    }
    output = {
        "uid": "output_0",
        "status": "review" if hidden else "pass",
        "type": "table",
        "properties": {
            "method": release.kind,
            "min_cell": release.rules.min_cell,
            "show_zeros": release.rules.show_zeros,
        },
        "files": [{"name": table, "sdc": sdc}, *({"name": name, "sdc": {}} for name in others)],
        "outcome": _outcome(release),
        "command": f"kohort {release.kind}: {release.title}",
        "summary": "; ".join(["suppressed" if hidden else "pass", *said]),
        "timestamp": created,
        "comments": [f"Rule {record.name}: {record.did}." for record in release.record],
        "exception": "",
        "fair": {},
    }
    tool = {"@type": "SoftwareApplication", "name": "kohort", "version": _core.VERSION}
    return {"version": LAYOUT, "tool": tool, "results": {"output_0": output}}


def _outcome(release: Release) -> dict[str, dict[str, str]]:
    joined = [" / ".join(labels) for labels in release.labels]
    names = joined if len(set(joined)) == len(joined) else [str(row) for row in range(len(joined))]
    return {
        measure.name: {name: _OUTCOMES.get(marks[j], "ok") for name, marks in zip(names, release.statuses, strict=True)}
        for j, measure in enumerate(release.measures)
    }
