"""Progress bars: shown only when work takes more than a second."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tqdm import tqdm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Seconds before a bar appears.
DELAY = 1.0


@contextmanager
def progress_bar(label: str, *, show: bool = True) -> Iterator[Callable[[int, int], None] | None]:
    """Give a callback `(done, total)` that the core calls while it works; None where nothing is to be shown."""
    if not show:
        yield None
        return
    form = "{desc}: {percentage:3.0f}%|{bar}|"
    # disable=None: shown in a terminal or a notebook, not in a log file.
    with tqdm(desc=label, total=0, delay=DELAY, leave=False, bar_format=form, disable=None) as bar:

        def update(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield update


@contextmanager
def rows_bar(label: str, *, show: bool = True) -> Iterator[Callable[[int], object]]:
    """Give a callback that counts rows read."""
    hidden = None if show else True
    with tqdm(desc=label, unit=" rows", unit_scale=True, delay=DELAY, leave=False, disable=hidden) as bar:
        yield bar.update
