"""Events to measure with: five objects each, about 600 bytes, two of three objects seen before.

Deterministic and quick to make. Three events tell of each five units: commissioned, packed,
shipped, with operator, equipment and work order as extensions.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

__all__ = ["five_object_events", "ndjson"]

_START = datetime(2026, 1, 1, tzinfo=UTC)
_STEPS = (
    ("ADD", "commissioning", "active"),
    ("OBSERVE", "packing", "in_progress"),
    ("OBSERVE", "shipping", "in_transit"),
)


def five_object_events(count: int) -> Iterator[dict[str, Any]]:
    """Give events one after the other, the same each time."""
    for number in range(count):
        group, step = divmod(number, len(_STEPS))
        action, business_step, disposition = _STEPS[step]
        moment = _START + timedelta(seconds=number)
        yield {
            "@context": [{"plant": "https://plant.example.com/ns/"}],
            "type": "ObjectEvent",
            "eventTime": moment.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "eventTimeZoneOffset": "+08:00",
            "epcList": [
                f"urn:epc:id:sgtin:9521234.0{group % 7:05d}.{group * 5 + unit}" for unit in range(5)
            ],
            "action": action,
            "bizStep": business_step,
            "disposition": disposition,
            "readPoint": {"id": f"urn:epc:id:sgln:9521234.0000{step}.0"},
            "bizLocation": {"id": f"urn:epc:id:sgln:9521234.0001{step}.0"},
            "plant:operator": f"op-{group % 23}",
            "plant:equipment": f"eq-{group % 11}",
            "plant:workOrder": f"WO-{group // 400}",
        }


def ndjson(count: int) -> bytes:
    """Give that many events, one a line."""
    encode = msgspec.json.encode
    return b"\n".join([encode(event) for event in five_object_events(count)]) + b"\n"
