"""What a page says of one thing: the head of its page, and names."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import Server

_ITEM = "https://id.gs1.org/01/09506000134352/21/7"
_PRODUCT = "https://id.gs1.org/01/09506000134352"
_PLACE = "https://id.gs1.org/414/9506000111117"


def _document() -> dict[str, Any]:
    names = {
        "urn:epcglobal:cbv:mda#name": "Milk",
        "https://ns.suyuan.dev/plant/nameChinese": "牛奶",
    }
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-03-01T00:00:00Z",
        "epcisHeader": {
            "epcisMasterData": {
                "vocabularyList": [
                    {
                        "type": "urn:epcglobal:epcis:vtype:EPCClass",
                        "vocabularyElementList": [
                            {
                                "id": _PRODUCT,
                                "attributes": [
                                    {"id": key, "attribute": name} for key, name in names.items()
                                ],
                            }
                        ],
                    }
                ]
            }
        },
        "epcisBody": {
            "eventList": [
                {
                    "type": "ObjectEvent",
                    "eventTime": "2026-03-01T08:00:00Z",
                    "eventTimeZoneOffset": "+00:00",
                    "epcList": [_ITEM],
                    "action": "ADD",
                    "bizStep": "commissioning",
                    "bizLocation": {"id": _PLACE},
                }
            ]
        },
    }


def test_an_object_has_its_product_its_place_and_the_names_of_both(server: Server) -> None:
    job = server.capture(_document())
    assert job["success"], job["errors"]
    answer = server.client.get("/api/object", params={"code": "(01)09506000134352(21)7"})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["uri"], told["product"], told["place"]) == (_ITEM, _PRODUCT, _PLACE)
    assert told["names"] == {_PRODUCT: {"en": "Milk", "zh": "牛奶"}}
    asked = server.client.get("/api/names", params={"id": [_PRODUCT, _PLACE]}).json()
    assert asked["names"] == told["names"]


def test_what_was_never_seen_is_told_so(server: Server) -> None:
    unknown = server.client.get("/api/object", params={"code": "(01)09506000134352(21)none"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "trace.object_unknown")
    assert server.client.get("/api/names").status_code == 422
    odd = server.client.get("/api/names", params={"id": "\x00"})
    assert (odd.status_code, odd.json()) == (200, {"names": {}})
    demo = server.client.get("/api/demo")
    assert (demo.status_code, demo.json()["codes"]) == (200, [])
