"""A bound on failures a name or an address: after so many, it has to wait. 限流"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from suyuan.account._buckets import Buckets

__all__ = ["Throttle"]


class Throttle:
    """Counts failures; one is forgiven each time that a share of the period has passed."""

    def __init__(
        self,
        buckets: Buckets,
        kind: str,
        *,
        failures_max: int,
        period_s: float,
        clock: Callable[[], float],
    ) -> None:
        """Count in buckets that others may use too, for other kinds of names."""
        self._buckets = buckets
        self._kind = kind
        self._failures_max = failures_max
        self._per_s = failures_max / period_s
        self._clock = clock
        self._lock = Lock()

    def wait_s(self, name: str) -> float:
        """Give the seconds until this name may try again; 0 when it may now."""
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
        self._buckets.forget(f"{self._kind} {name}")

    def _left(self, name: str) -> float:
        count, at = self._buckets.level(f"{self._kind} {name}") or (0.0, 0.0)
        return max(0.0, count - (self._clock() - at) * self._per_s)

    def _add(self, name: str, count: float) -> None:
        with self._lock:
            level = max(0.0, self._left(name) + count)
            self._buckets.put(f"{self._kind} {name}", level, self._clock())
