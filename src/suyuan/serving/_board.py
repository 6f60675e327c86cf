"""The board: numbers that the processes of one server write for each other to see. 公告板

It lies in memory that all of them share. Each number has one writer, but for the buckets, which
bear it when two write at once; so there is no lock for a killed process to leave closed.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import MutableSequence
from functools import cached_property
from multiprocessing import get_context
from typing import Any, cast

from suyuan.account import Buckets
from suyuan.settings import PROCESSES_MAX

__all__ = ["Board"]

_BROKEN_MAX = 100
_CAPTURING, _BROKEN, _CALLERS = 0, 1, 1 + _BROKEN_MAX
_BUCKETS = _CALLERS + PROCESSES_MAX


class Board:
    """Made by the process above the others, and handed to them as they are started."""

    def __init__(self) -> None:
        self._memory = get_context("forkserver").RawArray("d", _BUCKETS + Buckets.CELLS)
        self._salt = secrets.token_bytes(16)
        for process in range(PROCESSES_MAX):
            self.say_callers(process, None)

    def __getstate__(self) -> dict[str, Any]:
        return {"_memory": self._memory, "_salt": self._salt}

    @cached_property
    def _numbers(self) -> MutableSequence[float]:
        return cast("MutableSequence[float]", memoryview(self._memory).cast("B").cast("d"))

    @cached_property
    def buckets(self) -> Buckets:
        """The limits that all processes count together."""
        return Buckets(self._numbers[_BUCKETS:], salt=self._salt)

    def say_capturing(self, is_capturing: bool) -> None:
        """Say whether documents are worked on."""
        self._numbers[_CAPTURING] = float(is_capturing)

    def is_capturing(self) -> bool:
        """Tell whether documents are worked on."""
        return bool(self._numbers[_CAPTURING])

    def say_broken(self, tenants: set[int]) -> None:
        """Say whose logs are broken."""
        for place, tenant_id in enumerate(sorted(tenants)[:_BROKEN_MAX]):
            self._numbers[_BROKEN + place] = tenant_id

    def is_broken(self, tenant_id: int) -> bool:
        """Tell whether the log of a tenant is broken."""
        return tenant_id in self._numbers[_BROKEN:_CALLERS]

    def say_callers(self, process: int, callers: int | None) -> None:
        """Say how many connections a process has; None is that it takes none."""
        self._numbers[_CALLERS + process] = math.inf if callers is None else callers

    def has_more_than_others(self, process: int) -> bool:
        """Tell whether another process that takes connections has fewer of them."""
        callers = self._numbers[_CALLERS:_BUCKETS]
        return callers[process] > min(callers)
