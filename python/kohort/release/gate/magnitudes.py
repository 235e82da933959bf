"""Magnitudes: sums hidden with the persons behind them, by dominance, and so that no hidden sum can be worked out."""

from __future__ import annotations

from math import ceil, inf
from typing import TYPE_CHECKING

from kohort.release.gate.dominance import dominance, is_beyond, p_percent
from kohort.release.gate.draft import number
from kohort.release.gate.knowledge import bounds
from kohort.release.gate.program import Program

if TYPE_CHECKING:
    from kohort.release.gate.contributions import Contributions, Magnitude
    from kohort.release.gate.draft import Draft
    from kohort.release.gate.exact import Exact
    from kohort.release.gate.program import Demand
    from kohort.release.released import Number, Status
    from kohort.release.rules import OutputRules

# The protection, in percent, of a sum of few persons where the p% rule is switched off.
_FEW_PERCENT = 10.0


def magnitudes(exact: Exact, draft: Draft) -> None:
    """Decide which sums and means are shown."""
    for magnitude in exact.magnitudes:
        primary, hidden = _primary(exact, draft, magnitude)
        demands = [_demand(magnitude.amounts, row, draft.rules, units=magnitude.units) for row in primary]
        hidden = _protected(exact, draft, magnitude, hidden, [demand for demand in demands if demand])
        _write(exact, draft, magnitude, hidden)


def is_sensitive(amount: Contributions, rules: OutputRules) -> bool:
    """Whether a sum must be hidden for its own sake: few contributors, or dominance."""
    few = 0 < amount.contributors < rules.min_cell or 0 < amount.persons < rules.min_cell
    return few or (not amount.persons and not rules.show_zeros) or is_beyond(_level(amount, rules), amount)


def _level(amount: Contributions, rules: OutputRules) -> float:
    """Return the upper protection level that dominance demands; 0 where no rule is broken."""
    levels = [dominance(amount, n, k) for n, k in rules.dominance] if amount.largest else []
    if amount.largest and rules.p_percent is not None:
        levels.append(p_percent(amount, rules.p_percent))
    return max(levels, default=0.0)


def _primary(exact: Exact, draft: Draft, magnitude: Magnitude) -> tuple[list[int], set[int]]:
    """Return the rows that are sensitive, and those that are hidden: these, and all whose persons are hidden."""
    primary = [row for row, amount in enumerate(magnitude.amounts) if is_sensitive(amount, draft.rules)]
    hidden = set(primary)
    if magnitude.persons is None:
        hidden |= _zeros_of_small_groups(draft, magnitude)
    else:
        column = exact.counts.index(magnitude.persons)
        hidden |= {row for row in range(len(magnitude.amounts)) if draft.statuses[exact.of[row, column]]}
        shown_zeros = {row for row in hidden if not draft.statuses[exact.of[row, column]]}
        # Where nobody is known to be, nothing is to be hidden.
        hidden -= {row for row in shown_zeros if not magnitude.amounts[row].persons}
    return [row for row in primary if row in hidden], hidden


def _zeros_of_small_groups(draft: Draft, magnitude: Magnitude) -> set[int]:
    """Return empty rows inside groups of few persons, which are not broken down; not those that are known empty."""
    persons = [amount.persons for amount in magnitude.amounts]
    empty = {part for total, parts in magnitude.relations if not persons[total] for part in parts}
    few = [parts for total, parts in magnitude.relations if 0 < persons[total] < draft.rules.min_cell]
    return {part for parts in few for part in parts if not persons[part]} - empty


def _demand(
    amounts: list[Contributions], row: int, rules: OutputRules, *, units: bool
) -> tuple[int, float, float] | None:
    """Return the interval that a reader must be left with around a sensitive sum.

    Dominance gives the upper level; the lower one is its mirror, as is the custom. Sums of few persons get p percent of
    their largest contribution. A count of stays below the threshold may be anything below it, as a count of persons.
    """
    amount, percent = amounts[row], (rules.p_percent or _FEW_PERCENT) / 100
    level = _level(amount, rules)
    if units:
        spread = ceil(percent * amount.total)
        low = min(amount.total - spread, 1) if amount.total < rules.min_cell else amount.total - spread
        return row, max(low, 0), max(amount.total + spread, rules.min_cell - 1)
    if amount.contributors < rules.min_cell or amount.persons < rules.min_cell:
        everyone = max(amounts, key=lambda other: other.persons)
        typical = everyone.total / everyone.persons if everyone.persons else 0.0
        largest = max(amount.largest, default=0.0)
        level = max(level, percent * (largest or typical))
    return (row, max(amount.total - level, 0.0), amount.total + level) if level > 0 else None


def _protected(
    exact: Exact, draft: Draft, magnitude: Magnitude, hidden: set[int], demands: list[tuple[int, float, float]]
) -> set[int]:
    """Return the rows to hide so that every demand is met.

    Counts of stays are never below their persons; a reader has both tables, and so has the program.
    """
    amounts, rows = magnitude.amounts, len(magnitude.amounts)
    empty = {row for row in range(rows) if not amounts[row].persons and row not in hidden}
    price = [inf if row in empty else magnitude.reluctance[row] for row in range(rows)]
    values: list[float] = [amount.total for amount in amounts]
    low, high = [0.0] * rows, [inf] * rows
    relations = list(magnitude.relations)
    known: Demand = []
    start = set(hidden)
    if magnitude.units and magnitude.persons is not None:
        column = exact.counts.index(magnitude.persons)
        values += exact.persons
        below, above = bounds(exact, draft)
        low, high = low + below, high + above
        relations += [(total + rows, tuple(part + rows for part in parts)) for total, parts in exact.relations]
        known = [({row: -1.0, exact.of[row, column] + rows: 1.0}, 0.0) for row in range(rows)]
        price += [inf] * len(exact.persons)
        start |= {cell + rows for cell, status in enumerate(draft.statuses) if status}
    elif magnitude.units and draft.rules.show_zeros:
        few = {total for total, _ in relations if 0 < amounts[total].persons < draft.rules.min_cell}
        blank = {part for total, parts in relations if total in few for part in parts}
        low = [0.0 if row in blank else 1.0 for row in range(rows)]
    program = Program(values, relations, low=low, high=high, hidden=start, price=price, known=known)
    extra: list[int] = []
    # A contributor to another hidden sum knows that it is at least their own part, and no upper bound may rest on that.
    own = None if magnitude.units else [max(amount.largest, default=0.0) for amount in amounts]
    for row, least, most in sorted(demands, key=lambda demand: demand[1] - demand[2]):
        for end, known_low in (({row: 1.0}, least), None), (({row: -1.0}, -most), own):
            more = program.meet([end], known_low)
            if more is None:
                return set(range(rows)) - empty
            extra += more
    program.clean(extra)
    return {row for row in range(rows) if program.hidden[row]}


def _write(exact: Exact, draft: Draft, magnitude: Magnitude, hidden: set[int]) -> None:
    """Put the column of sums, and of means, into the draft."""
    column = len(draft.columns)
    measure = magnitude.measure

    def rounded(value: float, decimals: int) -> Number:
        return round(value, decimals) if decimals else round(value)

    cells: list[tuple[Number, Status]] = [
        (None, "withheld") if row in hidden else (rounded(amount.total, measure.decimals), "shown")
        for row, amount in enumerate(magnitude.amounts)
    ]
    draft.columns.append((measure, cells))
    draft.relations += [
        ((column, total), tuple((column, part) for part in parts)) for total, parts in magnitude.relations
    ]
    if magnitude.mean is not None and magnitude.persons is not None:
        means: list[tuple[Number, Status]] = []
        for row, amount in enumerate(magnitude.amounts):
            # A sum is shown only where its persons are.
            persons = draft.released[exact.of[row, exact.counts.index(magnitude.persons)]]
            if row in hidden:
                means.append((None, "withheld"))
            elif persons:
                means.append((rounded(amount.total / persons, magnitude.mean.decimals), "shown"))
            else:
                means.append((None, "not applicable"))
        draft.columns.append((magnitude.mean, means))
    rules = draft.rules
    pairs = ", ".join(f"({n}, {k:g})" for n, k in rules.dominance)
    stated = [f"at least {rules.min_cell} contributors"]
    if not magnitude.units:
        stated += [f"dominance {pairs}"] if pairs else []
        stated += [f"{rules.p_percent:g}% rule"] if rules.p_percent is not None else []
    # Which of the hidden sums are dominated, and which protect them, stays inside.
    what = f"{number(len(hidden), 'cell', 'cells')} of {measure.name} withheld by these rules, or to protect such cells"
    draft.did("magnitudes", f"{'; '.join(stated)}; {what}")
