"""`kohort check` and `kohort verify-store`: answers that a script can act on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from kohort.microdata import RiskReport


class Columns(click.ParamType["list[str]"]):
    """Names of columns, separated by commas."""

    name = "columns"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[str]:
        """Read ``sex,birth_month``."""
        names = [name.strip() for name in str(value).split(",")]
        if not all(names):
            self.fail(f"{value!r} has an empty name: separate names of columns by single commas", param, ctx)
        return names


def required_of_classes(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say what each class must fulfill."""
    for option in reversed(
        (
            click.option(
                "--k", type=click.IntRange(min=1), default=11, show_default=True, help="The class size required."
            ),
            click.option("--sensitive", type=Columns(), default=None, help="Sensitive columns, for --l and --t."),
            click.option(
                "--l", "diversity", type=click.IntRange(min=1), help="Different sensitive values required in a class."
            ),
            click.option(
                "--t", "closeness", type=click.FloatRange(0, 1), help="The distance allowed of a class from the whole."
            ),
        )
    ):
        command = option(command)
    return command


def needs_sensitive(sensitive: list[str] | None, diversity: int | None, closeness: float | None) -> None:
    """Refuse requirements on values of columns that are not named."""
    if sensitive is None and (diversity is not None or closeness is not None):
        raise click.UsageError("--l and --t need --sensitive, the columns whose values must not be learned.")


@click.command()
@click.argument("data", type=click.Path(exists=True, path_type=Path))
@click.option("--qi", required=True, type=Columns(), help="Quasi-identifiers, separated by commas.")
@required_of_classes
@click.option("--person", metavar="COLUMN", help="Whose row it is, to count persons instead of rows.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def check(
    data: Path,
    *,
    qi: list[str],
    k: int,
    sensitive: list[str] | None,
    diversity: int | None,
    closeness: float | None,
    person: str | None,
    as_json: bool,
) -> None:
    r"""Check that a Parquet or CSV file is k-anonymous, and, if asked for, l-diverse and t-close.

    Exit code 0 when every row shares its quasi-identifiers with at least k - 1 others and each sensitive column is as
    required, 1 when not, 2 when the file cannot be checked. The numbers printed are exact: they are for whoever holds
    the file.

    \b
    Example:
      kohort check patients.parquet --qi sex,birth_month,commune --k 11 --sensitive icd10 --l 3
    """
    from kohort.errors import ArgumentError  # noqa: PLC0415
    from kohort.ingest.source import scan  # noqa: PLC0415
    from kohort.microdata import risk_report  # noqa: PLC0415

    needs_sensitive(sensitive, diversity, closeness)
    report = risk_report(scan(data), qi, sensitive=sensitive, k=k, person=person)
    if closeness is not None and not report.t:
        raise ArgumentError(f"{data} has too many rows to measure t: check a random sample of it")
    failures = _failures(report, diversity, closeness)
    if as_json:
        required = {"k": k, "l": diversity, "t": closeness}
        found = report.to_dict() | {"passes": not failures, "required": required, "failures": failures}
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        click.echo(repr(report))
        for failure in failures:
            click.echo(f"fails: {failure}")
    if failures:
        raise SystemExit(1)


def _failures(report: RiskReport, diversity: int | None, closeness: float | None) -> list[str]:
    """Say what is not as required."""
    failures = [] if report.passes else [f"k is {report.k}, required is {report.required}"]
    for name in report.l:
        if diversity is not None and report.l[name] < diversity:
            failures.append(f"l of {name} is {report.l[name]}, required is {diversity}")
        # Equal distances may differ in the last digit.
        if closeness is not None and report.t[name] > closeness + 1e-12:
            failures.append(f"t of {name} is {report.t[name]:.4g}, allowed is {closeness:g}")
    return failures


@click.command("verify-store")
@click.argument("warehouse", type=click.Path(file_okay=False, path_type=Path))
def verify_store(warehouse: Path) -> None:
    """Read every file of WAREHOUSE and compare it with what was written.

    Exit code 2 at the first file that is not what its snapshot says.
    """
    from kohort.opening import open_warehouse  # noqa: PLC0415

    opened = open_warehouse(warehouse)
    files = opened.verify()
    click.echo(f"{warehouse}: {files:,} files of snapshot {opened.snapshot} are what was written")
