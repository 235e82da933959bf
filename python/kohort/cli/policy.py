"""`kohort policy`: a policy file checked, explained, compared, or a preset printed."""

from __future__ import annotations

from pathlib import Path

import click

from kohort.hosting.policy import PRESETS, Policy, preset_text


@click.group()
def policy() -> None:
    """Read policies: who may use the data for what, until when, and where."""


@policy.command()
@click.argument("source", metavar="FILE_OR_PRESET")
def check(source: str) -> None:
    """Say whether a policy file is valid; every fault is named, and the exit code is 2."""
    found = Policy.load(source)
    unknown = found.unknown()
    click.echo(f"{found!r}: valid, SHA-256 {found.hash}")
    if unknown:
        click.echo(f"Not established, so refused wherever needed: {', '.join(unknown)}")


@policy.command()
@click.argument("source", metavar="FILE_OR_PRESET")
@click.option("--html", type=click.Path(path_type=Path), help="Write the sheet to this file instead.")
def explain(source: str, html: Path | None) -> None:
    """Say in prose what a policy allows, demands and refuses."""
    found = Policy.load(source)
    if html is None:
        click.echo(found.explain())
        return
    html.write_text(found.to_html(), encoding="utf-8")
    click.echo(f"Wrote {html}")


@policy.command()
@click.argument("before", metavar="FILE_OR_PRESET")
@click.argument("after", metavar="FILE_OR_PRESET")
def diff(before: str, after: str) -> None:
    """Say what two policies say otherwise; the exit code is 1 where they differ."""
    found = Policy.load(before).diff(Policy.load(after))
    click.echo(str(found))
    if found:
        raise SystemExit(1)


@policy.command()
@click.argument("name", type=click.Choice(PRESETS))
def preset(name: str) -> None:
    """Print a preset, to copy and edit: kohort policy preset emc2 > policy.toml."""
    click.echo(preset_text(name), nl=False)
