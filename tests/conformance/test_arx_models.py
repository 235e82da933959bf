"""ARX's decisions on Adult: the rows that it suppresses at its answer are those in classes that fail the models."""

import csv
import gzip
import json

import polars as pl
import pytest
from kohort import _core
from kohort.microdata.arrangement import Arrangement, in_order, in_tree
from kohort.microdata.models import (
    BetaLikeness,
    DeltaDisclosure,
    KAnonymity,
    LDiversity,
    RecursiveDiversity,
    TCloseness,
)


def model(saved):
    """Read a model of ARX; None if it is not one that looks at one class at a time."""
    column = saved.get("attribute")
    match saved["model"]:
        case "KAnonymity":
            return KAnonymity(saved["k"])
        case "DistinctLDiversity":
            return LDiversity(column, int(saved["l"]))
        case "EntropyLDiversity":
            kind = {"Shannon": "entropy", "Grassberger": "grassberger"}[saved["estimator"].capitalize()]
            return LDiversity(column, saved["l"], kind=kind)
        case "RecursiveCLDiversity":
            return RecursiveDiversity(column, saved["c"], int(saved["l"]))
        case "EqualDistanceTCloseness":
            return TCloseness(column, saved["t"])
        case "OrderedDistanceTCloseness":
            return TCloseness(column, saved["t"], ordered=True)
        case "HierarchicalDistanceTCloseness":
            return TCloseness(column, saved["t"], hierarchy=pl.DataFrame())
        case "BasicBLikeness" | "EnhancedBLikeness":
            return BetaLikeness(column, saved["b"], enhanced=saved["model"].startswith("Enhanced"))
        case "DDisclosurePrivacy":
            return DeltaDisclosure(column, saved["d"])
    return None


@pytest.fixture
def hierarchies(shared):
    tables = {}
    for path in shared("data/microdata/arx/data").glob("adult_hierarchy_*.csv"):
        with path.open() as file:
            rows = list(csv.reader(file, delimiter=";"))
        name = path.stem.removeprefix("adult_hierarchy_")
        tables[name] = pl.DataFrame(rows, schema=[str(level) for level in range(len(rows[0]))], orient="row")
    return tables


def failing(adult, hierarchies, columns, levels, sensitive, models):
    generalized = adult.select(
        *(
            pl.col(name).replace_strict(hierarchies[name]["0"], hierarchies[name][str(level)])
            for name, level in zip(columns, levels, strict=True)
        ),
        sensitive,
    )
    arranged = Arrangement(generalized)
    if any(isinstance(m, TCloseness) and m.hierarchy is not None for m in models):
        arranged = in_tree(generalized, sensitive, hierarchies[sensitive])
    elif any(isinstance(m, TCloseness) and m.ordered for m in models):
        arranged = in_order(generalized, sensitive, None)
    collapsed = _core.collapse(generalized, columns, [])
    seen = _core.sensitive(collapsed, arranged.rows, sensitive, arranged.sequence, arranged.levels)
    return seen.failing_rows(json.dumps([m.requirement() for m in models]))


def test_rows_suppressed(shared, hierarchies):
    adult = pl.read_csv(shared("data/microdata/arx/data/adult.csv"), separator=";", infer_schema=False)
    with gzip.open(shared("data/microdata/arx/arx_cases.json.gz"), "rt") as file:
        cases = json.load(file)["cases"]
    checked = {}
    for case in cases:
        models = [model(saved) for saved in case["config"]["models"]]
        if not (case["dataset"] == "adult" and case.get("arx_reproduced_here") and models and all(models)):
            continue
        if case.get("suppressed_rows") is None or case.get("sensitive") is None:
            continue
        levels = case["actual_transformation"]
        key = (tuple(levels), case["sensitive"], tuple(m["text"] for m in case["config"]["models"]))
        if key in checked:
            continue
        found = failing(adult, hierarchies, case["attribute_order"], levels, case["sensitive"], models)
        checked[key] = (found, case["suppressed_rows"])
    assert {key: counts for key, counts in checked.items() if counts[0] != counts[1]} == {}
    assert len(checked) >= 60
