"""What a generalization loses: the measures that `kohort.anonymize` makes small."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from kohort.microdata import thresholds

if TYPE_CHECKING:
    from collections.abc import Mapping

Measure = Literal[
    "loss",
    "entropy",
    "monotonic_entropy",
    "precision",
    "monotonic_precision",
    "height",
    "discernibility",
    "monotonic_discernibility",
    "average_class_size",
    "ambiguity",
]
Aggregate = Literal["sum", "maximum", "arithmetic_mean", "geometric_mean", "rank"]

AGGREGATES: tuple[str, ...] = ("sum", "maximum", "arithmetic_mean", "geometric_mean", "rank")
# The aggregate that ARX has by default.
DEFAULTS: Mapping[str, Aggregate] = MappingProxyType(
    {
        "loss": "geometric_mean",
        "entropy": "sum",
        "monotonic_entropy": "sum",
        "precision": "arithmetic_mean",
        "monotonic_precision": "arithmetic_mean",
        "height": "sum",
        "discernibility": "sum",
        "monotonic_discernibility": "sum",
        "average_class_size": "sum",
        "ambiguity": "sum",
    }
)


@dataclass(frozen=True, slots=True)
class Utility:
    """A measure of what is lost, with its parameters; less is better.

    Parameters
    ----------
    measure
        "loss": the share of its domain that a generalized value covers, 0 for a value itself, 1 for a suppressed row.
        "entropy": non-uniform entropy, in bits over all rows: how much less a generalized value says. "precision": the
        share of its hierarchy's height that a value was raised. "height": the sum of the levels. "discernibility": the
        sum of squared class sizes; a suppressed row costs as many as there are rows. "average_class_size": rows by
        class. "ambiguity": how many combinations of values a class may stand for. The "monotonic" variants do not look
        at suppression ("monotonic_discernibility" is DM*).
    aggregate
        How the columns' values become one, where the measure is by column: "sum", "maximum", "arithmetic_mean",
        "geometric_mean" (of one plus each) or "rank" (the largest first, then the next). By default that of ARX.
    suppression_weight
        In [0, 1]: below 0.5 suppression counts less, above 0.5 generalization does.
    weights
        By column, how much it counts, from 0; columns that are not named count 1.

    Raises
    ------
    ArgumentError
        If the measure or the aggregate is unknown, or a weight out of its range.

    Notes
    -----
    Definitions, and their rounding to ten digits, are ARX's, so that numbers can be compared. Loss: V. Iyengar, KDD
    2002. Non-uniform entropy: A. Gionis, T. Tassa, IEEE TKDE 21 (2009). Precision: L. Sweeney, IJUFKS 10 (2002).
    Discernibility: R. Bayardo, R. Agrawal, ICDE 2005; DM*: K. El Emam et al., JAMIA 16 (2009). Average class size:
    K. LeFevre, D. DeWitt, R. Ramakrishnan, ICDE 2006. Ambiguity: M. Nergiz, C. Clifton, DKE 63 (2007).

    Examples
    --------
    >>> import kohort as kh
    >>> kh.Utility("loss", weights={"age": 2}).aggregate
    'geometric_mean'
    """

    measure: Measure = "loss"
    aggregate: Aggregate | None = None
    suppression_weight: float = 0.5
    weights: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        thresholds.one_of("measure", self.measure, tuple(DEFAULTS))
        aggregate = DEFAULTS[self.measure] if self.aggregate is None else self.aggregate
        thresholds.one_of("aggregate", aggregate, AGGREGATES)
        thresholds.number("suppression_weight", self.suppression_weight, 0, 1)
        for name, weight in self.weights.items():
            thresholds.number(f"the weight of column {name!r}", weight, 0)
        object.__setattr__(self, "aggregate", aggregate)
        object.__setattr__(self, "weights", MappingProxyType(dict(self.weights)))

    def request(self) -> str:
        """Give the measure as the core reads it."""
        return json.dumps(
            {
                "measure": self.measure,
                "aggregate": self.aggregate,
                "suppression_weight": float(self.suppression_weight),
            }
        )
