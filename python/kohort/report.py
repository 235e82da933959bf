"""A study as one page of HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from kohort import _core
from kohort.display import badge, card, note
from kohort.display.page import page as document
from kohort.release.render import explanation

if TYPE_CHECKING:
    from kohort.cli.study import Study


def page(study: Study) -> str:
    """Write a study as a page that needs nothing but itself.

    Parameters
    ----------
    study
        The warehouse, the definition and the releases; everything on the page has passed the output rules.

    Returns
    -------
    str
        An HTML document, without scripts and without links to anywhere.

    Examples
    --------
    >>> from kohort.cli.study import Study
    >>> from kohort.report import page
    >>> page(Study.of_demo(2_000)).startswith("<!doctype html>")
    True
    """
    definition = study.result.definition
    passes = study.risk is not None and study.risk.passes
    sections = [
        ("The data", study.warehouse._repr_html_()),
        ("The question", definition._repr_html_()),
        ("Who was left", study.attrition._repr_html_()),
        ("Who they were", study.characteristics._repr_html_()),
        ("What happened to them", study.incidence._repr_html_()),
        (
            "Why the rows themselves stay inside",
            card(
                "k-anonymity of the cohort's rows",
                badge("passes" if passes else "does not pass", "good" if passes else "warn"),
                f"Taken one by one: {study.verdict()}.",
            ),
        ),
        ("What was hidden", card("What the output rules did to the incidence", *map(note, _explained(study)))),
    ]
    body = "".join(f"<section><h2>{escape(head)}</h2>{content}</section>\n" for head, content in sections)
    return document(
        definition.name,
        f"<p>New users in a synthetic population, followed to a hospital stay.</p>\n{body}"
        f"<footer><p>kohort {escape(_core.VERSION)}; definition {definition.hash}; "
        f"snapshot {study.warehouse.snapshot}. The population is invented: no person in it exists.</p></footer>\n",
    )


def _explained(study: Study) -> list[str]:
    return explanation(study.incidence).splitlines()
