"""What the classes of a frame give away of a sensitive column, in all models at once, for the risk report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kohort import _core

if TYPE_CHECKING:
    from kohort._frames import Stream

_MEASURES = [
    {"measure": "shannon_entropy"},
    {"measure": "recursive", "l": 2},
    {"measure": "t_equal"},
    {"measure": "alpha"},
    {"measure": "basic_beta"},
    {"measure": "delta", "base": 2.0},
]


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What the worst class gives away of a sensitive column; missing is a value of its own, and rows are counted.

    Attributes
    ----------
    l_entropy
        The entropy l-diversity: see `kohort.l_diversity`.
    c
        What the c of recursive (c,2)-diversity must exceed: see `kohort.recursive_diversity`.
    t
        The t-closeness with all values equally far apart: see `kohort.t_closeness`.
    alpha
        The greatest share of a value: see `kohort.alpha_k`.
    beta
        The greatest relative gain of a value: see `kohort.beta_likeness`.
    delta
        The greatest change of a share, in bits: see `kohort.delta_disclosure`.
    """

    l_entropy: float
    c: float
    t: float
    alpha: float
    beta: float
    delta: float


def disclosure(rows: Stream, quasi_identifiers: list[str], sensitive: str) -> Disclosure:
    """Measure what the classes of some rows give away of one of their columns."""
    figures = _core.sensitive(rows, quasi_identifiers, sensitive).worst(json.dumps(_MEASURES))
    return Disclosure(*figures)
