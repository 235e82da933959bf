"""What an ingest read, kept and left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kohort.display import card, note, table

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class TableCounts:
    """The rows of one input table.

    Parameters
    ----------
    read
        Rows read.
    kept
        Rows that went into the warehouse.
    refused
        Rows that could not be used, by reason.
    """

    read: int
    kept: int
    refused: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest read, kept and left out; for those who hold the source.

    Parameters
    ----------
    tables
        The counts of each input table.
    never_observed
        How many persons have no observation period, so that no cohort can hold them.
    skipped
        Source tables that were not used, with the reason.
    """

    tables: Mapping[str, TableCounts]
    never_observed: int
    skipped: Mapping[str, str] = field(default_factory=dict)

    @property
    def refused(self) -> int:
        """How many rows were left out, over all tables."""
        return sum(sum(counts.refused.values()) for counts in self.tables.values())

    def _lines(self) -> list[tuple[str, int, int, str]]:
        return [
            (name, counts.read, counts.kept, ", ".join(f"{why}: {n:,}" for why, n in counts.refused.items()))
            for name, counts in self.tables.items()
        ]

    def __str__(self) -> str:
        lines = [f"{'table':<22}{'read':>14}{'kept':>14}  left out"]
        lines += [f"{name:<22}{read:>14,}{kept:>14,}  {why}".rstrip() for name, read, kept, why in self._lines()]
        if self.never_observed:
            lines.append(f"{self.never_observed:,} persons have no observation period: no cohort can hold them")
        lines += [f"{name}: not used, {why}" for name, why in self.skipped.items()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = [(name, f"{read:,}", f"{kept:,}", why or "–") for name, read, kept, why in self._lines()]  # noqa: RUF001
        notes = [f"{self.never_observed:,} persons have no observation period."] if self.never_observed else []
        notes += [f"{name}: not used, {why}." for name, why in self.skipped.items()]
        return card(
            "Ingest", table(["Table", "Rows read", "Kept", "Left out"], rows, numeric=(1, 2)), *map(note, notes)
        )
