"""A release read back from the folder that `Release.export` wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kohort.errors import IntegrityError
from kohort.release.record import rules_of, tallies
from kohort.release.released import Level, Measure, Release, RuleRecord
from kohort.release.schema import check, disclosure_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORD = "disclosure.json"


def read_release(folder: str | Path) -> Release:
    """Read a release back from its disclosure record.

    The record alone is read and checked in itself; `kohort.verify` compares it with the other files.

    Parameters
    ----------
    folder
        A folder that `Release.export` wrote.

    Returns
    -------
    Release
        The table as it was released, with the statuses of its cells and their relations: it can be shown, converted,
        attacked and exported again.

    Raises
    ------
    FileNotFoundError
        If there is no disclosure record.
    IntegrityError
        If the record is not as its schema says, or contradicts itself.

    Examples
    --------
    >>> import tempfile
    >>> import polars as pl
    >>> df = pl.DataFrame({"sex": ["f", "m", "x"], "n": [120, 340, 3]})
    >>> from kohort.release import release_table
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     again = read_release(release_table(df, dimensions=["sex"]).export(folder + "/out"))
    >>> again.statuses[2]
    ('small',)
    """
    return release_of(read_json(Path(folder) / RECORD))


def read_json(path: Path) -> Any:
    """Read a file of JSON in which no name is there twice: of two, one would go unseen."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise IntegrityError(f"{path.name} names something twice")
        return found

    def number(_: str) -> None:
        raise IntegrityError(f"{path.name} holds a number that is none")

    try:
        return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=unique, parse_constant=number)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise IntegrityError(f"{path.name} is not JSON") from error


def release_of(record: Any) -> Release:
    """Return the release that a record tells of."""
    check(record, disclosure_schema(), RECORD)
    table, audit = record["table"], record["audit"]
    context = {name: record[name] for name in ("plan_hash", "snapshot") if record[name] is not None}
    release = Release(
        title=record["title"],
        kind=record["kind"],
        dimensions=tuple(table["dimensions"]),
        measures=tuple(Measure(measure["name"], measure["kind"], measure["decimals"]) for measure in table["measures"]),
        labels=tuple(tuple(row["labels"]) for row in table["rows"]),
        values=tuple(tuple(row["values"]) for row in table["rows"]),
        statuses=tuple(tuple(row["statuses"]) for row in table["rows"]),
        decisions=tuple(tuple(map(tuple, row["decided_by"])) for row in table["rows"]),
        cells=tuple(None if cell is None else (cell[0], cell[1]) for cell in audit["cells"]),
        relations=tuple((relation["total"], tuple(relation["parts"])) for relation in audit["relations"]),
        sensitive=tuple(audit.get("sensitive", ())),
        levels=tuple(tuple(Level(*level) for level in row["levels"]) for row in table["rows"] if "levels" in row),
        needs=tuple(tuple(m["needs"]) for m in table["measures"] if "needs" in m),
        rules=rules_of(record["policy"]),
        record=tuple(RuleRecord(rule["name"], rule["did"]) for rule in record["rules"]),
        context=tuple((context | record["parameters"]).items()),
    )
    for fault in _faults(release, table["rows"]):
        raise IntegrityError(f"{RECORD}: {fault}")
    if record["cells"] != tallies(release):
        raise IntegrityError(f"{RECORD}: the numbers of cells by status are not those of the table")
    return release


def _faults(release: Release, rows: list[dict[str, Any]]) -> Iterator[str]:
    width, names = len(release.measures), [*release.dimensions, *(measure.name for measure in release.measures)]
    if len({*names, *(f"{measure.name}_status" for measure in release.measures)}) != len(names) + width:
        yield "two columns have the same name"
    for position, row in enumerate(rows):
        if release.levels and len(row.get("levels", ())) != len(release.dimensions):
            yield f"row {position} has not a level for each dimension"
        if len(row["labels"]) != len(release.dimensions):
            yield f"row {position} has not a label for each dimension"
        if not len(row["values"]) == len(row["statuses"]) == len(row["decided_by"]) == width:
            yield f"row {position} has not a cell for each measure"
    if len(set(release.labels)) != len(release.labels):
        yield "two rows have the same labels"
    yield from _faults_of_cells(release)
    yield from _faults_of_relations(release)


def _faults_of_cells(release: Release) -> Iterator[str]:
    for labels, values, statuses in zip(release.labels, release.values, release.statuses, strict=True):
        for measure, value, status in zip(release.measures, values, statuses, strict=True):
            where = f"{' / '.join(labels)}, {measure.name}"
            if (value is not None) != (status == "shown"):
                yield f"{where} is {status} and has {'no' if value is None else 'a'} value"
            if measure.kind == "count" and not (value is None or isinstance(value, int)):
                yield f"{where} is not a whole number of persons"


def _faults_of_relations(release: Release) -> Iterator[str]:
    places = [cell for cell in release.cells if cell is not None]
    height, width = len(release.labels), len(release.measures)
    if any(row >= height or j >= width for row, j in places) or len(set(places)) != len(places):
        yield "a cell of the audit is not in the table, or is there twice"
    members = [cell for total, parts in release.relations for cell in (total, *parts)]
    members += [need for needs in release.needs for need in needs if isinstance(need, int)]
    if any(cell >= len(release.cells) for cell in members):
        yield "a relation or a figure names a cell that is not there"
    if any(line >= len(release.relations) for line in release.sensitive):
        yield "a sensitive relation is not there"
    counts = {measure.name for measure in release.measures if measure.kind == "count"}
    if any(measure.kind == "derived" for measure in (release.measures[j] for _, j in places if j < width)):
        yield "a cell of the audit is a derived figure"
    if any(need not in counts for needs in release.needs for need in needs if isinstance(need, str)):
        yield "a figure is worked out from a count that is not there"
