"""How things look in a notebook: cards, tables and bars as self-contained HTML, readable in light and dark."""

from kohort.display.html import badge, bars, card, facts, note, table

__all__ = ["badge", "bars", "card", "facts", "note", "table"]
