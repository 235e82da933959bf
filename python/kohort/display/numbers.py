"""Numbers as words on cards."""

from __future__ import annotations


def percent(share: float) -> str:
    """Write a share in percent; neither a little nor almost all is rounded away."""
    if 0 < share < 0.0005:
        return "<0.1%"
    if 0.9995 <= share < 1:
        return ">99.9%"
    return f"{share:.1%}"
