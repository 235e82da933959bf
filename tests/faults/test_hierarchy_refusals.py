"""What a hierarchy refuses, and that the message names the value and the level."""

import math
import re
from datetime import date, timedelta

import kohort as kh
import polars as pl
import pytest

H = kh.hierarchy

MADE_WRONG = [
    (H.intervals, "width of its bands"),
    (lambda: H.intervals(0), "above 0, got 0"),
    (lambda: H.intervals(-5), "above 0, got -5"),
    (lambda: H.intervals(math.nan), "finite number, got nan"),
    (lambda: H.intervals("5"), "finite number, got '5'"),
    (lambda: H.intervals(True), "finite number, got True"),
    (lambda: H.intervals(10, 15), "15 is no multiple of 10"),
    (lambda: H.intervals(10, 5), "5 is no multiple of 10"),
    (lambda: H.intervals(10, 10), "10 is no multiple of 10"),
    (lambda: H.intervals(0.1, 0.25), "0.25 is no multiple of 0.1"),
    (lambda: H.intervals(5, lower=90, upper=18), "lower must be below upper"),
    (lambda: H.intervals(5, lower=math.inf), "lower must be a finite number"),
    (lambda: H.intervals(5, bounds=[1]), "either widths"),
    (lambda: H.intervals(bounds=[1], upper=5), "either widths"),
    (lambda: H.intervals(bounds=[]), "at least one number"),
    (lambda: H.intervals(bounds=[[18], []]), "at least one number"),
    (lambda: H.intervals(bounds=5), "bounds must be a list"),
    (lambda: H.intervals(bounds="18"), "bounds must be a list"),
    (lambda: H.intervals(bounds=[[18, 65], 18]), "got 18 among them"),
    (lambda: H.intervals(bounds=[65, 18]), "must increase, got 65 before 18"),
    (lambda: H.intervals(bounds=[18, math.nan]), "finite number, got nan"),
    (lambda: H.intervals(bounds=[[18, 65], [18, 50]]), "bound 50 of level 2 is none of level 1"),
    (H.dates, "at least one unit"),
    (lambda: H.dates("decade"), "'decade' is no unit"),
    (lambda: H.dates("0 years"), "'0 years' is no unit"),
    (lambda: H.dates(5), "5 is no unit"),
    (lambda: H.dates("5 months"), "does not divide a year"),
    (lambda: H.dates("week", "month"), "weeks do not nest into months"),
    (lambda: H.dates("day", "week", "year"), "weeks do not nest into years"),
    (lambda: H.dates("month", "week"), "'week' is not made of months"),
    (lambda: H.dates("4 years", "10 years"), "'10 years' is not made of 4 years"),
    (lambda: H.dates("year", "month"), "'month' is not made of years"),
    (lambda: H.dates("year", "year"), "'year' is not made of years"),
    (H.prefixes, "at least one length"),
    (lambda: H.prefixes(0), "from 1, got 0"),
    (lambda: H.prefixes(2.5), "from 1, got 2.5"),
    (lambda: H.prefixes(1, 3), re.escape("write prefixes(3, 1)")),
    (lambda: H.redaction(""), "masked must be one character, got ''"),
    (lambda: H.redaction("**"), "one character"),
    (lambda: H.redaction(start="middle"), "'right' or 'left', got 'middle'"),
    (lambda: H.redaction(length=0), "from 1, got 0"),
    (lambda: H.icd10("title"), "'title' is no level of ICD-10"),
    (lambda: H.icd10("chapter", "block"), re.escape("icd10('block', 'chapter')")),
    (lambda: H.icd10("block", "block"), re.escape("icd10('block')")),
    (H.from_function, "at least one function"),
    (lambda: H.from_function(3), "takes functions, got 3"),
    (lambda: H.from_table({}), "the hierarchy is empty"),
    (lambda: H.from_table(pl.DataFrame()), "the hierarchy is empty"),
    (lambda: H.from_table(pl.DataFrame({"0": [], "1": []})), "the hierarchy is empty"),
    (lambda: H.from_table("file.csv"), "from_csv"),
    (lambda: H.from_table(3), "expected a frame"),
    (lambda: H.from_table({"a": ["x", "y"], "b": ["x"]}), "'a' has 2 levels and 'b' has 1"),
    (lambda: H.from_table({"a": 1}), "the values of 'a' must be a list"),
    (lambda: H.from_table({"a": ["x"], 1: ["y"]}), "several types"),
    (lambda: H.from_table({"a": [["x"]]}), "must be plain"),
    (lambda: H.from_table({timedelta(1): ["x"]}), "must be plain"),
    (lambda: H.from_table({"a": [None], "b": ["x"]}), "no value at level 1 for 'a'"),
    (lambda: H.from_table({None: ["x"], "b": ["x"]}), "missing leaf in row 1"),
    (lambda: H.from_table(pl.DataFrame({"0": ["a", "a"], "1": ["x", "y"]})), "'a' twice, as 'x' and as 'y' at level 1"),
    (
        lambda: H.from_table({"a": ["x", "p"], "b": ["x", "q"], "c": ["z", "q"]}),
        "'a' and 'b' are both 'x' at level 1, but 'p' and 'q' at level 2",
    ),
    (H.order, "is empty"),
    (lambda: H.order([]), "is empty"),
    (lambda: H.order([["a"], []]), "at least one member"),
    (lambda: H.order(["ab"]), "must be a list of at least one member, got 'ab'"),
    (lambda: H.order(3), "groups of level 1 must be"),
    (lambda: H.order([["a"], ["a", "b"]]), "'a' is twice in the groups of level 1"),
    (lambda: H.order([["a"], ["b"]], [["a", "c"]]), "level 2 groups 'c'"),
    (lambda: H.order([["a"], ["b"]], [["a"]]), "'b' is in no group of level 2"),
    (lambda: H.order([["a"], ["b", "c"]], [["a", "b - c"]], [["a"]]), "level 3 groups 'a'"),
    (lambda: H.from_dict({}), "no kind of hierarchy None"),
    (lambda: H.from_dict({"kind": "magic"}), "no kind of hierarchy 'magic'"),
    (lambda: H.from_dict({"kind": "prefixes", "length": 3}), "not the arguments"),
    (lambda: H.from_dict({"kind": "table", "names": []}), "not the arguments"),
    (lambda: H.from_dict([1]), "what to_dict gave"),
    (lambda: H.from_function(str).to_dict(), "plain values"),
]


@pytest.mark.parametrize(("make", "message"), MADE_WRONG, ids=lambda x: x if isinstance(x, str) else "")
def test_refused_when_made(make, message):
    with pytest.raises(kh.ArgumentError, match=message):
        make()


USED_WRONG = [
    (H.intervals(5), ["a"], "needs numbers, the column is String"),
    (H.intervals(5), [True], "needs numbers, the column is Boolean"),
    (H.intervals(5), [date(1945, 5, 8)], "use dates"),
    (H.intervals(5), [1.5, math.nan], "NaN"),
    (H.intervals(bounds=[5]), [1.5, math.nan], "NaN"),
    (H.intervals(5), [math.inf, 1.0], re.escape("lie in no band: inf (1 in all)")),
    (H.intervals(5, upper=10), [-math.inf, math.inf], re.escape("lie in no band: -inf (1 in all)")),
    (H.intervals(0.001), [1e300], "too large for bands so narrow: 1e\\+300"),
    (H.dates("month"), [1.5], "the column is Float64"),
    (H.dates("month"), [True], "the column is Boolean"),
    (H.dates("month"), [194513, 194505], "values are no dates in the form of the others: 194513"),
    (H.dates("month"), ["1945-05", "1945-06", "1945-05-01"], "form of the others: '1945-05-01'"),
    (H.dates("month"), ["May 1945"], "no dates in a form such as 1945-05"),
    (H.dates("day"), ["1945-02-30"], "'1945-02-30'"),
    (H.dates("day"), [194505], "values are months, which have no day"),
    (H.dates("week"), [194505], "values are months, which have no week"),
    (H.dates("month"), [1945], "values are years, which have no month"),
    (H.prefixes(3), [1.5], "needs codes"),
    (H.prefixes(3), [[1]], "one plain value per row"),
    (H.prefixes(3), [b"x"], "one plain value per row"),
    (H.redaction(length=3), ["1234", "123"], "longer than the 3 characters .* '1234'"),
    (H.icd10(), ["C7A", "E119"], "no codes of ICD-10: 'C7A'"),
    (H.icd10(), ["E11 9"], "'E11 9'"),
    (H.icd10(), [""], "''"),
    (H.icd10(), ["E10-E14"], "'E10-E14'"),
    (H.icd10(), ["D90"], "'D90'"),
    (H.atc(), ["A10BA02", "E10"], "no ATC codes: 'E10'"),
    (H.atc(), ["A1"], "'A1'"),
    (H.french_communes(), ["20004"], "'20004'.*2A or 2B"),
    (H.french_communes(), ["75001"], "'75001'"),
    (H.french_communes(), ["44000"], "'44000'"),
    (H.french_communes(), ["99100"], "'99100'"),
    (H.french_communes(), ["1053"], "'1053'.*five characters"),
    (H.french_communes(), ["2C004"], "'2C004'"),
    (H.french_communes(), ["٤٤١٠٩"], "no INSEE codes"),
    (H.from_table({"a": "x"}), list("abcdef"), re.escape("'b', 'c', 'd' and 2 more (5 in all)")),
    (H.from_table({"a": "x", "1": "y"}), [1], "cannot be read as Int64, the type of the column: 'a'"),
    (H.from_table({"1.5": "x"}), [1], "cannot be read as Int64"),
    (H.from_table({1.5: "x"}), [1], "cannot be read as Int64, the type of the column: 1.5"),
    (H.from_table({"yes": "x"}), [True], "cannot be read as Boolean"),
    (H.from_table({"39": "x", "039": "y"}), [39], "has the leaf 39 twice, as 'x' and as 'y'"),
    (H.from_function({}.get), ["a"], "gives nothing for 'a'"),
    (H.from_function(lambda x: x[5]), ["a"], "function 1 of .* failed for 'a': string index"),
    (H.from_function(lambda x: x, {"a": "b"}.get), ["c"], "function 2 of .* gives nothing for 'c'"),
    (H.from_function(lambda x: [x]), ["a"], "gives List"),
    (H.from_function(lambda x: x if x == "a" else 1), ["a", "b"], "several types"),
]


@pytest.mark.parametrize(("hierarchy", "values", "message"), USED_WRONG, ids=repr)
def test_refused_when_used(hierarchy, values, message):
    with pytest.raises(kh.ArgumentError, match=message):
        hierarchy.levels(pl.Series(values))


def test_an_enum_that_lacks_leaves():
    with pytest.raises(kh.ArgumentError, match=r"Enum lacks \('M'\).*String"):
        H.from_table({"F": "x", "M": "x"}).levels(pl.Series(["F"], dtype=pl.Enum(["F"])))


def test_no_series():
    with pytest.raises(kh.ArgumentError, match="values of one column"):
        H.suppress().levels(object())
    with pytest.raises(kh.ArgumentError, match="values of one column"):
        H.suppress().levels([1, "a"])


def test_a_hierarchy_of_your_own_is_checked():
    class Odd(H.Hierarchy):
        def __init__(self, *columns):
            self.columns = columns

        def _generalize(self, leaves):
            return pl.DataFrame([leaves, *(pl.Series(str(i), c) for i, c in enumerate(self.columns, 1))])

        def __repr__(self):
            return "Odd()"

    values = pl.Series([1, 2, 3])
    with pytest.raises(kh.ArgumentError, match=r"Odd\(\) is not monotone: 1 and 2 are both 'a' at level 1"):
        Odd(["a", "a", "b"], ["x", "y", "y"]).levels(values)
    with pytest.raises(kh.ArgumentError, match=r"Odd\(\) has no value at level 1 for 2"):
        Odd(["a", None, "b"]).levels(values)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "the hierarchy is empty"),
        (b"\n\n", "the hierarchy is empty"),
        (b"1;a;*\n2;a\n", "is ragged: '1' has 2 levels and '2' has 1"),
        (b"1;a\n1;b\n", "the leaf '1' twice"),
        (b"1;a;x\n2;a;y\n", "not monotone"),
        (b"\xff\xfe1;a\n", "UTF-8"),
    ],
)
def test_damaged_csv(tmp_path, text, message):
    path = tmp_path / "age.csv"
    path.write_bytes(text)
    with pytest.raises(kh.ArgumentError, match=message):
        H.from_csv(path)


def test_csv_arguments(tmp_path):
    with pytest.raises(kh.ArgumentError, match="one character"):
        H.from_csv(tmp_path / "age.csv", separator=";;")
    with pytest.raises(FileNotFoundError):
        H.from_csv(tmp_path / "age.csv")
    with pytest.raises(kh.ArgumentError, match="for which values"):
        H.intervals(5).to_csv(tmp_path / "age.csv")
    with pytest.raises(kh.ArgumentError, match="one character"):
        H.suppress().to_csv(tmp_path / "age.csv", pl.Series([1]), separator="")


def test_a_list_of_communes_that_is_none(tmp_path):
    path = tmp_path / "communes.csv"
    path.write_text("code,nom\n44109,Nantes\n")
    with pytest.raises(kh.ArgumentError, match="no columns COM and COMPARENT"):
        H.french_communes(path)
    path.write_text("COM,COMPARENT\n99100,\n")
    with pytest.raises(kh.ArgumentError, match="'99100'"):
        H.french_communes(path)
