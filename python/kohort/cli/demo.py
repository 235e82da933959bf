"""`kohort demo`: a study from the warehouse to a page."""

from __future__ import annotations

from pathlib import Path

import click

from kohort.cli.study import Study

#: Among fewer persons there may be nobody who starts the drug.
FEWEST = 1_000


@click.command()
@click.option(
    "--persons", type=click.IntRange(min=FEWEST), default=200_000, show_default=True, help="Persons of the population."
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    default=Path("report.html"),
    show_default=True,
    help="Where to write the page.",
)
def demo(persons: int, report: Path) -> None:
    """Run a study on a synthetic population and write it as a page.

    The population is made on first use and kept (in the folder that KOHORT_CACHE names, or in ~/.cache/kohort).
    The study follows adults who start a DPP-4 inhibitor on top of metformin until a hospital stay, the end of supply or
    death. Everything printed and written has passed the output rules.
    """
    from kohort.report import page  # noqa: PLC0415

    study = Study.of_demo(persons)
    for line in study.lines():
        click.echo(line)
    report.write_text(page(study), encoding="utf-8")
    click.echo(f"\nThe report is {report.resolve()}")
