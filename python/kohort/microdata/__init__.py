"""Microdata: frames of records that someone wants to share, how risky they are, and how to make them safer."""

from kohort.microdata.accessors import register_accessors
from kohort.microdata.coding import Coding, bottom_code, sample, top_code
from kohort.microdata.microaggregation import Microaggregation, microaggregate
from kohort.microdata.mondrian import LocalRecoding, mondrian
from kohort.microdata.report import Band, Contribution, RiskReport
from kohort.microdata.risk import k_anonymity, risk_report
from kohort.microdata.suppression import CellSuppression, suppress_cells

__all__ = [
    "Band",
    "CellSuppression",
    "Coding",
    "Contribution",
    "LocalRecoding",
    "Microaggregation",
    "RiskReport",
    "bottom_code",
    "k_anonymity",
    "microaggregate",
    "mondrian",
    "register_accessors",
    "risk_report",
    "sample",
    "suppress_cells",
    "top_code",
]

register_accessors()
