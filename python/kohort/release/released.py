"""A table that has passed the gate, and what a user does with it.

Nothing here ever sees an exact number that is not shown: a hidden cell is `None` from the moment a `Release` exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from kohort.errors import ArgumentError

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from kohort.release.attack import Attack
    from kohort.release.rules import OutputRules

Kind = Literal["count", "magnitude", "derived"]
Status = Literal["shown", "small", "protective", "withheld", "not applicable"]
Number = int | float | None


@dataclass(frozen=True, slots=True)
class Measure:
    """A column of numbers: counts of persons, magnitudes (sums, counts of stays), or figures derived from them."""

    name: str
    kind: Kind
    decimals: int = 0

    @property
    def whole(self) -> bool:
        """Whether its numbers are whole."""
        return self.kind == "count" or (self.kind == "magnitude" and self.decimals == 0)


class Level(NamedTuple):
    """Where a row stands in a dimension with hierarchies: how far it is set in, and what its level is called."""

    depth: int
    name: str


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """What one rule of the gate did."""

    name: str
    did: str


@dataclass(frozen=True, slots=True, repr=False, eq=False, kw_only=True)
class Release:
    """A table of released values, with the status of every cell.

    A cell is "shown"; "small" (fewer persons than `min_cell`); "protective" (hidden so that small cells cannot be
    worked out); "withheld" (hidden without a word on its size, where even the size class would tell); or "not
    applicable". Made by `release_table` and by the results of a cohort; its constructor is not for users.

    Examples
    --------
    >>> import polars as pl
    >>> from kohort.release import release_table
    >>> df = pl.DataFrame({"sex": ["f", "m"], "region": ["A", "A"], "n": [120, 340]})
    >>> release_table(df, dimensions=["sex"], count="n").explain().splitlines()[0]
    'None of 3 cells is hidden.'
    """

    title: str
    kind: str
    dimensions: tuple[str, ...]
    measures: tuple[Measure, ...]
    labels: tuple[tuple[str, ...], ...]
    values: tuple[tuple[Number, ...], ...]
    statuses: tuple[tuple[Status, ...], ...]
    # The rules of the gate that acted on each cell, in order.
    decisions: tuple[tuple[tuple[str, ...], ...], ...]
    # The relations a reader knows, over `cells`: positions (row, measure), or None for a cell that is not in the table.
    cells: tuple[tuple[int, int] | None, ...]
    relations: tuple[tuple[int, tuple[int, ...]], ...]
    # What each derived figure is worked out from: names of counts, or the number of a cell that every row needs.
    needs: tuple[tuple[str | int, ...], ...] = ()
    rules: OutputRules
    record: tuple[RuleRecord, ...]
    context: tuple[tuple[str, str], ...]
    # The relations, by number, that break a group down by a sensitive attribute.
    sensitive: tuple[int, ...] = ()
    # Where each row stands in each dimension; empty without hierarchies.
    levels: tuple[tuple[Level, ...], ...] = ()

    def __post_init__(self) -> None:
        # No secret and no budget travels with what is published.
        object.__setattr__(self, "rules", self.rules.published())

    def to_polars(self) -> pl.DataFrame:
        """Return the table as a polars frame.

        A hidden cell is null, its reason in the column `<measure>_status`. In a table with hierarchies `<dimension>_level`
        names the level of each label, such as "block"; "value" and "total" are the finest and the coarsest.
        """
        import polars as pl  # noqa: PLC0415 - a Release is also read where polars is slow to import

        columns: dict[str, pl.Series] = {}
        for j, name in enumerate(self.dimensions):
            columns[name] = pl.Series(name, [row[j] for row in self.labels], dtype=pl.String)
            if any(row[j].name not in {"value", "total"} for row in self.levels):
                columns[f"{name}_level"] = pl.Series([row[j].name for row in self.levels], dtype=pl.String)
        for j, measure in enumerate(self.measures):
            kind = pl.Int64 if measure.whole else pl.Float64
            columns[measure.name] = pl.Series(measure.name, [row[j] for row in self.values], dtype=kind)
            status = f"{measure.name}_status"
            columns[status] = pl.Series(status, [row[j] for row in self.statuses], dtype=pl.String)
        return pl.DataFrame(columns)

    def to_pandas(self) -> Any:
        """Return the table as a pandas frame, counts as nullable `Int64`; as `to_polars` otherwise.

        Raises
        ------
        ArgumentError
            If pandas is not installed.
        """
        try:
            import pandas as pd  # noqa: PLC0415 - optional
        except ImportError as error:
            raise ArgumentError("to_pandas() needs pandas: pip install pandas") from error
        frame = pd.DataFrame(self.to_polars().to_dict(as_series=False), columns=self.to_polars().columns)
        kinds = {m.name: "Int64" if m.whole else "Float64" for m in self.measures}
        return frame.astype(kinds)

    def to_arrow(self) -> Any:
        """Return the table as a `pyarrow.Table`; as `to_polars` otherwise.

        Raises
        ------
        ArgumentError
            If pyarrow is not installed.
        """
        try:
            import pyarrow  # noqa: F401, ICN001, PLC0415 - optional; polars needs it for the conversion
        except ImportError as error:
            raise ArgumentError("to_arrow() needs pyarrow: pip install pyarrow") from error
        return self.to_polars().to_arrow()

    def explain(self) -> str:
        """Say how many cells are hidden and why, and what each rule did."""
        from kohort.release.render import explanation  # noqa: PLC0415 - rendering reads Release

        return explanation(self)

    def attack(self) -> Attack:
        """Work out the tightest interval for each small cell from what the table shows; see `kohort.release.attack`."""
        from kohort.release.attack import attack  # noqa: PLC0415 - it imports scipy

        return attack(self)

    def export(self, folder: str | Path, *, key: bytes | None = None) -> Path:
        """Write the release into a new folder, all or nothing, for others to read and for `kohort.verify` to check.

        Parameters
        ----------
        folder
            Where to write; must not exist, or be empty.
        key
            A secret of at least 16 bytes that makes the seal one that nobody else can renew.

        Returns
        -------
        pathlib.Path
            The folder, with data.csv and data.parquet; figure.png where the kind has a chart and matplotlib is there;
            release.html; disclosure.json, the disclosure record; results.json and checksums/ in the layout of ACRO,
            which SACRO viewers open; and seal.json, the SHA-256 of every other file.

        Raises
        ------
        FileExistsError
            If the folder holds anything.
        ArgumentError
            If the key is too short.

        Examples
        --------
        >>> import tempfile
        >>> import polars as pl
        >>> from kohort.release import read_release, release_table
        >>> rel = release_table(pl.DataFrame({"sex": ["f", "m"], "n": [120, 340]}), dimensions=["sex"])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     read_release(rel.export(folder + "/out")).to_polars().equals(rel.to_polars())
        True
        """
        from kohort.release.export import export  # noqa: PLC0415 - it reads Release

        return export(self, folder, key=key)

    def to_markdown(self) -> str:
        """Return the table as Markdown (GitHub's and pandoc's), title above and rule below.

        Examples
        --------
        >>> import polars as pl
        >>> from kohort.release import release_table
        >>> df = pl.DataFrame({"sex": ["f", "m"], "n": [120, 340]})
        >>> print(release_table(df, dimensions=["sex"], title="Persons").to_markdown())
        Persons
        <BLANKLINE>
        | sex | n |
        | --- | ---: |
        | f | 120 |
        | m | 340 |
        | Total | 460 |
        <BLANKLINE>
        Every cell stands for at least 11 persons or for none.
        <BLANKLINE>
        """
        from kohort.release.formats import to_markdown  # noqa: PLC0415 - it reads Release

        return to_markdown(self)

    def to_latex(self) -> str:
        """Return the table as a LaTeX `table` with caption and rule; needs the package booktabs."""
        from kohort.release.formats import to_latex  # noqa: PLC0415 - it reads Release

        return to_latex(self)

    def gt(self) -> Any:
        """Return the table as a `great_tables.GT`, for those who style it further; its colors are those of paper.

        Raises
        ------
        ArgumentError
            If Great Tables is not installed.
        """
        from kohort.release.formats import gt  # noqa: PLC0415 - it reads Release

        return gt(self)

    def plot(self, geometries: Any = None) -> Any:
        """Draw the table with matplotlib, and return the figure.

        Parameters
        ----------
        geometries
            For a map: the shape of each zone, by its name (GeoJSON geometries, or objects with `__geo_interface__` such
            as shapely's; a GeoSeries of geopandas). Without it the shown zones are ranked.

        Raises
        ------
        ArgumentError
            If tables of this kind have no chart, or matplotlib is not installed.
        """
        from kohort.release.charts import draw  # noqa: PLC0415 - it reads Release

        return draw(self, geometries)

    def __repr__(self) -> str:
        from kohort.release.render import plain  # noqa: PLC0415 - rendering reads Release

        return plain(self)

    def _repr_html_(self) -> str:
        from kohort.release.render import html_card  # noqa: PLC0415 - rendering reads Release

        return html_card(self)

    def status_counts(self, kind: Kind = "count") -> dict[Status, int]:
        """Count the cells of each status, among counts of persons, magnitudes, or derived figures."""
        wanted = [j for j, measure in enumerate(self.measures) if measure.kind == kind]
        answer: dict[Status, int] = {"shown": 0, "small": 0, "protective": 0, "withheld": 0, "not applicable": 0}
        for row in self.statuses:
            for j in wanted:
                answer[row[j]] += 1
        return answer
