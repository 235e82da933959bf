"""Events, criteria and groups of a plan as Circe writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from kohort.definition.circe.criteria import NOT_EARLIER
from kohort.definition.circe.tables import COUNTED, CRITERIA, DEMOGRAPHIC
from kohort.definition.circe.writing_attributes import attributes
from kohort.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kohort.definition.circe.writing_concepts import Numbers

Place = Literal["CriteriaList", "DemographicCriteriaList", "Groups"]
PLACES: tuple[Place, ...] = ("CriteriaList", "DemographicCriteriaList", "Groups")
CLASSES = {kind.domain: name for name, kind in CRITERIA.items()} | {"death": "Death"}
SEXES = {"female": 8532, "male": 8507}
DATES = {"start": "START_DATE", "end": "END_DATE"}


class Writer:
    """Writes the parts of one plan; `loose` where nothing in it asks when an event ends."""

    def __init__(self, numbers: Numbers, *, loose: bool) -> None:
        self.numbers = numbers
        self.loose = loose

    def events(self, plan: dict[str, Any], path: str) -> dict[str, Any]:
        """Write events as a criterion."""
        name = CLASSES.get(plan["domain"])
        if name is None:
            raise DefinitionError(f"{path} asks for the domain {plan['domain']!r}, which Circe lacks: leave it out.")
        kind = CRITERIA[name]
        ends = plan.get("ends", "recorded")
        if ends != kind.ends and not (self.loose and ends == "recorded"):
            raise DefinitionError(
                f'{path} ends its events by the rule "{ends}", where Circe has "{kind.ends}" for {name}: '
                f'write .ends("{kind.ends}").'
            )
        fields: dict[str, Any] = {}
        for part, field in (("codes", kind.codes), ("source_codes", kind.source)):
            if plan.get(part) is not None:
                fields[self._field(field, path, part, name)] = self.numbers.of(plan[part], f"{path}.{part}")
        if plan["occurrence"] == "first":
            fields[self._field("First" if kind.first else None, path, "occurrence", name)] = True
        where = list(plan.get("where", []))
        if kind.adjusted and where[:1] == [NOT_EARLIER]:
            where.pop(0)
            fields["DateAdjustment"] = self._adjustment(plan.get("shift"), path, name)
        elif "shift" in plan:
            raise DefinitionError(
                f"{path}.shift moves events without the condition that they end no earlier than they begin, or where "
                f"Circe moves none: put the condition length ≥ 0 first."
            )
        if "fixed" in plan:
            period = dict(zip(("StartDate", "EndDate"), plan["fixed"], strict=True))
            field = self._field("UserDefinedPeriod" if kind.period else None, path, "fixed", name)
            fields[field] = {end: day for end, day in period.items() if day}
        fields |= attributes(kind.attributes, where, f"{path}.where", self.numbers)
        if "having" in plan:
            fields["CorrelatedCriteria"] = self.group(plan["having"], f"{path}.having")
        return {name: fields}

    @staticmethod
    def _field(field: str | None, path: str, part: str, name: str) -> str:
        if field is None:
            raise DefinitionError(f"{path}.{part} cannot be asked of Circe's {name}: leave it out.")
        return field

    @staticmethod
    def _adjustment(shift: dict[str, Any] | None, path: str, name: str) -> dict[str, Any]:
        plain: dict[str, Any] = {side: {"of": side, "days": 0} for side in ("start", "end")}
        start, end = (plain | (shift or {})).values()
        if name == "Death" and (start["of"], end["of"]) != ("start", "end"):
            raise DefinitionError(
                f"{path}.shift moves the start of a death by its end or the other way round, which Circe "
                f"does not: move each by itself."
            )
        return {
            "StartWith": DATES[start["of"]],
            "StartOffset": start["days"],
            "EndWith": DATES[end["of"]],
            "EndOffset": end["days"],
        }

    def group(self, plan: dict[str, Any], path: str) -> dict[str, Any]:
        """Write a criterion as a group."""
        match plan["kind"]:
            case "all" | "any" as kind:
                return self._group(kind.upper(), None, plan["of"], f"{path}.of")
            case "at_least" | "at_most" as kind:
                return self._group(kind.upper(), plan["n"], plan["of"], f"{path}.of")
            case "not":
                return self._group("AT_MOST", 0, [plan["of"]], f"{path}.of")
            case "events" if None not in (plan["count"]["at_least"], plan["count"]["at_most"]) and (
                plan["count"]["at_least"] != plan["count"]["at_most"]
            ):
                # Circe compares a count once.
                return self._group("ALL", None, list(_halves(plan)), path)
        return self._group("ALL", None, [plan], path)

    def _group(self, kind: str, count: int | None, of: Sequence[dict[str, Any]], path: str) -> dict[str, Any]:
        """Write a group; its three lists come in turn, so that what comes late in the plan is put into the last."""
        lists: dict[Place, list[dict[str, Any]]] = {place: [] for place in PLACES}
        reached = 0
        for number, part in enumerate(of):
            here = f"{path}[{number}]"
            place, written = self._member(part, here)
            if PLACES.index(place) < reached:
                place, written = "Groups", self._group("ALL", None, [part], path)
            reached = PLACES.index(place)
            lists[place].append(written)
        return {"Type": kind} | ({} if count is None else {"Count": count}) | lists

    def _member(self, plan: dict[str, Any], path: str) -> tuple[Place, dict[str, Any]]:
        match plan["kind"]:
            case "where":
                fields = attributes(DEMOGRAPHIC, plan["where"], f"{path}.where", self.numbers)
                return "DemographicCriteriaList", fields
            case "sex":
                unknown = [sex for sex in plan["is"] if sex not in SEXES]
                if unknown:
                    raise DefinitionError(f"{path} asks for the sex {unknown[0]!r}, which Circe lacks: leave it out.")
                return "DemographicCriteriaList", {"Gender": [{"CONCEPT_ID": SEXES[sex]} for sex in plan["is"]]}
            case "age":
                raise DefinitionError(
                    f"{path} counts completed years, where Circe counts calendar years: "
                    f'write kh.where(kh.column("birth_years") >= 18).'
                )
            case "events" if None in (plan["count"]["at_least"], plan["count"]["at_most"]) or (
                plan["count"]["at_least"] == plan["count"]["at_most"]
            ):
                return "CriteriaList", self._correlated(plan, path)
        return "Groups", self.group(plan, path)

    def _correlated(self, plan: dict[str, Any], path: str) -> dict[str, Any]:
        criterion = self.events(plan["events"], f"{path}.events")
        observed, count = plan["observed"], plan["count"]
        low, high = count["at_least"], count["at_most"]
        kind, number = (2, low) if high is None else (0, high) if low == high else (1, high)
        occurrence = {"Type": kind, "Count": number, "IsDistinct": count["of"] != "events"}
        if occurrence["IsDistinct"]:
            occurrence["CountColumn"] = _counted(count["of"], next(iter(criterion)), f"{path}.count.of")
        fields = {
            "Criteria": criterion,
            "StartWindow": _window(plan["window"], f"{path}.window", observed=observed),
            "Occurrence": occurrence,
            "RestrictVisit": plan.get("same_stay", False),
            "IgnoreObservationPeriod": not observed,
        }
        if "end_window" in plan:
            fields["EndWindow"] = _window(plan["end_window"], f"{path}.end_window", observed=observed)
        return fields


def _halves(plan: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Ask for the two ends of a count one after the other."""
    low, high = plan["count"] | {"at_most": None}, plan["count"] | {"at_least": None}
    return plan | {"count": low}, plan | {"count": high}


def _counted(of: str | dict[str, str], name: str, path: str) -> str:
    if isinstance(of, str):
        return "START_DATE"  # days: distinct first days
    names = {column: circe for circe, column in (COUNTED | CRITERIA[name].counted).items()}
    if of["distinct"] not in names:
        raise DefinitionError(
            f"{path} counts values of {of['distinct']}, which Circe cannot: choose from {', '.join(sorted(names))}."
        )
    return names[of["distinct"]]


def _window(plan: dict[str, Any], path: str, *, observed: bool) -> dict[str, Any]:
    of, index = plan.get("of", "start"), plan.get("index", "start")
    ends = {}
    for name, field, side in (("from", "Start", -1), ("to", "End", 1)):
        bound, here = plan[name], f"{path}.{name}"
        if isinstance(bound, int):
            ends[field] = {"Days": abs(bound), "Coeff": -1 if bound < 0 else 1}
            continue
        if isinstance(bound, str) and not observed:
            raise DefinitionError(f"{here} is an end of the observation period, which Circe then ignores: write days.")
        if bound is None and observed and of == "end":
            raise DefinitionError(
                f'{here} is open, where Circe stops at the observation period: write "period_start", "period_end" '
                f"or a number of days."
            )
        ends[field] = {"Coeff": {"period_start": -1, "period_end": 1}.get(str(bound), side)}
    return {**ends, "UseIndexEnd": index == "end", "UseEventEnd": of == "end"}
