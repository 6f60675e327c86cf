"""Documents for tests: small, valid, and different from each other."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
START = datetime(2026, 3, 1, tzinfo=UTC)
_numbers = itertools.count(1)


def object_event(**fields: Any) -> dict[str, Any]:
    """Give an ObjectEvent with an ID of its own."""
    number = next(_numbers)
    return {
        "type": "ObjectEvent",
        "eventID": f"urn:uuid:00000000-0000-4000-8000-{number:012d}",
        "eventTime": (START + timedelta(seconds=number)).isoformat(),
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "bizStep": "shipping",
        "epcList": [f"https://id.gs1.org/01/09506000134352/21/T{number}"],
    } | fields


def document(*events: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Give an EPCISDocument with these events."""
    return {
        "@context": [CONTEXT],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-03-02T00:00:00Z",
        "epcisBody": {"eventList": list(events)},
    } | fields
