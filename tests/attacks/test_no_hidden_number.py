"""Numbers that occur nowhere else are planted in random tables: those hidden are in no file, text, picture or error.

The threshold is a million persons, so that small cells hold numbers of six digits, which can be searched for.
"""

import io
import random
import re
import struct
from itertools import pairwise

import kohort as kh
import polars as pl
import pytest
from click.testing import CliRunner
from kohort.cli import main
from kohort.errors import KohortError
from kohort.release import Section, release_attrition, release_characteristics, release_incidence

RULES = kh.OutputRules(min_cell=1_000_000)


def planted(rng):
    """A number of persons that is small, or just not; none is a round number."""
    return rng.choice([rng.randrange(100_003, 999_983), rng.randrange(1_000_003, 9_999_991)])


def table(rng):
    cells = {(f"r{i}", f"s{j}"): planted(rng) for i in range(3) for j in range(3)}
    df = pl.DataFrame([(*labels, n) for labels, n in cells.items()], schema=["r", "s", "n"], orient="row")
    exact = set(cells.values())
    for at in (0, 1):
        for label in {labels[at] for labels in cells}:
            exact.add(sum(n for labels, n in cells.items() if labels[at] == label))
    return kh.release_table(df, dimensions=["r", "s"], rules=RULES), exact | {sum(cells.values())}


def attrition(rng):
    left = [rng.randrange(8_000_000, 9_999_991)]
    while len(left) < 4:
        left.append(max(left[-1] - planted(rng), rng.randrange(100_003, 999_983)))
        left[-1] = min(left[-1], left[-2])
    excluded = {before - after for before, after in pairwise(left)}
    return release_attrition([(f"step {i}", n) for i, n in enumerate(left)], rules=RULES), {*left, *excluded} - {0}


def incidence(rng):
    rows, exact = [], set()
    for label in "abc":
        persons, events = rng.randrange(2_000_003, 9_999_991), planted(rng)
        events = min(events, persons)
        days = rng.randrange(100_000_007, 900_000_011)
        rows.append((label, persons, events, days))
        exact |= {persons, events, persons - events, days}
    for j in (1, 2, 3):
        exact.add(sum(row[j] for row in rows))
    exact.add(sum(row[1] - row[2] for row in rows))
    return release_incidence(rows, ["d"], rules=RULES), exact - {0}


def characteristics(rng):
    parts, total = [planted(rng) for _ in range(3)], 0
    total = sum(parts)
    yes = [rng.choice([planted(rng) % total, total - planted(rng) % total]) for _ in range(2)]
    sections = [
        ("sex", list(zip("fmx", parts, strict=True))),
        Section("prior", list(zip("ab", yes, strict=True)), exclusive=False),
    ]
    exact = {total, *parts, *yes, *(total - n for n in yes)}
    return release_characteristics(sections, total, rules=RULES), exact - {0}


def numbers_in(text):
    """Every whole number of a text, whatever separates its thousands."""
    plain = re.sub(r"(?<=\d)[,\u202f\u00a0_'](?=\d{3})", "", text)
    return {int(digits) for digits in re.findall(r"\d+", plain)}


def said_of(release):
    """Everything that a release says of itself."""
    yield from (repr(release), release._repr_html_(), release.explain(), release.to_markdown(), release.to_latex())
    attack = release.attack()
    yield from (str(attack), repr(attack))
    yield from (str(frame) for frame in (release.to_polars(), release.to_pandas(), release.to_arrow()))
    try:
        yield " ".join(drawn_texts(release.plot()))
    except KohortError as error:
        yield str(error)
    try:
        yield release.gt().as_raw_html()
    except KohortError as error:
        yield str(error)


def drawn_texts(figure):
    for axes in figure.axes:
        yield from (
            text.get_text() for text in (*axes.texts, *axes.get_yticklabels(), *axes.get_xticklabels(), axes.title)
        )
        for line in axes.lines:
            yield " ".join(str(int(x)) for x in line.get_xdata())


@pytest.mark.parametrize("make", [table, attrition, incidence, characteristics])
def test_no_hidden_number_anywhere(make, tmp_path):
    rng, searched = random.Random(make.__name__), 0
    for number in range(5):
        release, exact = make(rng)
        shown = {value for values in release.values for value in values if value is not None}
        hidden = exact - shown
        searched += len(hidden)
        folder = release.export(tmp_path / str(number), key=b"k" * 16)
        texts = [*said_of(release), repr(kh.read_release(folder))]
        texts += [repr(kh.verify(folder)), kh.verify(folder)._repr_html_()]
        texts.append(CliRunner().invoke(main, ["verify", str(folder)]).output)
        # Hashes and colors are digits too, but none is a number of persons.
        raw = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
        texts += [
            re.sub(rb"[0-9a-f]{64}", b"", data).decode() for data in raw if not data.startswith((b"\x89PNG", b"PAR1"))
        ]
        stored = pl.read_parquet(folder / "data.parquet")
        plain = io.BytesIO()
        stored.write_parquet(plain, compression="uncompressed")
        texts.append(str(stored.rows()))
        for text in texts:
            assert not hidden & numbers_in(text), (make.__name__, number)
        for data in (*raw, plain.getvalue()):
            assert not [n for n in hidden if struct.pack("<q", n) in data or struct.pack("<d", n) in data]
    assert searched > 10


def test_errors_of_a_spoiled_folder_tell_no_number(tmp_path):
    """Whoever writes a hidden number into a folder does not find it in the messages of the check."""
    release, exact = table(random.Random(3))
    hidden = exact - {value for values in release.values for value in values}
    folder = release.export(tmp_path / "out")
    secret = str(max(hidden))
    for name in ("data.csv", "disclosure.json", "results.json", "seal.json", "release.html"):
        before = (folder / name).read_text()
        for old, new in (
            ("null", secret),
            ('"n"', f'"{secret}"'),
            (",,", f",{secret},"),
            ("&lt;", secret),
            ('"hash"', f'"{secret}"'),
        ):
            (folder / name).write_text(before.replace(old, new, 1))
            found = kh.verify(folder)
            assert bool(found) == (old not in before)
            assert secret not in found.reason.replace(f"'{secret}'", "")
        (folder / name).write_text(before)


def test_the_search_has_teeth():
    assert numbers_in("1,234,567 and 7654321; 1\u202f234") == {1_234_567, 7_654_321, 1_234}
