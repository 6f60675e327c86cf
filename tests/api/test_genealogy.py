"""The picture of an answer over HTTP: folded, opened, shown, refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from suyuan.store import Database
from tests.api.conftest import Server, make_server

_KEY = "https://id.gs1.org/01/09506000134352"
_MILK = "https://id.gs1.org/01/09506000134369/10/M1"
_ITEMS = 150


@pytest.fixture(scope="module")
def plant(embedded_databases: Callable[[], Database]) -> Iterator[Server]:
    """Give a server with one lot of milk, and the cartons of one lot that were filled with it."""
    for server in make_server(embedded_databases()):
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
