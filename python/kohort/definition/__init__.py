"""The language in which a cohort is defined: immutable objects, one plan (JSON), plain sentences. Knows no data."""

from kohort.definition.bands import AgeBands, age_bands
from kohort.definition.circe import from_circe
from kohort.definition.codesets import CodeGroups, Codes, codes
from kohort.definition.cohorts import Cohort, cohort
from kohort.definition.counts import Count, EventCriterion
from kohort.definition.events import (
    Events,
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
    EndOfEra,
    EndOfObservation,
    EndOfSupply,
    Exit,
    FixedDays,
    end_of_era,
    end_of_observation,
    end_of_supply,
    fixed_days,
)
from kohort.definition.filters import Column, Condition, column
from kohort.definition.index import IndexCriterion, where
from kohort.definition.logic import Criterion, Group, Not, Threshold, all_of, any_of, at_least, at_most
from kohort.definition.patterns import Pattern
from kohort.definition.person import Age, AgeCriterion, Sex, SexCriterion, age, sex
from kohort.definition.read import from_json, from_plan, load_definition
from kohort.definition.rules import Qualification, Rule
from kohort.definition.windowed import WindowedEvents
from kohort.definition.windows import Window

__all__ = [
    "Age",
    "AgeBands",
    "AgeCriterion",
    "CodeGroups",
    "Codes",
    "Cohort",
    "Column",
    "Condition",
    "Count",
    "Criterion",
    "EndOfEra",
    "EndOfObservation",
    "EndOfSupply",
    "EventCriterion",
    "Events",
    "Exit",
    "FixedDays",
    "Group",
    "IndexCriterion",
    "Not",
    "Pattern",
    "Qualification",
    "Rule",
    "Sex",
    "SexCriterion",
    "Threshold",
    "Window",
    "WindowedEvents",
    "age",
    "age_bands",
    "all_of",
    "any_of",
    "at_least",
    "at_most",
    "codes",
    "cohort",
    "column",
    "death",
    "device",
    "diagnosis",
    "drug",
    "end_of_era",
    "end_of_observation",
    "end_of_supply",
    "event",
    "fixed_days",
    "from_circe",
    "from_json",
    "from_plan",
    "load_definition",
    "measurement",
    "observation",
    "procedure",
    "sex",
    "stay",
    "where",
]
