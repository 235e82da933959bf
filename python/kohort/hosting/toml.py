"""TOML files of kohort: read, and refused with every fault named at once."""

from __future__ import annotations

import tomllib
from typing import Any

from kohort.errors import PolicyError


def parse(text: str, name: str) -> dict[str, Any]:
    """Read TOML; `name` stands in the message."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(name, [f"it is not TOML: {error}"]) from None
