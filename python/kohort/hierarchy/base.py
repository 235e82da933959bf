"""The hierarchy itself: what every kind of it can do."""

from __future__ import annotations

import csv
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl

from kohort.errors import ArgumentError
from kohort.hierarchy import checks
from kohort.hierarchy.conversion import leaves_of

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

TOP = "*"
KINDS: dict[str, type[Hierarchy]] = {}


class Hierarchy(ABC):
    """How values of a column are generalized, level by level.

    Level 0 is the value itself, called a leaf. At each level above, values that were equal stay equal, and further ones
    become equal. The last level of a built-in hierarchy is the single value "*", unless `top=False`.

    Hierarchies do not change once made; they compare by content and can be pickled. Make one by the functions of
    `kohort.hierarchy`, or write a class of your own: a frozen dataclass with `_generalize`.

    Notes
    -----
    Domain and value generalization hierarchies: P. Samarati, "Protecting respondents' identities in microdata release",
    IEEE Transactions on Knowledge and Data Engineering 13 (2001).
    """

    #: The name by which a saved hierarchy is read again; classes without one cannot be saved.
    kind: ClassVar[str] = ""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.kind:
            KINDS.setdefault(cls.kind, cls)

    @property
    def has_top(self) -> bool:
        """Whether a last level of the single value "*" is added."""
        return bool(getattr(self, "top", True))

    @abstractmethod
    def _generalize(self, leaves: pl.Series) -> pl.DataFrame:
        """Give the leaves as column "0", and the levels above as "1", "2", ...; without the top."""

    def _examples(self) -> pl.Series | None:
        """Give a few leaves to show in a notebook."""
        return None

    def describe(self, level: int) -> str:
        """Say in a few words what the values of a level are.

        Parameters
        ----------
        level
            From 0, the value itself.

        Returns
        -------
        str
            Such as "bands of 5" or "département".

        Examples
        --------
        >>> import kohort as kh
        >>> kh.hierarchy.intervals(5, 10).describe(2)
        'bands of 10'
        """
        return "value" if level == 0 else f"level {level}"

    def levels(self, values: pl.Series) -> pl.DataFrame:
        """Generalize the values of a column to every level.

        Parameters
        ----------
        values
            The column. Missing values are left out: they are not generalized.

        Returns
        -------
        polars.DataFrame
            One row per leaf: column "0" the leaf in the type of `values`, then "1", "2", ... what it becomes. Every
            distinct value has a row; a hierarchy from a table gives all rows of the table, since the share of a node
            is counted over all leaves.

        Raises
        ------
        ArgumentError
            If a value has no row, or is not of the kind that the hierarchy generalizes, or if the hierarchy is not
            monotone.

        Examples
        --------
        >>> import kohort as kh, polars as pl
        >>> kh.hierarchy.intervals(5, 10).levels(pl.Series([24, 27, 24, None])).rows()
        [(24, '[20, 25[', '[20, 30[', '*'), (27, '[25, 30[', '[20, 30[', '*')]
        """
        leaves = leaves_of(values)
        dtype = leaves.dtype
        if dtype == pl.Null:
            examples = self._examples()
            leaves = (pl.Series("0", [], dtype=pl.String) if examples is None else examples.head(0)).alias("0")
        table = self._generalize(leaves)
        if self.has_top:
            table = table.with_columns(pl.lit(TOP).alias(str(table.width)))
        if dtype == pl.Null:
            return table.head(0).with_columns(pl.col("0").cast(pl.Null))
        name = repr(self)
        checks.no_nulls(table, name)
        checks.total(table, leaves, name)
        checks.monotone(table, name)
        return table

    def fitted(self, values: pl.Series) -> Self:  # noqa: ARG002 - most hierarchies look at no values
        """Fix what depends on the values at hand, so that other values are generalized the same way.

        Parameters
        ----------
        values
            The column.

        Returns
        -------
        Hierarchy
            The hierarchy itself for most kinds; `redaction` fixes its number of levels.
        """
        return self

    def to_csv(self, path: str | Path, values: pl.Series | None = None, *, separator: str = ";") -> None:
        r"""Write the hierarchy as ARX reads it: no header, a row per leaf, field j its value at level j.

        Parameters
        ----------
        path
            The file to write.
        values
            The column whose values become the rows; may be left out for a hierarchy from a table.
        separator
            The character between fields.

        Raises
        ------
        ArgumentError
            If `values` is missing and the hierarchy has no rows of its own.

        Examples
        --------
        >>> import kohort as kh, polars as pl, tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "age.csv"
        >>> kh.hierarchy.intervals(10).to_csv(path, pl.Series([24, 31]))
        >>> path.read_text()
        '24;[20, 30[;*\n31;[30, 40[;*\n'
        """
        checks.one_character("separator", separator)
        leaves = self._own_leaves() if values is None else values
        if leaves is None:
            raise ArgumentError(f"{self!r} has no rows of its own: say for which values, to_csv(path, df['column'])")
        table = self.levels(leaves)
        # The terminator's own characters are the ones that get quoted inside a value.
        with open(path, "w", newline="", encoding="utf-8") as file:  # noqa: PTH123 - path may be a text
            csv.writer(file, delimiter=separator, lineterminator="\r\n").writerows(table.cast(pl.String).iter_rows())

    def _own_leaves(self) -> pl.Series | None:
        return None

    def to_dict(self) -> dict[str, Any]:
        """Give the hierarchy as plain values that can be written as JSON; `kohort.hierarchy.from_dict` reads them.

        Returns
        -------
        dict
            The kind of hierarchy, and its arguments.

        Raises
        ------
        ArgumentError
            If the hierarchy is made of functions, or of a class without a `kind`.

        Examples
        --------
        >>> import kohort as kh
        >>> kh.hierarchy.prefixes(3, 1).to_dict()
        {'kind': 'prefixes', 'lengths': [3, 1], 'top': True}
        """
        if not self.kind:
            raise ArgumentError(f"{self!r} cannot be written down as plain values: use from_table instead")
        return {"kind": self.kind} | self._arguments()

    def _arguments(self) -> dict[str, Any]:
        fields = getattr(self, "__dataclass_fields__", {})
        return {name: _plain(getattr(self, name)) for name in fields}

    @classmethod
    def _from_arguments(cls, arguments: dict[str, Any]) -> Hierarchy:
        return cls(**{name: _frozen(value) for name, value in arguments.items()})

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def _repr_html_(self) -> str:
        from kohort.hierarchy.card import hierarchy_card  # noqa: PLC0415 - notebooks only

        return hierarchy_card(self)


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def from_dict(saved: dict[str, Any]) -> Hierarchy:
    """Read a hierarchy that `Hierarchy.to_dict` gave.

    Parameters
    ----------
    saved
        What `to_dict` gave, also after a way through JSON.

    Returns
    -------
    Hierarchy
        One equal to the hierarchy that was saved.

    Raises
    ------
    ArgumentError
        If the kind is unknown, or an argument is not one of its own.

    Examples
    --------
    >>> import json, kohort as kh
    >>> saved = json.dumps(kh.hierarchy.intervals(5, 10).to_dict())
    >>> kh.hierarchy.from_dict(json.loads(saved))
    hierarchy.intervals(5, 10)
    """
    if not isinstance(saved, dict):
        raise ArgumentError(f"from_dict takes what to_dict gave, got {type(saved).__qualname__}")
    arguments = dict(saved)
    kind = arguments.pop("kind", None)
    if kind not in KINDS:
        raise ArgumentError(f"there is no kind of hierarchy {kind!r}; known are {', '.join(sorted(KINDS))}")
    try:
        return KINDS[kind]._from_arguments(arguments)  # noqa: SLF001 - of our own class
    except (TypeError, KeyError) as error:
        raise ArgumentError(f"these are not the arguments of a saved hierarchy of kind {kind!r}") from error
