"""Microdata: kohort beside Polars, pandas, pyCANON and anonypy, on the same rows in one process.

    python bench/microdata.py [--rows 20000000] [--repeats 3] [--only classes,measures,mondrian,lattice,memory]

- ``classes``: k by classes of three shapes (192 thousand, 7 million, nearly all distinct cells), and from texts,
  beside Polars and pandas. All must agree on k and on the number of classes.
- ``measures``: pyCANON's ten measures on 3 million rows, each beside kohort's; those of the same definition must agree.
- ``lattice``: the best 5-anonymous generalization of Adult (30,162 rows, 9 quasi-identifiers, 12,960 nodes, Loss), with
  the reference data in ``$KOHORT_SHARED``. ARX does not run here: its times are those recorded, warm, on a machine of
  this kind. The whole of ``anonymize``, and the search alone.
- ``mondrian``: 30 thousand rows of 8 columns beside anonypy.
- ``memory``: k of 100 million rows of 3 columns in a Parquet file, in a process of its own whose peak memory is
  printed. Not run unless it is named.

pyCANON and anonypy are left out where they are not installed (``pip install pycanon anonypy``). Prints seconds (the
best of the repetitions, which alternate) and the ratio to kohort. Run it with a release build on a quiet machine.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import kohort as kh
import numpy as np
import polars as pl
from kohort import _core
from kohort.microdata.encoding import Encoded

#: What is asked of kohort: how many times faster than Polars, than pandas, than pyCANON, than anonypy.
POLARS, POLARS_TEXT, PANDAS, PYCANON, ANONYPY = 8, 4, 30, 100, 200


def clock(work: Callable[[], Any], repeats: int = 1) -> tuple[float, Any]:
    """Give the best time of the repetitions, and the answer."""
    best, answer = float("inf"), None
    for _ in range(repeats):
        start = time.perf_counter()
        answer = work()
        best = min(best, time.perf_counter() - start)
    return best, answer


def line(name: str, ours: float, others: dict[str, tuple[float, float]]) -> None:
    """Print a time of kohort's and the ratios to it, each with what is asked."""
    parts = [
        f"{who} {seconds:9.3f} s {seconds / ours:8.1f}x{'' if seconds / ours >= bar else f' (below {bar}x)'}"
        for who, (seconds, bar) in others.items()
    ]
    print(f"{name:44} kohort {ours:8.4f} s  " + "  ".join(parts), flush=True)


def population(rows: int, seed: int = 7) -> pl.DataFrame:
    """Sex, birth month and commune, with the skew of a real population, as the codes that registers write."""
    draw = np.random.default_rng(seed)
    sizes = draw.lognormal(6.1, 1.5, 35_000)
    commune = draw.choice(np.arange(35_000), rows, p=sizes / sizes.sum()).astype(np.int32)
    insee = np.sort(draw.choice(np.arange(1001, 97_500), 35_000, replace=False)).astype(np.int32)
    month = (1200 - np.minimum(draw.gamma(3.0, 170.0, rows), 1199)).astype(np.int32)
    return pl.DataFrame(
        {
            "sex": draw.integers(1, 3, rows).astype(np.int8),
            "birth_month": (month // 12 + 1924) * 100 + month % 12 + 1,
            "commune": insee[commune],
            "age": ((1200 - month) // 12).astype(np.int8),
            "cause": draw.integers(0, 960, rows).astype(np.int16),
            "even_commune": draw.integers(0, 35_000, rows).astype(np.int32),
            "even_age": draw.integers(0, 100, rows).astype(np.int8),
            "second": draw.integers(0, 2**31, rows).astype(np.int64),
        }
    )


def shapes(df: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame, list[str], float]]:
    """Name, frame, columns and what is asked, of each shape."""
    yield "192 thousand cells: sex x age x cause", df, ["sex", "even_age", "cause"], POLARS
    yield "7 million cells: sex x age x commune", df, ["sex", "even_age", "even_commune"], POLARS
    yield "nearly all distinct: sex x commune x second", df, ["sex", "commune", "second"], POLARS
    full = ["sex", "birth_month", "commune"]
    yield "sex x birth month x commune, integers", df, full, POLARS
    text = df.select(pl.col(full).cast(pl.String))
    yield "the same, categorical", text.select(pl.all().cast(pl.Categorical)), full, POLARS_TEXT
    yield "the same, strings", text, full, POLARS_TEXT


def with_kohort(df: pl.DataFrame, columns: list[str]) -> tuple[int, int]:
    sizes = _core.class_sizes(df.select(columns), columns)
    return sizes[0][0], sum(count for _, count in sizes)


def with_polars(df: pl.DataFrame, columns: list[str]) -> tuple[int, int]:
    sizes = df.group_by(columns).len()["len"]
    return sizes.min(), sizes.len()


def with_pandas(frame: Any, columns: list[str]) -> tuple[int, int]:
    sizes = frame.groupby(columns, observed=True, sort=False).size()
    return sizes.min(), len(sizes)


def classes(rows: int, repeats: int) -> None:
    print(f"\nclasses: {rows:,} rows, {pl.thread_pool_size()} threads, polars {pl.__version__}")
    for name, df, columns, bar in shapes(population(rows)):
        ours = theirs = float("inf")
        for _ in range(repeats):
            seconds, answer = clock(lambda df=df, columns=columns: with_kohort(df, columns))
            ours = min(ours, seconds)
            seconds, expected = clock(lambda df=df, columns=columns: with_polars(df, columns))
            theirs = min(theirs, seconds)
            assert answer == expected, (name, answer, expected)
        frame = df.select(columns).to_pandas()
        seconds, expected = clock(lambda frame=frame, columns=columns: with_pandas(frame, columns))
        assert answer == expected, (name, answer, expected)
        # Of texts nothing is asked beside pandas: both spend their time in reading them.
        line(name, ours, {"polars": (theirs, bar), "pandas": (seconds, PANDAS if bar == POLARS else 0)})


def measures(rows: int, repeats: int) -> None:
    """Run pyCANON's ten measures; where its definition is not the published one, only the time is compared."""
    if importlib.util.find_spec("pycanon") is None or not hasattr(kh, "t_closeness"):
        print("\nmeasures: left out, pyCANON is not installed")
        return
    from pycanon import anonymity  # noqa: PLC0415

    draw = np.random.default_rng(3)
    df = pl.DataFrame(
        {
            "sex": draw.choice(["F", "M"], rows),
            "age": draw.integers(0, 100, rows),
            "region": draw.choice([f"R{i:02}" for i in range(13)], rows),
            "cause": draw.choice([f"C{i:02}" for i in range(40)], rows, p=np.arange(40, 0, -1) / 820),
            "stay": draw.integers(0, 60, rows),
        }
    )
    frame, qi, cause = df.to_pandas(), ["sex", "age", "region"], "cause"
    pairs: dict[str, tuple[Callable[[], Any], Callable[[], Any], bool]] = {
        "k-anonymity": (lambda: kh.k_anonymity(df, qi), lambda: anonymity.k_anonymity(frame, qi), True),
        "(alpha,k)": (
            lambda: kh.alpha_k(df, qi, cause),
            lambda: anonymity.alpha_k_anonymity(frame, qi, [cause]),
            True,
        ),
        "distinct l": (lambda: kh.l_diversity(df, qi, cause), lambda: anonymity.l_diversity(frame, qi, [cause]), True),
        "entropy l": (
            lambda: kh.l_diversity(df, qi, cause, kind="entropy"),
            lambda: anonymity.entropy_l_diversity(frame, qi, [cause]),
            False,
        ),
        "recursive (c,l)": (
            lambda: kh.recursive_diversity(df, qi, cause, 3),
            lambda: anonymity.recursive_c_l_diversity(frame, qi, [cause]),
            False,
        ),
        "basic beta": (
            lambda: kh.beta_likeness(df, qi, cause),
            lambda: anonymity.basic_beta_likeness(frame, qi, [cause]),
            True,
        ),
        "enhanced beta": (
            lambda: kh.beta_likeness(df, qi, cause, enhanced=True),
            lambda: anonymity.enhanced_beta_likeness(frame, qi, [cause]),
            False,
        ),
        "t, equal distance": (
            lambda: kh.t_closeness(df, qi, cause),
            lambda: anonymity.t_closeness(frame, qi, [cause]),
            True,
        ),
        "t, ordered distance": (
            lambda: kh.t_closeness(df, qi, "stay", ordered=True),
            lambda: anonymity.t_closeness(frame, qi, ["stay"]),
            True,
        ),
        "delta-disclosure": (
            lambda: kh.delta_disclosure(df, qi, cause, base=np.e),
            lambda: anonymity.delta_disclosure(frame, qi, [cause]),
            True,
        ),
    }
    print(f"\nmeasures: {rows:,} rows")
    for name, (ours, theirs, same) in pairs.items():
        seconds, answer = clock(ours, repeats)
        slow, expected = clock(theirs)
        assert not same or np.allclose(answer, expected, rtol=1e-9), (name, answer, expected)
        line(name, seconds, {"pyCANON": (slow, PYCANON)})


def mondrian(rows: int, repeats: int) -> None:
    """Cut strictly at the median with both, k = 5; anonypy gives partitions, kohort the frame; ties differ."""
    draw = np.random.default_rng(4)
    numbers = {f"n{i}": draw.normal(50, 20, rows).astype(np.int64) for i in range(5)}
    texts = {f"t{i}": draw.choice([f"v{j}" for j in range(2 + 6 * i)], rows) for i in range(3)}
    df = pl.DataFrame({**numbers, **texts, "secret": draw.choice(["a", "b"], rows)})
    names = [*numbers, *texts]
    seconds, safe = clock(lambda: kh.mondrian(df, names, k=5), repeats)
    assert kh.k_anonymity(safe.frame, names) >= 5
    print(f"\nmondrian: {rows:,} rows, {len(names)} columns")
    if importlib.util.find_spec("anonypy") is None:
        print(f"kohort {seconds:.4f} s; anonypy is not installed")
        return
    import anonypy  # noqa: PLC0415

    frame = df.to_pandas()
    for name in texts:
        frame[name] = frame[name].astype("category")
    slow, partitions = clock(lambda: anonypy.Preserver(frame, names, "secret").anonymize_k_anonymity(k=5))
    assert min(part["count"] for part in partitions) >= 1
    line("k = 5", seconds, {"anonypy": (slow, ANONYPY)})


CHILD = """
import resource, sys, time
import kohort as kh
start = time.perf_counter()
k = kh.k_anonymity(sys.argv[1], sys.argv[2].split(","))
print(f"k = {k}: {time.perf_counter() - start:.1f} s, peak memory "
      f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")
"""


def lattice(repeats: int) -> None:
    """Find the best generalization of Adult; ARX's milliseconds are recorded ones."""
    shared = Path(os.environ.get("KOHORT_SHARED", "../shared")) / "data" / "microdata" / "arx" / "data"
    if not shared.is_dir():
        print(f"\nlattice: left out, the reference data are not at {shared}")
        return
    adult = pl.read_csv(shared / "adult.csv", separator=";", infer_schema=False)
    hierarchies = {name: kh.hierarchy.from_csv(shared / f"adult_hierarchy_{name}.csv") for name in adult.columns}
    print(f"\nlattice: {adult.height:,} rows, {adult.width} quasi-identifiers, ms; ARX as recorded")
    print(f"{'suppression':>12} {'anonymize':>10} {'search':>8} {'ARX':>8} {'ratio':>7} {'search':>7}   loss")
    for share, arx in ((0.0, 42.5), (0.04, 1649), (1.0, 5246)):
        budget = int(share * adult.height)
        encoded = Encoded(adult, hierarchies, [kh.KAnonymity(5)], budget, kh.Utility("loss"))
        search, _ = clock(lambda encoded=encoded: encoded.lattice.search(None), repeats)
        whole, safe = clock(
            lambda share=share: kh.anonymize(adult, hierarchies, models=kh.KAnonymity(5), max_suppression=share),
            repeats,
        )
        whole, search = whole * 1e3, search * 1e3
        ratios = f"{arx / whole:6.1f}x {arx / search:6.1f}x"
        print(f"{share:12.0%} {whole:10.1f} {search:8.1f} {arx:8.1f} {ratios}   {safe.loss:.6f}", flush=True)


def memory(rows: int) -> None:
    """Find k of a file, written in pieces, in a process of its own; below 2 GiB is asked."""
    print(f"\nmemory: {rows:,} rows of a Parquet file")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        pieces = Path(folder) / "pieces"
        pieces.mkdir()
        step = 5_000_000
        for number, start in enumerate(range(0, rows, step)):
            piece = population(min(step, rows - start), seed=number)
            texts = piece.select(cause_text=pl.format("cause {}", pl.col("cause")))
            pl.concat([piece, texts], how="horizontal").write_parquet(pieces / f"{number:04}.parquet")
        pl.scan_parquet(pieces / "*.parquet").sink_parquet(path)
        for columns in ("sex,birth_month,commune", "sex,commune,second", "sex,commune,cause_text"):
            done = subprocess.run(
                [sys.executable, "-c", CHILD, str(path), columns], check=True, capture_output=True, text=True
            )
            print(f"{columns:44} {done.stdout.strip()}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", default="classes,measures,mondrian,lattice")
    options = parser.parse_args()
    if _core.DEBUG_BUILD:
        raise SystemExit("this is a debug build of kohort: build with --release to measure")
    chosen = options.only.split(",")
    if "classes" in chosen:
        classes(options.rows, options.repeats)
    if "measures" in chosen:
        measures(options.rows * 3 // 20, options.repeats)
    if "mondrian" in chosen:
        mondrian(min(30_000, options.rows), options.repeats)
    if "lattice" in chosen:
        lattice(max(options.repeats, 7))
    if "memory" in chosen:
        memory(options.rows * 5)


if __name__ == "__main__":
    main()
