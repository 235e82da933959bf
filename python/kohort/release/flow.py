"""The attrition as boxes, as STROBE and CONSORT draw it, in HTML without scripts."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from kohort.display.html import Markup

if TYPE_CHECKING:
    from kohort.release.released import Release

# A gray that shows on light and on dark: viewers that do not trust a notebook strip style sheets and variables.
_BOX = "border:1px solid #8b949e;border-radius:6px;padding:5px 12px;min-width:13rem"
_SIDE = "border:1px dashed #8b949e;border-radius:6px;padding:3px 10px;color:var(--soft)"
_GRID = "display:grid;grid-template-columns:max-content 2rem max-content;align-items:center;margin:8px 0"


def steps(release: Release) -> list[tuple[str, str, str]]:
    """Return label, persons left and persons excluded of each step, as their reader sees them."""
    from kohort.release.render import cell_text  # noqa: PLC0415 - render draws with this file

    return [
        (labels[0], cell_text(release, row, 0), cell_text(release, row, 1)) for row, labels in enumerate(release.labels)
    ]


def flow(release: Release) -> Markup:
    """Draw the steps from top to bottom, exclusions to the right."""
    pieces = []
    for label, persons, excluded in steps(release):
        if excluded:
            pieces.append(
                '<div style="border-left:1.5px solid #8b949e;height:34px;margin-left:50%"></div>'
                '<div style="border-top:1.5px solid #8b949e;margin-left:-6.5rem"></div>'
                f'<div style="{_SIDE}">excluded: {escape(excluded)}</div>'
            )
        pieces.append(
            f'<div style="{_BOX}">{escape(label)}<br><b>{escape(persons)}</b> persons</div><div></div><div></div>'
        )
    # The table below says the same to who cannot see the boxes.
    return Markup(f'<div aria-hidden="true" style="{_GRID}">{"".join(pieces)}</div>')
