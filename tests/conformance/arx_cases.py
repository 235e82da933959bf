"""ARX's test cases on Adult, read as arguments of kohort; used by the tests beside it."""

import gzip
import json
import math
import os
from functools import cache
from pathlib import Path

import kohort as kh
import polars as pl
import pytest
from kohort.microdata.encoding import Encoded

SHARED = Path(os.environ.get("KOHORT_SHARED", "../shared")) / "data" / "microdata" / "arx"

MEASURES = {
    "MetricMDNMLoss": "loss",
    "MetricMDNUEntropy": "monotonic_entropy",
    "MetricMDNUEntropyPotentiallyPrecomputed": "monotonic_entropy",
    "MetricMDNUNMEntropy": "entropy",
    "MetricMDNUNMEntropyPotentiallyPrecomputed": "entropy",
    "MetricSDAECS": "average_class_size",
    "MetricSDDiscernability": "monotonic_discernibility",
    "MetricSDNMDiscernability": "discernibility",
    "MetricMDHeight": "height",
    "MetricMDPrecision": "monotonic_precision",
    "MetricMDNMPrecision": "precision",
}
AGGREGATES = {
    None: "sum",
    "Sum": "sum",
    "Geometric mean": "geometric_mean",
    "Rank": "rank",
    "Arithmetric mean": "arithmetic_mean",
}


class NotCoveredError(Exception):
    """A case that asks for what kohort does not have, or reads otherwise; the text says what."""


def needed():
    """Skip where the reference cases are absent."""
    if not SHARED.is_dir():
        pytest.skip(f"the ARX reference cases are not at {SHARED} (set KOHORT_SHARED)")


@cache
def adult():
    return pl.read_csv(SHARED / "data" / "adult.csv", separator=";", infer_schema=False)


@cache
def hierarchy(column):
    return kh.hierarchy.from_csv(SHARED / "data" / f"adult_hierarchy_{column}.csv")


@cache
def subsets():
    return json.loads((SHARED / "subsets.json").read_text())


@cache
def cases():
    if not SHARED.is_dir():
        return []
    with gzip.open(SHARED / "arx_cases.json.gz", "rt") as file:
        return [case for case in json.load(file)["cases"] if case["dataset"] == "adult"]


def numbers(text):
    """Read a loss as ARX prints it: a number, or a list of them."""
    return json.loads(text) if text.startswith("[") else [float(text)]


def same(found, expected, tolerance=1e-9):
    pairs = zip(found, expected, strict=True)
    return all(math.isclose(one, other, rel_tol=tolerance, abs_tol=1e-12) for one, other in pairs)


def columns(case):
    return case.get("attribute_order") or [name for name in adult().columns if name != case["sensitive"]]


class Case:
    """The arguments of one case."""

    def __init__(self, case):
        config = case["config"]
        metric = config["metric"]
        if metric["class"] not in MEASURES:
            raise NotCoveredError(f"measure {metric['class']}")
        if case.get("uses_hierarchy_builders"):
            raise NotCoveredError("hierarchies made by ARX's builders, which the case does not hold")
        self.rows = adult()
        self.models = []
        for model in config["models"]:
            self._add(model)
        # ARX leaves population classes without a released row out of delta-presence when another model fails first.
        present = any(model["model"] == "DPresence" and model["dMin"] > 0 for model in config["models"])
        self.presence_read_otherwise = present and len(config["models"]) > 1
        self.max_suppression = config["suppression_limit"]
        self.hierarchies = {name: hierarchy(name) for name in columns(case)}
        self.utility = kh.Utility(
            MEASURES[metric["class"]],
            AGGREGATES[metric["aggregate"]],
            metric["gs_factor"],
            {name: weight for name, weight in config["weights"].items() if name in self.hierarchies},
        )

    def _add(self, model):
        kind, sensitive = model["model"], model.get("attribute")
        if model.get("subset"):
            self.rows = adult()[subsets()[str(model["subset"]["subset_id"])]]
        match kind:
            case "KAnonymity":
                self.models.append(kh.KAnonymity(model["k"]))
            case "DPresence":
                self.models.append(kh.DeltaPresence(model["dMin"], model["dMax"], adult()))
            case "KMap" if model["subset"]:
                self.models.append(kh.KMap(model["k"], adult()))
            case "Inclusion":
                pass  # only says which rows are released
            case "EqualDistanceTCloseness":
                self.models.append(kh.TCloseness(sensitive, model["t"]))
            case "OrderedDistanceTCloseness":
                self.models.append(kh.TCloseness(sensitive, model["t"], ordered=True))
            case "HierarchicalDistanceTCloseness":
                self.models.append(kh.TCloseness(sensitive, model["t"], hierarchy=hierarchy(sensitive)))
            case "RecursiveCLDiversity":
                self.models.append(kh.RecursiveDiversity(sensitive, model["c"], int(model["l"])))
            case "EntropyLDiversity" if model["estimator"] == "Shannon":
                self.models.append(kh.LDiversity(sensitive, model["l"], "entropy"))
            case "EntropyLDiversity":
                self.models.append(kh.LDiversity(sensitive, model["l"], "grassberger"))
            case "BasicBLikeness":
                self.models.append(kh.BetaLikeness(sensitive, model["b"]))
            case "EnhancedBLikeness":
                self.models.append(kh.BetaLikeness(sensitive, model["b"], enhanced=True))
            case "AverageReidentificationRisk":
                raise NotCoveredError("average risk: ARX suppresses more rows until it holds, kohort refuses the node")
            case "KMap":
                raise NotCoveredError("k-map with ARX's estimate for a country's population")
            case _:
                raise NotCoveredError(f"model {kind}")

    def lattice(self):
        """Encode the rows as `anonymize` does."""
        budget = int(self.max_suppression * self.rows.height * (1 + 1e-12))
        return Encoded(self.rows, self.hierarchies, self.models or [kh.KAnonymity(1)], budget, self.utility).lattice

    def anonymize(self):
        return kh.anonymize(
            self.rows,
            self.hierarchies,
            models=self.models or [kh.KAnonymity(1)],
            max_suppression=self.max_suppression,
            utility=self.utility,
        )
