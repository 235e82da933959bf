"""Differential privacy: inner cells get discrete Gaussian noise, margins are sums of noisy cells."""

from __future__ import annotations

from math import ceil, inf, nextafter, sqrt
from typing import TYPE_CHECKING

from kohort.errors import ArgumentError
from kohort.release.gate.additive import Additive
from kohort.release.privacy.noise import gaussian_scale, noisy

if TYPE_CHECKING:
    from kohort.release.gate.draft import Draft
    from kohort.release.gate.exact import Amount, Exact
    from kohort.release.protections import DifferentialPrivacy


def add_noise(exact: Exact, draft: Draft, way: DifferentialPrivacy) -> None:
    """Pay for the table, then draw the noise of its counts and amounts.

    The price and all that is recorded follow from the shape of the table, never from a count.
    """
    if way.budget is None:
        raise ArgumentError(
            "these rules hold no privacy budget: give DifferentialPrivacy(rho=..., budget=MemoryBudget(...))"
        )
    amounts = list({id(f.amount): f.amount for f in exact.derived if f.amount}.values())
    share = way.rho / (1 + len(amounts))
    counts = Additive.of(range(len(exact.persons)), exact.relations, exact.exclusive)
    scale = gaussian_scale(share, _root(counts.overlap))
    rows = {amount.name: _rows(exact, amount) for amount in amounts}
    scales = {
        amount.name: gaussian_scale(share, (amount.most or 0) * _root(rows[amount.name].overlap)) for amount in amounts
    }
    exact_amounts = {amount.name: _whole(exact, rows[amount.name], amount) for amount in amounts}
    what = " x ".join(exact.dimensions)
    way.budget.spend(way.rho, f"{len(counts.inner)} inner cells of a table of {what}")
    drawn = dict(zip(counts.inner, noisy([exact.persons[cell] for cell in counts.inner], scale), strict=True))
    draft.released = [_least(way, sum(drawn[leaf] for leaf in counts.sums[cell])) for cell in range(len(exact.persons))]
    for decisions in draft.decisions:
        decisions.append("differential privacy")
    widest = max(len(leaves) for leaves in counts.sums.values())
    margins = f", of the largest total within {half_width(scale, widest):,}" if widest > 1 else ""
    several = f"; a person is in up to {counts.overlap} inner cells" if counts.overlap > 1 else ""
    cut = "; negative results read 0" if way.nonnegative else ""
    draft.did(
        "differential privacy",
        f"counts carry discrete Gaussian noise, rho = {way.rho:.6g} (zCDP) for the whole table: the error of 95 % of "
        f"inner cells is within {half_width(scale, 1):,} persons{margins}; totals are sums of noisy cells"
        f"{several}{cut}",
    )
    for amount in amounts:
        inner = rows[amount.name]
        values, spread = exact_amounts[amount.name], scales[amount.name]
        noise = dict(zip(inner.inner, noisy([values[cell] for cell in inner.inner], spread), strict=True))
        released = {cell: sum(noise[leaf] for leaf in leaves) for cell, leaves in inner.sums.items()}
        column = exact.counts.index(amount.persons)
        draft.amounts[amount.name] = [float(released[exact.of[row, column]]) for row in range(len(exact.labels))]
        draft.did(
            "differential privacy",
            f"{amount.name}: a person contributes at most {amount.most:,}; the error of 95 % of inner cells is within "
            f"{half_width(spread, 1):,}, of the largest total within "
            f"{half_width(spread, max(map(len, inner.sums.values()))):,}",
        )


def half_width(scale: float, cells: int) -> int:
    """Return a number that the error of a sum of noisy cells exceeds in less than 5 % of cases.

    Parameters
    ----------
    scale
        The scale of the discrete Gaussian noise of each cell.
    cells
        How many cells are summed.

    Returns
    -------
    int
        1.96 standard deviations, rounded up.
    """
    return ceil(1.96 * scale * sqrt(cells))


def _root(overlap: int) -> float:
    root = sqrt(overlap)
    return root if root * root == overlap and root.is_integer() else nextafter(root, inf)


def _least(way: DifferentialPrivacy, value: int) -> int:
    return max(0, value) if way.nonnegative else value


def _rows(exact: Exact, amount: Amount) -> Additive:
    """Return how the amounts of rows add up: as the cells of their persons do."""
    column = exact.counts.index(amount.persons)
    cells = {cell for cell, at in enumerate(exact.positions) if at and at[1] == column}
    exclusive = [group for group in exact.exclusive if cells.issuperset(group)]
    return Additive.of(cells, exact.relations, exclusive)


def _whole(exact: Exact, rows: Additive, amount: Amount) -> dict[int, int]:
    values: dict[int, int] = {}
    for cell in rows.inner:
        position = exact.positions[cell]
        value = amount.values(position[0]) if position else 0
        if value != int(value):
            raise ArgumentError(f"{amount.name} must be whole numbers under differential privacy: state a finer unit")
        values[cell] = int(value)
    return values
