"""The risk of re-identification in a frame: its numbers and where they come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kohort.microdata.report_forms import as_dict, as_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import polars as pl

    from kohort import _core
    from kohort._frames import Frame
    from kohort.microdata.disclosure import Disclosure
    from kohort.microdata.raised import Raised

BANDS: tuple[tuple[int, int | None], ...] = (
    (1, 1),
    (2, 2),
    (3, 4),
    (5, 10),
    (11, 19),
    (20, 49),
    (50, 99),
    (100, None),
)


@dataclass(frozen=True, slots=True)
class Band:
    """Classes of similar size.

    Attributes
    ----------
    smallest, largest
        The sizes in the band (in rows, or in persons), both included; `largest` is None for the last band.
    classes
        How many classes have such a size.
    rows
        How many rows are in these classes.
    """

    smallest: int
    largest: int | None
    classes: int
    rows: int

    @property
    def label(self) -> str:
        """The band in words: `3-4`, `100+`."""
        if self.largest is None:
            return f"{self.smallest}+"
        return str(self.smallest) if self.smallest == self.largest else f"{self.smallest}-{self.largest}"

    def words(self, unit: str = "row") -> str:
        """Say the band with its unit.

        Parameters
        ----------
        unit
            What is counted, in the singular.

        Returns
        -------
        str
            Such as `1 row` or `3-4 rows`.
        """
        return f"1 {unit}" if self.label == "1" else f"{self.label} {unit}s"


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one quasi-identifier adds to the risk.

    Attributes
    ----------
    name
        The column.
    distinct
        How many different values it takes; missing counts as one.
    k_without
        The k of the frame if this column were left out.
    unique_share_without
        The share of rows alone in their class, in [0, 1], if this column were left out.
    """

    name: str
    distinct: int
    k_without: int
    unique_share_without: float


@dataclass(frozen=True, slots=True)
class RiskReport:
    """How well the rows of a frame hide among each other; made by `kohort.risk_report`.

    The numbers are exact: they describe a frame that its reader holds in memory anyway. They are not made for
    publication; small ones among them belong behind the gate like any other count.

    Attributes
    ----------
    k
        The size of the smallest class, in rows or persons: the frame is k-anonymous for this k and no greater one.
    required
        The k that was asked for.
    rows, classes
        How many rows, and how many classes of rows that share all quasi-identifiers (missing being a value of its own).
    unique_share
        Share of rows, in [0, 1], whose class has one row, or one person.
    below_share
        Share of rows, in [0, 1], in classes of fewer than `required` rows or persons.
    prosecutor_max, prosecutor_mean
        Probability, in (0, 1], that someone who knows that a person is in the frame, and the quasi-identifiers, picks
        the right one: 1/k at worst, and on average over the rows.
    journalist_max, journalist_mean
        The same for someone who does not know who is in the frame and looks people up in the population: one over the
        rows of the class in the population. None if no population was given.
    histogram
        Classes and rows by class size, in bands.
    columns
        What each quasi-identifier contributes.
    l
        Per sensitive column the smallest number of different values in a class (distinct l-diversity); missing counts
        as one value.
    disclosure
        Per sensitive column the figures of the other models; `t`, `l_entropy`, `alpha`, `beta` and `delta` read it.
    raised
        Per quasi-identifier whose hierarchy was given, the risk with that column alone generalized by one step.
    person
        The column by which persons were counted; None if rows were.
    nulls
        How missing values were read: "category" or "any". With "any" the size of a row's class is the number of rows,
        or persons, that agree with it wherever both are known.
    """

    k: int
    required: int
    rows: int
    classes: int
    unique_share: float
    below_share: float
    prosecutor_max: float
    prosecutor_mean: float
    histogram: tuple[Band, ...]
    columns: tuple[Contribution, ...]
    l: Mapping[str, int]  # noqa: E741 - the name that the literature gives it
    disclosure: Mapping[str, Disclosure]
    journalist_max: float | None
    journalist_mean: float | None
    person: str | None
    nulls: str
    raised: Mapping[str, Raised]
    _frame: Frame = field(repr=False, compare=False)
    _records: Callable[[], _core.Table] = field(repr=False, compare=False)

    @property
    def passes(self) -> bool:
        """Whether every class has at least the required size."""
        return self.k >= self.required

    @property
    def marketer(self) -> float:
        """The share of rows, in (0, 1], that someone who matches all of them gets right on average.

        Against the population if there is one, else against the frame itself.
        """
        return self.prosecutor_mean if self.journalist_mean is None else self.journalist_mean

    @property
    def t(self) -> Mapping[str, float]:
        """Per sensitive column the greatest distance of a class from the whole, in [0, 1] (t-closeness)."""
        return {name: found.t for name, found in self.disclosure.items()}

    @property
    def l_entropy(self) -> Mapping[str, float]:
        """Per sensitive column the smallest effective number of values in a class (entropy l-diversity)."""
        return {name: found.l_entropy for name, found in self.disclosure.items()}

    @property
    def alpha(self) -> Mapping[str, float]:
        """Per sensitive column the greatest share of a value in a class, in (0, 1]."""
        return {name: found.alpha for name, found in self.disclosure.items()}

    @property
    def beta(self) -> Mapping[str, float]:
        """Per sensitive column the greatest relative gain of a value in a class (basic beta-likeness)."""
        return {name: found.beta for name, found in self.disclosure.items()}

    @property
    def delta(self) -> Mapping[str, float]:
        """Per sensitive column the greatest change of a value's share in a class, in bits (delta-disclosure)."""
        return {name: found.delta for name, found in self.disclosure.items()}

    def records(self) -> Any:
        """Class size and risk of each row.

        Returns
        -------
        frame
            A frame of the same kind as the input, its rows in the input's order (of a lazy frame or a query: in the
            order in which it was evaluated for the report), with the columns `class_size` (rows or persons) and `risk`
            (prosecutor risk, 1 / class_size). A pandas frame keeps its index.

        Examples
        --------
        >>> import kohort as kh, polars as pl
        >>> kh.risk_report(pl.DataFrame({"sex": ["F", "M", "F"]}), "sex").records()["class_size"].to_list()
        [2, 1, 2]
        """
        return self._frame.like(self._records())

    def to_dict(self) -> dict[str, Any]:
        """Give the numbers as plain values that can be written as JSON; no value of the frame is among them.

        Returns
        -------
        dict
            The attributes by name, `passes` first; class sizes, quasi-identifiers and sensitive columns are nested. A
            figure that is infinite is None, for JSON has no infinity.

        Examples
        --------
        >>> import kohort as kh, polars as pl
        >>> kh.risk_report(pl.DataFrame({"sex": ["F", "M", "F"]}), "sex", k=2).to_dict()["passes"]
        False
        """
        return as_dict(self)

    def to_polars(self) -> pl.DataFrame:
        """Give the numbers as a frame, to be kept or compared over time.

        Returns
        -------
        polars.DataFrame
            The columns `figure` (such as "k"), `of` (the column or the class sizes that it is a figure of, null for the
            whole frame) and `value`.

        Examples
        --------
        >>> import kohort as kh, polars as pl
        >>> kh.risk_report(pl.DataFrame({"sex": ["F", "M", "F"]}), "sex", k=2).to_polars().row(1)
        ('k', None, 1.0)
        """
        return as_frame(self)

    def __repr__(self) -> str:
        verdict = "is" if self.passes else "is not"
        names = ", ".join(column.name for column in self.columns)
        alone, below = f"{self.unique_share:.1%}", f"{self.below_share:.1%}"
        lines = [
            f"RiskReport: the frame {verdict} {self.required}-anonymous by {names} (k = {self.k})",
            f"{self.rows:,} rows in {self.classes:,} classes; {alone} alone, {below} in classes below {self.required}",
        ]
        if self.l:
            least = ", ".join(f"{name} {count}" for name, count in self.l.items())
            lines.append(f"different values in a class, at least: {least}")
            far = ", ".join(f"{name} {t:.3g}" for name, t in self.t.items())
            lines.append(f"distance of a class from the whole, at most: {far}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from kohort.microdata.card import risk_card  # noqa: PLC0415 - notebooks only

        return risk_card(self)


def unique_share(sizes: Iterable[tuple[int, int, int]]) -> float:
    """Share of rows whose class has size 1, given class sizes, classes and rows of each."""
    sizes = list(sizes)
    return sum(rows for size, _, rows in sizes if size == 1) / sum(rows for _, _, rows in sizes)


def bands(sizes: Iterable[tuple[int, int, int]]) -> tuple[Band, ...]:
    """Sum class sizes, classes and rows up by band."""
    sizes = list(sizes)
    found = []
    for low, high in BANDS:
        inside = [(count, rows) for size, count, rows in sizes if low <= size and (high is None or size <= high)]
        found.append(Band(low, high, sum(count for count, _ in inside), sum(rows for _, rows in inside)))
    return tuple(found)
