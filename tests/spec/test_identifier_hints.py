"""Hints at identifiers: what names say, what contents say, and what check digits rule out."""

from datetime import date
from random import Random

import kohort as kh
import pandas as pd
import polars as pl
import pytest
from kohort.microdata.identifiers.names import kinds_of_name


def hints(df):
    return {(column, kind): share for column, kind, _, share in kh.identifier_hints(df).rows()}


def kinds(values, name="x"):
    return {kind for _, kind in hints(pl.DataFrame({name: values}))}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nom", ["name"]),
        ("nom_naissance", ["name"]),
        ("patientLastName", ["name"]),
        ("Prénom", ["name"]),
        ("drug_name", []),
        ("nom_medicament", []),
        ("BEN_NIR_PSA", ["social security number"]),
        ("ben_idt_ano", ["identifier"]),
        ("person_id", ["identifier"]),
        ("date_naissance", ["date of birth"]),
        ("dateOfBirth", ["date of birth"]),
        ("EXE_SOI_DTD", []),
        ("date_admission", ["date"]),
        ("Téléphone2", ["phone number"]),
        ("code_postal", ["postal code"]),
        ("commune", ["place"]),
        ("IPP", ["medical record number"]),
        ("finess_geo", ["facility number"]),
        ("sex", []),
        ("icd10", []),
        ("valid", []),
        ("tipping", []),
    ],
)
def test_names(name, expected):
    assert kinds_of_name(name) == expected


def nir(body):
    number = int(body.replace("2A", "19").replace("2B", "18"))
    return f"{body}{97 - number % 97:02d}"


def test_a_nir_has_its_key():
    bodies = ["2550849588157", "1840275056001", "284022A004123", "284022B033017"]
    assert "social security number" in kinds([nir(body) for body in bodies])
    assert "social security number" in kinds([f"{nir(b)[0]} {nir(b)[1:3]} {nir(b)[3:5]} {nir(b)[5:]}" for b in bodies])
    # INSEE's own example: 2 55 08 49 588 157, key 80 is the published one of 2 69 05 49 588 157.
    assert "social security number" in kinds(["269054958815780"])
    wrong = [body + f"{int(nir(body)[-2:]) % 97 + 1:02d}" for body in bodies]
    assert "social security number" not in kinds(wrong)
    assert "social security number" in kinds([int(nir(body)) for body in bodies[:2]])


def test_check_digits():
    assert "facility number" in kinds(["750712184", "130786049"])
    chance = Random(1)
    assert "facility number" not in kinds([str(chance.randint(10**8, 10**9 - 1)) for _ in range(100)])
    assert "account number" in kinds(["FR7630006000011234567890189", "GB82 WEST 1234 5698 7654 32"])
    assert "account number" not in kinds(["FR7630006000011234567890188", "GB82WEST12345698765433"])
    assert "account number" in kinds(["4532015112830366"])


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["a.b@chu-lyon.fr", "c@d.org"], "e-mail address"),
        (["06 12 34 56 78", "+33 1 40 20 50 50", "0612345678"], "phone number"),
        (["(212) 555-0123", "212-555-0199"], "phone number"),
        (["192.168.0.1", "8.8.8.8"], "IP address"),
        (["2001:db8::1", "fe80::1ff:fe23:4567:890a"], "IP address"),
        (["75012", "2A004", "97411"], "postal code"),
        (["078-05-1120"], "social security number"),
        (["https://example.org/x"], "web address"),
        (["123e4567-e89b-12d3-a456-426614174000"], "identifier"),
        (["AB-123-CD"], "vehicle number"),
        (["00:1B:44:11:3A:B7"], "device number"),
        (["2021-01-31", "2021-02-01"], "date"),
        (["31/01/2021", "01/02/2021"], "date"),
        (["1931-01-31", "1998-02-01"], "date of birth"),
        ([date(1931, 1, 31), date(1998, 2, 1)], "date of birth"),
    ],
)
def test_contents(values, kind):
    assert kind in kinds(values)
    if isinstance(values[0], str):
        assert kind in kinds(pl.Series(values * 3).cast(pl.Categorical))


@pytest.mark.parametrize(
    "values",
    [["F", "M"], [1, 2, 3], [12.5, 3.25], [True, False], ["999.1.1.1"], ["12:30", "13:45"], ["99999", "00000"], [None]],
)
def test_ordinary_contents(values):
    assert kinds(values) == set()


def test_shares_count_values_that_are_not_missing():
    df = pl.DataFrame({"contact": ["a@b.fr", None, "by phone", "c@d.fr", "e@f.fr"]})
    assert hints(df) == {("contact", "e-mail address"): 0.75}


def test_nearly_unique_columns():
    df = pl.DataFrame({"a": range(40), "b": [n % 5 for n in range(40)], "c": [n * 1.1 for n in range(40)]})
    assert hints(df) == {("a", "nearly unique"): 1.0, ("c", "nearly unique"): 1.0}


def test_ages_above_89():
    assert hints(pl.DataFrame({"age": [40, 88]})) == {}
    assert hints(pl.DataFrame({"age": [40, 90]})) == {("age", "age"): 0.5}


def test_what_a_name_says_and_a_type_rules_out():
    df = pl.DataFrame({"email_sent": [True, False], "url": [1, 2], "name": ["x", "y"]})
    assert hints(df) == {("name", "name"): None}


def test_a_pandas_frame_with_missing_numbers():
    df = pd.DataFrame({"x": [750712184.0, None, 130786049.0]})
    assert hints(df) == {("x", "facility number"): 1.0}


def test_no_value_is_shown():
    shown = repr(kh.identifier_hints(pl.DataFrame({"x": ["somebody@example.org"]})).rows())
    assert "somebody" not in shown


def test_frames_without_columns_or_rows():
    with pytest.raises(kh.ArgumentError, match="no columns"):
        kh.identifier_hints(pl.DataFrame())
    with pytest.raises(kh.ArgumentError, match="no rows"):
        kh.identifier_hints(pl.DataFrame({"x": pl.Series([], dtype=pl.String)}))
