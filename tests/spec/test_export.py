"""What an exported folder holds, and the published schema of its record."""

import copy
import json
import random
from dataclasses import dataclass
from itertools import chain

import jsonschema
import kohort as kh
import polars as pl
import pytest
from kohort.release import Section, release_attrition, release_characteristics, release_incidence
from kohort.release.acro import LAYOUT
from kohort.release.record import disclosure_record, policy_of, written
from kohort.release.schema import check, disclosure_schema

NOW = "2026-01-02T03:04:05+00:00"


def releases():
    rows = [(*key.split(), n) for key, n in {"a x": 3, "a y": 40, "b x": 60, "b y": 70, "c x": 90, "c y": 100}.items()]
    df = pl.DataFrame(rows, schema=["region", "sex", "n"], orient="row")
    yield kh.release_table(df, dimensions=["region", "sex"])
    yield kh.release_table(df, dimensions=["region", "sex"], totals=False)
    yield kh.release_table(df, dimensions=["region", "sex"], rules=kh.OutputRules(min_cell=50, show_zeros=False))
    yield release_attrition([("all", 500), ("kept", 495)], context={"plan_hash": "ab12", "snapshot": "000003"})
    yield release_incidence([("f", 500, 50, 365_250), ("m", 400, 2, 182_625)], ["sex"], context={"washout": "365"})
    yield release_characteristics([Section("prior", [("statin", 5), ("insulin", 300)], exclusive=False)], 1000)
    yield release_attrition([('a | <b> & "c"\n_d', 0)], title="")


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(disclosure_schema())


@pytest.mark.parametrize("release", list(releases()), ids=lambda release: release.kind)
def test_records_are_as_the_schema_says(release):
    record = json.loads(written(disclosure_record(release, NOW)))
    assert record == json.loads(json.dumps(disclosure_record(release, NOW)))
    jsonschema.validate(record, disclosure_schema())
    check(record, disclosure_schema(), "record")


def places(value, path=()):
    """Every place of a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def test_the_shipped_check_refuses_what_jsonschema_refuses():
    """Thousands of spoiled records: both judge alike."""
    rng, validator = random.Random(1), jsonschema.Draft202012Validator(disclosure_schema())
    refused = 0
    for release in releases():
        record = json.loads(json.dumps(disclosure_record(release, NOW)))
        where = list(places(record))[1:]
        for _ in range(120):
            spoiled = copy.deepcopy(record)
            *path, last = rng.choice(where)
            parent = spoiled
            for key in path:
                parent = parent[key]
            kind = rng.choice(["drop", "add", "replace"])
            if kind == "drop":
                del parent[last]
            elif kind == "add" and isinstance(parent, dict):
                parent["more"] = 1
            else:
                parent[last] = rng.choice([None, True, 0, -1, 1.5, 2.0, "small", "three", [], [1, 2], {}, {"a": "b"}])
            fine = validator.is_valid(spoiled)
            refused += not fine
            try:
                check(spoiled, disclosure_schema(), "record")
                found = True
            except kh.IntegrityError:
                found = False
            assert found == fine, (path, last, kind)
    assert refused > 300


def test_the_record_tells_what_decided_each_cell():
    release = next(releases())
    record = disclosure_record(release, NOW)
    rows = {tuple(row["labels"]): row for row in record["table"]["rows"]}
    assert rows["a", "x"]["decided_by"] == [["threshold"]]
    assert rows["a", "y"]["decided_by"] == [["secondary suppression"]]
    assert rows["c", "x"]["decided_by"] == [[]]
    total = record["audit"]["cells"].index([list(release.labels).index(("a", "Total")), 0])
    parts = [record["audit"]["cells"].index([list(release.labels).index(("a", sex)), 0]) for sex in "xy"]
    assert {"total": total, "parts": parts} in record["audit"]["relations"]


def test_a_secret_of_the_policy_is_not_written():
    @dataclass(frozen=True, kw_only=True)
    class WithSecret(kh.OutputRules):
        secret: bytes = b"0123456789abcdef"

    assert policy_of(WithSecret()) == policy_of(kh.OutputRules())


@pytest.mark.parametrize("release", list(releases()), ids=lambda release: release.kind)
def test_the_folder(release, tmp_path):
    folder = release.export(tmp_path / "out")
    assert kh.verify(folder), kh.verify(folder)
    assert repr(kh.read_release(folder)) == repr(release)
    page = (folder / "release.html").read_text()
    for word in ("http", "<script", "src=", "url("):
        assert word not in page
    assert 'lang="en"' in page
    assert "light-dark(" in page
    assert (folder / "figure.png").exists() == (release.kind in {"attrition", "incidence"})
    found = json.loads((folder / "results.json").read_text())
    assert found["version"] == LAYOUT
    (output,) = found["results"].values()
    hidden = sum(n for status, n in release.status_counts().items() if status in {"small", "protective", "withheld"})
    assert output["status"] == ("review" if hidden else "pass")
    assert sum(map(len, output["files"][0]["sdc"]["cells"].values())) == hidden
    lines = [line.split(",") for line in (folder / "data.csv").read_text().splitlines()[1:]]
    for row, column in chain(*output["files"][0]["sdc"]["cells"].values()):
        # A viewer counts columns after the first; the sign is an empty number with its reason beside it.
        assert lines[row][column + 1] == ""
        assert lines[row][column + 2] in {"small", "protective", "withheld"}


def test_nothing_is_left_when_writing_fails(tmp_path, monkeypatch):
    monkeypatch.setattr("kohort.release.export.acro_results", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        next(releases()).export(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_without_matplotlib_there_is_no_figure(tmp_path, monkeypatch):
    monkeypatch.setattr("kohort.release.export.find_spec", lambda _: None)
    folder = release_attrition([("all", 500), ("kept", 495)]).export(tmp_path / "out")
    assert not (folder / "figure.png").exists()
    assert kh.verify(folder)
