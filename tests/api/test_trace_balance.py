"""Gaps, readiness and mass balances over HTTP: answers, tables, clear refusals."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator

import httpx
import pytest

from suyuan.account import list_audit
from suyuan.store import Database
from tests.api.conftest import Server, make_server
from tests.trace.story import Story, gtin, lot, of

MILK, CHEESE = lot("milk"), lot("cheese")


@pytest.fixture(scope="module")
def plant(embedded_databases: Callable[[], Database]) -> Iterator[Server]:
    """Give a server that has recorded a plant that used more than it had."""
    for server in make_server(embedded_databases()):
        s = Story()
        s.receive(6, of(MILK, 100))
        s.make(8, [of(MILK, 130)], [of(CHEESE, 13)])
        s.ship(9, of(CHEESE, 3))
        server.capture(
            {
                "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
                "type": "EPCISDocument",
                "schemaVersion": "2.0",
                "creationDate": "2026-03-01T00:00:00Z",
                "epcisBody": {"eventList": [entry.event for entry in s.entries]},
            }
        )
        yield server


def test_gaps_are_told_in_the_language_asked_for(plant: Server) -> None:
    asked = {"kind": ["more_used", "packed_twice"], "late_hours": "1000000000"}
    answer = plant.client.get("/api/gaps", params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["X-Suyuan-Position"] == "3"
    (gap,) = answer.json()["gaps"]
    assert (gap["kind"], gap["objects"], gap["quantity"]) == ("more_used", [MILK], 30)
    chinese = plant.client.get("/api/gaps", params=asked, headers={"Accept-Language": "zh"})
    assert chinese.json()["gaps"][0]["found"] == "去向比来源多 30 KGM"
    table = plant.client.get("/api/gaps", params={"format": "csv", "kind": "more_used"})
    assert table.headers["content-type"].startswith("text/csv")
    assert [row["object"] for row in csv.DictReader(io.StringIO(table.text))] == [MILK]


def test_readiness_and_mass_balance_answer(plant: Server) -> None:
    ready = plant.client.get("/api/readiness", params={"kind": "more_used"}).json()
    assert (ready["shipped"], ready["share"]) == (1, 0)
    asked = {"code": CHEESE, "uom": "GRM", "expected_loss": "0.1"}
    balance = plant.client.get("/api/mass_balance", params=asked).json()
    assert balance["made"] == {"quantity": 13_000, "known": 13_000, "unknown": 0, "sequences": [2]}
    assert (balance["unexplained"], balance["is_within_expected_loss"]) == (0, True)
    table = plant.client.get("/api/mass_balance", params={"code": CHEESE, "format": "csv"})
    rows = {row["figure"]: row for row in csv.DictReader(io.StringIO(table.text))}
    assert rows["shipped"]["quantity"] == "3.0"


@pytest.mark.parametrize(
    ("path", "query", "codes"),
    [
        ("gaps", "kind=holes&since=noon&since=1&late_hours=x&format=pdf&nope=1",
         ["trace.time_malformed", "api.parameter_repeated", "trace.time_malformed",
          "query.number_wrong", "api.format_unknown", "api.parameter_unknown"]),
        ("gaps", "kind=holes&late_hours=-1", ["trace.gap_unknown", "trace.limit_wrong"]),
        ("readiness", "place=1&not_before=x", ["api.parameter_unknown", "query.integer_wrong"]),
        ("mass_balance", "uom=NIX", ["api.codes_wrong_number"]),
        ("mass_balance", f"code={CHEESE}&uom=NIX&expected_loss=2",
         ["trace.share_wrong", "quantity.unit_unknown"]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_question_is_said_all_at_once(
    plant: Server, path: str, query: str, codes: list[str]
) -> None:
    answer = plant.client.get(f"/api/{path}?{query}")
    assert answer.status_code == 422, answer.text
    assert [one["code"] for one in answer.json()["errors"]] == codes


def test_what_was_never_seen_is_not_found(plant: Server) -> None:
    assert plant.client.get(f"/api/mass_balance?code={lot('x')}").status_code == 404
    assert plant.client.get(f"/api/gaps?product={lot('x')}").status_code == 404


def test_an_answer_tells_its_gaps_where_they_are_asked_for(plant: Server) -> None:
    plain = plant.client.get("/api/trace_back", params={"code": CHEESE}).json()
    assert "gaps" not in plain
    assert "gap_list" not in plain
    asked = {"code": CHEESE, "gaps": "true"}
    told = plant.client.get("/api/trace_back", params=asked, headers={"Accept-Language": "zh"})
    found = told.json()
    assert found["gaps"] == len(found["gap_list"])
    assert "去向比来源多 30 KGM" in {gap["found"] for gap in found["gap_list"]}
    forward = plant.client.get("/api/track_forward", params={"code": MILK, "gaps": "true"})
    assert "more_used" in {gap["kind"] for gap in forward.json()["gap_list"]}
    graph = plant.client.get("/api/trace_back", params=asked | {"format": "graphml"})
    assert graph.status_code == 200
    wrong = plant.client.get("/api/trace_back", params=asked | {"gaps": "some"})
    assert wrong.status_code == 422


def test_the_expected_loss_of_a_product_is_set_and_taken_back(plant: Server) -> None:
    asked = {"product": gtin("cheese")}

    def put(body: bytes, **more: str) -> httpx.Response:
        headers = {"Content-Type": "application/json"}
        address = "/api/expected_loss"
        return plant.client.put(address, params=asked | more, content=body, headers=headers)

    before = plant.client.get("/api/expected_loss", params=asked).json()
    assert before == {"product": f"https://id.gs1.org/01/{gtin('cheese')}", "share": None}
    assert put(b'{"share": 0.02}').json()["share"] == 0.02
    assert plant.client.get("/api/expected_loss", params=asked).json()["share"] == 0.02
    balance = plant.client.get("/api/mass_balance", params={"code": CHEESE}).json()
    assert balance["expected_loss"] == 0.02
    assert put(b'{"share": null}').json()["share"] is None
    assert plant.client.get("/api/expected_loss", params=asked).json()["share"] is None
    trail = list_audit(plant.database, plant.tenant_id, action="expected_loss.set")
    assert [(one.subject, one.before, one.after) for one in trail] == [
        (before["product"], {"share": 0.02}, {"share": None}),
        (before["product"], {"share": None}, {"share": 0.02}),
    ]
    for body, code in (
        (b'{"share": 2}', "trace.share_wrong"),
        (b'{"share": -0.1}', "trace.share_wrong"),
        (b'{"share": "much"}', "api.json_broken"),
        (b'{"share": true}', "api.json_broken"),
        (b'{"loss": 0.1}', "api.json_broken"),
        (b"{", "api.json_broken"),
        (b"", "api.json_broken"),
    ):
        refused = put(body)
        assert (refused.status_code, code in refused.text) == (422, True), (body, refused.text)
    for params in ({"product": CHEESE}, {"product": "?"}, {}, asked | {"share": "0.1"}):
        assert plant.client.get("/api/expected_loss", params=params).status_code == 422
    assert put(b'{"share": 0.1}', share="0.1").status_code == 422
    assert plant.stranger.put("/api/expected_loss", params=asked).status_code == 401
