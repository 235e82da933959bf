"""`kohort run`: a saved definition on a warehouse, and what is released of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from kohort.definition import AgeBands, Events


class Outcome(click.ParamType["Events"]):
    """Events as a word: a domain, or a domain with codes of a vocabulary."""

    name = "domain:vocabulary:codes"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Events:
        """Read ``diagnosis:ICD10:I21*,I22*``."""
        from kohort.definition import codes, event  # noqa: PLC0415

        parts = str(value).split(":", 2)
        if len(parts) == 1 and parts[0]:
            return event(parts[0])
        if len(parts) != 3 or not all(parts):
            self.fail(f"{value!r} does not read domain:vocabulary:codes, such as diagnosis:ICD10:I21*,I22*", param, ctx)
        domain, vocabulary, patterns = parts
        return event(domain, codes(vocabulary, *(pattern.strip() for pattern in patterns.split(","))))


class By(click.ParamType["list[str | AgeBands]"]):
    """What a table is cut by."""

    name = "variables"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[str | AgeBands]:
        """Read ``sex,age`` and ``sex,age:20,year``."""
        from kohort.definition import age_bands  # noqa: PLC0415

        found: list[str | AgeBands] = []
        for text in str(value).split(","):
            name, _, width = text.strip().partition(":")
            if name == "age" and (width.isdigit() or not width):
                found.append(age_bands(int(width or 10)))
            elif name in {"sex", "year"} and not width:
                found.append(name)
            else:
                self.fail(
                    f"{text!r} is no variable: there are sex, year, age, and age:20 for bands of 20 years", param, ctx
                )
        return found


@click.command()
@click.argument("definition", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("warehouse", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--release",
    "kind",
    type=click.Choice(["attrition", "incidence", "characteristics"]),
    default="attrition",
    show_default=True,
    help="What to release.",
)
@click.option(
    "--outcome",
    type=Outcome(),
    help="For incidence: a domain, or domain:vocabulary:codes, such as diagnosis:ICD10:I21*.",
)
@click.option("--by", type=By(), help="For incidence: sex, year, age (bands of 10 years) or age:20, joined by commas.")
@click.option("--washout", type=click.IntRange(min=0), help="For incidence: days before in which an outcome excludes.")
@click.option("--min-cell", type=click.IntRange(min=1), default=11, show_default=True, help="The smallest count shown.")
@click.option(
    "--export", "folder", type=click.Path(file_okay=False, path_type=Path), help="Write the release into a folder."
)
@click.option(
    "--key-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="For --export: the file with the key of the seal, at least 16 bytes; `kohort verify` takes it too.",
)
def run(
    definition: Path,
    warehouse: Path,
    *,
    kind: str,
    outcome: Events | None,
    by: list[str | AgeBands] | None,
    washout: int | None,
    min_cell: int,
    folder: Path | None,
    key_file: Path | None,
) -> None:
    r"""Run a saved DEFINITION on a WAREHOUSE and print a release.

    DEFINITION is a file that `cohort.save(...)` has written.

    \b
    Example:
      kohort run initiators.json warehouse/ --release incidence --outcome 'diagnosis:ICD10:I21*' --by sex,age:20
    """
    from kohort.definition import load_definition  # noqa: PLC0415
    from kohort.opening import open_warehouse  # noqa: PLC0415
    from kohort.release import OutputRules  # noqa: PLC0415
    from kohort.release.seal import checked_key  # noqa: PLC0415

    if kind == "incidence" and outcome is None:
        raise click.UsageError("--release incidence needs --outcome, such as --outcome 'diagnosis:ICD10:I21*'.")
    if kind != "incidence" and (outcome is not None or by is not None or washout is not None):
        raise click.UsageError("--outcome, --by and --washout are for --release incidence.")
    if key_file is not None and folder is None:
        raise click.UsageError("--key-file is for --export, whose folder it seals.")
    key = None if key_file is None else checked_key(key_file.read_bytes())
    opened = open_warehouse(warehouse, rules=OutputRules(min_cell=min_cell))
    result = opened.run(load_definition(definition))
    if outcome is not None:
        released = result.incidence(outcome, by=by or (), washout=washout)
    else:
        released = result.attrition() if kind == "attrition" else result.characterize()
    click.echo(repr(released))
    if folder is not None:
        click.echo(f"\nWritten to {released.export(folder, key=key)}")
