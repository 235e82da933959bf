"""Microdata: frames of records that someone wants to share, how risky they are, and how to make them safer."""

from kohort.microdata.accessors import register_accessors
from kohort.microdata.anonymize import anonymize
from kohort.microdata.anonymized import Anonymized, Search
from kohort.microdata.classwise import (
    alpha_k,
    beta_likeness,
    delta_disclosure,
    l_diversity,
    recursive_diversity,
    t_closeness,
)
from kohort.microdata.combinations import CombinationReport, km_anonymity
from kohort.microdata.disclosure import Disclosure
from kohort.microdata.models import (
    AlphaK,
    BetaLikeness,
    DeltaDisclosure,
    KAnonymity,
    LDiversity,
    RecursiveDiversity,
    TCloseness,
)
from kohort.microdata.population import delta_presence, k_map
from kohort.microdata.report import Band, Contribution, RiskReport
from kohort.microdata.risk import k_anonymity, risk_report
from kohort.microdata.risk_models import AverageRisk, DeltaPresence, JournalistRisk, KMap, ProsecutorRisk
from kohort.microdata.transformation import Transformation
from kohort.microdata.utility import Utility

__all__ = [
    "AlphaK",
    "Anonymized",
    "AverageRisk",
    "Band",
    "BetaLikeness",
    "CombinationReport",
    "Contribution",
    "DeltaDisclosure",
    "DeltaPresence",
    "Disclosure",
    "JournalistRisk",
    "KAnonymity",
    "KMap",
    "LDiversity",
    "ProsecutorRisk",
    "RecursiveDiversity",
    "RiskReport",
    "Search",
    "TCloseness",
    "Transformation",
    "Utility",
    "alpha_k",
    "anonymize",
    "beta_likeness",
    "delta_disclosure",
    "delta_presence",
    "k_anonymity",
    "k_map",
    "km_anonymity",
    "l_diversity",
    "recursive_diversity",
    "register_accessors",
    "risk_report",
    "t_closeness",
]

register_accessors()
