"""Patterns of codes: how they are written, and in which form each vocabulary keeps them."""

from __future__ import annotations

import operator
import unicodedata
from dataclasses import dataclass
from typing import Literal, SupportsIndex

from kohort.definition import checks
from kohort.errors import DefinitionError

Match = Literal["exact", "prefix", "descendants", "mapped", "mapped_descendants"]
MATCHES: tuple[Match, ...] = ("exact", "prefix", "descendants", "mapped", "mapped_descendants")
SIGNS = {"exact": "", "prefix": "*", "descendants": "+", "mapped": " mapped", "mapped_descendants": "+ mapped"}

# Written in any case and with or without hyphen; any other vocabulary is taken by the letter.
KNOWN = ("ATC", "ICD10", "CCAM", "CIP13", "CIP7", "UCD", "LPP", "NABM", "GHM", "OMOP")
UPPER = frozenset({"ATC", "ICD10", "CCAM"})
PLAIN = {"ATC": "", "ICD10": "+"}  # letters and digits, and these; the PMSI's ICD-10 has codes such as B24+0


@dataclass(frozen=True, slots=True, order=True)
class Pattern:
    """A code and what it stands for: itself, all that begin with it, itself and its descendants, or what maps to it."""

    code: str
    match: Match

    def __post_init__(self) -> None:
        checks.choice(self.match, MATCHES, f"the match of pattern {checks.show(self.code)}")

    def __str__(self) -> str:
        return f"{self.code}{SIGNS[self.match]}"

    def apart_from(self, other: Pattern) -> bool:
        """Tell whether no code can match both; what only a vocabulary knows is unknown here, so False for it."""
        if not {self.match, other.match} <= {"exact", "prefix"}:
            return False
        short, long = (self, other) if len(self.code) <= len(other.code) else (other, self)
        if short.match == "prefix":
            return not long.code.startswith(short.code)
        return short.code != long.code

    def plan(self) -> dict[str, str]:
        """Return the pattern as the plan writes it."""
        return {"code": self.code, "match": self.match}


def vocabulary_name(value: object) -> str:
    """Take the name of a vocabulary; the known ones in any case, with or without hyphen."""
    text = checks.line(value, "the vocabulary of a code set")
    if any(letter.isspace() or letter in "*+" for letter in text):
        raise DefinitionError(f'the vocabulary {text!r} is not a name: write one such as "ATC" or "ICD10".')
    folded = text.replace("-", "").upper()
    return folded if folded in KNOWN else text


def normal(vocabulary: str, pattern: Pattern) -> Pattern:
    """Write a pattern as its vocabulary does, or refuse it."""
    text = pattern.code
    if not isinstance(text, str):
        raise DefinitionError(f"the code {checks.show(text)} of {vocabulary} is not text: write it in quotes.")
    code = unicodedata.normalize("NFC", text)
    if vocabulary in UPPER:
        code = code.upper()
    if vocabulary == "ICD10":
        code = code.replace(".", "")
    if not code:
        raise DefinitionError(
            f"the {vocabulary} pattern {str(pattern)!r} names no code: write at least one character, "
            f"or leave the codes away, as in kh.drug(), for all events of a domain."
        )
    if any(letter.isspace() for letter in code) or not code.isprintable():
        raise DefinitionError(f"the {vocabulary} pattern {text!r} holds white space: remove it.")
    if "*" in code:
        raise DefinitionError(
            f'the {vocabulary} pattern {text!r} has a "*" that is not at its end: write a prefix and "*".'
        )
    extra = PLAIN.get(vocabulary)
    if extra is not None and not all(letter in extra or (letter.isascii() and letter.isalnum()) for letter in code):
        raise DefinitionError(
            f"the {vocabulary} pattern {text!r} has a character that no {vocabulary} code has: "
            f'write codes or prefixes, one each, as in "C67*".'
        )
    return Pattern(code, pattern.match)


def read_pattern(vocabulary: str, value: object, *, descendants: bool) -> Pattern:
    """Read "A10BH*", "1118084+", "A10BD07" or 1118084."""
    if isinstance(value, SupportsIndex) and not isinstance(value, bool):
        number = operator.index(value)
        if number < 0 or vocabulary in UPPER:
            raise DefinitionError(f"the number {number} is no code of {vocabulary}: write the code in quotes.")
        value = str(number)
    if not isinstance(value, str):
        star = (
            ": unpack it with a star, as in kh.codes(vocabulary, *values)"
            if isinstance(value, list | tuple | set)
            else ""
        )
        raise DefinitionError(
            f"{checks.show(value)} is no code of {vocabulary}{star or ': write text or a whole number'}."
        )
    match: Match = "prefix" if value.endswith("*") else "descendants" if value.endswith("+") else "exact"
    code = value if match == "exact" else value[:-1]
    if descendants and match == "prefix":
        raise DefinitionError(
            f'the pattern {value!r} is a prefix, of which descendants=True says nothing: drop "*" or the option.'
        )
    return Pattern(code, "descendants" if descendants else match)
