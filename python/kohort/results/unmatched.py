"""Patterns of codes that a warehouse has nothing of."""

from __future__ import annotations

import json
import warnings
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from kohort.errors import KohortWarning

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kohort import _core


def warn_of_unmatched(core: _core.Warehouse, vocabularies: Mapping[str, str], plan: Mapping[str, Any]) -> None:
    """Warn of patterns that match no code: a silent zero would be believed. To be called by what the user calls."""
    for domain, codes in _code_sets(plan):
        if domain not in vocabularies or codes["vocabulary"] != vocabularies[domain]:
            continue  # the core refuses both, with the names there are
        matching = core.matching(domain, json.dumps(codes))
        for pattern, found in zip(codes["include"], matching, strict=True):
            if not found:
                known = core.codes(domain)
                near = get_close_matches(pattern["code"], known, n=3, cutoff=0.5)
                hint = f"; the nearest that exist are {', '.join(near)}" if near else ""
                star = {"prefix": "*", "descendants": "+"}.get(pattern["match"], "")
                name = f"{codes['vocabulary']} {pattern['code']}{star}"
                warnings.warn(
                    f"{name} matches no {domain} event of this warehouse{hint}",
                    KohortWarning,
                    stacklevel=3,
                )


def _code_sets(plan: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Walk a plan for its code sets, each with the domain it is asked of."""
    if isinstance(plan, dict):
        codes = plan.get("codes")
        # A set that has a name is checked as a whole, once it was run.
        if isinstance(codes, dict) and "include" in codes and "domain" in plan:
            yield plan["domain"], codes
        for part in plan.values():
            yield from _code_sets(part)
    elif isinstance(plan, list):
        for part in plan:
            yield from _code_sets(part)
