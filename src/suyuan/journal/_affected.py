"""What a correction touches: whose stories change, and which later events rest on them. 影响范围"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal

import msgspec

from suyuan.event import Event, Role
from suyuan.journal._correct import Planned
from suyuan.journal._query import EventQuery, Order, StoredEvent
from suyuan.journal._query_conditions import Column, Mentions, Operator, TimeFits
from suyuan.journal._query_pages import read_events, read_page
from suyuan.store import Database

__all__ = ["AffectedObject", "LaterEvents", "affected_objects", "find_later_events"]

_OBJECT_ROLES = (
    *(Role.EPC, Role.PARENT, Role.CHILD, Role.INPUT, Role.OUTPUT, Role.QUANTITY),
    *(Role.CHILD_QUANTITY, Role.INPUT_QUANTITY, Role.OUTPUT_QUANTITY),
)
_COUNTED_MAX = 1_000
_SHOWN = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Said = tuple[int, Decimal | None, str | None]


class AffectedObject(msgspec.Struct, frozen=True):
    """An object whose story a correction changes: it leaves it, comes into it, or is told anew."""

    uri: str
    change: Literal["removed", "added", "told_anew"]


class LaterEvents(msgspec.Struct, frozen=True):
    """Events after the corrected one that name an object of it, the first of them read."""

    count: int
    is_more: bool
    """There are more than were counted."""
    first: list[StoredEvent]


def affected_objects(planned: Planned) -> list[AffectedObject]:
    """Give the objects of the event and of what replaces it, each with what changes for it."""
    before = _said([planned.declaration])
    after = _said(planned.replacements)
    found = []
    for uri in before | after:
        if uri not in after:
            found.append(AffectedObject(uri, "removed"))
        else:
            found.append(AffectedObject(uri, "told_anew" if uri in before else "added"))
    return found


def _said(events: Iterable[Event]) -> dict[str, set[_Said]]:
    said: dict[str, set[_Said]] = {}
    for event in events:
        for role, uri, quantity, uom, _ in event.mentions:
            if role in _OBJECT_ROLES:
                said.setdefault(uri, set()).add((role, quantity, uom))
    return said


def find_later_events(
    database: Database, tenant_id: int, planned: Planned, *, shown: int = _SHOWN
) -> LaterEvents:
    """Find what was recorded to have happened to the same objects at the same time or later."""
    uris = tuple(_said([planned.declaration]))
    if not uris:
        return LaterEvents(0, False, [])
    event_time = _EPOCH + timedelta(microseconds=planned.declaration.event_time)
    query = EventQuery(
        (
            Mentions(_OBJECT_ROLES, uris),
            TimeFits(Column.EVENT_TIME, Operator.GE, event_time),
        ),
        Order("event_time"),
    )
    page = read_page(database, tenant_id, query, events_max=_COUNTED_MAX + 1)
    others = [one for one in page.sequences if one != planned.found.sequence]
    standing = _standing(database, tenant_id, others)
    first = list(read_events(database, tenant_id, standing[:shown]))
    return LaterEvents(len(standing), page.next_mark is not None, first)


def _standing(database: Database, tenant_id: int, sequences: list[int]) -> list[int]:
    """Leave out declarations, and what was declared in error."""
    with database.tenant(tenant_id, read_only=True) as connection:
        rows = connection.execute(
            "SELECT sequence FROM journal.event AS event "
            "WHERE tenant_id = %(tenant)s AND sequence = ANY(%(sequences)s::bigint[]) "
            "AND NOT is_error_declaration AND NOT EXISTS ("
            "SELECT FROM journal.event AS declaration WHERE declaration.tenant_id = %(tenant)s "
            "AND declaration.is_error_declaration AND declaration.event_id = event.event_id)",
            {"tenant": tenant_id, "sequences": sequences},
        ).fetchall()
    stands = {row[0] for row in rows}
    return [one for one in sequences if one in stands]
