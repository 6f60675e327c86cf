"""The journals of a process: one a tenant, so that its callers share commits. 日志集"""

from __future__ import annotations

from threading import Lock

from suyuan.journal._journal import Journal
from suyuan.store import Database

__all__ = ["Journals"]


class Journals:
    """Gives the journal of a tenant, always the same one. Any number of threads may ask."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[int, Journal] = {}
        self._lock = Lock()

    def of(self, tenant_id: int) -> Journal:
        """Give the one journal of a tenant in this process."""
        with self._lock:
            if tenant_id not in self._known:
                self._known[tenant_id] = Journal(self._database, tenant_id)
            return self._known[tenant_id]
