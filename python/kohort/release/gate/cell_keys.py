"""Cell keys: noise that follows from a set of persons and a secret, and from nothing else."""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import TYPE_CHECKING

from kohort.errors import ArgumentError
from kohort.release.gate.amounts import to_grain
from kohort.release.perturbation import perturbation_table
from kohort.release.protections import CellKeys

if TYPE_CHECKING:
    from kohort.release.gate.draft import Draft
    from kohort.release.gate.exact import Amount, Exact


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
        draft.amounts[amount.name] = [
            _amount(exact, draft, amount, row, keys[_cell(exact, amount, row)]) for row in range(len(exact.labels))
        ]
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


def _cell(exact: Exact, amount: Amount, row: int) -> int:
    return exact.of[row, exact.counts.index(amount.persons)]


def _amount(exact: Exact, draft: Draft, amount: Amount, row: int, key: int | None) -> float | None:
    way = draft.rules.protection
    cell = _cell(exact, amount, row)
    persons, value = exact.persons[cell], amount.values(row)
    if key is None or not isinstance(way, CellKeys) or draft.released[cell] < draft.rules.min_cell or not persons:
        return None
    # Worth as many persons as a large count changes by.
    table = perturbation_table(way.deviation, way.variance, way.forbidden)
    change = table.change(len(table.changes), _uniform(way.secret or b"", key, f"amount {amount.name}"))
    return to_grain(value + change * value / persons, persons, 1)
