"""A frame, its hierarchies and its models as the core's lattice reads them."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import polars as pl

from kohort import _core
from kohort._frames import open_frame
from kohort.errors import ArgumentError
from kohort.hierarchy.base import TOP
from kohort.hierarchy.tables import Table
from kohort.microdata import checks
from kohort.microdata.arrangement import in_order, in_tree
from kohort.microdata.models import KAnonymity, TCloseness
from kohort.microdata.population import alike
from kohort.microdata.risk_models import AverageRisk, KMap

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kohort.hierarchy import Hierarchy
    from kohort.microdata.utility import Utility

#: No level is called so: levels are numbers.
ROW = "row"


class Encoded:
    """Rows, hierarchies and models, ready for a search; levels as tables of the values that occur."""

    def __init__(
        self,
        rows: pl.DataFrame,
        hierarchies: Mapping[str, Hierarchy],
        models: Sequence[Any],
        budget: int,
        utility: Utility,
    ) -> None:
        names = list(hierarchies)
        sensitive = _Sensitive()
        requests = [_request(model, rows.height, sensitive) for model in models]
        combined = _with_population(rows, names, sensitive.names, models)
        # Names of our own: a column may be sensitive twice, and Arrow's names end at the first zero byte.
        quasi = [f"q{number}" for number in range(len(names))]
        secret = [f"s{number}" for number in range(len(sensitive.names))]
        both = zip([*names, *sensitive.names], [*quasi, *secret], strict=True)
        combined = combined.select(pl.col(name).alias(new) for name, new in both)
        microdata = _core.Microdata(combined, quasi, secret, rows.height)
        #: Per quasi-identifier a column per level: what each value that occurs becomes.
        self.levels: dict[str, pl.DataFrame] = {}
        encoded = []
        for number, (name, hierarchy) in enumerate(hierarchies.items()):
            leaves = combined[quasi[number]].gather(microdata.representatives(number)).alias("0")
            labels, codes, shares, total = _tables(leaves, generalized(name, hierarchy, leaves), hierarchy, name)
            self.levels[name] = labels
            encoded.append((codes, shares, total, float(utility.weights.get(name, 1.0))))
        if max(weight for *_, weight in encoded) == 0:
            raise ArgumentError("all weights are 0, so that nothing counts: give one column a weight at least")
        released = combined.head(rows.height)
        grounds = [
            sensitive.ground(number, released[name].gather(microdata.sensitive_representatives(number)))
            for number, name in enumerate(secret)
        ]
        request = json.dumps({"models": requests, "budget": budget})
        self.lattice = microdata.lattice(encoded, grounds, request, utility.request())
        self.groups = microdata.groups()

    @property
    def heights(self) -> dict[str, int]:
        """The last level of each hierarchy."""
        return {name: table.width - 1 for name, table in self.levels.items()}

    def recode(self, rows: pl.DataFrame, levels: Sequence[int]) -> tuple[pl.DataFrame, pl.Series, pl.Series]:
        """Give the generalized columns, the class size of each row, and which rows are suppressed."""
        codes = pl.DataFrame(self.lattice.recode(list(levels)))
        columns = []
        for number, ((name, table), level) in enumerate(zip(self.levels.items(), levels, strict=True)):
            if level == 0:
                columns.append(rows[name])
            else:
                # The core numbers the labels of a level as they first appear, value by value.
                labels = table[str(level)].unique(maintain_order=True)
                columns.append(labels.gather(codes[str(number)]).alias(name))
        return pl.DataFrame(columns), codes["class_size"], codes["suppressed"]


def generalized(name: str, hierarchy: Hierarchy, values: pl.Series) -> pl.DataFrame:
    """Give the levels of a column's values; an error says which column it is about."""
    try:
        if values.null_count() == values.len():
            return hierarchy.levels(pl.Series([None])).with_columns(pl.col("0").cast(values.dtype))
        return hierarchy.levels(values)
    except ArgumentError as error:
        raise ArgumentError(f"column {name!r}: {error}") from None


def includes_missing(hierarchy: Hierarchy, table: pl.DataFrame, level: int) -> bool:
    """Tell whether a level says nothing of a value, so that a missing one is no exception to it."""
    if level == 0 or level < table.width - 1 or table[str(level)].n_unique() != 1:
        return False
    # A single band of the values at hand says something; a single value of all that can occur does not.
    return isinstance(hierarchy, Table) or bool(table[str(level)][0] == TOP)


def _tables(
    leaves: pl.Series, table: pl.DataFrame, hierarchy: Hierarchy, name: str
) -> tuple[pl.DataFrame, list[list[int]], list[list[float]], float]:
    """Give, per value that occurs and level, its label, the number of the label, and the share of leaves below it."""
    if table.width < 1 or (table.height == 0 and leaves.len() > leaves.null_count()):
        raise ArgumentError(f"the hierarchy of column {name!r} is empty: give its values at least one level")
    missing = leaves.null_count() > 0
    total = max(table.height + missing, 1)
    rows = table.with_row_index(ROW)
    found = leaves.to_frame().join(rows, on="0", how="left", maintain_order="left")
    # A missing value has no row, and is a value of its own.
    codes = [found[ROW].fill_null(table.height).to_list()]
    shares = [[1 / total] * leaves.len()]
    for level in map(str, range(1, table.width)):
        if missing and includes_missing(hierarchy, table, int(level)):
            found = found.with_columns(pl.col(level).fill_null(table[level][0]))
            codes.append([0] * leaves.len())
            shares.append([1.0] * leaves.len())
            continue
        below: Counter[str | None] = Counter(table[level].cast(pl.String).to_list())
        below[None] += missing
        number = {label: code for code, label in enumerate(below)}
        labels = found[level].cast(pl.String).to_list()
        codes.append([number[label] for label in labels])
        shares.append([below[label] / total for label in labels])
    found.drop_in_place(ROW)
    return found, codes, shares, float(total)


class _Sensitive:
    """The sensitive columns that models look at, each with its ground distance."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._grounds: list[TCloseness | None] = []

    def number(self, name: str, ground: TCloseness | None) -> int:
        """Give the number of a column; each order or hierarchy of its values has one of its own."""
        for number, (known, of) in enumerate(zip(self.names, self._grounds, strict=True)):
            if known == name and (of is None or ground is None or of is ground):
                self._grounds[number] = of or ground
                return number
        self.names.append(name)
        self._grounds.append(ground)
        return len(self.names) - 1

    def ground(self, number: int, values: pl.Series) -> tuple[list[int] | None, list[list[int]] | None]:
        """Give the order of the codes of a column, and their nodes level by level, where a model asks for them."""
        model = self._grounds[number]
        if model is None:
            return None, None
        name = self.names[number]
        codes = pl.DataFrame({name: values, "code": range(values.len())})
        rows = codes.select(name)
        if model.hierarchy is not None:
            arranged = in_tree(rows, name, model.hierarchy)
        else:
            arranged = in_order(rows, name, model.order)
        if arranged.sequence is None:
            return None, None
        sequence = arranged.sequence.join(codes, on=name, how="left", nulls_equal=True, maintain_order="left")["code"]
        if arranged.levels is None:
            return sequence.drop_nulls().to_list(), None
        place = pl.DataFrame({"code": sequence, "place": range(sequence.len())}).drop_nulls().sort("code")["place"]
        return None, [[level[at] for at in place] for level in arranged.levels]


def _request(model: Any, rows: int, sensitive: _Sensitive) -> dict[str, Any]:
    """Give a model as the core reads it."""
    if isinstance(model, AverageRisk):
        return {"model": "average_risk", "threshold": float(model.threshold)}
    requirement: dict[str, Any] = dict(model.requirement(rows) if isinstance(model, KMap) else model.requirement())
    if "model" in requirement:
        return requirement
    if requirement["measure"] == "size":
        return {"model": "k_anonymity", "k": int(requirement["threshold"])}
    name = requirement.pop("sensitive")
    ground = model if isinstance(model, TCloseness) and requirement["measure"] != "t_equal" else None
    return {"model": "sensitive", "column": sensitive.number(name, ground), "requirement": requirement}


def _with_population(
    rows: pl.DataFrame, names: Sequence[str], sensitive: Sequence[str], models: Sequence[Any]
) -> pl.DataFrame:
    """Put the population behind the rows, its sensitive values missing, where a model looks at one."""
    populations: list[Any] = []
    for model in models:
        population = getattr(model, "population", None)
        if population is not None and not any(population is known for known in populations):
            populations.append(population)
    rows = rows.select(list(dict.fromkeys([*names, *sensitive])))
    if not populations:
        return rows
    if len(populations) > 1:
        raise ArgumentError("two models name different populations: give both the same frame")
    frame = open_frame(populations[0])
    checks.columns(frame, names)
    quasi, population = alike(rows.select(names), pl.DataFrame(frame.select(names)))
    return pl.concat([rows.with_columns(quasi), population], how="diagonal")


def least_k(models: Sequence[Any]) -> int:
    """Give the k that models ask for, 1 if none does."""
    return max((int(model.k) for model in models if isinstance(model, KAnonymity)), default=1)
