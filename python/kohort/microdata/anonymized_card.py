"""What an anonymization did, as a card in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort.display import badge, card, facts, note, table
from kohort.display.html import Markup, track
from kohort.display.numbers import percent
from kohort.microdata.card import band_tone
from kohort.microdata.lattice_chart import Node, svg

if TYPE_CHECKING:
    from collections.abc import Callable

    from kohort.display.html import Tone
    from kohort.microdata.anonymized import Anonymized
    from kohort.microdata.report import Band, RiskReport

#: Combinations of levels times classes that are counted for a chart: about a second.
WORK = 20_000_000


def anonymized_card(safe: Anonymized) -> str:
    """Show the verdict, the levels, the risk before and after, and the combinations of levels."""
    rows = safe.before.height
    best = f"no combination of levels loses less: {safe.search.counted:,} of {safe.search.nodes:,.0f} were counted"
    if not safe.is_optimal:
        best = f"within {percent(safe.gap)} of the best, when time ran out after {safe.search.counted:,} combinations"
    loss = ", ".join(f"{number:.4g}" for number in safe.score)
    lost = f"{safe.suppressed:,} of {rows:,} ({percent(safe.suppressed_share)})" if safe.suppressed else "none"
    return card(
        f"Anonymized by {', '.join(safe.transformation)}",
        badge(f"{' and '.join(model_words(model) for model in safe.models)}: yes", "good"),
        badge("the best solution" if safe.is_optimal else "a good solution", "good" if safe.is_optimal else "warn"),
        facts({"rows suppressed": lost, safe.utility.measure.replace("_", " "): loss, "search": best}),
        _columns(safe),
        _before_and_after(safe),
        *_sizes(safe),
        *_lattice(safe),
        note(
            "Each column has the same level in all rows. Rows whose class still fails a model are suppressed: their "
            "quasi-identifiers become missing. Numbers are exact, and not made for publication."
        ),
    )


def model_words(model: object) -> str:
    """Say a model as the literature writes it."""
    form = _WORDS.get(type(model).__name__)
    if form is None:
        return repr(model)
    kind = getattr(model, "kind", "distinct")
    kind = "" if kind == "distinct" else f"{kind} "
    enhanced = "enhanced " if getattr(model, "enhanced", False) else ""
    return form.format(m=model, kind=kind, enhanced=enhanced)


_WORDS = {
    "KAnonymity": "{m.k}-anonymity",
    "LDiversity": "{kind}{m.l:g}-diversity of {m.sensitive}",
    "RecursiveDiversity": "recursive ({m.c:g},{m.l})-diversity of {m.sensitive}",
    "TCloseness": "{m.t:g}-closeness of {m.sensitive}",
    "AlphaK": "({m.alpha:g},{m.k})-anonymity of {m.sensitive}",
    "BetaLikeness": "{enhanced}{m.beta:g}-likeness of {m.sensitive}",
    "DeltaDisclosure": "{m.delta:g}-disclosure privacy of {m.sensitive}",
    "DeltaPresence": "({m.lower:g},{m.upper:g})-presence",
    "KMap": "{m.k}-map",
    "ProsecutorRisk": "prosecutor risk at most {m.threshold:g}",
    "JournalistRisk": "journalist risk at most {m.threshold:g}",
    "AverageRisk": "average risk at most {m.threshold:g}",
}


def _bar(share: float, tone: Tone = "plain") -> Markup:
    return track(share, tone, least="7rem")


def _columns(safe: Anonymized) -> Markup:
    """Show what each column became, how far up that is, and what it lost."""
    found = safe.to_polars()
    of_column = bool(safe.loss_by_column)
    most = max((loss for loss in safe.loss_by_column.values()), default=0.0)
    # Loss is a share; the other measures by column have other units.
    scale = 1.0 if safe.utility.measure == "loss" else most or 1.0
    heads = ["Quasi-identifier", "became", "level"] + (["", "lost"] if of_column else [""])
    lines: list[list[object]] = []
    for name, level, height, words, loss in found.iter_rows():
        line: list[object] = [name, "as it was" if level == 0 else words, f"{level} of {height}"]
        if loss is not None:
            shown = percent(loss) if safe.utility.measure == "loss" else f"{loss:.4g}"
            lines.append([*line, _bar(loss / scale), shown])
        else:
            lines.append([*line, _bar(level / height if height else 0.0)])
    return table(heads, lines, numeric=[2, 4])


def _before_and_after(safe: Anonymized) -> Markup:
    before, after = safe.risk_before, safe.risk_after

    def line(words: str, of: Callable[[RiskReport], str]) -> list[str]:
        return [words, of(before), "no rows" if after is None else of(after)]

    k = before.required
    lines = [
        line("rows", lambda risk: f"{risk.rows:,}"),
        line("classes", lambda risk: f"{risk.classes:,}"),
        line("smallest class (k)", lambda risk: f"{risk.k:,}"),
        line("rows alone in their class", lambda risk: percent(risk.unique_share)),
        line("prosecutor risk, at worst", lambda risk: percent(risk.prosecutor_max)),
        line("prosecutor risk, on average", lambda risk: percent(risk.prosecutor_mean)),
    ]
    if k > 1:
        lines.insert(4, line(f"rows in classes below {k}", lambda risk: percent(risk.below_share)))
    for name, least in before.l.items():
        found = "no rows" if after is None else f"{after.l[name]:,}"
        lines.append([f"different values of {name} in a class, at least", f"{least:,}", found])
    return table(["", "before", "after"], lines, numeric=[1, 2])


def _sizes(safe: Anonymized) -> list[Markup]:
    """Show rows by class size, before beside after."""
    before, after = safe.risk_before, safe.risk_after
    if after is None:
        return []
    lines = ["<span></span><span>before</span><span></span><span>after</span><span></span>"]
    for old, new in zip(before.histogram, after.histogram, strict=True):
        if not old.rows and not new.rows:
            continue
        lines.append(f"<span>{old.words()}</span>{_share(old, before)}{_share(new, after)}")
    columns = "max-content minmax(6rem,1fr) max-content minmax(6rem,1fr) max-content"
    grid = f'<div class="k-bars" style="grid-template-columns:{columns}">{"".join(lines)}</div>'
    return [Markup("<p>Rows by the size of their class</p>"), Markup(grid)]


def _share(band: Band, risk: RiskReport) -> str:
    share = band.rows / risk.rows
    return f'{_bar(share, band_tone(band, risk.required))}<span class="k-num">{percent(share)}</span>'


def _lattice(safe: Anonymized) -> list[Markup]:
    nodes = nodes_to_show(safe)
    if len(nodes) < 2:
        return []
    every = len(nodes) == safe.search.nodes
    which = "All combinations of levels" if every else f"{len(nodes):,} combinations of levels that were counted"
    drawing = svg(nodes, safe.search.budget / safe.before.height, safe.utility.measure.replace("_", " "))
    # Where a viewer strips style sheets it strips drawings, too, and leaves their words in a heap: then hide them.
    return [Markup(f'<div class="k-drawn" style="display:none;margin-top:12px"><p>{which}</p>{drawing}</div>')]


def nodes_to_show(safe: Anonymized) -> list[Node]:
    """Give the combinations of levels as points: all of them where they are few, else those that were counted."""
    quasi = list(safe.transformation)
    chosen = tuple(safe.transformation.values())
    few = safe.search.nodes * safe.before.height <= WORK
    return [
        Node(
            words=f"{', '.join(f'{name} {level}' for name, level in zip(quasi, levels, strict=True))}: "
            f"{percent(suppressed / safe.before.height)} suppressed, {loss:.4g} lost",
            share=suppressed / safe.before.height,
            loss=loss,
            safe=holds,
            chosen=tuple(levels) == chosen,
        )
        for *levels, _, holds, suppressed, loss in safe.lattice(complete=few).iter_rows()
    ]
