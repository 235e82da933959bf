"""Every exception of kohort; each is also the built-in that it specializes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


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

    def __reduce__(self) -> tuple[type[BudgetSpent], tuple[float, float]]:
        return type(self), (self.asked, self.remaining)


class PolicyError(KohortError, ValueError):
    """A policy that cannot be read, or does not say what it must; every fault is named.

    Attributes
    ----------
    faults
        One sentence each.
    """

    def __init__(self, name: str, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__(f"policy {name!r} has {count}: " + "; ".join(faults))


class AuthorizationError(KohortError, PermissionError):
    """A use of the data that the policy does not allow; nothing was read or written."""


class AuthorizationExpired(AuthorizationError):  # noqa: N818 - named for what happened
    """The day is outside the dates of the authorization, or those are not established."""


class PurposeRefused(AuthorizationError):  # noqa: N818
    """A purpose that is not declared, not allowed, or forbidden."""


class MinimizationRefused(AuthorizationError):  # noqa: N818
    """More persons, or more exact or more identifying variables, than the policy lets be held."""


class CrossingRefused(AuthorizationError):  # noqa: N818
    """Potential identifiers that may not be used, or not so many of them in one question."""


class HostingRefused(AuthorizationError):  # noqa: N818
    """A host that has no sheet, or whose sheet does not meet the policy's demands."""


class AccessRefused(AuthorizationError):  # noqa: N818
    """A person who is not named in the policy or whose clearance is over, or access to rows that it does not allow."""


class ClockRefused(AuthorizationError):  # noqa: N818
    """A clock that is behind the last entry of the ledger."""


class DifferencingError(DisclosureError):
    """An output that, with what was released before, would tell of fewer persons than the threshold.

    Attributes
    ----------
    earlier
        The releases it collides with: each has `sequence`, `title` and `date`.
    """

    def __init__(self, message: str, earlier: tuple[object, ...] = ()) -> None:
        super().__init__(message)
        self.earlier = earlier


class IntegrityError(KohortError, RuntimeError):
    """A stored file is not what the warehouse's manifest says it is."""


class KohortWarning(UserWarning):
    """A result that stands, with something its reader must know."""
