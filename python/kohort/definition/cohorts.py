"""A cohort's definition: entry, observation, rules, exit. Immutable; every method returns a new one."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from kohort.definition import checks, sentences
from kohort.definition.codesets import Codes
from kohort.definition.exits import EndOfObservation, Exit, as_exit, unsupplied
from kohort.definition.named import CodeBook, named_in, referring
from kohort.definition.rules import Qualification, Rule, listed_events
from kohort.errors import DefinitionError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable
    from datetime import date

    from kohort.definition.events import Events
    from kohort.definition.logic import Criterion

VERSION = 1
LIMITS = ("first", "last", "all")
Limit = Literal["first", "last", "all"]


@dataclass(frozen=True, slots=True, repr=False)
class Cohort:
    """Who is in a cohort, from when to when; made by :func:`cohort`, completed by its methods, run by a warehouse.

    Two definitions are equal when their plans are. The order of operands stays as people wrote it, so that two
    texts with the same members may differ in :attr:`hash`: the hash names a definition, not its members.

    Attributes
    ----------
    name, entry_events, between, before, after, rules, limit, strategy, censor, each, take, qualification, pad, cut
        What the methods were told, with defaults filled in; days are whole, calendar days dates or None.
    code_sets
        The code sets that have a name; those of the parts, and those that were added without a use.
    """

    name: str
    entry_events: tuple[Events, ...] = ()
    between: tuple[date | None, date | None] = (None, None)
    before: int = 0
    after: int = 0
    rules: tuple[Rule, ...] = ()
    limit: Limit = "first"
    strategy: Exit = EndOfObservation()  # noqa: RUF009 (frozen)
    censor: tuple[Events, ...] = ()
    each: Literal["day", "event"] = "day"
    take: Limit = "all"
    qualification: Qualification | None = None
    pad: int = 0
    cut: tuple[date | None, date | None] = (None, None)
    code_sets: CodeBook = CodeBook()  # noqa: RUF009 (frozen)
    said: frozenset[str] = field(default=frozenset(), compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", checks.line(self.name, "the name of a cohort"))
        parts = (self.entry_events, self.qualification, self.rules, self.strategy, self.censor)
        object.__setattr__(self, "code_sets", self.code_sets.joined(named_in(parts)))

    def entry(
        self,
        *events: Events,
        between: tuple[str | date | None, str | date | None] | None = None,
        limit: Limit = "first",
        each: Literal["day", "event"] = "day",
        take: Limit = "all",
    ) -> Cohort:
        """Say which events make an index day.

        Parameters
        ----------
        *events
            A row is made for each event of any of these; one row where several share person and day.
        between
            The first and last calendar day on which the index day may lie; dates, ISO text, or None for open.
        limit
            Which of a person's rows stay, **after** all rules were applied: the "first", the "last", or "all".
            For the first event ever, before the rules, write ``kh.drug(codes).first()``.
        each
            "day": one row where events share person and day; "event": a row for each of them.
        take
            Which of a person's observed entry events stay, **before** anything else is asked of them.

        Raises
        ------
        DefinitionError
            When it was said before, or an argument cannot be used.

        Examples
        --------
        >>> import kohort as kh
        >>> kh.cohort("Deaths of 2020").entry(kh.death(), between=("2020-01-01", "2020-12-31")).limit
        'first'
        """
        self._once("entry", "hand all entry events to one .entry(...)")
        if not events:
            raise DefinitionError(f"the entry of {self.name!r} has no events: hand in one such as kh.drug(codes).")
        checks.choice(limit, LIMITS, "the limit")
        checks.choice(each, ("day", "event"), "what each row stands for")
        checks.choice(take, LIMITS, "the entry events to take")
        return replace(
            self,
            # Where each event is a row, one that two entry events name is two rows, as in OHDSI's tools.
            entry_events=listed_events(events, f"an entry event of {self.name!r}", repeated=each == "event"),
            between=checks.period(between),
            limit=limit,
            each=each,
            take=take,
            said=self.said | {"entry"},
        )

    def observed(self, *, before: int = 0, after: int = 0) -> Cohort:
        """Keep rows whose observation period reaches `before` days back from the index day and `after` days ahead.

        Raises
        ------
        DefinitionError
            When it was said before, or a number is negative or not whole.

        Examples
        --------
        >>> import kohort as kh
        >>> kh.cohort("deaths").entry(kh.death()).observed(before=365).before
        365
        """
        self._once("observed", "say both numbers in one .observed(before=..., after=...)")
        return replace(
            self,
            before=checks.whole(before, "the days observed before", low=0),
            after=checks.whole(after, "the days observed after", low=0),
            said=self.said | {"observed"},
        )

    def qualify(self, criterion: Criterion, *, limit: Limit = "all") -> Cohort:
        """Keep the entry events that meet a criterion, and of these per person the first, the last or all.

        Unlike a rule it has no name and comes before all rules, so that its limit decides which events they see.

        Examples
        --------
        >>> import kohort as kh
        >>> kh.cohort("deaths").entry(kh.death()).qualify(kh.stay().before().any(), limit="first").qualification.limit
        'first'
        """
        self._once("qualify", "join the criteria with &")
        return replace(self, qualification=Qualification(criterion, limit), said=self.said | {"qualify"})

    def collapse(self, days: int) -> Cohort:
        """Join rows of a person that begin at most so many days after the end of what came before."""
        self._once("collapse", "say the days once")
        pad = checks.whole(days, "the days of .collapse(...)", low=0)
        return replace(self, pad=pad, said=self.said | {"collapse"})

    def window(self, first: str | date | None, last: str | date | None) -> Cohort:
        """Cut the rows to calendar days, both included; None is open."""
        self._once("window", "say both days at once")
        return replace(self, cut=checks.period((first, last)), said=self.said | {"window"})

    def with_code_sets(self, *codes: Codes) -> Cohort:
        """Keep code sets that have a name, whether the definition uses them or not."""
        for given in codes:
            if not isinstance(given, Codes) or given.name is None:
                raise DefinitionError(
                    f'{checks.show(given)} is no code set with a name: write kh.codes(..., name="...").'
                )
        return replace(self, code_sets=self.code_sets.joined(codes))

    def require(self, name: str, criterion: Criterion) -> Cohort:
        """Keep the rows that meet a criterion; `name` is its line in the attrition.

        Raises
        ------
        DefinitionError
            When the name is taken or the criterion is none.

        Examples
        --------
        >>> import kohort as kh
        >>> kh.cohort("deaths").entry(kh.death()).require("adult", kh.age() >= 18).rules[0].when
        <criterion: aged 18 or older>
        """
        return self._rule(Rule(name, "require", criterion))

    def exclude(self, name: str, criterion: Criterion) -> Cohort:
        """Drop the rows that meet a criterion; `name` is its line in the attrition.

        Raises
        ------
        DefinitionError
            When the name is taken or the criterion is none.

        Examples
        --------
        >>> import kohort as kh
        >>> kh.cohort("deaths").entry(kh.death()).exclude("minor", kh.age() < 18).rules[0].kind
        'exclude'
        """
        return self._rule(Rule(name, "exclude", criterion))

    def exit(self, strategy: Exit | None = None, *, censor: Events | Iterable[Events] | None = None) -> Cohort:
        """Say when a row ends.

        Parameters
        ----------
        strategy
            :func:`end_of_observation` (the default), :func:`fixed_days` or :func:`end_of_supply`.
        censor
            Events that end a row on or after its index day if they come earlier; death only where it is named.

        Raises
        ------
        DefinitionError
            When it was said before, or an argument cannot be used.

        Examples
        --------
        >>> import kohort as kh
        >>> kh.cohort("stays").entry(kh.stay()).exit(kh.fixed_days(30), censor=kh.death()).strategy
        <exit: 30 days after the index day>
        """
        self._once("exit", "say the strategy and the censoring in one .exit(...)")
        return replace(
            self,
            strategy=EndOfObservation() if strategy is None else as_exit(strategy),
            censor=listed_events(censor, f"a censoring event of {self.name!r}"),
            said=self.said | {"exit"},
        )

    def plan(self) -> dict[str, Any]:
        """Return the plan: a new dictionary in the canonical form of `docs/plan.md`, defaults written out.

        Raises
        ------
        DefinitionError
            When the entry is missing, or an end of supply has nothing to follow.
        """
        lack = self._lack()
        if lack:
            raise DefinitionError(lack)
        plan: dict[str, Any] = referring(written(self))
        return plan | ({"code_sets": self.code_sets.plan()} if len(self.code_sets) else {})

    @property
    def complete(self) -> bool:
        """Whether the definition can be run as it is."""
        return not self._lack()

    def to_json(self) -> str:
        """Return the plan as canonical JSON: keys sorted, no white space; what is hashed and sent to the engine."""
        return json.dumps(self.plan(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    def to_circe(self) -> dict[str, Any]:
        """Return the definition as a cohort expression of OHDSI Circe, to be written as JSON for ATLAS.

        Raises
        ------
        DefinitionError
            When Circe cannot say a part, by the part's place in the plan; or the definition is incomplete.

        Examples
        --------
        >>> import kohort as kh
        >>> kh.cohort("deaths").entry(kh.death()).to_circe()["PrimaryCriteria"]["CriteriaList"]
        [{'Death': {}}]
        """
        from kohort.definition.circe.writing import circe_expression  # noqa: PLC0415 (it reads definitions too)

        return circe_expression(self.plan())

    @property
    def hash(self) -> str:
        """The SHA-256 of the canonical JSON in UTF-8, 64 hexadecimal digits: the definition's name in every record."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the plan as JSON that people can read and compare; all of it or nothing.

        Returns
        -------
        pathlib.Path
            Where it was written. :func:`load_definition` reads it back, equal and with the same hash.

        Raises
        ------
        DefinitionError
            When the definition is incomplete.
        OSError
            When the file cannot be written; a file of that name is left as it was.
        """
        text = json.dumps(self.plan(), sort_keys=True, indent=2, ensure_ascii=False)
        return checks.write_whole(Path(path), f"{text}\n")

    def describe(self) -> str:
        """Say the definition in plain English sentences, a line each; the same as ``str(definition)``."""
        return sentences.text(self)

    def __str__(self) -> str:
        return self.describe()

    def __repr__(self) -> str:
        rules = f"{len(self.rules)} rule{'s' * (len(self.rules) != 1)}"
        return f"<cohort {self.name!r}: {rules}, {f'hash {self.hash[:12]}' if self.complete else 'incomplete'}>"

    def _repr_html_(self) -> str:
        from kohort.definition.card import card  # noqa: PLC0415 (a definition needs no notebook)

        return card(self)

    def _once(self, verb: str, remedy: str) -> None:
        if verb in self.said:
            raise DefinitionError(f".{verb}(...) of the cohort {self.name!r} is said twice: {remedy}.")

    def _rule(self, rule: Rule) -> Cohort:
        if any(rule.name == other.name for other in self.rules):
            raise DefinitionError(
                f"the cohort {self.name!r} has two rules named {rule.name!r}: give each a name of its own."
            )
        return replace(self, rules=(*self.rules, rule))

    def _lack(self) -> str:
        """Say what a definition needs to be run, nothing where it is complete."""
        if not self.entry_events:
            return f"the cohort {self.name!r} has no entry: add .entry(...) with the events that make an index day."
        return unsupplied(self.strategy, self.entry_events)


def written(cohort: Cohort) -> dict[str, Any]:
    """Write a plan with its code sets in their places; what says its default is left out where the plan allows it."""
    first, last = cohort.between
    entry: dict[str, Any] = {
        "events": [events.plan() for events in cohort.entry_events],
        "between": [first and first.isoformat(), last and last.isoformat()],
        "observed": {"before": cohort.before, "after": cohort.after},
    }
    entry |= {"each": cohort.each} if cohort.each != "day" else {}
    entry |= {"limit": cohort.take} if cohort.take != "all" else {}
    plan: dict[str, Any] = {
        "version": VERSION,
        "name": cohort.name,
        "entry": entry,
        "rules": [rule.plan() for rule in cohort.rules],
        "limit": cohort.limit,
        "exit": cohort.strategy.plan(),
        "censor": [events.plan() for events in cohort.censor],
    }
    plan |= {"qualify": cohort.qualification.plan()} if cohort.qualification else {}
    plan |= {"collapse": cohort.pad} if cohort.pad else {}
    cut = [day and day.isoformat() for day in cohort.cut]
    return plan | ({"window": cut} if any(cut) else {})


def cohort(name: str) -> Cohort:
    """Begin the definition of a cohort.

    What an evaluation does, in order: entry events, calendar, observation, rules in their order, limit, exit,
    censoring; rows of a person that overlap are joined. Each of entry, observed and exit is said once.

    Parameters
    ----------
    name
        A line of text; a part of the definition and of its hash.

    Returns
    -------
    Cohort
        Immutable; each method returns a new one.

    Raises
    ------
    DefinitionError
        When the name is blank or not text.

    Examples
    --------
    >>> import kohort as kh
    >>> dpp4, bladder = kh.codes("ATC", "A10BH*", "A10BD07"), kh.codes("ICD10", "C67*", "D090")
    >>> initiators = (
    ...     kh.cohort("DPP-4 initiators")
    ...     .entry(kh.drug(dpp4).first(), between=("2015-01-01", "2018-12-31"))
    ...     .observed(before=365)
    ...     .require("adult", kh.age() >= 18)
    ...     .exclude("bladder cancer before", kh.diagnosis(bladder).before().any())
    ...     .exit(kh.end_of_supply(gap=90), censor=kh.death())
    ... )
    >>> initiators
    <cohort 'DPP-4 initiators': 2 rules, hash 0c925ea69715>
    """
    return Cohort(name)
