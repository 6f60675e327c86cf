"""One event by its ID, and whether it was declared in error later. 单个事件"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from suyuan.journal._prepare import event_key
from suyuan.store import Connection, Database

__all__ = ["FoundEvent", "StoredDeclaration", "declared_in", "find_event"]

_decode = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode
_WHY = "why"


@dataclass(frozen=True, slots=True)
class StoredDeclaration:
    """What was declared of an event: that it is in error, why, and what is right instead."""

    sequence: int
    record_time: datetime
    reason: str | None
    why: str
    corrective_event_ids: tuple[str, ...]
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """An event as the journal has it, and its error declaration where there is one."""

    sequence: int
    record_time: datetime
    event_id: str
    event_hash: bytes
    body: dict[str, Any]
    declaration: StoredDeclaration | None


def find_event(database: Database, tenant_id: int, event_id: str) -> FoundEvent | None:
    """Give the event of an ID; None where the journal has none, or only a declaration of it."""
    with database.tenant(tenant_id, read_only=True) as connection:
        return read_found_event(connection, tenant_id, event_id)


def read_found_event(connection: Connection, tenant_id: int, event_id: str) -> FoundEvent | None:
    """Give the event of an ID within a transaction."""
    keys = [UUID(bytes=event_key(event_id, is_error_declaration=one)) for one in (False, True)]
    rows = connection.execute(
        "SELECT event.sequence, record_time, is_error_declaration, event_hash, body "
        "FROM journal.event_key AS key JOIN journal.event AS event "
        "ON event.tenant_id = key.tenant_id AND event.sequence = key.sequence "
        "WHERE key.tenant_id = %s AND key.event_key = ANY(%s)",
        (tenant_id, keys),
    ).fetchall()
    event = next((row for row in rows if not row[2]), None)
    if event is None:
        return None
    declaration = next((_declaration(row) for row in rows if row[2]), None)
    return FoundEvent(event[0], event[1], event_id, bytes(event[3]), _decode(event[4]), declaration)


def _declaration(row: tuple[Any, ...]) -> StoredDeclaration:
    body = _decode(row[4])
    reason, why, corrective = declared_in(body.get("errorDeclaration"))
    return StoredDeclaration(
        sequence=row[0],
        record_time=row[1],
        reason=reason,
        why=why,
        corrective_event_ids=corrective,
        body=body,
    )


def declared_in(said: Any) -> tuple[str | None, str, tuple[str, ...]]:
    """Give the reason of an `errorDeclaration`, as the standard and in words, and what is right."""
    said = said if isinstance(said, dict) else {}
    reason = said.get("reason")
    corrective = tuple(_texts(said.get("correctiveEventIDs")))
    return reason if isinstance(reason, str) else None, _own_text(said), corrective


def _own_text(said: dict[str, Any]) -> str:
    """Give the reason in free words, under whichever prefix it stands."""
    found = [value for name, value in said.items() if name.rpartition(":")[2] == _WHY]
    return next((one for one in found if isinstance(one, str)), "")


def _texts(value: Any) -> Iterable[str]:
    return (one for one in value if isinstance(one, str)) if isinstance(value, list) else ()
