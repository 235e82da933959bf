"""The gate: exact counts go in, a `Release` that may be published comes out.

`gate.protect_table` is the one place where exact numbers become a `Release`; the functions here prepare a kind
of table for it. A `Release` holds released values only, so everything done with it later is safe by construction.
"""

from kohort.release.attack import Attack
from kohort.release.attrition import release_attrition
from kohort.release.characteristics import Section, release_characteristics
from kohort.release.incidence import release_incidence
from kohort.release.reading import read_release
from kohort.release.released import Release
from kohort.release.rules import OutputRules
from kohort.release.tables import release_table
from kohort.release.verify import Verification, verify

__all__ = [
    "Attack",
    "OutputRules",
    "Release",
    "Section",
    "Verification",
    "read_release",
    "release_attrition",
    "release_characteristics",
    "release_incidence",
    "release_table",
    "verify",
]
