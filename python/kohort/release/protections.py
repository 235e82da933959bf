"""What protects counts where suppression does not: rounding, cell keys, differential privacy."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from kohort.errors import ArgumentError
from kohort.release.perturbation import perturbation_table
from kohort.release.privacy.accounting import rho_of

if TYPE_CHECKING:
    from kohort.release.privacy.budget import Budget
    from kohort.release.released import Release

_SHORTEST_SECRET = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounding:
    """Counts rounded to a base, none hidden; a count rounds the same way in every table.

    Parameters
    ----------
    base
        The base, at least 3.
    to
        "nearest": the nearest multiple of the base, halves up, so that small counts read 0 or the base. "midpoint":
        0 stays, and n > 0 reads the middle of its class of `base` counts, `ceil(n / base) * base - base // 2`
        (OpenSAFELY's midpoint 6: 1 to 6 read 3, 7 to 12 read 9), which leaves rates and curves nearly unbiased.
    margins
        "sum": margins are sums of rounded cells, and so tell nothing that the cells do not. "exact": each margin is
        rounded from its exact count; closer, but cells that all lie at one end of their classes can then be worked
        out (some 3 in 1,000 of a 4 x 4 table in base 5), which `Release.attack` shows. "controlled": cells go up or
        down by less than the base so that margins are their sums and lie as close to the exact ones as they can
        (Cox 1987), for tables of up to 500 inner cells; the same count may then read otherwise in another table.

    Raises
    ------
    ArgumentError
        If the base is below 3, or midpoints are to be controlled.

    Notes
    -----
    Cox LH. A constructive procedure for unbiased controlled rounding. JASA 82 (1987). OpenSAFELY documentation,
    "Rounding counts" and "Midpoint rounding".

    Examples
    --------
    >>> [Rounding(base=6, to="midpoint").of(count) for count in (0, 1, 6, 7)]
    [0, 3, 3, 9]
    >>> [Rounding(base=5).of(count) for count in (2, 3, 7, 8)]
    [0, 5, 5, 10]
    """

    base: int = 5
    to: Literal["nearest", "midpoint"] = "nearest"
    margins: Literal["sum", "exact", "controlled"] = "sum"

    def __post_init__(self) -> None:
        whole("base", self.base, 3)
        _one_of("to", self.to, ("nearest", "midpoint"))
        _one_of("margins", self.margins, ("sum", "exact", "controlled"))
        if self.to == "midpoint" and self.margins == "controlled":
            raise ArgumentError("margins='controlled' rounds to multiples of the base: use to='nearest'")

    def of(self, count: int) -> int:
        """Return a count as rounded."""
        if self.to == "nearest":
            return nearest(count, self.base)
        return -(-count // self.base) * self.base - self.base // 2 if count else 0

    def bounds(self, value: int) -> tuple[int, int]:
        """Return the least and the largest count that an inner cell with a value may have had."""
        if self.margins == "controlled":
            return max(0, value - self.base + 1), value + self.base - 1
        if self.to == "nearest":
            return nearest_bounds(value, self.base)
        return (value - (self.base - self.base // 2) + 1, value + self.base // 2) if value else (0, 0)

    def published(self) -> Rounding:
        """Return what a release may carry of it: all."""
        return self

    def parameters(self) -> dict[str, str | int | float]:
        """Return what the disclosure record says of it."""
        return {"protection": "rounding", "base": self.base, "to": self.to, "margins": self.margins}

    def footnote(self) -> str:
        """Say in one line what it means for a reader."""
        way = (
            f"to the nearest multiple of {self.base}"
            if self.to == "nearest"
            else f"to midpoints of {self.base} (1 to {self.base} read {self.base - self.base // 2})"
        )
        if self.margins == "controlled":
            way = f"up or down to a multiple of {self.base}"
        margins = "rounded from exact counts, so cells need not add up" if self.margins == "exact" else "sums of cells"
        return f"Counts rounded {way}; totals are {margins}. Rates and shares follow from rounded counts."

    def __str__(self) -> str:
        return f"counts rounded to {self.base} ({self.to}; margins: {self.margins})"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellKeys:
    """Counts perturbed by cell keys, none hidden: the noise of a cell follows from its set of persons and a secret.

    The same set gets the same noise in every table and session, so repeating a question, in these words or others,
    averages nothing away. Zeros stay zero; margins are perturbed like any cell and need not be sums.

    What this leaves to the rules on earlier releases: an answer that changes between two questions proves that its set
    changed (two sets that differ by one person read the same in about 1 of 7 cases, equal sets always); and whoever may
    split a population freely, again and again, averages the noise of ever new sets.

    Parameters
    ----------
    secret
        At least 16 bytes, known to the data's guardian alone; whoever knows it can undo the noise. Never shown. None
        is for rules whose secret the guardian fills in; nothing is released under them.
    deviation
        The largest change of a count (D).
    variance
        The variance of the change (V).
    forbidden
        Counts from 1 to this are never published (js): a perturbed count is 0 or larger.

    Raises
    ------
    ArgumentError
        If the secret is short, or no distribution has this deviation and variance for every count.

    Notes
    -----
    Fraser B, Wooton J. A proposed method for confidentialising tabular output to protect against differencing.
    UNECE/Eurostat work session on statistical data confidentiality (2005). Thompson G, Broadfoot S, Elazar D.
    Methodology for the automatic confidentialisation of statistical outputs from remote servers at the Australian
    Bureau of Statistics (2013). Giessing S. Computational issues in the design of transition probabilities and
    disclosure risk estimation for additive noise. PSD 2016, LNCS 9867.

    Examples
    --------
    >>> CellKeys(secret=bytes(range(16)))
    CellKeys(deviation=5, variance=3.0, forbidden=2)
    """

    secret: bytes | None = field(default=None, repr=False)
    deviation: int = 5
    variance: float = 3.0
    forbidden: int = 2

    def __post_init__(self) -> None:
        if self.secret is not None:
            check_secret(self.secret)
        perturbation_table(self.deviation, self.variance, self.forbidden)

    def bounds(self, value: int) -> tuple[int, int]:
        """Return the least and the largest count that a cell with a value may have had."""
        # A count of nobody always reads 0.
        return (max(1, value - self.deviation), value + self.deviation) if value else (0, self.deviation)

    def published(self) -> CellKeys:
        """Return what a release may carry of it: all but the secret."""
        return replace(self, secret=None)

    def parameters(self) -> dict[str, str | int | float]:
        """Return what the disclosure record says of it."""
        return {
            "protection": "cell keys",
            "deviation": self.deviation,
            "variance": self.variance,
            "forbidden": self.forbidden,
        }

    def footnote(self) -> str:
        """Say in one line what it means for a reader."""
        least = f", and no count from 1 to {self.forbidden} is shown" if self.forbidden else ""
        return (
            f"Counts perturbed by up to {self.deviation} persons (standard deviation {self.variance**0.5:.1f}), the "
            f"same persons always alike{least}; totals are perturbed by themselves, so cells need not add up."
        )

    def __str__(self) -> str:
        return f"counts perturbed by cell keys, by up to {self.deviation} persons"


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferentialPrivacy:
    """Counts with discrete Gaussian noise under zero-concentrated differential privacy; none is hidden.

    One person more or less in the data changes what is released by no more than the guarantee says, whatever else an
    attacker knows: rho-zCDP for each release, and the sum of all rho for everything one budget paid.

    Parameters
    ----------
    rho
        What one release costs; shared equally by its counts and each of its amounts (person-years, sums).
    budget
        What pays: an object with `spend`, such as `MemoryBudget`. None is for rules whose budget the host fills in.
    nonnegative
        Whether negative results read 0. This is post-processing, which costs nothing, but the 0s are then a little
        too large on average, and margins need not be sums where a cell is cut.

    Raises
    ------
    ArgumentError
        If `rho` is not a positive number.

    Notes
    -----
    Each person is in one inner cell, so all inner cells together cost as much as one (parallel composition); where a
    person is in several, as in the variables of Table 1, the noise grows with the square root of their number. Margins
    are sums of noisy cells: they cost nothing and agree with the cells; their error grows with the square root of the
    number of cells. Labels of a table are not protected: they must be public knowledge, declared before seeing data.

    Bun M, Steinke T. Concentrated differential privacy. TCC 2016. Canonne CL, Kamath G, Steinke T. The discrete
    Gaussian for differential privacy. NeurIPS 2020. The noise is made by OpenDP (`pip install 'kohort[privacy]'`).

    Examples
    --------
    >>> round(DifferentialPrivacy.from_epsilon(1.0, 1e-6).rho, 4)
    0.0244
    """

    rho: float
    budget: Budget | None = field(default=None, repr=False, compare=False)
    nonnegative: bool = True

    def __post_init__(self) -> None:
        if isinstance(self.rho, bool) or not isinstance(self.rho, int | float) or not 0 < self.rho < float("inf"):
            raise ArgumentError(f"rho must be a positive number, got {self.rho!r}: 0.02 is about epsilon 1")
        if self.budget is not None and not callable(getattr(self.budget, "spend", None)):
            raise ArgumentError("budget must be a budget, with a method spend(rho, what): use MemoryBudget(rho)")
        if not isinstance(self.nonnegative, bool):
            raise ArgumentError(f"nonnegative must be True or False, got {self.nonnegative!r}")

    @classmethod
    def from_epsilon(
        cls, epsilon: float, delta: float, *, budget: Budget | None = None, nonnegative: bool = True
    ) -> DifferentialPrivacy:
        """Return the protection whose single release is (epsilon, delta)-differentially private.

        Parameters
        ----------
        epsilon, delta
            The guarantee of one release; those of several do not just add up: ask the budget.
        budget, nonnegative
            As above.

        Returns
        -------
        DifferentialPrivacy
            With the largest rho that implies the guarantee.
        """
        return cls(rho=rho_of(epsilon, delta), budget=budget, nonnegative=nonnegative)

    def published(self) -> DifferentialPrivacy:
        """Return what a release may carry of it: all but the budget."""
        return replace(self, budget=None)

    def parameters(self) -> dict[str, str | int | float]:
        """Return what the disclosure record says of it."""
        return {"protection": "differential privacy", "rho": self.rho, "nonnegative": self.nonnegative}

    def footnote(self) -> str:
        """Say in one line what it means for a reader; the error is in the record of the release."""
        return f"Counts carry random noise: differential privacy, rho = {self.rho:.6g}."

    def __str__(self) -> str:
        return f"counts with noise, {self.rho:.6g}-zCDP per release"


Protection = Rounding | CellKeys | DifferentialPrivacy


def footnote_of_protection(release: Release) -> str:
    """Say in one line how a release without hidden cells is protected, with the error of its counts in persons."""
    protection = release.rules.protection
    if isinstance(protection, DifferentialPrivacy):
        # The error follows from the shape of the table: the gate worked it out and wrote it down.
        told = [entry.did for entry in release.record if entry.name == "differential privacy"]
        return " ".join(f"{text[0].upper()}{text[1:]}." for text in told)
    return "" if protection is None else protection.footnote()


def nearest(count: int, base: int) -> int:
    """Return the nearest multiple of a base, halves up."""
    return (2 * count + base) // (2 * base) * base


def nearest_bounds(value: int, base: int) -> tuple[int, int]:
    """Return the least and the largest whole number that rounds to a multiple of a base."""
    return max(0, value - base // 2), value + (base - 1) // 2


def check_protection(protection: object, *, rounding: int, show_zeros: bool) -> None:
    """Refuse a protection that is none, and options that belong to suppression beside one."""
    whole("rounding", rounding, 1)
    if protection is None:
        return
    if not isinstance(protection, Rounding | CellKeys | DifferentialPrivacy):
        raise ArgumentError(
            f"protection must be Rounding(...), CellKeys(...), DifferentialPrivacy(...) or None for suppression, got "
            f"a {type(protection).__name__}"
        )
    name = type(protection).__name__
    if rounding != 1:
        raise ArgumentError(
            f"rounding={rounding} is for suppression and cannot be combined with {name}: leave it out, or use "
            "protection=Rounding(base=...)"
        )
    if not show_zeros:
        raise ArgumentError(f"show_zeros=False is for suppression: {name} hides no cell, so leave it out")


def check_secret(secret: object) -> None:
    """Refuse a secret that is short or no bytes, without repeating it."""
    if not isinstance(secret, bytes) or len(secret) < _SHORTEST_SECRET:
        raise ArgumentError(
            f"the secret must be bytes, at least {_SHORTEST_SECRET} of them: make one with secrets.token_bytes(32) and "
            "keep it where the data are kept"
        )


def whole(name: str, value: object, least: int) -> None:
    """Refuse what is not a whole number from `least` on."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ArgumentError(f"{name} must be a whole number, at least {least}, got {value!r}")


def _one_of(name: str, value: object, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ArgumentError(f"{name} must be one of {', '.join(map(repr, known))}, got {value!r}")
