"""The compiled core of kohort; everything here is private to the package. Checked against the module by stubtest."""

from collections.abc import Callable
from os import PathLike
from typing import Any, Final, Literal, TypeAlias, final

__all__ = [
    "Builder",
    "Cohort",
    "Collapsed",
    "DEBUG_BUILD",
    "LAYOUT",
    "Lattice",
    "Microdata",
    "Protection",
    "Sensitive",
    "Table",
    "VERSION",
    "Warehouse",
    "audit_protection",
    "class_sizes",
    "code_combinations",
    "collapse",
    "column_sets",
    "inferences",
    "make_demo",
    "microaggregate",
    "minimal_sets",
    "mondrian",
    "people",
    "presence",
    "product_relations",
    "protect",
    "protection",
    "sensitive",
    "special_uniques",
    "stored_sizes",
    "suppress_cells",
]

LAYOUT: Final[int]
VERSION: Final[str]
DEBUG_BUILD: Final[bool]

_Progress: TypeAlias = Callable[[int, int], object] | None

@final
class Table:
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

@final
class Builder:
    def __new__(
        cls,
        path: str | PathLike[str],
        *,
        pseudonyms: str,
        key: bytes | None,
        shard_persons: int,
        strict: bool,
        replace: bool,
        observe_from_events: bool,
        memory: int,
        today: int,
        now: str,
    ) -> Builder: ...
    def persons(self, rows: Any) -> None: ...
    def observation(self, rows: Any) -> None: ...
    def residence(self, rows: Any) -> None: ...
    def events(self, domain: str, vocabulary: str, rows: Any) -> None: ...
    def vocabulary(self, table: str, rows: Any) -> None: ...
    def finish(self, provenance: str, progress: _Progress = None) -> str: ...
    def abandon(self) -> None: ...

@final
class Warehouse:
    def __new__(cls, path: str | PathLike[str], memory: int) -> Warehouse: ...
    def manifest(self) -> str: ...
    def codes(self, domain: str) -> list[str]: ...
    def matching(self, domain: str, codes: str) -> list[bool]: ...
    def labels(self, vocabulary: str, codes: list[str]) -> dict[str, str]: ...
    def run(self, plan: str, progress: _Progress = None) -> Cohort: ...
    def run_many(self, plans: list[str], progress: _Progress = None) -> list[Cohort]: ...
    def inclusion(self, plan: str) -> tuple[dict[int, int], dict[int, int]]: ...
    def forget(self) -> None: ...
    def count_persons(self, events: str, progress: _Progress = None) -> int: ...
    def unicity(
        self,
        events: str,
        *,
        place: str | None,
        points: int,
        buckets: list[str],
        samples: int,
        seed: int,
        progress: _Progress = None,
    ) -> list[list[tuple[int, int]]]: ...
    def verify(self, progress: _Progress = None) -> int: ...
    def reads(self) -> tuple[int, int, int]: ...

@final
class Cohort:
    def attrition(self) -> list[tuple[str, int, int]]: ...
    def overlap(self, other: Cohort) -> tuple[int, int, int]: ...
    def why(self, person: str) -> str | None: ...
    def unmatched(self) -> list[tuple[str, str]]: ...
    def profile(self) -> tuple[int, int, list[tuple[str, int, int]]]: ...
    def persons(self) -> int: ...
    def rows(self) -> Table: ...
    def incidence(
        self, outcome: str, by: str, washout: int | None, lag: int, progress: _Progress = None
    ) -> tuple[list[int], list[int], list[int]]: ...
    def persons_by(self, by: str) -> list[int]: ...
    def persons_with(self, queries: str, window: str, observed: bool, progress: _Progress = None) -> list[int]: ...

@final
class Collapsed:
    def sizes(self) -> list[tuple[int, int, int]]: ...
    def distinct(self, column: int) -> int: ...
    def without(self, column: int) -> list[tuple[int, int, int]]: ...
    def diversity(self) -> list[int]: ...
    def records(self) -> Table: ...

@final
class Sensitive:
    def classes(self) -> int: ...
    def worst(self, measures: str) -> list[float]: ...
    def failing_rows(self, requirements: str) -> int: ...

def people(warehouse: Warehouse, day: int, progress: _Progress = None) -> Table: ...
def class_sizes(rows: Any, columns: list[str]) -> list[tuple[int, int]]: ...
def special_uniques(
    rows: Any, columns: list[str], most: int, progress: _Progress = None
) -> tuple[Table, list[float], int, int]: ...
def column_sets(
    rows: Any, columns: list[str], sets: list[list[int]], progress: _Progress = None
) -> tuple[int, list[tuple[int, int]]]: ...
def minimal_sets(
    rows: Any, columns: list[str], share: float, most: int, progress: _Progress = None
) -> tuple[int, list[list[int]]]: ...
def inferences(
    rows: Any, columns: list[str], sensitive: str, known: int, bound: float
) -> tuple[int, int, list[tuple[int, int, int, float]]]: ...
def sensitive(
    rows: Any, columns: list[str], column: str, sequence: Any = None, levels: list[list[int]] | None = None
) -> Sensitive: ...
def presence(rows: Any, population: Any, columns: list[str]) -> tuple[int, float, float, float, bool]: ...
def code_combinations(
    rows: Any, person: str, code: str, most: int, required: int
) -> tuple[int, int, int, list[int]]: ...
def stored_sizes(
    path: str | PathLike[str], columns: list[str], person: str | None, memory: int, missing: bool
) -> list[tuple[int, int, int]]: ...
def collapse(
    rows: Any, columns: list[str], sensitive: list[str], person: str | None = None, nulls: str = "category"
) -> Collapsed: ...
def mondrian(
    ranks: Any,
    scales: list[list[float]],
    k: int,
    strict: bool,
    persons: list[int] | None,
    secrets: list[tuple[list[int], int, bool, list[list[int]] | None, str]],
) -> tuple[Table, Table]: ...
def microaggregate(rows: Any, k: int, progress: _Progress = None) -> Table: ...
def suppress_cells(rows: Any, columns: list[str], reluctance: list[int], k: int) -> Table: ...
# A total and its parts, by number.
_Sum: TypeAlias = tuple[int, list[int]]
# The number of nodes of a dimension, and the nodes that are sums of others. Given `dimensions`, cells are one node of
# each, numbered row by row (the last dimension fastest); their relations need not be listed, `relations` holds those
# beyond them, and cells beyond the product may follow.
_Dimensions: TypeAlias = list[tuple[int, list[_Sum]]]
# A cell, and the interval around its value that must stay possible: hidden whatever its size. Low 0 says that a reader
# must reckon with zero there; a cell of zero is hidden with its neighbors by (cell, 0, high).
_Sensitive: TypeAlias = list[tuple[int, int, int]]
# A cell, and the status that an earlier release gave it: 0 visible, 1 small, 2 protective, 3 withheld. Where what was
# shown leaves no protection, DisclosureError with the cells at fault as `error.cells`.
_Fixed: TypeAlias = list[tuple[int, int]]

@final
class Protection:
    @property
    def statuses(self) -> list[int]: ...
    @property
    def counts(self) -> list[int]: ...
    @property
    def cost(self) -> float: ...
    @property
    def method(self) -> Literal["programs", "patterns"]: ...

def protection(
    values: list[int],
    relations: list[_Sum],
    threshold: int,
    show_zeros: bool,
    reluctance: list[float] | None = None,
    structural: list[bool] | None = None,
    *,
    sensitive: _Sensitive | None = None,
    fixed: _Fixed | None = None,
    dimensions: _Dimensions | None = None,
    method: Literal["programs", "patterns"] | None = None,
) -> Protection: ...
def protect(
    values: list[int],
    relations: list[_Sum],
    threshold: int,
    show_zeros: bool,
    reluctance: list[float] | None = None,
    structural: list[bool] | None = None,
    *,
    sensitive: _Sensitive | None = None,
    fixed: _Fixed | None = None,
    dimensions: _Dimensions | None = None,
    method: Literal["programs", "patterns"] | None = None,
) -> list[int]: ...

# The cells left exposed or wrongly shown; empty says safe. Exact up to about a thousand cells; beyond, a cell that is
# safe may be named because no certificate was found.
def audit_protection(
    values: list[int],
    relations: list[_Sum],
    threshold: int,
    show_zeros: bool,
    statuses: list[int],
    structural: list[bool] | None = None,
    *,
    sensitive: _Sensitive | None = None,
    fixed: _Fixed | None = None,
    dimensions: _Dimensions | None = None,
) -> list[int]: ...
def product_relations(dimensions: _Dimensions) -> list[_Sum]: ...
def make_demo(
    path: str | PathLike[str],
    *,
    persons: int,
    seed: int,
    first_year: int,
    years: int,
    events_per_person: float,
    shard_persons: int,
    now: str,
    progress: _Progress = None,
) -> None: ...

_Hierarchy: TypeAlias = tuple[list[list[int]], list[list[float]], float, float]
_Ground: TypeAlias = tuple[list[int] | None, list[list[int]] | None]
_Seen: TypeAlias = tuple[list[int], bool, int, list[float], list[float]]

@final
class Microdata:
    def __new__(cls, rows: Any, columns: list[str], sensitive: list[str], released: int) -> Microdata: ...
    def representatives(self, column: int) -> list[int]: ...
    def sensitive_representatives(self, column: int) -> list[int]: ...
    def groups(self) -> int: ...
    def lattice(
        self, hierarchies: list[_Hierarchy], grounds: list[_Ground], models: str, utility: str
    ) -> Lattice: ...

@final
class Lattice:
    def nodes(self) -> float: ...
    def search(self, seconds: float | None = None) -> tuple[_Seen | None, list[float] | None, int, list[_Seen]]: ...
    def node(self, levels: list[int]) -> tuple[list[tuple[int, int]], int, bool, list[float], list[float]]: ...
    def recode(self, levels: list[int]) -> Table: ...
