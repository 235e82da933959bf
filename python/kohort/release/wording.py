"""What is said about a release, in one place: the sentences below a table, and what the signs in it stand for.

A rule that shows or hides cells in its own way adds its sentence to `SENTENCES`; each says nothing where it does not
apply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort.release.protections import footnote_of_protection

if TYPE_CHECKING:
    from collections.abc import Callable

    from kohort.release.released import Release, Status

# A cell that is hidden without being marked as small.
HIDDEN = "·"


def _hides(release: Release) -> dict[Status, int]:
    found = release.status_counts()
    sums = release.status_counts("magnitude")["withheld"]
    return {"small": found["small"], "protective": found["protective"], "withheld": found["withheld"] + sums}


def _protection(release: Release) -> str | None:
    return footnote_of_protection(release) or None


def _rounded(release: Release) -> str | None:
    return f"Counts rounded to {release.rules.rounding}." if release.rules.rounding > 1 else None


def _nothing_hidden(release: Release) -> str | None:
    if release.rules.protection is not None or any(_hides(release).values()):
        return None
    return (
        f"Every cell stands for at least {release.rules.min_cell} persons{' or for none' * release.rules.show_zeros}."
    )


def _rule(release: Release) -> str | None:
    if not any(_hides(release).values()):
        return None
    return f"Rule: at least {release.rules.min_cell} persons per cell and complement."


def _small(release: Release) -> str | None:
    if not _hides(release)["small"]:
        return None
    least = release.rules.min_cell
    return f"<{least}: fewer than {least} persons{', or none' * (not release.rules.show_zeros)}."


def _hidden(release: Release) -> str | None:
    if not any(_hides(release).values()):
        return None
    what = " and what few persons contribute" if release.status_counts("magnitude")["withheld"] else ""
    return f"{HIDDEN}: hidden so that small counts{what} cannot be worked out."


def _rates(release: Release) -> str | None:
    if release.kind != "incidence":
        return None
    return "Rates per 1,000 person-years, with exact 95% limits."


SENTENCES: tuple[Callable[[Release], str | None], ...] = (
    _protection,
    _nothing_hidden,
    _rule,
    _small,
    _hidden,
    _rounded,
    _rates,
)


def footnotes(release: Release) -> list[str]:
    """Say in short sentences which rule the table obeys and what its signs mean."""
    return [said for sentence in SENTENCES if (said := sentence(release))]


def footnote(release: Release) -> str:
    """Say the same in one line."""
    return " ".join(footnotes(release))


def meaning(release: Release, row: int, measure: int) -> str | None:
    """Say what a sign in a cell stands for; None for a number, or an empty cell."""
    status = release.statuses[row][measure]
    if status in {"shown", "not applicable"}:
        return None
    if release.measures[measure].kind == "derived":
        return "hidden with the counts behind it"
    if status == "small":
        return f"fewer than {release.rules.min_cell} persons{', or none' * (not release.rules.show_zeros)}"
    return "hidden to protect small counts" if status == "protective" else "withheld: even its size would tell too much"
