"""What each hierarchy makes of a value: a table of values, and of what they become."""

import doctest
import importlib
import inspect
import pickle
import pkgutil
from datetime import date, datetime
from decimal import Decimal

import kohort as kh
import pandas as pd
import polars as pl
import pytest

H = kh.hierarchy
PARIS_NIGHT = pl.Series([datetime(2024, 12, 31, 23, 30)]).dt.replace_time_zone("UTC")  # noqa: DTZ001

SPEC = [
    # hierarchy, value, what it becomes from level 1 on
    (H.suppress(), "F", "*"),
    (H.suppress(), True, "*"),
    (H.intervals(5, 10), 24, "[20, 25[ | [20, 30[ | *"),
    (H.intervals(5, 10), 25, "[25, 30[ | [20, 30[ | *"),
    (H.intervals(5, 10), -1, "[-5, 0[ | [-10, 0[ | *"),
    (H.intervals(5, 10, top=False), 0, "[0, 5[ | [0, 10["),
    (H.intervals(10, origin=3), 24, "[23, 33[ | *"),
    (H.intervals(5, 20, lower=18, upper=90), 17, "<18 | <18 | *"),
    (H.intervals(5, 20, lower=18, upper=90), 18, "[18, 20[ | [18, 20[ | *"),
    (H.intervals(5, 20, lower=18, upper=90), 89, "[85, 90[ | [80, 90[ | *"),
    (H.intervals(5, 20, lower=18, upper=90), 90, "90+ | 90+ | *"),
    (H.intervals(0.1, 0.5), 0.3, "[0.3, 0.4[ | [0, 0.5[ | *"),
    (H.intervals(0.1, 0.5), 0.7, "[0.7, 0.8[ | [0.5, 1[ | *"),
    (H.intervals(0.1), -0.05, "[-0.1, 0[ | *"),
    (H.intervals(0.25), 3, "[3, 3.25[ | *"),
    (H.intervals(1), Decimal("2.50"), "[2, 3[ | *"),
    (H.intervals(5, upper=90), float("inf"), "90+ | *"),
    (H.intervals(bounds=[[18, 30, 65], [18, 65]]), 17, "<18 | <18 | *"),
    (H.intervals(bounds=[[18, 30, 65], [18, 65]]), 30, "[30, 65[ | [18, 65[ | *"),
    (H.intervals(bounds=[18, 65]), 65, "65+ | *"),
    (H.intervals(bounds=[0.5, 1.0]), 0.75, "[0.5, 1[ | *"),
    (H.dates("day", "month", "year"), date(1945, 5, 8), "1945-05-08 | 1945-05 | 1945 | *"),
    (H.dates("day", "week"), date(2021, 1, 3), "2021-01-03 | 2020-W53 | *"),
    (H.dates("month", "year", "5 years", "10 years"), 194505, "1945-05 | 1945 | 1945-1949 | 1940-1949 | *"),
    (H.dates("quarter", "6 months"), "1945-05", "1945-Q2 | 1945-01 to 06 | *"),
    (H.dates("2 months"), "19451231", "1945-11 to 12 | *"),
    (H.dates("year"), "1945-05-08", "1945 | *"),
    (H.dates("10 years"), 1945, "1940-1949 | *"),
    (H.dates("day"), PARIS_NIGHT[0], "2024-12-31 | *"),
    (H.prefixes(3, 1), "E119", "E11 | E | *"),
    (H.prefixes(3, 1), "E", "E | E | *"),
    (H.prefixes(2), 44109, "44 | *"),
    (H.redaction(), "4410", "441* | 44** | 4*** | **** | *"),
    (H.redaction("x", start="left", top=False), 123, "x23 | xx3 | xxx"),
    (H.icd10(), "E11.9", "E11 | E10-E14 | IV | *"),
    (H.icd10(), "e119", "E11 | E10-E14 | IV | *"),
    (H.icd10(), "Y05", "Y05 | X85-Y09 | XX | *"),
    (H.icd10(), "G01*", "G01 | G00-G09 | VI | *"),
    (H.icd10("subcategory", "chapter"), "E11.90", "E119 | IV | *"),
    (H.atc(), "A10BA02", "A10BA | A10B | A10 | A | *"),
    (H.atc(), "A10", "A10 | A10 | A10 | A | *"),
    (H.french_communes(), "44109", "44 | Pays de la Loire | *"),
    (H.french_communes(), "2A004", "2A | Corse | *"),
    (H.french_communes(), "97411", "974 | La Réunion | *"),
    (H.french_communes(), "98818", "988 | Nouvelle-Calédonie | *"),
    (H.french_communes(), "75120", "75 | Île-de-France | *"),
    (H.french_communes(top=False), 1053, "01 | Auvergne-Rhône-Alpes"),
    (
        H.from_function(lambda year: year // 10 * 10, lambda decade: "old" if decade < 1950 else "new"),
        1945,
        "1940 | old | *",
    ),
    (H.order({"early": ["I", "II"], "late": ["III"]}), "III", "late | *"),
    (H.order([["I", "II"], ["III"], ["IV"]], [["I - II", "III"], ["IV"]]), "II", "I - II | I - II - III | *"),
    (H.from_table({"nurse": ["care", "all"], "cook": ["food", "all"]}), "cook", "food | all"),
    (H.from_table({7: "odd", 8: "even"}, top=False), 8, "even"),
]


def path_of(hierarchy, value, dtype=None):
    table = hierarchy.levels(pl.Series([value], dtype=dtype))
    assert table.columns == [str(level) for level in range(table.width)]
    row = table.filter(pl.col("0") == pl.lit(value, dtype=dtype)).row(0)
    return " | ".join(str(cell) for cell in row[1:])


@pytest.mark.parametrize(("hierarchy", "value", "expected"), SPEC, ids=lambda x: repr(x).replace("hierarchy.", ""))
def test_a_value_becomes(hierarchy, value, expected):
    assert path_of(hierarchy, value) == expected


@pytest.mark.parametrize("hierarchy", {repr(h): h for h, _, _ in SPEC}.values(), ids=repr)
def test_each_has_a_card_and_is_saved(hierarchy):
    assert repr(hierarchy).startswith("hierarchy.")
    assert "<table>" in hierarchy._repr_html_() or "from_function" in repr(hierarchy)
    assert hierarchy.describe(0)
    assert hierarchy.describe(99) == "level 99" or "redaction" in repr(hierarchy) or hierarchy == H.suppress()
    if "from_function" not in repr(hierarchy):
        again = H.from_dict(hierarchy.to_dict())
        copy = pickle.loads(pickle.dumps(hierarchy))  # noqa: S301
        assert hierarchy == again == copy
        assert hash(hierarchy) == hash(again) == hash(copy)
        assert repr(again) == repr(hierarchy)


@pytest.mark.parametrize("hierarchy", {repr(h): h for h, _, _ in SPEC}.values(), ids=repr)
def test_no_values(hierarchy):
    for nothing in (pl.Series([], dtype=pl.Null), pl.Series([None, None])):
        table = hierarchy.levels(nothing)
        assert table["0"].dtype == pl.Null
        assert table.height == 0
        assert table.width >= 2


def test_leaves_keep_their_type_and_nulls_are_none():
    for dtype in (pl.Int8, pl.UInt64, pl.Float32):
        table = H.intervals(10).levels(pl.Series([25, None, 31, 25], dtype=dtype))
        assert table.schema["0"] == dtype
        assert table["0"].to_list() == [25, 31]
    for dtype in (pl.Categorical, pl.Enum(["E10", "E119"]), pl.String):
        for hierarchy in (H.prefixes(3), H.icd10(), H.suppress(), H.from_table({"E10": "a", "E119": "b"})):
            table = hierarchy.levels(pl.Series(["E119", None, "E10"], dtype=dtype))
            assert table.schema["0"] == dtype
            assert table["0"].cast(pl.String).to_list() == ["E10", "E119"]


@pytest.mark.parametrize(
    ("leaves", "column"),
    [
        (["39", "40"], pl.Series([40], dtype=pl.Int64)),
        (["39", "40"], pl.Series([40], dtype=pl.UInt8)),
        (["39", "40.5"], pl.Series([40.5])),
        (["true", "False"], pl.Series([False])),
        (["1945-05-08", "1945-05-09"], pl.Series([date(1945, 5, 9)])),
        (["1945-05-08", "1945-05-09T12:30:00"], pl.Series([datetime(1945, 5, 9, 12, 30)])),  # noqa: DTZ001
        ([39, 40], pl.Series(["40"])),
        ([39.0, 40.0], pl.Series([40])),
        ([date(1945, 5, 8), date(1945, 5, 9)], pl.Series(["1945-05-09"])),
        ([True, False], pl.Series(["false"])),
        ([2**64 - 1, 0], pl.Series([0], dtype=pl.UInt64)),
        (["1.10", "2.20"], pl.Series([Decimal("2.20")])),
    ],
    ids=str,
)
def test_a_table_is_read_as_the_type_of_the_column(leaves, column):
    table = H.from_table(pl.DataFrame({"leaf": leaves, "group": ["first", "second"]}, strict=False)).levels(column)
    assert table.schema["0"] == column.dtype
    assert table.filter(pl.col("0") == pl.lit(column[0], dtype=column.dtype))["1"].to_list() in (["second"], ["first"])
    assert table.height == 2


def test_tables_of_any_library():
    rows = {"age": [1, 2, 3], "band": ["low", "low", "high"]}
    expected = H.from_table(pl.DataFrame(rows))
    assert H.from_table(pd.DataFrame(rows)) == expected
    assert H.from_table(pl.LazyFrame(rows)) == expected
    assert H.from_table(pl.DataFrame(rows).to_arrow()) == expected
    assert expected.describe(1) == "band"
    assert expected.levels(pl.Series([2])).rows() == [(1, "low", "*"), (2, "low", "*"), (3, "high", "*")]


def test_a_row_may_be_there_twice():
    table = pl.DataFrame({"0": ["a", "a"], "1": ["x", "x"]})
    assert H.from_table(table).levels(pl.Series(["a"])).rows() == [("a", "x")]


def test_the_top_is_added_once():
    flat = H.from_table(pl.DataFrame({"sex": ["F", "M"]}))
    assert flat.levels(pl.Series(["F"])).rows() == [("F", "*"), ("M", "*")]
    assert H.from_table(pl.DataFrame({"sex": ["F"]})).levels(pl.Series(["F"])).rows() == [("F", "*")]
    assert H.from_table({"F": "*", "M": "*"}).levels(pl.Series(["F"])).width == 2
    assert H.from_table({"F": "f", "M": "m"}, top=False).levels(pl.Series(["F"])).width == 2


def test_redaction_can_be_fixed():
    free = H.redaction(top=False)
    fixed = free.fitted(pl.Series(["44109", "1", None]))
    assert fixed == H.redaction(length=5, top=False)
    assert fixed.levels(pl.Series(["1"])).rows() == [("1", "*", "*", "*", "*", "*")]
    assert fixed.fitted(pl.Series(["123456"])) == fixed
    assert H.icd10().fitted(pl.Series(["E119"])) == H.icd10()
    assert free.fitted(pl.Series([None])).levels(pl.Series(["1"])).width == 2


def test_communes_of_a_list(tmp_path):
    path = tmp_path / "communes.csv"
    path.write_text(
        "TYPECOM,COM,REG,DEP,LIBELLE,COMPARENT\nCOMD,01015,84,01,Arbignieu,01015\nCOM,01015,84,01,Arboys en Bugey,\n"
        "COMD,01340,84,01,Saint-Bois,01015\nCOM,75056,11,75,Paris,\nARM,75101,,,,75056\n"
    )
    communes = H.french_communes(path)
    assert path_of(communes, "01340") == "01015 | 01 | Auvergne-Rhône-Alpes | *"
    assert path_of(communes, "75101") == "75056 | 75 | Île-de-France | *"
    assert communes.describe(3) == "région"
    with pytest.raises(kh.ArgumentError, match="'44109'"):
        communes.levels(pl.Series(["44109"]))


def test_a_hierarchy_of_your_own():
    class Parity(H.Hierarchy):
        def _generalize(self, leaves):
            return leaves.to_frame().with_columns((pl.col("0") % 2).alias("1"))

        def __repr__(self):
            return "Parity()"

    assert Parity().levels(pl.Series([3, 2])).rows() == [(2, 0, "*"), (3, 1, "*")]
    with pytest.raises(kh.ArgumentError, match="plain values"):
        Parity().to_dict()


@pytest.mark.parametrize("name", H.__all__)
def test_everything_is_documented(name):
    doc = inspect.getdoc(getattr(H, name))
    assert doc.splitlines()[0].endswith(".")
    if name != "Hierarchy":
        assert "Returns\n-------" in doc
        assert "Examples\n--------" in doc


def test_the_page_runs(request):
    page = request.config.rootpath / "docs" / "hierarchies.md"
    assert doctest.testfile(str(page), module_relative=False).failed == 0
    text = page.read_text(encoding="utf-8")
    assert [name for name in H.__all__ if name not in text] == []


def modules():
    return [importlib.import_module(f"kohort.hierarchy.{module.name}") for module in pkgutil.iter_modules(H.__path__)]


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.__name__.rpartition(".")[2])
def test_examples_run(module):
    assert doctest.testmod(module).failed == 0
