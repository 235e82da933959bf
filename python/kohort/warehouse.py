"""An open warehouse: what it holds, and the questions it answers."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING

from kohort._progress import progress_bar
from kohort.definition import CodeGroups, Cohort, Events
from kohort.display import badge, card, facts, note
from kohort.display.paths import short
from kohort.errors import DefinitionError, KohortWarning
from kohort.opened import Opened
from kohort.release import Section, release_characteristics
from kohort.results.result import Result
from kohort.results.rounding import about
from kohort.results.unicity import COARSENINGS, Unicity, events_of, measure
from kohort.results.unmatched import warn_of_unmatched

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kohort._core import Cohort as CoreCohort
    from kohort.release import Release

#: How many cohorts are run side by side: enough to keep the cores busy, few enough to be shown as they finish.
TOGETHER = 16


class Warehouse(Opened):
    """A warehouse of events, open for questions; made by :func:`kohort.open`, :func:`kohort.demo` and `kohort.ingest`.

    Examples
    --------
    >>> import kohort as kh
    >>> wh = kh.demo()
    >>> "drug" in wh.domains
    True
    """

    def run(self, definition: Cohort, *, progress: bool = True) -> Result:
        """Find the persons of a cohort.

        Parameters
        ----------
        definition
            The cohort, as :func:`kohort.cohort` builds it.
        progress
            Show progress when it takes more than a second.

        Returns
        -------
        Result
            Exact inside; what it shows has passed the output rules.

        Raises
        ------
        DefinitionError
            When the warehouse lacks a domain, or codes it in another vocabulary.

        Warns
        -----
        KohortWarning
            When a code or pattern matches nothing in the warehouse, with the nearest codes there are.

        Examples
        --------
        >>> import kohort as kh
        >>> wh = kh.demo()
        >>> metformin = kh.drug(kh.codes("ATC", "A10BA02")).first()
        >>> result = wh.run(kh.cohort("metformin").entry(metformin).observed(before=365))
        """
        plan = _runnable(definition).plan()
        warn_of_unmatched(self._core, self.vocabularies, plan)
        with progress_bar(definition.name, show=progress) as callback:
            core = self._core.run(json.dumps(plan), callback)
        return self._result(definition, core)

    def run_all(self, definitions: Iterable[Cohort], *, progress: bool = True) -> Iterator[Result]:
        """Find the persons of many cohorts; what the definitions share is evaluated once.

        Definitions are run side by side, a few at a time; code sets, events and steps that several of them share are
        kept from one to the next, within the warehouse's memory.

        Parameters
        ----------
        definitions
            The cohorts.
        progress
            Show progress when it takes more than a second.

        Yields
        ------
        Result
            One per definition, in their order, as soon as it and those before it are done.

        Raises
        ------
        DefinitionError
            When a definition cannot be run; before anything is.

        Examples
        --------
        >>> import kohort as kh
        >>> insulin, metformin = kh.codes("ATC", "A10A*"), kh.codes("ATC", "A10BA02")
        >>> cohorts = [kh.cohort(str(codes)).entry(kh.drug(codes).first()) for codes in (insulin, metformin)]
        >>> [result.definition.name for result in kh.demo().run_all(cohorts)]
        ['ATC A10A*', 'ATC A10BA02']
        """
        listed = [_runnable(definition) for definition in definitions]
        plans = [definition.plan() for definition in listed]
        for plan in plans:
            warn_of_unmatched(self._core, self.vocabularies, plan)
        return self._stream(listed, [json.dumps(plan) for plan in plans], progress=progress)

    def _stream(self, definitions: list[Cohort], plans: list[str], *, progress: bool) -> Iterator[Result]:
        for first in range(0, len(definitions), TOGETHER):
            some = slice(first, first + TOGETHER)
            with progress_bar(f"{first} of {len(definitions)} cohorts", show=progress) as callback:
                cores = self._core.run_many(plans[some], callback)
            for definition, core in zip(definitions[some], cores, strict=True):
                yield self._result(definition, core)

    def _result(self, definition: Cohort, core: CoreCohort) -> Result:
        for domain, name in core.unmatched():
            warnings.warn(
                f"the code set {name!r} of {definition.name!r} matches no {domain} event of this warehouse",
                KohortWarning,
                stacklevel=3,
            )
        return Result(definition, core, self)

    def count(self, *queries: Events, progress: bool = True) -> Release:
        """Count the persons who have an event of each query, through the output rules.

        Parameters
        ----------
        *queries
            Events, such as ``kh.drug(kh.codes("ATC", "A10*"))``.
        progress
            Show progress when it takes more than a second.

        Returns
        -------
        Release
            A row per query, and the warehouse's persons as their total.

        Examples
        --------
        >>> import kohort as kh
        >>> rel = kh.demo().count(kh.drug(kh.codes("ATC", "A10*")))
        """
        levels = []
        for query in queries:
            warn_of_unmatched(self._core, self.vocabularies, query.plan())
            with progress_bar("counting", show=progress) as callback:
                levels.append((query.phrase(plural=True), self._core.count_persons(json.dumps(query.plan()), callback)))
        sections = [Section("persons with", levels, exclusive=False)]
        context = {"snapshot": str(self.snapshot)}
        title, total = "Persons with events", self._persons
        plans = json.dumps([query.plan() for query in queries])
        memory = self._memory("characteristics", plans)
        people = None
        if self._needs_sets:
            sets = self._core.populations_of(plans)
            people = {("persons with", level): one for (level, _), one in zip(levels, sets, strict=True)}
            people["", ""] = self._core.population()
        return release_characteristics(
            sections, total, rules=self._rules, context=context, title=title, people=people, memory=memory
        )

    def unicity(
        self,
        *events: str | Events,
        points: Iterable[int] = range(1, 7),
        coarsening: Iterable[str] = COARSENINGS,
        samples: int = 2_000,
        hospital: str | None = None,
        seed: int = 0,
        progress: bool = True,
    ) -> Unicity:
        """Measure how many persons a few of their own events single out, whatever else is removed.

        Of each sampled person a few events are drawn at random: their codes, and their first days as well as they are
        known. The person is singled out if nobody else of the whole warehouse has all of them.

        Parameters
        ----------
        *events
            Domains by name, or events by their codes, such as ``kh.drug(kh.codes("ATC", "A10*"))``; none for all
            domains.
        points
            How many events are known of a person.
        coarsening
            How well their days are known: "day", "week", "month", "quarter", "year".
        samples
            How many persons are drawn of those who have any of the events.
        hospital
            A column of the domains, such as the hospital, whose value is known of each event, too.
        seed
            The same seed draws the same persons and events.
        progress
            Show progress when it takes more than a second.

        Returns
        -------
        Unicity
            A card in a notebook; ``.frame`` has its numbers, ``.plot()`` draws them. Shares are whole percents.

        Raises
        ------
        DefinitionError
            When a domain or the column of the hospital is not there, or events are more than a domain and codes.
        ArgumentError
            When another argument is out of range.

        Notes
        -----
        Y.-A. de Montjoye, C. Hidalgo, M. Verleysen, V. Blondel, "Unique in the Crowd: the privacy bounds of human
        mobility", Scientific Reports 3:1376 (2013); of French hospital stays, D. Blum (2011). Events that coarsening
        makes equal count once; persons with fewer distinct ones than are known are left out.

        Examples
        --------
        >>> import kohort as kh
        >>> found = kh.demo().unicity("stay", points=[1, 2], coarsening=["month"], samples=200)
        >>> found.frame.columns
        ['coarsening', 'points', 'persons', 'share', 'low', 'high']
        """
        queries = events_of(events, self.domains)
        for query in queries:
            warn_of_unmatched(self._core, self.vocabularies, query.plan())
        with progress_bar("unicity", show=progress) as callback:
            return measure(
                self,
                queries,
                points=points,
                coarsening=coarsening,
                samples=samples,
                hospital=hospital,
                seed=seed,
                progress=callback,
            )

    def verify(self, *, progress: bool = True) -> int:
        """Read every file of the snapshot and compare its length and SHA-256 with the manifest.

        Returns
        -------
        int
            How many files were compared.

        Raises
        ------
        IntegrityError
            At the first file that is not what was written.

        Examples
        --------
        >>> import kohort as kh
        >>> kh.demo().verify() > 0
        True
        """
        with progress_bar("verifying", show=progress) as callback:
            # Checking the store needs no authorization: it shows nothing of what is in it.
            return int(self._opened.verify(callback))

    def _groups(self, domain: str, groups: CodeGroups) -> list[tuple[str, str]]:
        """List the groups of codes that a domain has, with their labels."""
        vocabulary = self.vocabularies.get(domain)
        if vocabulary != groups.vocabulary:
            raise DefinitionError(f"domain '{domain}' is coded in {vocabulary}, not in {groups.vocabulary}")
        found = sorted({code[: groups.length] for code in self._core.codes(domain)})
        labels = self._core.labels(vocabulary, found)
        return [(group, f"{group} {labels[group]}" if group in labels else group) for group in found]

    def _facts(self) -> dict[str, str]:
        period = self.period
        shown = {"Persons": about(self._persons, self._rules)}
        if period is not None:
            shown["Period"] = f"{period[0]} to {period[1]}"
        shown["Domains"] = ", ".join(f"{name} ({vocabulary})" for name, vocabulary in sorted(self.vocabularies.items()))
        shown["Snapshot"] = f"{self.snapshot}, made {self._manifest['created']}"
        shown["Output rules"] = str(self._rules)
        if self.authorization is not None:
            shown["Authorization"] = str(self.authorization)
            shown["Purpose"] = self.authorization.purpose
        return shown

    def __repr__(self) -> str:
        lines = [f"Warehouse {short(self._path)}"]
        lines += [f"  {name}: {value}" for name, value in self._facts().items()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        ends = self.authorization
        count = [badge(str(ends), "warn")] if ends is not None and ends.counts_down else []
        return card(f"Warehouse {self._path.name}", *count, facts(self._facts()), note(short(self._path)))


def _runnable(definition: object) -> Cohort:
    if not isinstance(definition, Cohort):
        kind = type(definition).__name__
        raise DefinitionError(f"a {kind} cannot be run: build a cohort with kh.cohort(...).entry(...)")
    return definition
