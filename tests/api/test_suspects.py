"""What suspects share, and what changed, over HTTP; details and counts of an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from suyuan.store import Database
from tests.api.conftest import Server, make_server
from tests.trace.story import lot
from tests.trace.test_common import DOUGHS, bakery


@pytest.fixture(scope="module")
def bakeries(embedded_databases: Callable[[], Database]) -> Iterator[Server]:
    """Give a server that has recorded two bakings, and a correction after them."""
    for server in make_server(embedded_databases()):
        story = bakery()
        wrong = story.entries[-1].event
        _capture(server, [entry.event for entry in story.entries])
        declaration = {"declarationTime": "2026-03-02T00:00:00Z", "reason": "incorrect_data"}
        _capture(server, [{**wrong, "errorDeclaration": declaration}])
        yield server


def _capture(server: Server, events: list[dict[str, Any]]) -> None:
    job = server.capture(
        {
            "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-03-01T00:00:00Z",
            "epcisBody": {"eventList": events},
        }
    )
    assert not job["errors"]


def _ask(server: Server, question: str, **parameters: Any) -> httpx.Response:
    return server.client.get(f"/api/{question}", params=parameters)


def test_what_suspects_share_is_ranked(bakeries: Server) -> None:
    answer = _ask(bakeries, "common", code=DOUGHS[:4])
    assert answer.status_code == 200, answer.text
    found = answer.json()
    first = found["shared"][0]
    assert (first["kind"], first["value"], first["rank"]) == ("lot", lot("flour", "A"), 1)
    assert (first["suspects"], first["rest"], found["rest"]) == (4, 0, 3)
    assert answer.headers["X-Suyuan-Position"] == str(found["position"])
    given = _ask(bakeries, "common", code=DOUGHS[:2], rest=DOUGHS[2:5], rest_max=2).json()
    assert (given["rest"], given["rest_taken"]) == (3, 2)


def test_a_correction_is_what_changed_between_two_positions(bakeries: Server) -> None:
    now = _ask(bakeries, "track_forward", code=lot("flour", "B")).json()
    asked = {"code": lot("flour", "B"), "before": str(now["position"] - 1)}
    found = _ask(bakeries, "compare", **asked).json()
    assert found["objects"] == {"came": 0, "went": 1, "changed": 0, "unchanged": now["objects"]}
    (change,) = found["changes"]
    assert (change["change"], change["uri"]) == ("went", DOUGHS[7])
    assert found["after"]["position"] == now["position"]
    table = _ask(bakeries, "compare", **asked, format="csv")
    assert "compare.csv" in table.headers["content-disposition"]
    assert DOUGHS[7] in table.text
    same = _ask(bakeries, "compare", **asked, after=asked["before"]).json()
    assert same["changes"] == []
    back = {"code": DOUGHS[0], "direction": "back", "until": "2026-03-01", "before": "2100-01-01"}
    assert _ask(bakeries, "compare", **back).json()["changes"] == []


def test_details_and_counts_are_told_where_they_are_asked_for(bakeries: Server) -> None:
    plain = _ask(bakeries, "track_forward", code=lot("flour", "A")).json()
    assert not {"lots", "days"} & plain.keys()
    assert all("quantity" not in one for one in plain["object_list"])
    flags = {"details": "true", "by_lot": "true", "by_day": "true"}
    told = _ask(bakeries, "track_forward", code=lot("flour", "A"), **flags).json()
    assert {one["quantity"] for one in told["object_list"]} == {15}
    assert {one["lot"] for one in told["lots"]} == set(DOUGHS[:4])
    assert sum(one["certain"] + one["possible"] for one in told["days"]) == told["objects"]
    table = _ask(bakeries, "track_forward", code=lot("flour", "A"), details="true", format="csv")
    assert "first_time" in table.text.splitlines()[0]


@pytest.mark.parametrize(
    ("question", "parameters", "codes"),
    [
        ("common", {}, ["api.codes_wrong_number"]),
        (
            "common",
            {"code": DOUGHS[0], "rest_max": "0", "until": "soon", "since": "2026-03-01"},
            ["query.integer_wrong", "trace.time_malformed", "api.parameter_unknown"],
        ),
        ("common", {"code": DOUGHS[0], "rest": DOUGHS[0]}, ["trace.suspect_in_rest"]),
        ("compare", {"code": DOUGHS[0]}, ["api.parameter_missing"]),
        (
            "compare",
            {"direction": "up", "format": "pdf", "before": "soon"},
            [
                "api.parameter_wrong",
                "api.format_unknown",
                "trace.time_malformed",
                "api.codes_wrong_number",
            ],
        ),
        (
            "compare",
            {"code": DOUGHS[0], "until": "2026-03-01"},
            ["api.parameter_missing", "api.parameter_wrong"],
        ),
        ("compare", {"code": DOUGHS[0], "before": "999999"}, ["trace.position_unknown"]),
        ("compare", {"code": "(01)123", "before": "1"}, None),
    ],
)
def test_bad_questions_are_refused_with_all_that_is_wrong(
    bakeries: Server, question: str, parameters: dict[str, Any], codes: list[str] | None
) -> None:
    answer = _ask(bakeries, question, **parameters)
    assert answer.status_code == 422, answer.text
    if codes is not None:
        assert [one["code"] for one in answer.json()["errors"]] == codes


def test_what_was_never_seen_is_not_found(bakeries: Server) -> None:
    for question, more in (("common", {}), ("compare", {"before": "1"})):
        answer = _ask(bakeries, question, code=lot("dough", "NEVER"), **more)
        assert (answer.status_code, answer.json()["code"]) == (404, "trace.object_unknown")
