"""ARX's own test cases on Adult: losses of nodes, optima of searches, and the classes of every node of a lattice.

Run as a script, it writes the table of what is covered that `docs/arx.md` holds.
"""

import csv
import gzip
import json
import sys
from collections import Counter

import arx_cases as arx
import kohort as kh
import pytest
from kohort.microdata.encoding import Encoded

# Reasons why a case is no optimum to compare with.
ASSUMED = "ARX was told to take the models for monotone, and prunes what may be better"
PRESENCE = "delta-presence with another model: ARX does not count population classes that the other model fails"
HEURISTIC = "a heuristic of ARX's: only the loss of its node is compared"
GRASSBERGER = "Grassberger's estimate with suppression: ARX stops its sum early, though later terms may be negative"


def identified(case):
    return f"{case['class'].removeprefix('Test')}-{case['index']}"


def searched():
    return [case for case in arx.cases() if case.get("expected_loss") is not None]


def measured():
    return [case for case in arx.cases() if case.get("node_losses")]


def reason(case):
    """Say why the optimum of a case is not compared, if so."""
    asked = arx.Case(case)
    if case["config"]["algorithm"] != "OPTIMAL":
        return HEURISTIC
    node = case["expected_transformation"]
    if asked.presence_read_otherwise and node is not None and not asked.lattice().node(node)[2]:
        return PRESENCE
    grassberger = any(getattr(model, "kind", None) == "grassberger" for model in asked.models)
    if grassberger and case["config"]["suppression_limit"] > 0 and node is not None:
        return GRASSBERGER
    if case.get("practical_monotonicity") and case["config"]["suppression_limit"] > 0:
        return ASSUMED
    return None


@pytest.mark.parametrize("case", searched(), ids=identified)
def test_the_optimum_is_arx_s(case):
    arx.needed()
    try:
        asked = arx.Case(case)
    except arx.NotCoveredError as missing:
        pytest.skip(f"not covered: {missing}")
    why_not = reason(case)
    if why_not == GRASSBERGER:
        pytest.skip(f"not covered: {GRASSBERGER}")
    expected = arx.numbers(case["expected_loss"])
    node = case["expected_transformation"]
    if node is None:
        with pytest.raises(kh.DisclosureError, match="no combination of levels"):
            asked.anonymize()
        return
    lattice = asked.lattice()
    _, suppressed, safe, total, _ = lattice.node(node)
    assert arx.same(total, expected)
    if why_not in {HEURISTIC, PRESENCE}:
        return
    assert safe
    if "suppressed_rows" in case:
        # ARX counts rows outside the research subset as suppressed, if any may be.
        outside = arx.adult().height - asked.rows.height if asked.max_suppression > 0 else 0
        assert suppressed + outside == case["suppressed_rows"]
    found = asked.anonymize()
    if why_not == ASSUMED:
        assert found.score <= tuple(loss * (1 + 1e-9) for loss in total)
        return
    assert arx.same(found.score, expected)
    # Where two nodes lose the same, either will do.
    if list(found.transformation.values()) == node:
        assert found.suppressed == suppressed


@pytest.mark.parametrize("case", measured(), ids=identified)
def test_losses_of_nodes_are_arx_s(case):
    arx.needed()
    lattice = arx.Case(case).lattice()
    for levels, expected in case["node_losses"].items():
        if case["node_verified"][levels]:
            _, _, _, total, _ = lattice.node(json.loads(levels))
            assert arx.same(total, arx.numbers(expected)), levels


def test_classes_of_all_12960_nodes():
    arx.needed()
    with gzip.open(arx.SHARED / "adult_lattice_9qi.csv.gz", "rt") as file:
        nodes = list(csv.DictReader(file))
    assert len(nodes) == 12_960
    names = [name.removeprefix("g_") for name in nodes[0] if name.startswith("g_")]
    hierarchies = {name: arx.hierarchy(name) for name in names}
    lattice = Encoded(arx.adult(), hierarchies, [kh.KAnonymity(5)], 0, kh.Utility("height")).lattice
    for node in nodes:
        sizes, suppressed, safe, _, _ = lattice.node([int(node[f"g_{name}"]) for name in names])
        assert sum(count for _, count in sizes) == int(node["n_classes"])
        assert sizes[0][0] == int(node["min_size"])
        assert sum(size * size * count for size, count in sizes) == int(node["sum_sq"])
        for below in (2, 3, 5, 10, 11, 20, 50, 100):
            assert sum(size * count for size, count in sizes if size < below) == int(node[f"rows_lt{below}"])
        assert suppressed == int(node["rows_lt5"])
        assert safe == (suppressed == 0)


def covered():
    """Count the cases by what is compared, and why not more."""
    table = Counter()
    for case in searched():
        try:
            why_not = reason(case)
        except arx.NotCoveredError as missing:
            table["not covered", str(missing)] += 1
            continue
        if why_not is None:
            expects = "no safe node" if case["expected_transformation"] is None else "optimum, its loss and its node"
            table["optima compared", expects] += 1
        elif why_not == GRASSBERGER:
            table["not covered", why_not] += 1
        else:
            table["loss of the expected node compared", why_not] += 1
    for case in measured():
        verified = Counter(case["node_verified"].values())
        table["losses of nodes compared", "all that are not stale upstream"] += verified[True]
        table["not covered", "losses of nodes that date from an older hierarchy of ARX's"] += verified[False]
    table["classes of nodes compared", "all of the lattice of nine quasi-identifiers"] = 12_960
    return table


def test_the_table_in_the_docs_is_what_is_covered():
    arx.needed()
    lines = (arx.Path(__file__).parents[2] / "docs" / "arx.md").read_text()
    for (what, detail), count in covered().items():
        assert f"| {what} | {detail} | {count:,} |" in lines


if __name__ == "__main__":
    rows = [f"| {what} | {detail} | {count:,} |" for (what, detail), count in sorted(covered().items())]
    sys.stdout.write("\n".join(["| what | which | how many |", "| --- | --- | ---: |", *rows, ""]))
