"""What the gate remembers of a warehouse: its history, asked in the name of one release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kohort.errors import IntegrityError
from kohort.hosting.history import History
from kohort.hosting.keys import KeyFile
from kohort.hosting.ledger import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from kohort.hosting.history import Identity, Verdict


def open_history(
    warehouse: Path,
    numbering: Callable[[int | None], tuple[str, int]],
    threshold: int,
    clock: Callable[[], datetime] | None,
) -> History:
    """Open the history of a warehouse's releases; its key lies beside the warehouse, and is made on first use."""
    path, folder = warehouse.parent / f"{warehouse.name}.ledger.key", warehouse / "ledger"
    if folder.is_dir() and any(folder.glob("*.jsonl")) and not path.exists():
        raise IntegrityError(
            f"the ledger of {warehouse.name} was written under a key that is not at {path}: put the file back; nothing "
            "can be released without it"
        )
    key = KeyFile(path)
    return History(folder, key=key, threshold=threshold, numbering=numbering, clock=clock or utc_now)


@dataclass(slots=True)
class ReleaseMemory:
    """The history of a warehouse, for the release of one identity; a `kohort.release.gate.Memory`."""

    past: History
    identity: Identity
    undecided: bool = False

    def collision(self, sets: Sequence[Any]) -> Verdict | None:
        """Return what speaks against releasing the counts of some sets together.

        Pairs of counts are always judged. Where combinations of more are too many to judge (tables of hundreds of
        counts of few persons), single groups of persons are, and `undecided` tells so.
        """
        verdict = self.past.check(sets, self.identity)
        self.undecided = verdict.undecided
        return None if verdict.allowed or verdict.undecided else verdict

    def record(self, sets: Sequence[Any], title: str) -> None:
        """Record what is released, before it is shown.

        Raises
        ------
        DifferencingError
            If another process has released something meanwhile that it collides with.
        """
        self.past.record(sets, self.identity, title=title, undecided=True)
