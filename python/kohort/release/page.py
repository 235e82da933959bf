"""The page of an exported release: the table, what was hidden and why, and how it was made."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

from kohort.display import card, facts
from kohort.display.html import Markup
from kohort.display.page import page
from kohort.release.render import explanation, html_card

if TYPE_CHECKING:
    from kohort.release.released import Release


def release_page(release: Release, record: dict[str, Any]) -> str:
    """Write a release with its record as a page that needs nothing but itself."""
    hidden = Markup(
        "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in explanation(release).splitlines()) + "</ul>"
    )
    made = {
        "policy": ", ".join(f"{name} = {json.dumps(value)}" for name, value in record["policy"].items()),
        **{name.replace("_", " "): value for name, value in record["parameters"].items()},
        **{name.replace("_", " "): record[name] for name in ("plan_hash", "snapshot") if record[name] is not None},
        "written": record["created"],
        "by": f"kohort {record['tool']['version']}",
    }
    return page(
        release.title,
        f"{html_card(release)}\n<section><h2>What was hidden</h2>{card('', hidden)}</section>\n"
        f"<section><h2>How it was made</h2>{card('', facts(made))}</section>\n",
    )
