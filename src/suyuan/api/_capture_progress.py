"""How far a capture job is: told while it is worked on, in transactions of its own. 采集进度

The events of a document go in all at once, so whoever waits would see nothing until the end.
The row of the job itself is locked by its worker meanwhile; what is told stands beside it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from typing import Literal
from uuid import UUID

import msgspec
from psycopg.types.json import Jsonb

from suyuan.errors import Unavailable
from suyuan.event import Event
from suyuan.journal import Stored
from suyuan.store import Connection, Database

__all__ = ["CaptureProgress", "CaptureTeller", "forget_progress"]

_TOLD_S = 0.25
# What the parts of a capture take of the whole, as measured with 100,000 events.
_READING, _CHECKING, _STORING = 0.22, 0.18, 0.60
_COUNTED_AT_ONCE = 64


class CaptureProgress(msgspec.Struct, frozen=True, rename="camel"):
    """How far a job is. What is stored counts only when all of it is, by the job's end."""

    phase: Literal["reading", "checking", "storing"]
    percent: int
    bytes: int
    bytes_read: int
    events_read: int
    events_checked: int = 0
    events_stored: int = 0


class CaptureTeller:
    """Tells how far one job is, some times a second; that it can't tell holds nothing up."""

    def __init__(self, database: Database, tenant_id: int, capture_id: UUID, size: int) -> None:
        """Get ready for a document of `size` bytes."""
        self._database = database
        self._key = (tenant_id, capture_id)
        self._size = size
        self._events = 0
        self._told = time.monotonic()

    def read(self, bytes_read: int, events: int) -> None:
        """Tell that so much of the document was read."""
        share = _READING * min(bytes_read / max(self._size, 1), 1.0)
        self._tell("reading", share, bytes_read, events)

    def checking(self, events: Sequence[Event]) -> Iterator[Event]:
        """Give the events, and tell how many were taken."""
        self._events = len(events)
        for number, event in enumerate(events):
            if number % _COUNTED_AT_ONCE == 0:
                share = _READING + _CHECKING * number / self._events
                self._tell("checking", share, self._size, self._events, number)
            yield event

    def stored(self, stored: Stored) -> None:
        """Tell how far the journal is with the events."""
        share = _READING + _CHECKING + _STORING * stored.share
        written = min(stored.events, self._events)
        self._tell("storing", share, self._size, self._events, self._events, written)

    def _tell(
        self,
        phase: Literal["reading", "checking", "storing"],
        share: float,
        bytes_read: int,
        events: int,
        checked: int = 0,
        stored: int = 0,
    ) -> None:
        if time.monotonic() - self._told < _TOLD_S:
            return
        progress = CaptureProgress(
            phase,
            percent=int(share * 100),
            bytes=self._size,
            bytes_read=bytes_read,
            events_read=events,
            events_checked=checked,
            events_stored=stored,
        )
        with (
            contextlib.suppress(Unavailable),
            self._database.tenant(self._key[0]) as connection,
        ):
            connection.execute(
                "INSERT INTO epcis.capture_progress (tenant_id, capture_id, progress) "
                "VALUES (%s, %s, %s) ON CONFLICT (tenant_id, capture_id) "
                "DO UPDATE SET progress = EXCLUDED.progress",
                (*self._key, Jsonb(msgspec.to_builtins(progress))),
            )
        self._told = time.monotonic()


def forget_progress(connection: Connection, tenant_id: int, capture_id: UUID) -> None:
    """Forget how far a job was, as it ends."""
    connection.execute(
        "DELETE FROM epcis.capture_progress WHERE tenant_id = %s AND capture_id = %s",
        (tenant_id, capture_id),
    )
