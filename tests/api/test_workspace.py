"""The first page over HTTP: today, search, what needs attention; recalls; and live updates."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from suyuan.account import RoleGrant, make_api_key
from suyuan.api import create_app
from suyuan.store import Database
from tests.api.conftest import Server, listening, make_server
from tests.api.documents import document, object_event
from tests.api.people import make_user, signed_in

PRODUCT = "https://id.gs1.org/01/09506000134352"
LOT = f"{PRODUCT}/10/MILK-2603"
ITEMS = [f"{PRODUCT}/21/CUP{number}" for number in range(3)]
PLACE, SHOP = "https://id.gs1.org/414/9506000111117", "https://id.gs1.org/417/9506000111216"
NAMES = {
    "urn:epcglobal:cbv:mda#name": "Heron milk",
    "https://ns.suyuan.dev/plant/nameChinese": "鹭溪牛奶",
}


def named(**names: dict[str, str]) -> dict[str, Any]:
    """Give a document's header with the names of products."""
    elements = [
        {
            "id": uri,
            "attributes": [{"id": key, "attribute": said} for key, said in attributes.items()],
        }
        for uri, attributes in names.items()
    ]
    kind = "urn:epcglobal:epcis:vtype:EPCClass"
    vocabulary = {"type": kind, "vocabularyElementList": elements}
    return {"epcisHeader": {"epcisMasterData": {"vocabularyList": [vocabulary]}}}


def at(time: str, **fields: Any) -> dict[str, Any]:
    return object_event(eventTime=time, **{"bizLocation": {"id": PLACE}, **fields})


@pytest.fixture(scope="module")
def plant(embedded_databases: Callable[[], Database]) -> Iterator[Server]:
    """Give a server whose record has a lot, three of its items, and one item shipped."""
    made = at("2026-03-01T15:30:00Z", action="ADD", bizStep="commissioning", epcList=ITEMS) | {
        "ilmd": {"cbvmda:lotNumber": "MILK-2603", "cbvmda:bestBeforeDate": "2026-03-20"}
    }
    lot = at("2026-03-01T15:00:00Z", action="ADD", bizStep="commissioning") | {
        "epcList": [],
        "quantityList": [{"epcClass": LOT, "quantity": 3}],
    }
    sent = at("2026-03-01T16:30:00Z", epcList=ITEMS[:1]) | {
        "destinationList": [{"type": "possessing_party", "destination": SHOP}]
    }
    held = at("2026-03-01T17:00:00Z", epcList=ITEMS[1:2]) | {
        "bizStep": "inspecting",
        "disposition": "non_conformant",
    }
    for server in make_server(embedded_databases()):
        job = server.capture(document(lot, made, sent, held, **named(**{PRODUCT: NAMES})))
        assert job["success"], job["errors"]
        yield server


def told(server: Server, path: str, **parameters: Any) -> dict[str, Any]:
    answer = server.client.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_day_is_told_by_hour_step_and_place_as_the_calendar_of_the_reader_has_it(
    plant: Server,
) -> None:
    day = told(plant, "/api/today", day="2026-03-01", time_zone="UTC")
    assert (day["events"], day["hours"][15], day["hours"][16]) == (4, 2, 1)
    assert [(one["place"], one["events"]) for one in day["places"]] == [(PLACE, 4)]
    assert day["steps"][0]["business_step"].endswith("commissioning")
    shanghai = told(plant, "/api/today", day="2026-03-02", time_zone="Asia/Shanghai")
    assert (shanghai["events"], shanghai["hours"][0], shanghai["hours"][1]) == (2, 1, 1)
    assert (day["last_day"], shanghai["last_day"]) == ("2026-03-01", "2026-03-02")
    last = day["lately"][0]
    assert (last["objects"], last["object_count"]) == (ITEMS[1:2], 1)
    assert day["names"][PRODUCT] == {"en": "Heron milk", "zh": "鹭溪牛奶"}


def test_an_empty_record_has_no_last_day(fresh_server: Server) -> None:
    day = told(fresh_server, "/api/today")
    assert (day["events"], day["last_day"], day["lately"]) == (0, None, [])
    assert told(fresh_server, "/api/search", text="milk") == {"hits": []}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("milk-26", ()),
        ("MILK-26", (LOT,)),
        ("CUP", ITEMS),
        ("ron mi", (PRODUCT,)),
        ("鹭溪", (PRODUCT,)),
        ("牛奶", (PRODUCT,)),
        ("(01)09506000134352(10)MI", (LOT,)),
        ("9506000134", (PRODUCT, LOT)),
        ("(01)09506000134352(21)CUP2", (ITEMS[2],)),
        ("https://id.gs1.org/414/95", (PLACE,)),
        ("no such thing", ()),
    ],
)
def test_a_part_of_a_name_or_the_beginning_of_a_code_finds_what_is_meant(
    plant: Server, text: str, expected: tuple[str, ...]
) -> None:
    found = [one["uri"] for one in told(plant, "/api/search", text=text)["hits"]]
    assert set(expected) <= set(found), found
    assert bool(found) == bool(expected)
    assert len(found) == len(set(found))


def test_search_finds_nothing_of_another_tenant(plant: Server) -> None:
    other = plant.database.make_tenant("other")
    secret = make_api_key(plant.database, other, name="other").secret
    stranger = httpx.Client(
        base_url=plant.client.base_url, headers={"Authorization": f"Bearer {secret}"}
    )
    for text in ("MILK-26", "鹭溪", LOT, "CUP"):
        assert stranger.get("/api/search", params={"text": text}).json() == {"hits": []}


def test_search_says_what_is_wrong_with_a_question(plant: Server) -> None:
    for parameters in ({}, {"text": ""}, {"text": "x", "limit": 0}, {"text": "x" * 3000}):
        assert plant.client.get("/api/search", params=parameters).status_code == 422


def test_attention_counts_what_is_on_hold_and_what_was_refused(plant: Server) -> None:
    job = plant.capture(document(object_event(eventID="urn:uuid:none", epcList=["nonsense"])))
    assert not job["success"]
    deadline = time.monotonic() + 60
    while (found := told(plant, "/api/attention"))["counted_at"] is None:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    assert (found["on_hold"], found["held"][0]["uri"]) == (1, ITEMS[1])
    assert found["held"][0]["hold"] == ["non_conformant"]
    assert found["captures_refused"] == 1
    assert (found["overdue"], found["gaps"] > 0) == (0, True)
    assert found["keys_expiring"] == 0
    _are_listed(plant, found)
    plant.capture(
        document(
            at("2026-03-01T18:00:00Z", bizStep="inspecting", epcList=ITEMS[1:2])
            | {"disposition": "conformant"}
        )
    )
    while (found := told(plant, "/api/attention"))["on_hold"]:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def _are_listed(plant: Server, found: dict[str, Any]) -> None:
    """Each figure has a list of exactly what it counts, as JSON and as a table."""
    held = told(plant, "/api/on_hold")
    assert (held["count"], [one["uri"] for one in held["rows"]]) == (found["on_hold"], [ITEMS[1]])
    past = told(plant, "/api/expired")
    assert past["count"] == found["expired"] == 2  # The third was shipped.
    assert {(one["kind"], one["lot"], one["place"]) for one in past["rows"]} == {
        ("best_before", LOT, PLACE)
    }
    assert told(plant, "/api/expired", everywhere="true")["count"] == 3
    refused = told(plant, "/api/captures", state="refused")
    assert (refused["count"], refused["row_count"]) == (found["captures_refused"], 1)
    assert refused["rows"][0]["errors"][0]["detail"]
    assert told(plant, "/api/captures", state="waiting")["count"] == 0
    for path, lines in (("/api/on_hold", 1), ("/api/expired", 1), ("/api/captures", 1)):
        table = plant.client.get(path, params={"format": "csv"})
        assert len(table.text.splitlines()) == lines + 1, path
        assert plant.client.get(path, params={"format": "xlsx"}).content[:2] == b"PK"
        assert told(plant, path, limit=0)["rows"] == []
        assert plant.client.get(path, params={"format": "pdf"}).status_code == 422
    brief = told(plant, "/api/object", code=ITEMS[0])
    assert [(one["kind"], one["is_past"], one["of"]) for one in brief["dates"]] == [
        ("best_before", True, "itself")
    ]


def test_a_page_of_an_answer_has_details_and_the_counts_of_all_of_it(plant: Server) -> None:
    whole = told(plant, "/api/track_forward", code=LOT)
    assert whole["objects"] == 3
    page = told(plant, "/api/track_forward", code=LOT, limit=2, offset=2, by_lot=True)
    assert (page["objects"], len(page["object_list"]), page["lot_count"]) == (3, 1, 1)
    assert "links" not in page
    assert page["object_list"][0]["place"] == PLACE
    counts = told(plant, "/api/track_forward", code=LOT, limit=0, party=SHOP)
    assert (counts["objects"], counts["object_list"]) == (1, [])
    assert told(plant, "/api/track_forward", code=LOT, limit=0, place=PLACE)["objects"] == 3
    none = told(plant, "/api/track_forward", code=LOT, limit=0, product="(01)09506000134369")
    assert none["objects"] == 0


def test_a_mock_recall_lists_what_each_recipient_has(plant: Server) -> None:
    found = told(plant, "/api/mock_recall", code=LOT, limit=1)
    assert (found["units"], found["lots"], found["out"]) == (3, 1, 1)
    assert (len(found["rows"]), found["row_count"]) == (1, 3)
    [recipient] = found["recipients"]
    assert (recipient["party"], recipient["units"], recipient["on_the_way"]) == (SHOP, 1, 1)
    table = plant.client.get(
        "/api/mock_recall", params={"code": LOT, "format": "csv", "recipient": SHOP}
    )
    assert "mock_recall.csv" in table.headers["Content-Disposition"]
    [row] = csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff")))
    assert (row["party"], row["stage"], row["objects"]) == (SHOP, "on_the_way", "1")
    book = plant.client.get("/api/mock_recall", params={"code": LOT, "format": "xlsx"})
    assert book.content.startswith(b"PK")


def test_a_mock_recall_says_everything_that_is_wrong_at_once(plant: Server) -> None:
    wrong = {"day": "x", "grade": "x", "time_zone": "/etc/passwd", "limit": "-1", "held": "x"}
    answer = plant.client.get("/api/mock_recall", params=wrong)
    assert answer.status_code == 422
    assert {one.get("where") for one in answer.json()["errors"]} >= set(wrong)


class Listener:
    """Reads a stream of server-sent events in a thread of its own."""

    def __init__(self, client: httpx.Client) -> None:
        self.said: list[tuple[str, Any]] = []
        self.status = 0
        self._client = client
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with (
            contextlib.suppress(httpx.HTTPError),
            self._client.stream("GET", "/api/live", timeout=None) as answer,
        ):
            self.status = answer.status_code
            name = ""
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: "):
                    self.said.append((name, json.loads(line[6:])))

    def wait_for(self, wanted: Callable[[], bool], patience_s: float = 10) -> None:
        deadline = time.monotonic() + patience_s
        while not wanted():
            assert time.monotonic() < deadline, (self.status, self.said)
            time.sleep(0.02)

    @property
    def is_over(self) -> bool:
        return not self._thread.is_alive()


@pytest.fixture
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a stream look after its session often."""
    monkeypatch.setattr("suyuan.api.live._HEARTBEAT_S", 0.2)


def test_whoever_watches_hears_at_once_how_far_the_journal_is(plant: Server) -> None:
    listener = Listener(plant.client)
    listener.wait_for(lambda: bool(listener.said))
    before = listener.said[0][1]["position"]
    plant.capture(document(object_event()))
    listener.wait_for(lambda: len(listener.said) > 1)
    assert listener.said[-1] == ("position", {"position": before + 1})


@pytest.mark.usefixtures("brisk")
def test_a_stream_ends_with_its_session(plant: Server) -> None:
    viewer = signed_in(plant, make_user(plant, "watcher", RoleGrant(role="viewer")))
    listener = Listener(viewer)
    listener.wait_for(lambda: bool(listener.said))
    viewer.delete("/api/session")
    listener.wait_for(lambda: listener.is_over)
    assert listener.said[-1][0] == "over"


def test_to_watch_keeps_no_session_alive(plant: Server) -> None:
    viewer = signed_in(plant, make_user(plant, "resting", RoleGrant(role="viewer")))
    token = viewer.cookies["suyuan_session"]
    from suyuan.account import find_session

    with plant.database.owner() as connection:
        connection.execute("UPDATE account.user_session SET last_seen = now() - interval '1 h'")
    assert find_session(plant.database, token, is_used=False)
    with plant.database.owner() as connection:
        [(rested,)] = connection.execute(
            "SELECT now() - max(last_seen) > interval '59 minutes' FROM account.user_session"
        )
    assert rested


def test_nobody_opens_more_windows_than_one_needs(plant: Server) -> None:
    viewer = signed_in(plant, make_user(plant, "many", RoleGrant(role="viewer")))
    listeners = [Listener(viewer) for _ in range(22)]
    listeners[0].wait_for(lambda: all(one.status for one in listeners))
    statuses = [one.status for one in listeners]
    assert (statuses.count(200), statuses.count(429)) == (20, 2)
    viewer.delete("/api/session")


def test_a_server_that_stops_sends_everybody_home_at_once(plant: Server) -> None:
    app = create_app(plant.database, plant.settings)
    with listening(app) as url:
        client = httpx.Client(base_url=url, headers=dict(plant.client.headers))
        listener = Listener(client)
        listener.wait_for(lambda: bool(listener.said))
        started = time.monotonic()
    assert time.monotonic() - started < 5
    listener.wait_for(lambda: listener.is_over)
