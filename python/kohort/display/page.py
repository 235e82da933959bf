"""A page of HTML that needs nothing but itself: readable in light and dark, printable."""

from __future__ import annotations

from html import escape

STYLE = """
:root { color-scheme: light dark; }
body { margin: 2rem auto; max-width: 64rem; padding: 0 1rem; font: 15px/1.5 system-ui, sans-serif;
       color: light-dark(#1c2128, #e6e9ee); background: light-dark(#fff, #16191e); }
h1 { font-size: 1.6rem; margin: 0 0 .2rem; }
h2 { font-size: 1.1rem; margin: 1.8rem 0 .4rem; }
footer { margin-top: 2rem; font-size: 12.5px; color: light-dark(#57606a, #a3adb8); }
.kohort { overflow-x: auto; }
@media print {
  :root { color-scheme: light; }
  body { margin: 0; max-width: none; font-size: 11px; }
  h2 { break-after: avoid; }
  .kohort { break-inside: avoid; border: 0 !important; padding: 0 !important; overflow: visible; }
}
"""


def page(title: str, body: str) -> str:
    """Write an HTML document around a body that is already safe to show, without scripts or links to anywhere."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body>\n<main>\n<h1>{escape(title)}</h1>\n"
        f"{body}</main>\n</body></html>\n"
    )
