"""The risk report as a card in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort.display import badge, bars, card, facts, note, table
from kohort.display.numbers import percent

if TYPE_CHECKING:
    from kohort.display.html import Markup, Tone
    from kohort.microdata.report import Band, RiskReport


def risk_card(report: RiskReport) -> str:
    """Show the verdict, the class sizes and the columns behind them."""
    names = ", ".join(column.name for column in report.columns)
    title = f"{report.required}-anonymous: {'yes' if report.passes else 'no'}; k = {report.k}"
    unit = "row" if report.person is None else "person"
    numbers = {
        "rows": f"{report.rows:,}",
        "classes": f"{report.classes:,}",
        "rows alone in their class": percent(report.unique_share),
        f"rows in classes below {report.required}": percent(report.below_share),
        "prosecutor risk": f"{percent(report.prosecutor_max)} at worst, {percent(report.prosecutor_mean)} on average",
    }
    if report.journalist_max is not None and report.journalist_mean is not None:
        worst, mean = percent(report.journalist_max), percent(report.journalist_mean)
        numbers["journalist risk"] = f"{worst} at worst, {mean} on average"
    numbers |= {f"different values of {name}": f"at least {count} in each class" for name, count in report.l.items()}
    histogram = [
        (
            band.words(unit),
            band.rows / report.rows,
            f"{percent(band.rows / report.rows)} of rows in {band.classes:,} classes",
            band_tone(band, report.required),
        )
        for band in report.histogram
    ]
    columns = _columns(report)
    given_away = table(
        ["Sensitive column", "distinct l", "entropy l", "t", "alpha", "beta", "delta (bits)"],
        [
            (name, f"{report.l[name]:,}", *(f"{x:.3g}" for x in (f.l_entropy, f.t, f.alpha, f.beta, f.delta)))
            for name, f in report.disclosure.items()
        ],
        numeric=[1, 2, 3, 4, 5, 6],
    )
    return card(
        f"Risk of re-identification by {names}",
        badge(title, "good" if report.passes else "bad"),
        facts(numbers),
        bars(histogram),
        columns,
        given_away if report.disclosure else "",
        note(f"{_CLASS[report.nulls]} Numbers are exact, and not made for publication."),
    )


_CLASS = {
    "category": "A class is the rows that share all quasi-identifiers. A missing value is a value of its own: it "
    "matches other missing values and nothing else.",
    "any": "The class of a row is the rows that agree with it wherever both are known: a missing value matches every "
    "value.",
}


def _columns(report: RiskReport) -> Markup:
    """Show what each column contributes, and what generalizing it alone would do."""
    heads = ["Quasi-identifier", "values", "k without it", "alone without it"]
    lines = [
        [column.name, f"{column.distinct:,}", f"{column.k_without:,}", percent(column.unique_share_without)]
        for column in report.columns
    ]
    if report.raised:
        heads += ["one step up", "k then", "alone then", f"below {report.required} then"]
        for line in lines:
            step = report.raised.get(line[0])
            shares = [] if step is None else [percent(step.unique_share), percent(step.below_share)]
            line.extend([""] * 4 if step is None else [step.became, f"{step.k:,}", *shares])
    return table(heads, lines, numeric=[1, 2, 3, 5, 6, 7])


def band_tone(band: Band, required: int) -> Tone:
    """Say whether classes of such sizes are too small, large enough, or some of either."""
    if band.largest is not None and band.largest < required:
        return "bad"
    return "good" if band.smallest >= required else "warn"
