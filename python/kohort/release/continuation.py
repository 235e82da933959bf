"""The last question before a table leaves that continues earlier ones: does it narrow what they left open?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort.errors import DisclosureError
from kohort.release.attack import attack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kohort.release.attack import Interval
    from kohort.release.released import Release


def check_against(release: Release, earlier: Sequence[Release]) -> None:
    """Attack a release together with earlier ones.

    Parameters
    ----------
    release
        The new table, not yet handed out.
    earlier
        What is out.

    Raises
    ------
    DisclosureError
        If a small cell of any of them could be told more closely than its rules allow, or a withheld one more closely within
        the small range than before.
    """
    least = release.rules.min_cell
    before = attack(*earlier).intervals
    after = attack(*earlier, release).intervals
    for found, old in zip(after, before, strict=False):
        if _within(found, least) != _within(old, least):
            raise DisclosureError(_message(found))
    for found in after[len(before) :]:
        if found.status == "small" and (found.low > 1 or (found.high is not None and found.high < least - 1)):
            raise DisclosureError(_message(found))


def _within(interval: Interval, least: int) -> tuple[int, int]:
    """Return the part of an interval that lies in the small range; all that is certain above it is alike."""
    high = least if interval.high is None else min(interval.high, least)
    return max(interval.low, 1) if interval.low < least else least, high


def _message(found: Interval) -> str:
    where = " / ".join(found.row)
    return (
        f"together with what was released before, the row {where!r} could be told too closely: release the tables "
        "together with release_tables, or a coarser one now"
    )
