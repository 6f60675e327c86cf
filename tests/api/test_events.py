"""Events for people: rows, files of all of them, one event, codes understood."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.api.conftest import Server
from tests.api.documents import document, object_event

PLACE = "https://id.gs1.org/414/9506000134307"
LOT = "https://id.gs1.org/01/09506000134352/10/LOT-1"
MASTER_DATA = {
    "epcisMasterData": {
        "vocabularyList": [
            {
                "type": "urn:epcglobal:epcis:vtype:BusinessLocation",
                "vocabularyElementList": [
                    {
                        "id": PLACE,
                        "attributes": [
                            {"id": "urn:epcglobal:cbv:mda#name", "attribute": "Dock 3"},
                            {
                                "id": "https://ns.suyuan.dev/plant/nameChinese",
                                "attribute": "三号码头",
                            },
                        ],
                    }
                ],
            }
        ]
    }
}


@pytest.fixture(scope="module")
def recorded(server: Server) -> list[dict[str, Any]]:
    """Record a few events of each kind that a list has to show."""
    events = [object_event(bizLocation={"id": PLACE}) for _ in range(60)]
    events[7]["quantityList"] = [{"epcClass": LOT, "quantity": 12.5, "uom": "KGM"}]
    events[8]["suyuan:operator"] = "=cmd|' /C calc'!A0"
    events[8]["@context"] = [{"suyuan": "https://ns.suyuan.dev/plant/"}]
    events[9]["eventID"] = "urn:x:=1+1"
    job = server.capture(document(*events, epcisHeader=MASTER_DATA))
    assert job["success"], job
    wrong = events[5]
    body = {"event_id": wrong["eventID"], "reason": "did_not_occur", "why": "a test"}
    assert server.client.post("/api/corrections", json=body).status_code == 201
    return events


def rows(server: Server, **asked: Any) -> dict[str, Any]:
    answer = server.client.get("/api/events", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_pages_give_every_event_once_in_the_order_asked_for(server, recorded):
    asked = {"orderBy": "eventTime", "orderDirection": "DESC", "perPage": 25}
    page, found = rows(server, **asked), []
    while True:
        found += [one["event_id"] for one in page["events"]]
        if page["next"] is None:
            break
        page = rows(server, **asked, nextPageToken=page["next"])
    ids = [one["eventID"] for one in recorded]
    assert len(found) == len(ids) + 1  # The declaration has the ID of its event.
    assert list(dict.fromkeys(found)) == ids[::-1]


def test_a_row_says_what_is_needed_and_whether_it_was_corrected(server, recorded):
    [event] = rows(server, EQ_eventID=recorded[7]["eventID"])["events"]
    assert event["through"] == [recorded[7]["epcList"][0], LOT]
    assert (event["type"], event["action"], event["objects"]) == ("ObjectEvent", "OBSERVE", 2)
    assert event["business_location"] == PLACE
    assert "is_corrected" not in event
    said = rows(server, EQ_eventID=recorded[5]["eventID"])["events"]
    assert [(one.get("is_corrected", False), one.get("declares")) for one in said] == [
        (True, None),
        (False, "did_not_occur"),
    ]


def test_the_standard_and_the_list_give_the_same_events(server, recorded):
    asked = {"MATCH_anyEPCClass": LOT}
    ids = [one["event_id"] for one in rows(server, **asked)["events"]]
    assert ids == [one["eventID"] for one in server.events(**asked)] == [recorded[7]["eventID"]]


def test_a_wrong_question_is_refused_with_all_that_is_wrong(server):
    for form in ("json", "csv"):
        asked = {"GE_eventTime": "yesterday", "EQ_bizStpe": "x", "format": form}
        answer = server.client.get("/api/events", params=asked)
        assert answer.status_code == 400
        assert len(answer.json()["errors"]) == 2
    assert server.client.get("/api/events?format=pdf").status_code == 422


@pytest.mark.parametrize(("language", "name"), [("en", "Dock 3"), ("zh", "三号码头")])
def test_csv_has_all_events_with_the_names_of_places(server, recorded, language, name):
    answer = server.client.get(
        "/api/events", params={"format": "csv"}, headers={"Accept-Language": language}
    )
    assert answer.headers["Content-Disposition"] == 'attachment; filename="events.csv"'
    table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(table) == len(recorded) + 2
    head = table[0]
    assert head[8] == {"en": "place", "zh": "位置"}[language]
    assert {row[8] for row in table[1:]} == {name}
    lot = next(row for row in table[1:] if row[-1] == recorded[7]["eventID"])
    assert f"{LOT} 12.5 KGM" in lot[12].split("\n")
    assert [row[18] for row in table[1:] if row[18]] == ["yes", "declaration"]


def test_xlsx_has_times_as_dates_and_no_formulas(server, recorded):
    answer = server.client.get("/api/events", params={"format": "xlsx", "orderBy": "eventTime"})
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    table = book.get_sheet_by_index(1).to_python()
    assert len(table) == len(recorded) + 2
    assert table[1][1].year == 2026
    assert b"<f>" not in answer.content


@pytest.mark.parametrize("form", ["epcis", "xml"])
def test_a_document_of_all_events_can_be_captured_again(server, recorded, form):
    answer = server.client.get("/api/events", params={"format": form})
    kind = {"epcis": "application/json", "xml": "application/xml"}[form]
    checked = server.client.post(
        "/api/check", content=answer.content, headers={"Content-Type": kind}
    ).json()
    assert checked["problems"] == 0, checked["errors"][:3]
    assert (checked["events"], checked["known"]) == (len(recorded) + 1,) * 2


def test_one_event_is_shown_as_it_was_sent_with_who_captured_it(server, recorded):
    answer = server.client.get("/api/event", params={"id": recorded[7]["eventID"]}).json()
    assert answer["body"]["quantityList"] == recorded[7]["quantityList"]
    assert answer["mentions"]["quantity"] == [{"uri": LOT, "quantity": 12.5, "uom": "KGM"}]
    assert answer["origin"]["name"] == "test"
    assert answer["declaration"] is None
    assert answer["event_hash"].startswith("ni:///sha-256;")


@pytest.mark.parametrize("wanted", ["", "urn:none", "\x00"])
def test_an_unknown_event_is_not_found(server, recorded, wanted):
    answer = server.client.get("/api/event", params={"id": wanted})
    assert (answer.status_code, answer.json()["code"]) == (404, "journal.event_unknown")


def test_codes_are_understood_in_any_spelling_and_told_apart_from_the_unknown(server, recorded):
    codes = ["(01)09506000134352(10)LOT-1", "(01)09506000134352(21)NEW", "(01)09506000134353"]
    found = server.client.get("/api/codes", params={"code": codes}).json()["codes"]
    assert (found[0]["uri"], found[0]["level"], found[0]["is_known"]) == (LOT, "lot", True)
    assert (found[1]["level"], found[1]["is_known"]) == ("instance", False)
    assert found[2]["errors"][0]["code"] == "identifier.check_digit_wrong"
    assert [one["code"] for one in found] == codes


@pytest.mark.parametrize("count", [0, 201])
def test_too_few_and_too_many_codes_are_refused(server, count):
    answer = server.client.get("/api/codes", params={"code": ["1"] * count})
    assert answer.status_code == 422
