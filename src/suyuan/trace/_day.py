"""A day of the record: how much happened when, in which steps, where, and what came last. 当日"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from suyuan.event import Role, decode_body
from suyuan.store import Connection
from suyuan.trace._genealogy import Genealogy
from suyuan.trace._happened import canonical
from suyuan.trace._history import Seen, seen_of
from suyuan.trace._titles import Title, title_in, titles_of

__all__ = ["DayOfRecord", "HappenedAt", "HappenedIn", "Lately", "day_of_record"]

_PLACED_MAX = 20_000  # Of a day with more events, the places of the last ones are counted.
_PLACES_MAX = 8
_LATELY = 12
_NAMED_MAX = 3

# Declarations are no events of their own, and what they declare to be in error did not happen.
_COUNTS_FOR = """NOT is_error_declaration AND NOT EXISTS (
        SELECT FROM journal.event AS declaration
        WHERE declaration.tenant_id = %(tenant)s AND declaration.is_error_declaration
          AND declaration.event_id = event.event_id)"""
_HEAD = """
    SELECT last_sequence, last_object, last_record_time,
           (SELECT record_time FROM journal.event
            WHERE tenant_id = %(tenant)s ORDER BY sequence LIMIT 1)
    FROM journal.head WHERE tenant_id = %(tenant)s
"""
_COUNTS = f"""
    SELECT extract(hour FROM event_time AT TIME ZONE %(zone)s)::integer, business_step, count(*)
    FROM journal.event AS event
    WHERE tenant_id = %(tenant)s AND event_time >= %(from)s AND event_time < %(to)s
      AND {_COUNTS_FOR}
    GROUP BY 1, 2
"""  # noqa: S608 - our own words, and no value
_PLACES = f"""
    SELECT coalesce(body::json #>> '{{bizLocation,id}}', body::json #>> '{{readPoint,id}}'),
           count(*)
    FROM (SELECT body FROM journal.event AS event
          WHERE tenant_id = %(tenant)s AND event_time >= %(from)s AND event_time < %(to)s
            AND {_COUNTS_FOR}
          ORDER BY event_time DESC LIMIT %(limit)s) AS event
    GROUP BY 1
"""  # noqa: S608 - our own words, and no value
_LAST = f"""
    SELECT sequence, event_time, record_time, event_id, event_type, action, business_step,
           disposition, body
    FROM journal.event AS event WHERE tenant_id = %(tenant)s AND {_COUNTS_FOR}
    ORDER BY sequence DESC LIMIT %(limit)s
"""  # noqa: S608 - our own words, and no value
_LATEST = f"""
    SELECT event_time FROM journal.event AS event
    WHERE tenant_id = %(tenant)s AND {_COUNTS_FOR} ORDER BY event_time DESC LIMIT 1
"""  # noqa: S608 - our own words, and no value


class HappenedIn(msgspec.Struct, frozen=True):
    """How many events there were in one business step; None is for those without."""

    business_step: str | None
    events: int


class HappenedAt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many events there were at one place."""

    place: str
    events: int
    name: str | None = None
    name_zh: str | None = None


class Lately(msgspec.Struct, frozen=True, kw_only=True):
    """An event as a story tells it, with the first objects it names and how many there are."""

    seen: Seen
    objects: list[str]
    object_count: int


class DayOfRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What happened on a day, as the calendar of a time zone has it.

    `last_day` is the last with any event, None for an empty record; `placed` tells of how many
    events the places were counted; `lately` are the events that were recorded last, whenever
    they happened.
    """

    day: date
    time_zone: str
    last_day: date | None
    first_recorded: datetime | None
    """When the first event was recorded, None for an empty record; and the last."""
    last_recorded: datetime | None
    position: int
    objects: int
    """How many things have a number in the record."""
    events: int
    hours: list[int]
    steps: list[HappenedIn]
    places: list[HappenedAt]
    place_count: int
    placed: int
    lately: list[Lately]
    names: dict[str, dict[str, str]]


def day_of_record(
    genealogy: Genealogy, day: date | None, zone: ZoneInfo, now: datetime
) -> DayOfRecord:
    """Tell what happened on a day; on today's unless one is given. 当日"""
    chosen = day or now.astimezone(zone).date()
    tenant_id = genealogy.tenant_id
    with genealogy.database.tenant(tenant_id, read_only=True) as connection:
        head = connection.execute(_HEAD, {"tenant": tenant_id}).fetchone()
        position, objects, last_recorded, first_recorded = head or (0, 0, None, None)
        hours, steps = _counts(connection, tenant_id, chosen, zone)
        places, placed = _places(connection, tenant_id, chosen, zone)
        lately = _lately(connection, tenant_id)
        names = _names(connection, tenant_id, places[:_PLACES_MAX], lately)
        last_day = _last_day(connection, tenant_id, zone)
    return DayOfRecord(
        day=chosen,
        time_zone=zone.key,
        last_day=last_day,
        first_recorded=first_recorded,
        last_recorded=last_recorded if position else None,
        position=int(position),
        objects=int(objects),
        events=sum(hours),
        hours=hours,
        steps=steps,
        places=[
            HappenedAt(place=place, events=count, **title_in(names, place))
            for place, count in places[:_PLACES_MAX]
        ],
        place_count=len(places),
        placed=placed,
        lately=lately,
        names={uri: _as_languages(title) for uri, title in names.items()},
    )


def _as_languages(title: Title) -> dict[str, str]:
    return {key: name for key, name in (("en", title.name), ("zh", title.name_zh)) if name}


def _bounds(tenant_id: int, day: date, zone: ZoneInfo) -> dict[str, Any]:
    begin = datetime.combine(day, time(), zone)
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    return {"tenant": tenant_id, "from": begin, "to": end, "zone": zone.key}


def _counts(
    connection: Connection, tenant_id: int, day: date, zone: ZoneInfo
) -> tuple[list[int], list[HappenedIn]]:
    hours = [0] * 24
    steps: dict[str | None, int] = {}
    for hour, step, count in connection.execute(_COUNTS, _bounds(tenant_id, day, zone)):
        hours[hour] += count
        steps[step] = steps.get(step, 0) + count
    ranked = sorted(steps.items(), key=lambda one: (-one[1], one[0] or ""))
    return hours, [HappenedIn(step, count) for step, count in ranked]


def _places(
    connection: Connection, tenant_id: int, day: date, zone: ZoneInfo
) -> tuple[list[tuple[str, int]], int]:
    """Give places with how many events they saw, the most first, and of how many events."""
    values = _bounds(tenant_id, day, zone) | {"limit": _PLACED_MAX}
    counts: dict[str, int] = {}
    placed = 0
    for place, count in connection.execute(_PLACES, values):
        placed += count
        if place:
            uri = canonical(place)
            counts[uri] = counts.get(uri, 0) + count
    return sorted(counts.items(), key=lambda one: (-one[1], one[0])), placed


def _lately(connection: Connection, tenant_id: int) -> list[Lately]:
    values = {"tenant": tenant_id, "limit": _LATELY}
    found = []
    for row in connection.execute(_LAST, values):
        mentions = decode_body(row[-1].encode()).mentions
        things = dict.fromkeys(uri for role, uri, *_ in mentions if role <= Role.OUTPUT_QUANTITY)
        found.append(
            Lately(
                seen=seen_of(row, set()),
                objects=list(things)[:_NAMED_MAX],
                object_count=len(things),
            )
        )
    return found


def _names(
    connection: Connection, tenant_id: int, places: list[tuple[str, int]], lately: list[Lately]
) -> dict[str, Title]:
    wanted = {place for place, _ in places}
    for one in lately:
        seen = one.seen
        wanted |= {*filter(None, (seen.read_point, seen.business_location))}
        wanted |= {
            party.source or party.destination for party in (*seen.sources, *seen.destinations)
        }
        wanted |= {*one.objects} | {_class_of(uri) for uri in one.objects}
    return titles_of(connection, tenant_id, wanted)


def _class_of(uri: str) -> str:
    """Give the product in the key of a lot or an instance, as far as the key tells it."""
    for mark in ("/10/", "/21/", "/l/", "/s/"):
        product, found, _ = uri.partition(mark)
        if found:
            return product
    return uri


def _last_day(connection: Connection, tenant_id: int, zone: ZoneInfo) -> date | None:
    row = connection.execute(_LATEST, {"tenant": tenant_id}).fetchone()
    return None if row is None else row[0].astimezone(zone).date()
