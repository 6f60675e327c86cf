"""The picture of an answer over HTTP: folded, opened, shown, refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from suyuan.journal import LogKeeper, verify_proof
from suyuan.store import Database
from tests.api.conftest import Server, make_server

_KEY = "https://id.gs1.org/01/09506000134352"
_MILK = "https://id.gs1.org/01/09506000134369/10/M1"
_ITEMS = 150


@pytest.fixture(scope="module")
def plant(
    embedded_databases: Callable[[], Database], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Give a server with one lot of milk, and the cartons of one lot that were filled with it."""
    for server in make_server(embedded_databases(), data=tmp_path_factory.mktemp("plant")):
        server.client.timeout = 300  # The first question may wait for loops to be compiled.
        server.capture(_document())
        yield server


def _document() -> dict[str, Any]:
    filled = {
        "type": "TransformationEvent",
        "eventID": "urn:uuid:00000000-0000-4000-8000-000000000001",
        "eventTime": "2026-03-01T08:00:00Z",
        "eventTimeZoneOffset": "+08:00",
        "bizStep": "commissioning",
        "bizLocation": {"id": "https://id.gs1.org/414/9506000111117"},
        "inputQuantityList": [{"epcClass": _MILK, "quantity": 150, "uom": "KGM"}],
        "outputEPCList": [f"{_KEY}/21/{at}" for at in range(_ITEMS)],
        "ilmd": {"cbvmda:lotNumber": "A"},
    }
    held = {
        "type": "ObjectEvent",
        "eventTime": "2026-03-02T08:00:00Z",
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "bizStep": "inspecting",
        "disposition": "recalled",
        "quantityList": [{"epcClass": f"{_KEY}/10/A"}],
    }
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-03-01T00:00:00Z",
        "epcisBody": {"eventList": [filled, held]},
    }


def test_a_page_tells_where_a_product_and_a_place_are_named(plant: Server) -> None:
    place = "https://id.gs1.org/414/9506000111117"
    told = plant.client.get("/api/mentions", params={"code": place}).json()
    assert (told["count"], told["roles"]) == (1, ["business_location"])
    [event] = told["events"]
    assert event["seen"]["event_id"].endswith("0001")
    assert (event["objects_count"], event["objects"][0]) == (_ITEMS + 1, _MILK)
    # No event names the product itself, only its lot and items.
    brief = plant.client.get("/api/object", params={"code": "(01)09506000134352"}).json()
    assert (brief["uri"], brief["product"], "last_event" in brief) == (_KEY, _KEY, False)
    told = plant.client.get("/api/mentions", params={"code": _KEY, "limit": "1"}).json()
    assert (told["members_count"], told["count"]) == (_ITEMS + 1, 0)
    nobody = plant.client.get("/api/mentions", params={"code": "(414)9506000111124"})
    assert (nobody.status_code, nobody.json()["code"]) == (404, "trace.object_unknown")


def test_a_page_tells_what_is_at_a_place_and_in_which_lots(plant: Server) -> None:
    asked = {"code": "(414)9506000111117"}
    told = plant.client.get("/api/at_place", params=asked).json()
    assert (told["units"], told["lots"], told["used"], told["held"]) == (_ITEMS, 0, 1, _ITEMS)
    [row] = told["rows"]
    assert (row["objects"], row["lot"], row["since"]) == (
        *(_ITEMS, f"{_KEY}/10/A"),
        "2026-03-01T08:00:00Z",
    )
    page = plant.client.get("/api/at_place", params=asked | {"limit": "0"}).json()
    assert (page["row_count"], page["rows"]) == (1, [])
    table = plant.client.get("/api/at_place", params=asked | {"format": "csv"})
    assert table.text.splitlines()[1].startswith(f"here,{_KEY},")
    wrong = plant.client.get("/api/at_place", params={"code": "no code", "format": "pdf"})
    assert wrong.status_code == 422


def test_events_are_told_by_number_and_proven_by_a_file(plant: Server) -> None:
    [event] = plant.client.get("/api/history", params={"code": _MILK}).json()["events"]
    seen = plant.client.get("/api/seen", params={"sequence": event["sequence"]}).json()["events"]
    assert [one["event_id"] for one in seen] == [event["event_id"]]
    for wrong in ({"sequence": "0"}, {"sequence": ["1"] * 501}, {}):
        assert plant.client.get("/api/seen", params=wrong).status_code == 422
    unknown = plant.client.get("/api/proof", params={"event_id": "urn:uuid:none"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "journal.event_unknown")
    with LogKeeper(
        plant.database, plant.settings.data, origin_of=lambda _: "x.example/log", period_s=0.05
    ):
        key = _log_key(plant)
        proof = plant.client.get("/api/proof", params={"event_id": event["event_id"]})
    assert "attachment" in proof.headers["Content-Disposition"]
    assert verify_proof(proof.content, key).event.event_id == event["event_id"]


def _log_key(server: Server) -> str:
    for _ in range(200):
        answer = server.stranger.get("/log/default/checkpoint")
        if answer.status_code == 200 and int(answer.text.splitlines()[1]) >= 2:
            return server.stranger.get("/log/default/key").text.strip()
        time.sleep(0.05)
    raise AssertionError("the log has no checkpoint")


def test_stays_tell_when_something_was_inside(plant: Server) -> None:
    case = "https://id.gs1.org/00/095060001111111119"
    packed = {
        "type": "AggregationEvent",
        "eventTimeZoneOffset": "+08:00",
        "parentID": case,
        "childEPCs": [f"{_KEY}/21/0"],
    }
    document = _document()
    document["epcisBody"]["eventList"] = [
        packed | {"eventTime": "2026-03-01T09:00:00Z", "action": "ADD"},
        packed | {"eventTime": "2026-03-01T11:00:00Z", "action": "DELETE"},
    ]
    plant.capture(document)
    told = plant.client.get("/api/stays", params={"code": f"{_KEY}/21/0"}).json()
    stay = {
        "uri": f"{_KEY}/21/0",
        "container": case,
        "first": "2026-03-01T09:00:00Z",
        "last": "2026-03-01T11:00:00Z",
    }
    assert (told["outside"], told["contents"]) == ([stay], [])
    told = plant.client.get("/api/stays", params={"code": case}).json()
    assert (told["outside"], told["contents"], told["contents_count"]) == ([], [stay], 1)


def _ask(server: Server, **parameters: Any) -> dict[str, Any]:
    answer = server.client.get("/api/genealogy", params=parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert int(answer.headers["X-Suyuan-Position"]) == found["position"]
    return found


def _boxes(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["key"]: one for one in found["nodes"]}


def test_a_picture_is_folded_and_opens_step_by_step(plant: Server) -> None:
    found = _ask(plant, code=_MILK)
    boxes = _boxes(found)
    [group] = [one for one in boxes.values() if one.get("members") == "items"]
    assert (group["count"], group["side"], group["certain"]) == (_ITEMS, "forward", _ITEMS)
    assert (group["held"], group["hold"]) == (_ITEMS, ["recalled"])
    [step] = [one for one in boxes.values() if one["kind"] == "step"]
    assert step["event"]["event_id"].endswith("0001")
    assert step["event"]["place"] == "https://id.gs1.org/414/9506000111117"
    assert boxes[_MILK]["layer"] < step["layer"] < group["layer"]
    names = [one["key"] for one in found["nodes"]]
    edges = [(names[tail], names[head], count) for tail, head, count in found["edges"]]
    assert edges == [(_MILK, step["key"], 1), (step["key"], group["key"], _ITEMS)]
    opened = _boxes(_ask(plant, code=_MILK, open=[group["key"]]))
    assert opened[group["key"]]["count"] == _ITEMS - 60
    assert opened[group["key"]]["is_rest"]
    assert sum(one.get("opened_from") == group["key"] for one in opened.values()) == 60
    twice = _boxes(_ask(plant, code=_MILK, open=[group["key"]] * 2))
    assert twice[group["key"]]["count"] == _ITEMS - 120


def test_what_is_folded_can_be_shown_and_what_is_elsewhere_is_told(plant: Server) -> None:
    code = "(01)09506000134352(21)77"
    found = _ask(plant, code=_MILK, show=[code, f"{_KEY}/21/nobody"])
    assert f"{_KEY}/21/77" in _boxes(found)
    assert found["hidden"] == [f"{_KEY}/21/nobody"]
    back = _ask(plant, code=code, direction="back")
    assert [one["direction"] for one in back["counts"]] == ["back"]
    assert _MILK in _boxes(back)


def test_everything_wrong_with_a_question_is_said(plant: Server) -> None:
    answer = plant.client.get(
        "/api/genealogy", params={"direction": "up", "until": "soon", "depth": "3"}
    )
    assert answer.status_code == 422
    assert {one["code"] for one in answer.json()["errors"]} >= {
        "api.parameter_wrong",
        "api.parameter_unknown",
        "api.codes_wrong_number",
    }
    for parameters, code in (
        ({"open": "lots of milk"}, "trace.group_wrong"),
        ({"open": ["back lots "] * 101}, "trace.groups_too_many"),
        ({"show": "(01)123"}, "identifier"),
    ):
        answer = plant.client.get("/api/genealogy", params={"code": _MILK, **parameters})
        assert answer.status_code == 422, parameters
        assert answer.json()["errors"][0]["code"].startswith(code)
    answer = plant.client.get("/api/genealogy", params={"code": f"{_KEY}/10/none"})
    assert answer.status_code == 404
