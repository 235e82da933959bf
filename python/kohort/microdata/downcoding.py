"""Whether a recoding is open to downcoding: to being undone in part by whoever knows that it was minimal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from kohort._frames import open_frame
from kohort.errors import ArgumentError
from kohort.microdata import checks

if TYPE_CHECKING:
    from collections.abc import Iterable

#: A recoding counts as minimal from this share of least cells on: a coarse one has some by chance.
MINIMAL = 0.95
INTERVAL = re.compile(r"^\s*[\[({]?\s*(.+?)\s*(?:,|;|\.\.|\u2013|(?<=\w)\s*-\s*(?=\w))\s*(.+?)\s*[\])}]?\s*$")


@dataclass(frozen=True, slots=True)
class Downcoding:
    """Whether a recoding is open to downcoding; made by `kohort.downcoding`.

    Attributes
    ----------
    columns
        A polars frame: `column`; `local`, whether equal values became different ones; `generalized`, in how many
        classes different values became one; `least`, the share of these, in [0, 1], in which it is the narrowest that
        covers them; `open`, whether the column is open to downcoding.
    classes
        How many classes of rows are equal after the recoding.
    open_share
        The share of rows, in [0, 1], in classes with a cell that can be downcoded.
    """

    columns: pl.DataFrame = field(compare=False)
    classes: int
    open_share: float

    @property
    def open(self) -> bool:
        """Whether any column is open to downcoding."""
        return bool(self.columns["open"].any())

    @property
    def warning(self) -> str | None:
        """What to tell whoever publishes the recoded frame; None where there is nothing to tell."""
        if not self.open:
            return None
        named = ", ".join(map(repr, self.columns.filter("open")["column"]))
        return (
            f"each class has the narrowest values of {named} that cover its rows, class by class: whoever knows this "
            f"knows that some row lies at, or in, each end of them (downcoding, Cohen 2022), in classes of "
            f"{self.open_share:.0%} of the rows. Recode these columns by one rule for all rows, or more coarsely"
        )

    def __repr__(self) -> str:
        return f"Downcoding: {self.warning or 'not open: no column is recoded class by class to the narrowest values'}"


def downcoding(
    before: Any,
    after: Any,
    quasi_identifiers: str | Iterable[str],
    *,
    hierarchies: Mapping[str, Any] | None = None,
) -> Downcoding:
    """Find out whether a recoding is open to downcoding.

    A recoding that generalizes class by class (Mondrian and other local recodings), and never more than the class
    needs, tells more than its values say: in a class with [20, 29] somebody is 20 and somebody 29, or the interval
    would be narrower; in a class with a node of a tree at least two of its branches have somebody. By this an attacker
    writes some rows with finer values, which k-anonymity was to prevent.

    Parameters
    ----------
    before, after
        The frame before and after the recoding, row by row in the same order; frames of any kind that
        `kohort.k_anonymity` takes.
    quasi_identifiers
        The columns that were recoded, of the same names in both; a single name may come as a string.
    hierarchies
        Of columns that are generalized along a tree: an object with ``levels(values)`` (as `kohort.hierarchy` makes), a
        polars frame of such levels with the value first and the root last, or a mapping from each value to the levels
        above it. Of other columns, intervals (``[20, 29]``, ``20-29``) and sets (``{a, b}``) are read.

    Returns
    -------
    Downcoding
        ``.open``, a ``.warning`` in words, and what was found by column.

    Raises
    ------
    ArgumentError
        If the frames differ in rows, a column is absent, ambiguous or nested in either, a value is not in its
        hierarchy, or there are no rows.

    Notes
    -----
    A. Cohen, "Attacks on deidentification's defenses", USENIX Security (2022): every minimal hierarchical recoding,
    whatever its model of privacy, is open to downcoding on some data. Here a column is told open if equal values became
    different ones (so that one rule for the whole column, as in full-domain generalization, is not), and in 95 % of the
    classes with different values these became the narrowest that covers them.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> before = pl.DataFrame({"age": [20, 29, 25, 25, 31, 40]})
    >>> after = pl.DataFrame({"age": ["[20, 29]", "[20, 29]", "[20, 29]", "[25, 40]", "[25, 40]", "[25, 40]"]})
    >>> kh.downcoding(before, after, "age").open
    True
    >>> bands = pl.DataFrame({"age": ["[20, 29]"] * 4 + ["[30, 49]"] * 2})
    >>> kh.downcoding(before, bands, "age").open
    False
    """
    names = checks.names("quasi_identifiers", quasi_identifiers)
    frames = [open_frame(data) for data in (before, after)]
    for frame in frames:
        checks.columns(frame, names)
    old, new = (pl.DataFrame(frame.select(names)) for frame in frames)
    if old.height != new.height:
        raise ArgumentError(
            f"before has {old.height:,} rows and after {new.height:,}: hand over the same rows, in the same order"
        )
    checks.some_rows(old.height)
    trees = dict(hierarchies or {})
    for name in trees:
        if name not in names:
            raise ArgumentError(f"there is a hierarchy for {name!r}, which is no quasi-identifier here")
    texts = new.select(pl.all().cast(pl.String))
    group = texts.select(pl.struct(pl.all()).rank("dense").alias("class"))["class"]

    found, exposed = [], pl.repeat(value=False, n=old.height, eager=True)
    for name in names:
        least, generalized, of_rows = _column(old[name], texts[name], group, trees.get(name))
        local = _is_local(old[name], texts[name])
        share = least / generalized if generalized else 0.0
        is_open = local and share >= MINIMAL
        found.append((name, local, generalized, share, is_open))
        if is_open:
            exposed |= of_rows
    head = ["column", "local", "generalized", "least", "open"]
    return Downcoding(pl.DataFrame(found, head, orient="row"), group.n_unique(), float(exposed.sum()) / old.height)


def _is_local(old: pl.Series, new: pl.Series) -> bool:
    """Whether a value became different ones."""
    pairs = pl.DataFrame([old.alias("old"), new.alias("new")]).unique()
    return pairs.height > pairs["old"].n_unique()


def _column(old: pl.Series, new: pl.Series, group: pl.Series, tree: Any) -> tuple[int, int, pl.Series]:
    """Count the classes with the narrowest generalization, those with any, and mark the rows of the first."""
    rows = pl.DataFrame([old.alias("old"), new.alias("new"), group])
    if tree is not None:
        levels = _levels(tree, old)
        lifted = rows.join(levels, left_on="old", right_on="0", how="left", nulls_equal=True, maintain_order="left")
        steps = [name for name in levels.columns if name != "0"]
        classes = lifted.group_by("class").agg(
            pl.col("new").first(),
            pl.col("old").n_unique().alias("values"),
            # The lowest level at which the values of the class are one: what it has there is the narrowest.
            pl.coalesce(
                *(pl.when(pl.col(step).n_unique() == 1).then(pl.col(step).first()) for step in steps),
                pl.lit(None, pl.String),
            ).alias("narrowest"),
        )
        least = pl.col("new") == pl.col("narrowest")
    else:
        classes = rows.group_by("class").agg(
            pl.col("new").first(),
            pl.col("old").n_unique().alias("values"),
            pl.col("old").drop_nulls().unique().sort().alias("sorted"),
        )
        hits = [_covers(text, values) for text, values in classes.select("new", "sorted").rows()]
        classes = classes.with_columns(pl.Series("hit", hits, dtype=pl.Boolean))
        least = pl.col("hit")
    generalized = classes.filter(pl.col("values") > 1)
    narrow = generalized.filter(least)
    return narrow.height, generalized.height, group.is_in(narrow["class"].implode())


def _levels(tree: Any, values: pl.Series) -> pl.DataFrame:
    """Read a hierarchy as a frame: column "0" the value, then what it becomes, all as text."""
    if isinstance(tree, Mapping):
        width = max((len(above) for above in tree.values()), default=0)
        if any(
            isinstance(above, str) or not isinstance(above, Sequence) or len(above) != width for above in tree.values()
        ):
            raise ArgumentError(
                f"the hierarchy of {values.name!r} must map each value to the list of levels above it, all equally long"
            )
        levels = pl.DataFrame(
            {"0": list(tree), **{str(n + 1): [above[n] for above in tree.values()] for n in range(width)}}
        )
    elif isinstance(tree, pl.DataFrame):
        levels = tree.rename(dict(zip(tree.columns, map(str, range(tree.width)), strict=True)))
    elif hasattr(tree, "levels"):
        levels = tree.levels(values)
    else:
        raise ArgumentError(f"the hierarchy of {values.name!r} is a {type(tree).__qualname__}, which has no levels")
    levels = levels.with_columns(pl.col("0").cast(values.dtype, strict=False), pl.exclude("0").cast(pl.String))
    if values.drop_nulls().is_in(levels["0"].implode()).not_().any():
        raise ArgumentError(
            f"column {values.name!r} has values that its hierarchy lacks: add them, with what they become"
        )
    return levels.unique("0")


def _covers(text: str | None, values: list[Any]) -> bool:
    """Whether a text is the interval, or the set, of the values and no more."""
    if text is None or not values:
        return False
    inside = text.strip().removeprefix("{").removesuffix("}")
    if inside != text.strip():
        return sorted(part.strip() for part in inside.split(",")) == sorted(map(str, values))
    ends = INTERVAL.match(text)
    return ends is not None and all(
        _same(end, value) for end, value in zip(ends.groups(), (values[0], values[-1]), strict=True)
    )


def _same(text: str, value: Any) -> bool:
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(text) == float(value)
        except ValueError:
            return False
    return text == str(value)
