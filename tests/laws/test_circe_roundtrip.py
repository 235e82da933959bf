"""Laws of the translation of Circe: there and back is the same definition, and every definition can be said."""

from __future__ import annotations

import json

import kohort as kh
import pytest
from hypothesis import HealthCheck, given, settings
from random_expressions import EXPRESSIONS

PATIENT = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def there_and_back(made):
    back = kh.from_circe(made.to_circe())
    assert back == made
    assert hash(back) == hash(made)
    assert back.hash == made.hash


@given(EXPRESSIONS)
@PATIENT
def test_any_expression_there_and_back(expression):
    text = json.dumps(expression)
    made = kh.from_circe(expression)
    assert json.dumps(expression) == text
    assert kh.from_circe(text) == made
    there_and_back(made)
    assert kh.definition.from_json(made.to_json()) == made


@given(EXPRESSIONS)
@settings(PATIENT, max_examples=30)
def test_any_expression_can_be_said(expression):
    made = kh.from_circe(expression)
    said = made.describe()
    assert "None" not in said.replace("Censoring: None.", "")
    assert all(f"“{codes.name}” is " in said.replace("Code sets: ", "") for codes in made.code_sets)
    assert made._repr_html_().startswith("<")


def test_the_phenotype_library_there_and_back(shared):
    paths = sorted(shared("data/omop/phenotypes").glob("*.json"), key=lambda path: int(path.stem))
    assert len(paths) == 764
    for path in paths:
        made = kh.from_circe(path)
        assert made.name == path.stem
        there_and_back(made)
        sets = json.loads(path.read_bytes())["ConceptSets"]
        assert len(made.code_sets) >= len(sets)
        assert [one["name"] for one in made.to_circe()["ConceptSets"]] == [codes.name for codes in made.code_sets]


@pytest.mark.slow
@given(EXPRESSIONS)
@settings(PATIENT, max_examples=3000)
def test_many_expressions_there_and_back(expression):
    there_and_back(kh.from_circe(expression))
