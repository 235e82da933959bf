"""Microdata: frames of records that someone wants to share, how risky they are, and how to make them safer."""

from kohort.microdata.accessors import register_accessors
from kohort.microdata.report import Band, Contribution, RiskReport
from kohort.microdata.risk import k_anonymity, risk_report
from kohort.microdata.uniqueness import PopulationUniqueness, population_uniqueness

__all__ = [
    "Band",
    "Contribution",
    "PopulationUniqueness",
    "RiskReport",
    "k_anonymity",
    "population_uniqueness",
    "register_accessors",
    "risk_report",
]

register_accessors()
