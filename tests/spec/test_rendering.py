"""How a release looks: signs and what they mean, heads that tables keep when they are pasted, formats of documents."""

import re
from html.parser import HTMLParser

import kohort as kh
import polars as pl
import pytest
from kohort.display.html import STYLE
from kohort.release import release_attrition, release_incidence
from kohort.release.wording import SENTENCES, footnote, footnotes

CELLS = {("a", "x"): 3, ("a", "y"): 40, ("b", "x"): 60, ("b", "y"): 70, ("c", "x"): 90, ("c", "y"): 1100}


def table(**options):
    rows = [(*labels, n) for labels, n in CELLS.items()]
    df = pl.DataFrame(rows, schema=["region", "sex", "n"], orient="row")
    return kh.release_table(df, dimensions=["region", "sex"], title="Persons by region and sex", **options)


class Reader(HTMLParser):
    """What a screen reader, or a text processor, gets of a table."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.scopes, self.titles, self.open, self.caption = [], [], {}, [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in {"th", "td"}:
            self.rows[-1].append("")
            if tag == "th":
                self.scopes.append(given.get("scope"))
        if tag == "abbr":
            self.titles[len(self.rows) - 1, len(self.rows[-1]) - 1] = given["title"]

    def handle_endtag(self, tag):
        while self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if "caption" in self.open:
            self.caption += data
        elif {"th", "td"} & set(self.open):
            self.rows[-1][-1] += data


def test_the_table_of_a_card():
    found = Reader(table()._repr_html_())
    assert found.caption == "Persons by region and sex"
    assert found.rows[:2] == [["region", "sex"], ["x", "y", "Total"]]
    assert found.rows[2] == ["a", "<11", "·", "43"]
    assert found.rows[-2] == ["Total", "153", "1,210", "1,363"]
    assert found.rows[-1] == [footnote(table())]
    assert set(found.scopes) == {"col", "row", "colgroup"}
    assert found.titles[2, 1] == "fewer than 11 persons"
    assert found.titles[2, 2] == "hidden to protect small counts"
    signs = [(i, j) for i, row in enumerate(found.rows[:-1]) for j, cell in enumerate(row) if cell in {"<11", "·"}]
    assert sorted(found.titles) == signs


def test_many_levels_or_measures_stay_row_by_row():
    df = pl.DataFrame({"d": ["a"] * 9, "e": [f"l{i}" for i in range(9)], "n": [50 + i for i in range(9)]})
    found = Reader(kh.release_table(df, dimensions=["d", "e"])._repr_html_())
    assert found.rows[0] == ["d", "e", "n"]
    found = Reader(release_incidence([("f", 500, 50, 365_250), ("m", 400, 2, 182_625)], ["sex"])._repr_html_())
    assert found.rows[0] == ["sex", "persons", "events", "person years", "rate", "rate low", "rate high"]
    assert found.rows[-1][0].endswith("Rates per 1,000 person-years, with exact 95% limits.")
    assert found.rows[2] == ["m", "400", "<11", "500.0", "·", "·", "·"]
    assert found.titles[2, 4] == "hidden with the counts behind it"


def test_cells_that_are_not_there_are_empty():
    rows = [(*labels, n) for labels, n in (CELLS | {("Total", "x"): 153}).items()]
    df = pl.DataFrame(rows, schema=["region", "sex", "n"], orient="row")
    found = Reader(kh.release_table(df, dimensions=["region", "sex"], totals=False)._repr_html_())
    assert found.rows[-2][0] == "Total"
    assert found.rows[-2][2] == ""


def test_the_boxes_of_an_attrition_are_told_once():
    text = release_attrition([("all", 500), ("kept", 495)], title="Who came")._repr_html_()
    assert "<h4>Who came</h4>" in text
    assert text.count('aria-hidden="true"') == 1
    assert Reader(text).rows[1:3] == [["all", "500", ""], ["kept", "·", "<11"]]


def test_footnotes_are_sentences_from_one_place():
    assert footnotes(table()) == [
        "Rule: at least 11 persons per cell and complement.",
        "<11: fewer than 11 persons.",
        "·: hidden so that small counts cannot be worked out.",
    ]
    assert footnotes(table(rules=kh.OutputRules(min_cell=1))) == [
        "Every cell stands for at least 1 persons or for none."
    ]
    assert "fewer than 11 persons, or none" in footnote(table(rules=kh.OutputRules(show_zeros=False)))
    assert all(said is None or said.endswith(".") for said in (sentence(table()) for sentence in SENTENCES))


def luminance(color):
    parts = (
        [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        if len(color) == 7
        else [int(c * 2, 16) / 255 for c in color[1:]]
    )
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("mode", [0, 1])
@pytest.mark.parametrize("ink", ["ink", "soft"])
def test_text_has_the_contrast_that_wcag_asks_for(ink, mode):
    """4.5 to 1 (WCAG 2.2, success criterion 1.4.3), for numbers on the page and signs on their gray."""
    colors = {
        name: pair.split(",")[mode] for name, pair in re.findall(r"--(ink|soft|fill):.*?light-dark\(([^)]*)\)", STYLE)
    }
    page = "#ffffff" if mode == 0 else "#16191e"
    for ground in (page, colors["fill"]):
        lighter, darker = sorted((luminance(colors[ink]), luminance(ground)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_markdown():
    lines = table().to_markdown().splitlines()
    assert lines[0] == "Persons by region and sex"
    assert lines[2:5] == ["| region | x | y | Total |", "| --- | ---: | ---: | ---: |", "| a | &lt;11 | · | 43 |"]
    strange = kh.release_table(pl.DataFrame({"d": ["a|b\nc <i>"], "n": [50]}), dimensions=["d"])
    assert "| a\\|b c &lt;i> | 50 |" in strange.to_markdown()


def test_latex():
    text = table().to_latex()
    assert r"a & $<$11 & $\cdot$ & 43 \\" in text
    assert r" & \multicolumn{3}{c}{sex} \\" in text
    assert text.count("{") == text.count("}")
    strange = kh.release_table(pl.DataFrame({"a_b": ["50% & \\more"], "n": [50]}), dimensions=["a_b"])
    assert r"50\% \& \textbackslash{}more & 50 \\" in strange.to_latex()
    assert r"a\_b & n \\" in strange.to_latex()


def test_great_tables():
    pytest.importorskip("great_tables", reason="Great Tables is not installed")
    text = table().gt().as_raw_html()
    rows = Reader(text).rows
    assert ["a", "<11", "·", "43"] in rows
    assert ["Total", "153", "1,210", "1,363"] in rows
    assert "Persons by region and sex" in text
    assert all(said.replace("<", "&lt;") in text or said in text for said in footnotes(table()))
    rates = release_incidence([("f", 500, 50, 365_250), ("m", 400, 2, 182_625)], ["sex"]).gt()
    assert ["m", "400", "<11", "500.0", "·", "·", "·"] in Reader(rates.as_raw_html()).rows


def test_without_great_tables_the_remedy_is_told(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "great_tables", None)
    with pytest.raises(kh.ArgumentError, match=r"kohort\[tables\]"):
        table().gt()
