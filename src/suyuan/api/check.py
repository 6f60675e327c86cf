"""`/api/check`: everything that is wrong with a document, and nothing captured. 检查文档"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from suyuan.api import _openapi_events as describe
from suyuan.api._capture_jobs import (
    CORRECT,
    looks_like_none,
    read_document,
    refuse_declarations,
)
from suyuan.api._event_rows import THINGS, mentioned
from suyuan.api._media import Body, language_of, read_body
from suyuan.api._problem import refuse
from suyuan.api._router import Router
from suyuan.api._services import caller_of, services_of
from suyuan.errors import InvalidInput, Problem
from suyuan.event import Document, Event
from suyuan.journal import Outcome, vocabularies_of

__all__ = ["router"]

router = Router(prefix="/api", tags=["Capture"])
_ERRORS_MAX = 1_000
_EVENTS_SHOWN = 200
_THINGS_SHOWN = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_encode = msgspec.json.Encoder().encode


@router.post("/check", openapi_extra=describe.CHECK)
async def check_document(request: Request) -> Response:
    """Say everything that a capture of a document would answer, and capture nothing."""
    body = await read_body(request, services_of(request).settings.document_bytes_max)
    if not body.data.strip():
        raise refuse("ValidationException", "api.body_empty")
    return await run_in_threadpool(_check, request, body)


def _check(request: Request, body: Body) -> Response:
    services, caller = services_of(request), caller_of(request)
    try:
        if strange := looks_like_none(body.data, body.media_type):
            raise InvalidInput(strange)
        document = read_document(body.data, body.media_type, services.settings)
    except InvalidInput as error:
        document = Document(kind="document", problems=list(error.problems))
    if CORRECT not in caller.permissions:
        refuse_declarations(document)
    outcomes = services.journal(caller.tenant_id).foresee(document.events)
    problems = [
        *document.problems,
        *(
            replace(one.problem, where=f"event {position}")
            for position, one in zip(document.positions, outcomes, strict=True)
            if one.problem
        ),
    ]
    language = language_of(request)
    answer = {
        "is_valid": not problems,
        "kind": document.kind,
        "events": len(document.events),
        "event_types": dict(sorted(Counter(one.body["type"] for one in document.events).items())),
        "known": sum(one.sequence is not None and not one.is_new for one in outcomes),
        "master_data": sum(
            len(one.get("vocabularyElementList", ())) for one in vocabularies_of(document.header)
        ),
        "problems": len(problems),
        "errors": [one.as_dict(language) for one in problems[:_ERRORS_MAX]],
        "event_list": [
            _shown(position, event, outcome)
            for position, event, outcome in list(
                zip(document.positions, document.events, outcomes, strict=True)
            )[:_EVENTS_SHOWN]
        ],
    }
    return Response(_encode(answer), media_type="application/json")


def _shown(position: int, event: Event, outcome: Outcome) -> dict[str, Any]:
    things = mentioned(event, *THINGS)
    return {
        "position": position,
        "event_id": outcome.event_id,
        "type": event.body["type"],
        "event_time": _EPOCH + timedelta(microseconds=event.event_time),
        "business_step": event.business_step,
        "is_declaration": event.is_error_declaration,
        "outcome": _word(outcome.problem, is_new=outcome.is_new),
        "things": things[:_THINGS_SHOWN],
        "objects": len(things),
    }


def _word(problem: Problem | None, *, is_new: bool) -> str:
    if problem is not None:
        return "refused"
    return "new" if is_new else "known"
