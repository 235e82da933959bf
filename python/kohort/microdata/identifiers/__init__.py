"""Columns that look like identifiers of persons, by their names and by their contents."""

from kohort.microdata.identifiers.hints import identifier_hints

__all__ = ["identifier_hints"]
