"""Where tables come from: a folder of Parquet or CSV files, or a DuckDB file; and any frame as a lazy one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from polars.io.plugins import register_io_source

from kohort.errors import IngestError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Endings of file names that are read, in order of preference.
ENDINGS = (".parquet", ".csv", ".csv.gz", ".tsv", ".tsv.gz")


def lazy(frame: Any, table: str) -> pl.LazyFrame:
    """Read anything that speaks Arrow, or a path, lazily."""
    if isinstance(frame, pl.LazyFrame):
        return frame
    if isinstance(frame, pl.DataFrame):
        return frame.lazy()
    if isinstance(frame, (str, Path)):
        return scan(Path(frame))
    try:
        if type(frame).__module__.partition(".")[0] == "pandas":
            read: pl.DataFrame = pl.from_pandas(frame)
            return read.lazy()
        if hasattr(frame, "__arrow_c_stream__"):
            return pl.DataFrame(frame).lazy()
    except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
        # pyarrow refuses columns of mixed kinds so, and quotes their values; its exceptions are of these classes.
        raise IngestError(
            f"table '{table}' cannot be read as Arrow data ({type(error).__name__}): give each column one type"
        ) from error
    kind = type(frame).__name__
    raise IngestError(f"table '{table}' is a {kind}: give a data frame, anything with __arrow_c_stream__, or a path")


def scan(path: Path) -> pl.LazyFrame:
    """Scan a Parquet or CSV file; a folder of Parquet files is one table."""
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no such file or folder")
    if path.is_dir():
        return pl.scan_parquet(path / "**/*.parquet")
    if path.name.endswith(".parquet"):
        return pl.scan_parquet(path)
    if path.name.endswith(ENDINGS[1:]):
        head = _head(path)
        separator = max(",\t;", key=head.count)
        columns = [name.strip().strip('"') for name in head.strip().split(separator)]
        # As text: a commune 01053 or an identifier 007 is not the number that it looks like.
        texts = {name: pl.String for name in columns if name in {"person_id", "code"}}
        return pl.scan_csv(
            path, separator=separator, try_parse_dates=True, infer_schema_length=None, schema_overrides=texts
        )
    raise IngestError(f"{path}: files that end so are not read; there are {', '.join(ENDINGS)}")


def _head(path: Path) -> str:
    """Read the first line, which names the columns."""
    import gzip  # noqa: PLC0415

    with gzip.open(path) if path.name.endswith(".gz") else path.open("rb") as file:
        return file.readline().decode("utf-8", errors="replace").removeprefix("\ufeff")


def tables(source: str | Path) -> dict[str, pl.LazyFrame]:
    """Give the tables of a folder or of a DuckDB file by their names in lower case."""
    path = Path(source)
    if path.is_dir():
        return _folder(path)
    if path.is_file():
        return _duckdb(path)
    raise FileNotFoundError(f"{path}: there is no such folder or DuckDB file")


def _folder(path: Path) -> dict[str, pl.LazyFrame]:
    found: dict[str, pl.LazyFrame] = {}
    for ending in ENDINGS:
        for file in sorted(path.iterdir()):
            name = file.name.lower()
            if name.endswith(ending) and name.removesuffix(ending) not in found:
                found[name.removesuffix(ending)] = _lower(scan(file))
    if not found:
        raise IngestError(
            f"{path}: there are no tables in this folder; it needs files that end in {', '.join(ENDINGS)}"
        )
    return found


def _duckdb(path: Path) -> dict[str, pl.LazyFrame]:
    try:
        import duckdb  # noqa: PLC0415
    except ImportError as error:
        raise IngestError(f"{path}: reading DuckDB files needs duckdb: pip install 'kohort[duckdb]'") from error
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        raise IngestError(f"{path}: not a folder of tables, and DuckDB cannot open it ({error})") from error
    names = connection.execute(
        "select table_catalog, table_schema, table_name from information_schema.tables "
        "where table_catalog = current_database() order by table_schema = 'main' desc, table_name"
    ).fetchall()
    found: dict[str, pl.LazyFrame] = {}
    for *place, name in names:
        if name.lower() not in found:
            found[name.lower()] = _lower(_table(connection, [*place, name]))
    return found


def _table(connection: Any, names: list[str]) -> pl.LazyFrame:
    """Scan a table of a DuckDB file, as often as asked for: each scan is a query of its own, on a cursor of its own.

    polars' own `scan_arrow_c_stream` reads a relation once, and gives no rows the second time.
    """

    def quoted(identifier: str) -> str:
        return '"' + identifier.replace('"', '""') + '"'

    # With the catalog, which bears the file's name: a schema of that name would be ambiguous.
    place = ".".join(map(quoted, names))

    def query(columns: list[str] | None) -> pl.LazyFrame:
        chosen = ", ".join(map(quoted, columns)) if columns else "*"
        relation = connection.cursor().sql(f"select {chosen} from {place}")  # noqa: S608
        return pl.scan_arrow_c_stream(relation)

    def read(
        columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, _: int | None
    ) -> Iterator[pl.DataFrame]:
        found = query(columns)
        found = found if predicate is None else found.filter(predicate)
        yield from (found if rows is None else found.head(rows)).collect_batches(maintain_order=True)

    return register_io_source(read, schema=query(None).collect_schema())


def _lower(frame: pl.LazyFrame) -> pl.LazyFrame:
    return frame.rename(str.lower)
