"""A check over HTTP says all that a capture would, and captures nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.conftest import Server
from tests.api.documents import CONTEXT, document, object_event


def check(server: Server, body: Any, kind: str = "application/json", language: str = "en") -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": kind, "Accept-Language": language}
    answer = server.client.post("/api/check", content=data, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_check_captures_nothing(server):
    before = server.client.get("/api/events").json()["position"]
    told = check(server, document(object_event()))
    assert (told["is_valid"], told["events"], told["known"]) == (True, 1, 0)
    assert server.client.get("/api/events").json()["position"] == before
    assert server.client.get("/epcis/capture").json() == []


def test_a_check_tells_what_is_new_what_is_known_and_what_would_be_refused(server):
    known, taken, new = object_event(), object_event(), object_event()
    server.capture(document(known, taken))
    told = check(server, document(known, taken | {"bizStep": "packing"}, new))
    assert [one["outcome"] for one in told["event_list"]] == ["known", "refused", "new"]
    [error] = told["errors"]
    assert (error["code"], error["where"]) == ("journal.event_id_taken", "event 1")


def test_a_place_counts_the_events_of_the_document_and_not_the_valid_ones(server):
    taken = object_event()
    server.capture(document(taken))
    told = check(server, document({"type": "Nothing"}, taken | {"bizStep": "packing"}))
    assert [one["where"] for one in told["errors"]] == ["/epcisBody/eventList/0/type", "event 1"]


@pytest.mark.parametrize("path", ["/api/check", "/epcis/capture"])
def test_what_is_no_document_is_told_with_what_was_expected_and_what_was_found(server, path):
    headers = {"Content-Type": "application/json", "Accept-Language": "zh"}
    for data in (b"NOSUCH", b"\xef\xbb\xbf\n NOSUCH\nmore"):
        answer = server.client.post(path, content=data, headers=headers)
        assert answer.status_code == (200 if path == "/api/check" else 400)
        [error] = answer.json()["errors"]
        assert (error["code"], error["found"]) == ("api.document_expected", "NOSUCH")
        assert error["message"] == "这不是 EPCIS 文档：应为 JSON（对象或列表）或 XML，实为 NOSUCH"


def test_everything_that_is_wrong_is_said_in_the_language_asked_for(server):
    bad = document(object_event(action="MAYBE", eventTime="yesterday"))
    english = check(server, bad)
    chinese = check(server, bad, language="zh")
    assert not english["is_valid"]
    places = [one["where"] for one in english["errors"]]
    assert sorted(places) == ["/epcisBody/eventList/0/action", "/epcisBody/eventList/0/eventTime"]
    assert [one["code"] for one in chinese["errors"]] == [one["code"] for one in english["errors"]]
    assert "应为" in chinese["errors"][0]["message"]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (b'{"type": "EPCISDocument",', ""),
        (b'[{"type": "ObjectEvent"', "line 1, column 24"),
        (b'{"type": "ObjectEvent"}\n{"type": 7}', "line 1"),
        (b"\xff\xfe\x00", ""),
    ],
)
def test_a_text_that_breaks_off_is_told_and_not_failed(server, text, where):
    told = check(server, text)
    assert not told["is_valid"]
    assert told["errors"][0].get("where", "").startswith(where)


def test_xml_is_checked_with_lines(server):
    text = (
        b'<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:2" schemaVersion="2.0" '
        b'creationDate="2026-01-01T00:00:00Z"><EPCISBody>\n<EventList>'
        b"<ObjectEvent><eventTime>x</eventTime></ObjectEvent></EventList></EPCISBody>"
        b"</e:EPCISDocument>"
    )
    told = check(server, text, "application/xml")
    assert all("(line 2)" in one["where"] for one in told["errors"])


def test_events_one_a_line_are_checked_and_captured(server):
    events = [{"@context": [CONTEXT]} | object_event() for _ in range(3)]
    lines = "\n".join(map(json.dumps, events)).encode()
    assert check(server, lines, "application/x-ndjson")["kind"] == "lines"
    job = server.capture(lines, **{"Content-Type": "application/x-ndjson"})
    assert (job["success"], job["capturedEvents"]) == (True, 3)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [(b"  ", "application/json", 400), (b"x", "text/csv", 415), (b"x", "image/png", 415)],
)
def test_what_is_no_document_is_refused(server, body, kind, status):
    answer = server.client.post("/api/check", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status
