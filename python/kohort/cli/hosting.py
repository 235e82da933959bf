"""`kohort hosting`: the sheet that an information-security officer files."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("warehouse", type=click.Path(exists=True, path_type=Path))
@click.option("--policy", required=True, metavar="FILE_OR_PRESET", help="The policy to open it under.")
@click.option("--hosts", type=click.Path(exists=True, path_type=Path), help="The sheets of hosts.")
@click.option("--purpose", required=True, help="The purpose of the session, in the policy's words.")
@click.option("--person", help="Who opens it, where the policy names persons.")
@click.option("--html", type=click.Path(path_type=Path), help="Write the sheet to this file instead.")
def hosting(
    *, warehouse: Path, policy: str, hosts: Path | None, purpose: str, person: str | None, html: Path | None
) -> None:
    """State what is declared, checked and unknown about where a warehouse is hosted."""
    from kohort.hosting.facts import hosting_sheet  # noqa: PLC0415 - slow to import
    from kohort.opening import open_warehouse  # noqa: PLC0415

    opened = open_warehouse(warehouse, policy=policy, hosts=hosts, purpose=purpose, person=person)
    sheet = hosting_sheet(opened)
    if html is None:
        click.echo(str(sheet))
        return
    html.write_text(sheet.to_html(), encoding="utf-8")
    click.echo(f"Wrote {html}")
