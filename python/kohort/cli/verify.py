"""`kohort verify`: an exported release checked again, for output checkers and for scripts."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--key-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file with the key that the folder was sealed with; its bytes are the key.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def verify(folder: Path, *, key_file: Path | None, as_json: bool) -> None:
    r"""Check an exported release again, from its FOLDER alone: no warehouse is needed.

    The seal (no file changed, missing or added), the disclosure record against its schema, CSV and Parquet against the
    record, the output rules on what is shown, and a reader's attack by linear programming on what is hidden. Without
    --key-file a folder whose files and seal were all made anew, in agreement with the rules, cannot be found out.

    Exit code 0 when everything holds, 1 when something does not (stderr has the reason), 2 when FOLDER cannot be read.

    \b
    Example:
      kohort verify out/ --key-file checker.key
    """
    from kohort.release.verify import verify as check  # noqa: PLC0415

    found = check(folder, key=None if key_file is None else key_file.read_bytes())
    click.echo(json.dumps(found.to_dict(), indent=2, ensure_ascii=False) if as_json else repr(found))
    if not found.passes:
        click.echo(f"Error: {found.reason}.", err=True)
        raise SystemExit(1)
