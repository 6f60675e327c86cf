"""The house: what an application knows of the process that does the server's other work. 管家

That may be the application's own process, or the one above several that answer requests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from suyuan.account import Buckets

__all__ = ["House"]


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Who works on jobs and keeps the log, and the limits that all processes count together."""

    wake_capture: Callable[[], None]
    """Says that there is a document to capture."""
    wake_import: Callable[[], None]
    is_capturing: Callable[[], bool]
    """Tells whether documents are worked on."""
    is_log_kept: bool
    is_log_broken: Callable[[int], bool]
    """Tells whether the log of a tenant is broken, and left alone."""
    buckets: Buckets
