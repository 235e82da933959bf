"""Secondary suppression of a table after others of the same persons have been released."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kohort import _core
from kohort.errors import ArgumentError, DisclosureError
from kohort.release.gate.joint import name_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kohort.release.attack import System
    from kohort.release.gate.exact import Exact
    from kohort.release.released import Release
    from kohort.release.rules import OutputRules

# Prices that make the search prefer what is hidden already, and leave what is shown already.
_HIDDEN, _SHOWN = 1e-4, 1e5
_REMEDY = "release the tables together with release_tables, or a coarser one now"


def statuses_after(exact: Exact, rules: OutputRules) -> list[int]:
    """Return the status of each cell, given that earlier releases are out.

    Raises
    ------
    ArgumentError
        If an earlier release has other thresholds, or does not fit the table.
    DisclosureError
        If a cell shown before would have to be hidden.
    """
    from kohort.release.attack import together  # noqa: PLC0415 - it imports scipy

    for release in exact.earlier:
        if (release.rules.min_cell, release.rules.show_zeros) != (rules.min_cell, rules.show_zeros):
            raise ArgumentError(
                f"the earlier release {release.title!r} has other thresholds: pass rules={release.rules!r}"
            )
    system = together(exact.earlier)
    shared = _shared(exact, system)
    statuses = _statuses(system, exact.earlier)
    values = _completed(system, {old: exact.persons[cell] for cell, old in shared.items()}, rules)
    # New cells first, then those of earlier tables only.
    number = {old: cell for cell, old in shared.items()}
    persons = list(exact.persons)
    prices = [_price(statuses.get(shared.get(cell, -1)), one) for cell, one in enumerate(exact.reluctance)]
    for old, value in enumerate(values):
        if old not in number:
            number[old] = len(persons)
            persons.append(value)
            prices.append(_price(statuses.get(old), 0.02))
    relations = [(total, list(parts)) for total, parts in exact.relations]
    for total, parts in system.relations:
        relation = (number[total], [number[part] for part in parts])
        if relation not in relations and relation[0] not in relation[1]:
            relations.append(relation)
    found = _core.protect(persons, relations, rules.min_cell, rules.show_zeros, prices)
    if any(status == 0 and found[number[old]] for old, status in statuses.items()):
        raise DisclosureError(f"what was released before leaves no protection for this table: {_REMEDY}")
    # A withheld block is protected only if all of it is: what an earlier release says of sizes cannot be taken back.
    if any(status in {1, 2} and found[number[old]] == 3 for old, status in statuses.items()):
        raise DisclosureError(f"what was released before tells too much of sizes in this table: {_REMEDY}")
    # Hiding more than was found takes nothing from the protection.
    return [
        statuses[shared[cell]] if cell in shared else status for cell, status in enumerate(found[: len(exact.persons)])
    ]


def _price(status: int | None, reluctance: float) -> float:
    return reluctance if status is None else _HIDDEN if status else _SHOWN


def _shared(exact: Exact, system: System) -> dict[int, int]:
    """Return for cells that earlier tables have the number they have there."""
    found: dict[int, int] = {}
    for (row, j), cell in exact.of.items():
        old = system.names.get(name_of(exact.dimensions, exact.labels[row], exact.counts, j))
        if old is not None:
            low, high = system.bounds[old]
            if not low <= exact.persons[cell] <= (exact.persons[cell] if high is None else high):
                raise ArgumentError(
                    f"the row {' / '.join(exact.labels[row])!r} does not hold what an earlier release says: link "
                    "releases of the same persons only"
                )
            found[cell] = old
    return found


def _statuses(system: System, earlier: Sequence[Release]) -> dict[int, int]:
    """Return the status of every cell that an earlier release has in its table."""
    names = {"shown": 0, "small": 1, "protective": 2, "withheld": 3}
    found: dict[int, int] = {}
    for release, numbers in zip(earlier, system.numbers, strict=True):
        for at, old in zip(release.cells, numbers, strict=True):
            if at is not None:
                found[old] = names[release.statuses[at[0]][at[1]]]
    return found


def _completed(system: System, known: Mapping[int, int], rules: OutputRules) -> list[int]:
    """Return whole numbers for all cells of earlier tables that fit what they show and what is known now."""
    import numpy as np  # noqa: PLC0415 - as scipy
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - slow to import
    from scipy.sparse import coo_array  # noqa: PLC0415

    cells = len(system.bounds)
    entries = [
        (row, cell, sign)
        for row, (total, parts) in enumerate(system.relations)
        for cell, sign in ((total, 1.0), *((part, -1.0) for part in parts))
    ]
    constraints = []
    if entries:
        rows, columns, signs = zip(*entries, strict=True)
        matrix = coo_array((signs, (rows, columns)), shape=(len(system.relations), cells)).tocsr()
        constraints = [LinearConstraint(matrix, 0, 0)]
    high = np.array([np.inf if most is None else most for _, most in system.bounds])
    # A small cell completed by 0 would not be held to the criterion: 1 is tried first.
    for least in (1.0, 0.0):
        low = np.array(
            [max(few, min(least, most or 0.0)) if most == rules.min_cell - 1 else few for few, most in system.bounds],
            dtype=float,
        )
        top = high.copy()
        for cell, value in known.items():
            low[cell] = top[cell] = value
        answer: Any = milp(
            np.zeros(cells), integrality=np.ones(cells), bounds=Bounds(low, top), constraints=constraints
        )
        if answer.x is not None:
            return [round(value) for value in answer.x]
    raise ArgumentError("the table does not fit the earlier releases: link releases of the same persons only")
