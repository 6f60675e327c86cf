"""What the official JSON schema refuses, our validator refuses; and it refuses little more."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings

from suyuan.event import Event, read_json
from suyuan.event._codec import decode_json, encode_json
from tests.conformance import conformance_dir
from tests.event.schema import iter_schema_faults, schema_faults
from tests.event.strategies import (
    FULL,
    ODD,
    bodies,
    changed,
    document,
    places_in,
    spoiled,
)

conformance_dir("gs1-epcis")  # Nothing here can be asked without the schema.

# Rules of the standard that a schema cannot say. Whatever else is refused, the schema refuses.
ONLY_OURS = {
    "event.field_missing",  # parentID of an aggregation; percRank without percValue
    "event.field_unknown",  # unknown names in readPoint and bizLocation
    "event.ilmd_not_allowed",
    "event.objects_missing",
    "event.quantity_not_positive",
    "event.quantity_not_whole",
    "event.times_reversed",
    "event.type_unknown",  # event types of one's own
    "event.uom_without_quantity",
}


def read(body: dict[str, Any]) -> tuple[list[Event], list[str]]:
    text = encode_json(document(body))
    found = read_json(text)
    return found.events, [problem.code for problem in found.problems]


@given(bodies())
@settings(max_examples=100, deadline=None)
def test_every_valid_event_is_valid_to_both(body: dict[str, Any]) -> None:
    ascii_only = msgspec.json.decode(encode_json(body).replace("时间".encode(), b"time"))
    assert schema_faults(document(ascii_only)) == []
    events, codes = read(body)
    assert codes == []
    assert len(events) == 1


def compare(body: dict[str, Any]) -> None:
    """Hold our answer about an event against that of the schema."""
    faults = (
        fault for fault in iter_schema_faults(document(body)) if not is_alarm_only(fault, body)
    )
    fault = next(faults, None)
    events, codes = read(body)
    assert bool(events) != bool(codes)
    if fault:
        assert codes, fault
    else:
        strange = {code for code in codes if not code.startswith("identifier.")} - ONLY_OURS
        assert not strange, body


def is_alarm_only(fault: str, body: dict[str, Any]) -> bool:
    """Excuse the one thing we take that the JSON schema does not, because the XSD does.

    A sensor report that only tells of an alarm has no type in GS1's own XML example.
    """
    place = re.search(r"sensorElementList\[(\d+)\]\.sensorReport\[(\d+)\]: 'type' is", fault)
    if place is None:
        return False
    element, report = (int(number) for number in place.groups())
    return "exception" in body["sensorElementList"][element]["sensorReport"][report]


@given(spoiled(bodies()))
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@example({"type": "ObjectEvent"})
@example({"type": ["ObjectEvent"]})
def test_what_the_schema_refuses_is_refused(body: dict[str, Any]) -> None:
    compare(decode_json(encode_json(body).replace("时间".encode(), b"time")))


@pytest.mark.parametrize("body", FULL, ids=lambda body: body["type"])
def test_every_field_holds_what_the_schema_says(body: dict[str, Any]) -> None:
    # What is common to all types is spoiled in one of them.
    seen = set(places_in(FULL[0])) if body is not FULL[0] else set()
    compare(body)
    for at in places_in(body):
        if at and at not in seen:
            fit = [value for value in ODD if fits(at[-1], value)]
            for value in fit:
                compare(changed(body, at, value))


def fits(field: str | int, value: Any) -> bool:
    """Choose odd values for a field, so that the test stays short: those that may slip by."""
    number = sum(str(field).encode()) if isinstance(field, str) else field
    is_likely = isinstance(field, str) and value in ("x", [], {}, "kg", "Shipping", "no uri")
    return is_likely or (ODD.index(value) + number) % 4 == 0


@pytest.mark.parametrize("body", FULL, ids=lambda body: body["type"])
def test_every_field_is_required_where_the_schema_requires_it(body: dict[str, Any]) -> None:
    for at in places_in(body):
        if at:
            spoiled_body = changed(body, at, None)
            target = spoiled_body
            for part in at[:-1]:
                target = target[part]
            del target[at[-1]]
            compare(spoiled_body)
    for field in FULL[0].keys() | FULL[3].keys() | FULL[4].keys():
        if field not in body:
            compare(body | {field: next(other[field] for other in FULL if field in other)})


@pytest.mark.parametrize("body", FULL, ids=lambda body: body["type"])
def test_an_element_may_be_repeated_only_where_the_schema_allows_it(body: dict[str, Any]) -> None:
    for at in places_in(body):
        if at and isinstance(at[-1], int):
            target = body
            for part in at:
                target = target[part]
            listed = body
            for part in at[:-1]:
                listed = listed[part]
            compare(changed(body, at[:-1], [*listed, target]))  # type: ignore[misc]


@pytest.mark.parametrize("body", FULL, ids=lambda body: body["type"])
def test_objects_may_be_left_out_only_where_the_schema_allows_it(body: dict[str, Any]) -> None:
    lists = [name for name in body if name.endswith(("EPCList", "epcList", "EPCs", "QuantityList"))]
    lists += [name for name in ("quantityList", "sensorElementList", "readPoint") if name in body]
    lists += [name for name in ("transformationID", "ilmd", "action") if name in body]
    for chosen in range(2 ** len(lists)):
        spoiled_body = dict(body)
        for number, name in enumerate(lists):
            if chosen >> number & 1:
                if name == "action":
                    spoiled_body["action"] = "DELETE"
                else:
                    del spoiled_body[name]
        compare(spoiled_body)


@pytest.mark.parametrize(
    "field",
    ["schemaVersion", "creationDate", "type", "id", "epcisHeader", "sender", "epcisBody", "odd"],
)
@pytest.mark.parametrize("value", [None, 5, "", "x y", [], {}, {"odd": 1}, {"epcisMasterData": 5}])
def test_a_document_is_refused_where_the_schema_refuses_it(field: str, value: Any) -> None:
    spoiled_document = document() | {field: value}
    found = read_json(msgspec.json.encode(spoiled_document))
    assert bool(schema_faults(spoiled_document)) == bool(found.problems), found.problems
