"""OHDSI cohort definitions: kohort beside Circe's own SQL on DuckDB, in one run.

Run it with ``python bench/circe.py CDM DEFINITIONS``: a folder of Parquet files of an OMOP CDM, and a folder of Circe
JSON files. Circe's SQL is built and translated by duckcdm before the clock starts and run on tables in memory; kohort
gets its plan as JSON, with columns decoded before (warm) and every sub-result of the run before forgotten. Each of the
two runs a definition so many times, of which the median counts. The rows of every definition are compared. Machines
are noisy: what counts are the ratios. ``--only kohort`` or ``--only circe`` runs one alone, to see its peak memory.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import kohort as kh
from duckcdm import circe, omop, sqlrender
from kohort import _core

if TYPE_CHECKING:
    from collections.abc import Callable

RESULTS = (
    "create schema results; create table results.cohort "
    "(cohort_definition_id bigint, subject_id bigint, cohort_start_date date, cohort_end_date date)"
)


class Circe:
    """A CDM in DuckDB, asked in Circe's SQL."""

    def __init__(self, cdm: Path) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("set threads = 2")
        omop.create_parquet_views(self.connection, str(cdm), materialize=True, log=lambda *_: None)
        self.connection.execute(RESULTS)

    def statements(self, text: str) -> list[str]:
        """Build and translate the SQL of a definition."""
        query = circe.build_cohort_query(
            text,
            cohort_id=1,
            cdm_schema="main",
            vocabulary_schema="main",
            result_schema="results",
            target_table="results.cohort",
            generate_stats=False,
        )
        return list(sqlrender.split_sql(sqlrender.translate(sqlrender.render(query), "duckdb")))

    def run(self, statements: list[str]) -> None:
        """Run a definition."""
        for statement in statements:
            self.connection.execute(statement)

    def rows(self) -> list[tuple[Any, ...]]:
        """Give the rows of the definition that was run last."""
        query = "select subject_id, cohort_start_date, cohort_end_date from results.cohort order by all"
        return self.connection.execute(query).fetchall()


def median(work: Callable[[], object], repeats: int, *, before: Callable[[], object] = lambda: None) -> float:
    """Run some times, each after something that is not timed; gives the median of the seconds."""
    times = []
    for _ in range(repeats):
        before()
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cdm", type=Path)
    parser.add_argument("definitions", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", choices=["kohort", "circe"])
    arguments = parser.parse_args()
    if _core.DEBUG_BUILD:
        raise SystemExit("this is a debug build: build with --release before measuring")
    warnings.simplefilter("ignore", kh.KohortWarning)
    texts = {path.stem: path.read_text() for path in sorted(arguments.definitions.glob("*.json"))}
    ours: dict[str, float] = {}
    theirs: dict[str, float] = {}
    whole = {"kohort": 0.0, "circe": 0.0}
    with tempfile.TemporaryDirectory() as folder:
        kh.ingest.omop(arguments.cdm, into=Path(folder) / "wh", progress=False)
        core = _core.Warehouse(Path(folder) / "wh", 4 << 30)
        oracle = None if arguments.only == "kohort" else Circe(arguments.cdm)
        different = []
        for name, text in texts.items():
            found = None
            if arguments.only != "circe":
                begin = time.perf_counter()
                plan = kh.from_circe(text).to_json()
                whole["kohort"] += time.perf_counter() - begin
                found = core.run(plan)
                ours[name] = median(lambda plan=plan: core.run(plan), arguments.repeats, before=core.forget)
            if oracle is not None:
                begin = time.perf_counter()
                statements = oracle.statements(text)
                whole["circe"] += time.perf_counter() - begin
                theirs[name] = median(lambda made=statements: oracle.run(made), arguments.repeats)
                if found is not None:
                    import polars as pl  # noqa: PLC0415

                    rows = sorted((int(p), start, end) for p, start, end in pl.DataFrame(found.rows()).rows())
                    if rows != oracle.rows():
                        different.append(name)
        print(f"{len(texts)} definitions on {arguments.cdm}; {len(different)} with other rows: {different}")
    for label, times in (("kohort", ours), ("circe", theirs)):
        if times:
            values = sorted(times.values())
            print(
                f"{label}: execution {sum(values):.2f} s, median {1e3 * statistics.median(values):.3f} ms, "
                f"95 % {1e3 * values[int(len(values) * 0.95)]:.2f} ms, most {1e3 * values[-1]:.1f} ms; "
                f"from JSON to what is executed {whole[label]:.2f} s"
            )
    if ours and theirs:
        ratios = sorted(theirs[name] / ours[name] for name in ours)
        ends = {label: sum(times.values()) + whole[label] for label, times in (("kohort", ours), ("circe", theirs))}
        print(
            f"execution: {sum(theirs.values()) / sum(ours.values()):.0f} times faster in total, "
            f"{statistics.median(ratios):.0f} times in the median definition; "
            f"end to end {ends['circe'] / ends['kohort']:.0f} times"
        )
        print(json.dumps({"slowest": sorted(ours, key=ours.__getitem__)[-5:]}))
    print(f"peak memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20):.2f} GiB")


if __name__ == "__main__":
    main()
