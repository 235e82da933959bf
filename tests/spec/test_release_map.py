"""Maps, drawn by hand: zones within zones, zones across zones, and what is drawn of them."""

from __future__ import annotations

import kohort as kh
import polars as pl
import pytest

COMMUNES = pl.DataFrame(
    {
        "commune": ["A", "B", "C", "D", "E"],
        "departement": ["1", "1", "1", "2", "2"],
        "region": ["R", "R", "R", "R", "R"],
        "n": [120, 4, 60, 80, 90],
    }
)


def shown(release):
    return {labels: row[0] for labels, row in zip(release.labels, release.values, strict=True)}


def test_a_small_commune_is_hidden_with_one_more_of_its_departement():
    found = shown(kh.release_map(COMMUNES, hierarchy=["departement", "region"]))
    assert found["commune", "B"] is None
    assert [found["commune", name] for name in "AC"].count(None) == 1
    assert (found["departement", "1"], found["departement", "2"], found["region", "R"], found["Total", ""]) == (
        184,
        170,
        354,
        354,
    )


def test_two_zonings_that_differ_by_few_are_not_both_shown():
    # Grid cell g1 is commune A and 3 persons of B.
    pieces = pl.DataFrame({"commune": ["A", "B", "B"], "grid": ["g1", "g1", "g2"], "n": [100, 3, 200]})
    alone = shown(kh.release_map(pieces.group_by("commune", maintain_order=True).agg(pl.col("n").sum())))
    assert alone == {("commune", "A"): 100, ("commune", "B"): 203, ("Total", ""): 303}
    both = shown(kh.release_map(pieces, zonings=["grid"]))
    assert None in {both["commune", "A"], both["grid", "g1"]}, "103 - 100 = 3"
    assert both["Total", ""] == 303


def test_zonings_that_differ_by_many_are():
    pieces = pl.DataFrame({"commune": ["A", "B", "B"], "grid": ["g1", "g1", "g2"], "n": [100, 30, 200]})
    assert None not in shown(kh.release_map(pieces, zonings="grid")).values()


def test_a_hierarchy_of_the_package_gives_the_levels():
    communes = pl.DataFrame({"commune": ["44109", "44020", "35238"], "n": [500, 30, 200]})
    found = shown(kh.release_map(communes, hierarchy=kh.hierarchy.french_communes()))
    assert found["commune level 1", "44"] == 530
    assert found["commune level 2", "Bretagne"] == 200


def test_it_is_ranked_or_drawn():
    rel = kh.release_map(COMMUNES, hierarchy=["departement"])
    assert "hidden" in rel.plot().axes[0].get_xlabel()
    square = {"type": "Polygon", "coordinates": [[(0, 0), (1, 0), (1, 1), (0, 0)]]}
    shapes = {"A": square, "B": {"type": "MultiPolygon", "coordinates": [square["coordinates"]]}}
    assert len(rel.plot(shapes).axes[0].patches) == 2
    with pytest.raises(kh.ArgumentError, match="shape for none"):
        rel.plot({"Z": square})
    with pytest.raises(kh.ArgumentError, match="no area"):
        rel.plot({"A": {"type": "Point", "coordinates": [0, 0]}})


@pytest.mark.parametrize(
    ("change", "options", "words"),
    [
        ({}, {"zone": "town"}, "no column 'town'"),
        ({"departement": ["1", "1", "1", "2", "2"], "commune": ["A", "B", "C", "A", "E"]}, {}, "lies in two zones"),
        ({"commune": ["A", "A", "C", "D", "E"]}, {}, "is there twice"),
        ({"n": [1.5, 2, 3, 4, 5]}, {}, "whole numbers of persons"),
        ({}, {"hierarchy": 7}, "name columns"),
    ],
)
def test_what_cannot_be_a_map_is_refused(change, options, words):
    data = COMMUNES.with_columns(**{name: pl.Series(values, strict=False) for name, values in change.items()})
    with pytest.raises(kh.ArgumentError, match=words):
        kh.release_map(data, **{"hierarchy": ["departement"], **options})
