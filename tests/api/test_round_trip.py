"""Documents of the standard's own authors go in and come out equal in meaning, in both formats."""

from __future__ import annotations

from pathlib import Path

import pytest

from suyuan.event import event_hash, read_json, read_xml
from tests.conformance import conformance_dir

EXAMPLES = conformance_dir("gs1-epcis")
DOCUMENTS = sorted(
    page
    for folder, ending in (("JSON", "*.jsonld"), ("XML", "*.xml"))
    for page in (EXAMPLES / folder).rglob(ending)
    if "CaptureJob" not in page.parts
)


def read(page: Path):
    reader = read_xml if page.suffix == ".xml" else read_json
    return reader(page.read_bytes())


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)
def test_an_example_comes_out_as_it_went_in(server, page):
    document = read(page)
    if document.problems or not document.events:
        pytest.skip("not a valid document of events by the official schema")
    media_type = "application/xml" if page.suffix == ".xml" else "application/json"
    job = server.capture(
        page.read_bytes(),
        **{"Content-Type": media_type, "GS1-Capture-Error-Behaviour": "proceed"},
    )
    # Some examples tell different events under one ID; the first of them stands.
    assert {error["code"] for error in job["errors"]} <= {"journal.event_id_taken"}
    if job["errors"]:
        pytest.skip("its event IDs stand for other events in an earlier example")
    for event in document.events:
        wanted = event_hash(event)
        event_id = event.event_id or wanted
        for accept, reader in (("application/json", read_json), ("application/xml", read_xml)):
            answer = server.client.get(
                "/epcis/events", params={"EQ_eventID": event_id}, headers={"Accept": accept}
            )
            found = reader(answer.content)
            assert not found.problems, found.problems[:3]
            assert wanted in {event_hash(one) for one in found.events}
