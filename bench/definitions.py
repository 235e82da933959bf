"""Five cohort definitions on 100 million events beside one tuned statement of DuckDB each; and a hundred related ones.

Run it with ``python bench/definitions.py [--persons N] [--events-per-person N] [--repeats N]``, on the population of
``bench/cohorts.py``. DuckDB has the events in memory, by person and day, and answers each definition in one statement
written by hand for it, without Circe's temporary tables. kohort gets the plan as JSON, warm, and has forgotten every
sub-result of the run before. Rows, first days and last days are compared before any time is printed.

The second part runs a hundred definitions that share their beginnings, one by one with nothing kept between them, and
together as `Warehouse.run_all` does.
"""

from __future__ import annotations

import argparse
import random
import resource
from typing import TYPE_CHECKING

import duckdb
import kohort as kh
import polars as pl
from cohorts import BLADDER, METFORMIN, NEW_USERS, STATINS, tables, timed
from kohort import _core
from kohort.demo import cache_folder
from kohort.warehouse import TOGETHER

if TYPE_CHECKING:
    from pathlib import Path

DIURETICS, ANTICOAGULANTS = kh.codes("ATC", "C03CA*"), kh.codes("ATC", "B01AF*")
INFARCTION = kh.codes("ICD10", "I21*")
FAILURE, STROKE, FIBRILLATION = (kh.codes("ICD10", code) for code in ("I50*", "I63*", "I48*"))

DEFINITIONS = {
    "new users": (
        NEW_USERS,
        """
        with first as (
          select person, min(start) as day from drug where code like 'A10BH%' or code = 'A10BD07' group by person
        ), observed as (
          select f.person, f.day, o.start as period, o."end" as last from first f join observation o
            on o.person = f.person and o.start + 365 <= f.day and f.day <= o."end"
          where f.day between date '2013-01-01' and date '2018-12-31'
        )
        select person, day as first, last from observed i
        where exists (
          select 1 from drug d where d.code = 'A10BA02' and d.person = i.person
            and d.start between greatest(i.day - 180, i.period) and i.day - 1
        ) and not exists (
          select 1 from diagnosis d where (d.code like 'C67%' or d.code = 'D090') and d.person = i.person
            and d.start between i.period and i.day - 1
        )""",
    ),
    "washout": (
        kh.cohort("statins after an infarction, none in the year before")
        .entry(kh.drug(STATINS))
        .observed(before=365)
        .exclude("statins before", kh.drug(STATINS).within(-365, -1).any())
        .require("infarction lately", kh.diagnosis(INFARCTION).within(-90, 0).any())
        .exit(kh.fixed_days(365)),
        """
        with days as (select distinct person, start from drug where code like 'C10AA%'),
        fresh as (
          select person, start from days
          qualify start - lag(start) over (partition by person order by start) > 365
            or lag(start) over (partition by person order by start) is null
        ), held as (
          select f.person, f.start, o."end" as last from fresh f join observation o
            on o.person = f.person and o.start + 365 <= f.start and f.start <= o."end"
          where exists (
            select 1 from diagnosis d where d.code like 'I21%' and d.person = f.person
              and d.start between greatest(f.start - 90, o.start) and f.start
          )
        ), earliest as (select person, min(start) as first, arg_min(last, start) as last from held group by person)
        select person, first, least(first + 365, last) as last from earliest""",
    ),
    "supply": (
        kh.cohort("metformin until it ends").entry(kh.drug(METFORMIN).first()).exit(kh.end_of_supply(gap=60)),
        """
        with deliveries as (
          select person, start, start + greatest(coalesce(days_supply, 1), 1) - 1 as covered
          from drug where code = 'A10BA02'
        ), marked as (
          select *, case when start - max(covered) over (
            partition by person order by start, covered rows between unbounded preceding and 1 preceding
          ) - 1 <= 60 then 0 else 1 end as fresh from deliveries
        ), islands as (
          select person, start, covered,
            sum(fresh) over (partition by person order by start, covered rows unbounded preceding) as island from marked
        ), firsts as (
          select person, min(start) as first, max(covered) as last from islands where island = 1 group by person
        )
        select f.person, f.first, least(f.last, o."end") as last from firsts f join observation o
          on o.person = f.person and f.first between o.start and o."end" """,
    ),
    "nested": (
        kh.cohort("heart failure that is treated").entry(
            kh.diagnosis(FAILURE).having(kh.drug(DIURETICS).within(0, 30).any())
        ),
        """
        with held as (
          select d.person, d.start, o."end" as last from diagnosis d join observation o
            on o.person = d.person and d.start between o.start and o."end"
          where d.code like 'I50%' and exists (
            select 1 from drug g where g.code like 'C03CA%' and g.person = d.person
              and g.start between d.start and least(d.start + 30, o."end")
          )
        )
        select person, min(start) as first, arg_min(last, start) as last from held group by person""",
    ),
    "counted": (
        kh.cohort("first stroke, anticoagulants, no fibrillation before")
        .entry(kh.diagnosis(STROKE).first())
        .exclude("fibrillation before", kh.diagnosis(FIBRILLATION).before().any())
        .require("anticoagulants", kh.drug(ANTICOAGULANTS).within(0, 90).distinct_days() >= 2),
        """
        with first as (select person, min(start) as day from diagnosis where code like 'I63%' group by person),
        held as (
          select f.person, f.day, o.start as period, o."end" as last from first f join observation o
            on o.person = f.person and f.day between o.start and o."end"
          where not exists (
            select 1 from diagnosis d where d.code like 'I48%' and d.person = f.person
              and d.start between o.start and f.day - 1
          )
        )
        select h.person, h.day as first, any_value(h.last) as last from held h join drug d
          on d.person = h.person and d.code like 'B01AF%' and d.start between h.day and least(h.day + 90, h.last)
        group by h.person, h.day having count(distinct d.start) >= 2""",
    ),
}


def total(column: str) -> str:
    """Write the sum of a column of dates, as days since 1970-01-01, in DuckDB's SQL."""
    return f"coalesce(sum({column}::date - date '1970-01-01'), 0)::bigint"


def load(files: dict[str, list[tuple[str, int]]]) -> duckdb.DuckDBPyConnection:
    """Give DuckDB the events in memory, by person and day."""
    connection = duckdb.connect()
    connection.execute("set threads = 2")
    for name, parts in files.items():
        columns = {"drug": "code::varchar as code, start, days_supply", "diagnosis": "code::varchar as code, start"}
        wanted = columns.get(name, 'start, "end"')
        selects = [f"select (person + {first})::uinteger as person, {wanted} from '{file}'" for file, first in parts]
        connection.execute(f"create table {name} as {' union all '.join(selects)} order by person, start")
    return connection


def five(path: Path, repeats: int) -> None:
    """Measure the five definitions."""
    core = _core.Warehouse(path, 4 << 30)
    connection = load(tables(path))
    events = connection.execute("select (select count(*) from drug) + (select count(*) from diagnosis)").fetchall()[0][
        0
    ]
    print(f"{events:,} deliveries and diagnoses; medians of {repeats}, in ms\n")
    print(f"{'':<12}{'rows':>10}{'kohort':>12}{'DuckDB':>12}{'ratio':>9}")
    for name, (cohort, sql) in DEFINITIONS.items():
        plan = cohort.to_json()
        days = [pl.col(name).to_physical().cast(pl.Int64).sum() for name in ("start", "end")]
        found = pl.DataFrame(core.run(plan).rows()).select(pl.len(), *days)
        whole = f"select count(*), {total('first')}, {total('last')} from ({sql})"
        expected = connection.execute(whole).fetchall()[0]
        if tuple(found.row(0)) != tuple(expected):
            raise SystemExit(f"{name}: the answers differ: {found.row(0)} and {expected}")
        _, ours = timed(lambda plan=plan: core.run(plan), max(repeats, 9), core.forget)
        _, theirs = timed(lambda whole=whole: connection.execute(whole).fetchall(), repeats)
        # Rounded: a benchmark has no business with exact numbers of persons either.
        print(f"{name:<12}{round(expected[0], -3):>10,}{ours:>12,.1f}{theirs:>12,.1f}{theirs / ours:>8.0f}x")


def related(count: int) -> list[kh.definition.Cohort]:
    """Make definitions that begin alike: some of twelve rules each, on the same entry."""
    base = kh.cohort("base").entry(kh.drug(STATINS)).observed(before=365)
    rules = [
        ("adult", kh.age() >= 18),
        ("no infarction before", kh.diagnosis(INFARCTION).before().none()),
        ("metformin lately", kh.drug(METFORMIN).within(-180, 0).any()),
        ("no bladder cancer", kh.diagnosis(BLADDER).before().none()),
        ("no fibrillation", kh.diagnosis(FIBRILLATION).within(-365, 0).none()),
        ("statins again", kh.drug(STATINS).within(1, 365).distinct_days() >= 2),
        ("large deliveries", kh.drug(STATINS).where(kh.column("quantity") >= 2).within(-365, 0).any()),
        ("long stays", kh.stay().where(kh.column("length") >= 3).within(-365, 0).any()),
        ("treated failure", kh.diagnosis(FAILURE).having(kh.drug(DIURETICS).within(0, 30).any()).before().none()),
        ("women", kh.sex() == "female"),
    ]
    draw = random.Random(1)  # noqa: S311
    made = []
    for number in range(count):
        cohort = base
        for name, criterion in rules[: draw.randrange(4, len(rules))]:
            cohort = cohort.require(name, criterion)
        bound = 40 + number % 50
        made.append(cohort.require(f"aged {bound} or more", kh.age() >= bound))
    return made


def together() -> None:
    """Measure related definitions, one by one and all at once, on the population of `kohort.demo`."""
    path = kh.demo().path
    plans = [cohort.to_json() for cohort in related(100)]
    core = _core.Warehouse(path, 4 << 30)

    def one_by_one() -> list[int]:
        found = []
        for plan in plans:
            core.forget()
            found.append(core.run(plan).persons())
        return found

    def at_once() -> list[int]:
        core.forget()
        groups = (plans[first : first + TOGETHER] for first in range(0, len(plans), TOGETHER))
        return [cohort.persons() for group in groups for cohort in core.run_many(group)]

    if one_by_one() != at_once():
        raise SystemExit("the answers differ")
    (_, alone), (_, all_of_them) = timed(one_by_one, 3), timed(at_once, 3)
    ratio = alone / all_of_them
    print(f"\n100 related definitions: one by one {alone:,.0f} ms, run_all {all_of_them:,.0f} ms, {ratio:.1f}x")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=2_000_000)
    parser.add_argument("--events-per-person", type=float, default=50.0)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    if _core.DEBUG_BUILD:
        raise SystemExit("this is a debug build: build with --release before measuring")
    path = cache_folder() / f"bench-{_core.VERSION}-{arguments.persons}-{arguments.events_per_person:g}"
    if not (path / "HEAD").exists():
        kh.demo(arguments.persons, events_per_person=arguments.events_per_person, path=path)
    five(path, arguments.repeats)
    together()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
    print(f"peak memory of the whole comparison: {peak:.1f} GiB")


if __name__ == "__main__":
    main()
