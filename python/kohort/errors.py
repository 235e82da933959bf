"""Every exception of kohort; each is also the built-in that it specializes."""

from __future__ import annotations


class KohortError(Exception):
    """The root of kohort's exceptions."""


class DefinitionError(KohortError, ValueError):
    """A cohort definition, code set or plan that cannot be run as written."""


class IngestError(KohortError, ValueError):
    """Input data that an ingest refuses; nothing was written."""


class ArgumentError(KohortError, ValueError):
    """An argument that a function cannot use."""


class DisclosureError(KohortError, PermissionError):
    """An output that the output rules do not let out."""


class BudgetSpent(DisclosureError):  # noqa: N818 - it says what happened
    """A noisy answer that the privacy budget cannot pay for; nothing was taken from it.

    Attributes
    ----------
    asked, remaining
        What the answer costs and what is left, in rho.
    """

    def __init__(self, asked: float, remaining: float) -> None:
        super().__init__(
            f"the answer costs rho {asked:.6g} of a privacy budget that has {remaining:.6g} left: ask with a smaller "
            "rho (more noise), use an answer already released, or have the budget raised"
        )
        self.asked = asked
        self.remaining = remaining


class IntegrityError(KohortError, RuntimeError):
    """A stored file is not what the warehouse's manifest says it is."""


class KohortWarning(UserWarning):
    """A result that stands, with something its reader must know."""
