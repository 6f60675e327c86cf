"""Small questions stand in line: one at a time, in the order of their coming. 排队

Threads that work at the same time in one interpreter hinder each other, and all of them answer
later. But nobody waits for long behind a large question: a turn lasts a moment, and whoever is
still busy then goes on beside the others.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Iterator
from threading import Lock

__all__ = ["Turns"]

_LASTS_S = 0.02


class _Waiting:
    """Somebody who waits: the lock is released when the turn is theirs, and bears its number."""

    def __init__(self) -> None:
        self.number = 0
        self.turn = Lock()
        self.turn.acquire()


class Turns:
    """Gives turns to threads, first come, first served."""

    def __init__(self, lasts_s: float = _LASTS_S) -> None:
        self._lasts_s = lasts_s
        self._lock = Lock()
        self._line: deque[_Waiting] = deque()
        self._given = 0
        """How many turns were given so far."""
        self._is_taken = False
        self._since = 0.0

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and have it until the block ends or it has lasted long enough."""
        number = self._taken()
        try:
            yield
        finally:
            self._give_back(number)

    def _taken(self) -> int:
        with self._lock:
            if not self._is_taken:
                return self._give()
            mine = _Waiting()
            self._line.append(mine)
        while not mine.turn.acquire(timeout=self._patience_s()):
            with self._lock:
                if not mine.number and self._line[0] is mine and self._left_s() <= 0:
                    self._line.popleft()
                    mine.number = self._give()
                if mine.number:
                    break
        return mine.number

    def _give_back(self, number: int) -> None:
        with self._lock:
            if number != self._given:
                return  # It was over before, and somebody else's is not ours to end.
            self._is_taken = False
            if self._line:
                following = self._line.popleft()
                following.number = self._give()
                following.turn.release()

    def _give(self) -> int:
        self._is_taken = True
        self._given += 1
        self._since = time.monotonic()
        return self._given

    def _left_s(self) -> float:
        return self._since + self._lasts_s - time.monotonic()

    def _patience_s(self) -> float:
        """Tell how long to wait before looking whether a turn is over."""
        return max(self._left_s(), self._lasts_s / 4)
