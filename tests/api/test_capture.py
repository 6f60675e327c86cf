"""Capture over HTTP: jobs, single events, limits, compression, corrections."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import httpx
import pytest

from suyuan.account import make_api_key
from suyuan.api import _capture_progress, create_app
from suyuan.api._capture_jobs import CaptureWorker, find_job, store_job
from suyuan.api._capture_progress import CaptureTeller
from suyuan.api._metrics import Metrics
from suyuan.journal import Journal, Stored
from suyuan.settings import Settings
from tests.api.conftest import event_list, listening, make_server
from tests.api.documents import CONTEXT, document, object_event


def bad_event() -> dict:
    return object_event(epcList=["urn:epc:id:sgtin:wrong"])


def test_a_document_is_taken_as_a_job_that_ends_with_its_numbers(server):
    events = [object_event(), object_event()]
    first = server.capture(document(*events))
    assert (first["success"], first["capturedEvents"], first["duplicateEvents"]) == (True, 2, 0)
    assert first["captureErrorBehaviour"] == "rollback"
    assert first["errors"] == []
    assert first["finishedAt"] >= first["createdAt"]
    again = server.capture(document(*events))
    assert (again["success"], again["capturedEvents"], again["duplicateEvents"]) == (True, 0, 2)


def test_rollback_captures_nothing_when_one_event_is_bad(server):
    good = object_event()
    job = server.capture(document(good, bad_event(), bad_event()))
    assert not job["success"]
    assert job["capturedEvents"] == 0
    wheres = [error["where"] for error in job["errors"]]
    assert [where.split("/")[3] for where in wheres] == ["1", "2"]
    assert all(error["type"] == "epcisException:ValidationException" for error in job["errors"])
    assert all(error["code"] and error["title"] and error["detail"] for error in job["errors"])
    assert server.events(EQ_eventID=good["eventID"]) == []


def test_proceed_captures_the_good_events_of_a_bad_document(server):
    good = object_event()
    job = server.capture(document(bad_event(), good), **{"GS1-Capture-Error-Behaviour": "proceed"})
    assert (job["success"], job["capturedEvents"], len(job["errors"])) == (False, 1, 1)
    assert job["captureErrorBehaviour"] == "proceed"
    assert server.events(EQ_eventID=good["eventID"])


def test_a_job_is_shown_in_xml_too(server):
    job = server.capture(document(bad_event()))
    answer = server.client.get(
        f"/epcis/capture/{job['captureID']}", headers={"Accept": "application/xml"}
    )
    assert answer.headers["Content-Type"] == "application/xml"
    assert 'running="false" success="false"' in answer.text
    assert "<captureErrorBehaviour>rollback</captureErrorBehaviour>" in answer.text
    assert "epcisException:ValidationException" in answer.text


def test_jobs_are_listed_the_newest_first_and_page_by_page(fresh_server):
    made = [fresh_server.capture(document(object_event()))["captureID"] for _ in range(5)]
    found: list[str] = []
    address = "/epcis/capture?perPage=2"
    while address:
        answer = fresh_server.client.get(address)
        found += [job["captureID"] for job in answer.json()]
        address = answer.links.get("next", {}).get("url", "")
    assert found == made[::-1]


def test_a_job_of_another_tenant_is_not_there(server):
    other = server.database.make_tenant("other")
    capture_id = store_job(
        server.database, other, b"{}", media_type="application/json", rollback=True
    )
    assert server.client.get(f"/epcis/capture/{capture_id}").status_code == 404


def test_xml_is_captured(server):
    event = object_event()
    server.capture(document(event))
    xml = server.client.get(
        "/epcis/events",
        params={"EQ_eventID": event["eventID"]},
        headers={"Accept": "application/xml", "GS1-EPC-Format": "Never_Translates"},
    )
    job = server.capture(xml.content, **{"Content-Type": "application/xml"})
    assert (job["success"], job["duplicateEvents"]) == (True, 1), job


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
)
def test_a_compressed_document_is_captured(server, encoding, pack):
    body = pack(json.dumps(document(object_event())).encode())
    job = server.capture(body, **{"Content-Encoding": encoding})
    assert job["capturedEvents"] == 1


def test_several_gzip_members_are_one_body(server):
    text = json.dumps(document(object_event())).encode()
    body = gzip.compress(text[:50]) + gzip.compress(text[50:])
    assert server.capture(body, **{"Content-Encoding": "gzip"})["capturedEvents"] == 1


@pytest.mark.parametrize("path", ["/epcis/capture", "/epcis/events"])
@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Type": "text/plain"}, b"{}", 415),
        ({"Content-Type": "application/json; charset=latin-1"}, b"{}", 415),
        ({"Content-Type": "application/json", "Content-Encoding": "br"}, b"{}", 415),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, b"no gzip", 400),
        (
            {"Content-Type": "application/json", "Content-Encoding": "gzip"},
            gzip.compress(b"{}", mtime=0)[:9],
            400,
        ),
        ({"Content-Type": "application/json"}, b"", 400),
        ({"Content-Type": "application/json"}, b"{", 400),
        ({"Content-Type": "application/json"}, b"[" * 100_000, 400),
        ({"Content-Type": "application/json", "GS1-EPCIS-Version": "3.0"}, b"{}", 406),
        ({"Content-Type": "application/json", "GS1-EPCIS-Version": "two"}, b"{}", 400),
    ],
)
def test_what_cannot_be_a_document_is_refused_at_once(server, path, headers, body, status):
    answer = server.client.post(path, content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"]


@pytest.fixture(scope="module")
def small_server(embedded_databases):
    yield from make_server(
        embedded_databases(), document_bytes_max=4096, capture_events_max=2, page_size_max=2
    )


def test_limits_are_announced_and_kept(small_server):
    client = small_server.client
    announced = client.options("/epcis/capture").headers
    assert announced["GS1-EPCIS-Capture-Limit"] == "2"
    assert announced["GS1-EPCIS-Capture-File-Size-Limit"] == "4096"
    assert announced["GS1-Capture-Error-Behaviour"] == "all"
    many = client.post("/epcis/capture", json=document(*(object_event() for _ in range(3))))
    large = client.post("/epcis/capture", json=document(object_event(**{"ex:a": "x" * 5000})))
    bomb = client.post(
        "/epcis/capture",
        content=gzip.compress(b" " * 10_000_000),
        headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
    )
    for answer in (many, large, bomb):
        assert answer.status_code == 413
        assert answer.json()["type"] == "epcisException:CaptureLimitExceededException"


def test_a_page_is_no_larger_than_the_settings_say(small_server):
    small_server.capture(document(object_event(), object_event()))
    small_server.capture(document(object_event()))
    assert len(small_server.events(perPage=1000)) == 2


def test_one_event_is_captured_when_it_is_answered(server):
    event = {"@context": [CONTEXT]} | object_event()
    del event["eventID"]
    answer = server.client.post("/epcis/events", json=event)
    assert answer.status_code == 201, answer.text
    assert answer.json()["eventID"].startswith("ni:///sha-256;")
    found = server.client.get(answer.headers["Location"])
    assert [one["eventID"] for one in event_list(found.json())] == [answer.json()["eventID"]]


def test_the_same_event_again_is_told_and_other_content_refused(server):
    event = {"@context": [CONTEXT]} | object_event()
    first = server.client.post("/epcis/events", json=event)
    again = server.client.post("/epcis/events", json=event)
    other = server.client.post("/epcis/events", json=event | {"bizStep": "receiving"})
    assert (first.status_code, first.headers["Suyuan-Outcome"]) == (201, "captured")
    assert (again.status_code, again.headers["Suyuan-Outcome"]) == (200, "duplicate")
    assert again.headers["Location"] == first.headers["Location"]
    assert other.status_code == 409
    assert other.json()["type"] == "epcisException:ResourceAlreadyExistsException"
    assert other.json()["code"] == "journal.event_id_taken"


def test_several_events_are_not_one(server):
    answer = server.client.post("/epcis/events", json=document(object_event(), object_event()))
    assert (answer.status_code, answer.json()["code"]) == (400, "api.event_not_single")


def test_an_event_declared_in_error_comes_with_its_declaration(server):
    event = object_event()
    declaration = event | {
        "errorDeclaration": {
            "declarationTime": "2026-03-03T00:00:00Z",
            "reason": "did_not_occur",
            "correctiveEventIDs": ["urn:uuid:00000000-0000-4000-8000-999999999999"],
        }
    }
    server.capture(document(event))
    server.capture(document(declaration))
    answer = server.client.get(f"/epcis/events/{event['eventID']}")
    found = event_list(answer.json())
    assert ["errorDeclaration" in one for one in found] == [False, True]
    for parameters in (
        {"EXISTS_errorDeclaration": "true"},
        {"EQ_errorReason": "urn:epcglobal:cbv:er:did_not_occur"},
        {"GE_errorDeclarationTime": "2026-03-03T00:00:00Z"},
        {"EQ_correctiveEventID": "urn:uuid:00000000-0000-4000-8000-999999999999"},
    ):
        assert [one["eventID"] for one in server.events(**parameters)] == [event["eventID"]]


def test_a_job_is_done_by_whichever_process_comes_next(database):
    """A killed worker leaves the job as it was: nothing is lost, nothing comes twice."""
    tenant_id = database.make_tenant("default")
    payload = json.dumps(document(object_event(), object_event())).encode()
    store_job(database, tenant_id, payload, media_type="application/json", rollback=True)
    journal = Journal(database, tenant_id)
    worker = CaptureWorker(database, Settings(), Metrics(), lambda _: journal)

    class Killed(BaseException):
        pass

    def dies(*_: object) -> None:
        raise Killed

    dying = CaptureWorker(database, Settings(), Metrics(), lambda _: journal)
    dying._finish = dies  # type: ignore[method-assign]
    with pytest.raises(Killed):
        dying.work_once()  # The events are in the journal, the job is not done.
    assert journal.position() == 2
    assert worker.work_once()
    assert not worker.work_once()
    assert journal.position() == 2


def test_a_job_that_still_runs_has_succeeded_so_far(database):
    """EPCIS 2.0, OpenAPI, CaptureJob: running with success means no error until now."""
    app = create_app(database, Settings(log_level="error"))
    key = make_api_key(database, database.make_tenant("default"), name="test").secret
    with (
        listening(app, lifespan="off") as url,  # So the worker stands still.
        httpx.Client(base_url=url, headers={"X-API-Key": key}, timeout=30) as client,
    ):
        taken = client.post("/epcis/capture", json=document(object_event(), bad_event()))
        address = taken.headers["Location"]
        listed = client.get("/epcis/capture").json()
        for job in (taken.json(), client.get(address).json(), *listed):
            assert (job["running"], job["success"]) == (True, True)
            assert not job.get("errors")
        xml = client.get(address, headers={"Accept": "application/xml"}).text
        assert 'running="true" success="true"' in xml
        services = app.state.services
        CaptureWorker(database, services.settings, services.metrics, services.journal).work_once()
        job = client.get(address).json()
        assert (job["running"], job["success"], len(job["errors"])) == (False, False, 1)


def test_the_errors_of_a_job_come_in_the_language_asked_for(server):
    answer = server.client.post("/epcis/capture", json=document(bad_event()))
    address = answer.headers["Location"]
    (english,) = server.wait_for(address)["errors"]
    wanted = {"Accept-Language": "zh"}
    (chinese,) = server.client.get(address, headers=wanted).json()["errors"]
    assert chinese["detail"].startswith("EPC 方案 sgtin 应有 3 个部分")
    assert chinese["title"] == "数据无效"
    told = ("title", "detail")
    facts = [{k: v for k, v in one.items() if k not in told} for one in (english, chinese)]
    assert facts[0] == facts[1]
    xml = server.client.get(address, headers=wanted | {"Accept": "application/xml"})
    assert "数据无效" in xml.text


def test_a_job_in_hand_is_left_alone_by_other_workers(database):
    tenant_id = database.make_tenant("default")
    for _ in range(2):
        payload = json.dumps(document(object_event())).encode()
        store_job(database, tenant_id, payload, media_type="application/json", rollback=True)
    journal = Journal(database, tenant_id)
    other = CaptureWorker(database, Settings(), Metrics(), lambda _: journal)
    seen: list[bool] = []

    def meanwhile(_: int) -> Journal:
        if not seen:
            seen.append(True)
            seen.append(other.work_once())
            seen.append(other.work_once())
        return journal

    worker = CaptureWorker(database, Settings(), Metrics(), meanwhile)
    assert worker.work_once()
    assert seen == [True, True, False]
    assert journal.position() == 2


def test_a_job_that_makes_the_worker_fail_does_not_hold_up_the_others(database):
    tenant_id = database.make_tenant("default")
    ids = []
    for _ in range(2):
        payload = json.dumps(document(object_event())).encode()
        kept = {"media_type": "application/json", "rollback": True}
        ids.append(store_job(database, tenant_id, payload, **kept))
    journal = Journal(database, tenant_id)
    answers = iter([lambda: 1 / 0, lambda: journal])
    worker = CaptureWorker(
        database, Settings(log_level="error"), Metrics(), lambda _: next(answers)()
    )
    assert [worker.work_once() for _ in range(3)] == [True, True, False]
    jobs = [find_job(database, tenant_id, capture_id) for capture_id in ids]
    assert [(job.success, job.captured) for job in jobs] == [(False, 0), (True, 1)]
    assert jobs[0].errors[0]["code"] == "api.job_failed"


def test_a_job_tells_how_far_it_is_while_its_events_are_not_there_yet(database, monkeypatch):
    monkeypatch.setattr(_capture_progress, "_TOLD_S", 0.0)
    app = create_app(database, Settings(log_level="error"))
    tenant_id = database.make_tenant("default")
    key = make_api_key(database, tenant_id, name="test").secret
    document_of_200 = document(*[object_event() for _ in range(200)])
    seen: list[dict[str, Any]] = []
    with (
        listening(app, lifespan="off") as url,  # So the worker stands still.
        httpx.Client(base_url=url, headers={"X-API-Key": key}, timeout=30) as client,
    ):
        taken = client.post("/epcis/capture", json=document_of_200)

        def look(*_: object) -> tuple[()]:
            seen.append(client.get(taken.headers["Location"]).json())
            xml = client.get(taken.headers["Location"], headers={"Accept": "application/xml"})
            assert "progress" not in xml.text  # Their schema has no place for it.
            return ()

        def meanwhile(_: int) -> Journal:
            look()
            return Journal(database, tenant_id, guards=[look])

        worker = CaptureWorker(database, Settings(), Metrics(), meanwhile)
        assert "progress" not in client.get(taken.headers["Location"]).json()
        assert worker.work_once()
        look()
    read, checked, done = seen
    size = read["progress"]["bytes"]
    assert [one["running"] for one in seen] == [True, True, False]
    assert read["progress"] == {
        "phase": "reading",
        "percent": 22,
        "bytes": size,
        "bytesRead": size,
        "eventsRead": 200,
        "eventsChecked": 0,
        "eventsStored": 0,
    }
    assert checked["progress"]["phase"] == "checking"
    assert checked["progress"]["percent"] == 39
    assert checked["progress"]["eventsChecked"] == 192
    assert checked["capturedEvents"] == 0
    assert ("progress" in done, done["capturedEvents"]) == (False, 200)


def test_what_is_written_is_told_but_counts_only_at_the_end(database, monkeypatch):
    monkeypatch.setattr(_capture_progress, "_TOLD_S", 0.0)
    tenant_id = database.make_tenant("default")
    kept = {"media_type": "application/json", "rollback": True}
    capture_id = store_job(database, tenant_id, b"{}", **kept)
    teller = CaptureTeller(database, tenant_id, capture_id, 2)
    assert len(list(teller.checking(range(1000)))) == 1000
    teller.stored(Stored(0.5, 256))
    job = find_job(database, tenant_id, capture_id)
    assert (job.progress.phase, job.progress.percent) == ("storing", 70)
    assert (job.progress.events_checked, job.progress.events_stored) == (1000, 256)
    assert job.captured == 0
