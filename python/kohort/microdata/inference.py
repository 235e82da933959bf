"""What a reader learns of a sensitive value from the class of a person: homogeneity and background knowledge."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any

import polars as pl

from kohort import _core
from kohort._frames import open_frame
from kohort.display import card, note, table
from kohort.errors import ArgumentError
from kohort.microdata import checks

if TYPE_CHECKING:
    from collections.abc import Iterable

#: A sensitive value is as good as known above this probability.
LIKELY = 0.8
#: Nobody rules out more values than this by knowing a person.
MOST_KNOWN = 1_000


@dataclass(frozen=True, slots=True)
class Inference:
    """What is learned when some values are ruled out beforehand.

    Attributes
    ----------
    excluded
        How many values someone knows the person not to have: 0 is the homogeneity attack.
    certain_classes
        Classes in which one value is left.
    certain_share
        Share of the rows, in [0, 1], in these classes: their value is known for certain.
    likely_share
        Share of the rows whose own value has a probability above 0.8.
    worst
        The highest probability, in (0, 1], of a row's own value.
    """

    excluded: int
    certain_classes: int
    certain_share: float
    likely_share: float
    worst: float


@dataclass(frozen=True, slots=True)
class AttributeDisclosure:
    """What quasi-identifiers tell of a sensitive column; made by `kohort.attribute_disclosure`.

    Attributes
    ----------
    sensitive
        The sensitive column.
    rows, classes
        How many rows, and how many classes of rows that share all quasi-identifiers.
    attacks
        What is learned with no value ruled out, with one, and so on.
    """

    sensitive: str
    rows: int
    classes: int
    attacks: tuple[Inference, ...]

    @property
    def homogeneity(self) -> Inference:
        """What is learned without any background knowledge."""
        return self.attacks[0]

    def to_polars(self) -> pl.DataFrame:
        """Give the attacks as a polars frame, a row each."""
        names = ["excluded", "certain_classes", "certain_share", "likely_share", "worst"]
        return pl.DataFrame([[getattr(attack, name) for name in names] for attack in self.attacks], names, orient="row")

    def __repr__(self) -> str:
        plain, most = self.attacks[0], self.attacks[-1]
        probable = f"above {LIKELY:.0%} probable for {plain.likely_share:.1%}"
        lines = [f"AttributeDisclosure: {self.sensitive} is certain for {plain.certain_share:.1%} of rows, {probable}"]
        if most is not plain:
            lines.append(
                f"with {most.excluded} other value{'s' * (most.excluded > 1)} ruled out: certain for "
                f"{most.certain_share:.1%}, probable for {most.likely_share:.1%}; at worst {most.worst:.1%}"
            )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = [
            (attack.excluded, f"{attack.certain_share:.1%}", f"{attack.likely_share:.1%}", f"{attack.worst:.1%}")
            for attack in self.attacks
        ]
        heads = ["values ruled out", "rows certain", f"rows above {LIKELY:.0%}", "worst probability"]
        return card(
            f"What the classes tell of {self.sensitive}",
            table(heads, rows, numeric=range(4)),
            note(
                "Whoever knows a person's quasi-identifiers knows the class, and how often each value occurs in it; "
                "values that the person is known not to have drop out. A missing value is a value of its own."
            ),
        )


def attribute_disclosure(
    df: Any, quasi_identifiers: str | Iterable[str], sensitive: str, *, known: int = 2
) -> AttributeDisclosure:
    """Measure what someone who knows the quasi-identifiers of persons learns of a sensitive column.

    The homogeneity attack reads the value off a class that has one value only; a class in which a value dominates
    tells it nearly. The background-knowledge attack first rules values out that the person is known not to have, at
    worst the most frequent others.

    Parameters
    ----------
    df
        A frame of any kind that `kohort.k_anonymity` takes. A missing value is a value of its own.
    quasi_identifiers
        The columns that someone outside may know of a person; a single name may come as a string.
    sensitive
        The column whose values must not be learned.
    known
        How many values someone may rule out; the attack is reported for each number up to this.

    Returns
    -------
    AttributeDisclosure
        Shares of rows whose value is certain, and probable above 0.8, and the worst probability, per attack.

    Raises
    ------
    ArgumentError
        If a column is absent, ambiguous, nested or in two roles, if no quasi-identifier is named, if `known` is no
        whole number from 0, or if the frame has no rows.

    Notes
    -----
    A. Machanavajjhala, D. Kifer, J. Gehrke, M. Venkitasubramaniam, "l-diversity: privacy beyond k-anonymity", ACM
    TKDD 1 (2007). A frame of distinct l-diversity l holds out against l - 2 values ruled out.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> df = pl.DataFrame({"age": [30, 30, 30, 50, 50], "icd10": ["I10", "I10", "C67", "E11", "E11"]})
    >>> found = kh.attribute_disclosure(df, "age", "icd10", known=1)
    >>> found.homogeneity.certain_share, found.attacks[1].certain_share
    (0.4, 1.0)
    """
    names = checks.names("quasi_identifiers", quasi_identifiers)
    if not isinstance(sensitive, str):
        raise ArgumentError(f"sensitive must be the name of one column, got {type(sensitive).__qualname__}")
    if isinstance(known, bool) or not isinstance(known, Integral) or not 0 <= int(known) <= MOST_KNOWN:
        raise ArgumentError(f"known must be a whole number of values from 0 to {MOST_KNOWN:,}, got {known!r}")
    frame = open_frame(df)
    checks.columns(frame, names, [sensitive])
    rows, classes, found = _core.inferences(frame.select([*names, sensitive]), names, sensitive, int(known), LIKELY)
    checks.some_rows(rows)
    attacks = tuple(
        Inference(excluded, certain, in_them / rows, likely / rows, worst)
        for excluded, (certain, in_them, likely, worst) in enumerate(found)
    )
    return AttributeDisclosure(sensitive, rows, classes, attacks)
