"""The check of releases against earlier ones, beside an oracle that tries every small group."""

from __future__ import annotations

import span_oracle
from hypothesis import given, settings
from hypothesis import strategies as st
from kohort import _core


def person_set(mask: int) -> _core.PersonSet:
    return _core.PersonSet([person for person in range(64) if mask >> person & 1])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_exactly_the_releases_that_expose_a_small_group_are_refused(data: st.DataObject) -> None:
    persons = data.draw(st.integers(4, 12), label="persons")
    threshold = data.draw(st.integers(2, 3), label="threshold")
    sets = st.integers(0, (1 << persons) - 1)
    released, accepted = _core.ReleasedSets(threshold), []
    for batch in data.draw(st.lists(st.lists(sets, min_size=1, max_size=3), max_size=5), label="batches"):
        reason, _, _ = released.check([person_set(mask) for mask in batch])
        together = [*accepted, *batch]
        assert (reason != "clear") == span_oracle.exposed(together, persons, threshold)
        if reason == "clear":
            assert not span_oracle.isolated(together, persons, threshold)
            released.add([person_set(mask) for mask in batch])
            accepted = together


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_group_split_over_large_cells_is_never_isolated(data: st.DataObject) -> None:
    """Sets made of few blocks, as cohorts are: unions, intersections and differences of attributes."""
    blocks = data.draw(st.lists(st.integers(1, 3), min_size=4, max_size=6), label="block sizes")
    persons, threshold = sum(blocks), 3
    masks, first = [], 0
    for size in blocks:
        masks.append(((1 << size) - 1) << first)
        first += size
    released, accepted = _core.ReleasedSets(threshold), []
    for chosen in data.draw(st.lists(st.sets(st.integers(0, len(blocks) - 1)), max_size=12), label="queries"):
        mask = sum(masks[block] for block in chosen)
        reason, _, _ = released.check([person_set(mask)])
        assert (reason != "clear") == span_oracle.exposed([*accepted, mask], persons, threshold)
        if reason == "clear":
            released.add([person_set(mask)])
            accepted.append(mask)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, (1 << 40) - 1), min_size=1, max_size=6), st.integers(1, 12))
def test_a_check_changes_nothing(masks: list[int], threshold: int) -> None:
    released = _core.ReleasedSets(threshold)
    sets = [person_set(mask) for mask in masks]
    first = released.check(sets)
    assert released.check(sets) == first
    assert len(released) == 0
    released.add(sets)
    # Whoever has the counts already learns nothing from them.
    fresh = [one for mask, one in zip(masks, sets, strict=True) if not 0 < mask.bit_count() < threshold]
    assert all(released.check([one])[0] in {"clear", "difference"} for one in fresh)
