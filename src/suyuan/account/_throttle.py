"""A bound on failures a name or an address: after so many, it has to wait. 限流

Kept in memory, each server process for itself, and for so many names at most.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

__all__ = ["Throttle"]

_NAMES_MAX = 10_000


class Throttle:
    """Counts failures; one is forgiven each time that a share of the period has passed."""

    def __init__(self, *, failures_max: int, period_s: float, clock: Callable[[], float]) -> None:
        self._failures_max = failures_max
        self._per_s = failures_max / period_s
        self._clock = clock
        self._failures: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def wait_s(self, name: str) -> float:
        """Give the seconds until this name may try again; 0 when it may now."""
        with self._lock:
            over = self._left(name) - (self._failures_max - 1)
        return max(0.0, over / self._per_s)

    def count(self, name: str) -> None:
        """Count one try."""
        self._add(name, 1.0)

    def uncount(self, name: str) -> None:
        """Take back a try that was no failure."""
        self._add(name, -1.0)

    def forget(self, name: str) -> None:
        """Forgive all failures of a name: it has come in."""
        with self._lock:
            self._failures.pop(name, None)

    def _left(self, name: str) -> float:
        count, at = self._failures.get(name, (0.0, 0.0))
        return max(0.0, count - (self._clock() - at) * self._per_s)

    def _add(self, name: str, count: float) -> None:
        with self._lock:
            self._failures[name] = (max(0.0, self._left(name) + count), self._clock())
            self._failures.move_to_end(name)
            if len(self._failures) > _NAMES_MAX:
                self._failures.popitem(last=False)
