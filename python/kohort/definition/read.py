"""From a plan (JSON) back to the objects; whatever the format does not know is refused by its path."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kohort.definition import checks, exits
from kohort.definition.cohorts import LIMITS, VERSION, Cohort
from kohort.definition.named import resolved
from kohort.definition.parts import (
    at,
    each,
    fields,
    kind_of,
    number,
    optional,
    read_codes,
    read_criterion,
    read_events,
    typed,
    words,
)
from kohort.errors import DefinitionError

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from kohort.definition.codesets import Codes


def _exit(value: object, path: str) -> exits.Exit:
    kind = kind_of(value, path, ("observation_end", "fixed", "end_of_supply", "era"))
    if kind == "observation_end":
        fields(value, path, ("kind",))
        return exits.EndOfObservation()
    if kind == "fixed":
        record = fields(value, path, ("kind", "days"), ("of",))
        days = number(record["days"], f"{path}.days")
        with at(f"{path}.days"):
            return exits.FixedDays(days, record.get("of", "start"))
    if kind == "era":
        record = fields(value, path, ("kind", "domain", "codes", "gap", "offset", "days_supply"))
        era_codes = read_codes(record["codes"], f"{path}.codes")
        era_gap, offset = (number(record[name], f"{path}.{name}") for name in ("gap", "offset"))
        supply = optional(record["days_supply"], f"{path}.days_supply", number)
        era_domain = words(record["domain"], f"{path}.domain")
        with at(path):
            return exits.EndOfEra(era_codes, era_gap, offset, supply, era_domain)
    record = fields(value, path, ("kind", "gap", "codes", "domain"))
    gap = number(record["gap"], f"{path}.gap")
    codes = optional(record["codes"], f"{path}.codes", read_codes)
    domain = words(record["domain"], f"{path}.domain")
    with at(path):
        return exits.EndOfSupply(gap, codes, domain)


def _entered(plan: Mapping[str, Any], book: Mapping[str, Codes]) -> Cohort:
    entry = fields(plan["entry"], "entry", ("events", "between", "observed"), ("each", "limit"))
    events = each(entry["events"], "entry.events", read_events)
    between = each(entry["between"], "entry.between", lambda value, path: optional(value, path, words))
    observed = fields(entry["observed"], "entry.observed", ("before", "after"))
    before = number(observed["before"], "entry.observed.before")
    after = number(observed["after"], "entry.observed.after")
    name = words(plan["name"], "name")
    with at("name"):
        begun = Cohort(name).with_code_sets(*book.values())
    with at("limit"):
        checks.choice(plan["limit"], LIMITS, "the limit")
    with at("entry"):
        # A list of another length than two is refused by the builder.
        entered = begun.entry(
            *events,
            between=cast("Any", between),
            limit=plan["limit"],
            each=entry.get("each", "day"),
            take=entry.get("limit", "all"),
        )
    with at("entry.observed"):
        return entered.observed(before=before, after=after)


def _code_sets(value: object) -> dict[str, Codes]:
    book = {}
    for name, written in typed(value, "code_sets", dict, "an object").items():
        codes = read_codes(written, f"code_sets.{name}")
        with at("code_sets"):
            book[name] = replace(codes, name=name)
    return book


def _unusual(made: Cohort, plan: Mapping[str, Any]) -> Cohort:
    """Add what a plan says only where it is not the default."""
    if "qualify" in plan:
        record = fields(plan["qualify"], "qualify", ("when", "limit"))
        when = read_criterion(record["when"], "qualify.when")
        with at("qualify"):
            made = made.qualify(when, limit=record["limit"])
    if "collapse" in plan:
        pad = number(plan["collapse"], "collapse")
        with at("collapse"):
            made = made.collapse(pad)
    if "window" in plan:
        days = each(plan["window"], "window", lambda value, path: optional(value, path, words))
        if len(days) != 2:
            raise DefinitionError(f"window has {len(days)} days: write the first and the last.")
        with at("window"):
            made = made.window(*days)
    return made


def from_plan(plan: Mapping[str, Any]) -> Cohort:
    """Make a definition from a plan, the dictionary that :meth:`Cohort.plan` returns.

    Parameters
    ----------
    plan
        As `docs/plan.md` describes it. What is written in another way than the canonical one (patterns in another
        order, an "all" within an "all") is brought into canonical form.

    Returns
    -------
    Cohort
        Equal to the definition that made the plan, with the same hash.

    Raises
    ------
    DefinitionError
        When a field is unknown, missing or unusable, by its path, as in ``rules[2].when.window.from``.

    Examples
    --------
    >>> import kohort as kh
    >>> deaths = kh.cohort("deaths").entry(kh.death())
    >>> kh.definition.from_plan(deaths.plan()) == deaths
    True
    """
    if not isinstance(plan, dict):
        raise DefinitionError(
            f"the plan is {checks.show(plan)}, which is not a dictionary: hand in what .plan() returned."
        )
    version = plan.get("version")
    if type(version) is not int or version != VERSION:
        raise DefinitionError(
            f"version is {checks.show(version)}, where this kohort reads {VERSION}: write the plan with a kohort that "
            f"uses version {VERSION}, or update kohort."
        )
    usual = ("version", "name", "entry", "rules", "limit", "exit", "censor")
    fields(plan, "plan", usual, ("code_sets", "qualify", "collapse", "window"))
    book = _code_sets(plan.get("code_sets", {}))
    plan = resolved({name: value for name, value in plan.items() if name != "code_sets"}, "", book)
    made = _unusual(_entered(plan, book), plan)
    for place, value in enumerate(typed(plan["rules"], "rules", list, "a list")):
        path = f"rules[{place}]"
        rule = fields(value, path, ("name", "kind", "when"))
        name = words(rule["name"], f"{path}.name")
        with at(f"{path}.kind"):
            kind = checks.choice(rule["kind"], ("require", "exclude"), "the kind of a rule")
        when = read_criterion(rule["when"], f"{path}.when")
        with at(path):
            made = made.require(name, when) if kind == "require" else made.exclude(name, when)
    strategy = _exit(plan["exit"], "exit")
    censor = each(plan["censor"], "censor", read_events)
    made = made.exit(strategy, censor=censor)
    with at("exit"):
        made.plan()
    return made


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        twice = next(name for name in names if sum(name == other for other, _ in pairs) > 1)
        raise DefinitionError(f"the field {twice!r} is written twice in one object: keep one of the two.")
    return names


def from_json(text: str | bytes) -> Cohort:
    """Make a definition from the text of a plan; see :func:`from_plan`."""
    try:
        return from_plan(loaded(text, "the plan"))
    except RecursionError:
        raise DefinitionError(
            "the plan is nested too deeply to be read: join its criteria in flatter groups."
        ) from None


def loaded(text: str | bytes, what: str) -> Any:
    """Read JSON in which no field is written twice."""
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except UnicodeDecodeError:
        raise DefinitionError(f"{what} is not text in UTF-8: save it as UTF-8.") from None
    except json.JSONDecodeError as error:
        raise DefinitionError(
            f"{what} is not JSON, at line {error.lineno}, column {error.colno} ({error.msg}): correct it there."
        ) from None
    except RecursionError:
        raise DefinitionError(f"{what} is nested too deeply to be read: join its criteria in flatter groups.") from None


def load_definition(path: str | os.PathLike[str]) -> Cohort:
    """Read a definition that :meth:`Cohort.save` wrote.

    Parameters
    ----------
    path
        A JSON file, in UTF-8.

    Returns
    -------
    Cohort
        Equal to the one saved, with the same hash.

    Raises
    ------
    DefinitionError
        When the file is no plan of this version: by the file's name and the path of the field.
    FileNotFoundError
        When there is no such file.

    Examples
    --------
    >>> import tempfile, kohort as kh
    >>> deaths = kh.cohort("deaths").entry(kh.death())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     kh.load_definition(deaths.save(f"{folder}/deaths.json")).hash == deaths.hash
    True
    """
    source = Path(path)
    content = source.read_bytes()
    with at(str(source)):
        return from_json(content)
