"""Execute every notebook, in place or, with ``--check``, into a copy: fails where a cell does.

With ``--check`` the committed file must also have been executed from the first cell to the last, without an error.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent.parent / "notebooks"


def executed(notebook: nbformat.NotebookNode) -> bool:
    """Tell whether every cell of code was run, in order."""
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    return counts == list(range(1, len(counts) + 1))


def main() -> None:
    """Execute."""
    check = "--check" in sys.argv[1:]
    for path in sorted(FOLDER.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        if check and not executed(notebook):
            raise SystemExit(f"{path.name} was committed without its outputs: run python scripts/notebooks.py")
        NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": FOLDER}}).execute()
        if not check:
            for cell in notebook.cells:
                cell.metadata.pop("execution", None)  # times of day: a new diff at every run
            nbformat.write(notebook, path)
        print(f"{path.name}: {len(notebook.cells)} cells")


if __name__ == "__main__":
    main()
