"""Protection without suppression: counts are rounded, perturbed by cell keys, or get random noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort.errors import ArgumentError
from kohort.release.gate.cell_keys import perturb
from kohort.release.gate.differential_privacy import add_noise
from kohort.release.gate.rounding import round_all
from kohort.release.protections import CellKeys, Rounding

if TYPE_CHECKING:
    from kohort.release.gate.draft import Draft
    from kohort.release.gate.exact import Exact
    from kohort.release.rules import OutputRules

# Kinds all of whose figures follow from released counts and released amounts. Others hold exact figures that only
# suppression protects.
_KINDS = frozenset({"table", "attrition", "characteristics", "incidence", "sums"})


def check_kind(kind: str, exact: Exact, rules: OutputRules) -> None:
    """Refuse a kind of table that the protection cannot protect, before anything is spent."""
    protection = rules.protection
    if protection is None and rules.rounding == 1:
        return
    name = "rounding" if protection is None else type(protection).__name__
    if kind not in _KINDS or exact.magnitudes or exact.percentiles:
        raise ArgumentError(
            f"a table of kind {kind!r} has figures that {name} does not protect: release it with suppression alone"
        )
    if isinstance(protection, CellKeys | Rounding) or protection is None:
        return
    if exact.overlapping:
        raise ArgumentError(
            f"a person may be in several cells of this table, which {name} does not bound: keep one record per person"
        )
    unknown = [figure.amount.name for figure in exact.derived if figure.amount and figure.amount.most is None]
    if unknown:
        raise ArgumentError(
            f"{unknown[0]} have no largest contribution of one person, which {name} needs: state it, release counts "
            "alone, or choose another protection"
        )


def perturbation(exact: Exact, draft: Draft) -> None:
    """Apply the protection of the rules to every cell."""
    protection = draft.rules.protection
    if isinstance(protection, Rounding):
        round_all(exact, draft, protection)
    elif isinstance(protection, CellKeys):
        perturb(exact, draft, protection)
    elif protection is not None:
        add_noise(exact, draft, protection)
