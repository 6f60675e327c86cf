"""Where something is named: events of a place, a party, a document; a product's lots. 提及

A history is of things; places, parties, documents and products have none, but stand in events
as where, who and why. The newest come first.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from suyuan.errors import NotFound, Problem
from suyuan.event import Role, decode_body
from suyuan.identifier import parse
from suyuan.store import Connection
from suyuan.trace._genealogy import Genealogy
from suyuan.trace._history import Seen, seen_of
from suyuan.trace._names import numbers_of_uris, plant_bases
from suyuan.trace._parts import parts_of

__all__ = ["Mentioned", "MentionsTold", "mentions", "number_named"]

_EVENTS_MAX = 500
_MEMBERS_MAX = 200
_LATEST = 5_000  # By when they were recorded: among these, the newest by when they happened.
_OBJECTS_FEW = 3
_THINGS = frozenset(role for role in Role if role <= Role.OUTPUT_QUANTITY)

_SAID = """
    WITH said AS (
        SELECT role, unnest(sequences) AS sequence FROM journal.posting
        WHERE tenant_id = %(tenant)s AND object_id = ANY(%(objects)s)
          AND first_sequence <= %(position)s)
    SELECT array_agg(DISTINCT role), count(DISTINCT sequence) FROM said
    WHERE sequence <= %(position)s
"""
_EVENTS = """
    WITH said AS (
        SELECT DISTINCT unnest(sequences) AS sequence FROM journal.posting
        WHERE tenant_id = %(tenant)s AND object_id = ANY(%(objects)s)
          AND first_sequence <= %(position)s
        ORDER BY sequence DESC LIMIT %(latest)s)
    SELECT event.sequence, event_time, record_time, event_id, event_type, action,
           business_step, disposition, body
    FROM said JOIN journal.event AS event
      ON event.tenant_id = %(tenant)s AND event.sequence = said.sequence
    WHERE event.sequence <= %(position)s AND NOT is_error_declaration
    ORDER BY event_time DESC, event.sequence DESC LIMIT %(limit)s
"""
# Lots come before items, of which there are many more.
_MEMBERS = """
    SELECT uri, count(*) OVER () FROM journal.object
    WHERE tenant_id = %(tenant)s AND class_id = %(object)s AND object_id <> %(object)s
    ORDER BY uri ~ '/(21|s)/', object_id DESC LIMIT %(limit)s
"""


class Mentioned(msgspec.Struct, frozen=True, kw_only=True):
    """An event that names what was asked for, and the first of the things that it is about."""

    seen: Seen
    objects: list[str]
    objects_count: int


class MentionsTold(msgspec.Struct, frozen=True, kw_only=True):
    """The events that name something, the newest first, and what is of it, if it is a product.

    `roles` are the places of an event in which it stands; `count` counts all of its events.
    A place counts the events of its parts too, of which there are so many.
    """

    uri: str
    position: int
    roles: list[str]
    count: int
    parts: int
    events: list[Mentioned]
    members: list[str]
    members_count: int


def mentions(
    genealogy: Genealogy,
    code: str,
    *,
    limit: int = 50,
    as_of: datetime | None = None,
    not_before: int | None = None,
) -> MentionsTold:
    """Tell which events name something in any place, and the lots and items of a product. 提及"""
    tenant_id = genealogy.tenant_id
    with genealogy.database.tenant(tenant_id, read_only=True) as connection:
        position = genealogy.position(connection, as_of=as_of, not_before=not_before)
        named = parse(code, plant_bases=plant_bases(connection, tenant_id))
        uri = str(named.canonical)
        number = number_named(connection, tenant_id, uri)
        parts = parts_of(connection, tenant_id, uri)
        values: dict[str, object] = {
            "tenant": tenant_id,
            "object": number,
            "objects": [number, *numbers_of_uris(connection, tenant_id, parts).values()],
            "position": position,
        }
        roles, count = _said(connection, values)
        limits = {"latest": _LATEST, "limit": min(limit, _EVENTS_MAX)}
        rows = connection.execute(_EVENTS, values | limits).fetchall()
        # Only classes have any, and looking for them takes a look at every object.
        is_class = named.level in ("class", "unknown")
        asked = values | {"limit": _MEMBERS_MAX}
        members = connection.execute(_MEMBERS, asked).fetchall() if is_class else []
    return MentionsTold(
        uri=uri,
        position=position,
        roles=roles,
        count=count,
        parts=len(parts),
        events=[_mentioned(row) for row in rows],
        members=[str(member) for member, _ in members],
        members_count=int(members[0][1]) if members else 0,
    )


def number_named(connection: Connection, tenant_id: int, uri: str) -> int:
    """Give the number of what events name, or the master data does: then 0, if none of them.

    A product stands in no event itself, when only its lots and items do. Raises NotFound
    `trace.object_unknown`.
    """
    row = connection.execute(
        "SELECT (SELECT object_id FROM journal.object WHERE tenant_id = %(tenant)s "
        "AND uri = %(uri)s), EXISTS (SELECT FROM journal.master_data "
        "WHERE tenant_id = %(tenant)s AND element_id = %(uri)s)",
        {"tenant": tenant_id, "uri": uri},
    ).fetchone()
    assert row is not None
    number, is_named = row
    if number is None and not is_named:
        raise NotFound(Problem(code="trace.object_unknown", found=uri))
    return int(number or 0)


def _said(connection: Connection, values: dict[str, object]) -> tuple[list[str], int]:
    row = connection.execute(_SAID, values).fetchone()
    assert row is not None
    return [Role(role).name.lower() for role in sorted(row[0] or ())], int(row[1])


def _mentioned(row: tuple[object, ...]) -> Mentioned:
    event = decode_body(str(row[-1]).encode())
    things = dict.fromkeys(mention[1] for mention in event.mentions if mention[0] in _THINGS)
    return Mentioned(
        seen=seen_of(row, set()), objects=list(things)[:_OBJECTS_FEW], objects_count=len(things)
    )
