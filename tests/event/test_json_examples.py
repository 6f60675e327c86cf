"""The standards' own JSON documents go in and come out with the same meaning."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from suyuan.event import decode_body, encode_body, event_hash, read_json, write_json
from tests.conformance import conformance_dir
from tests.event.schema import schema_faults

VALID = sorted(
    page
    for folder in ("gs1-epcis/JSON", "openepcis/json-documents", "fsma204/epcis", "event-hash")
    for page in conformance_dir(folder).rglob("*.json*")
)
INVALID = sorted(conformance_dir("openepcis", "json-invalid").iterdir())

COMMENT = [("/_comment_gs1us_mapping", "event.field_unknown")]
EVENT = "/epcisBody/eventList"
SENSOR = "sensorElementList/0/sensorReport"
# Documents that do not hold the official schema, and what is wrong with them.
FAULTY = {
    "cooling-cte.jsonld": COMMENT,
    "first-land-based-receiver-cte.jsonld": COMMENT,
    "harvest-cte.jsonld": COMMENT,
    "initial-packing-cte.jsonld": COMMENT,
    "receiving-cte.jsonld": COMMENT,
    "shipping-cte.jsonld": COMMENT,
    "transformation-cte.jsonld": COMMENT,
    "AggregationEvent_with_persistentDisposition.json": [
        (f"{EVENT}/1/persistentDisposition", "event.field_unknown")
    ],
    "SensorData_with_combined_events.json": [
        (f"{EVENT}/7/{SENSOR}/1/type", "event.word_unknown"),
        (f"{EVENT}/7/{SENSOR}/2/type", "event.word_unknown"),
        (f"{EVENT}/10/{SENSOR}/0/type", "event.word_unknown"),
    ],
    "TransactionEvent_with_userExtensions.json": [
        (f"{EVENT}/0/{SENSOR}/0/type", "event.word_unknown")
    ],
}
WRONG = {
    "Combination_of_events_with_missing_mandatory_fields.json": [
        (f"{EVENT}/0", "event.field_missing"),
        (f"{EVENT}/1", "event.field_missing"),
        (f"{EVENT}/1", "event.field_missing"),
    ],
    "Combination_of_multiple_invalid_fields.json": [
        (f"{EVENT}/0/bizStep", "event.word_unknown"),
        (f"{EVENT}/1/disposition", "event.word_unknown"),
        (f"{EVENT}/2/sourceList/0/type", "event.word_unknown"),
        (f"{EVENT}/3/ilmd/materialType", "event.field_unknown"),
        (f"{EVENT}/4/action", "event.action_unknown"),
        (f"{EVENT}/4/eventTime", "event.time_malformed"),
    ],
    "Combination_of_non_standard_bizStep_and_disposition.json": [
        (f"{EVENT}/0/bizStep", "event.word_unknown"),
        (f"{EVENT}/1/disposition", "event.word_unknown"),
    ],
    "EPCISDocument_without_context.json": [("", "event.field_missing")],
    "ObjectEvent_with_ilmd_field_without_namespace.json": [
        (f"{EVENT}/0/ilmd/materialType", "event.field_unknown")
    ],
}


def without_alarms(faults: list[str]) -> list[str]:
    return [fault for fault in faults if "'type' is a required property" not in fault]


@pytest.mark.parametrize("page", VALID, ids=lambda page: page.name)
def test_a_document_is_read_as_the_official_schema_says(page: Path) -> None:
    found = read_json(page.read_bytes())
    faults = schema_faults(json.loads(page.read_text(encoding="utf-8")))
    # Where the type of a sensor report is missing, an exception may stand in (as in the XSD).
    assert bool(found.problems) >= bool(without_alarms(faults))
    wrong = [(problem.where, problem.code) for problem in found.problems]
    assert wrong == FAULTY.get(page.name, [])


@pytest.mark.parametrize("page", INVALID, ids=lambda page: page.name)
def test_an_invalid_document_is_refused_with_a_pointer_to_every_fault(page: Path) -> None:
    found = read_json(page.read_bytes())
    assert [(problem.where, problem.code) for problem in found.problems] == WRONG[page.name]
    assert all(problem.rule and problem.expected and problem.found for problem in found.problems)
    for problem in found.problems:
        assert "{" not in problem.text("en") + problem.text("zh")


@pytest.mark.parametrize("is_indented", [False, True])
@pytest.mark.parametrize("page", VALID, ids=lambda page: page.name)
def test_what_goes_in_comes_out_the_same(page: Path, is_indented: bool) -> None:
    found = read_json(page.read_bytes())
    written = write_json(found.events, header=found.header, is_indented=is_indented)
    again = read_json(written)
    assert again.events == found.events
    assert again.kind == found.kind
    assert _without_context(again.header) == _without_context(found.header)
    if not found.problems:
        assert again.problems == []
        assert schema_faults(json.loads(written)) == []
    for event in found.events:
        stored = encode_body(event)
        assert decode_body(stored) == event
        assert encode_body(decode_body(stored)) == stored
        assert event_hash(decode_body(stored)) == event_hash(event)


def _without_context(header: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in header.items() if key != "@context"}


def test_events_of_all_documents_fit_into_one() -> None:
    events = [event for page in VALID for event in read_json(page.read_bytes()).events]
    assert len(events) > 100
    written = write_json(events, header={"creationDate": "2026-03-01T00:00:00Z"})
    again = read_json(written)
    assert again.problems == []
    assert again.events == events
    assert without_alarms(schema_faults(json.loads(written))) == []
