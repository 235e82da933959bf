"""A definition as an expression of Circe, where Circe can say it."""

from __future__ import annotations

from typing import Any

from kohort.definition.circe.criteria import NOT_EARLIER
from kohort.definition.circe.writing_concepts import Numbers
from kohort.definition.circe.writing_criteria import Writer
from kohort.errors import DefinitionError

LIMITS = {"first": "First", "last": "Last", "all": "All"}
FIELDS = {"start": "StartDate", "end": "EndDate"}
ENDS = ("end", "length", "birth_years_at_end")


def asks_for_ends(plan: Any) -> bool:
    """Tell whether anything in a plan depends on the day on which an event ends."""
    if isinstance(plan, list):
        return any(asks_for_ends(part) for part in plan)
    if not isinstance(plan, dict):
        return False
    sides = [plan.get(name) for name in ("of", "index")]
    columns = [plan.get(name) for name in ("column", "distinct", "other")]
    if "end" in sides or any(column in ENDS for column in columns):
        return True
    # An end that is moved matters only where something asks for it.
    return any(asks_for_ends(part["start"] if name == "shift" else part) for name, part in plan.items())


def _asks_for_stays(plan: Any) -> bool:
    if isinstance(plan, list):
        return any(_asks_for_stays(part) for part in plan)
    return isinstance(plan, dict) and (plan.get("same_stay", False) or any(map(_asks_for_stays, plan.values())))


def _in_calendar(events: dict[str, Any], between: list[str | None], path: str) -> dict[str, Any]:
    """Ask of an event that it begin in the calendar window, which Circe does not ask of all entry events at once."""
    first, last = between
    if first is None and last is None:
        return events
    if "fixed" in events:
        raise DefinitionError(f"{path} has fixed days and a calendar window, which Circe cannot join: leave one out.")
    asked: dict[str, Any] = {"column": "start", "op": "ge" if last is None else "le", "value": first or last}
    if first is not None and last is not None:
        asked = {"column": "start", "op": "between", "value": first, "extent": last}
    where = list(events.get("where", []))
    where.insert(1 if where[:1] == [NOT_EARLIER] else 0, asked)
    return events | {"where": where}


def _exit(plan: dict[str, Any], numbers: Numbers) -> dict[str, Any]:
    match plan["kind"]:
        case "observation_end":
            return {}
        case "fixed":
            offset = {"DateField": FIELDS[plan.get("of", "start")], "Offset": plan["days"]}
            return {"EndStrategy": {"DateOffset": offset}}
        case "era" if plan["domain"] == "drug":
            era = {
                "DrugCodesetId": numbers.of(plan["codes"], "exit.codes"),
                "GapDays": plan["gap"],
                "Offset": plan["offset"],
            }
            supply = plan["days_supply"]
            return {"EndStrategy": {"CustomEra": era | ({} if supply is None else {"DaysSupplyOverride": supply})}}
        case kind:
            raise DefinitionError(
                f'exit is of the kind "{kind}", which Circe has not: write kh.end_of_era(codes) for eras of drugs, '
                f"kh.fixed_days or kh.end_of_observation."
            )


def circe_expression(plan: dict[str, Any]) -> dict[str, Any]:
    """Write a plan as an expression of Circe."""
    numbers = Numbers(plan.get("code_sets", {}))
    loose = not asks_for_ends({name: part for name, part in plan.items() if name != "code_sets"})
    writer = Writer(numbers, loose=loose)
    entry = plan["entry"]
    if entry.get("each", "day") == "day" and (not loose or _asks_for_stays(plan)):
        raise DefinitionError(
            'entry.each is "day", where Circe has a row per event and the definition asks for ends or stays of '
            'events: write .entry(..., each="event").'
        )
    criteria = [
        writer.events(_in_calendar(events, entry["between"], f"entry.events[{place}]"), f"entry.events[{place}]")
        for place, events in enumerate(entry["events"])
    ]
    rules = [
        {
            "name": rule["name"],
            "expression": writer.group(
                rule["when"] if rule["kind"] == "require" else {"kind": "not", "of": rule["when"]},
                f"rules[{place}].when",
            ),
        }
        for place, rule in enumerate(plan["rules"])
    ]
    qualify = plan.get("qualify")
    additional = {} if qualify is None else {"AdditionalCriteria": writer.group(qualify["when"], "qualify.when")}
    censoring = [writer.events(events, f"censor[{place}]") for place, events in enumerate(plan["censor"])]
    strategy = _exit(plan["exit"], numbers)
    window = dict(zip(("StartDate", "EndDate"), plan.get("window", [None, None]), strict=True))
    return {
        "cdmVersionRange": ">=5.0.0",
        "Title": plan["name"],
        "PrimaryCriteria": {
            "CriteriaList": criteria,
            "ObservationWindow": {
                "PriorDays": entry["observed"]["before"],
                "PostDays": entry["observed"]["after"],
            },
            "PrimaryCriteriaLimit": {"Type": LIMITS[entry.get("limit", "all")]},
        },
        **additional,
        "ConceptSets": numbers.sets,
        "QualifiedLimit": {"Type": LIMITS["first" if qualify is None else qualify["limit"]]},
        "ExpressionLimit": {"Type": LIMITS[plan["limit"]]},
        "InclusionRules": rules,
        **strategy,
        "CensoringCriteria": censoring,
        "CollapseSettings": {"CollapseType": "ERA", "EraPad": plan.get("collapse", 0)},
        "CensorWindow": {name: day for name, day in window.items() if day},
    }
