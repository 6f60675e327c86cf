"""What in a record needs somebody, worked out beside the requests and kept. 待处理事项

To know the gaps of a whole record takes seconds. So it is done by a thread of its own, once a
tenant at a time, and never so often that it would take more than a part of the machine; who
asks gets what was found last, and is told at which position.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock, Thread

import msgspec
import structlog

from suyuan.account import own_parties
from suyuan.errors import SuyuanError
from suyuan.trace import Dates, Genealogy, Holds, OnHold, Presence, expired, gaps

__all__ = ["Attention", "Found"]

_log = structlog.get_logger()
_REST_TIMES = 20  # So many times as long as a look took, nobody looks again.
_DATES_AFTER = timedelta(minutes=10)  # Dates pass though nothing is recorded.
_GAP_EVENTS_MAX = 5_000_000


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at a record found; no number of gaps where it is too large for that."""

    position: int
    moment: datetime
    on_hold: OnHold
    gaps: int | None
    overdue: int | None
    expired: int


@dataclass
class _Tenant:
    found: Found | None = None
    is_looking: bool = False
    rests_until: float = float("-inf")


class Attention:
    """Looks at the records of tenants, each by turns."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.holds = Holds()
        self.dates = Dates()
        self._tenants: dict[int, _Tenant] = {}
        self._lock = Lock()
        self._clock = clock

    def found(
        self, genealogy: Genealogy, presence: Presence, position: int, now: datetime
    ) -> tuple[Found | None, bool]:
        """Give what was found last, and whether somebody is looking again."""
        with self._lock:
            tenant = self._tenants.setdefault(genealogy.tenant_id, _Tenant())
            is_old = (
                tenant.found is None
                or tenant.found.position < position
                or now - tenant.found.moment > _DATES_AFTER
            )
            if is_old and not tenant.is_looking and self._clock() >= tenant.rests_until:
                tenant.is_looking = True
                Thread(
                    target=self._look, args=(genealogy, presence, tenant, now), daemon=True
                ).start()
            return tenant.found, tenant.is_looking

    def _look(
        self, genealogy: Genealogy, presence: Presence, tenant: _Tenant, now: datetime
    ) -> None:
        started = self._clock()
        found = None
        try:
            ours = own_parties(genealogy.database, genealogy.tenant_id)
            past = expired(genealogy, presence, self.dates, now=now, ours=ours)
            found = _look_at(genealogy, self.holds, past.objects, now)
        except SuyuanError as error:
            _log.warning("attention not worked out", error=error.text())
        finally:
            with self._lock:
                tenant.found = found or tenant.found
                tenant.is_looking = False
                tenant.rests_until = self._clock() + _REST_TIMES * (self._clock() - started)


def _look_at(genealogy: Genealogy, holds: Holds, past: int, now: datetime) -> Found:
    on_hold = holds.now(genealogy)
    if on_hold.position > _GAP_EVENTS_MAX:
        return Found(
            position=on_hold.position,
            moment=now,
            on_hold=on_hold,
            gaps=None,
            overdue=None,
            expired=past,
        )
    told = gaps(genealogy)
    overdue = sum(one.count for one in told.kinds if one.kind == "never_received")
    return Found(
        position=told.position,
        moment=now,
        on_hold=on_hold,
        gaps=told.count,
        overdue=overdue,
        expired=past,
    )
