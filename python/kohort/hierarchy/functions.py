"""A hierarchy that a person's own functions make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from kohort.errors import ArgumentError
from kohort.hierarchy.base import Hierarchy

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, repr=False)
class Functions(Hierarchy):
    """Levels made one from the other by functions; made by `from_function`."""

    functions: tuple[Callable[[Any], Any], ...]
    top: bool = True

    def __post_init__(self) -> None:
        if not self.functions:
            raise ArgumentError("from_function needs at least one function, from a value to what it becomes")
        for function in self.functions:
            if not callable(function):
                raise ArgumentError(f"from_function takes functions, got {function!r}")

    def _generalize(self, leaves: pl.Series) -> pl.DataFrame:
        columns = [leaves]
        for level, function in enumerate(self.functions, start=1):
            below = columns[-1]
            distinct = below.unique(maintain_order=True)
            made = [self._call(function, value, level) for value in distinct]
            try:
                values = pl.Series(str(level), made, dtype=None if made else pl.String)
            except (TypeError, pl.exceptions.PolarsError):
                raise ArgumentError(
                    f"function {level} of {self!r} gives values of several types: let it give text for all"
                ) from None
            if values.dtype.is_nested() or values.dtype == pl.Object:
                raise ArgumentError(f"function {level} of {self!r} gives {values.dtype}: let it give text or numbers")
            columns.append(below.replace_strict(distinct, values, return_dtype=values.dtype).alias(str(level)))
        return pl.DataFrame(columns)

    def _call(self, function: Callable[[Any], Any], value: Any, level: int) -> Any:
        try:
            made = function(value)
        except Exception as error:
            raise ArgumentError(f"function {level} of {self!r} failed for {value!r}: {error}") from error
        if made is None:
            raise ArgumentError(
                f"function {level} of {self!r} gives nothing for {value!r}: let it give a value for each"
            )
        return made

    def __repr__(self) -> str:
        names = ", ".join(getattr(function, "__name__", type(function).__name__) for function in self.functions)
        return f"hierarchy.from_function({names}{'' if self.top else ', top=False'})"


def from_function(*functions: Callable[[Any], Any], top: bool = True) -> Hierarchy:
    """Make each level from the one below by a function of your own.

    Parameters
    ----------
    *functions
        The first maps a value of the column to its value at level 1, the second a value at level 1 to that at level 2,
        and so on, so that the hierarchy is monotone whatever the functions are. Each is called once per distinct value,
        in Python, and must give the same answer each time.
    top
        Whether to end in the single value "*".

    Returns
    -------
    Hierarchy
        A hierarchy that can be pickled if the functions can be, and cannot be saved by `to_dict`.

    Raises
    ------
    ArgumentError
        If there is no function; when used, if one fails, gives None, or gives values of several types.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> city = kh.hierarchy.from_function(lambda code: code[:2], {"44": "west", "67": "east"}.get)
    >>> city.levels(pl.Series(["44109", "67482"])).rows()
    [('44109', '44', 'west', '*'), ('67482', '67', 'east', '*')]
    """
    return Functions(tuple(functions), top=top)
