"""Until when goods are good, as the data of an instance or a lot say: expiry, sell by, best before.

CBV 2.0 (8.6) has three words for it in the ILMD of an event: `itemExpirationDate`, `sellByDate`
and `bestBeforeDate`. A day is over at its midnight, in the time zone that the event itself
tells. An instance has the dates of its own, else those of its lot. What an event said later
counts. What a person recorded about it, such as the disposition `expired`, is another matter.
效期
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from threading import Lock
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np

from suyuan.event import Role, decode_body
from suyuan.store import Connection
from suyuan.trace._columns import Ints
from suyuan.trace._genealogy import Genealogy
from suyuan.trace._names import numbers_of_uris
from suyuan.trace._times import microseconds

__all__ = [
    "DATE_KINDS",
    "DateKind",
    "Dated",
    "Dates",
    "GoodUntil",
    "dates_said",
    "good_until",
    "good_until_of",
]

DateKind = Literal["expiry", "sell_by", "best_before"]
DATE_KINDS: tuple[DateKind, ...] = ("expiry", "sell_by", "best_before")
_WORDS: dict[str, DateKind] = {
    "itemExpirationDate": "expiry",
    "sellByDate": "sell_by",
    "bestBeforeDate": "best_before",
}
_NAME_END = re.compile(r"[^:/#]*$")
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")
_ROLES = [
    int(role) for role in (Role.EPC, Role.QUANTITY, Role.OUTPUT, Role.OUTPUT_QUANTITY, Role.LOT)
]
_EVENTS_MAX = 200
_AT_ONCE = 5_000
_SPEAKS = " OR ".join(f"strpos(body, '{word}') > 0" for word in _WORDS)
_COUNTS = """NOT is_error_declaration AND NOT EXISTS (
    SELECT FROM journal.event AS declaration
    WHERE declaration.tenant_id = %(tenant)s AND declaration.is_error_declaration
      AND declaration.sequence <= %(position)s AND declaration.event_id = event.event_id)"""
_OF_OBJECTS = f"""
    SELECT said.object_id, body
    FROM (SELECT object_id, unnest(sequences) AS sequence FROM journal.posting
          WHERE tenant_id = %(tenant)s AND object_id = ANY(%(objects)s::bigint[])
            AND role = ANY(%(roles)s::smallint[]) AND first_sequence <= %(position)s) AS said
    JOIN journal.event AS event
      ON event.tenant_id = %(tenant)s AND event.sequence = said.sequence
    WHERE event.sequence <= %(position)s AND ({_SPEAKS}) AND {_COUNTS}
    ORDER BY event_time DESC, event.sequence DESC LIMIT %(limit)s
"""  # noqa: S608 - constants
_SPEAKING = f"""
    SELECT sequence, event_time, body FROM journal.event AS event
    WHERE tenant_id = %(tenant)s AND sequence > %(from)s AND sequence <= %(position)s
      AND ({_SPEAKS}) AND {_COUNTS}
    ORDER BY event_time, sequence
"""  # noqa: S608 - constants
_DECLARED = """
    SELECT FROM journal.event WHERE tenant_id = %(tenant)s AND is_error_declaration
      AND sequence > %(from)s AND sequence <= %(position)s LIMIT 1
"""


class GoodUntil(msgspec.Struct, frozen=True, kw_only=True):
    """A date of an object: `day` as it was said, `ends` the moment from which it has passed.

    `of` tells whether the object's own data say it or those of its lot.
    """

    kind: DateKind
    day: str
    ends: datetime
    is_past: bool
    of: Literal["itself", "lot"]


class _Said(NamedTuple):
    kind: DateKind
    day: str
    ends: datetime


class Dated(NamedTuple):
    """What is said of objects: the last date of each kind, as the moment when it ends."""

    objects: Ints
    kinds: Ints
    ends: Ints


def dates_said(body: str) -> list[_Said]:
    """Give the dates that the ILMD of an event says. What has another shape says nothing."""
    members = msgspec.json.decode(body)
    ilmd = members.get("ilmd")
    found = []
    for name, value in ilmd.items() if isinstance(ilmd, dict) else ():
        kind = _WORDS.get(_NAME_END.findall(name)[0])
        ends = _end_of(value, members.get("eventTimeZoneOffset")) if kind else None
        if kind and ends is not None:
            found.append(_Said(kind, value[:10], ends))
    return found


def _end_of(value: Any, offset: Any) -> datetime | None:
    """Give the moment at which a date has passed."""
    if not isinstance(value, str):
        return None
    signs = _OFFSET.fullmatch(offset) if isinstance(offset, str) else None
    minutes = int(signs[2]) * 60 + int(signs[3]) if signs else 0
    zone = timezone(timedelta(minutes=-minutes if signs and signs[1] == "-" else minutes))
    try:
        if len(value) == len("2026-03-31"):
            day = date.fromisoformat(value) + timedelta(days=1)
            return datetime.combine(day, time(), zone)
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    except (ValueError, OverflowError):
        return None


def good_until_of(
    genealogy: Genealogy, uri: str, lot: str | None, *, position: int, now: datetime
) -> list[GoodUntil]:
    """Tell the dates of an object as known at a position, by its URI and that of its lot."""
    tenant_id = genealogy.tenant_id
    with genealogy.database.tenant(tenant_id, read_only=True) as connection:
        numbers = numbers_of_uris(connection, tenant_id, filter(None, (uri, lot)))
        number = numbers.get(uri, 0)
        of_lot = numbers.get(lot or "", 0)
        return good_until(connection, tenant_id, position, number, of_lot, now)


def good_until(
    connection: Connection, tenant_id: int, position: int, number: int, lot: int, now: datetime
) -> list[GoodUntil]:
    """Tell the dates of one object, its own before those of its lot (0 for none), in order."""
    values = {
        "tenant": tenant_id,
        "position": position,
        "objects": [number, lot],
        "roles": _ROLES,
        "limit": _EVENTS_MAX,
    }
    own: dict[DateKind, _Said] = {}
    of_lot: dict[DateKind, _Said] = {}
    for named, body in connection.execute(_OF_OBJECTS, values):
        for said in dates_said(body):
            (own if named == number else of_lot).setdefault(said.kind, said)
    found = [
        GoodUntil(
            kind=kind,
            day=said.day,
            ends=said.ends,
            is_past=said.ends <= now,
            of="itself" if kind in own else "lot",
        )
        for kind, said in (of_lot | own).items()
    ]
    return sorted(found, key=lambda one: (one.ends, one.kind))


@dataclass
class _Seen:
    """What events up to a position say, by object and kind."""

    position: int = 0
    ends: dict[tuple[int, int], int] = field(default_factory=dict)


class Dates:
    """Gives the dates of everything in a record; looks through new events only."""

    def __init__(self) -> None:
        self._seen: dict[int, _Seen] = {}
        self._lock = Lock()

    def all(self, connection: Connection, tenant_id: int, position: int) -> Dated:
        """Give what is said of all objects up to a position."""
        with self._lock:
            seen = self._seen.setdefault(tenant_id, _Seen())
            _look(connection, tenant_id, seen, position)
            table = np.array([(*key, end) for key, end in seen.ends.items()], np.int64)
        table = table.reshape(-1, 3)
        return Dated(table[:, 0], table[:, 1], table[:, 2])


def _look(connection: Connection, tenant_id: int, seen: _Seen, position: int) -> None:
    values = {"tenant": tenant_id, "from": seen.position, "position": position}
    if position <= seen.position:
        return
    if connection.execute(_DECLARED, values).fetchone() is not None:
        seen.ends.clear()
        values["from"] = 0
    said: list[tuple[list[str], list[_Said]]] = []
    for _, _, body in connection.execute(_SPEAKING, values):
        mentions = decode_body(body.encode()).mentions
        uris = [uri for role, uri, *_ in mentions if role in _ROLES]
        said.append((uris, dates_said(body)))
    numbers = numbers_of_uris(connection, tenant_id, (uri for uris, _ in said for uri in uris))
    for uris, dates in said:
        for uri in uris:
            for one in dates:
                key = (numbers[uri], DATE_KINDS.index(one.kind))
                seen.ends[key] = microseconds(one.ends)
    seen.position = position
