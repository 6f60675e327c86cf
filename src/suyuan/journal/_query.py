"""A query over the journal, and what it answers: SimpleEventQuery of EPCIS 2.0. 查询

A query is frozen data: conditions that must all hold, an order, limits. It is made from
parameters by `parse_query` and answered by `read_page` and `iterate_events`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from suyuan.journal._query_conditions import Condition, FieldName

__all__ = [
    "EventPage",
    "EventQuery",
    "Order",
    "PageMark",
    "StoredEvent",
    "completed",
    "stored_json",
    "timestamp",
]

_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


@dataclass(frozen=True, slots=True)
class Order:
    """In which order events come: by number in the journal, a time, a quantity or a field."""

    by: str = "sequence"
    """`sequence`, `event_time`, `record_time`, `quantity` or `field`."""
    field: FieldName | None = None
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which events, in which order, and how many at most."""

    conditions: tuple[Condition, ...] = ()
    order: Order = Order()
    event_count_limit: int | None = None
    """Only the first so many."""
    max_event_count: int | None = None
    """Refuse to answer when there are more."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as the journal has it. `body` is its stored form, in JSON."""

    sequence: int
    record_time: datetime
    event_id: str
    body: str


@dataclass(frozen=True, slots=True)
class PageMark:
    """Where a page ended, so that the next begins behind it.

    `position` is the journal position of the first page: events captured since then are not
    in the answer, so that pages neither overlap nor leave anything out.
    """

    position: int
    given: int = 0
    """How many events the pages before have given."""
    sequence: int | None = None
    """The number of the last event given."""
    event_time: datetime | None = None
    """Its time, where events are ordered by it."""


@dataclass(frozen=True, slots=True)
class EventPage:
    """One page of an answer: numbers of its events in order, and where the next one begins."""

    sequences: tuple[int, ...]
    bodies_bytes: int
    position: int
    next_mark: PageMark | None


def timestamp(moment: datetime) -> str:
    """Write a time as EPCIS does, in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def completed(fields: Mapping[str, Any], event_id: Any, record_time: Any) -> dict[str, Any]:
    """Put into the fields of an event what the journal knows, where a reader looks for it."""
    complete: dict[str, Any] = {}
    for name, value in fields.items():
        if name in ("eventID", "recordTime"):
            continue
        complete[name] = value
        if name == "type":
            complete["eventID"] = event_id
        elif name == "eventTime":
            complete["recordTime"] = record_time
    return complete


def stored_json(event: StoredEvent) -> bytes:
    """Write an event in JSON as it was sent, with its ID and the time of its recording."""
    known = [
        msgspec.Raw(msgspec.json.encode(text))
        for text in (event.event_id, timestamp(event.record_time))
    ]
    return msgspec.json.encode(completed(_decode_fields(event.body), *known))
