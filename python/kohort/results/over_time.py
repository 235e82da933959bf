"""What is measured of a cohort over time beside incidence: survival until an outcome, prevalence in a period."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from kohort import _core
from kohort._progress import progress_bar
from kohort.definition import AgeBands, Cohort, Events
from kohort.errors import ArgumentError
from kohort.release.prevalence import release_prevalence
from kohort.release.survival import follow_up
from kohort.results.strata import labelled, levels_by_name, variables
from kohort.results.unmatched import warn_of_unmatched

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kohort._core import Cohort as CoreCohort
    from kohort._core import PersonSet
    from kohort.hosting.memory import ReleaseMemory
    from kohort.release import Release
    from kohort.release.cross import Key
    from kohort.results.result import Result
    from kohort.warehouse import Warehouse

_EPOCH = date(1970, 1, 1)


class OverTime:
    """The methods of a result that follow its persons over time."""

    _definition: Cohort
    _warehouse: Warehouse
    _context: dict[str, str]
    _found: CoreCohort

    def _memory(self, kind: str, **parameters: object) -> ReleaseMemory | None:
        return self._warehouse._memory(kind, self._definition.hash, **parameters)  # noqa: SLF001

    @property
    def _core(self) -> CoreCohort:
        """The exact result, after the policy has been asked again: every number comes from here."""
        self._warehouse._ask()  # noqa: SLF001
        return self._found

    def survival(
        self,
        outcome: Events,
        *,
        by: str | AgeBands | Sequence[str | AgeBands] = (),
        washout: int | None = None,
        lag: int = 0,
        interval: int | None = None,
        progress: bool = True,
    ) -> Release:
        """Release how long the cohort stays free of an outcome: Kaplan-Meier curves with their risk table.

        A person is followed from the first day at risk (day 0) to the outcome, or is censored at the end of the cohort
        or at death. Who leaves the cohort and comes back is censored on leaving; who had an outcome before is not at
        risk. Strata are those of the first day at risk.

        Parameters
        ----------
        outcome
            The events of interest, such as ``kh.diagnosis(kh.codes("ICD10", "C67*"))``.
        by
            What to cut by: ``"sex"``, ``"year"`` (of the first day at risk), ``kh.age_bands(20)``; one or several.
        washout
            Days before the first day at risk in which an earlier outcome excludes; without it, all that is recorded.
        lag
            Days after the start of the cohort before the time at risk begins.
        interval
            Days from one point of the curve to the next; without it the shortest of 30, 60, 90, 180, 365 days and some
            years in which each curve has at least twice `min_cell` events on average.
        progress
            Show progress when it takes more than a second.

        Returns
        -------
        Release
            A row per stratum and time: persons at risk, events and censored so far, survival with 95 % limits; what is
            hidden and why is told at :func:`kohort.release_survival`. ``.plot()`` draws the curves above the table.

        Raises
        ------
        DefinitionError
            When the warehouse lacks the outcome's domain or codes it in another vocabulary.

        Notes
        -----
        Death censors. Where it competes with the outcome, one minus survival is more than the share of persons who will
        have the outcome.

        Examples
        --------
        >>> import kohort as kh
        >>> metformin = kh.cohort("metformin").entry(kh.drug(kh.codes("ATC", "A10BA02")).first()).observed(before=365)
        >>> result = kh.demo().run(metformin)
        >>> rel = result.survival(kh.diagnosis(kh.codes("ICD10", "I21*")), by="sex", interval=365)
        >>> rel.to_polars().columns[:3]
        ['sex', 'time', 'at_risk']
        """
        _demand_events(outcome, "the outcome")
        for name, days in (("washout", washout), ("lag", lag)):
            if days is not None and days < 0:
                raise ArgumentError(f"{name} is {days} days: give a number of days that is not negative")
        cut = variables(by, self._warehouse.period)
        plan = outcome.plan()
        warn_of_unmatched(self._warehouse._core, self._warehouse.vocabularies, plan)  # noqa: SLF001
        with progress_bar("survival", show=progress) as callback:
            found = self._core.survival(
                json.dumps(plan), json.dumps([variable.core for variable in cut]), washout, lag, callback
            )
        cells = 1
        for variable in cut:
            cells *= len(variable.labels)
        persons = [0] * cells
        for cell, _, events, censored in found:
            persons[cell] += events + censored
        labels = dict(labelled(cut, persons, self._warehouse.rules))
        rows = [(*labels[cell], days, events, censored) for cell, days, events, censored in found]
        title = f"Survival without {outcome.phrase(plural=True)}: {self._definition.name}"
        asked, by_core = json.dumps(plan), json.dumps([variable.core for variable in cut])

        def people(times: Sequence[float]) -> dict[Key, list[PersonSet]]:
            # Of times that are no whole days, the day before counts; at the start nobody has left.
            lengths = [-1, *(int(time + 1e-9 * time) for time in times[1:])]
            sets = _core.populations_followed(self._core, asked, by_core, washout, lag, lengths)
            width = 3 * len(lengths)
            return {tuple(key): sets[cell * width : (cell + 1) * width] for cell, key in labels.items()}

        return follow_up(
            rows,
            levels_by_name(cut, persons, self._warehouse.rules),
            interval=interval,
            rules=self._warehouse.rules,
            context=self._context,
            title=title,
            people=people if self._warehouse._history else None,  # noqa: SLF001
            memory=self._memory("survival", outcome=asked, by=by_core, washout=washout, lag=lag, interval=interval),
        )

    def prevalence(
        self,
        condition: Events | Cohort | Result,
        *,
        at: str | date | tuple[str | date, str | date],
        by: str | AgeBands | Sequence[str | AgeBands] = (),
        lasting: int | None = None,
        progress: bool = True,
    ) -> Release:
        """Release how many of the persons who are in the cohort on a day, or within a period, have a condition.

        Parameters
        ----------
        condition
            Events, which make a case from their day on; or a cohort, or the result of one, whose members are cases
            while they are in it.
        at
            A day (point prevalence) or the first and the last day of a period (period prevalence).
        by
            What to cut by on the first day in the period: ``"sex"``, ``"year"``, ``kh.age_bands(10)``; one or several.
        lasting
            How many days an event makes a case for; without it, for good.
        progress
            Show progress when it takes more than a second.

        Returns
        -------
        Release
            Persons, cases, cases per 1,000 persons with Wilson's 95 % interval, for each stratum and the margins.

        Raises
        ------
        ArgumentError
            When `at` is no day or period, or the condition neither events nor a cohort.
        DefinitionError
            When the warehouse lacks the condition's domain or codes it in another vocabulary.

        Notes
        -----
        A person counts once, and is a case if the condition overlaps a day on which the person is in the cohort, alive
        and within the period: the definitions of Porta M (ed.), A Dictionary of Epidemiology, 6th edition (2014), for a
        population that is observed.

        Examples
        --------
        >>> import kohort as kh
        >>> everybody = kh.cohort("treated").entry(kh.drug().first())
        >>> diabetes = kh.diagnosis(kh.codes("ICD10", "E11*"))
        >>> rel = kh.demo().run(everybody).prevalence(diabetes, at="2018-06-30", by="sex")
        >>> rel.to_polars().columns[::2]
        ['sex', 'persons_status', 'cases_status', 'per_1000_status', 'per_1000_low_status', 'per_1000_high_status']
        """
        period = _period(at)
        if lasting is not None and lasting < 0:
            raise ArgumentError(f"lasting is {lasting} days: give a number of days that is not negative")
        cut = variables(by, self._warehouse.period)
        core = json.dumps([variable.core for variable in cut])
        if isinstance(condition, Events):
            plan = condition.plan()
            warn_of_unmatched(self._warehouse._core, self._warehouse.vocabularies, plan)  # noqa: SLF001
            with progress_bar("prevalence", show=progress) as callback:
                persons, cases = self._core.prevalence_of_events(json.dumps(plan), core, period, lasting, callback)
            name, of = condition.phrase(plural=True), json.dumps(plan)
            condition_asked: dict[str, Any] = {"events": of, "lasting": lasting}
        else:
            if lasting is not None:
                raise ArgumentError("lasting= is of events: a cohort says itself how long its persons are in it")
            other = self._warehouse.run(condition, progress=progress) if isinstance(condition, Cohort) else condition
            if not isinstance(other, OverTime):
                kind = type(condition).__name__
                raise ArgumentError(f"the condition is {kind}: give events, a cohort or the result of one")
            persons, cases = self._core.prevalence_of_cohort(other._core, core, period)  # noqa: SLF001
            name, of = other._definition.name, other._definition.hash  # noqa: SLF001
            condition_asked = {"other": other._core}  # noqa: SLF001
        days = [date.fromordinal(_EPOCH.toordinal() + day).isoformat() for day in dict.fromkeys(period)]
        rows = [(*labels, persons[cell], cases[cell]) for cell, labels in labelled(cut, persons, self._warehouse.rules)]
        title = f"Prevalence of {name}, {' to '.join(days)}: {self._definition.name}"
        people = None
        if self._warehouse._needs_sets:  # noqa: SLF001
            present, having = _core.populations_present(self._core, core, period, **condition_asked)
            named = labelled(cut, persons, self._warehouse.rules)
            people = {tuple(labels): (present[cell], having[cell]) for cell, labels in named}
        return release_prevalence(
            rows,
            levels_by_name(cut, persons, self._warehouse.rules),
            rules=self._warehouse.rules,
            context=self._context,
            title=title,
            people=people,
            memory=self._memory("prevalence", of=of, by=core, period=period, lasting=lasting),
        )


def _demand_events(given: object, what: str) -> None:
    if not isinstance(given, Events):
        raise ArgumentError(f"{what} is {type(given).__name__}: give events, such as kh.diagnosis(codes)")


def _period(at: Any) -> tuple[int, int]:
    ends = at if isinstance(at, (tuple, list)) else (at, at)
    if len(ends) != 2:
        raise ArgumentError(f"at= has {len(ends)} entries: give a day, or the first and the last day of a period")
    first, last = (_day(end) for end in ends)
    if first > last:
        raise ArgumentError(f"at= ends before it begins: {ends[0]} is after {ends[1]}")
    return first, last


def _day(given: Any) -> int:
    try:
        day = given if isinstance(given, date) else date.fromisoformat(given)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"at= holds {given!r}, which is no day: write it as '2018-12-31'") from error
    return day.toordinal() - _EPOCH.toordinal()
