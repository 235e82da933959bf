"""k of many rows: kohort beside polars and pandas, on the same columns in one process.

    python bench/kanon.py [--rows 20000000] [--repeat 3] [--without-pandas]

Prints seconds (the best of the repetitions, which alternate) and the ratio to kohort. All must agree on k and on
the number of classes. Run it with a release build, and set POLARS_MAX_THREADS to the cores that kohort gets.
"""

import argparse
import time

import numpy as np
import polars as pl
from kohort import _core


def population(rows, seed=7):
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
            "day": draw.integers(0, 2**31, rows).astype(np.int64),
        }
    )


def shapes(df):
    """Name, frame and columns of each shape."""
    full = ["sex", "birth_month", "commune"]
    yield "sex x birth month x commune, integers", df, full
    text = df.select(pl.col(full).cast(pl.String))
    yield "the same, categorical", text.select(pl.all().cast(pl.Categorical)), full
    yield "the same, strings", text, full
    yield "sex x age x cause (192,000 cells)", df, ["sex", "age", "cause"]
    yield "sex x commune x second (nearly all distinct)", df, ["sex", "commune", "day"]


def with_kohort(df, columns):
    sizes = _core.class_sizes(df.select(columns), columns)
    return sizes[0][0], sum(count for _, count in sizes)


def with_polars(df, columns):
    sizes = df.group_by(columns).len()["len"]
    return sizes.min(), sizes.len()


def with_pandas(frame, columns):
    sizes = frame.groupby(columns, observed=True, sort=False).size()
    return sizes.min(), len(sizes)


def clock(work, *arguments):
    start = time.perf_counter()
    answer = work(*arguments)
    return time.perf_counter() - start, answer


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--without-pandas", action="store_true")
    options = parser.parse_args()
    if _core.DEBUG_BUILD:
        raise SystemExit("this is a debug build of kohort: build with --release to measure")
    print(f"{options.rows:,} rows, {pl.thread_pool_size()} polars threads, polars {pl.__version__}")
    print(f"{'shape':46} {'classes':>11} {'kohort s':>9} {'polars s':>9} {'ratio':>6} {'pandas s':>9} {'ratio':>6}")
    for name, df, columns in shapes(population(options.rows)):
        ours, theirs = [], []
        for _ in range(options.repeat):
            seconds, answer = clock(with_kohort, df, columns)
            ours.append(seconds)
            seconds, expected = clock(with_polars, df, columns)
            theirs.append(seconds)
            assert answer == expected, (name, answer, expected)
        line = f"{name:46} {answer[1]:>11,} {min(ours):9.3f} {min(theirs):9.3f} {min(theirs) / min(ours):6.1f}"
        if not options.without_pandas:
            seconds, expected = clock(with_pandas, df.select(columns).to_pandas(), columns)
            assert answer == expected, (name, answer, expected)
            line += f" {seconds:9.3f} {seconds / min(ours):6.1f}"
        print(line, flush=True)


if __name__ == "__main__":
    main()
