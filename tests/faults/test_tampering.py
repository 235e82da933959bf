"""Every kind of edit of an exported folder, and the check that finds it.

Three intruders: one edits a file; one makes the seal anew afterwards; one exports an edited release whole, so that all
files agree. The last is found if the rules or the attack can tell, and otherwise with a key only.
"""

import json
import shutil
from dataclasses import replace

import kohort as kh
import polars as pl
import pytest
from click.testing import CliRunner
from kohort.cli import main
from kohort.release import Section, release_attrition, release_characteristics, release_incidence
from kohort.release.record import written
from kohort.release.seal import seal

KEY, OTHER = b"a key of at least 16 bytes", b"another key of many bytes"
REGIONS = {("a", "x"): 3, ("a", "y"): 40, ("b", "x"): 60, ("b", "y"): 70, ("c", "x"): 90, ("c", "y"): 100}


def table():
    rows = [(*labels, n) for labels, n in REGIONS.items()]
    df = pl.DataFrame(rows, schema=["region", "sex", "n"], orient="row")
    return kh.release_table(df, dimensions=["region", "sex"])


def incidence():
    rows = [("f", 500, 50, 365_250), ("m", 400, 20, 182_625), ("x", 300, 4, 36_525)]
    return release_incidence(rows, ["sex"], context={"plan_hash": "ab12", "snapshot": "000003", "washout": "365"})


def characteristics():
    prior = [("statin", 995), ("insulin", 300), ("metformin", 500)]
    return release_characteristics([("sex", [("f", 600), ("m", 400)]), Section("prior", prior, exclusive=False)], 1000)


def attrition():
    return release_attrition([("all", 5000), ("adults", 4200), ("observed", 4100), ("with follow-up", 4095)])


KINDS = [table, incidence, characteristics, attrition]


@pytest.mark.parametrize("key", [None, KEY])
@pytest.mark.parametrize("make", KINDS)
def test_what_is_exported_passes(make, key, tmp_path):
    release = make()
    found = kh.verify(release.export(tmp_path / "out", key=key), key=key)
    assert found, found
    assert found.reason == ""
    assert [check.name for check in found.checks] == ["seal", "record", "data", "pages", "rules", "figures", "attack"]
    again = kh.read_release(tmp_path / "out")
    assert all(getattr(again, name) == getattr(release, name) for name in release.__slots__)
    assert kh.verify(again.export(tmp_path / "again"))


# Edits of files.


def replaced(name, old, new):
    def edit(folder):
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1))

    return edit


def recorded(change):
    def edit(folder):
        record = json.loads((folder / "disclosure.json").read_text())
        change(record)
        (folder / "disclosure.json").write_text(written(record))

    return edit


def row_of(record, *labels):
    return next(row for row in record["table"]["rows"] if row["labels"] == list(labels))


def other_parquet(folder):
    pl.read_parquet(folder / "data.parquet").with_columns(n=pl.lit(77)).write_parquet(folder / "data.parquet")


def unmask(record):
    row_of(record, "a", "x").update(values=[3], statuses=["shown"], decided_by=[[]])


def set_policy(record, name, value):
    record["policy"][name] = value


# Name, edit, and the check that finds it once the seal was made anew.
EDITS = [
    ("a cell of the CSV", replaced("data.csv", "a,Total,43", "a,Total,44"), "data"),
    ("a hidden cell of the CSV", replaced("data.csv", "a,x,,small", "a,x,3,small"), "data"),
    ("a status of the CSV", replaced("data.csv", "a,x,,small", "a,x,,protective"), "data"),
    ("a line of the CSV", replaced("data.csv", "c,x,90,shown\n", ""), "data"),
    ("a column of the CSV", replaced("data.csv", "sex,n,", "sex,m,"), "data"),
    ("a CSV that is none", lambda folder: (folder / "data.csv").write_text('"'), "data"),
    ("a cell of the Parquet file", other_parquet, "data"),
    ("a Parquet file that is none", lambda folder: (folder / "data.parquet").write_bytes(b"PAR1"), "data"),
    ("the CSV of another release", lambda folder: (folder / "data.csv").write_text("region,sex,n,n_status\n"), "data"),
    ("a hidden cell of the page", replaced("release.html", "&lt;11", "3"), "pages"),
    ("ACRO's comments", replaced("results.json", '"comments": [', '"comments": ["three persons", '), "pages"),
    ("a checksum", lambda folder: (folder / "checksums" / "data.csv.txt").write_text("0" * 64), "pages"),
    ("a hidden cell of the record", recorded(unmask), "record"),
    ("a value beside a hiding status", recorded(lambda r: row_of(r, "a", "x").update(values=[3])), "record"),
    ("the threshold of the record", recorded(lambda r: set_policy(r, "min_cell", 5)), "pages"),
    ("a threshold of nobody", recorded(lambda r: set_policy(r, "min_cell", 0)), "record"),
    ("a policy that nobody knows", recorded(lambda r: set_policy(r, "leak", True)), "record"),
    ("a relation of the record", recorded(lambda r: r["audit"]["relations"].pop()), "rules"),
    ("all relations of the record", recorded(lambda r: r["audit"]["relations"].clear()), "rules"),
    ("a relation of nothing", recorded(lambda r: r["audit"]["relations"][0].update(total=99)), "record"),
    ("a field of the record", recorded(lambda r: r.update(note="three persons")), "record"),
    ("no field of the record", recorded(lambda r: r.pop("snapshot")), "record"),
    ("a name twice in the record", replaced("disclosure.json", '"kind"', '"kind": "three", "kind"'), "record"),
    ("a record that is none", lambda folder: (folder / "disclosure.json").write_text("{"), "record"),
    ("no record", lambda folder: (folder / "disclosure.json").unlink(), "seal"),
    ("no page", lambda folder: (folder / "release.html").unlink(), "seal"),
    ("one file more", lambda folder: (folder / "exact.csv").write_text("3"), None),
    ("a file in a folder", lambda folder: (folder / "checksums" / "note.txt").write_text("3"), "pages"),
    ("a link", lambda folder: (folder / "link").symlink_to(folder / "data.csv"), "seal"),
]


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    return table().export(tmp_path_factory.mktemp("exported") / "out", key=KEY)


@pytest.fixture
def folder(exported, tmp_path):
    return shutil.copytree(exported, tmp_path / "out")


@pytest.mark.parametrize(("edit", "_"), [pytest.param(edit, by, id=name) for name, edit, by in EDITS])
def test_an_edit_breaks_the_seal(edit, _, folder):
    edit(folder)
    found = kh.verify(folder)
    assert not found
    assert found.reason.startswith("seal: ")


@pytest.mark.parametrize(("edit", "by"), [pytest.param(edit, by, id=name) for name, edit, by in EDITS])
def test_an_edit_with_the_seal_made_anew(edit, by, folder):
    edit(folder)
    try:
        sealed = seal(folder, None)
    except kh.IntegrityError:
        assert by == "seal"
        return
    (folder / "seal.json").write_text(json.dumps(sealed))
    found = kh.verify(folder)
    if by is None:
        assert found
    else:
        assert by in [check.name for check in found.checks if check.passes is False], found
    assert not kh.verify(folder, key=KEY)
    assert "without" in kh.verify(folder, key=KEY).reason or by == "seal"


def test_the_seal_itself(folder):
    sealed = json.loads((folder / "seal.json").read_text())
    assert kh.verify(folder, key=KEY)
    assert "another key" in kh.verify(folder, key=OTHER).reason
    for change in ({"hash": "0" * 64}, {"format": "seal"}, {"files": {}}, {"note": "three"}, {"hmac": "0" * 64}):
        (folder / "seal.json").write_text(json.dumps(sealed | change))
        assert kh.verify(folder, key=KEY).reason.startswith("seal: "), change
    (folder / "seal.json").unlink()
    assert kh.verify(folder).reason == "seal: seal.json is missing"


def test_a_key_that_could_be_guessed_is_refused(tmp_path, folder):
    for key in (b"short", "a text of many letters"):
        with pytest.raises(kh.ArgumentError, match="16 bytes"):
            table().export(tmp_path / "none", key=key)
        with pytest.raises(kh.ArgumentError, match="16 bytes"):
            kh.verify(folder, key=key)
    assert not (tmp_path / "none").exists()
    with pytest.raises(NotADirectoryError):
        kh.verify(tmp_path / "none")


# Edited releases, exported whole.


def changed(release, labels, values, status=None):
    """The release with other values in a row, and another status where one is given."""
    row = release.labels.index(labels)
    statuses = release.statuses[row] if status is None else status
    decided = release.decisions[row] if status is None else tuple(() for _ in status)

    def put(rows, new):
        return (*rows[:row], new, *rows[row + 1 :])

    return replace(
        release,
        values=put(release.values, values),
        statuses=put(release.statuses, statuses),
        decisions=put(release.decisions, decided),
    )


def without(release, number):
    return replace(release, relations=release.relations[:number] + release.relations[number + 1 :])


def doubled(release):
    """Another table that obeys the same rules."""
    return replace(release, values=tuple(tuple(v and 2 * v for v in values) for values in release.values))


def zero():
    return kh.release_table(pl.DataFrame({"d": list("abc"), "n": [0, 400, 500]}), dimensions=["d"])


def rate_shown():
    release = incidence()
    row = release.labels.index(("x",))
    values, statuses = list(release.values[row]), list(release.statuses[row])
    values[3], statuses[3] = 40.0, "shown"
    decided = release.decisions[row]
    found = changed(release, ("x",), tuple(values), tuple(statuses))
    return replace(found, decisions=(*found.decisions[:row], decided, *found.decisions[row + 1 :]))


def bounded():
    """Beside a cell of at least 11 and under a total of 18 the small one is 7 at most."""
    release = kh.release_table(pl.DataFrame({"d": list("abcd"), "n": [3, 30, 40, 50]}), dimensions=["d"])
    assert release.statuses == (("small",), ("protective",), ("shown",), ("shown",), ("shown",))
    return replace(release, values=((None,), (None,), (0,), (0,), (18,)))


def contradicting():
    release = table()
    return replace(
        release,
        values=tuple(
            (None if v[0] is None else v[0] if "Total" not in labels else 12,)
            for labels, v in zip(release.labels, release.values, strict=True)
        ),
    )


# Name, edited release, and the check that finds it without a key; None where none can.
WHOLE = [
    ("one more person", lambda: changed(table(), ("c", "x"), (91,)), "rules"),
    ("a small cell shown", lambda: changed(table(), ("a", "x"), (3,), ("shown",)), "rules"),
    ("a protective cell shown", lambda: changed(table(), ("a", "y"), (40,), ("shown",)), "rules"),
    ("a small cell that no rule hides", lambda: replace(table(), decisions=(((),),) * 12), "rules"),
    ("every relation left out", lambda: replace(table(), relations=()), "rules"),
    *[(f"relation {n} left out", lambda n=n: without(table(), n), "rules") for n in range(len(table().relations))],
    # The seventh, of those without the event, follows from the others.
    *[(f"rate {n} left out", lambda n=n: without(incidence(), n), "rules") for n in range(6)],
    *[(f"step {n} left out", lambda n=n: without(attrition(), n), "rules") for n in range(3)],
    *[(f"level {n} left out", lambda n=n: without(characteristics(), n), "rules") for n in range(4)],
    ("a cell out of the audit", lambda: replace(table(), cells=(None, *table().cells[1:])), "rules"),
    ("a higher threshold", lambda: replace(table(), rules=kh.OutputRules(min_cell=50)), "rules"),
    ("no zeros, but one", lambda: replace(zero(), rules=kh.OutputRules(show_zeros=False)), "rules"),
    (
        "a complement of few",
        lambda: changed(characteristics(), ("prior", "statin"), (995, 99.5), ("shown",) * 2),
        "rules",
    ),
    ("another percentage", lambda: changed(characteristics(), ("sex", "f"), (600, 60.1)), "figures"),
    ("another rate", lambda: changed(incidence(), ("Total",), (1200, 74, 1600.0, 46.35, 36.32, 58.06)), "figures"),
    ("a rate of a hidden count", rate_shown, "figures"),
    ("a rate of other counts", lambda: replace(incidence(), needs=(("persons",),) * 4), "figures"),
    ("cells that contradict each other", contradicting, "attack"),
    ("a small cell bounded", bounded, "attack"),
    ("another title", lambda: replace(table(), title="Something else"), None),
    ("a lower threshold", lambda: replace(table(), rules=kh.OutputRules(min_cell=5)), None),
    ("other numbers that obey the rules", lambda: doubled(table()), None),
]


@pytest.mark.parametrize(("make", "by"), [pytest.param(make, by, id=name) for name, make, by in WHOLE])
def test_an_edited_release_exported_whole(make, by, tmp_path):
    folder = make().export(tmp_path / "out")
    found = kh.verify(folder)
    if by is None:
        assert found, found
        assert "who made the seal is not proved" in found.checks[0].said
    else:
        assert by in [check.name for check in found.checks if check.passes is False], found
        assert all(check.passes for check in found.checks if check.name in {"seal", "record", "data", "pages"}), found
    # With the key everything is found: the intruder has another one, or none.
    assert not kh.verify(folder, key=KEY)
    assert not kh.verify(make().export(tmp_path / "keyed", key=OTHER), key=KEY)


# From a shell.


def test_from_a_shell(folder, tmp_path):
    (tmp_path / "key").write_bytes(KEY)
    (tmp_path / "short").write_bytes(b"x")

    def run(*arguments):
        answer = CliRunner().invoke(main, ["verify", *map(str, arguments)])
        return answer.exit_code, answer.stdout, answer.stderr

    code, out, err = run(folder)
    assert (code, err) == (0, "")
    assert "passes" in out
    assert run(folder, "--key-file", tmp_path / "key")[0] == 0
    assert run(folder, "--key-file", tmp_path / "short")[0] == 2
    assert run(tmp_path / "nowhere")[0] == 2
    replaced("data.csv", "c,x,90", "c,x,91")(folder)
    code, out, err = run(folder, "--json")
    assert code == 1
    assert err == "Error: seal: data.csv was changed after the folder was sealed.\n"
    assert json.loads(out)["passes"] is False
