"""The card of a definition in a notebook: its sentences and its diagram. No data are touched."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from kohort import display
from kohort.definition import diagram, sentences
from kohort.display.html import Markup

if TYPE_CHECKING:
    from kohort.definition.cohorts import Cohort


def card(cohort: Cohort) -> Markup:
    """Make the card."""
    parts = sentences.sentences(cohort)
    rules = "".join(f"<li><b>{escape(head)}</b>: {escape(sentence)}</li>" for head, sentence in parts.rules)
    listed = Markup(f'<ol style="margin:6px 0;padding-left:1.6em">{rules}</ol>') if rules else display.note("No rules.")
    hashed = f" Hash {cohort.hash[:12]}." if cohort.complete else ""
    return display.card(
        f"Cohort “{cohort.name}”",
        display.facts(dict(parts.before)),
        listed,
        display.facts(dict(parts.after)),
        # Where a viewer strips style sheets it strips drawings, too, and leaves their words in a heap: then hide them.
        Markup(f'<div class="k-drawn" style="display:none;margin-top:12px">{diagram.svg(cohort)}</div>'),
        display.note(f"{parts.note}{hashed}"),
    )
