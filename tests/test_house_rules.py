"""Rules of the house that no linter knows: who may import whom, how long a file may be, what a repr may show."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import kohort as kh
import pytest

ROOT = Path(__file__).parents[1]
RUST = sorted((ROOT / "src").rglob("*.rs"))
PYTHON = sorted((ROOT / "python" / "kohort").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

EVERYBODY = {"error", "stop"}
MAY_IMPORT = {
    "error": set(),
    "stop": {"error"},
    "person": EVERYBODY,
    "event": EVERYBODY | {"person"},
    "tally": EVERYBODY | {"person"},
    "cohort": EVERYBODY | {"event", "tally", "person"},
    "store": EVERYBODY | {"event", "person"},
    "disclosure": EVERYBODY,
    "synth": EVERYBODY,
    "vault": EVERYBODY,
}


def module_of(path: Path) -> str:
    return path.relative_to(ROOT / "src").with_suffix("").parts[0]


def without_comments(path: Path) -> str:
    return re.sub(r"//[^\n]*", "", path.read_text())


def code_of(path: Path) -> str:
    """The code that is shipped: comments and the tests at a file's end are left out."""
    return without_comments(path).partition("#[cfg(test)]")[0]


def imported(text: str) -> set[str]:
    """The modules of the crate that a Rust file names: `crate::x` anywhere, and `use crate::{x, y::z}`."""
    found = set(re.findall(r"\bcrate::([a-z_]+)", text))
    for group in re.findall(r"\bcrate::\{([^;]*)\};", text):
        found |= set(re.findall(r"(?:^|,)\s*([a-z_]+)", re.sub(r"\{[^{}]*\}", "", group)))
    return found


def test_the_parser_of_imports_sees_all_forms() -> None:
    text = "use crate::store::X;\nlet y = crate::event::z();\nuse crate::{cohort, tally::{A, b}};"
    assert imported(text) == {"store", "event", "cohort", "tally"}


@pytest.mark.parametrize("path", [p for p in RUST if module_of(p) not in {"lib", "python"}], ids=lambda p: p.name)
def test_who_imports_whom(path: Path) -> None:
    here = module_of(path)
    forbidden = imported(code_of(path)) - MAY_IMPORT[here] - {here}
    assert not forbidden, f"{path.relative_to(ROOT)} imports {forbidden}; {here} may import {MAY_IMPORT[here]}"


def test_pyo3_stays_in_the_bindings() -> None:
    guilty = [path for path in RUST if module_of(path) not in {"python", "lib"} and "pyo3" in without_comments(path)]
    assert guilty == []


def test_every_pyclass_is_frozen() -> None:
    found = [(p.name, given) for p in RUST for given in re.findall(r"#\[pyclass([^\]]*)\]", without_comments(p))]
    assert found
    assert [name for name, given in found if "frozen" not in given] == []


def test_unsafe_stays_in_the_bridge() -> None:
    guilty = [p.name for p in RUST if re.search(r"\bunsafe\s*[{f]", without_comments(p)) and p.name != "arrow.rs"]
    assert guilty == []


@pytest.mark.parametrize("word", [".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!("])
def test_nothing_panics_by_hand(word: str) -> None:
    shipped = [path for path in RUST if "tests" not in path.parts and not path.name.startswith("tests")]
    # Its tables are constants of ours: no user can make them wrong, and a test reads all of them.
    shipped.remove(ROOT / "src" / "synth" / "codes.rs")
    # `Stop::expect` announces units of work; it is not the expect that panics, which takes a text.
    guilty = [
        path.name
        for path in shipped
        if (re.search(r'\.expect\(\s*"', code_of(path)) if word == ".expect(" else word in code_of(path))
    ]
    assert guilty == []


@pytest.mark.parametrize("path", [*RUST, *PYTHON, *TESTS], ids=lambda p: str(p.relative_to(ROOT)))
def test_files_are_short(path: Path) -> None:
    lines = len(path.read_text().splitlines())
    assert lines <= 400, f"{path.relative_to(ROOT)} has {lines} lines"


def python_imports(path: Path) -> set[str]:
    """The modules of the package that a Python file imports when it runs, by their first name."""
    found = set()
    tree = ast.parse(path.read_text())
    # What only type checkers read is no import.
    checked = [
        node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
    ]
    skipped = {id(inner) for node in checked for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
            if node.module == "kohort":
                names = [f"kohort.{alias.name}" for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("kohort.")}
    return found


def test_the_definition_knows_no_data() -> None:
    for path in (ROOT / "python" / "kohort" / "definition").rglob("*.py"):
        assert python_imports(path) <= {"definition", "errors", "display"}, path.name


def test_the_gate_knows_no_warehouse() -> None:
    for path in (ROOT / "python" / "kohort" / "release").rglob("*.py"):
        assert python_imports(path) <= {"release", "errors", "display", "hierarchy", "_core", "_frames"}, path.name


def test_hosting_knows_no_release() -> None:
    """A policy names the output rules; else, where data are kept nothing is known of what is released."""
    for path in (ROOT / "python" / "kohort" / "hosting").rglob("*.py"):
        above = {"warehouse", "results", "cli", "report"} | (set() if "policy" in path.parts else {"release"})
        assert not python_imports(path) & above, path.name


def test_nothing_imports_the_command_line() -> None:
    for path in PYTHON:
        inside = path.relative_to(ROOT / "python" / "kohort").parts[0]
        if inside not in {"cli", "__main__.py"}:
            assert "cli" not in python_imports(path), path.name


PUBLIC = [name for name in kh.__all__ if not name.startswith("__")]


@pytest.mark.parametrize("name", PUBLIC)
def test_public_names_are_documented(name: str) -> None:
    there = getattr(kh, name)
    doc = inspect.getdoc(there)
    assert doc
    assert doc.splitlines()[0].rstrip().endswith("."), doc.splitlines()[0]
    if inspect.isfunction(there):
        given = inspect.signature(there)
        refers = ":func:`" in doc  # one function explains its siblings
        if given.parameters and not refers:
            assert "Parameters\n----------" in doc, f"{name}: no Parameters"
        if given.return_annotation not in {None, "None"} and not refers and name in RETURNS:
            assert "Returns\n-------" in doc, f"{name}: no Returns"


#: Functions that do work and must say what they give; the words of the definition say it in their sentence.
RETURNS = {"demo", "open", "release_table", "load_definition", "risk_report", "k_anonymity", "codes", "age_bands"}


def methods(kind: type) -> list[tuple[str, object]]:
    return [(name, value) for name, value in vars(kind).items() if not name.startswith("_")]


@pytest.mark.parametrize("kind", [kh.Warehouse, kh.Result, kh.Release], ids=lambda kind: kind.__name__)
def test_public_methods_are_documented(kind: type) -> None:
    for name, value in methods(kind):
        if inspect.isfunction(value) or isinstance(value, property):
            assert inspect.getdoc(value), f"{kind.__name__}.{name}"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> kh.Warehouse:
    return kh.demo(1_500, path=tmp_path_factory.mktemp("small") / "wh", progress=False)


def test_reprs_show_no_exact_count(small: kh.Warehouse) -> None:
    """Cohorts of every small size: no repr, card or release has the number."""
    sizes = set()
    for code in sorted(small._core.codes("diagnosis")):
        events = kh.diagnosis(kh.codes("ICD10", code))
        result = small.run(kh.cohort("c").entry(events.first()), progress=False)
        persons = result._core.persons()
        if not 0 < persons < 11 or persons in sizes:
            continue
        sizes.add(persons)
        shown = [repr(result), repr(result.attrition()), repr(small.count(events, progress=False))]
        cards = [re.sub(r"<style>.*?</style>", "", part._repr_html_()) for part in (result, result.attrition())]
        for text in [*shown, *cards]:
            line = [part for part in text.replace(code, "").splitlines() if "snapshot" not in part.lower()]
            cells = re.findall(
                r"(?<![\w<.,-])\d[\d,]*(?![\w.-])", " ".join(re.sub(r"<[^>]*>", " ", part) for part in line)
            )
            assert str(persons) not in cells, f"{persons} persons shown in {text}"
        assert "<11" in repr(result)
    assert len(sizes) > 5


def test_the_card_of_a_warehouse_is_rounded(small: kh.Warehouse, tmp_path: Path) -> None:
    tiny = kh.demo(7, path=tmp_path / "wh", progress=False)
    assert "<11" in repr(tiny)
    assert "7" not in re.sub(r"\d{4}-\d\d-\d\d(T[\d:]+Z)?", "", repr(tiny).replace(str(tiny.path), ""))
    assert "about 1,500" in repr(small)
