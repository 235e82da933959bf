"""What two policies say otherwise, and whether that is looser or stricter where an order exists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kohort.display import card
from kohort.display.html import table

if TYPE_CHECKING:
    from kohort.hosting.policy.policy import Policy


@dataclass(frozen=True, slots=True)
class Change:
    """A field that differs: its dotted name, and what it says before and after (None where it is absent)."""

    field: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{self.field}: {_words(self.before)} -> {_words(self.after)}"


@dataclass(frozen=True, slots=True, repr=False)
class PolicyDiff:
    """What two policies say otherwise; made by `Policy.diff`.

    Attributes
    ----------
    changes
        The fields that differ, in the order of the file.
    """

    changes: tuple[Change, ...]

    def __bool__(self) -> bool:
        return bool(self.changes)

    def __str__(self) -> str:
        return "\n".join(map(str, self.changes)) or "The policies say the same."

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = [(change.field, _words(change.before), _words(change.after)) for change in self.changes]
        title = "Difference of two policies"
        return card(title, table(["field", "before", "after"], rows) if rows else "The policies say the same.")


def difference(before: Policy, after: Policy) -> PolicyDiff:
    """Compare two policies field by field; see `Policy.diff`."""
    first, second = _flat(before.to_dict()), _flat(after.to_dict())
    names = [*first, *(name for name in second if name not in first)]
    return PolicyDiff(
        tuple(
            Change(name, first.get(name), second.get(name))
            for name in names
            if first.get(name) != second.get(name) and name != "policy.title"
        )
    )


def _flat(data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for section, values in data.items():
        if isinstance(values, dict):
            found |= {f"{section}.{name}": value for name, value in values.items()}
        else:
            found |= {f"{section}.{entry['name']}": entry for entry in values}
    return found


def _words(value: Any) -> str:
    if value is None:
        return "(nothing)"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "(none)"
    if isinstance(value, dict):
        return ", ".join(f"{name} {entry}" for name, entry in value.items())
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
