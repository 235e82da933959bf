"""Kaplan-Meier curves with their risk tables: counts on a grid of times go through the gate, the curve follows."""

from __future__ import annotations

from itertools import accumulate
from math import ceil, isfinite
from typing import TYPE_CHECKING, Any

import polars as pl

from kohort._frames import open_frame
from kohort.errors import ArgumentError
from kohort.release.cross import covering, keys_with_margins, levels_of, lines, reluctance
from kohort.release.curve import with_curve
from kohort.release.gate import MAX_CELLS, Exact, protect_table
from kohort.release.rules import OutputRules
from kohort.release.shares import with_margins

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kohort.release.cross import Key
    from kohort.release.gate import Memory
    from kohort.release.released import Release

# The lengths of a step that are tried where none is asked for, in days.
_STEPS = (30, 60, 90, 180, 365, 730, 1825, 3650)
# Steps that hold no more events than the threshold on average would have every other one hidden.
_CHOSEN, _ASKED = 2.0, 1.0
# The curve needs persons at risk and events; and everything, the persons at its beginning.
_RELUCTANCE = {"at_risk": 4.0, "events": 2.0, "censored": 0.5}
_WHOLE = 64.0


def release_survival(
    df: Any,
    *,
    times: str = "time",
    events: str = "event",
    by: str | Sequence[str] = (),
    interval: float | None = None,
    rules: OutputRules | None = None,
    title: str | None = None,
) -> Release:
    """Release Kaplan-Meier curves and their risk table from a frame with a row per person.

    Parameters
    ----------
    df
        A row per person: polars, pandas, pyarrow, a DuckDB relation, the path of a Parquet file, or anything with the
        Arrow PyCapsule interface.
    times
        The column with the time of follow-up, from 0 on.
    events
        The column that says whether the event ended it (true or 1) or the person was censored (false or 0).
    by
        The column or columns to cut by; a missing label reads "(missing)".
    interval
        The length of a step, in the unit of `times`; doubled until each stratum has at least `min_cell` events in a
        step on average. Without it times are days, and steps are 30, 60, 90, 180 or 365 days or some years long, the
        shortest with twice that many.
    rules
        The thresholds to obey.
    title
        What heads the table.

    Returns
    -------
    Release
        A row per stratum and time: `at_risk` (followed for longer than the time), `events` and `censored` (until then,
        the time itself included), and the curve `survival` with its 95 % limits `survival_low` and `survival_high`.

    Raises
    ------
    ArgumentError
        If a column is missing, a time is not a number from 0 on, or an event is neither true nor false.

    Notes
    -----
    Event times are coarsened to the end of their step, as times of censoring are, so that the estimate is Kaplan and
    Meier's (1958) of coarsened times: who is censored within a step counts as at risk until its end. The counts are
    protected as one table: persons at risk, events and censored add up to all persons; each count of events is the one
    before and the events of the step, and so for the censored and for those who leave; strata add up. A step of fewer
    than `min_cell` events, censored, or persons who leave is hidden, with what would tell it. The curve has a point
    where persons at risk and events are both shown, and is worked out from these: ratios of its points tell what the
    table shows. It ends with the step after which fewer than `min_cell` persons of all are at risk. Limits are
    log-log ones on Greenwood's variance.

    The threshold on steps is that of ACRO (`survival_safe_threshold`), of the rounding of curves in OpenSAFELY
    (`round_km`: event times are delayed until enough have accumulated) and of the coarsening that O'Keefe CM, Sparks
    RS, McAullay D, Loong B. Confidentialising survival analysis output in a remote data access system. Journal of
    Privacy and Confidentiality 4 (2012) ask for; none of them protects the table from differencing.

    Examples
    --------
    >>> import polars as pl
    >>> df = pl.DataFrame({"time": [15, 45, 80, 100] * 25, "event": [True, True, False, True] * 25})
    >>> release_survival(df, interval=30).to_polars()["survival"].to_list()
    [1.0, 0.75, 0.5, 0.5, 0.0]
    """
    opened = open_frame(df)
    cuts = [by] if isinstance(by, str) else list(by)
    wanted = [*cuts, times, events]
    if len(set(wanted)) != len(wanted):
        raise ArgumentError(f"times {times!r}, events {events!r} and by {cuts} must be different columns")
    missing = [name for name in wanted if name not in opened.columns]
    if missing:
        raise ArgumentError(f"the table has no column {missing[0]!r}: its columns are {opened.columns}")
    frame = pl.DataFrame(opened.select(wanted))
    time, event = _times(frame[times]), _events(frame[events])
    if not frame.height:
        raise ArgumentError("the table has no rows: there is nobody to follow")
    labels = [frame[name].cast(pl.String).fill_null("(missing)").alias(f"by{j}") for j, name in enumerate(cuts)]
    counted = pl.DataFrame([*labels, time.alias("time"), event.alias("event")])
    keys = [column.name for column in labels]
    counted = counted.group_by([*keys, "time"], maintain_order=True).agg(
        pl.col("event").sum().cast(pl.Int64).alias("events"), (~pl.col("event")).sum().cast(pl.Int64).alias("censored")
    )
    title = title or " by ".join(["Survival", *filter(None, [", ".join(cuts)])])
    return follow_up(counted.iter_rows(), cuts, interval=interval, rules=rules, title=title)


def follow_up(
    rows: Iterable[Sequence[Any]],
    dimensions: Mapping[str, Sequence[str]] | Sequence[str],
    *,
    interval: float | None = None,
    rules: OutputRules | None = None,
    context: Mapping[str, str] | None = None,
    title: str = "Survival",
    people: Callable[[Sequence[float]], Mapping[Key, Sequence[Any]]] | None = None,
    memory: Memory | None = None,
) -> Release:
    """Release curves from exact counts: a label per dimension, a time, persons with the event at it, and censored.

    See `release_survival`. `people` gives, for times, the sets of persons of each stratum that is no margin: at each
    time those at risk, with the event by then, and censored by then; for `memory`.
    """
    rules = rules or OutputRules()
    width = len(dimensions)
    if interval is not None and not (isinstance(interval, (int, float)) and isfinite(interval) and interval > 0):
        raise ArgumentError(f"the interval is {interval!r}: give a length of time above 0")
    given = [(tuple(map(str, row[:width])), row[width], row[width + 1], row[width + 2]) for row in rows]
    levels = levels_of(dimensions, [key for key, *_ in given])
    strata = list(keys_with_margins(levels))
    leaving: dict[float, int] = {}
    for _, time, events, censored in given:
        leaving[time] = leaving.get(time, 0) + events + censored
    enough = rules.min_cell * len({key for key, *_ in given}) / max(1, sum(events for *_, events, _ in given))
    step = _step(leaving, enough, interval, rules.min_cell)
    steps = _steps(leaving, step, rules.min_cell)
    if steps * len(strata) * len(_RELUCTANCE) > MAX_CELLS:
        raise ArgumentError(
            f"steps of {step:g} make {steps:,} times of {len(strata):,} curves: ask for a longer interval"
        )
    counts: dict[Key, tuple[list[int], list[int]]] = {key: ([0] * (steps + 1), [0] * (steps + 1)) for key in strata}
    persons = dict.fromkeys(strata, 0)
    for key, time, events, censored in given:
        at = _position(time, step)
        for cover in covering(key):
            persons[cover] += events + censored
            if at <= steps:
                counts[cover][0][at] += events
                counts[cover][1][at] += censored
    times = [step * i for i in range(steps + 1)]
    known = with_margins({key: tuple(sets) for key, sets in people(times).items()} if people else {})
    exact = _table(levels, persons, counts, [_label(time) for time in times], known)
    release = protect_table(exact, title=title, kind="survival", rules=rules, context=context, memory=memory)
    return with_curve(release)


def _table(
    levels: Mapping[str, Sequence[str]],
    persons: Mapping[Key, int],
    counts: Mapping[Key, tuple[list[int], list[int]]],
    times: Sequence[str],
    people: Mapping[Key, tuple[Any, ...]],
) -> Exact:
    """Return the risk table with the relations of its times and of its strata."""
    exact = Exact(dimensions=(*levels, "time"), counts=tuple(_RELUCTANCE), quiet=True)
    cells = {}
    for key in counts:
        sets = people.get(key, (None,) * (3 * len(times)))
        row = exact.row((*key, times[0]))
        start = exact.cell(row, "at_risk", persons[key], _WHOLE * reluctance(key), people=sets[0])
        later = [(time, sets[3 * i : 3 * i + 3]) for i, time in enumerate(times) if i]
        cells[key] = _stratum(exact, key, start, counts[key], later)
    for total, parts in lines(levels):
        for of_total, *of_parts in zip(cells[total], *(cells[part] for part in parts), strict=True):
            for name, cell in of_total.items():
                exact.relate(cell, [of_part[name] for of_part in of_parts])
    return exact


def _stratum(
    exact: Exact,
    key: Key,
    start: int,
    counts: tuple[list[int], list[int]],
    later: Sequence[tuple[str, Sequence[Any]]],
) -> list[dict[str, int]]:
    """Add the later rows of a stratum, with what ties its times together; return the cells of each by their column.

    `later` are the times after the start, each with the persons at risk, with the event, and censored.
    """
    weight, persons = reluctance(key), exact.persons[start]
    cells = [{"at_risk": start}]
    sums = zip(*(accumulate(each) for each in counts), strict=True)
    next(sums)
    for i, ((events, censored), (time, sets)) in enumerate(zip(sums, later, strict=True), 1):
        row, before = exact.row((*key, time)), cells[-1]
        amounts = {"at_risk": persons - events - censored, "events": events, "censored": censored}
        here = {
            name: exact.cell(row, name, amount, _RELUCTANCE[name] * weight, people=who)
            for (name, amount), who in zip(amounts.items(), sets, strict=True)
        }
        exact.relate(cells[0]["at_risk"], list(here.values()))
        exact.relate(before["at_risk"], (here["at_risk"], exact.imply(counts[0][i] + counts[1][i])))
        if i > 1:
            for name, each in zip(("events", "censored"), counts, strict=True):
                exact.relate(here[name], (before[name], exact.imply(each[i])))
        cells.append(here)
    return cells


def _label(time: float) -> str:
    return str(int(time)) if float(time).is_integer() else f"{time:.10g}"


def _position(time: float, step: float) -> int:
    """Return the number of the step that a time lies in: (0, step] is the first, which has time 0 too."""
    # A quotient a rounding error above a whole number is that number.
    return max(1, ceil(time / step - 1e-9))


def _steps(leaving: Mapping[float, int], step: float, least: int) -> int:
    """Return how many steps there are until fewer than `least` persons of all are at risk."""
    left, last = 0, 0.0
    for time in sorted(leaving, reverse=True):
        left += leaving[time]
        last = time
        if left >= least:
            break
    return _position(last, step)


def _step(leaving: Mapping[float, int], share: float, interval: float | None, least: int) -> float:
    """Return the length of a step; in one that is long enough lies the given share of all events on average."""
    lengths = _STEPS if interval is None else [interval * 2**power for power in range(64)]
    most = 1 / (share * (_CHOSEN if interval is None else _ASKED))
    return next((length for length in lengths if _steps(leaving, length, least) <= max(1.0, most)), lengths[-1])


def _times(column: pl.Series) -> pl.Series:
    if not column.dtype.is_numeric() or column.null_count():
        raise ArgumentError(f"column {column.name!r} must hold times of follow-up from 0 on, without missing values")
    time = column.cast(pl.Float64)
    if not (time.is_finite() & (time >= 0)).all():
        raise ArgumentError(f"column {column.name!r} holds a time that is not a number from 0 on: correct it")
    return time


def _events(column: pl.Series) -> pl.Series:
    known = column.dtype == pl.Boolean or (column.dtype.is_numeric() and column.is_in([0, 1]).all())
    if not known or column.null_count():
        raise ArgumentError(
            f"column {column.name!r} must say true or 1 for an event, false or 0 for censoring, and never be missing"
        )
    return column.cast(pl.Boolean)
