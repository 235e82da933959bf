"""Cohort queries on 2 million persons and 100 million events: kohort beside DuckDB and Polars, in one run.

Run it with ``python bench/cohorts.py [--persons N] [--events-per-person N] [--repeats N] [--order person|code]``.

The events are those of the demo generator, made on first use into kohort's cache folder. The others get the same events
as Parquet files in the order in which event tables are commonly kept, by person and day (``--order code`` gives them
kohort's own order instead, an index for nothing), with whole numbers for persons and dates for days; Polars gets codes
as categories. All answers are compared before any time is printed. "warm" has decoded columns in memory, as the others
have; sub-results that kohort keeps between questions are forgotten before each. "cold" is a warehouse that was just
opened, or a query straight from files, with the files in the system's page cache. Machines are noisy: what counts are
the ratios.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import kohort as kh
import polars as pl
from kohort import _core
from kohort.demo import cache_folder

if TYPE_CHECKING:
    from collections.abc import Callable

DPP4 = kh.codes("ATC", "A10BH*", "A10BD07")
METFORMIN = kh.codes("ATC", "A10BA02")
BLADDER = kh.codes("ICD10", "C67*", "D090")

NEW_USERS = (
    kh.cohort("new users")
    .entry(kh.drug(DPP4).first(), between=("2013-01-01", "2018-12-31"))
    .observed(before=365)
    .require("metformin in the 180 days before", kh.drug(METFORMIN).within(-180, -1).any())
    .exclude("bladder cancer before", kh.diagnosis(BLADDER).before().any())
)
STATINS = kh.codes("ATC", "C10AA*")
THREE = (
    kh.cohort("three deliveries within a year")
    .entry(kh.drug(STATINS))
    .require("three", kh.drug(STATINS).within(0, 364, observed=False).distinct_days() >= 3)
)

SQL = {
    "distinct": "select count(distinct person) from drug where code like 'A10%'",
    "new users": """
        with first as (
          select person, min(start) as day from drug where code like 'A10BH%' or code = 'A10BD07' group by person
        ), observed as (
          select f.person, f.day, o.start as period from first f join observation o on o.person = f.person
          where f.day between date '2013-01-01' and date '2018-12-31'
            and o.start + 365 <= f.day and f.day <= o."end"
        )
        select count(distinct person) from observed i
        where exists (
          select 1 from drug d where d.code = 'A10BA02' and d.person = i.person
            and d.start between greatest(i.day - 180, i.period) and i.day - 1
        ) and not exists (
          select 1 from diagnosis d where (d.code like 'C67%' or d.code = 'D090') and d.person = i.person
            and d.start between i.period and i.day - 1
        )""",
    "three": """
        with days as (select distinct person, start from drug where code like 'C10AA%'),
        third as (select person, start - lag(start, 2) over (partition by person order by start) as span from days)
        select count(distinct person) from third where span <= 364""",
}


def polars_queries(drug: pl.LazyFrame, diagnosis: pl.LazyFrame, observation: pl.LazyFrame) -> dict[str, pl.LazyFrame]:
    """Write the three questions as Polars users would."""
    code = pl.col("code").cat
    distinct = drug.filter(code.starts_with("A10")).select(pl.col("person").n_unique())
    first = (
        drug.filter(code.starts_with("A10BH") | (pl.col("code") == "A10BD07"))
        .group_by("person")
        .agg(day=pl.col("start").min())
        .filter(pl.col("day").is_between(pl.date(2013, 1, 1), pl.date(2018, 12, 31)))
        .join(observation.rename({"start": "period"}), on="person")
        .filter(pl.col("period") + pl.duration(days=365) <= pl.col("day"), pl.col("day") <= pl.col("end"))
    )
    before = (
        drug.filter(pl.col("code") == "A10BA02")
        .join(first, on="person")
        .filter(
            pl.col("start").is_between(
                pl.max_horizontal(pl.col("day") - pl.duration(days=180), "period"), pl.col("day") - pl.duration(days=1)
            )
        )
        .select("person")
        .unique()
    )
    cancer = (
        diagnosis.filter(code.starts_with("C67") | (pl.col("code") == "D090"))
        .join(first, on="person")
        .filter(pl.col("start").is_between(pl.col("period"), pl.col("day") - pl.duration(days=1)))
        .select("person")
        .unique()
    )
    new = first.join(before, on="person", how="semi").join(cancer, on="person", how="anti")
    three = (
        drug.filter(code.starts_with("C10AA"))
        .select("person", "start")
        .unique()
        .sort("person", "start")
        .filter(
            (pl.col("person") == pl.col("person").shift(2))
            & ((pl.col("start") - pl.col("start").shift(2)).dt.total_days() <= 364)
        )
        .select(pl.col("person").n_unique())
    )
    return {"distinct": distinct, "new users": new.select(pl.col("person").n_unique()), "three": three}


def tables(path: Path) -> dict[str, list[tuple[str, int]]]:
    """List the files of each table with the number of the first person of their shard."""
    manifest = json.loads(max((path / "snapshots").iterdir()).read_text())
    found: dict[str, list[tuple[str, int]]] = {"drug": [], "diagnosis": [], "observation": []}
    first = 0
    for shard in manifest["shards"]:
        folder = path / shard["folder"]
        for name in ("drug", "diagnosis"):
            found[name].append((str(folder / shard["domains"][name]["events"]["name"]), first))
        found["observation"].append((str(folder / shard["tables"]["observation_period"]["name"]), first))
        first += shard["persons"]
    return found


def export(files: dict[str, list[tuple[str, int]]], folder: Path, order: str) -> dict[str, Path]:
    """Write each table as one Parquet file in the order that the others get."""
    folder.mkdir(parents=True, exist_ok=True)
    written = {name: folder / f"{name}-by-{order}.parquet" for name in files}
    connection = duckdb.connect()
    for name, parts in files.items():
        if written[name].exists():
            continue
        columns = 'start, "end"' if name == "observation" else "code::varchar as code, start"
        by = "person, start" if order == "person" or name == "observation" else "code, person, start"
        selects = [f"select (person + {first})::uinteger as person, {columns} from '{file}'" for file, first in parts]
        fresh = written[name].with_suffix(".fresh")
        connection.execute(
            f"copy ({' union all '.join(selects)} order by {by}) to '{fresh}' (format parquet, compression zstd)"
        )
        fresh.rename(written[name])
    return written


def load_duckdb(files: dict[str, Path], *, materialize: bool) -> duckdb.DuckDBPyConnection:
    """Give DuckDB the tables: in memory, or straight from the files."""
    connection = duckdb.connect()
    connection.execute("set threads = 2")
    for name, file in files.items():
        connection.execute(f"create {'table' if materialize else 'view'} {name} as select * from '{file}'")
    return connection


def load_polars(files: dict[str, Path]) -> dict[str, pl.LazyFrame]:
    """Give Polars the tables, lazily, with codes as categories."""
    frames = {name: pl.scan_parquet(file) for name, file in files.items()}
    return {
        name: frame if name == "observation" else frame.with_columns(pl.col("code").cast(pl.Categorical))
        for name, frame in frames.items()
    }


def timed(work: Callable[[], Any], repeats: int, before: Callable[[], object] = int) -> tuple[Any, float]:
    """Run once to warm up, then `repeats` times after `before`, untimed; give the answer and the median in ms."""
    answer = work()
    times = []
    for _ in range(repeats):
        before()
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return answer, statistics.median(times) * 1e3


def once(work: Callable[[], Any], repeats: int) -> tuple[Any, float]:
    """Run `repeats` times without a warm-up; give the last answer and the median in milliseconds."""
    times = []
    answer = None
    for _ in range(repeats):
        begin = time.perf_counter()
        answer = work()
        times.append(time.perf_counter() - begin)
    return answer, statistics.median(times) * 1e3


def kohort_queries(core: _core.Warehouse) -> dict[str, Callable[[], int]]:
    """Ask kohort's core, below the gate: the others do not protect their answers either."""
    distinct = json.dumps(kh.drug(kh.codes("ATC", "A10*")).plan())
    new, three = NEW_USERS.to_json(), THREE.to_json()
    return {
        "distinct": lambda: core.count_persons(distinct),
        "new users": lambda: core.run(new).persons(),
        "three": lambda: core.run(three).persons(),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=2_000_000)
    parser.add_argument("--events-per-person", type=float, default=50.0)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--order", choices=["person", "code"], default="person")
    arguments = parser.parse_args()
    path = cache_folder() / f"bench-{_core.VERSION}-{arguments.persons}-{arguments.events_per_person:g}"
    if not (path / "HEAD").exists():
        kh.demo(arguments.persons, events_per_person=arguments.events_per_person, path=path)
    if _core.DEBUG_BUILD:
        raise SystemExit("this is a debug build: build with --release before measuring")
    files = export(tables(path), path.with_name(f"{path.name}-export"), arguments.order)
    memory = 4 << 30
    warehouse = _core.Warehouse(path, memory)
    warm = kohort_queries(warehouse)
    frames = load_polars(files)
    held = {name: frame.collect() for name, frame in frames.items()}
    in_memory = polars_queries(*(held[name].lazy() for name in ("drug", "diagnosis", "observation")))
    from_files = polars_queries(*(frames[name] for name in ("drug", "diagnosis", "observation")))
    inside, outside = load_duckdb(files, materialize=True), load_duckdb(files, materialize=False)
    events = sum(held[name].height for name in ("drug", "diagnosis"))
    print(
        f"{arguments.persons:,} persons, {events:,} deliveries and diagnoses; medians of {arguments.repeats}, in ms\n"
    )
    head = [
        "kohort warm",
        "DuckDB memory",
        "Polars eager",
        "Polars streaming",
        "kohort cold",
        "DuckDB Parquet",
        "Polars Parquet",
    ]
    print(f"{'':<12}" + "".join(f"{name:>18}" for name in head))
    for name in SQL:
        repeats = arguments.repeats
        runs = [
            # Sub-results of the run before would make this one free.
            timed(warm[name], max(repeats, 21), warehouse.forget),
            timed(lambda name=name: inside.execute(SQL[name]).fetchone()[0], repeats),
            timed(lambda name=name: in_memory[name].collect(engine="in-memory").item(), repeats),
            timed(lambda name=name: in_memory[name].collect(engine="streaming").item(), repeats),
            once(lambda name=name: kohort_queries(_core.Warehouse(path, memory))[name](), repeats),
            once(lambda name=name: outside.execute(SQL[name]).fetchone()[0], repeats),
            once(lambda name=name: from_files[name].collect(engine="streaming").item(), repeats),
        ]
        answers = {answer for answer, _ in runs}
        if len(answers) != 1:
            raise SystemExit(f"{name}: the answers differ: {[answer for answer, _ in runs]}")
        times = [milliseconds for _, milliseconds in runs]
        print(f"{name:<12}" + "".join(f"{value:>18,.1f}" for value in times))
        ratios = [times[j] / times[0] for j in range(4)] + [times[j] / times[4] for j in (4, 5, 6)]
        print(f"{'':<12}" + "".join(f"{ratio:>17.1f}x" for ratio in ratios))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
    print(f"\npeak memory of the whole comparison: {peak:.1f} GiB")


if __name__ == "__main__":
    main()
