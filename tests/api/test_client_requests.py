"""Every request of a client's collection for EPCIS 2.0 servers is answered as its author expects.

The collection was written against one product; where it expects what only that product does,
the difference stands in `OUR_STATUS`, with the reason.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.api.documents import document, object_event
from tests.conformance import conformance_dir

REQUESTS = conformance_dir("epcis-client-requests")
FILES = sorted(
    page
    for page in REQUESTS.rglob("*.bru")
    if page.parent != REQUESTS and page.parent.name != "environments"
)
OUR_STATUS = {
    # 201 is the standard's answer; 202 that product's. And the event is not valid: a source is
    # no URI, a GLN has ten digits, an EPC class has an unknown scheme.
    "Capture Event Sync": 400,
    # Subscriptions are not there yet; both requests are the same DELETE in the collection.
    "Subscribe to query": 501,
    "Unsubscribe": 501,
}


@dataclass
class Request:
    """One request of the collection."""

    name: str = ""
    method: str = ""
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    status: int | None = None
    headers_expected: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)


def blocks(text: str) -> dict[str, str]:
    """Split a page into its named blocks; a block ends at a brace in the first column."""
    return {
        match[1]: match[2]
        for match in re.finditer(r"^([a-z:-]+) \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL)
    }


def pairs(text: str) -> dict[str, str]:
    lines = (line.strip().partition(":") for line in text.splitlines() if line.strip())
    return {key: value.strip() for key, _, value in lines if not key.startswith("~")}


def read_request(page: Path) -> Request:
    found = blocks(page.read_text())
    request = Request(name=page.stem, body=found.get("body:json", ""))
    for method in ("get", "post", "delete", "options"):
        if method in found:
            request.method = method.upper()
            request.url = pairs(found[method])["url"]
    request.headers = pairs(found.get("headers", ""))
    request.variables = pairs(found.get("vars:pre-request", ""))
    for key, value in pairs(found.get("assert", "")).items():
        if key == "res.status":
            request.status = int(value.split()[1])
        elif key.startswith("res.headers.") and value == "isDefined":
            request.headers_expected.append(key.removeprefix("res.headers."))
    return request


@pytest.fixture(scope="module")
def known(server) -> dict[str, str]:
    """Put into the server what the requests speak of, under names of our own."""
    job = server.client.post("/epcis/capture", json=document(object_event())).json()
    event = object_event()
    server.capture(document(event))
    for name in ("UniqueQueryName", "MyQuery"):
        body = {"name": name, "query": {"eventType": ["ObjectEvent"]}}
        server.client.post("/epcis/queries", json=body)
    return {"captureId": job["captureID"], "eventId": event["eventID"]}


@pytest.mark.parametrize("page", FILES, ids=lambda page: page.stem)
def test_a_request_of_the_collection_is_answered(server, known, page):
    request = read_request(page)
    assert request.method, "not a request"
    values = request.variables | {"perPage": "15", "nextPageToken": ""} | known
    url = request.url.replace("{{baseUrl}}", "/epcis/").replace("//", "/")
    url = url.replace("/epcis/epcis/", "/epcis/")
    url = re.sub(r"ni%3A%2F%2F%2Fsha-256[^/]*", known["eventId"], url)
    url = re.sub(r"\{\{(\w+)\}\}", lambda match: values[match[1]], url)
    if request.name == "Create A New Query":
        server.client.delete("/epcis/queries/UniqueQueryName")
    arguments: dict[str, Any] = {"json": json.loads(request.body)} if request.body.strip() else {}
    if request.method == "GET":
        arguments = {}
    answer = server.stranger.request(
        request.method,
        url.rstrip("/") or "/epcis",
        headers=request.headers,
        auth=("admin", server.secret),
        **arguments,
    )
    expected = OUR_STATUS.get(request.name, request.status or 200)
    assert answer.status_code == expected, answer.text
    if expected < 400:
        assert {name for name in request.headers_expected if name not in answer.headers} == set()
    if request.name.startswith("Remove"):
        body = {"name": "UniqueQueryName", "query": {"eventType": ["ObjectEvent"]}}
        assert server.client.post("/epcis/queries", json=body).status_code == 201


def test_the_whole_collection_was_read():
    assert len(FILES) >= 35
    assert len({read_request(page).method for page in FILES}) == 4
