"""`/api/corrections`: declare an event in error, with a reason and with what is right. 更正

What a correction is and how it goes in is the journal's (docs/adr/0018). Here it is asked for,
tried without recording anything, and written into the audit trail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import msgspec
from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from suyuan.account import Change, check_text, write_audit
from suyuan.api import _openapi_events as describe
from suyuan.api._event_rows import event_row
from suyuan.api._media import JSON, read_body
from suyuan.api._parameters import refusing
from suyuan.api._problem import refuse
from suyuan.api._router import Router
from suyuan.api._services import actor_of, caller_of, origin_of, services_of
from suyuan.errors import InvalidInput, Problem
from suyuan.event import Event, Limits, read_json
from suyuan.journal import (
    Corrected,
    Correction,
    Outcome,
    Planned,
    affected_objects,
    correct,
    find_later_events,
    plan_correction,
)
from suyuan.store import Connection

__all__ = ["router"]

router = Router(prefix="/api", tags=["Capture"])
_BODY_BYTES_MAX = 4 << 20
_REPLACEMENTS_MAX = 100
_OBJECTS_SHOWN = 500
_WHY_MAX = 1_000
_encode = msgspec.json.Encoder(decimal_format="number").encode


class _Wanted(msgspec.Struct, forbid_unknown_fields=True):
    event_id: str
    reason: Literal["did_not_occur", "incorrect_data"]
    why: str
    replacements: list[msgspec.Raw] = []
    dry_run: bool = False


@router.post("/corrections", status_code=201, openapi_extra=describe.CORRECTION)
async def make_correction(request: Request) -> Response:
    """Declare an event in error and record what is right instead: all of it or nothing."""
    body = await read_body(request, _BODY_BYTES_MAX, offers=(JSON,))
    try:
        wanted = msgspec.json.decode(body.data, type=_Wanted)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise refuse("ValidationException", "api.body_wrong", found=str(error)[:300]) from error
    return await run_in_threadpool(_correct, request, wanted)


def _correct(request: Request, wanted: _Wanted) -> Response:
    services, caller = services_of(request), caller_of(request)
    journal = services.journal(caller.tenant_id)
    with refusing():
        why = check_text(wanted.why, "/why", _WHY_MAX)
        correction = Correction(
            wanted.event_id.replace("\x00", "\ufffd"), wanted.reason, why, _replacements(wanted)
        )
        if wanted.dry_run:
            planned = plan_correction(journal, correction)
            return _answer(_tried(request, planned), 200)
        done = correct(
            journal, correction, origin=origin_of(request), beside=_Audit(request, correction)
        )
    if done.is_new:
        services.metrics.captured.inc(1 + len(done.replacement_ids))
    return _answer(msgspec.to_builtins(done), 201 if done.is_new else 200)


class _Audit:
    """Writes the entry of a correction into the audit trail, in the journal's transaction."""

    def __init__(self, request: Request, correction: Correction) -> None:
        self._actor = actor_of(request)
        self._correction = correction

    def __call__(self, connection: Connection, outcomes: Sequence[Outcome]) -> None:
        said = self._correction
        change = Change(connection, f"event:{said.event_id}")
        change.after = {
            "reason": said.reason,
            "declaration": outcomes[0].sequence,
            "replacements": [one.event_id for one in outcomes[1:]],
        }
        write_audit(change, self._actor, "event.correct", why=said.why)


def _replacements(wanted: _Wanted) -> list[Event]:
    """Read the events that are right. Raises InvalidInput with all that is wrong with them."""
    if len(wanted.replacements) > _REPLACEMENTS_MAX:
        raise InvalidInput(
            Problem(
                code="event.list_too_long",
                where="/replacements",
                expected=f"at most {_REPLACEMENTS_MAX}",
                found=str(len(wanted.replacements)),
            )
        )
    events, problems = [], []
    for at, raw in enumerate(wanted.replacements):
        document = read_json(bytes(raw), limits=Limits(events_max=1))
        problems += [_placed(one, f"/replacements/{at}") for one in document.problems]
        events += document.events
    if problems:
        raise InvalidInput(problems)
    return events


def _placed(problem: Problem, above: str) -> Problem:
    return replace(problem, where=above + problem.where)


def _tried(request: Request, planned: Planned | Corrected) -> dict[str, Any]:
    """Say what a correction would change; or that it stands already."""
    if isinstance(planned, Corrected):
        told: dict[str, Any] = msgspec.to_builtins(planned)
        return told | {"dry_run": True}
    database, tenant_id = services_of(request).database, caller_of(request).tenant_id
    objects = affected_objects(planned)
    later = find_later_events(database, tenant_id, planned)
    return {
        "dry_run": True,
        "event_id": planned.found.event_id,
        "is_new": True,
        "replacement_ids": [one.event_id for one in planned.replacements],
        "objects": len(objects),
        "object_list": objects[:_OBJECTS_SHOWN],
        "later": {
            "count": later.count,
            "is_more": later.is_more,
            "events": [event_row(one) for one in later.first],
        },
    }


def _answer(value: Any, status: int) -> Response:
    return Response(_encode(value), status, headers={"Cache-Control": "no-store"}, media_type=JSON)
