"""A cohort that was run: its card, its attrition, and what is measured of it; each a release."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kohort import _core
from kohort._progress import progress_bar
from kohort.definition import AgeBands, CodeGroups, Codes, Cohort, Events, Pattern, WindowedEvents
from kohort.display import card, facts, note
from kohort.errors import ArgumentError
from kohort.release import Section, release_attrition, release_characteristics, release_incidence
from kohort.release.flow import flow
from kohort.results.over_time import OverTime
from kohort.results.profile import Profile, profile
from kohort.results.rounding import about
from kohort.results.strata import labelled, levels_by_name, levels_in_use, variables
from kohort.results.unmatched import warn_of_unmatched
from kohort.results.why import Why, explain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

    from kohort.release import Release
    from kohort.warehouse import Warehouse


class Result(OverTime):
    """The persons of a cohort, exact inside the secure environment; every method that shows numbers gives a Release.

    Made by :meth:`kohort.Warehouse.run`.
    """

    def __init__(self, definition: Cohort, core: _core.Cohort, warehouse: Warehouse) -> None:
        self._definition = definition
        self._found = core
        self._warehouse = warehouse
        self._context = {"plan_hash": definition.hash, "snapshot": str(warehouse.snapshot)}

    @property
    def definition(self) -> Cohort:
        """The definition that was run."""
        return self._definition

    def attrition(self) -> Release:
        """Release how many persons each step of the definition leaves.

        Returns
        -------
        Release
            A row per step: persons left, persons excluded. Its card draws the flow as STROBE (von Elm et al. 2007)
            asks.

        Examples
        --------
        >>> import kohort as kh
        >>> adults = kh.cohort("adults").entry(kh.drug().first()).require("adult", kh.age() >= 18)
        >>> kh.demo().run(adults).attrition().to_polars()["step"].to_list()
        ['entry events', 'under observation', 'adult', 'first entry']
        """
        steps = [(name, persons) for name, persons, _ in self._core.attrition()]
        title = f"Attrition: {self._definition.name}"
        memory = self._memory("attrition")
        people = self._core.populations_of_steps() if self._warehouse._needs_sets else None  # noqa: SLF001
        return release_attrition(
            steps, rules=self._warehouse.rules, context=self._context, title=title, people=people, memory=memory
        )

    def inclusion(self) -> Release:
        """Release which rules the persons pass, each rule asked on its own: OHDSI's attrition.

        Unlike :meth:`attrition`, which goes rule by rule, every rule is asked of every index event. A person counts by
        the best one: that which passes most rules, then the one whose first passed rule comes first, then the earliest.

        Returns
        -------
        Release
            A row per combination of rules that occurs, those of most rules first, and all persons as their total.

        Raises
        ------
        ArgumentError
            When the definition has no rules.

        Examples
        --------
        >>> import kohort as kh
        >>> women = kh.cohort("women").entry(kh.drug().first()).require("women", kh.sex() == "female")
        >>> kh.demo().run(women).inclusion().to_polars()["level"].to_list()
        ['', 'women', 'none']
        """
        names = [rule.name for rule in self._definition.rules]
        if not names:
            raise ArgumentError(f"the definition {self._definition.name!r} has no rules: there is nothing to pass")
        _, persons = self._warehouse._core.inclusion(self._definition.to_json())  # noqa: SLF001
        ordered = sorted(persons, key=lambda mask: (-mask.bit_count(), mask))
        levels = [(_passed(names, mask), persons[mask]) for mask in ordered]
        title, people = f"Rules passed: {self._definition.name}", None
        if self._warehouse._needs_sets:  # noqa: SLF001
            people = {}
            for mask, one in _core.populations_by_mask(self._core, self._definition.to_json()):
                people["rules passed", _passed(names, mask)] = one
                people["", ""] = people["", ""].union(one) if ("", "") in people else one
        return release_characteristics(
            [Section("rules passed", levels)],
            sum(persons.values()),
            rules=self._warehouse.rules,
            context=self._context,
            title=title,
            people=people,
            memory=self._memory("inclusion"),
        )

    def incidence(
        self,
        outcome: Events,
        *,
        by: str | AgeBands | Sequence[str | AgeBands] = (),
        washout: int | None = None,
        lag: int = 0,
        standardize: str | None = None,
        progress: bool = True,
    ) -> Release:
        """Release the incidence rate of an outcome among the cohort.

        A person is at risk from the start of the cohort to the outcome, the end of the cohort or death, whichever
        comes first; the day of the outcome counts. Only the first outcome counts, and who had one before is not at
        risk. Strata are those of the first day at risk.

        Parameters
        ----------
        outcome
            The events of interest, such as ``kh.diagnosis(kh.codes("ICD10", "C67*"))``.
        by
            What to cut by: ``"sex"``, ``"year"`` (of the first day at risk), ``kh.age_bands(10)``; one or several.
        washout
            Days before the first day at risk in which an earlier outcome excludes; without it, all that is recorded.
        lag
            Days after the start of the cohort before the time at risk begins.
        standardize
            ``"european_2013"`` for rates that an age structure like that of the European Standard Population would
            have, with 95 % limits; needs age bands in `by` that begin at whole multiples of five years.
        progress
            Show progress when it takes more than a second.

        Returns
        -------
        Release
            Persons, events, person-years (365.25 days), rate per 1,000 person-years with the exact Poisson 95 %
            interval (Garwood 1936), for each stratum and the margins.

        Raises
        ------
        DefinitionError
            When the warehouse lacks the outcome's domain or codes it in another vocabulary.

        Examples
        --------
        >>> import kohort as kh
        >>> metformin = kh.cohort("metformin").entry(kh.drug(kh.codes("ATC", "A10BA02")).first()).observed(before=365)
        >>> result = kh.demo().run(metformin)
        >>> rel = result.incidence(kh.diagnosis(kh.codes("ICD10", "I21*")), by="sex")
        """
        if not isinstance(outcome, Events):
            raise ArgumentError(f"the outcome is {type(outcome).__name__}: give events, such as kh.diagnosis(codes)")
        for name, days in (("washout", washout), ("lag", lag)):
            if days is not None and days < 0:
                raise ArgumentError(f"{name} is {days} days: give a number of days that is not negative")
        cut = variables(by, self._warehouse.period)
        plan = outcome.plan()
        warn_of_unmatched(self._warehouse._core, self._warehouse.vocabularies, plan)  # noqa: SLF001
        with progress_bar("incidence", show=progress) as callback:
            persons, events, person_days = self._core.incidence(
                json.dumps(plan), json.dumps([variable.core for variable in cut]), washout, lag, callback
            )
        rows = [
            (*labels, persons[cell], events[cell], person_days[cell])
            for cell, labels in labelled(cut, persons, self._warehouse.rules)
        ]
        dimensions = levels_by_name(cut, persons, self._warehouse.rules)
        title = f"Incidence of {outcome.phrase(plural=True)}: {self._definition.name}"
        by_core = json.dumps([variable.core for variable in cut])
        memory = self._memory(
            "incidence", outcome=json.dumps(plan), by=by_core, washout=washout, lag=lag, standardize=standardize
        )
        people = None
        if self._warehouse._needs_sets:  # noqa: SLF001
            at_risk, with_event = self._core.populations_at_risk(json.dumps(plan), by_core, washout, lag)
            named = labelled(cut, persons, self._warehouse.rules)
            people = {tuple(labels): (at_risk[cell], with_event[cell]) for cell, labels in named}
        return release_incidence(
            rows,
            dimensions,
            standardize=standardize,
            rules=self._warehouse.rules,
            context=self._context,
            title=title,
            people=people,
            memory=memory,
        )

    def characterize(
        self,
        *,
        age: AgeBands | None = None,
        prior: Sequence[WindowedEvents] | WindowedEvents = (),
        progress: bool = True,
    ) -> Release:
        """Release who the persons of the cohort are on their first day: Table 1.

        Parameters
        ----------
        age
            Age bands; ten years without it.
        prior
            Events around the first day, such as ``kh.drug(codes).within(-365, -1)``: how many persons have any.
            Code groups (``kh.codes("ATC", level=4)``) give a row per group.
        progress
            Show progress when it takes more than a second.

        Returns
        -------
        Release
            Persons and percent at each level of each variable.

        Examples
        --------
        >>> import kohort as kh
        >>> metformin = kh.cohort("metformin").entry(kh.drug(kh.codes("ATC", "A10BA02")).first()).observed(before=365)
        >>> statins = kh.drug(kh.codes("ATC", "C10AA*")).within(-365, -1)
        >>> rel = kh.demo().run(metformin).characterize(age=kh.age_bands(20), prior=[statins])
        """
        period, people = self._warehouse.period, self._people()
        sections = []
        for entry in ("sex", age or AgeBands(tuple(range(0, 91, 10)))):
            (variable,) = variables(entry, period)
            persons = self._core.persons_by(json.dumps([variable.core]))
            (used,) = levels_in_use([variable], persons, self._warehouse.rules)
            sections.append(Section(variable.name, [(variable.labels[level], persons[level]) for level in used]))
            if people is not None:
                sets = self._core.populations_by(json.dumps([variable.core]))
                people |= {(variable.name, variable.labels[level]): sets[level] for level in used}
        windows = [prior] if isinstance(prior, WindowedEvents) else list(prior)
        for window in windows:
            if not isinstance(window, WindowedEvents):
                kind = type(window).__name__
                raise ArgumentError(
                    f"prior= holds {kind}: give events in a window, such as kh.drug(codes).within(-365, -1)"
                )
            window.days_only("a characterization")
            with progress_bar(f"{window}", show=progress) as callback:
                sections.append(self._prior(window, callback, people))
        title = f"Characteristics: {self._definition.name}"
        asked = json.dumps([[section.variable, [level for level, _ in section.levels]] for section in sections])
        return release_characteristics(
            sections,
            self._core.persons(),
            rules=self._warehouse.rules,
            context=self._context,
            title=title,
            people=people,
            memory=self._memory("characteristics", asked=asked),
        )

    def _people(self) -> dict[tuple[str, str], Any] | None:
        """Return the persons of the cohort, to which those of levels are added; None where no history is kept."""
        return {("", ""): self._core.population()} if self._warehouse._needs_sets else None  # noqa: SLF001

    def _prior(
        self,
        window: WindowedEvents,
        progress: Callable[[int, int], None] | None,
        people: dict[tuple[str, str], Any] | None,
    ) -> Section:
        events = window.events
        if isinstance(events.codes, CodeGroups):
            groups = self._warehouse._groups(events.domain, events.codes)  # noqa: SLF001
            vocabulary = events.codes.vocabulary
            labels = [label for _, label in groups]
            codes = [Codes(vocabulary, (Pattern(group, "prefix"),)) for group, _ in groups]
            plans = [replace(events, codes=one).plan() for one in codes]
        else:
            labels, plans = ["any" if events.codes is None else str(events.codes)], [events.plan()]
            warn_of_unmatched(self._warehouse._core, self._warehouse.vocabularies, plans[0])  # noqa: SLF001
        days = json.dumps({"from": window.start, "to": window.end})
        counts = self._core.persons_with(json.dumps(plans), days, window.observed, progress)
        variable = f"{events.domain} {window.when()}"
        if people is not None:
            sets = self._core.populations_with(json.dumps(plans), days, window.observed)
            people |= {(variable, label): one for label, one in zip(labels, sets, strict=True)}
        return Section(variable, list(zip(labels, counts, strict=True)), exclusive=False)

    def persons(self) -> pl.DataFrame:
        """Give the rows of the cohort, person by person, for work inside the secure environment.

        This is the one way around the gate: what it gives must not leave.

        Returns
        -------
        polars.DataFrame
            `person_id`, `start`, `end` (dates, both included), a row per person and spell.

        Examples
        --------
        >>> import kohort as kh
        >>> metformin = kh.cohort("metformin").entry(kh.drug(kh.codes("ATC", "A10BA02")).first())
        >>> kh.demo().run(metformin).persons().columns
        ['person_id', 'start', 'end']
        """
        import polars as pl  # noqa: PLC0415

        self._warehouse._ask(rows=True)  # noqa: SLF001
        return pl.DataFrame(self._found.rows())

    def why(self, person_id: str | int) -> Why:
        """Tell, criterion by criterion, why a person is in the cohort or not, for work inside the secure environment.

        Like :meth:`persons` it goes around the gate: what it gives must not leave.

        Parameters
        ----------
        person_id
            The person, as :meth:`persons` names it.

        Returns
        -------
        Why
            Every entry event, what became of it, and the verdict of every criterion with what it counted.

        Raises
        ------
        ArgumentError
            When the warehouse does not know the person.

        Examples
        --------
        >>> import kohort as kh
        >>> adults = kh.cohort("adults").entry(kh.drug().first()).require("adult", kh.age() >= 18)
        >>> result = kh.demo().run(adults)
        >>> result.why(result.persons()["person_id"][0]).included
        True
        """
        self._warehouse._ask(rows=True)  # noqa: SLF001
        found = self._found.why(str(person_id))
        if found is None:
            raise ArgumentError("the warehouse knows no person of that name: give a person_id as .persons() writes it")
        return explain(self._definition, str(person_id), found)

    def profile(self) -> Profile:
        """Tell what the run has cost.

        Returns
        -------
        Profile
            Rows and bytes decoded, to two significant digits, and the time of each step.

        Examples
        --------
        >>> import kohort as kh
        >>> deaths = kh.demo().run(kh.cohort("deaths").entry(kh.death()))
        >>> [step.name for step in deaths.profile().steps]
        ['entry events', 'limit', 'exit']
        """
        return profile(*self._core.profile(), self._warehouse._shards)  # noqa: SLF001

    def _facts(self) -> dict[str, str]:
        shown = {"Persons": about(self._core.persons(), self._warehouse.rules)}
        # What was asked for, not what was found: the first and the last day found belong to somebody.
        asked = self._definition.plan()["entry"]["between"]
        whole = self._warehouse.period or (None, None)
        first, last = (ask or found for ask, found in zip(asked, whole, strict=True))
        shown["Entry between"] = f"{first} and {last}"
        shown["Definition"] = f"{self._definition.name} ({self._definition.hash[:12]})"
        return shown

    def __repr__(self) -> str:
        lines = [f"Result of {self._definition.name}"]
        lines += [f"  {name}: {value}" for name, value in self._facts().items()]
        lines.append("  next: .attrition(), .characterize(), .incidence(outcome), .survival(outcome)")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return card(
            self._definition.name,
            facts(self._facts()),
            flow(self.attrition()),
            note(
                "Rounded: exact numbers pass the output rules in .attrition(), .characterize() and .incidence(outcome)."
            ),
        )


def _passed(names: Sequence[str], mask: int) -> str:
    return ", ".join(name for bit, name in enumerate(names) if mask >> bit & 1) or "none"
