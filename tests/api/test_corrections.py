"""A correction over HTTP: whole or not at all, once, with a reason, by who may."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest

from suyuan.account import RoleGrant, make_api_key
from tests.api.conftest import Server
from tests.api.documents import CONTEXT, document, object_event
from tests.api.people import make_user, signed_in

WHY = "the wrong pallet was scanned"


def captured(server: Server, **fields: Any) -> dict[str, Any]:
    """Put an event into the journal, and give it as the journal has it."""
    event = object_event(**fields)
    job = server.capture(document(event))
    assert job["success"], job
    return event


def replacement(event: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Give what is right instead of an event, as a form sends it."""
    return {"@context": [CONTEXT]} | event | fields


def ask(server: Server, event: dict[str, Any], *right: dict[str, Any], **more: Any) -> Any:
    reason = "incorrect_data" if right else "did_not_occur"
    body = {"event_id": event["eventID"], "reason": reason, "why": WHY, "replacements": right}
    return server.client.post("/api/corrections", json=body | more)


def shown(server: Server, event_id: str) -> dict[str, Any]:
    answer = server.client.get("/api/event", params={"id": event_id})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_story_shows_corrections_to_whoever_asks_and_a_day_counts_without_them(server):
    """What is right is about another thing here, and each story tells its side."""
    day = "2019-03-04"
    items = [f"https://id.gs1.org/01/09506000134352/21/DAY{n}" for n in range(2)]
    wrong = captured(server, epcList=[items[0]], eventTime=f"{day}T08:00:00.000Z")
    [right] = ask(server, wrong, replacement(wrong, epcList=[items[1]])).json()["replacement_ids"]
    unmarked, marked = (
        [
            server.client.get("/api/history", params={"code": item} | more).json()["events"]
            for item in items
        ]
        for more in ({}, {"corrections": "true"})
    )
    assert [[one["event_id"] for one in events] for events in unmarked] == [[], [right]]
    assert "replaces" not in unmarked[1][0]
    said = marked[0][0]["corrected"]
    assert (said["reason"], said["why"]) == ("incorrect_data", WHY)
    assert said["corrective_event_ids"] == [right]
    assert marked[1][0]["replaces"] == said
    before = {"code": items[0], "corrections": "true", "as_of": "2019-03-05T00:00:00Z"}
    assert server.client.get("/api/history", params=before).status_code == 404
    told = server.client.get("/api/today", params={"day": day, "time_zone": "UTC"}).json()
    assert (told["events"], sum(told["hours"]), told["placed"]) == (1, 1, 1)
    assert [one["events"] for one in told["steps"]] == [1]
    lately = [one["seen"]["event_id"] for one in told["lately"]]
    assert right in lately
    assert wrong["eventID"] not in lately


def test_a_correction_declares_the_event_in_error_and_names_what_is_right(server):
    wrong = captured(server)
    code = "https://id.gs1.org/01/09506000134352/21/RIGHT"
    answer = ask(server, wrong, replacement(wrong, epcList=[code]))
    assert answer.status_code == 201, answer.text
    [right] = answer.json()["replacement_ids"]
    assert right != wrong["eventID"]
    told = shown(server, wrong["eventID"])
    said = told["declaration"]
    assert (said["reason"], said["why"]) == ("incorrect_data", WHY)
    assert said["corrective_event_ids"] == [right]
    assert told["row"]["is_corrected"]
    assert shown(server, right)["corrects"] == [wrong["eventID"]]
    [declared] = server.events(EQ_eventID=wrong["eventID"], EXISTS_errorDeclaration="true")
    assert declared["errorDeclaration"]["correctiveEventIDs"] == [right]
    assert declared["epcList"] == wrong["epcList"]
    xml = server.client.get(
        f"/epcis/events/{quote(wrong['eventID'], safe='')}", headers={"Accept": "application/xml"}
    )
    assert WHY in xml.text


def test_the_story_of_an_object_leaves_out_what_was_corrected_and_tells_what_is_right(server):
    wrong = captured(server)
    [code] = wrong["epcList"]
    captured(server, epcList=[code], bizStep="receiving")
    ask(server, wrong, replacement(wrong, bizStep="packing"))
    story = server.client.get("/api/history", params={"code": code}).json()["events"]
    assert [one["business_step"].rpartition("-")[2] for one in story] == ["packing", "receiving"]


def test_the_audit_trail_tells_who_corrected_what_and_why(server):
    wrong = captured(server)
    ask(server, wrong)
    [entry] = server.client.get(
        "/api/audit", params={"subject": f"event:{wrong['eventID']}"}
    ).json()["entries"]
    assert (entry["action"], entry["actor_name"], entry["why"]) == ("event.correct", "test", WHY)
    assert entry["after"]["reason"] == "did_not_occur"


def test_a_correction_made_twice_stands_once(server):
    wrong = captured(server)
    right = replacement(wrong, bizStep="packing")
    first, second = ask(server, wrong, right), ask(server, wrong, right)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["replacement_ids"] == second.json()["replacement_ids"]
    assert not second.json()["is_new"]
    assert len(server.events(EQ_eventID=wrong["eventID"])) == 2


def test_another_correction_of_the_same_event_is_refused(server):
    wrong = captured(server)
    ask(server, wrong)
    refused = ask(server, wrong, replacement(wrong, bizStep="packing"))
    assert (refused.status_code, refused.json()["code"]) == (409, "journal.event_corrected")
    assert len(server.events(EQ_eventID=wrong["eventID"])) == 2


def test_of_two_corrections_at_once_one_stands_whole_and_nothing_of_the_other(server):
    for _ in range(5):
        wrong = captured(server)
        rights = [replacement(wrong, bizStep=step) for step in ("packing", "storing", "loading")]
        with ThreadPoolExecutor(len(rights)) as pool:
            answers = list(pool.map(lambda one, event=wrong: ask(server, event, one), rights))
        assert sorted(one.status_code for one in answers) == [201, 409, 409]
        [code] = wrong["epcList"]
        story = server.client.get("/api/history", params={"code": code}).json()["events"]
        assert len(story) == 1


def test_the_same_correction_at_once_is_recorded_once_and_refused_to_nobody(server):
    wrong = captured(server)
    right = replacement(wrong, bizStep="packing")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: ask(server, wrong, right), range(4)))
    assert sorted(one.status_code for one in answers) == [200, 200, 200, 201]


def test_nothing_is_recorded_when_a_replacement_is_refused(server):
    wrong, other = captured(server), captured(server)
    before = server.client.get("/api/events").json()["position"]
    taken = ask(server, wrong, replacement(wrong, bizStep="packing", eventID=other["eventID"]))
    assert taken.status_code == 409
    assert taken.json()["errors"][0]["where"] == "/replacements/0"
    again = ask(server, wrong, replacement(other))  # Recorded already, so nothing new is right.
    assert (again.status_code, again.json()["code"]) == (409, "journal.replacement_recorded")
    assert server.client.get("/api/events").json()["position"] == before
    assert (
        server.client.get("/api/audit", params={"subject": f"event:{wrong['eventID']}"}).json()[
            "entries"
        ]
        == []
    )


def test_what_was_corrected_can_be_corrected_back(server):
    wrong = captured(server)
    [right] = ask(server, wrong, replacement(wrong, bizStep="packing")).json()["replacement_ids"]
    plain = {name: value for name, value in wrong.items() if name != "eventID"}
    back = ask(server, {"eventID": right}, replacement(plain))
    assert back.status_code == 201, back.text
    story = server.client.get("/api/history", params={"code": wrong["epcList"][0]}).json()
    assert [one["event_id"] for one in story["events"]] == back.json()["replacement_ids"]


def test_everything_that_is_wrong_is_said_at_once_with_its_place(server):
    wrong = captured(server)
    answer = ask(
        server,
        wrong,
        {"@context": [CONTEXT], "type": "ObjectEvent", "eventTime": "yesterday"},
        replacement(wrong, action="MAYBE"),
    )
    assert answer.status_code == 422
    places = [one["where"] for one in answer.json()["errors"]]
    assert "/replacements/0/eventTime" in places
    assert "/replacements/1/action" in places


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"why": "  "}, "journal.why_missing"),
        ({"why": "x" * 1001}, "account.text_wrong"),
        ({"reason": "did_not_occur", "replacements": "changed"}, "journal.replacement_needless"),
        ({"replacements": "same"}, "journal.replacement_unchanged"),
        ({"replacements": "twice"}, "journal.replacement_repeated"),
        ({"replacements": "declaration"}, "journal.replacement_declares"),
    ],
)
def test_what_is_no_correction_is_refused_with_its_reason(server, change, code):
    wrong = captured(server)
    declares = {"declarationTime": "2026-03-03T00:00:00Z", "reason": "did_not_occur"}
    rights = {
        "changed": [replacement(wrong, bizStep="packing")],
        "same": [replacement(wrong)],
        "twice": [replacement(wrong, bizStep="packing")] * 2,
        "declaration": [replacement(wrong, bizStep="packing", errorDeclaration=declares)],
    }
    right = rights[change.get("replacements", "changed")]
    reason = change.get("reason", "incorrect_data")
    answer = ask(server, wrong, *right, reason=reason, why=change.get("why", WHY))
    assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b'{"event_id": "x"}', 400),
        (b'{"event_id": "\\u0000", "reason": "did_not_occur", "why": "x"}', 404),
        (b'{"event_id": "none", "reason": "did_not_occur", "why": "x"}', 404),
        (b'{"event_id": "none", "reason": "other", "why": "x"}', 400),
    ],
)
def test_a_body_that_is_no_correction_is_refused(server, body, status):
    answer = server.client.post(
        "/api/corrections", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == status, answer.text


def test_a_dry_run_tells_what_would_change_and_changes_nothing(server):
    wrong = captured(server)
    [code] = wrong["epcList"]
    later = captured(server, epcList=[code], bizStep="receiving")
    gone = captured(server, epcList=[code], bizStep="storing")
    ask(server, gone)
    other = "https://id.gs1.org/01/09506000134352/21/OTHER"
    told = ask(server, wrong, replacement(wrong, epcList=[other]), dry_run=True)
    assert told.status_code == 200, told.text
    changes = {one["uri"]: one["change"] for one in told.json()["object_list"]}
    assert changes == {code: "removed", other: "added"}
    assert [one["event_id"] for one in told.json()["later"]["events"]] == [later["eventID"]]
    assert shown(server, wrong["eventID"])["declaration"] is None


def test_who_may_not_correct_may_not_by_any_door(server):
    wrong = captured(server)
    declaration = wrong | {
        "errorDeclaration": {
            "declarationTime": "2026-03-03T00:00:00Z",
            "reason": "did_not_occur",
        }
    }
    scope = ["event.read", "event.capture"]
    secret = make_api_key(server.database, server.tenant_id, name="line", scope=scope).secret
    key = {"Authorization": f"Bearer {secret}"}
    operator = signed_in(server, make_user(server, "op", RoleGrant(role="operator")))
    for headers, client in ((key, server.stranger), ({}, operator)):
        body = {"event_id": wrong["eventID"], "reason": "did_not_occur", "why": WHY}
        answer = client.post("/api/corrections", json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "api.permission_missing")
        single = {"@context": [CONTEXT]} | declaration
        answer = client.post("/epcis/events", json=single, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "api.correction_denied")
        checked = client.post("/api/check", json=document(declaration), headers=headers).json()
        assert [one["code"] for one in checked["errors"]] == ["api.correction_denied"]
        good = object_event()
        for behaviour, kept in (("rollback", 0), ("proceed", 1)):
            answer = client.post(
                "/epcis/capture",
                json=document(declaration, good),
                headers=headers | {"GS1-Capture-Error-Behaviour": behaviour},
            )
            job = server.wait_for(answer.headers["Location"])
            assert [one["code"] for one in job["errors"]] == ["api.correction_denied"]
            assert job["capturedEvents"] == kept
    assert shown(server, wrong["eventID"])["declaration"] is None
    assert server.capture(document(declaration))["success"]  # Who may, may by that door too.


def test_the_record_tells_who_captured_and_who_corrected(server):
    wrong = captured(server)
    lead = signed_in(server, make_user(server, "lead", RoleGrant(role="production_lead")))
    body = {"event_id": wrong["eventID"], "reason": "did_not_occur", "why": WHY}
    assert lead.post("/api/corrections", json=body).status_code == 201
    told = shown(server, wrong["eventID"])
    assert told["origin"]["name"] == "test"
    assert told["declaration"]["origin"]["name"] == "lead"
