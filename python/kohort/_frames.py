"""Any frame in, the same kind out: the one place that knows polars, pandas, pyarrow and DuckDB.

`open_frame` wraps what a user handed in. A `Frame` names its columns without computing anything, gives selected columns
as an Arrow stream (only those are converted or collected), and turns new columns into the user's kind of frame. The
input is never changed. Only polars is imported here for good; another library is imported when a frame of it comes in,
or goes out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import polars as pl

from kohort.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


class Stream(Protocol):
    """Rows that any Arrow library reads."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Hand out the rows as an `arrow_array_stream` capsule."""


class Frame(ABC):
    """A user's frame of one of the known kinds."""

    def __init__(self, data: Any) -> None:
        self.data = data

    @property
    @abstractmethod
    def columns(self) -> list[str]:
        """The names of the columns, in order, with repeated names repeated."""

    @abstractmethod
    def select(self, columns: Sequence[str]) -> Stream:
        """Give these columns, in this order; for a lazy frame, a query or a reader this is when it runs."""

    @abstractmethod
    def like(self, table: Stream) -> Any:
        """Turn `table` into a frame of the user's kind."""

    def held(self) -> Frame:
        """Give a frame whose rows are in memory and stay as they are: this one, unless reading it means running it."""
        return self

    @abstractmethod
    def replace(self, columns: Mapping[str, pl.Series]) -> Any:
        """Give the user's rows with these columns in place of those of their names; the input is not changed."""

    def within(self, columns: Sequence[str], cells: int) -> Stream | None:
        """Give these columns as `select` does; none if they are not in memory yet and have more than so many cells."""
        del cells
        return self.select(columns)

    def write(self, columns: Sequence[str], folder: Path) -> Path:
        """Write these columns as a Parquet file into `folder`, or name the file that they are in."""
        raise NotImplementedError

    def take(self, rows: pl.Series) -> Any:
        """Give the user's rows at these positions."""
        return self.like(cast("Stream", pl.DataFrame(self.select(self.columns))[rows]))

    def replaced(self, table: pl.DataFrame, kept: Collection[str], lost: pl.Series) -> Any:
        """Give the user's rows with the columns of `table`; those in `kept` only lose the values that `lost` marks."""
        del kept, lost
        return self.replace({name: table[name] for name in table.columns})


class _Polars(Frame):
    @property
    def columns(self) -> list[str]:
        return cast("list[str]", self.data.columns)

    def select(self, columns: Sequence[str]) -> Stream:
        return _without_null_type(self.data.select(columns))

    def like(self, table: Stream) -> pl.DataFrame:
        return pl.DataFrame(table)

    def replace(self, columns: Mapping[str, pl.Series]) -> Any:
        return self.data.with_columns(**columns)

    def take(self, rows: pl.Series) -> Any:
        return self.data[rows]


class _Held(_Polars):
    """Rows in memory of what came as something else."""

    def __init__(self, rows: pl.DataFrame, source: Frame) -> None:
        super().__init__(rows)
        self._source = source

    def like(self, table: Stream) -> Any:
        return self._source.like(table)

    def replace(self, columns: Mapping[str, pl.Series]) -> Any:
        return self.like(cast("Stream", self.data.with_columns(**columns)))

    def take(self, rows: pl.Series) -> Any:
        return self.like(cast("Stream", self.data[rows]))


class _Lazy(Frame):
    @property
    def columns(self) -> list[str]:
        return cast("list[str]", self.data.collect_schema().names())

    def _query(self, columns: Sequence[str]) -> pl.LazyFrame:
        schema = self.data.collect_schema()
        for name in columns:
            if schema[name].is_nested():
                raise ArgumentError(
                    f"column {name!r} is of type {schema[name]}, which has no single value per row to compare: "
                    "unnest it, or turn it into text, and try again"
                )
        return cast("pl.LazyFrame", self.data.select(columns))

    def select(self, columns: Sequence[str]) -> Stream:
        return _without_null_type(self._query(columns).collect(engine="streaming"))

    def within(self, columns: Sequence[str], cells: int) -> Stream | None:
        query = self._query(columns)
        if not hasattr(query, "collect_batches"):
            return self.select(columns)
        batches = [pl.DataFrame(schema=query.collect_schema())]
        for batch in query.collect_batches(chunk_size=1 << 18):
            cells -= batch.height * len(columns)
            if cells < 0:
                return None
            batches.append(batch)
        return _without_null_type(pl.concat(batches))

    def write(self, columns: Sequence[str], folder: Path) -> Path:
        path = folder / "rows.parquet"
        self._query(columns).sink_parquet(path, compression="snappy", maintain_order=False)
        return path

    def like(self, table: Stream) -> pl.LazyFrame | pl.DataFrame:
        return pl.DataFrame(table).lazy()

    def held(self) -> Frame:
        return _Held(self.data.collect(engine="streaming"), self)

    def replace(self, columns: Mapping[str, pl.Series]) -> Any:
        return self.held().replace(columns)


class _Path(_Lazy):
    def __init__(self, path: str | Path) -> None:
        scan = pl.scan_parquet(path)
        try:
            scan.collect_schema()
        except pl.exceptions.ComputeError as error:
            raise ArgumentError(
                f"{path} cannot be read as Parquet: read it yourself and hand over the frame"
            ) from error
        super().__init__(scan)
        self._path = Path(path)

    def within(self, columns: Sequence[str], cells: int) -> Stream | None:
        query = self._query(columns)
        rows: int = query.select(pl.len()).collect().item()
        return None if rows * len(columns) > cells else self.select(columns)

    def write(self, columns: Sequence[str], folder: Path) -> Path:
        # A folder or a pattern of names is one query over several files.
        return self._path if self._path.is_file() else super().write(columns, folder)

    def like(self, table: Stream) -> pl.DataFrame:
        return pl.DataFrame(table)


class _Pandas(Frame):
    def __init__(self, data: Any) -> None:
        super().__init__(data)
        # The user may sort or filter the frame in place before asking for rows again.
        self._index = data.index

    @property
    def columns(self) -> list[str]:
        return list(self.data.columns)

    def select(self, columns: Sequence[str]) -> Stream:
        pa = _pyarrow("pandas frames are")
        arrays = []
        for name in columns:
            try:
                arrays.append(pa.array(self.data[name], from_pandas=True))
            except (pa.ArrowException, TypeError, ValueError):
                # Arrow's own message quotes a value.
                raise ArgumentError(
                    f"column {name!r} holds values of several types, or of a type that Arrow lacks: "
                    f"convert it first, for example with df[{name!r}].astype('string')"
                ) from None
        return cast("Stream", pa.table(arrays, names=list(columns)))

    def like(self, table: Stream) -> Any:
        frame = _pyarrow("pandas frames are").table(table).to_pandas()
        if len(frame) == len(self._index):
            frame.index = self._index
        return frame

    def replace(self, columns: Mapping[str, pl.Series]) -> Any:
        new = _pyarrow("pandas frames are").table(pl.DataFrame(dict(columns))).to_pandas()
        # By position: labels of an index may repeat.
        return self.data.assign(**{name: new[name].array for name in columns})

    def take(self, rows: pl.Series) -> Any:
        return self.data.iloc[rows.to_numpy()]

    def replaced(self, table: pl.DataFrame, kept: Collection[str], lost: pl.Series) -> Any:
        frame = self.data.copy(deep=False)
        gone = lost.to_numpy()
        for name in table.columns:
            if name in kept:
                # Whole numbers of numpy have no missing value; those of pandas have.
                column = self.data[name].convert_dtypes() if gone.any() else self.data[name]
                frame[name] = column.mask(gone) if gone.any() else column
            else:
                frame[name] = table[name].to_pandas().set_axis(self._index)
        return frame


class _Table(Frame):
    @property
    def columns(self) -> list[str]:
        return cast("list[str]", self.data.schema.names)

    def select(self, columns: Sequence[str]) -> Stream:
        return cast("Stream", self.data.select(list(columns)))

    def like(self, table: Stream) -> Any:
        return _pyarrow("these rows are").table(table)

    def replace(self, columns: Mapping[str, pl.Series]) -> Any:
        new = _pyarrow("these rows are").table(pl.DataFrame(dict(columns)))
        data = self.data
        for name in columns:
            data = data.set_column(data.schema.get_field_index(name), new.schema.field(name), new[name])
        return data

    def take(self, rows: pl.Series) -> Any:
        return self.data.take(rows.to_numpy())


class _Batch(_Table):
    def select(self, columns: Sequence[str]) -> Stream:
        pa = _pyarrow("these rows are")
        return cast("Stream", pa.Table.from_batches([self.data.select(list(columns))]))

    def like(self, table: Stream) -> Any:
        pa = _pyarrow("these rows are")
        whole = pa.table(table).combine_chunks()
        batches = whole.to_batches()
        return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=whole.schema)

    def replace(self, columns: Mapping[str, pl.Series]) -> Any:
        whole = _Table(_pyarrow("these rows are").Table.from_batches([self.data]))
        return self.like(whole.replace(columns))


class _Reader(_Table):
    def select(self, columns: Sequence[str]) -> Stream:
        pa = _pyarrow("these rows are")
        schema = pa.schema([self.data.schema.field(name) for name in columns])
        return cast(
            "Stream", pa.Table.from_batches((batch.select(list(columns)) for batch in self.data), schema=schema)
        )

    def held(self) -> Frame:
        return _Held(pl.DataFrame(self.data.read_all()), self)

    def replace(self, columns: Mapping[str, pl.Series]) -> Any:
        return self.held().replace(columns)

    def take(self, rows: pl.Series) -> Any:
        return self.held().take(rows)

    def like(self, table: Stream) -> Any:
        return _pyarrow("these rows are").table(table).to_reader()


class _Relation(Frame):
    @property
    def columns(self) -> list[str]:
        return cast("list[str]", self.data.columns)

    def select(self, columns: Sequence[str]) -> Stream:
        import duckdb  # noqa: PLC0415

        _pyarrow("DuckDB relations are")
        return cast("Stream", self.data.select(*map(duckdb.ColumnExpression, columns)).to_arrow_table())

    def held(self) -> Frame:
        _pyarrow("DuckDB relations are")
        return _Held(pl.DataFrame(self.data.to_arrow_table()), self)

    def replace(self, columns: Mapping[str, pl.Series]) -> Any:
        return self.held().replace(columns)

    def like(self, table: Stream) -> Any:
        import duckdb  # noqa: PLC0415

        return duckdb.from_arrow(_pyarrow("DuckDB relations are").table(table))


def _without_null_type(frame: pl.DataFrame) -> pl.DataFrame:
    # polars 2.1 exports the type Null with a buffer, which Arrow's C interface rules out.
    return frame.with_columns(pl.col(pl.Null).cast(pl.Boolean)) if pl.Null in frame.dtypes else frame


def _pyarrow(what: str) -> Any:
    try:
        import pyarrow as pa  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ArgumentError(f"{what} read through pyarrow, which is not installed: pip install pyarrow") from error
    return pa


_KINDS: dict[tuple[str, str], type[Frame]] = {
    ("polars", "DataFrame"): _Polars,
    ("polars", "LazyFrame"): _Lazy,
    ("pandas", "DataFrame"): _Pandas,
    ("pyarrow", "Table"): _Table,
    ("pyarrow", "RecordBatch"): _Batch,
    ("pyarrow", "RecordBatchReader"): _Reader,
    ("duckdb", "DuckDBPyRelation"): _Relation,
    ("_duckdb", "DuckDBPyRelation"): _Relation,
}


def open_frame(data: Any) -> Frame:
    """Wrap a frame of any known kind.

    Parameters
    ----------
    data
        A polars DataFrame or LazyFrame, a pandas DataFrame, a pyarrow Table, RecordBatch or RecordBatchReader (read
        once, as a reader is), a DuckDB relation, the path of a Parquet file, or anything with `__arrow_c_stream__`
        (read whole; answers come as polars).

    Returns
    -------
    Frame
        The wrapped frame. What comes back from a path is a polars DataFrame; a DuckDB relation lives on the default
        connection; a pandas frame of as many rows keeps its index.

    Raises
    ------
    ArgumentError
        If `data` is none of these.
    """
    if isinstance(data, str | Path):
        return _Path(data)
    for base in type(data).__mro__:
        kind = _KINDS.get((base.__module__.partition(".")[0], base.__name__))
        if kind is not None:
            return kind(data)
    if hasattr(data, "__arrow_c_stream__") and not isinstance(data, pl.Series):
        return _Polars(pl.DataFrame(data))
    raise ArgumentError(
        f"expected a frame (polars, pandas, pyarrow, a DuckDB relation, the path of a Parquet file, or anything with "
        f"__arrow_c_stream__), got {type(data).__qualname__}"
    )
