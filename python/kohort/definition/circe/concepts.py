"""Circe's concept sets as code sets with names."""

from __future__ import annotations

from collections import Counter
from typing import Any

from kohort.definition.circe.reading import below, concept, each, flag, needed, record, whole, word
from kohort.errors import DefinitionError

VOCABULARY = "OMOP"


def _item(value: object, path: str) -> tuple[str, list[dict[str, str]]]:
    """Read an item: whether it is to "include" or to "exclude", and the patterns that say it."""
    fields = record(value, path, ("concept", "isExcluded", "includeDescendants", "includeMapped"))
    code = str(concept(needed(fields, path, "concept"), below(path, "concept")))
    match = "descendants" if flag(fields.get("includeDescendants"), below(path, "includeDescendants")) else "exact"
    patterns = [{"code": code, "match": match}]
    if flag(fields.get("includeMapped"), below(path, "includeMapped")):
        patterns.append({"code": code, "match": "mapped" if match == "exact" else "mapped_descendants"})
    excluded = flag(fields.get("isExcluded"), below(path, "isExcluded"))
    return "exclude" if excluded else "include", patterns


def _set(value: object, path: str) -> tuple[int, str, dict[str, Any]]:
    fields = record(value, path, ("id", "name", "expression"))
    number = whole(needed(fields, path, "id"), below(path, "id"))
    name = "" if fields.get("name") is None else word(fields["name"], below(path, "name"))
    # A name is a line of text here.
    name = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    inside = below(path, "expression")
    items = record(needed(fields, path, "expression"), inside, ("items",)).get("items")
    codes: dict[str, Any] = {"vocabulary": VOCABULARY, "include": [], "exclude": []}
    for side, patterns in each(items, below(inside, "items"), _item):
        codes[side] += patterns
    return number, name or f"concept set {number}", codes


class ConceptSets:
    """The concept sets of an expression by their numbers, each with a name of its own."""

    def __init__(self, value: object, path: str) -> None:
        found = each(value, path, _set)
        shared = Counter(name for _, name, _ in found)
        self.plan: dict[str, Any] = {}
        self._names: dict[int, str] = {}
        for number, name, codes in found:
            if number in self._names:
                raise DefinitionError(f"{path} has two concept sets with the id {number}: give each an id of its own.")
            self._add(number, f"{name} ({number})" if shared[name] > 1 else name, codes)

    def _add(self, number: int, name: str, codes: dict[str, Any]) -> None:
        while name in self.plan:
            name = f"{name} ({number})"
        self._names[number] = name
        self.plan[name] = codes

    def reference(self, value: object, path: str) -> dict[str, str]:
        """Refer to a concept set by its number; one that the expression lacks matches nothing, as in Circe."""
        number = whole(value, path)
        if number not in self._names:
            self._add(number, f"concept set {number}", {"vocabulary": VOCABULARY, "include": [], "exclude": []})
        return {"set": self._names[number]}
