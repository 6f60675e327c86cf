"""`/epcis/capture` and `POST /epcis/events`: events come in. 采集接口"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from fastapi import Request
from lxml import etree
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from suyuan.api import _openapi as describe
from suyuan.api._capture_jobs import (
    CORRECT,
    CaptureJob,
    find_job,
    list_jobs,
    looks_like_none,
    read_document,
    refuse_declarations,
    store_job,
)
from suyuan.api._gs1 import CaptureBehaviour, capture_behaviour
from suyuan.api._media import JSON, XML, Body, accepted, language_of, read_body
from suyuan.api._problem import (
    HttpProblem,
    as_http_problem,
    fill_problem,
    refuse,
    shown_problems,
)
from suyuan.api._request import (
    base_url,
    next_page_headers,
    page_size,
    page_token,
    path_value,
    query_pairs,
    question,
    without_paging,
)
from suyuan.api._router import Router
from suyuan.api._services import Services, caller_of, origin_of, services_of
from suyuan.errors import InvalidInput, Language, Problem
from suyuan.event import Event
from suyuan.journal import capture_master_data, timestamp, vocabularies_of

__all__ = ["router"]

router = Router(tags=["Capture"])
_XML_NAMESPACE = "urn:epcglobal:epcis:xsd:2"
_encode = msgspec.json.Encoder(decimal_format="number").encode


class _EventList(msgspec.Struct):
    """As much of a document as tells how many events it has, without reading them."""

    eventList: list[msgspec.Raw] = msgspec.field(default_factory=list)  # noqa: N815 - EPCIS


class _Envelope(msgspec.Struct):
    epcisBody: _EventList = msgspec.field(default_factory=_EventList)  # noqa: N815 - EPCIS


_decode_envelope = msgspec.json.Decoder(_Envelope).decode


@router.post("/epcis/capture", status_code=202, openapi_extra=describe.CAPTURE)
async def capture_document(request: Request) -> Response:
    """Take a document; its events are captured in the background, the answer says where to look."""
    services, caller = services_of(request), caller_of(request)
    behaviour = capture_behaviour(request)
    body = await read_body(request, services.settings.document_bytes_max)
    _check_syntax(body, services.settings.capture_events_max)
    capture_id = await run_in_threadpool(
        store_job,
        services.database,
        caller.tenant_id,
        body.data,
        media_type=body.media_type,
        rollback=behaviour is CaptureBehaviour.ROLLBACK,
        origin=origin_of(request),
        may_correct=CORRECT in caller.permissions,
    )
    services.house.wake_capture()
    answer = {"captureID": str(capture_id), "running": True, "success": True}
    return Response(
        msgspec.json.encode(answer | {"captureErrorBehaviour": behaviour}),
        202,
        {
            "Location": f"{base_url(request)}/epcis/capture/{capture_id}",
            "GS1-Capture-Error-Behaviour": behaviour,
        },
        media_type=JSON,
    )


def _check_syntax(body: Body, events_max: int) -> None:
    """Refuse at once what can't be a document, so that no job is made for it."""
    if not body.data.strip():
        raise refuse("ValidationException", "api.body_empty")
    if strange := looks_like_none(body.data, body.media_type):
        raise refuse("ValidationException", strange.code, found=strange.found)
    if body.media_type != JSON:
        return  # Whether XML is well formed is known only when all of it was read.
    try:
        msgspec.json.decode(body.data, type=msgspec.Raw)
        count = len(_decode_envelope(body.data).epcisBody.eventList)
    except msgspec.ValidationError:
        return  # It is JSON, but no document: the job will say all that is wrong.
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if _is_lines(body.data):
            return  # One event a line: the job will say all that is wrong.
        raise refuse("ValidationException", "api.json_broken", found=str(error)[:200]) from error
    if count > events_max:
        raise refuse(
            "CaptureLimitExceededException",
            "api.events_too_many",
            expected=str(events_max),
            found=str(count),
        )


def _is_lines(data: bytes) -> bool:
    """Tell whether a text begins with a line that is a JSON object by itself."""
    line, _, rest = data.lstrip().partition(b"\n")
    try:
        msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return bool(rest.strip())


@router.get("/epcis/capture", openapi_extra=describe.CAPTURE_JOBS)
def list_capture_jobs(request: Request) -> Response:
    """List capture jobs, the newest first."""
    accepted(request, (JSON,))
    services, caller = services_of(request), caller_of(request)
    pairs = query_pairs(request)
    _refuse_unknown(without_paging(pairs))
    size = page_size(request, pairs)
    token = page_token(pairs)
    after = None
    if token:
        name = question(request, pairs)
        state = services.tokens.read(caller.tenant_id, name, token, tuple[str, str])
        after = (datetime.fromisoformat(state[0]), UUID(state[1]))
    jobs = list_jobs(services.database, caller.tenant_id, jobs_max=size + 1, after=after)
    headers = {}
    if len(jobs) > size:
        last = jobs[size - 1]
        state = (last.created.isoformat(), str(last.capture_id))
        headers = next_page_headers(request, pairs, state)
    answer = msgspec.json.encode([_shown(job, language_of(request)) for job in jobs[:size]])
    return Response(answer, headers=headers, media_type=JSON)


def _refuse_unknown(pairs: list[tuple[str, str]]) -> None:
    """Refuse query parameters where there are none but those of paging."""
    if pairs:
        raise HttpProblem(
            "QueryParameterException",
            [
                Problem(code="query.parameter_unknown", where=name[:100], found=name[:100])
                for name, _ in pairs
            ],
        )


@router.get("/epcis/capture/{capture_id}", openapi_extra=describe.CAPTURE_JOB)
def show_capture_job(request: Request) -> Response:
    """Say how a capture job stands."""
    media_type = accepted(request, (JSON, XML))
    services, caller = services_of(request), caller_of(request)
    text = path_value(request, "capture_id")
    try:
        job = find_job(services.database, caller.tenant_id, UUID(text))
    except ValueError:
        job = None
    if job is None:
        raise refuse("NoSuchNameException", "api.capture_job_unknown", found=text[:200])
    if media_type == XML:
        return Response(_shown_in_xml(job, language_of(request)), media_type=XML)
    shown = _shown(job, language_of(request))
    return Response(msgspec.json.encode(shown), media_type=JSON)


def _shown(job: CaptureJob, language: Language) -> dict[str, Any]:
    """Show a job as the standard does, with the numbers that ours knows besides."""
    shown: dict[str, Any] = {
        "captureID": str(job.capture_id),
        "createdAt": timestamp(job.created),
        "running": job.finished is None,
        "success": job.success,
        "captureErrorBehaviour": "rollback" if job.rollback else "proceed",
        "errors": shown_problems(job.errors, language),
        "capturedEvents": job.captured,
        "duplicateEvents": job.duplicates,
    }
    if job.finished is not None:
        shown["finishedAt"] = timestamp(job.finished)
    elif job.progress is not None:
        shown["progress"] = msgspec.to_builtins(job.progress)
    if job.sequence is not None:
        shown["position"] = job.sequence
    return shown


def _shown_in_xml(job: CaptureJob, language: Language) -> bytes:
    """Show a job in XML; the schema has no place for our numbers."""
    shown = _shown(job, language)
    top = etree.Element(f"{{{_XML_NAMESPACE}}}EPCISCaptureJob", nsmap={"epcis": _XML_NAMESPACE})
    for name in ("running", "success"):
        top.set(name, "true" if shown[name] else "false")
    top.set("captureID", shown["captureID"])
    for name in ("captureErrorBehaviour", "createdAt", "finishedAt"):
        if name in shown:
            etree.SubElement(top, name).text = shown[name]
    if shown["errors"]:
        errors = etree.SubElement(top, "errors")
        for error in shown["errors"]:
            fill_problem(etree.SubElement(errors, "error"), error)
    return bytes(etree.tostring(top, xml_declaration=True, encoding="UTF-8"))


@router.post("/epcis/events", status_code=201, openapi_extra=describe.CAPTURE_EVENT)
async def capture_event(request: Request) -> Response:
    """Capture one event; when this is answered, it is in the journal."""
    body = await read_body(request, services_of(request).settings.document_bytes_max)
    return await run_in_threadpool(_capture_event, request, body)


def _capture_event(request: Request, body: Body) -> Response:
    services, caller = services_of(request), caller_of(request)
    tenant_id, base = caller.tenant_id, base_url(request)
    event, header = _single_event(services, body, may_correct=CORRECT in caller.permissions)
    result = services.journal(tenant_id).capture([event], origin=origin_of(request))
    outcome = result.outcomes[0]
    if outcome.problem is not None:
        services.metrics.refused.inc()
        is_taken = outcome.problem.code == "journal.event_id_taken"
        kind = "ResourceAlreadyExistsException" if is_taken else "Refused"
        raise HttpProblem(kind, [outcome.problem])
    capture_master_data(
        services.database, tenant_id, vocabularies_of(header), record_time=services.now()
    )
    services.metrics.captured.inc(result.captured)
    services.metrics.duplicates.inc(result.duplicates)
    stored = {"eventID": outcome.event_id} | event.body | {"eventID": outcome.event_id}
    return Response(
        _encode(stored),
        201 if outcome.is_new else 200,
        {
            "Location": f"{base}/epcis/events/{quote(outcome.event_id, safe='')}",
            "Suyuan-Outcome": "captured" if outcome.is_new else "duplicate",
            "Suyuan-Position": str(outcome.sequence),
        },
        media_type=JSON,
    )


def _single_event(
    services: Services, body: Body, *, may_correct: bool
) -> tuple[Event, dict[str, Any]]:
    try:
        document = read_document(body.data, body.media_type, services.settings)
    except InvalidInput as error:
        raise as_http_problem(error) from error
    if document.problems:
        services.metrics.refused.inc()
        raise HttpProblem("ValidationException", document.problems)
    if not may_correct:
        refuse_declarations(document)
        if document.problems:
            raise HttpProblem("Forbidden", document.problems)
    if len(document.events) != 1:
        raise refuse("ValidationException", "api.event_not_single", found=str(len(document.events)))
    return document.events[0], document.header
