"""k-anonymity of a frame, and the report on its risk."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from kohort import _core
from kohort._frames import open_frame
from kohort.errors import ArgumentError
from kohort.microdata import checks
from kohort.microdata.disclosure import Disclosure, disclosure
from kohort.microdata.population import presence
from kohort.microdata.raised import checked, raise_each
from kohort.microdata.report import Contribution, RiskReport, bands, unique_share
from kohort.microdata.stored import CELLS, stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kohort._frames import Stream
    from kohort.hierarchy import Hierarchy
    from kohort.microdata.raised import Raised
    from kohort.microdata.stored import Stored

#: More cells than any frame has.
_ALL = 1 << 62


def k_anonymity(
    df: Any,
    quasi_identifiers: str | Iterable[str],
    *,
    person: str | None = None,
    nulls: Literal["category", "any"] = "category",
) -> int:
    """Find the k for which a frame is k-anonymous.

    k is the number of rows, or of persons, in the smallest class, a class being the rows that share the values of all
    quasi-identifiers. In pandas NaN is missing; elsewhere NaN equals NaN and differs from null; -0.0 equals 0.0. Levels
    of a categorical that no row has are no class.

    Parameters
    ----------
    df
        A polars DataFrame or LazyFrame, a pandas DataFrame, a pyarrow Table, RecordBatch or reader, a DuckDB relation,
        the path of a Parquet file, or anything with `__arrow_c_stream__`. Only the named columns are read, nothing is
        changed.
    quasi_identifiers
        The columns that someone outside may know of a person; a single name may come as a string.
    person
        The column that says whose row it is. With it a class is as large as the distinct persons in it: somebody who
        has several rows does not hide behind herself. Every row must have a person.
    nulls
        How missing values are read: "category", a value of its own that matches other missing values and nothing else;
        or "any", a missing value matches every value, and the size that counts for a row is the number of rows (or
        persons) that agree with it wherever both are known, as in sdcMicro's `freqCalc`.

    Returns
    -------
    int
        The size of the smallest class, in rows or persons.

    Raises
    ------
    ArgumentError
        If a column is absent, ambiguous, nested or named twice, if none is named, if the frame has no rows (any k would
        be true of nobody), if a row has no person, or if missing values in too many combinations of columns would have
        to be compared.

    Notes
    -----
    L. Sweeney, "k-anonymity: a model for protecting privacy", International Journal of Uncertainty, Fuzziness and
    Knowledge-Based Systems 10 (2002). k-anonymity bounds the probability of picking a person's row by 1/k; it does not
    hide what all rows of a class have in common (see l-diversity), nor does it protect a person who has several rows:
    name `person` where that can be. Missing values that match anything: M. Templ, A. Kowarik, B. Meindl, "Statistical
    disclosure control for micro-data using the R package sdcMicro", Journal of Statistical Software 67 (2015), section
    3.2. An attacker who knows that a value is missing is stopped by "category" alone; one who does not is as well
    served by "any", under which suppressing a value can only raise k.

    A Parquet file, or a lazy query, of more than 67 million cells is counted in pieces, in tables of at most 1 GiB;
    what exceeds them waits in a file without a name in the folder for temporary files (TMPDIR). Texts are then compared
    by a keyed fingerprint: two of n different rows are taken for one with probability n^2 / 2^129. With `nulls="any"`
    all rows are held.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> df = pl.DataFrame({"sex": ["F", "F", "M", "M", "M"], "age": [30, 30, 40, 40, 40]})
    >>> kh.k_anonymity(df, ["sex", "age"])
    2
    >>> stays = pl.DataFrame({"id": [1, 1, 2, 3, 3], "sex": ["F", "F", "F", "M", None]})
    >>> kh.k_anonymity(stays, "sex"), kh.k_anonymity(stays, "sex", person="id", nulls="any")
    (1, 1)
    """
    names = checks.names("quasi_identifiers", quasi_identifiers)
    checks.null_semantics(nulls)
    frame = open_frame(df)
    who = checks.person(frame, person, names)
    checks.columns(frame, names)
    stream = frame.within([*names, *who], CELLS if nulls == "category" else _ALL)
    if stream is None:
        with stored(frame, [*names, *who]) as rows:
            sizes = rows.sizes(names, person)
    elif who or nulls == "any":
        sizes = _core.collapse(stream, names, [], person, nulls).sizes()
    else:
        sizes = [(size, count, size * count) for size, count in _core.class_sizes(stream, names)]
    checks.some_rows(len(sizes))
    return sizes[0][0]


def risk_report(
    df: Any,
    quasi_identifiers: str | Iterable[str],
    *,
    sensitive: str | Iterable[str] | None = None,
    k: int = 11,
    person: str | None = None,
    nulls: Literal["category", "any"] = "category",
    population: Any = None,
    hierarchies: Mapping[str, Hierarchy] | None = None,
) -> RiskReport:
    """Report how well the rows of a frame hide among each other, and which columns are to blame.

    Parameters
    ----------
    df
        A polars DataFrame or LazyFrame, a pandas DataFrame, a pyarrow Table, RecordBatch or reader, a DuckDB relation,
        the path of a Parquet file, or anything with `__arrow_c_stream__`. Only the named columns are read, nothing is
        changed.
    quasi_identifiers
        The columns that someone outside may know of a person; a single name may come as a string.
    sensitive
        Columns whose values must not be learned; for each the figures of the class-wise models are reported.
    k
        The smallest class size that is required; 11 is the practice for French health data.
    person
        The column that says whose row it is. With it a class is as large as the distinct persons in it: somebody who
        has several rows does not hide behind herself. Every row must have a person.
    nulls
        How missing values are read: "category", a value of its own that matches other missing values and nothing else;
        or "any", a missing value matches every value, and the size that counts for a row is the number of rows (or
        persons) that agree with it wherever both are known, as in sdcMicro's `freqCalc`.
    population
        A frame that has the quasi-identifiers too, and whose rows include those of `df`: what a journalist could look
        people up in.
    hierarchies
        How quasi-identifiers could be generalized (see `kohort.hierarchy`): for each one named, the report says what
        the first level that joins some of its values would do to k, all other columns as they are.

    Returns
    -------
    RiskReport
        The numbers, shown as a card in a notebook. They are exact: they describe a frame that the caller holds anyway.

    Raises
    ------
    ArgumentError
        If a column is absent, ambiguous, nested, named twice or in two roles, if no quasi-identifier is named, if `k`
        is not a whole number from 1, if the frame has no rows, if a row has no person, if missing values in too many
        combinations of columns would have to be compared, if a class has more rows in the frame than in the population,
        or if a hierarchy does not cover its column.

    Notes
    -----
    Prosecutor and journalist risk: K. El Emam and F. Dankar, "Protecting privacy using k-anonymity", JAMIA 15 (2008).
    Distinct l-diversity: A. Machanavajjhala et al., "l-diversity: privacy beyond k-anonymity", ACM TKDD 1 (2007). The
    other models of a sensitive column are those of `kohort.l_diversity`, `t_closeness`, `alpha_k`, `beta_likeness` and
    `delta_disclosure`: whatever `person` and `nulls` say, they count rows, and a missing value is a value of its own.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> df = pl.DataFrame({"sex": ["F", "F", "M"], "birth_year": [1950, 1950, 1987], "icd10": ["C67", "I10", "I10"]})
    >>> report = kh.risk_report(df, ["sex", "birth_year"], sensitive="icd10", k=2)
    >>> report.k, report.passes, report.l["icd10"]
    (1, False, 1)
    >>> round(report.t["icd10"], 3)
    0.333
    """
    quasi = checks.names("quasi_identifiers", quasi_identifiers)
    secret = [] if sensitive is None else checks.names("sensitive", sensitive)
    checks.threshold(k)
    checks.null_semantics(nulls)
    steps = {} if hierarchies is None else checked(hierarchies, quasi)
    frame = open_frame(df)
    who = checks.person(frame, person, [*quasi, *secret])
    checks.columns(frame, quasi, secret)
    columns = [*quasi, *secret, *who]
    stream = frame.within(columns, CELLS if nulls == "category" else _ALL)

    def collapse(rows: Stream) -> _core.Collapsed:
        return _core.collapse(rows, quasi, secret, person, nulls)

    collapsed = None if stream is None else collapse(stream)
    disclosed: dict[str, Disclosure] = {}
    outside = None
    raised: dict[str, Raised] = {}
    if stream is not None:
        raised = raise_each(stream, quasi, steps, k=k, person=person, nulls=nulls)
        disclosed = {name: disclosure(stream, quasi, name) for name in secret}
        outside = None if population is None else presence(stream, quasi, population)
    elif steps:
        raise ArgumentError(
            "hierarchies are tried on rows in memory, and these are too many: take a sample, or leave hierarchies out"
        )
    elif population is not None:
        raise ArgumentError(
            "a population is compared with rows in memory, and these are too many: collapse both to one row per class"
        )
    if collapsed is None:
        with stored(frame, columns) as file:
            figures = _figures_of_file(file, quasi, secret, person)
    else:
        figures = _figures(collapsed, quasi, secret)

    def records() -> _core.Table:
        # Records are as many as the rows: of rows that were not held they are found when they are asked for.
        return (collapsed or collapse(frame.select(columns))).records()

    sizes, least = figures.sizes, figures.least
    rows = sum(count for _, _, count in sizes)
    classes = sum(count for _, count, _ in sizes)
    return RiskReport(
        k=sizes[0][0],
        required=int(k),
        rows=rows,
        classes=classes,
        unique_share=unique_share(sizes),
        below_share=sum(count for size, _, count in sizes if size < k) / rows,
        prosecutor_max=1 / sizes[0][0],
        prosecutor_mean=sum(count / size for size, _, count in sizes) / rows,
        histogram=bands(sizes),
        columns=figures.columns,
        l=MappingProxyType(least),
        disclosure=MappingProxyType(disclosed),
        journalist_max=None if outside is None else 1 / outside.k,
        journalist_mean=None if outside is None else outside.mean_risk,
        person=person,
        nulls=nulls,
        raised=MappingProxyType(raised),
        _frame=frame,
        _records=records,
    )


class _Figures(NamedTuple):
    """What a report says, however the classes were found."""

    sizes: list[tuple[int, int, int]]
    columns: tuple[Contribution, ...]
    least: dict[str, int]


def _figures(collapsed: _core.Collapsed, quasi: list[str], secret: list[str]) -> _Figures:
    checks.some_rows(len(collapsed.sizes()))
    columns = [_contribution(name, collapsed.distinct(at), collapsed.without(at)) for at, name in enumerate(quasi)]
    return _Figures(collapsed.sizes(), tuple(columns), dict(zip(secret, collapsed.diversity(), strict=True)))


def _figures_of_file(rows: Stored, quasi: list[str], secret: list[str], person: str | None) -> _Figures:
    sizes = rows.sizes(quasi, person)
    checks.some_rows(len(sizes))
    columns = []
    for name in quasi:
        distinct = sum(classes for _, classes, _ in rows.sizes([name]))
        without = rows.sizes([other for other in quasi if other != name], person)
        columns.append(_contribution(name, distinct, without))
    return _Figures(sizes, tuple(columns), {name: rows.values(quasi, name) for name in secret})


def _contribution(name: str, distinct: int, without: list[tuple[int, int, int]]) -> Contribution:
    return Contribution(name, distinct, without[0][0], unique_share(without))
