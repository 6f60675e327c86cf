"""Events for tests, made the way users make them: read from JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from suyuan.event import Event, read_json

__all__ = ["body", "event", "events"]


def body(number: int = 1, **fields: Any) -> dict[str, Any]:
    """Give a plain ObjectEvent; a field given as None is left out."""
    plain = {
        "@context": [{"plant": "https://plant.example.com/ns/"}],
        "type": "ObjectEvent",
        "eventTime": f"2026-03-01T08:{number // 60 % 60:02d}:{number % 60:02d}.000Z",
        "eventTimeZoneOffset": "+08:00",
        "epcList": [f"urn:epc:id:sgtin:9521234.012345.{number}"],
        "action": "OBSERVE",
        "bizStep": "packing",
        "disposition": "in_progress",
        "readPoint": {"id": "urn:epc:id:sgln:9521234.00001.0"},
        "plant:number": number,
    }
    return {key: value for key, value in {**plain, **fields}.items() if value is not None}


def event(number: int = 1, **fields: Any) -> Event:
    """Give such an event, read and found valid."""
    document = read_json(msgspec.json.encode(body(number, **fields)))
    assert not document.problems, document.problems
    return document.events[0]


def events(first: int, last: int, **fields: Any) -> list[Event]:
    """Give events of those numbers."""
    return [event(number, **fields) for number in range(first, last + 1)]
