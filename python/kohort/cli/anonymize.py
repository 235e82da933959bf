"""`kohort anonymize`: a file in, a safe one out."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kohort.cli.checks import Columns, needs_sensitive, required_of_classes

if TYPE_CHECKING:
    import polars as pl

    from kohort.microdata import Anonymized


class ColumnAndFile(click.ParamType["tuple[str, Path]"]):
    """A column and the file of its hierarchy."""

    name = "column=file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Path]:
        """Read ``age=age.csv``."""
        column, _, file = str(value).rpartition("=")
        if not column or not file:
            self.fail(f"{value!r} does not read column=file, such as age=age.csv", param, ctx)
        return column, Path(file)


@click.command()
@click.argument("data", type=click.Path(exists=True, path_type=Path))
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--hierarchy",
    "hierarchies",
    type=ColumnAndFile(),
    multiple=True,
    help="A quasi-identifier and its hierarchy, in ARX's CSV form; may be repeated.",
)
@click.option(
    "--suppress", type=Columns(), default=None, help="Quasi-identifiers that stay as they are or go altogether."
)
@required_of_classes
@click.option(
    "--max-suppression", type=click.FloatRange(0, 1), default=0.0, show_default=True, help="Share of rows to suppress."
)
@click.option("--time-limit", type=click.FloatRange(min=0), help="Seconds after which the best so far is taken.")
@click.option("--force", is_flag=True, help="Replace OUT if it exists.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def anonymize(
    data: Path,
    out: Path,
    *,
    hierarchies: tuple[tuple[str, Path], ...],
    suppress: list[str] | None,
    k: int,
    sensitive: list[str] | None,
    diversity: int | None,
    closeness: float | None,
    max_suppression: float,
    time_limit: float | None,
    force: bool,
    as_json: bool,
) -> None:
    r"""Generalize the quasi-identifiers of DATA, a Parquet or CSV file, as little as the models allow; write OUT.

    All other columns are written as they are: leave out names and numbers of persons first. OUT appears whole or not at
    all. Exit code 1 when no combination of levels fulfills the models, 2 when something cannot be read or written.

    \b
    Example:
      kohort anonymize patients.parquet safe.parquet --hierarchy age=age.csv --suppress sex --max-suppression 0.02
    """
    from kohort.errors import DisclosureError  # noqa: PLC0415
    from kohort.hierarchy import from_csv  # noqa: PLC0415
    from kohort.hierarchy import suppress as to_nothing  # noqa: PLC0415
    from kohort.ingest.source import scan  # noqa: PLC0415
    from kohort.microdata import KAnonymity, LDiversity, TCloseness  # noqa: PLC0415
    from kohort.microdata import anonymize as safe_levels  # noqa: PLC0415

    if out.suffix not in {".parquet", ".csv"}:
        raise click.UsageError(f"OUT is {out.name}: end its name in .parquet or .csv.")
    _vacant(out, force=force)
    needs_sensitive(sensitive, diversity, closeness)
    if sensitive is not None and diversity is None and closeness is None:
        raise click.UsageError("--sensitive needs --l or --t: what shall hold of these columns.")
    names = [*(name for name, _ in hierarchies), *(suppress or ())]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise click.UsageError(f"{repeated} is given twice: one hierarchy for each column.")
    models: list[Any] = [KAnonymity(k)]
    models += [LDiversity(name, diversity) for name in sensitive or () if diversity is not None]
    models += [TCloseness(name, closeness) for name in sensitive or () if closeness is not None]
    read = {name: from_csv(file) for name, file in hierarchies} | {name: to_nothing() for name in suppress or ()}
    try:
        safe = safe_levels(scan(data), read, models=models, max_suppression=max_suppression, time_limit=time_limit)
    except DisclosureError as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(1) from error
    _write(safe.frame.collect(), out, force=force)
    click.echo(json.dumps(safe.to_dict(), indent=2, ensure_ascii=False) if as_json else _told(safe, out))


def _told(safe: Anonymized, out: Path) -> str:
    return f"{safe!r}\n\nWritten to {out}"


def _vacant(out: Path, *, force: bool) -> None:
    if out.exists() and not force:
        raise click.UsageError(f"{out} exists: give another name, or --force to replace it.")


def _write(frame: pl.DataFrame, out: Path, *, force: bool) -> None:
    """Write under another name first: whoever looks at `out` sees the whole file, or none."""
    fresh = out.with_name(f".{out.name}.{uuid.uuid4().hex[:8]}")
    try:
        if out.suffix == ".csv":
            frame.write_csv(fresh)
        else:
            frame.write_parquet(fresh)
        _vacant(out, force=force)
        fresh.replace(out)
    finally:
        fresh.unlink(missing_ok=True)
