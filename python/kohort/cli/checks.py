"""`kohort check` and `kohort verify-store`: answers that a script can act on."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("data", type=click.Path(exists=True, path_type=Path))
@click.option("--qi", required=True, metavar="COLUMNS", help="Quasi-identifiers, separated by commas.")
@click.option("--k", type=click.IntRange(min=1), default=11, show_default=True, help="The class size required.")
@click.option("--sensitive", metavar="COLUMNS", default="", help="Sensitive columns, for l-diversity.")
def check(data: Path, qi: str, k: int, sensitive: str) -> None:
    """Check that a Parquet or CSV file is k-anonymous.

    Exit code 0 when every row shares its quasi-identifiers with at least k - 1 others, 1 when not, 2 when the file
    cannot be checked. The numbers printed are exact: they are for whoever holds the file.
    """
    from kohort.ingest.source import scan  # noqa: PLC0415
    from kohort.microdata import risk_report  # noqa: PLC0415

    names = [name.strip() for name in qi.split(",")]
    secret = [name.strip() for name in sensitive.split(",") if name.strip()]
    report = risk_report(scan(data), names, sensitive=secret or None, k=k)
    click.echo(repr(report))
    if not report.passes:
        raise SystemExit(1)


@click.command("verify-store")
@click.argument("warehouse", type=click.Path(file_okay=False, path_type=Path))
def verify_store(warehouse: Path) -> None:
    """Read every file of WAREHOUSE and compare it with what was written.

    Exit code 2 at the first file that is not what its snapshot says.
    """
    from kohort.warehouse import open_warehouse  # noqa: PLC0415

    opened = open_warehouse(warehouse)
    files = opened.verify()
    click.echo(f"{warehouse}: {files:,} files of snapshot {opened.snapshot} are what was written")
