"""What the check of a release against all earlier ones costs.

Run it with ``python bench/history.py [--persons N] [--releases N] [--seed N]``; by default 1,000 releases of a
warehouse of 10 million persons. Populations are combinations of forty attributes that hold from one person in 100,000
to one in three: an attribute, two at once, one or the other, one without the other; or an earlier population cut
further. All are recorded as a session would record them: checked, encrypted, written, in the ledger. Then new
populations are checked against all of them, one by one, and a table of a hundred cells with its margins at once; each
in processor time, which other work on the machine disturbs less, and in time that passed. Opening is measured apart:
it reads, decrypts and compares every set again.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from kohort import _core
from kohort.errors import DifferencingError
from kohort.hosting import History, Identity, KeyFile

if TYPE_CHECKING:
    from collections.abc import Callable

    Bits = np.ndarray[tuple[int], np.dtype[np.uint8]]

THRESHOLD = 11
TRIED = 20


class Populations:
    """Populations as a session asks for them, as packed bits."""

    def __init__(self, persons: int, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        shares = 10 ** self.random.uniform(-5, -0.5, 40)
        self.attributes = [np.packbits(self.random.random(persons) < share, bitorder="little") for share in shares]
        self.earlier: list[Bits] = []

    def next(self) -> Bits:
        """Give the population that is asked for next."""
        one, other = (self.attributes[i] for i in self.random.choice(len(self.attributes), 2, replace=False))
        if self.earlier and self.random.random() < 0.3:
            one = self.earlier[self.random.integers(len(self.earlier))]
        found = [one, one & other, one | other, one & ~other][self.random.integers(4)]
        self.earlier = [*self.earlier[-30:], found]
        return found


def opaque(bits: Bits) -> _core.PersonSet:
    return _core.PersonSet.of_bits(bits.tobytes())


def name(number: int) -> Identity:
    return Identity(f"plan {number}", "1", "policy", "count")


def spent(work: Callable[[], object]) -> tuple[float, float]:
    """Processor time and time that passed, in milliseconds."""
    processor, passed = time.process_time(), time.perf_counter()
    work()
    return 1e3 * (time.process_time() - processor), 1e3 * (time.perf_counter() - passed)


def told(what: str, times: list[tuple[float, float]]) -> None:
    processor, passed = (sorted(column) for column in zip(*times, strict=True))
    middle = len(processor) // 2
    print(
        f"{what:<44} processor {processor[middle]:8.1f} ms (worst {processor[-1]:8.1f}), "
        f"passed {passed[middle]:8.1f} ms (worst {passed[-1]:8.1f})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--persons", type=int, default=10_000_000)
    parser.add_argument("--releases", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    populations = Populations(arguments.persons, arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        key = KeyFile(Path(folder) / "ledger.key")
        place = Path(folder) / "warehouse" / "ledger"
        history = History(place, key=key, threshold=THRESHOLD)
        asked = refused = 0
        times = []
        while history.releases < arguments.releases:
            asked += 1
            new, identity = opaque(populations.next()), name(asked)
            before = history.releases
            try:
                cost = spent(lambda new=new, identity=identity: history.record([new], identity, title="A cohort"))
            except DifferencingError:
                refused += 1
                continue
            if history.releases > before:
                times.append(cost)
        print(f"{arguments.releases:,} releases of {arguments.persons:,} persons; {refused} more were refused")
        told("recording one of the last hundred", times[-100:])
        news = [opaque(populations.next()) for _ in range(TRIED)]
        told("making a set of persons", [spent(lambda: opaque(populations.earlier[-1]))])
        checks = [spent(lambda new=new: history.check([new], name(0))) for new in news]
        told("checking one new release", checks)
        cells = np.random.default_rng(9).integers(0, 100, arguments.persons)
        table = [opaque(np.packbits(cells == cell, bitorder="little")) for cell in range(100)]
        table += [opaque(np.packbits(cells // 10 == row, bitorder="little")) for row in range(10)]
        told("checking a table of 100 cells and 10 margins", [spent(lambda: history.check(table, name(0)))])
        again: list[History] = []
        told("opening", [spent(lambda: again.append(History(place, key=key, threshold=THRESHOLD)))])
        disk = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"on disk {disk >> 20:,} MiB; memory at most {memory >> 10:,} MiB, with two histories open")


if __name__ == "__main__":
    main()
