"""The seal of an exported folder: the SHA-256 of every file, a hash over them, and a code that needs a key."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

from kohort.errors import ArgumentError, IntegrityError

if TYPE_CHECKING:
    from pathlib import Path

NAME = "seal.json"
FORMAT = "kohort-seal-1"
SHORTEST_KEY = 16


def checked_key(key: bytes | None) -> bytes | None:
    """Refuse a key that could be guessed."""
    if key is not None and (not isinstance(key, bytes) or len(key) < SHORTEST_KEY):
        raise ArgumentError(f"the key must be at least {SHORTEST_KEY} bytes: make one with secrets.token_bytes(32)")
    return key


def files_in(folder: Path) -> list[str]:
    """Return the names of all files of a folder but the seal, in order; a link is no file of the folder."""
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            raise IntegrityError(f"{name} is a link: a released folder holds files only")
        if path.is_file() and name != NAME:
            found.append(name)
    return found


def digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def seal(folder: Path, key: bytes | None) -> dict[str, Any]:
    """Return the seal of a folder as it is."""
    files = {name: digest(folder / name) for name in files_in(folder)}
    sealed = {"format": FORMAT, "files": files, "hash": hashlib.sha256(_stated(files)).hexdigest()}
    return sealed if key is None else sealed | {"hmac": _code(files, key)}


def check_seal(folder: Path, sealed: Any, key: bytes | None) -> str:
    """Compare a folder with its seal, and say what is proved by it.

    Raises
    ------
    IntegrityError
        If a file was changed, taken away or added, or the seal is not of this key.
    """
    files = sealed.get("files") if isinstance(sealed, dict) and sealed.get("format") == FORMAT else None
    if not isinstance(files, dict) or set(sealed) - {"format", "files", "hash", "hmac"}:
        raise IntegrityError(f"{NAME} is no seal of kohort's")
    found = files_in(folder)
    for what, names in (
        ("is missing", sorted(set(files) - set(found))),
        ("was added", sorted(set(found) - set(files))),
        ("was changed", [name for name in found if name in files and digest(folder / name) != files[name]]),
    ):
        if names:
            more = f", and so were {len(names) - 1} other files" if len(names) > 1 else ""
            raise IntegrityError(f"{names[0]} {what} after the folder was sealed{more}")
    if sealed.get("hash") != hashlib.sha256(_stated(files)).hexdigest():
        raise IntegrityError(f"the hash in {NAME} is not that of its list of files")
    if key is None:
        unchecked = "; its HMAC is not checked without the key" if "hmac" in sealed else ""
        return f"{len(files)} files are what the seal says; who made the seal is not proved{unchecked}"
    if "hmac" not in sealed:
        raise IntegrityError("the folder was sealed without a key, or its seal was made anew by somebody without it")
    if not hmac.compare_digest(str(sealed["hmac"]).encode(), _code(files, key).encode()):
        raise IntegrityError("the seal was made with another key, or made anew by somebody without it")
    return f"{len(files)} files are what the seal says, and the seal was made with the key"


def _stated(files: dict[str, str]) -> bytes:
    return json.dumps({"format": FORMAT, "files": files}, sort_keys=True, separators=(",", ":")).encode()


def _code(files: dict[str, str], key: bytes) -> str:
    return hmac.new(key, _stated(files), hashlib.sha256).hexdigest()
