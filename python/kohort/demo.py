"""The demo warehouse: a synthetic French population with planted truths, made on first use and kept."""

from __future__ import annotations

import os
import shutil
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kohort import _core
from kohort._progress import progress_bar
from kohort.errors import ArgumentError
from kohort.ingest.session import SHARD_PERSONS
from kohort.opening import open_warehouse

if TYPE_CHECKING:
    from kohort.release import OutputRules
    from kohort.warehouse import Warehouse

#: The population that everybody gets who asks for nothing else.
SEED = 20_240_131


def cache_folder() -> Path:
    """Tell where demo warehouses are kept: ``KOHORT_CACHE``, or ``kohort`` in the user's cache folder."""
    given = os.environ.get("KOHORT_CACHE")
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "kohort"


def demo(
    persons: int = 200_000,
    *,
    seed: int = SEED,
    years: int = 10,
    events_per_person: float = 100.0,
    path: str | Path | None = None,
    rules: OutputRules | None = None,
    history: bool = False,
    progress: bool = True,
) -> Warehouse:
    """Open the demo warehouse; make it on first use.

    A synthetic population, not derived from anybody's data: sex, birth month, commune (invented codes of real
    structure), deliveries (ATC), diagnoses (ICD-10), procedures (CCAM) and hospital stays over ten years from 2011
    on, with chronic disease, seasons, deaths, moves and gaps in observation. Effects are planted in it, and recorded in
    ``wh.provenance["truths"]``, so that an analysis can be judged.

    Parameters
    ----------
    persons
        How many persons.
    seed
        The same seed gives the same persons, on any machine and number of threads.
    years
        Calendar years of observation.
    events_per_person
        Events per person wanted on average, over all domains.
    path
        Where to make it; without it, in the cache, to be found there the next time.
    rules
        The output rules to open it with.
    history
        Whether releases are remembered and protect later ones, as in any other warehouse.
    progress
        Show progress when it takes more than a second.

    Returns
    -------
    Warehouse
        Open.

    Raises
    ------
    ArgumentError
        When a population of this kind cannot be made.
    IngestError
        When `path` exists already.

    Examples
    --------
    >>> import kohort as kh
    >>> wh = kh.demo()
    >>> wh.domains
    ('diagnosis', 'drug', 'procedure', 'stay')
    """
    if not 0 < persons < 100_000_000:
        raise ArgumentError(f"a demo population of {persons} persons cannot be made: ask for 1 to 99,999,999")
    if path is not None:
        _make(Path(path), persons, seed, years, events_per_person, progress=progress)
        return open_warehouse(path, rules=rules, history=history)
    version = f"{_core.VERSION}.{_core.LAYOUT}"
    kept = cache_folder() / f"demo-{version}-{persons}-{seed}-{years}-{events_per_person:g}"
    if not (kept / "HEAD").exists():
        # Made under another name and renamed: two processes at once each make one, and the first one done stays.
        fresh = kept.with_name(f".{kept.name}-{uuid.uuid4().hex[:8]}")
        _make(fresh, persons, seed, years, events_per_person, progress=progress)
        try:
            fresh.rename(kept)
        except OSError:
            shutil.rmtree(fresh, ignore_errors=True)
    return open_warehouse(kept, rules=rules, history=history)


def _make(path: Path, persons: int, seed: int, years: int, events_per_person: float, *, progress: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with progress_bar(f"making {persons:,} persons", show=progress) as callback:
        _core.make_demo(
            path,
            persons=persons,
            seed=seed,
            first_year=2011,
            years=years,
            events_per_person=events_per_person,
            shard_persons=SHARD_PERSONS,
            now=datetime.now(tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            progress=callback,
        )
