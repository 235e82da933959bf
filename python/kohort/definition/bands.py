"""Age bands, to break results down by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from kohort.definition import checks
from kohort.definition.person import OLDEST
from kohort.errors import DefinitionError


@dataclass(frozen=True, slots=True)
class AgeBands:
    """Bands of completed years: from each edge to the year before the next, the last open; see :func:`age_bands`."""

    edges: tuple[int, ...]

    def __post_init__(self) -> None:
        edges = tuple(checks.whole(edge, "an edge of the age bands", low=0, high=OLDEST) for edge in self.edges)
        if not edges:
            raise DefinitionError("the age bands have no edges: write the first age of each band, as in [0, 18, 65].")
        for low, high in pairwise(edges):
            if low >= high:
                raise DefinitionError(
                    f"the edges of the age bands go from {low} to {high}: write them in rising order, once each."
                )
        object.__setattr__(self, "edges", edges)

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the bands: "0-9", a single year as "5", the last as "90+"."""
        closed = [str(low) if high == low + 1 else f"{low}-{high - 1}" for low, high in pairwise(self.edges)]
        return (*closed, f"{self.edges[-1]}+")

    def to_dict(self) -> dict[str, Any]:
        """Return the bands as JSON writes them."""
        return {"kind": "age_bands", "edges": list(self.edges), "labels": list(self.labels)}


def age_bands(width: int | Iterable[int] = 10, *, first: int = 0, last: int = 90) -> AgeBands:
    """Cut ages into bands of completed years.

    Parameters
    ----------
    width
        Years in a band; or the first age of each band, as in ``[0, 18, 65]``.
    first
        The first age of the first band; younger persons are in none.
    last
        The open band begins at the highest edge that does not lie above this age.

    Returns
    -------
    AgeBands
        Immutable, with `edges`, `labels` and `to_dict()`.

    Raises
    ------
    DefinitionError
        When a number is not a whole number of years from 0 to 150, or edges do not rise.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.age_bands(10, first=60).labels
    ('60-69', '70-79', '80-89', '90+')
    >>> kh.age_bands([0, 18, 65]).labels
    ('0-17', '18-64', '65+')
    """
    if isinstance(width, Iterable) and not isinstance(width, str):
        if (first, last) != (0, 90):
            raise DefinitionError(
                "the edges of the age bands are given, so that first and last have no use: drop them."
            )
        return AgeBands(tuple(width))
    step = checks.whole(width, "the width of the age bands in years", low=1, high=OLDEST)
    start = checks.whole(first, "the first age of the bands", low=0, high=OLDEST)
    end = checks.whole(last, "the last age of the bands", low=0, high=OLDEST)
    checks.ordered(start, end, "the range of the age bands")
    return AgeBands(tuple(range(start, end + 1, step)))
