# ruff: noqa: T201 - seeded tables, and the count of what was attacked is printed
"""Group disclosure on random tables, against a reader who has a solver and knows the rule."""

from __future__ import annotations

import random
from itertools import product

import numpy as np
import polars as pl
import pytest
from kohort.release import OutputRules, release_incidence, release_table
from scipy.optimize import linprog

TOTAL = "Total"


def sums_along(keys):
    """Every total with its parts, along each dimension."""
    answer = []
    for key in keys:
        for axis, label in enumerate(key):
            if label == TOTAL:
                rest = [
                    k for k in keys if k[axis] != TOTAL and k[:axis] + k[axis + 1 :] == key[:axis] + key[axis + 1 :]
                ]
                answer.append((key, rest))
    return answer


class Reader:
    """Every table that agrees with what is shown, with the statuses, and with the rule."""

    def __init__(self, cells, sums, lines, least, share):
        self.cells, self.sums, self.share = cells, sums, share
        self.names = list(cells)
        self.column = {name: j for j, name in enumerate(self.names)}
        self.lines = lines
        self.withheld = [
            line
            for line, (_, parts, _) in enumerate(lines)
            if all(cells[part][1] in {"withheld", "unknown"} or cells[part][0] == 0 for part in parts)
            and any(cells[part][1] == "withheld" for part in parts)
        ]
        zero = {part for line in self.withheld for part in lines[line][1]}
        for total, parts in sums:
            if cells[total][1] in {"small", "withheld"} and all(cells[p][0] in {None, 0} for p in parts):
                zero.update(parts)
        if all(status in {"withheld", "unknown"} for _, status in cells.values()):
            zero = set(cells)
        self.bounds = []
        for name, (value, status) in cells.items():
            low = 0 if name in zero or status == "unknown" else 1
            known = {"shown": (value, value), "small": (low, least - 1), "protective": (least, None)}
            self.bounds.append(known.get(status, (low, None)))
        self.matrix = self._rows([{total: 1, **dict.fromkeys(parts, -1)} for total, parts in sums])
        # A line that is broken down, if only in part, is not dominated.
        self.known = [
            ({part: 1, total: -share}, 0)
            for line, (total, parts, sensitive) in enumerate(lines)
            if line not in self.withheld and cells[total][1] in {"shown", "protective"}
            for part in sensitive
        ]

    def _rows(self, rows):
        answer = np.zeros((len(rows), len(self.names)))
        for i, row in enumerate(rows):
            for name, factor in row.items():
                answer[i, self.column[name]] = factor
        return answer

    def solve(self, cost, extra=()):
        limits = [*self.known, *extra]
        answer = linprog(
            self._rows([cost])[0],
            A_eq=self.matrix if self.sums else None,
            b_eq=np.zeros(len(self.sums)) if self.sums else None,
            A_ub=self._rows([row for row, _ in limits]) if limits else None,
            b_ub=[bound + 1e-6 for _, bound in limits] if limits else None,
            bounds=self.bounds,
            method="highs",
        )
        if answer.status == 3:
            return -np.inf
        return None if answer.status == 2 else answer.fun

    def even(self, line):
        """Constraints under which no sensitive part dominates a line."""
        total, _, sensitive = self.lines[line]
        return [({part: 1, total: -self.share}, -0.9) for part in sensitive]


def check(cells, sums, lines, truth, rules):
    """The laws; returns how many dominated lines and small cells were attacked."""
    share, least = rules.group_share, rules.min_cell
    reader = Reader(cells, sums, lines, least, share)
    assert reader.solve({}) is not None
    dominated = [
        line
        for line, (total, _, sensitive) in enumerate(lines)
        if truth[total] >= least and max(truth[part] for part in sensitive) >= share * truth[total]
    ]
    alone = 0
    for line in dominated:
        parts = lines[line][1]
        assert line in reader.withheld, (truth, line)
        assert all(cells[part][1] != "shown" or known_zero(part, cells, sums) for part in parts)
        assert reader.solve({}, reader.even(line)) is not None, (truth, lines[line])
        # Another withheld line may be the dominated one.
        others = [other for other in reader.withheld if other != line and not set(parts) & set(lines[other][1])]
        alone += not any(
            reader.solve({}, [*reader.even(line), ({lines[other][0]: share, part: -1}, 0)]) is not None
            for other in others
            for part in lines[other][2]
        )
    small = [n for n, count in truth.items() if 0 < count < least]
    for name in small:
        assert cells[name][1] != "shown"
        low, high = reader.solve({name: 1}), reader.solve({name: -1})
        assert low <= 1 + 1e-4, (truth, name, low)
        assert -high >= least - 1 - 1e-4, (truth, name, high)
    for name, (value, status) in cells.items():
        assert status != "shown" or value == truth[name]
    return len(dominated), len(small), alone


def known_zero(part, cells, sums):
    return cells[part][0] == 0 and any(part in parts and cells[total][0] == 0 for total, parts in sums)


@pytest.mark.parametrize("levels", [None, ["l0"]])
def test_no_dominated_line_can_be_deduced(levels):
    rng, found = random.Random(str(levels)), np.zeros(3, int)
    for _ in range(50):
        rules = OutputRules(min_cell=rng.choice([5, 11]), group_share=rng.choice([0.8, 0.9, 1.0]))
        shape = rng.choice([(3, 2), (4, 3), (6, 2), (2, 3, 2), (4,)])
        names = [f"d{i}" for i in range(len(shape))]
        inner = {}
        for key in product(*([f"l{i}" for i in range(n)] for n in shape)):
            weight = 1 if rng.random() < 0.6 else rng.choice([0, 0, 30])
            inner[key] = int(rng.lognormvariate(3, 0.8)) * weight
        truth = {}
        for key, n in inner.items():
            for cover in product(*((label, TOTAL) for label in key)):
                truth[cover] = truth.get(cover, 0) + n
        frame = pl.DataFrame([(*k, n) for k, n in inner.items()], schema=[*names, "n"], orient="row")
        name, axis = names[-1], len(names) - 1
        release = release_table(frame, dimensions=names, sensitive={name: levels} if levels else [name], rules=rules)
        table = release.to_polars()
        cells = {row[:-2]: row[-2:] for row in table.iter_rows()}
        sums = sums_along(list(cells))
        lines = [
            (total, parts, [p for p in parts if not levels or p[axis] in levels])
            for total, parts in sums
            if total[axis] == TOTAL and TOTAL not in {part[axis] for part in parts}
        ]
        found += check(cells, sums, lines, truth, rules)
    print(f"\n{found[0]} dominated lines and {found[1]} small cells attacked; {found[2]} lines could only be the one")
    assert found[0] > 30
    assert found[2] <= 0.2 * found[0]


def test_incidence_does_not_tell_that_everyone_had_the_event():
    rng, found = random.Random(8), np.zeros(3, int)
    for _ in range(40):
        rules = OutputRules()
        shape = rng.choice([(4,), (6,), (2, 3)])
        names = [f"d{i}" for i in range(len(shape))]
        rows, truth = [], {}
        for key in product(*([f"l{i}" for i in range(n)] for n in shape)):
            persons = int(rng.lognormvariate(5, 1))
            events = int(persons * rng.choice([0, 0.1, 0.5, 0.95, 1]))
            rows.append((*key, persons, events, persons * 300))
            for cover in product(*((label, TOTAL) for label in key)):
                for name, n in (("persons", persons), ("events", events), ("without", persons - events)):
                    truth[name, *cover] = truth.get((name, *cover), 0) + n
        table = release_incidence(rows, names, rules=rules).to_polars()
        cells, sums, lines = {}, [], []
        keys = list(table.select(names).iter_rows())
        for name in ("persons", "events"):
            columns = zip(keys, table[name].to_list(), table[f"{name}_status"].to_list(), strict=True)
            cells |= {(name, *key): (value, status) for key, value, status in columns}
        for key in keys:
            cells["without", *key] = (None, "unknown")
            lines.append((("persons", *key), [("events", *key), ("without", *key)], [("events", *key)]))
        for name in ("persons", "events", "without"):
            sums += [((name, *total), [(name, *part) for part in parts]) for total, parts in sums_along(keys)]
        sums += [(total, parts) for total, parts, _ in lines]
        found += check(cells, sums, lines, truth, rules)
    print(f"\n{found[0]} dominated strata and {found[1]} small cells attacked; {found[2]} strata could only be the one")
    assert found[0] > 30
