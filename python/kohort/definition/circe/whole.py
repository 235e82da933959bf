"""A whole expression of Circe as a definition."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kohort.definition import checks
from kohort.definition.circe.concepts import ConceptSets
from kohort.definition.circe.criteria import EVERYBODY, events, group, period
from kohort.definition.circe.reading import below, chosen, each, limit, needed, record, whole, whole_or, word
from kohort.definition.cohorts import VERSION, Cohort
from kohort.definition.parts import at
from kohort.definition.read import from_plan, loaded
from kohort.errors import DefinitionError

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

EXPRESSION = (
    "cdmVersionRange",
    "Title",
    "PrimaryCriteria",
    "AdditionalCriteria",
    "ConceptSets",
    "QualifiedLimit",
    "ExpressionLimit",
    "InclusionRules",
    "EndStrategy",
    "CensoringCriteria",
    "CollapseSettings",
    "CensorWindow",
)
DATE_FIELDS = {"StartDate": "start", "EndDate": "end"}


def _entry(value: object, path: str, sets: ConceptSets) -> dict[str, Any]:
    fields = record(value, path, ("CriteriaList", "ObservationWindow", "PrimaryCriteriaLimit"))
    here = below(path, "ObservationWindow")
    observed = record(needed(fields, path, "ObservationWindow"), here, ("PriorDays", "PostDays"))
    before, after = (whole_or(0, observed.get(name), below(here, name)) for name in ("PriorDays", "PostDays"))
    return {
        "events": each(fields.get("CriteriaList"), below(path, "CriteriaList"), lambda one, at: events(one, at, sets)),
        "between": [None, None],
        # The index day lies in the period anyhow, so that days below zero ask nothing more.
        "observed": {"before": max(0, before), "after": max(0, after)},
        "each": "event",
        "limit": limit(fields.get("PrimaryCriteriaLimit", {}), below(path, "PrimaryCriteriaLimit")),
    }


def _rules(value: object, path: str, sets: ConceptSets) -> list[dict[str, Any]]:
    taken: set[str] = set()

    def rule(one: object, here: str) -> dict[str, Any]:
        fields = record(one, here, ("name", "description", "expression"))
        name = "" if fields.get("name") is None else word(fields["name"], below(here, "name"))
        name = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
        name = name or f"rule {len(taken) + 1}"
        while name in taken:
            name = f"{name} ({len(taken) + 1})"
        taken.add(name)
        when = group(needed(fields, here, "expression"), below(here, "expression"), sets)
        return {"name": name, "kind": "require", "when": when}

    return each(value, path, rule)


def _exit(value: object, path: str, sets: ConceptSets) -> dict[str, Any]:
    if value is None:
        return {"kind": "observation_end"}
    strategies = record(value, path, ("DateOffset", "CustomEra"))
    if len(strategies) != 1:
        raise DefinitionError(f"{path} has {len(strategies)} strategies: write one of DateOffset and CustomEra.")
    [(name, content)] = strategies.items()
    here = below(path, name)
    if name == "DateOffset":
        fields = record(content, here, ("DateField", "Offset"))
        of = DATE_FIELDS[chosen(fields.get("DateField", "StartDate"), below(here, "DateField"), DATE_FIELDS)]
        return {"kind": "fixed", "days": whole_or(0, fields.get("Offset"), below(here, "Offset")), "of": of}
    fields = record(content, here, ("DrugCodesetId", "GapDays", "Offset", "DaysSupplyOverride"))
    supply = fields.get("DaysSupplyOverride")
    return {
        "kind": "era",
        "domain": "drug",
        "codes": sets.reference(needed(fields, here, "DrugCodesetId"), below(here, "DrugCodesetId")),
        "gap": whole_or(0, fields.get("GapDays"), below(here, "GapDays")),
        "offset": whole_or(0, fields.get("Offset"), below(here, "Offset")),
        "days_supply": None if supply is None else whole(supply, below(here, "DaysSupplyOverride")),
    }


def circe_plan(value: object, name: str) -> dict[str, Any]:
    """Translate an expression into a plan."""
    fields = record(value, "", EXPRESSION)
    sets = ConceptSets(fields.get("ConceptSets"), "ConceptSets")
    title = fields.get("Title")
    collapse = record(fields.get("CollapseSettings", {}), "CollapseSettings", ("CollapseType", "EraPad"))
    chosen(collapse.get("CollapseType") or "ERA", "CollapseSettings.CollapseType", ("ERA",))
    plan: dict[str, Any] = {
        "version": VERSION,
        "name": title if isinstance(title, str) and title.strip() else name,
        "entry": _entry(needed(fields, "", "PrimaryCriteria"), "PrimaryCriteria", sets),
        "rules": _rules(fields.get("InclusionRules"), "InclusionRules", sets),
        "limit": limit(fields.get("ExpressionLimit", {}), "ExpressionLimit"),
        "exit": _exit(fields.get("EndStrategy"), "EndStrategy", sets),
        "censor": each(fields.get("CensoringCriteria"), "CensoringCriteria", lambda one, at: events(one, at, sets)),
        "collapse": whole_or(0, collapse.get("EraPad"), "CollapseSettings.EraPad"),
        "window": period(fields.get("CensorWindow"), "CensorWindow"),
    }
    qualified = limit(fields.get("QualifiedLimit", {}), "QualifiedLimit")
    # Circe applies this limit only where there are additional criteria, be they empty.
    if fields.get("AdditionalCriteria") is not None:
        when = group(fields["AdditionalCriteria"], "AdditionalCriteria", sets)
        plan |= {"qualify": {"when": when, "limit": qualified}} if when != EVERYBODY or qualified != "all" else {}
    return plan | {"code_sets": sets.plan}


def from_circe(source: str | os.PathLike[str] | Mapping[str, Any], *, name: str | None = None) -> Cohort:
    """Translate a cohort expression of OHDSI Circe, as ATLAS and the PhenotypeLibrary have it, row for row.

    Parameters
    ----------
    source
        A JSON file, JSON text, or the dictionary that it says. All of Circe's criteria, windows, limits and end
        strategies are translated; descriptions of rules and names of concepts are not kept.
    name
        The name of the cohort; without one, the expression's title, or the name of the file without its ending.

    Returns
    -------
    Cohort
        Its code sets carry the names of Circe's concept sets; :meth:`Cohort.to_circe` is the way back.

    Raises
    ------
    DefinitionError
        When a field is unknown or unusable, by its place, as in ``InclusionRules[2].expression.Type``; and for
        PlaceOfServiceLocation, the one thing that Circe can ask and kohort cannot.
    FileNotFoundError
        When there is no such file.

    Examples
    --------
    >>> import kohort as kh
    >>> metformin = kh.from_circe({
    ...     "ConceptSets": [{"id": 0, "name": "Metformin", "expression": {"items": [
    ...         {"concept": {"CONCEPT_ID": 1503297}, "includeDescendants": True}]}}],
    ...     "PrimaryCriteria": {
    ...         "CriteriaList": [{"DrugExposure": {"CodesetId": 0, "First": True}}],
    ...         "ObservationWindow": {"PriorDays": 365, "PostDays": 0},
    ...         "PrimaryCriteriaLimit": {"Type": "First"},
    ...     },
    ... }, name="New users of metformin")
    >>> metformin.entry_events
    (<events: first drug records coded “Metformin”>,)
    """
    value: Any = source
    default, place = "Circe cohort", ""
    if isinstance(source, str) and source.lstrip("\ufeff \t\r\n").startswith("{"):
        value = loaded(source.lstrip("\ufeff"), "the expression")
    elif not isinstance(source, dict):
        try:
            path = Path(source)  # type: ignore[arg-type]
        except TypeError:
            raise DefinitionError(
                f"the expression is {checks.show(source)}: hand in a file, JSON text or a dictionary."
            ) from None
        default, place = path.stem, str(path)
        with at(place):
            value = loaded(path.read_bytes().removeprefix(b"\xef\xbb\xbf"), "the expression")
    if not place:
        return _named(value, default, name)
    with at(place):
        return _named(value, default, name)


def _named(value: object, default: str, name: str | None) -> Cohort:
    try:
        plan = circe_plan(value, default)
        return from_plan(plan if name is None else plan | {"name": name})
    except RecursionError:
        raise DefinitionError(
            "the expression is nested too deeply to be read: join its criteria in flatter groups."
        ) from None
