"""The privacy budget of a project, kept in the ledger: what noisy answers have cost, for ever.

What a `Budget` must do is written in `kohort.release`; an entry is on the disk before the noise is drawn, so an answer
that anybody saw is paid for, whatever happens next.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from kohort.errors import ArgumentError, BudgetSpent, IntegrityError

if TYPE_CHECKING:
    from kohort.hosting.ledger import Entry, Ledger

KIND = "budget-spent"


class LedgerBudget:
    """A budget in zCDP's rho whose spending is written to a ledger before it counts as paid.

    Every process that has the ledger open spends from the same budget: the ledger is held between the look at what is
    left and the entry. Entries of all budgets of a ledger count, since they tell of the same persons.

    Parameters
    ----------
    ledger
        Where entries go; its chain makes a changed or removed one known.
    rho
        What may be spent in all, entries made before included.

    Raises
    ------
    ArgumentError
        If `rho` is not a positive number.

    Examples
    --------
    >>> import tempfile
    >>> from kohort.hosting import Ledger
    >>> folder = tempfile.mkdtemp()
    >>> LedgerBudget(Ledger(folder), 0.1).spend(0.04, "deaths by sex")
    >>> LedgerBudget(Ledger(folder), 0.1).remaining
    0.06
    """

    def __init__(self, ledger: Ledger, rho: float) -> None:
        self._ledger = ledger
        self._total = _amount(rho)

    def spend(self, rho: float, what: str) -> None:
        """Take `rho` for `what`; when this returns, the ledger has it.

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
        IntegrityError
            If the ledger is not as it was written.
        """
        cost = _amount(rho)
        with self._ledger.exclusive():
            left = self._total - self._spent()
            if cost > left:
                raise BudgetSpent(float(cost), float(max(left, Decimal(0))))
            self._ledger.append(KIND, {"rho": str(cost), "total": str(self._total), "what": what})

    @property
    def spent(self) -> float:
        """What was spent by everybody, in rho."""
        return float(self._spent())

    @property
    def remaining(self) -> float:
        """What is left, in rho."""
        return float(max(self._total - self._spent(), Decimal(0)))

    def _spent(self) -> Decimal:
        return sum((_cost(entry) for entry in self._ledger.entries if entry.kind == KIND), Decimal(0))

    def __repr__(self) -> str:
        return f"LedgerBudget: {self.spent:g} of rho {float(self._total):g} spent, {self.remaining:g} left"


def _cost(entry: Entry) -> Decimal:
    try:
        return Decimal(str(entry.body["rho"]))
    except (KeyError, InvalidOperation) as error:
        raise IntegrityError(
            f"entry {entry.sequence} of the ledger is no cost that this version can read: nothing can be spent before "
            "it is understood"
        ) from error


def _amount(rho: float) -> Decimal:
    if isinstance(rho, bool) or not isinstance(rho, int | float) or not 0 < rho < float("inf"):
        raise ArgumentError(f"rho must be a positive number, got {rho!r}")
    return Decimal(repr(rho))
