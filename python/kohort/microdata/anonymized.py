"""What `kohort.anonymize` gives: a frame that fulfills its models, and how it came to that."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

import polars as pl

from kohort.errors import ArgumentError
from kohort.microdata.encoding import Encoded, least_k
from kohort.microdata.risk import risk_report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kohort.microdata.report import RiskReport
    from kohort.microdata.transformation import Transformation
    from kohort.microdata.utility import Utility

#: More combinations of levels than this are not looked at one by one.
MOST_NODES = 100_000

Seen = tuple[list[int], bool, int, list[float], list[float]]


@dataclass(frozen=True, slots=True)
class Search:
    """How a lattice was searched.

    Attributes
    ----------
    nodes
        How many combinations of levels there are.
    counted
        How many of them had their classes counted; all others were ruled out.
    bound
        Where time ran out, what no combination falls below; None where the search went to its end.
    budget
        How many rows may be suppressed.
    visited
        Some of those that were counted.
    """

    nodes: float
    counted: int
    bound: tuple[float, ...] | None
    budget: int
    visited: list[Seen] = field(repr=False)


@dataclass(frozen=True)
class Anonymized:
    """A frame whose quasi-identifiers were generalized; made by `kohort.anonymize`.

    Attributes
    ----------
    frame
        Of the same kind as the input, rows in the same order. A column that was not raised keeps its type; the others
        become texts. Suppressed rows have missing quasi-identifiers.
    transformation
        The level of each quasi-identifier.
    models, utility
        What was asked for.
    loss_by_column
        What each quasi-identifier lost, where the measure is by column.
    suppressed
        How many rows were suppressed.
    search
        How the lattice was searched.
    heights
        The last level of each quasi-identifier's hierarchy.
    """

    frame: Any = field(repr=False)
    transformation: Transformation
    models: tuple[Any, ...]
    utility: Utility
    score: tuple[float, ...] = field(repr=False)
    loss_by_column: Mapping[str, float]
    suppressed: int
    search: Search = field(repr=False)
    heights: Mapping[str, int] = field(repr=False)
    before: pl.DataFrame = field(repr=False)
    after: pl.DataFrame = field(repr=False)
    lost: pl.Series = field(repr=False)
    class_size: pl.Series = field(repr=False)
    like: Callable[[Any], Any] = field(repr=False)

    @property
    def loss(self) -> float | tuple[float, ...]:
        """What was lost, by the measure asked for; several numbers for the aggregate "rank"."""
        return self.score[0] if len(self.score) == 1 else self.score

    @property
    def is_optimal(self) -> bool:
        """Whether no combination of levels loses less."""
        return self.search.bound is None or self.search.bound >= self.score

    @property
    def gap(self) -> float:
        """How far the loss can be from the best one at most, relative to the loss; 0 if it is the best."""
        if self.is_optimal or self.search.bound is None or self.score[0] == 0:
            return 0.0
        return (self.score[0] - self.search.bound[0]) / abs(self.score[0])

    @property
    def suppressed_share(self) -> float:
        """The share of rows, in [0, 1], that were suppressed."""
        return self.suppressed / self.before.height

    @cached_property
    def risk_before(self) -> RiskReport:
        """The risk of the frame that came in."""
        return self._risk(self.before)

    @cached_property
    def risk_after(self) -> RiskReport | None:
        """The risk of the rows that were not suppressed; None if all were."""
        kept = self.after.filter(~self.lost)
        return self._risk(kept) if kept.height else None

    def _risk(self, rows: pl.DataFrame) -> RiskReport:
        quasi = list(self.transformation)
        sensitive = [name for name in rows.columns if name not in quasi]
        return risk_report(rows, quasi, sensitive=sensitive or None, k=least_k(self.models))

    def apply(self, df: Any, *, unseen: str = "suppress") -> Any:
        """Generalize other rows in the same way; see `Transformation.apply`.

        Parameters
        ----------
        df
            A frame with the quasi-identifiers, ungeneralized.
        unseen
            "suppress" or "keep" rows whose class was not released before.

        Returns
        -------
        frame
            Of the same kind as `df`.

        Examples
        --------
        >>> import kohort as kh, polars as pl
        >>> df = pl.DataFrame({"age": [31, 34, 52, 55]})
        >>> safe = kh.anonymize(df, {"age": kh.hierarchy.intervals(10)}, models=kh.KAnonymity(2))
        >>> safe.apply(pl.DataFrame({"age": [39, 80]}))["age"].to_list()
        ['[30, 40[', None]
        """
        return self.transformation.apply(df, unseen=unseen)

    def records(self) -> Any:
        """Give the class size of each row, and whether it was suppressed.

        Returns
        -------
        frame
            Of the same kind as the input, with the columns `class_size` (rows, before suppression) and `suppressed`.
        """
        return self.like(pl.DataFrame({"class_size": self.class_size, "suppressed": self.lost}))

    def lattice(self, *, complete: bool = False) -> pl.DataFrame:
        """Give combinations of levels: the levels, whether they are safe, rows suppressed, and the loss.

        Parameters
        ----------
        complete
            Look at every combination, to see what else there was to choose from. Otherwise those that the search has
            counted, 5,000 at most; which ones these are depends on how fast each thread was.

        Returns
        -------
        polars.DataFrame
            A row per combination, those that lose least first: a column per quasi-identifier, `height` (the sum of the
            levels), `safe`, `suppressed` (rows whose class fails a model) and `loss`.

        Raises
        ------
        ArgumentError
            If there are more than 100,000 combinations to look at.

        Examples
        --------
        >>> import kohort as kh, polars as pl
        >>> df = pl.DataFrame({"age": [31, 34, 52, 55]})
        >>> safe = kh.anonymize(df, {"age": kh.hierarchy.intervals(10)}, models=kh.KAnonymity(2))
        >>> safe.lattice(complete=True).select("age", "safe", "suppressed").rows()
        [(1, True, 0), (0, False, 4), (2, True, 0)]
        """
        quasi = list(self.transformation)
        seen = self._every_node() if complete else ((*node[:3], node[3]) for node in self.search.visited)
        rows = [(*levels, sum(levels), safe, suppressed, total[0]) for levels, safe, suppressed, total in seen]
        names = {**dict.fromkeys([*quasi, "height"], pl.Int64), "safe": pl.Boolean, "suppressed": pl.Int64}
        schema = [*names.items(), ("loss", pl.Float64)]
        return pl.DataFrame(rows, schema=schema, orient="row").unique().sort("loss", "height", *quasi)

    def _every_node(self) -> Iterator[tuple[list[int], bool, int, list[float]]]:
        if self.search.nodes > MOST_NODES:
            raise ArgumentError(
                f"there are {self.search.nodes:,.0f} combinations of levels, too many to look at each "
                f"({MOST_NODES:,} at most): see those that were counted, lattice()"
            )
        hierarchies = self.transformation.hierarchies
        lattice = Encoded(self.before, hierarchies, self.models, self.search.budget, self.utility).lattice
        for levels in product(*(range(height + 1) for height in self.heights.values())):
            _, suppressed, safe, total, _ = lattice.node(list(levels))
            yield list(levels), safe, suppressed, total

    def plot(self) -> Any:
        """Draw what combinations of levels lose, and the sizes of classes before and after.

        Returns
        -------
        matplotlib.figure.Figure
            The chart, which a notebook shows. All combinations of levels where they are few, else those counted.

        Raises
        ------
        ArgumentError
            If matplotlib is not installed.
        """
        from kohort.microdata.anonymized_card import nodes_to_show  # noqa: PLC0415 - on demand
        from kohort.microdata.anonymized_plot import draw  # noqa: PLC0415 - on demand

        return draw(self, nodes_to_show(self))

    def to_polars(self) -> pl.DataFrame:
        """Give, per quasi-identifier, its level, what that is, and what it lost.

        Returns
        -------
        polars.DataFrame
            The columns `column`, `level`, `height` (the hierarchy's last level), `generalized_to` and `loss`.
        """
        words = self.transformation.describe()
        return pl.DataFrame(
            [
                {
                    "column": name,
                    "level": level,
                    "height": self.heights[name],
                    "generalized_to": "any value" if 0 < level == self.heights[name] else words[name],
                    "loss": self.loss_by_column.get(name),
                }
                for name, level in self.transformation.items()
            ]
        )

    def to_dict(self) -> dict[str, Any]:
        """Give what a pipeline wants to know, as plain values that can be written as JSON.

        Returns
        -------
        dict
            Models, levels, loss, shares and k; no value of the frame.
        """
        after = self.risk_after
        return {
            "models": [repr(model) for model in self.models],
            "levels": dict(self.transformation),
            "utility": self.utility.measure,
            "loss": self.loss,
            "optimal": self.is_optimal,
            "gap": self.gap,
            "rows": self.before.height,
            "suppressed_share": self.suppressed_share,
            "k_before": self.risk_before.k,
            "k_after": None if after is None else after.k,
        }

    def __repr__(self) -> str:
        least = ", ".join(f"{number:.4g}" for number in self.search.bound or ())
        kind = "the best" if self.is_optimal else f"time ran out; none loses less than {least}"
        loss = ", ".join(f"{number:.4g}" for number in self.score)
        return (
            f"Anonymized: {', '.join(map(repr, self.models))}; {self.suppressed_share:.1%} of rows suppressed\n"
            f"{self.utility.measure} {loss} ({kind}; {self.search.counted:,} of {self.search.nodes:,.0f} combinations "
            f"of levels counted)\n{self.transformation!r}"
        )

    def _repr_html_(self) -> str:
        from kohort.microdata.anonymized_card import anonymized_card  # noqa: PLC0415 - notebooks only

        return anonymized_card(self)
