"""A generalization that was chosen: the level of each quasi-identifier, to be applied to rows, also to later ones."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from kohort._frames import open_frame
from kohort.errors import ArgumentError
from kohort.hierarchy import from_dict
from kohort.microdata import checks, thresholds
from kohort.microdata.encoding import generalized, includes_missing
from kohort.microdata.population import alike

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kohort.hierarchy import Hierarchy


class Transformation(Mapping[str, int]):
    """The level that was chosen for each quasi-identifier, and the classes that were released.

    Behaves as a mapping from column to level. Made by `kohort.anonymize`.

    Attributes
    ----------
    hierarchies
        By column.
    """

    def __init__(
        self, hierarchies: Mapping[str, Hierarchy], levels: Mapping[str, int], classes: pl.LazyFrame | None
    ) -> None:
        self.hierarchies = dict(hierarchies)
        self._levels = dict(levels)
        self._lazy_classes = classes

    def __getitem__(self, column: str) -> int:
        return self._levels[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self._levels)

    def __len__(self) -> int:
        return len(self._levels)

    @cached_property
    def _classes(self) -> pl.DataFrame | None:
        """The classes that were released, if they are known."""
        return None if self._lazy_classes is None else self._lazy_classes.collect()

    def describe(self) -> dict[str, str]:
        """Say in words what each column became.

        Returns
        -------
        dict
            By column, such as "bands of 5".
        """
        return {name: self.hierarchies[name].describe(level) for name, level in self._levels.items()}

    def apply(self, df: Any, *, unseen: str = "suppress") -> Any:
        """Generalize other rows in the same way.

        Parameters
        ----------
        df
            A frame of any known kind with the quasi-identifiers, ungeneralized.
        unseen
            What becomes of rows whose class was not released before, of which nobody knows how many they hide among:
            "suppress" makes their quasi-identifiers missing, "keep" keeps them.

        Returns
        -------
        frame
            Of the same kind as `df`, rows in the same order.

        Raises
        ------
        ArgumentError
            If a column is missing, or has a value that its hierarchy does not cover.
        """
        thresholds.one_of("unseen", unseen, ("suppress", "keep"))
        if unseen == "suppress" and self._classes is None:
            raise ArgumentError(
                "which classes were released is not saved with a transformation: apply the one that anonymize gave, or "
                'say unseen="keep" and check the result with risk_report'
            )
        frame = open_frame(df).held()
        checks.columns(frame, list(self))
        rows = pl.DataFrame(frame.select(list(self)))
        columns = pl.DataFrame([self._column(rows[name]) for name in list(self)])
        if self._classes is not None and unseen == "suppress":
            mark = "".join(self) + "?"
            found, known = alike(columns, self._classes)
            known = known.with_columns(pl.lit(value=True).alias(mark))
            found = found.join(known, on=list(self), how="left", nulls_equal=True, maintain_order="left")
            lost = found[mark].is_null()
        else:
            lost = pl.repeat(value=False, n=rows.height, eager=True)
        kept = {name for name, level in self._levels.items() if level == 0}
        return frame.replaced(columns.with_columns(suppress(name, lost) for name in list(self)), kept, lost)

    def _column(self, column: pl.Series) -> pl.Series:
        """Generalize one column; a missing value stays missing, until everything is the same."""
        level = self._levels[column.name]
        if level == 0:
            return column
        hierarchy = self.hierarchies[column.name]
        table = generalized(column.name, hierarchy, column)
        label = table[str(level)]
        found = column.to_frame("0").join(
            table.select("0", label.alias("to")), on="0", how="left", maintain_order="left"
        )
        if column.null_count() and includes_missing(hierarchy, table, level):
            return found["to"].fill_null(label[0]).alias(column.name)
        return found["to"].alias(column.name)

    def to_dict(self) -> dict[str, Any]:
        """Give the levels and the hierarchies as plain values that can be written as JSON, without the classes.

        Returns
        -------
        dict
            By column the level and the saved hierarchy; `Transformation.from_dict` reads it. Which classes were
            released is not in it.

        Raises
        ------
        ArgumentError
            If a hierarchy is made of functions.
        """
        return {
            name: {"level": level, "hierarchy": self.hierarchies[name].to_dict()}
            for name, level in self._levels.items()
        }

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Transformation:
        """Read what `to_dict` gave.

        Parameters
        ----------
        saved
            What `to_dict` gave, also after a way through JSON.

        Returns
        -------
        Transformation
            One with the same levels and hierarchies, that does not know which classes were released.
        """
        hierarchies = {name: from_dict(column["hierarchy"]) for name, column in saved.items()}
        levels = {name: int(column["level"]) for name, column in saved.items()}
        return cls(hierarchies, levels, None)

    def __repr__(self) -> str:
        words = ", ".join(f"{name}: {what} (level {self[name]})" for name, what in self.describe().items())
        return f"Transformation({words})"


def suppress(name: str, lost: pl.Series) -> pl.Expr:
    """Give a column that is missing where rows are suppressed."""
    return pl.when(~lost).then(pl.col(name)).alias(name)
