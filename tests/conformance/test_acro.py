"""Beside ACRO 1.0.2: its recorded outputs, its generator of tables with known unsafe cells, and its reader of results.

Where ACRO hides a count, or says that it means to, kohort hides it too under equal parameters: threshold 10, zeros
hidden. Run as a script, it writes the table that `docs/acro.md` holds.
"""

import ast
import json
import os
import sys
from itertools import combinations, product
from pathlib import Path

import kohort as kh
import polars as pl
import pytest
from lp_solver import recovered

SHARED = Path(os.environ.get("KOHORT_SHARED", Path(__file__).parents[2] / ".." / "shared"))
CASES = "data/microdata/acro/acro_cases.json"
COUNTS = ["count_year_grant", "count_year_grant_margins", "count_2x2"]
ACRO = kh.OutputRules(min_cell=10, show_zeros=False)
FRENCH = kh.OutputRules(min_cell=10, show_zeros=True)
THRESHOLD, SYNTHETIC = 10, "ABC"


def labels_of(text):
    """ACRO's label of a row or column: a word, or the text of a tuple. Its margin is called All."""
    read = ast.literal_eval(text) if text.startswith("(") else (text,)
    return tuple("Total" if label == "All" else str(label) for label in read)


def cells_of(case):
    """What a recorded output prints, by the labels of each cell."""
    rows, columns = map(labels_of, case["index"]), [labels_of(text) for text in case["columns"]]
    return {
        (*row, *column): n
        for row, line in zip(rows, case["table"], strict=True)
        for column, n in zip(columns, line, strict=True)
    }


def meant(case):
    """The cells that ACRO's checks name."""
    rows, columns = [*map(labels_of, case["index"])], [*map(labels_of, case["columns"])]
    named = case["sdc"]["cells"]
    return {
        (*rows[i], *columns[j])
        for check in ("MinimumThresholdCheck", "PresenceOfZeroCheck")
        for i, j in named.get(check, [])
    }


def pairs(cases):
    """Each count table: its exact cells, what ACRO prints when it hides, and what its checks name."""
    for name in COUNTS:
        exact, hides = (next(c for c in cases if c["name"] == name and c["suppress"] == s) for s in (False, True))
        yield name, cells_of(exact), cells_of(hides), meant(exact)


def release(exact, rules, *, totals):
    """The same table at kohort's gate."""
    names = [f"d{axis}" for axis in range(len(next(iter(exact))))]
    rows = [(*labels, n) for labels, n in exact.items()]
    df = pl.DataFrame(rows, schema=[*names, "n"], orient="row")
    return kh.release_table(df, dimensions=names, rules=rules, totals=totals)


def hidden(found):
    return {labels for labels, marks in zip(found.labels, found.statuses, strict=True) if marks[0] != "shown"}


def synthetic():
    """ACRO's SyntheticData: 4 variables of 3 labels, 11 rows a combination, 5 where the 1st, 3rd and 4th are C."""
    return {key: 5 if key[0] == key[2] == key[3] == "C" else 11 for key in product(SYNTHETIC, repeat=4)}


def over(cells, kept):
    """The counts of some of the variables."""
    answer = {}
    for key, n in cells.items():
        short = tuple(key[axis] for axis in kept)
        answer[short] = answer.get(short, 0) + n
    return answer


def subsets():
    """ACRO's unsafe tables of 1 to 4 variables, and all 15 choices of variables of the whole."""
    whole = synthetic()
    c = {
        axis: {key: n for key, n in whole.items() if all(key[a] == "C" for a in axis)}
        for axis in ((3,), (2, 3), (1, 2, 3))
    }
    yield "unsafe 1d", over(c[1, 2, 3], (0,))
    yield "unsafe 2d", over(c[2, 3], (0, 1))
    yield "unsafe 3d", over(c[3,], (0, 1, 2))
    for size in range(1, 5):
        for kept in combinations(range(4), size):
            yield f"variables {', '.join(str(axis + 1) for axis in kept)}", over(whole, kept)


def test_the_generator_is_acro_s():
    cells = synthetic()
    assert (len(cells), sum(cells.values()), sum(n < THRESHOLD for n in cells.values())) == (81, 873, 3)


def test_what_acro_hides_is_hidden(shared):
    cases = json.loads(shared(CASES).read_text())
    for name, exact, printed, named in pairs(cases):
        margins = any("Total" in labels for labels in exact)
        mine = hidden(release(exact, ACRO, totals=margins))
        gone = {labels for labels, n in printed.items() if n is None}
        assert gone | named <= mine, name
        if not margins:
            assert gone == named == mine, name


def test_margins_that_give_a_cell_away_in_acro_do_not_here(shared):
    cases = json.loads(shared(CASES).read_text())
    ((_, exact, printed, named),) = [pair for pair in pairs(cases) if "margins" in pair[0]]
    # The recorded output prints the very cells that its checks name.
    assert all(printed[labels] == exact[labels] < THRESHOLD for labels in named)
    # Were they masked, its margins would give every one away.
    assert recovered({labels: None if labels in named else n for labels, n in exact.items()}) == {
        labels: exact[labels] for labels in named
    }
    found = release(exact, ACRO, totals=True)
    assert recovered(dict(zip(found.labels, (values[0] for values in found.values), strict=True))) == {}
    assert all(interval.low <= 1 and interval.high >= THRESHOLD - 1 for interval in found.attack().intervals)


@pytest.mark.parametrize("totals", [False, True])
@pytest.mark.parametrize(("name", "cells"), list(subsets()))
def test_tables_of_the_generator(name, cells, totals):
    small = {labels for labels, n in cells.items() if n < THRESHOLD}
    for rules in (ACRO, FRENCH):
        found = release(cells, rules, totals=totals)
        assert small <= hidden(found)
        if not totals or not small:
            assert small == hidden(found)
        tightest = found.attack().tightest
        assert (tightest is None) == (not small)
        assert tightest is None or (tightest.low <= 1 and tightest.high >= THRESHOLD - 1)


def test_acro_reads_what_is_exported(tmp_path):
    acro = pytest.importorskip("acro.record", reason="ACRO is not installed: it needs pandas 2")
    exact = {(a, b): n for (a, b), n in zip(product("xy", "abc"), [3, 40, 50, 60, 70, 80], strict=True)}
    found = release(exact, ACRO, totals=True)
    records = acro.load_records(str(found.export(tmp_path / "out")))
    output = records.get_index(0)
    assert (output.uid, output.status, output.output_type) == ("output_0", "review", "table")
    (frame,) = output.output
    assert frame["n"].isna().sum() == len(hidden(found))
    assert sum(map(len, output.sdc["cells"].values())) == len(hidden(found))
    assert (output.outcome["n"] != "ok").sum() == len(hidden(found))
    records.finalise(str(tmp_path / "again"), "json")
    assert (tmp_path / "again" / "results.json").exists()


@pytest.mark.parametrize(
    ("name", "cells"), [pair for pair in subsets() if pair[0].startswith("unsafe") or len(pair[1]) == 81]
)
def test_acro_hides_what_is_said_of_it(name, cells, tmp_path, monkeypatch):
    """Where ACRO is installed it is run: its tables of the generator hide the cells below 10, and no others."""
    acro = pytest.importorskip("acro", reason="ACRO is not installed: it needs pandas 2")
    pandas = pytest.importorskip("pandas")
    monkeypatch.chdir(tmp_path)
    rows = [key for key, n in cells.items() for _ in range(n)]
    columns = [pandas.Series([row[axis] for row in rows], name=f"v{axis}") for axis in range(len(rows[0]))]
    columns.append(pandas.Series(["all"] * len(rows), name="whole"))
    got = acro.ACRO(suppress=True).crosstab(columns[:-1] if len(columns) > 2 else columns[0], columns[-1])
    blank = got.isna().to_numpy().ravel()
    keys = [index if isinstance(index, tuple) else (index,) for index in got.index]
    small = {key for key, n in cells.items() if n < THRESHOLD}
    assert {key for key, gone in zip(keys, blank, strict=True) if gone} == small


def counted(name, exact, gone, rules, *, totals):
    found = release(exact, rules, totals=totals)
    mine, values = hidden(found), dict(zip(found.labels, (values[0] for values in found.values), strict=True))
    names = set(found.labels)
    masked = {labels: None if labels in gone else n for labels, n in exact_with_margins(exact, names).items()}
    tightest = found.attack().tightest
    lost = f"{tightest.low} to {tightest.high}" if tightest else "-"
    zeros = "shown" if rules.show_zeros else "hidden"
    both, acro, kohort = len(mine & gone), len(gone - mine), len(mine - gone)
    return [name, zeros, len(names), both, acro, kohort, len(recovered(masked)), len(recovered(values)), lost]


def exact_with_margins(exact, names):
    inner = {key: n for key, n in exact.items() if "Total" not in key}
    return {
        name: sum(n for key, n in inner.items() if all(a in {"Total", b} for a, b in zip(name, key, strict=True)))
        for name in names
    }


def table():
    """Every comparison, a line each."""
    heads = ["table", "zeros", "cells", "hidden by both", "by ACRO alone", "by kohort alone"]
    heads += ["recovered from ACRO's by true margins", "recovered from kohort's", "tightest interval in kohort's"]
    lines = ["| " + " | ".join(heads) + " |", "| --- | ---" + " | ---:" * 6 + " | --- |"]
    rows = []
    for name, exact, printed, named in pairs(json.loads((SHARED / CASES).read_text())):
        gone = {labels for labels, n in printed.items() if n is None} | named
        rows += [counted(name, exact, gone, rules, totals="margins" in name) for rules in (ACRO, FRENCH)]
    for name, cells in subsets():
        small = {labels for labels, n in cells.items() if n < THRESHOLD}
        for told, totals in ((f"generator, {name}", False), (f"generator, {name}, margins", True)):
            rows += [counted(told, cells, small, ACRO, totals=totals)] if small else []
    return lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]


if __name__ == "__main__":
    sys.stdout.write("\n".join([*table(), ""]))
