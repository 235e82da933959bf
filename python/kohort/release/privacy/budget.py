"""What pays for noisy answers: a budget that is spent before the noise is drawn."""

from __future__ import annotations

from decimal import Decimal
from threading import Lock
from typing import Protocol

from kohort.errors import ArgumentError, BudgetSpent
from kohort.release.privacy.accounting import epsilon_of


class Budget(Protocol):
    """What a budget must do, wherever it is kept.

    `spend` must refuse before it records, record before it returns, and never forget what it recorded: the noise is
    drawn only after it returned, so an answer that was seen is always paid for. A crash in between costs budget and
    tells nothing. Two processes that spend at once must not both get the last of it. What is recorded (`rho`, `what`)
    is not secret: it follows from the question alone. Amounts add up exactly as decimals (`Decimal(repr(rho))`).
    """

    def spend(self, rho: float, what: str) -> None:
        """Take `rho` for `what`, lasting; raise `BudgetSpent` and take nothing if less is left."""
        ...

    @property
    def remaining(self) -> float:
        """What is left, in rho."""
        ...


class MemoryBudget:
    """A budget that lives as long as its process: for trials, and for who releases once.

    Parameters
    ----------
    rho
        What may be spent in all, in zCDP's rho; costs add up. See `rho_of` for epsilon and delta.

    Raises
    ------
    ArgumentError
        If `rho` is not a positive number.

    Examples
    --------
    >>> budget = MemoryBudget(0.1)
    >>> budget.spend(0.02, "deaths by sex")
    >>> budget
    MemoryBudget: 0.02 of rho 0.1 spent, 0.08 left (spent so far: epsilon 0.90 at delta 1e-06)
    """

    def __init__(self, rho: float) -> None:
        self._total = _amount(rho)
        self._lock = Lock()
        self._entries: list[tuple[Decimal, str]] = []

    def spend(self, rho: float, what: str) -> None:
        """Take `rho` for `what`.

        Parameters
        ----------
        rho
            The cost, positive.
        what
            What it pays for, in words that hold no result.

        Raises
        ------
        BudgetSpent
            If less than `rho` is left; nothing is taken then.
        """
        cost = _amount(rho)
        with self._lock:
            left = self._total - self._spent()
            if cost > left:
                raise BudgetSpent(float(cost), float(left))
            self._entries.append((cost, what))

    @property
    def spent(self) -> float:
        """What was spent, in rho."""
        return float(self._spent())

    @property
    def remaining(self) -> float:
        """What is left, in rho."""
        return float(self._total - self._spent())

    @property
    def entries(self) -> tuple[tuple[float, str], ...]:
        """What was paid for, in order."""
        return tuple((float(cost), what) for cost, what in self._entries)

    def epsilon(self, delta: float) -> float:
        """Return the epsilon of everything spent so far, at a delta."""
        return epsilon_of(self.spent, delta)

    def _spent(self) -> Decimal:
        return sum((cost for cost, _ in self._entries), Decimal(0))

    def __repr__(self) -> str:
        return (
            f"MemoryBudget: {self.spent:g} of rho {float(self._total):g} spent, {self.remaining:g} left "
            f"(spent so far: epsilon {self.epsilon(1e-6):.2f} at delta 1e-06)"
        )


def _amount(rho: float) -> Decimal:
    if isinstance(rho, bool) or not isinstance(rho, int | float) or not 0 < rho < float("inf"):
        raise ArgumentError(f"rho must be a positive number, got {rho!r}")
    return Decimal(repr(rho))
