"""What a run has cost: rows and bytes that were decoded, and the time of each step."""

from __future__ import annotations

from dataclasses import dataclass

from kohort.display import card, facts, table


@dataclass(frozen=True, slots=True)
class StepCost:
    """One step of a run.

    Attributes
    ----------
    name
        The step: ``"entry events"``, ``"qualified"``, a rule's name, ``"limit"``, ``"exit"``.
    seconds
        The time of all shards together; shards are worked on side by side, so that a run may take less.
    known
        Whether the step's result was kept from an earlier run, in every shard.
    """

    name: str
    seconds: float
    known: bool


@dataclass(frozen=True, slots=True, repr=False)
class Profile:
    """The cost of a run; made by :meth:`kohort.Result.profile`.

    Attributes
    ----------
    rows, bytes
        Rows and bytes of columns decoded from files, to two significant digits: how many exactly would tell of the
        data. Columns that were in memory already cost nothing.
    steps
        Step by step.
    """

    rows: int
    bytes: int
    steps: tuple[StepCost, ...]

    def _lines(self) -> list[tuple[str, str, str]]:
        return [(step.name, f"{1_000 * step.seconds:,.3f} ms", "known" if step.known else "") for step in self.steps]

    def _facts(self) -> dict[str, str]:
        return {"Rows decoded": f"about {self.rows:,}", "Bytes decoded": f"about {self.bytes:,}"}

    def __repr__(self) -> str:
        lines = [f"{name}: {value}" for name, value in self._facts().items()]
        width = max((len(step.name) for step in self.steps), default=0)
        lines += [f"  {name:<{width}}  {time:>12}  {known}".rstrip() for name, time, known in self._lines()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return card("Profile", facts(self._facts()), table(("step", "time", ""), self._lines(), numeric=(1,)))


def coarse(number: int) -> int:
    """Round to two significant digits.

    Examples
    --------
    >>> coarse(123456), coarse(7)
    (120000, 10)
    """
    base = max(10, 10 ** (len(str(number)) - 2))
    return -(-number // base) * base


def profile(rows: int, size: int, steps: list[tuple[str, int, int]], shards: int) -> Profile:
    """Make a profile of what the core has measured."""
    costs = (StepCost(name, nanoseconds / 1e9, known == shards) for name, nanoseconds, known in steps)
    return Profile(coarse(rows), coarse(size), tuple(costs))
