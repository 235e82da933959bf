"""Cell keys: noise that follows from a set of persons and a secret, and from nothing else."""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import TYPE_CHECKING

from kohort.errors import ArgumentError
from kohort.release.gate.amounts import to_grain
from kohort.release.perturbation import perturbation_table

if TYPE_CHECKING:
    from kohort.release.gate.draft import Draft
    from kohort.release.gate.exact import Amount, Exact
    from kohort.release.protections import CellKeys


def perturb(exact: Exact, draft: Draft, way: CellKeys) -> None:
    """Perturb every count, and every amount, by the key of its persons.

    The key of a set goes through a keyed hash once more before it picks a change: keys of sets add up, and hashed keys
    tell nothing about those of unions. Amounts get a change of their own from the same key.
    """
    if way.secret is None:
        raise ArgumentError("these rules hold no secret for cell keys: give CellKeys(secret=...) where the data are")
    table = perturbation_table(way.deviation, way.variance, way.forbidden)
    keys = [_key(exact, cell, way.secret) for cell in range(len(exact.persons))]
    for cell, (persons, key) in enumerate(zip(exact.persons, keys, strict=True)):
        if key is None:
            # A complement that the table leaves out: no figure may be worked out from its exact count.
            draft.statuses[cell], draft.released[cell] = 3, 0
        else:
            draft.released[cell] = persons + table.change(persons, _uniform(way.secret, key, "count"))
        draft.decisions[cell].append("cell keys")
    for amount in {id(f.amount): f.amount for f in exact.derived if f.amount}.values():
        draft.amounts[amount.name] = [_amount(exact, draft, way, amount, row, keys) for row in range(len(exact.labels))]
    forbidden = f", none from 1 to {way.forbidden}" if way.forbidden else ""
    draft.did(
        "cell keys",
        f"counts are perturbed by their sets of persons: at most {way.deviation} persons, variance {way.variance:g}"
        f"{forbidden}; zeros stay; margins are perturbed by themselves; no cell is hidden",
    )


def _key(exact: Exact, cell: int, secret: bytes) -> int | None:
    people = exact.people[cell]
    if people is not None:
        return people.key(secret)
    if exact.positions[cell] is None:
        return None
    if exact.persons[cell] == 0:
        return 0
    raise ArgumentError(
        "cell keys need the set of persons behind every cell, and this table has counts alone: give the column of "
        "keys (see keys_of_persons), or choose another protection"
    )


def _uniform(secret: bytes, key: int, purpose: str) -> int:
    message = b"kohort cell " + key.to_bytes(8, "big") + purpose.encode()
    return int.from_bytes(hmac.digest(secret, message, sha256)[:8], "big")


def _amount(
    exact: Exact, draft: Draft, way: CellKeys, amount: Amount, row: int, keys: list[int | None]
) -> float | None:
    cell = exact.of[row, exact.counts.index(amount.persons)]
    persons, key, value = exact.persons[cell], keys[cell], amount.values(row)
    if key is None or draft.released[cell] < draft.rules.min_cell or not persons:
        return None
    table = perturbation_table(way.deviation, way.variance, 0)
    change = table.change(way.deviation, _uniform(way.secret or b"", key, f"amount {amount.name}"))
    return to_grain(value + change * value / persons, persons, 1)
