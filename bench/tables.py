"""What protection costs: cells hidden and price paid, beside primary suppression alone and beside the optimum.

Run it with ``python bench/tables.py [FOLDER]``; FOLDER holds z1.csv and z2.csv, example tables of GaussSuppression.
Primary suppression hides small counts only, and leaves most of them to be worked out from margins. The price is what
the search makes small: a margin is dearer than an inner cell, a large count dearer than a small one. "proven" says for
how many tables the optimum was reached for certain. Seconds are of the processor, a table each.
"""

from __future__ import annotations

import random
import sys
import time
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
from kohort.release import OutputRules
from kohort.release.gate import protect_table
from kohort.release.gate.optimal import prices
from kohort.release.tables import Source, table_of

SHAPES = [(5, 6), (8, 4), (10, 10), (13, 13), (3, 3, 3), (3, 4, 4)]
KINDS = {
    "skewed": lambda rng: int(rng.lognormvariate(3.5, 1.3)),
    "thin": lambda rng: rng.choice([0, 1, 4, 7, 9, 10, 11, 12, 13, 15, 25]),
}
TABLES = 3
SEARCHES = ("heuristic", "auto", "optimal")


def randomly(shape: tuple[int, ...], kind: str, seed: int) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Return a table of random counts."""
    rng = random.Random(seed)  # noqa: S311 - no secrets
    rows = [(*map(str, key), KINDS[kind](rng)) for key in product(*map(range, shape))]
    return pl.DataFrame(rows, schema=[*(f"d{axis}" for axis in range(len(shape))), "n"], orient="row"), {}


def published(path: Path) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Return a published table; regions have two hierarchies in one of them."""
    frame = pl.read_csv(path).rename({"ant": "n"})
    above = [name for name in ("fylke", "kostragr") if name in frame.columns]
    trees = [dict(frame.select("region", pl.col(name).cast(pl.String)).iter_rows()) for name in above]
    return frame.select("region", "hovedint", "n"), {"region": trees} if trees else {}


def line(name: str, tables: list[tuple[pl.DataFrame, dict[str, Any]]]) -> str:
    """Protect tables by every search and write the sums as a line."""
    cells = small = proven = 0
    hidden, paid, seconds = (dict.fromkeys(SEARCHES, 0.0) for _ in range(3))
    for frame, trees in tables:
        for search in SEARCHES:
            exact = table_of(frame, Source(frame.columns[:-1], "n", None, trees, None, ()), totals=True)
            start = time.process_time()
            rules = OutputRules(search=search)  # type: ignore[arg-type]
            release = protect_table(exact, title=name, kind="table", rules=rules)
            seconds[search] += time.process_time() - start
            status = {cell: release.statuses[row][j] for (row, j), cell in exact.of.items()}
            price = prices(exact.persons, exact.reluctance)
            hidden[search] += sum(each != "shown" for each in status.values())
            paid[search] += sum(price[cell] for cell, each in status.items() if each in {"protective", "withheld"})
        proven += "proven" in release.explain() or "no protective" in release.explain()
        cells += len(exact.persons)
        small += sum(0 < persons < 11 for persons in exact.persons)
    figures = [f"{small / cells:.0%}", *(f"{hidden[search] / cells:.0%}" for search in SEARCHES)]
    figures += [f"{paid[search] / paid['optimal']:.2f}" if paid["optimal"] else "1.00" for search in SEARCHES[:2]]
    figures += [f"{proven} of {len(tables)}", *(f"{seconds[search] / len(tables):.2f}" for search in SEARCHES)]
    return f"| {name} | {cells // len(tables)} | {' | '.join(figures)} |"


def main() -> None:
    """Print the table."""
    heads = ["table", "cells", "hidden: primary only", *SEARCHES, "price/optimum: heuristic", "auto", "proven"]
    heads += [f"s {search}" for search in SEARCHES]
    print(f"| {' | '.join(heads)} |")
    print("| --- " * len(heads) + "|")
    for shape, kind in product(SHAPES, KINDS):
        name = f"{' x '.join(map(str, shape))}, {kind}"
        print(line(name, [randomly(shape, kind, seed) for seed in range(TABLES)]), flush=True)
    for path in sorted(Path(sys.argv[1]).glob("z[12].csv")) if len(sys.argv) > 1 else []:
        print(line(path.stem, [published(path)]), flush=True)


if __name__ == "__main__":
    main()
