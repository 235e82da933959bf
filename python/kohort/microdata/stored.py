"""Classes of rows that are too many to hold: counted from a Parquet file in bounded memory."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kohort import _core

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kohort._frames import Frame

#: Rows times columns that are held in memory; more are read from disk in pieces.
CELLS = 1 << 26
#: Bytes of the tables of counts; what exceeds them is set aside in a temporary file.
MEMORY = 1 << 30


class Stored:
    """Rows in a Parquet file, asked for the sizes of their classes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def sizes(self, columns: Sequence[str], person: str | None = None) -> list[tuple[int, int, int]]:
        """Find the sizes of the classes by `columns`: size in rows or persons, classes, rows."""
        return _core.stored_sizes(self._path, list(columns), person, MEMORY, missing=False)

    def values(self, columns: Sequence[str], name: str) -> int:
        """Find the fewest different values of a column in a class; missing counts as one."""
        return _core.stored_sizes(self._path, list(columns), name, MEMORY, missing=True)[0][0]


@contextmanager
def stored(frame: Frame, columns: Sequence[str]) -> Iterator[Stored]:
    """Have these columns as a file while the context lasts."""
    with TemporaryDirectory(prefix="kohort-") as folder:
        yield Stored(frame.write(columns, Path(folder)))
