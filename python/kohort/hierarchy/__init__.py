"""Generalization hierarchies: what a value becomes, level by level, when less of it may be shown."""

from kohort.hierarchy.base import Hierarchy, from_dict
from kohort.hierarchy.bounds import intervals
from kohort.hierarchy.calendar import dates
from kohort.hierarchy.codes import atc, prefixes, suppress
from kohort.hierarchy.diagnoses import icd10
from kohort.hierarchy.france import french_communes
from kohort.hierarchy.functions import from_function
from kohort.hierarchy.groups import order
from kohort.hierarchy.masks import redaction
from kohort.hierarchy.tables import from_csv, from_table

__all__ = [
    "Hierarchy",
    "atc",
    "dates",
    "french_communes",
    "from_csv",
    "from_dict",
    "from_function",
    "from_table",
    "icd10",
    "intervals",
    "order",
    "prefixes",
    "redaction",
    "suppress",
]
