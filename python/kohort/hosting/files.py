"""Files that are whole or not there, and that survive a crash."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write_all(file: int, data: bytes) -> None:
    """Write all of the data and wait until it is on the disk."""
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
    os.fsync(file)


def sync_folder(folder: Path) -> None:
    """Wait until the folder's entries are on the disk."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def replace(path: Path, data: bytes) -> None:
    """Write a file under another name and rename it: readers see the old one or the new one, whole."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        write_all(file, data)
    finally:
        os.close(file)
    temporary.replace(path)
    sync_folder(path.parent)
