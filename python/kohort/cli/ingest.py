"""`kohort ingest`: a source becomes a warehouse."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from kohort.warehouse import Warehouse


@click.group()
def ingest() -> None:
    """Make a warehouse from an OMOP source or from plain tables."""


def _options(command: Callable[..., None]) -> Callable[..., None]:
    strict = click.option("--strict", is_flag=True, help="End at the first row that cannot be used.")
    replace = click.option("--replace", is_flag=True, help="Give a warehouse that is there a new snapshot.")
    return strict(replace(command))


@ingest.command()
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.argument("into", type=click.Path(file_okay=False, path_type=Path))
@_options
def omop(source: Path, into: Path, *, strict: bool, replace: bool) -> None:
    """Make the warehouse INTO from an OMOP CDM in SOURCE.

    SOURCE is a DuckDB file, or a folder of Parquet or CSV files named after the tables of the CDM. The CDM's person_id
    is kept.
    """
    from kohort.ingest import omop as read  # noqa: PLC0415

    _tell(read(source, into=into, strict=strict, replace=replace))


class DomainPath(click.ParamType["tuple[str, Path]"]):
    """A domain and the file of its events."""

    name = "domain=path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Path]:
        """Cut at the first equals sign."""
        domain, equals, path = str(value).partition("=")
        if not (domain.isidentifier() and equals and path):
            self.fail(f"{value!r} does not read domain=path, such as drug=deliveries.parquet", param, ctx)
        return domain, Path(path)


@ingest.command()
@click.argument("domains", nargs=-1, required=True, type=DomainPath(), metavar="DOMAIN=PATH...")
@click.argument("into", type=click.Path(file_okay=False, path_type=Path))
@click.option("--persons", required=True, type=click.Path(exists=True, path_type=Path), help="One row a person.")
@click.option("--observation", type=click.Path(exists=True, path_type=Path), help="Observation periods.")
@click.option("--residence", type=click.Path(exists=True, path_type=Path), help="Where persons lived.")
@click.option("--concepts", type=click.Path(exists=True, path_type=Path), help="Labels of codes.")
@click.option(
    "--vocabulary",
    "vocabularies",
    multiple=True,
    metavar="DOMAIN=NAME",
    help="The vocabulary of a domain, where it is not the usual one; may be given several times.",
)
@click.option("--truncate-births", is_flag=True, help="Cut full dates of birth to the month instead of refusing them.")
@click.option("--keep-identifiers", is_flag=True, help="Keep person_id as it is: it is a pseudonym already.")
@_options
def frames(
    domains: tuple[tuple[str, Path], ...],
    into: Path,
    *,
    vocabularies: tuple[str, ...],
    truncate_births: bool,
    keep_identifiers: bool,
    **options: Any,
) -> None:
    r"""Make the warehouse INTO from Parquet or CSV files, one per domain.

    \b
    Example:
      kohort ingest frames --persons persons.parquet drug=drug.parquet diagnosis=diagnosis.csv warehouse/

    Persons have person_id, sex, birth_month, perhaps death, observation_start and observation_end. Events have
    person_id, start, code, perhaps end, and any further columns.
    """
    from kohort.ingest import frames as read  # noqa: PLC0415

    given: dict[str, Any] = {}
    for domain, path in domains:
        if domain in given:
            raise click.UsageError(f"{domain}={path}: {domain} is given twice.")
        given[domain] = path
    named: dict[str, str] = {}
    for text in vocabularies:
        domain, equals, vocabulary = text.partition("=")
        if domain not in given or not equals or not vocabulary:
            raise click.UsageError(f"--vocabulary {text} does not read DOMAIN=NAME with one of {', '.join(given)}.")
        named[domain] = vocabulary
    warehouse = read(
        into=into,
        vocabularies=named,
        birth_dates="truncate" if truncate_births else "refuse",
        identifiers="keep" if keep_identifiers else "pseudonymize",
        domains=given,
        **options,
    )
    _tell(warehouse)


def _tell(warehouse: Warehouse) -> None:
    click.echo(str(warehouse.ingest_report))
    click.echo(repr(warehouse))
