"""Code sets as Circe's numbered concept sets."""

from __future__ import annotations

import json
from typing import Any

from kohort.definition.circe.concepts import VOCABULARY
from kohort.definition.parts import read_codes
from kohort.errors import DefinitionError

PARTNER = {"mapped": "exact", "mapped_descendants": "descendants"}


def _items(patterns: list[dict[str, str]], path: str, *, excluded: bool) -> list[dict[str, Any]]:
    there = {(pattern["code"], pattern["match"]) for pattern in patterns}
    found = []
    for pattern in patterns:
        code, match = pattern["code"], pattern["match"]
        if match == "prefix" or (match in PARTNER and (code, PARTNER[match]) not in there) or not code.isdecimal():
            raise DefinitionError(
                f"{path} has the pattern {code} ({match}), which no item of a concept set can say: "
                f"name concepts, with or without their descendants."
            )
        if match not in PARTNER:
            mapped = next(with_ for with_, partner in PARTNER.items() if partner == match)
            found.append(
                {
                    "concept": {"CONCEPT_ID": int(code)},
                    "isExcluded": excluded,
                    "includeDescendants": match == "descendants",
                    "includeMapped": (code, mapped) in there,
                }
            )
    return found


def _expression(codes: dict[str, Any], path: str) -> dict[str, Any]:
    if codes["vocabulary"] != VOCABULARY:
        raise DefinitionError(
            f"{path} is a code set of {codes['vocabulary']}, where Circe knows concepts alone: "
            f'name them, as in kh.codes("OMOP", 1503297, descendants=True).'
        )
    return {
        "items": [
            *_items(codes["include"], path, excluded=False),
            *_items(codes["exclude"], path, excluded=True),
        ]
    }


class Numbers:
    """The numbers of concept sets: those of the code sets with a name in their order, then those of the others."""

    def __init__(self, named: dict[str, Any]) -> None:
        self._named: dict[str, int] = {}
        self._found: dict[str, int] = {}
        self.sets: list[dict[str, Any]] = []
        for name, codes in named.items():
            self._named[name] = self._add(name, codes, f"code_sets.{name}")

    def _add(self, name: str, codes: dict[str, Any], path: str) -> int:
        number = len(self.sets)
        self.sets.append({"id": number, "name": name, "expression": _expression(codes, path)})
        return number

    def of(self, codes: dict[str, Any], path: str) -> int:
        """Give the number of a code set, or of what a reference names."""
        if "set" in codes:
            return self._named[codes["set"]]
        key = json.dumps(codes)
        if key not in self._found:
            self._found[key] = self._add(str(read_codes(codes, path)), codes, path)
        return self._found[key]
