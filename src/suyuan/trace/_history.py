"""History: the events of an object, and those of its containers while it was inside. 履历"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
import numpy as np

from suyuan.event import Action, EventType, Role
from suyuan.store import Connection
from suyuan.trace._containers import outsides
from suyuan.trace._corrections import Corrected, read_corrections
from suyuan.trace._graph import Graph
from suyuan.trace._happened import canonical
from suyuan.trace._index import Known
from suyuan.trace._measured import Measured, measured_in
from suyuan.trace._names import uris_of
from suyuan.trace._stays import FOREVER, LONG_AGO
from suyuan.trace._times import microseconds

__all__ = [
    "Party",
    "Picture",
    "Seen",
    "decode_place",
    "read_history",
    "seen_of",
    "within_containers",
]

_NAMED = [int(role) for role in Role if role <= Role.OUTPUT_QUANTITY]
_TYPES = {int(one): one.name.capitalize() + "Event" for one in EventType}

# Events declared in error count for nothing; declarations are no events of their own.
_WRONG = """
      AND NOT EXISTS (SELECT FROM journal.event AS declaration
                      WHERE declaration.tenant_id = %(tenant)s
                        AND declaration.is_error_declaration
                        AND declaration.sequence <= %(position)s
                        AND declaration.event_id = event.event_id)
"""
_EVENTS = """
    SELECT said.object_id, event.sequence, event.event_time, event.record_time, event.event_id,
           event.event_type, event.action, event.business_step, event.disposition, event.body
    FROM (SELECT object_id, unnest(sequences) AS sequence FROM journal.posting
          WHERE tenant_id = %(tenant)s AND object_id = ANY(%(objects)s::bigint[])
            AND role = ANY(%(roles)s::smallint[]) AND first_sequence <= %(position)s) AS said
    JOIN journal.event AS event
      ON event.tenant_id = %(tenant)s AND event.sequence = said.sequence
    WHERE event.sequence <= %(position)s AND NOT event.is_error_declaration
"""
_ORDER = """
    ORDER BY event.event_time, event.event_id COLLATE "C"
"""


class Party(msgspec.Struct, frozen=True):
    """Whom goods come from or go to, and as what: the owning or the possessing party."""

    type: str = ""
    source: str = ""
    destination: str = ""


class _Place(msgspec.Struct, frozen=True):
    id: str = ""


class Picture(msgspec.Struct, frozen=True):
    """A picture that an event points to, which `suyuan.attachment` keeps."""

    sha256: str
    media_type: str = ""


class _Body(msgspec.Struct, frozen=True, rename="camel"):
    """What of the body of an event a history tells. Anybody may write anything in extensions."""

    read_point: _Place = _Place()
    biz_location: _Place = _Place()
    source_list: list[Party] = []
    destination_list: list[Party] = []
    note: Any = msgspec.field(name="suyuan:note", default=None)
    attachment: Any = msgspec.field(name="suyuan:attachment", default=None)
    sensor_element_list: Any = None
    result: Any = msgspec.field(name="suyuan:result", default=None)
    parameter: Any = msgspec.field(name="suyuan:parameter", default=None)


class Seen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event of a history, and through what it is: the object itself, or containers.

    Identifiers are canonical, whatever spelling the event has.
    """

    sequence: int
    event_id: str
    event_time: datetime
    record_time: datetime
    type: str
    through: list[str]
    action: str | None = None
    business_step: str | None = None
    disposition: str | None = None
    read_point: str | None = None
    business_location: str | None = None
    sources: list[Party] = []
    destinations: list[Party] = []
    note: str | None = None
    attachments: list[Picture] = []
    measured: list[Measured] = []
    corrected: Corrected | None = None
    """That it was declared in error, where that was asked for; it counts for nothing then."""
    replaces: Corrected | None = None
    """What it is right instead of, where that was asked for."""


_decode = msgspec.json.Decoder(_Body).decode


def decode_place(body: str) -> str | None:
    """Give where an event says that it was: the business location, else the read point."""
    told = _decode(body)
    return canonical(told.biz_location.id or told.read_point.id) or None


def read_history(
    connection: Connection,
    tenant_id: int,
    known: Known,
    uri: str,
    number: int,
    *,
    with_corrections: bool = False,
) -> list[Seen]:
    """Give the history of an object, in the order of time and event ID.

    `with_corrections` marks what stands in the place of another event, and adds what was
    declared in error.
    """
    spans = _spans(known.graph, number)
    names = uris_of(connection, tenant_id, spans)
    rows = connection.execute(
        _EVENTS + ("" if with_corrections else _WRONG) + _ORDER,
        {
            "tenant": tenant_id,
            "objects": list(spans),
            "roles": _NAMED,
            "position": known.position,
        },
    )
    found: dict[int, tuple[Any, set[str]]] = {}
    for object_id, *event in rows:
        moment = microseconds(event[1])
        if any(first <= moment <= last for first, last in spans[object_id]):
            found.setdefault(event[0], (event, set()))[1].add(names[object_id])
    seen = [seen_of(event, through) for event, through in found.values()]
    if not with_corrections:
        return seen
    corrections = read_corrections(connection, tenant_id, known.position)
    return [
        msgspec.structs.replace(
            one,
            corrected=corrections.by_wrong.get(one.event_id),
            replaces=corrections.by_right.get(one.event_id),
        )
        for one in seen
    ]


def _spans(graph: Graph, number: int) -> dict[int, list[tuple[int, int]]]:
    """Give the object and its containers, each with the periods that count."""
    spans = {number: [(LONG_AGO, FOREVER)]}
    if number < graph.objects:
        held = outsides(graph, np.array([number]), LONG_AGO, FOREVER)
        for thing, first, last in zip(
            held.things.tolist(), held.firsts.tolist(), held.lasts.tolist(), strict=True
        ):
            spans.setdefault(thing, []).append((first, last))
    return spans


def seen_of(event: Any, through: set[str]) -> Seen:
    """Give an event as a history tells it, from the columns of its row."""
    sequence, event_time, record_time, event_id, kind, action, step, disposition, body = event
    told = _decode(body)
    return Seen(
        sequence=sequence,
        event_id=event_id,
        event_time=event_time,
        record_time=record_time,
        type=_TYPES[kind],
        through=sorted(through),
        action=None if action == Action.NONE else Action(action).name,
        business_step=step,
        disposition=disposition,
        read_point=canonical(told.read_point.id) or None,
        business_location=canonical(told.biz_location.id) or None,
        sources=[_canonical_party(one) for one in told.source_list],
        destinations=[_canonical_party(one) for one in told.destination_list],
        note=told.note if isinstance(told.note, str) and told.note else None,
        attachments=_pictures(told.attachment),
        measured=measured_in(told.sensor_element_list, told.result, told.parameter),
    )


def _pictures(said: Any) -> list[Picture]:
    """Give the pictures that an event points to; what is no such pointer tells us nothing."""
    found = []
    for one in said if isinstance(said, list) else [said]:
        if isinstance(one, dict) and isinstance(sha256 := one.get("suyuan:sha256"), str):
            media_type = one.get("suyuan:mediaType")
            found.append(Picture(sha256, media_type if isinstance(media_type, str) else ""))
    return found


def _canonical_party(party: Party) -> Party:
    return Party(party.type, canonical(party.source), canonical(party.destination))


def within_containers(graph: Graph, number: int, moment: int) -> list[int]:
    """Give the containers that an object is in after all that happened at a moment, outwards."""
    return list(dict.fromkeys(_outwards(graph, number, moment)))


def _outwards(graph: Graph, number: int, moment: int) -> Iterator[int]:
    stays, seen, waiting = graph.stays, {number}, [number]
    while waiting:
        thing = waiting.pop(0)
        if thing >= graph.objects:
            return
        for stay in stays.of(thing):
            parent, ended = int(stays.parents[stay]), stays.ended(stay)
            is_open = ended is None or ended > moment
            if stays.started(stay) <= moment and is_open and parent not in seen:
                seen.add(parent)
                waiting.append(parent)
                yield parent
