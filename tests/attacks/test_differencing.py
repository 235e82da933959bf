"""An analyst who asks two hundred questions, each chosen by the answers so far, to single somebody out.

What was answered is judged with exact membership: a combination of answered sets that stands on a group exists exactly
where the group's columns of a basis of the null space are dependent.
"""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from kohort import _core

PRIME = (1 << 89) - 1
PERSONS = 90
THRESHOLD = 3


def null_space(masks: list[int]) -> list[list[int]]:
    """By person, the values of a basis of the vectors that every answered set is orthogonal to."""
    rows = [[mask >> person & 1 for person in range(PERSONS)] for mask in masks]
    pivots: list[int] = []
    for column in range(PERSONS):
        place = len(pivots)
        found = next((i for i in range(place, len(rows)) if rows[i][column]), None)
        if found is None:
            continue
        rows[place], rows[found] = rows[found], rows[place]
        scale = pow(rows[place][column], -1, PRIME)
        rows[place] = [value * scale % PRIME for value in rows[place]]
        for i, row in enumerate(rows):
            if i != place and row[column]:
                factor = row[column]
                rows[i] = [(a - factor * b) % PRIME for a, b in zip(row, rows[place], strict=True)]
        pivots.append(column)
    free = [column for column in range(PERSONS) if column not in pivots]
    of_person = [[int(column == person) for column in free] for person in range(PERSONS)]
    for place, pivot in enumerate(pivots):
        of_person[pivot] = [-rows[place][column] % PRIME for column in free]
    return of_person


def gives_away_up_to_two(masks: list[int]) -> bool:
    """Whether a combination stands on one person (a column of zeros) or on two (columns that are multiples)."""
    directions = set()
    for column in null_space(masks):
        first = next((value for value in column if value), None)
        if first is None:
            return True
        scale = pow(first, -1, PRIME)
        directions.add(tuple(value * scale % PRIME for value in column))
    return len(directions) < PERSONS


def questions(rng: random.Random, answered: list[int], attributes: list[int]) -> int:
    """The next question: an attribute, or a small change of what was answered, or a combination."""
    everybody = (1 << PERSONS) - 1
    kind = rng.randrange(6)
    one, other = (rng.choice(answered or attributes) for _ in range(2))
    if kind == 0:
        return rng.choice(attributes)
    if kind == 1:
        return one ^ 1 << rng.randrange(PERSONS)
    if kind == 2:
        return one & ~rng.choice(attributes) & everybody
    if kind == 3:
        return one | other
    if kind == 4:
        return one & other
    return one ^ rng.choice(attributes)


@pytest.mark.parametrize("seed", range(4))
def test_nobody_is_singled_out_by_two_hundred_questions(seed: int) -> None:
    rng = random.Random(seed)
    attributes = [sum((rng.random() < share) << person for person in range(PERSONS)) for share in (0.5, 0.5, 0.2, 0.8)]
    attributes += [(1 << age) - 1 for age in range(5, PERSONS, 7)]
    released, answered, refused = _core.ReleasedSets(THRESHOLD), [], 0
    for _ in range(200):
        mask = questions(rng, answered, attributes)
        asked = _core.PersonSet([person for person in range(PERSONS) if mask >> person & 1])
        if released.check([asked])[0] == "clear":
            released.add([asked])
            answered.append(mask)
        else:
            refused += 1
    assert refused > 20
    assert len(set(answered)) > 20
    assert not gives_away_up_to_two(answered)
    # The oracle sees what would have been given away: the first person's own indicator.
    assert gives_away_up_to_two([*answered, answered[0], answered[0] ^ 1])


def test_nested_age_ranges_are_not_peeled() -> None:
    """The attack of the research: 200,000 persons, ranges that grow by a few persons each."""
    rng = random.Random(5)
    released, answered, last = _core.ReleasedSets(11), [], 0
    for _ in range(300):
        last += rng.choice([1, 3, 9, 12, 400])
        asked = _core.PersonSet(list(range(last)))
        if released.check([asked])[0] == "clear":
            released.add([asked])
            answered.append(last)
    assert len(answered) > 50
    assert all(b - a >= 11 for a, b in pairwise(answered))
