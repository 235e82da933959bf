"""The gate: exact counts go in, a `Release` that may be published comes out.

`gate.protect_table` is the one place where exact numbers become a `Release`; the functions here prepare a kind
of table for it. A `Release` holds released values only, so everything done with it later is safe by construction.
"""

from kohort.release.attack import Attack, attack
from kohort.release.attrition import release_attrition
from kohort.release.characteristics import Section, release_characteristics
from kohort.release.incidence import release_incidence
from kohort.release.keys import keys_of_persons, person_key
from kohort.release.linked import release_tables
from kohort.release.magnitudes import release_magnitudes
from kohort.release.maps import release_map
from kohort.release.models import release_model
from kohort.release.percentiles import release_percentiles
from kohort.release.prevalence import release_prevalence
from kohort.release.privacy.accounting import delta_of, epsilon_of, rho_of
from kohort.release.privacy.budget import Budget, MemoryBudget
from kohort.release.protections import CellKeys, DifferentialPrivacy, Rounding
from kohort.release.reading import read_release
from kohort.release.released import Release
from kohort.release.rules import OutputRules
from kohort.release.sums import release_sums
from kohort.release.survival import release_survival
from kohort.release.tables import release_table
from kohort.release.units import release_units
from kohort.release.verify import Verification, verify

__all__ = [
    "Attack",
    "Budget",
    "CellKeys",
    "DifferentialPrivacy",
    "MemoryBudget",
    "OutputRules",
    "Release",
    "Rounding",
    "Section",
    "Verification",
    "attack",
    "delta_of",
    "epsilon_of",
    "keys_of_persons",
    "person_key",
    "read_release",
    "release_attrition",
    "release_characteristics",
    "release_incidence",
    "release_magnitudes",
    "release_map",
    "release_model",
    "release_percentiles",
    "release_prevalence",
    "release_sums",
    "release_survival",
    "release_table",
    "release_tables",
    "release_units",
    "rho_of",
    "verify",
]
