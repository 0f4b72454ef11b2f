"""Passwords, kept as Argon2id hashes (RFC 9106); two are computed at once, each takes memory."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

_AT_ONCE = 2
"""How many are computed at the same time: each takes 64 MiB for some fifty milliseconds."""


class Argon2Passwords:
    """Keeps the port `Passwords`.

    Args:
        hasher: How much work a hash is; by default what the library holds to be right today.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._made = hasher
        self._turn = threading.BoundedSemaphore(_AT_ONCE)
        self._nobodys = ""

    @property
    def _hasher(self) -> PasswordHasher:
        from argon2 import PasswordHasher  # noqa: PLC0415  # loads C, for those who sign in

        self._made = self._made or PasswordHasher()
        return self._made

    def hashed(self, password: str) -> str:
        """Return what can be kept of a password."""
        with self._turn:
            return self._hasher.hash(password)

    def fits(self, password: str, kept: str) -> bool:
        """Return whether a password is the one; where nothing is kept it takes as long, and no."""
        from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415

        against = kept or self._of_nobody()
        with self._turn:
            try:
                self._hasher.verify(against, password)
            except (VerificationError, InvalidHashError):
                return False
        return bool(kept)

    def is_dated(self, kept: str) -> bool:
        """Return whether what is kept is weaker than what would be made today."""
        return self._hasher.check_needs_rehash(kept)

    def _of_nobody(self) -> str:
        """Return the hash that is checked for those who are not there."""
        self._nobodys = self._nobodys or self.hashed("nobody's")
        return self._nobodys
