"""The questions of traceability over HTTP: whole answers, every format, clear refusals."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import msgspec
import pytest
from lxml import etree

from suyuan.event import read_json
from suyuan.store import Database
from tests.api.conftest import Server, make_server
from tests.trace.story import case, lot, serial
from tests.trace.traps import TRAPS

_KEY = "https://id.gs1.org/01/"


@pytest.fixture(scope="module")
def dairy(embedded_databases: Callable[[], Database]) -> Iterator[Server]:
    """Give a server that has recorded how a tank was topped up, and how pallets were built."""
    for server in make_server(embedded_databases()):
        for number in (17, 19, 21, 22):
            story = next(trap for trap in TRAPS if trap.number == number).story
            events = [
                {**entry.event, "eventID": f"{entry.event['eventID']}/{number}"}
                for entry in story.entries
            ]
            server.capture(
                {
                    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
                    "type": "EPCISDocument",
                    "schemaVersion": "2.0",
                    "creationDate": "2026-03-01T00:00:00Z",
                    "epcisBody": {"eventList": events},
                }
            )
        yield server


def _raw_lot(server: Server) -> str:
    """Find a lot that something was made from."""
    for event in server.events(eventType="TransformationEvent"):
        for element in event.get("inputQuantityList", ()):
            return str(element["epcClass"])
    raise AssertionError("nothing was made")


def _ask(server: Server, question: str, **parameters: Any) -> httpx.Response:
    return server.client.get(f"/api/{question}", params=parameters)


def _trace(server: Server, question: str, **parameters: Any) -> dict[str, Any]:
    answer = _ask(server, question, **parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_what_a_lot_went_into_leads_back_to_the_lot(dairy: Server) -> None:
    raw = _raw_lot(dairy)
    forward = _trace(dairy, "track_forward", code=raw)
    assert forward["complete"] is True
    assert forward["objects"] == len(forward["object_list"]) > 0
    (start,) = forward["starts"]
    for reached in forward["object_list"]:
        back = _trace(dairy, "trace_back", code=reached["uri"])
        (again,) = [one for one in back["object_list"] if one["uri"] == start]
        assert again["grade"] == reached["grade"]


def test_an_answer_names_its_position_and_is_the_same_again(dairy: Server) -> None:
    raw = _raw_lot(dairy)
    first = _ask(dairy, "track_forward", code=raw)
    position = int(first.headers["X-Suyuan-Position"])
    again = _ask(dairy, "track_forward", code=raw, not_before=position).json()
    for name in ("object_list", "carrier_list", "links", "position"):
        assert again[name] == first.json()[name]


def test_places_and_parties_are_told_where_they_are_asked_for(dairy: Server) -> None:
    raw = _raw_lot(dairy)
    assert "places" not in _trace(dairy, "track_forward", code=raw)
    told = _trace(dairy, "track_forward", code=raw, by_place="true")
    assert {"places", "parties"} <= told.keys()
    for place in told["places"]:
        assert place["objects"] >= 1
        assert place["first"] <= place["last"]


def test_portions_are_told_where_they_are_asked_for_and_add_up(dairy: Server) -> None:
    raw = _raw_lot(dairy)
    plain = _trace(dairy, "track_forward", code=raw)
    assert "balance" not in plain
    assert all("portion" not in one for one in plain["object_list"])
    told = _trace(dairy, "track_forward", code=raw, portions="true")
    balance = told["balance"]
    parts = [balance[name] for name in ("in_stock", "shipped", "scrapped", "unexplained")]
    if "unknown" not in parts:
        assert sum(parts) == pytest.approx(balance["whole"])
    assert all(one["portion"] == "unknown" or one["portion"] >= 0 for one in told["object_list"])
    back = _trace(dairy, "trace_back", code=told["object_list"][0]["uri"], portions="true")
    (again,) = [one for one in back["object_list"] if one["uri"] == told["starts"][0]]
    assert again["portion"] == pytest.approx(told["object_list"][0]["portion"])


def test_every_format_has_the_same_objects(dairy: Server) -> None:
    raw = _raw_lot(dairy)
    whole = _trace(dairy, "track_forward", code=raw)
    uris = {one["uri"] for one in whole["object_list"]}

    lines = _ask(dairy, "track_forward", code=raw, format="ndjson").content.splitlines()
    decoded = [msgspec.json.decode(line) for line in lines]
    assert decoded[0]["kind"] == "head"
    assert {one["uri"] for one in decoded if one["kind"] == "object"} == uris

    table = _ask(dairy, "track_forward", code=raw, format="csv")
    assert "attachment" in table.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert {row["uri"] for row in rows if row["kind"] == "object"} == uris

    graph = etree.fromstring(_ask(dairy, "track_forward", code=raw, format="graphml").content)
    name = "{http://graphml.graphdrawing.org/xmlns}"
    nodes = {node.get("id") for node in graph.iter(f"{name}node")}
    ends = {edge.get(end) for edge in graph.iter(f"{name}edge") for end in ("source", "target")}
    assert uris <= nodes
    assert ends <= nodes
    assert len(list(graph.iter(f"{name}edge"))) == len(whole["links"])

    book = _ask(dairy, "track_forward", code=raw, format="xlsx").content
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        texts = b"".join(parts.read(one) for one in parts.namelist()).decode()
    assert all(uri in texts for uri in uris)


def test_the_events_of_an_answer_are_a_valid_document(dairy: Server) -> None:
    raw = _raw_lot(dairy)
    whole = _trace(dairy, "track_forward", code=raw)
    document = read_json(_ask(dairy, "track_forward", code=raw, format="epcis").content)
    assert document.problems == []
    assert len(document.events) >= len({link["sequence"] for link in whole["links"]}) > 0


def test_history_whereabouts_and_contents_speak_of_one_object(dairy: Server) -> None:
    packed = dairy.events(eventType="AggregationEvent")[0]
    container = packed["parentID"]
    seen = _trace(dairy, "history", code=container)["events"]
    assert [one["event_time"] for one in seen] == sorted(one["event_time"] for one in seen)
    inside = _trace(dairy, "contents", code=container, at=packed["eventTime"])["contents"]
    assert inside
    where = _trace(dairy, "whereabouts", code=inside[0]["uri"], at=packed["eventTime"])
    assert where["last_event"]["sequence"] in {one["sequence"] for one in seen}


@pytest.mark.parametrize(
    ("question", "parameters", "codes"),
    [
        ("trace_back", {}, ["api.codes_wrong_number"]),
        ("history", {"code": [lot("RAW"), lot("RAW", "2")]}, ["api.codes_wrong_number"]),
        ("trace_back", {"code": "(01)123"}, None),
        ("trace_back", {"code": lot("RAW"), "since": "2026-03-01"}, ["api.parameter_unknown"]),
        (
            "track_forward",
            {"code": lot("RAW"), "since": "yesterday", "as_of": "2026-13-01"},
            ["trace.time_malformed", "trace.time_malformed"],
        ),
        ("track_forward", {"code": lot("RAW"), "format": "pdf"}, ["api.format_unknown"]),
        ("track_forward", {"code": lot("RAW"), "not_before": "x"}, ["query.integer_wrong"]),
        ("track_forward", {"code": lot("RAW"), "by_place": "yes"}, ["api.parameter_wrong"]),
        (
            "contents",
            {"code": case(1), "at": ["2026-03-01", "2026-03-02"]},
            ["api.parameter_repeated"],
        ),
    ],
)
def test_bad_questions_are_refused_with_all_that_is_wrong(
    dairy: Server, question: str, parameters: dict[str, Any], codes: list[str] | None
) -> None:
    answer = dairy.client.get(f"/api/{question}", params=parameters)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    if codes is not None:
        assert [one["code"] for one in answer.json()["errors"]] == codes


def test_a_position_that_is_not_there_yet_is_refused(dairy: Server) -> None:
    answer = _ask(dairy, "trace_back", code=_raw_lot(dairy), not_before=10**9)
    assert (answer.status_code, answer.json()["code"]) == (422, "trace.position_unknown")


def test_what_was_never_seen_is_not_found(dairy: Server) -> None:
    answer = _ask(dairy, "trace_back", code=serial("NEVER", 1))
    assert (answer.status_code, answer.json()["code"]) == (404, "trace.object_unknown")


def test_nobody_asks_without_a_key_and_no_tenant_sees_another(dairy: Server) -> None:
    from suyuan.account import make_api_key

    raw = _raw_lot(dairy)
    assert dairy.stranger.get("/api/trace_back", params={"code": raw}).status_code == 401
    other = dairy.database.make_tenant("other")
    secret = make_api_key(dairy.database, other, name="other").secret
    headers = {"Authorization": f"Bearer {secret}"}
    answer = dairy.stranger.get("/api/trace_back", params={"code": raw}, headers=headers)
    assert answer.status_code == 404
