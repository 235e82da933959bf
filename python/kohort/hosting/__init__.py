"""Where a warehouse sits: its keys, its ledger, and the history of what was released from it."""

from kohort.hosting.budget import LedgerBudget
from kohort.hosting.history import Earlier, History, Identity, Verdict
from kohort.hosting.keys import KeyFile, KeyProvider
from kohort.hosting.ledger import Entry, Fault, Ledger

__all__ = [
    "Earlier",
    "Entry",
    "Fault",
    "History",
    "Identity",
    "KeyFile",
    "KeyProvider",
    "Ledger",
    "LedgerBudget",
    "Verdict",
]
