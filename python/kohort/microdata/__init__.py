"""Microdata: frames of records that someone wants to share, how risky they are, and how to make them safer."""

from kohort.microdata.accessors import register_accessors
from kohort.microdata.column_sets import separation, unique_column_sets
from kohort.microdata.downcoding import Downcoding, downcoding
from kohort.microdata.identifiers import identifier_hints
from kohort.microdata.inference import AttributeDisclosure, Inference, attribute_disclosure
from kohort.microdata.report import Band, Contribution, RiskReport
from kohort.microdata.risk import k_anonymity, risk_report
from kohort.microdata.special_uniques import SpecialUniques, suda
from kohort.microdata.uniqueness import PopulationUniqueness, population_uniqueness

__all__ = [
    "AttributeDisclosure",
    "Band",
    "Contribution",
    "Downcoding",
    "Inference",
    "PopulationUniqueness",
    "RiskReport",
    "SpecialUniques",
    "attribute_disclosure",
    "downcoding",
    "identifier_hints",
    "k_anonymity",
    "population_uniqueness",
    "register_accessors",
    "risk_report",
    "separation",
    "suda",
    "unique_column_sets",
]

register_accessors()
