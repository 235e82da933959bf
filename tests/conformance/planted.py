"""Rate ratios over person-time that is cut by age and exposure: what an analyst does with rows of cohorts."""

from __future__ import annotations

import json
from math import exp, log, sqrt
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

if TYPE_CHECKING:
    import kohort as kh

FAR = pl.date(9999, 12, 31)


class Ratio(NamedTuple):
    """A rate ratio, crude and by Mantel and Haenszel over age band and sex, with the error of the latter's logarithm.

    The variance is that of Greenland and Robins (Biometrics 1985).
    """

    crude: float
    adjusted: float
    error: float

    def interval(self, errors: float = 1.96) -> tuple[float, float]:
        return self.adjusted * exp(-errors * self.error), self.adjusted * exp(errors * self.error)

    def agrees_with(self, truth: float) -> bool:
        """Tell whether the truth lies within 3.5 standard errors: one sound analysis in two thousand fails."""
        return abs(log(self.adjusted / truth)) < 3.5 * self.error


def table(wh: kh.Warehouse, name: str) -> pl.DataFrame:
    """Read a table of persons (`person_id` as in `Result.persons`) from the warehouse's plain Parquet files."""
    manifest = json.loads((wh.path / f"snapshots/{wh.snapshot:06}.json").read_text())
    frames = []
    for shard in manifest["shards"]:
        folder = wh.path / shard["folder"]
        persons = pl.read_parquet(folder / shard["tables"]["persons"]["name"])
        if name == "persons":
            frames.append(persons)
            continue
        file = shard["residence"]["events"] if name == "residence" else shard["tables"][name]
        rows = pl.read_parquet(folder / file["name"]).with_columns(pl.col(pl.Categorical).cast(pl.String))
        frames.append(rows.join(persons.select("person", "person_id"), on="person"))
    return pl.concat(frames).drop("person")


def rate_ratio(
    persons: pl.DataFrame, time: pl.DataFrame, exposed: pl.DataFrame, outcomes: pl.DataFrame, years: int = 5
) -> Ratio:
    """Compare first outcomes in exposed and other time.

    `time` has the stretches at risk (`person_id`, `start`, `end`), `exposed` those of exposure, `outcomes` the day of
    each person's first outcome (`person_id`, `start`), which ends the risk and counts.
    """
    outcome = outcomes.select("person_id", outcome="start")
    at_risk = (
        time.join(outcome, on="person_id", how="left")
        .with_columns(end=pl.min_horizontal("end", "outcome"))
        .filter(pl.col("start") <= pl.col("end"))
        .join(persons.select("person_id", "sex", "birth_month"), on="person_id")
    )
    pieces = []
    for age in range(0, 115, years):
        birthday = pl.col("birth_month").dt.offset_by(f"{age}y")
        before_next = pl.col("birth_month").dt.offset_by(f"{age + years}y") - pl.duration(days=1)
        band = at_risk.with_columns(
            start=pl.max_horizontal("start", birthday), end=pl.min_horizontal("end", before_next), age=pl.lit(age)
        )
        pieces.append(band.filter(pl.col("start") <= pl.col("end")))
    all_time = pl.concat(pieces)
    with_exposure = (
        all_time.join(exposed.select("person_id", since="start", until="end"), on="person_id")
        .with_columns(start=pl.max_horizontal("start", "since"), end=pl.min_horizontal("end", "until"))
        .filter(pl.col("start") <= pl.col("end"))
    )

    def tally(frame: pl.DataFrame, name: str) -> pl.DataFrame:
        return frame.group_by("sex", "age").agg(
            ((pl.col("end") - pl.col("start")).dt.total_days() + 1).sum().cast(pl.Float64).alias(f"days_{name}"),
            pl.col("outcome").is_between("start", "end").sum().cast(pl.Float64).alias(f"events_{name}"),
        )

    cells = tally(all_time, "all").join(tally(with_exposure, "in"), on=["sex", "age"], how="left").fill_null(0)
    cells = cells.select(
        n="days_all",
        t1="days_in",
        t0=pl.col("days_all") - pl.col("days_in"),
        a="events_in",
        b=pl.col("events_all") - pl.col("events_in"),
    )
    sums = cells.select(
        above=(pl.col("a") * pl.col("t0") / pl.col("n")).sum(),
        below=(pl.col("b") * pl.col("t1") / pl.col("n")).sum(),
        variance=((pl.col("a") + pl.col("b")) * pl.col("t0") * pl.col("t1") / pl.col("n") ** 2).sum(),
    ).row(0, named=True)
    a, b, t1, t0 = cells.select(pl.sum("a", "b", "t1", "t0")).row(0)
    error = sqrt(sums["variance"] / (sums["above"] * sums["below"]))
    return Ratio((a / t1) / (b / t0), sums["above"] / sums["below"], error)
