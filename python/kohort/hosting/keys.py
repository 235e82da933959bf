"""Where keys come from: a small protocol, and a file of the project."""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kohort.errors import ArgumentError, IntegrityError

#: How many random bytes a key has.
KEY_BYTES = 32


class KeyProvider(Protocol):
    """Whatever can give the secret of a purpose: a file, the environment, a key service."""

    def key(self, purpose: str) -> bytes:
        """Give the secret for a purpose, at least 32 bytes, the same each time."""
        ...


@dataclass(frozen=True)
class KeyFile:
    """A key in a file that only its owner can read; made on first use.

    Keep it outside of the warehouse, and keep a copy: without it the released sets cannot be read again, and nothing
    can be released from the warehouse.

    Parameters
    ----------
    path
        The file: 64 hexadecimal digits, permissions 0600.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> key = KeyFile(Path(tempfile.mkdtemp()) / "ledger.key")
    >>> len(key.key("ledger"))
    32
    """

    path: str | os.PathLike[str]

    def key(self, purpose: str) -> bytes:
        """Give the secret for a purpose, making the file where there is none.

        Parameters
        ----------
        purpose
            What the secret is for; each purpose has its own.

        Returns
        -------
        bytes
            32 bytes: HMAC-SHA-256 of the purpose under the file's key.

        Raises
        ------
        ArgumentError
            When others may read the file.
        IntegrityError
            When it does not hold a key.
        """
        return hmac.digest(self._secret(), purpose.encode(), "sha256")

    def _secret(self) -> bytes:
        path = Path(self.path)
        if not path.exists():
            _make(path)
        if path.stat().st_mode & 0o077:
            raise ArgumentError(f"the key file {path} can be read by others: allow its owner alone (chmod 600)")
        try:
            secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
        except ValueError:
            secret = b""
        if len(secret) != KEY_BYTES:
            raise IntegrityError(f"{path} does not hold a key of {2 * KEY_BYTES} hexadecimal digits: restore it")
        return secret


def _make(path: Path) -> None:
    """Write a new key whole, unless another process has just done so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(file, (secrets.token_hex(KEY_BYTES) + "\n").encode())
        os.fsync(file)
    finally:
        os.close(file)
    try:
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        temporary.unlink()
