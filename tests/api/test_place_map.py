"""A plant's own map: given, looked at first, replaced, taken away, and nobody else's."""

from __future__ import annotations

import json
from typing import Any

import httpx

from suyuan.account import RoleGrant, make_api_key
from tests.api.conftest import Server
from tests.api.documents import document, object_event
from tests.api.people import make_user, signed_in

DOCK = "https://id.gs1.org/414/9521001000109/254/DISPATCH"
GATE = "https://id.gs1.org/414/9521001000109/254/GATE"
OTHER = "https://id.gs1.org/414/9521020001002"
NOWHERE = "https://id.gs1.org/414/9521030001009"


def drawn(place: str, at: int, **properties: str) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": [at, 2 * at]}
    return {"type": "Feature", "id": place, "geometry": geometry, "properties": properties}


def a_map(*places: str) -> bytes:
    features = [drawn(place, 200 * at) for at, place in enumerate(places)]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def put(client: httpx.Client, content: bytes, **parameters: str) -> httpx.Response:
    headers = {"Content-Type": "application/geo+json"}
    return client.put("/api/map", content=content, params=parameters, headers=headers)


def test_a_map_is_looked_at_first_then_given_replaced_and_taken_away(fresh_server: Server) -> None:
    server = fresh_server
    client = server.client
    server.capture(
        document(
            object_event(readPoint={"id": DOCK}, bizLocation={"id": DOCK}),
            object_event(readPoint={"id": GATE}, bizLocation={"id": OTHER}),
        )
    )
    assert client.get("/api/map").json() == {"map": None}
    assert client.get("/api/map/file").status_code == 404
    assert client.delete("/api/map").json()["code"] == "place_map.missing"

    looked = put(client, a_map(DOCK, NOWHERE), dry_run="true")
    assert looked.status_code == 200, looked.text
    told = looked.json()
    assert told["map"]["kind"] == "plan"
    assert (told["known"], told["unknown"]) == ([DOCK], [NOWHERE])
    assert set(told["missing"]) == {GATE, OTHER}
    assert client.get("/api/map").json() == {"map": None}

    # A site stands for all that is in it.
    assert put(client, a_map(DOCK.partition("/254/")[0]), dry_run="true").json()["missing"] == [
        OTHER
    ]
    assert put(client, a_map(DOCK), file_name="厂区.geojson").status_code == 200
    given = client.get("/api/map")
    assert given.json()["map"]["file_name"] == "厂区.geojson"
    assert [one["place"] for one in given.json()["map"]["features"]] == [DOCK]
    again = client.get("/api/map", headers={"If-None-Match": given.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/api/map/file").content == a_map(DOCK)

    assert put(client, a_map(DOCK, GATE), file_name="b.json").status_code == 200
    assert client.get("/api/map").headers["ETag"] != given.headers["ETag"]
    assert client.delete("/api/map").status_code == 204
    assert client.get("/api/map").json() == {"map": None}
    entries = client.get("/api/audit", params={"subject": "place_map"}).json()["entries"]
    assert [one["action"] for one in entries] == [
        "place_map.remove",
        "place_map.change",
        "place_map.change",
    ]
    assert entries[1]["before"]["file"] == "厂区.geojson"
    assert entries[1]["after"]["bytes"] == len(a_map(DOCK, GATE))
    assert len(entries[1]["after"]["sha256"]) == 64


def test_a_map_with_faults_changes_nothing_and_all_are_told_in_both_languages(
    server: Server,
) -> None:
    broken = json.loads(a_map(DOCK, GATE))
    broken["features"][0]["geometry"]["coordinates"] = ["1", 2]
    broken["features"][1]["type"] = "Thing"
    for language, word in (("en", "finite numbers"), ("zh", "有限数值")):
        server.client.headers["Accept-Language"] = language
        refused = put(server.client, json.dumps(broken).encode(), file_name="x")
        assert refused.status_code == 422
        assert [one["code"] for one in refused.json()["errors"]] == [
            "place_map.position_wrong",
            "place_map.type_wrong",
        ]
        assert word in refused.json()["errors"][0]["message"]
    assert server.client.get("/api/map").json() == {"map": None}
    assert put(server.client, b" " * 5_000_001).status_code == 413
    wrong = server.client.put("/api/map", content=b"{}", headers={"Content-Type": "text/csv"})
    assert wrong.status_code == 415
    assert put(server.client, b"{}", dry_run="maybe", colour="red").status_code == 422


def test_a_map_is_its_tenants_alone_and_changed_by_whom_it_is_allowed(server: Server) -> None:
    assert put(server.client, a_map(DOCK), file_name="ours").status_code == 200
    other = server.database.make_tenant("neighbour")
    secret = make_api_key(server.database, other, name="neighbour").secret
    neighbour = httpx.Client(
        base_url=server.client.base_url, headers={"Authorization": f"Bearer {secret}"}
    )
    assert neighbour.get("/api/map").json() == {"map": None}
    assert neighbour.delete("/api/map").status_code == 404
    assert put(neighbour, a_map(GATE), file_name="theirs").status_code == 200
    assert server.client.get("/api/map").json()["map"]["file_name"] == "ours"

    viewer = signed_in(server, make_user(server, "map-viewer", RoleGrant(role="viewer")))
    assert viewer.get("/api/map").json()["map"]["file_name"] == "ours"
    assert put(viewer, a_map(GATE)).status_code == 403
    assert put(viewer, a_map(GATE), dry_run="true").status_code == 403
    assert viewer.delete("/api/map").status_code == 403
    with server.database.tenant(other) as connection:
        seen = connection.execute("SELECT file_name FROM account.place_map").fetchall()
    assert seen == [("theirs",)]
