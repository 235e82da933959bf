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
from kohort.microdata.coding import Coding, bottom_code, sample, top_code
from kohort.microdata.column_sets import separation, unique_column_sets
from kohort.microdata.combinations import CombinationReport, km_anonymity
from kohort.microdata.disclosure import Disclosure
from kohort.microdata.downcoding import Downcoding, downcoding
from kohort.microdata.identifiers import identifier_hints
from kohort.microdata.inference import AttributeDisclosure, Inference, attribute_disclosure
from kohort.microdata.microaggregation import Microaggregation, microaggregate
from kohort.microdata.models import (
    AlphaK,
    BetaLikeness,
    DeltaDisclosure,
    KAnonymity,
    LDiversity,
    RecursiveDiversity,
    TCloseness,
)
from kohort.microdata.mondrian import LocalRecoding, mondrian
from kohort.microdata.population import delta_presence, k_map
from kohort.microdata.report import Band, Contribution, RiskReport
from kohort.microdata.risk import k_anonymity, risk_report
from kohort.microdata.risk_models import AverageRisk, DeltaPresence, JournalistRisk, KMap, ProsecutorRisk
from kohort.microdata.rounds import LocalGeneralization, generalize_locally
from kohort.microdata.special_uniques import SpecialUniques, suda
from kohort.microdata.suppression import CellSuppression, suppress_cells
from kohort.microdata.transformation import Transformation
from kohort.microdata.uniqueness import PopulationUniqueness, population_uniqueness
from kohort.microdata.utility import Utility

__all__ = [
    "AlphaK",
    "Anonymized",
    "AttributeDisclosure",
    "AverageRisk",
    "Band",
    "BetaLikeness",
    "CellSuppression",
    "Coding",
    "CombinationReport",
    "Contribution",
    "DeltaDisclosure",
    "DeltaPresence",
    "Disclosure",
    "Downcoding",
    "Inference",
    "JournalistRisk",
    "KAnonymity",
    "KMap",
    "LDiversity",
    "LocalGeneralization",
    "LocalRecoding",
    "Microaggregation",
    "PopulationUniqueness",
    "ProsecutorRisk",
    "RecursiveDiversity",
    "RiskReport",
    "Search",
    "SpecialUniques",
    "TCloseness",
    "Transformation",
    "Utility",
    "alpha_k",
    "anonymize",
    "attribute_disclosure",
    "beta_likeness",
    "bottom_code",
    "delta_disclosure",
    "delta_presence",
    "downcoding",
    "generalize_locally",
    "identifier_hints",
    "k_anonymity",
    "k_map",
    "km_anonymity",
    "l_diversity",
    "microaggregate",
    "mondrian",
    "population_uniqueness",
    "recursive_diversity",
    "register_accessors",
    "risk_report",
    "sample",
    "separation",
    "suda",
    "suppress_cells",
    "t_closeness",
    "top_code",
    "unique_column_sets",
]

register_accessors()
