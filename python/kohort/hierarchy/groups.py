"""Hierarchy of ordered categories in groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kohort.errors import ArgumentError
from kohort.hierarchy.tables import from_rows

if TYPE_CHECKING:
    from kohort.hierarchy.base import Hierarchy


def order(*levels: Mapping[str, Sequence[Any]] | Sequence[Sequence[Any]], top: bool = True) -> Hierarchy:
    """Group ordered categories, level by level.

    Parameters
    ----------
    *levels
        The groups of each level, in order: a mapping from a group's name to its members, or a list of lists, which are
        named after their first and last member. Members are leaves at the first level, and names of groups above.
    top
        Whether to end in the single value "*"; nothing is added where the last level is a single group.

    Returns
    -------
    Hierarchy
        A hierarchy whose leaves are in the order in which they were given.

    Raises
    ------
    ArgumentError
        If there is no group, a group is empty, a member is in two groups, or a group of one level is in none above.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> stage = kh.hierarchy.order([["I", "II"], ["III", "IV"]])
    >>> stage.levels(pl.Series(["II", "IV"]))["1"].to_list()
    ['I - II', 'I - II', 'III - IV', 'III - IV']
    >>> kh.hierarchy.order({"early": ["I", "II"], "late": ["III", "IV"]}).levels(pl.Series(["IV"])).rows()[3]
    ('IV', 'late', '*')
    """
    paths: list[list[Any]] = []
    for number, groups in enumerate(levels, start=1):
        named = _named(groups, number)
        parent = {member: name for name, members in named.items() for member in members}
        if number == 1:
            paths = [[member] for member in parent]
        below = dict.fromkeys(path[-1] for path in paths)
        for member in parent:
            if member not in below:
                raise ArgumentError(f"level {number} groups {member!r}, which is no group of level {number - 1}")
        for member in below:
            if member not in parent:
                raise ArgumentError(f"{member!r} is in no group of level {number}: put it into one, alone if need be")
        for path in paths:
            path.append(parent[path[-1]])
    return from_rows(paths, "order", top=top)


def _named(groups: Any, number: int) -> dict[str, list[Any]]:
    if isinstance(groups, Mapping):
        listed = [(name, members) for name, members in groups.items()]
    elif isinstance(groups, Sequence) and not isinstance(groups, str):
        listed = [(None, members) for members in groups]
    else:
        raise ArgumentError(f"the groups of level {number} must be a mapping, or a list of lists, got {groups!r}")
    named: dict[str, list[Any]] = {}
    seen: set[Any] = set()
    for name, members in listed:
        if isinstance(members, str) or not isinstance(members, Sequence) or not members:
            raise ArgumentError(f"a group of level {number} must be a list of at least one member, got {members!r}")
        label = name if name is not None else _label(members)
        for member in members:
            if member in seen:
                raise ArgumentError(f"{member!r} is twice in the groups of level {number}: leave it in one")
            seen.add(member)
        if label in named:
            raise ArgumentError(f"level {number} has two groups called {label!r}: give them names of their own")
        named[label] = list(members)
    return named


def _label(members: Sequence[Any]) -> str:
    return str(members[0]) if len(members) == 1 else f"{members[0]} - {members[-1]}"
