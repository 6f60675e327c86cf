"""Buckets: how full each name's is, and since when; for limits that several processes keep. 限流

A table of a fixed size, so that it may lie in memory that processes share. A name has one of a
few places near its hash, and takes over the one that was left alone longest when all are taken.
The hash has a salt of its own, so that nobody can make up names that push out another one.

Nothing is locked between processes: when two write the same bucket at the same time, one count
may be lost, which a limit can bear, and no process that was killed holds up the others.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import MutableSequence
from threading import Lock

__all__ = ["Buckets"]

_PLACES = 16_384
_TRIES = 8
_WIDTH = 3  # The hash of the name, what is in the bucket, and when it was looked at last.
_HASH_BYTES = 6  # So many fit into a floating-point number whole.


class Buckets:
    """Levels by name. Any number of threads may use it, and processes that share `cells`."""

    CELLS = _PLACES * _WIDTH
    """How many numbers the table has."""

    def __init__(
        self, cells: MutableSequence[float] | None = None, *, salt: bytes | None = None
    ) -> None:
        """Lay the table into `cells`, `CELLS` numbers that are 0 at first, or into its own."""
        self._cells = [0.0] * self.CELLS if cells is None else cells
        self._salt = salt or secrets.token_bytes(16)
        self._lock = Lock()

    def level(self, name: str) -> tuple[float, float] | None:
        """Give what is in a bucket, and when that was; None for a name that has none."""
        tag, tries = self._tries(name)
        with self._lock:
            for at in tries:
                if self._cells[at] == tag:
                    return self._cells[at + 1], self._cells[at + 2]
        return None

    def put(self, name: str, level: float, moment: float) -> None:
        """Say what is in a bucket as of a moment, by any clock that all who ask share."""
        tag, tries = self._tries(name)
        cells = self._cells
        with self._lock:
            at = next((at for at in tries if cells[at] == tag), None)
            if at is None:
                at = min(tries, key=lambda one: cells[one + 2] if cells[one] else float("-inf"))
            cells[at], cells[at + 1], cells[at + 2] = tag, level, moment

    def forget(self, name: str) -> None:
        """Empty a bucket."""
        tag, tries = self._tries(name)
        with self._lock:
            for at in tries:
                if self._cells[at] == tag:
                    self._cells[at] = 0.0

    def _tries(self, name: str) -> tuple[float, list[int]]:
        digest = hashlib.blake2b(
            name.encode("utf-8", "surrogatepass"), digest_size=_HASH_BYTES, key=self._salt
        ).digest()
        number = int.from_bytes(digest, "big") or 1
        return float(number), [(number + step) % _PLACES * _WIDTH for step in range(_TRIES)]
