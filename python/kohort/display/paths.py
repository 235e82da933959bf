"""Paths as a card may show them."""

from __future__ import annotations

from pathlib import Path


def short(path: Path) -> str:
    """Write a path with the home folder as ~, which is nobody else's business."""
    try:
        return f"~/{path.resolve().relative_to(Path.home())}"
    except ValueError:
        return str(path)
