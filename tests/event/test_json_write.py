"""Writing JSON: whole and in pieces, and what a common context may not change."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suyuan.errors import IntegrityBroken
from suyuan.event import (
    Event,
    decode_body,
    encode_body,
    event_hash,
    read_json,
    write_json,
    write_json_stream,
)
from suyuan.event._codec import encode_json
from tests.event.schema import schema_faults
from tests.event.strategies import bodies, document

HEADER = {"creationDate": "2026-03-01T00:00:00Z"}


def plain(**fields: Any) -> dict[str, Any]:
    return {
        "type": "ObjectEvent",
        "eventTime": "2026-03-01T08:00:00Z",
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "epcList": ["urn:epc:id:sgtin:4012345.011111.1"],
        **fields,
    }


def events(*listed: dict[str, Any]) -> list[Event]:
    found = read_json(encode_json(list(listed)))
    assert found.problems == []
    return found.events


@given(st.lists(bodies(), max_size=5), st.booleans(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_back_and_holds_the_schema(
    listed: list[dict[str, Any]], is_query: bool, is_indented: bool
) -> None:
    made = read_json(encode_json(document(*listed))).events
    query = {"queryName": "SimpleEventQuery"} if is_query else None
    written = write_json(made, header=HEADER, query=query, is_indented=is_indented)
    again = read_json(written)
    assert again.problems == []
    assert again.events == made
    assert again.kind == ("query_document" if is_query else "document")
    pieces = b"".join(write_json_stream(iter(made), header=HEADER, query=query))
    assert read_json(pieces).events == made
    ascii_only = json.loads(written.replace("时间".encode(), b"time"))
    assert schema_faults(ascii_only) == []


@given(bodies())
@settings(max_examples=60, deadline=None)
def test_the_stored_form_gives_back_the_event(body: dict[str, Any]) -> None:
    event = read_json(encode_json(document(body))).events[0]
    stored = encode_body(event)
    assert decode_body(stored) == event
    assert encode_body(decode_body(stored)) == stored
    assert event_hash(decode_body(stored)) == event_hash(event)
    assert b"\n" not in stored


def test_numbers_keep_their_digits() -> None:
    text = encode_json(document(plain(**{"ex:a": 0}))).replace(
        b'"ex:a":0', b'"ex:a":[1.10,1e5,-0.0,12345678901234567890123,0.1e-300]'
    )
    event = read_json(text).events[0]
    assert b'"ex:a":[1.10,1E+5,-0.0,12345678901234567890123,1E-301]' in encode_body(event)
    assert decode_body(encode_body(event)) == event


@pytest.mark.parametrize(
    "stored", [b"", b"{", b"[]", b'{"type":"ObjectEvent"}', b"\xff", b"[" * 10**5]
)
def test_what_was_never_stored_is_broken(stored: bytes) -> None:
    with pytest.raises(IntegrityBroken) as caught:
        decode_body(stored)
    assert caught.value.problems[0].code == "event.stored_form_broken"


def test_what_events_have_in_common_is_said_once() -> None:
    declared = [{"ex": "https://ns.example.com/epcis/", "plant": "urn:example:plant:"}]
    made = events(
        *(plain(**{"@context": declared, "ex:a": n, "plant:b": n}) for n in range(3)), plain()
    )
    written = json.loads(write_json(made, header=HEADER))
    assert {"ex": "https://ns.example.com/epcis/"} in written["@context"]
    assert all("@context" not in body for body in written["epcisBody"]["eventList"])


def test_one_prefix_for_two_name_spaces_stays_with_its_events() -> None:
    made = events(
        plain(**{"@context": [{"ex": "https://one.example.com/"}], "ex:a": 1}),
        plain(**{"@context": [{"ex": "https://two.example.com/"}], "ex:a": 1}),
    )
    written = write_json(made, header=HEADER)
    assert read_json(written).events == made
    assert len({event_hash(event) for event in made}) == 2


def test_a_prefix_does_not_change_what_another_event_means() -> None:
    made = events(
        plain(**{"@context": [{"ex": "https://one.example.com/"}], "ex:a": 1}),
        plain(**{"ex:a": 1}),
        plain(bizStep="ex:washing"),
    )
    assert made[2].business_step == "ex:washing"
    again = read_json(write_json(made, header=HEADER))
    assert again.events == made
    assert [event_hash(e) for e in again.events] == [event_hash(event) for event in made]


def test_foreign_contexts_and_terms_stay_with_their_events() -> None:
    declared = ["https://example.org/foreign.jsonld", {"ex": "urn:x:"}, {"ex:a": {"@type": "@id"}}]
    made = events(plain(**{"@context": declared, "ex:a": "y", "far:b": 1}), plain())
    assert read_json(write_json(made, header=HEADER)).events == made


def test_a_header_is_written_as_it_was() -> None:
    header = HEADER | {
        "@context": ["https://example.org/foreign.jsonld", {"ex": "urn:x:"}],
        "id": "urn:x:1",
        "sender": "me",
        "ex:note": "x",
        "epcisHeader": {"epcisMasterData": {"vocabularyList": [{"type": "urn:x:place"}]}},
        "epcisBody": {"ex:more": 1},
    }
    again = read_json(write_json([], header=header))
    assert again.problems == []
    context = again.header.pop("@context")
    assert context[1:] == header.pop("@context")
    assert again.header == header | {"type": "EPCISDocument", "schemaVersion": "2.0"}
