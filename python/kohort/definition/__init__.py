"""The language in which a cohort is defined: immutable objects, one plan (JSON), plain sentences. Knows no data."""

from kohort.definition.bands import AgeBands, age_bands
from kohort.definition.codesets import CodeGroups, Codes, codes
from kohort.definition.cohorts import Cohort, cohort
from kohort.definition.counts import Count, EventCriterion
from kohort.definition.events import (
    Events,
    WindowedEvents,
    death,
    device,
    diagnosis,
    drug,
    event,
    measurement,
    observation,
    procedure,
    stay,
)
from kohort.definition.exits import (
    EndOfObservation,
    EndOfSupply,
    Exit,
    FixedDays,
    end_of_observation,
    end_of_supply,
    fixed_days,
)
from kohort.definition.logic import Criterion, Group, Not, Threshold, all_of, any_of, at_least, at_most
from kohort.definition.patterns import Pattern
from kohort.definition.person import Age, AgeCriterion, Sex, SexCriterion, age, sex
from kohort.definition.read import from_json, from_plan, load_definition
from kohort.definition.rules import Rule

__all__ = [
    "Age",
    "AgeBands",
    "AgeCriterion",
    "CodeGroups",
    "Codes",
    "Cohort",
    "Count",
    "Criterion",
    "EndOfObservation",
    "EndOfSupply",
    "EventCriterion",
    "Events",
    "Exit",
    "FixedDays",
    "Group",
    "Not",
    "Pattern",
    "Rule",
    "Sex",
    "SexCriterion",
    "Threshold",
    "WindowedEvents",
    "age",
    "age_bands",
    "all_of",
    "any_of",
    "at_least",
    "at_most",
    "codes",
    "cohort",
    "death",
    "device",
    "diagnosis",
    "drug",
    "end_of_observation",
    "end_of_supply",
    "event",
    "fixed_days",
    "from_json",
    "from_plan",
    "load_definition",
    "measurement",
    "observation",
    "procedure",
    "sex",
    "stay",
]
