"""`/api/genealogy`, `stays`, `mentions`, `seen`, `proof`: for the page of an object. 对象页接口"""

from __future__ import annotations

from datetime import datetime
from typing import cast

import msgspec
from fastapi import Request
from starlette.responses import Response

from suyuan.api import _openapi_picture as describe
from suyuan.api._parameters import (
    choice,
    moment,
    position,
    read_parameters,
    refusing,
    whole_number,
)
from suyuan.api._router import Router
from suyuan.api._services import caller_of, services_of
from suyuan.errors import InvalidInput, Problem
from suyuan.journal import proof_of_event
from suyuan.trace import DIRECTIONS, Directions, events_seen, mentions, picture, stays

__all__ = ["router"]

router = Router(prefix="/api", tags=["Traceability"])
_SEEN_MAX = 500


@router.get("/genealogy", openapi_extra=describe.GENEALOGY)
def ask_genealogy(request: Request) -> Response:
    """Give where something came from and where it went, folded and laid out as a picture."""
    single = {
        "direction": choice(DIRECTIONS, "api.parameter_wrong"),
        **dict.fromkeys(("since", "until", "as_of"), moment),
        "not_before": position,
    }
    with refusing():
        values, lists = read_parameters(
            request, single, codes=["code", "open", "show"], required={"code": "1 …"}
        )
        found = picture(
            services_of(request).genealogy(caller_of(request).tenant_id),
            lists["code"],
            direction=cast("Directions", values.get("direction", "both")),
            opened=lists["open"],
            shown=lists["show"],
            since=cast("datetime | None", values.get("since")),
            until=cast("datetime | None", values.get("until")),
            as_of=cast("datetime | None", values.get("as_of")),
            not_before=cast("int | None", values.get("not_before")),
        )
    headers = {"X-Suyuan-Position": str(found.position)}
    return Response(msgspec.json.encode(found), media_type="application/json", headers=headers)


@router.get("/stays", openapi_extra=describe.STAYS)
def ask_stays(request: Request) -> Response:
    """Give in which containers an object was and what was in it, from when to when."""
    with refusing():
        single = {"as_of": moment, "not_before": position}
        values, lists = read_parameters(request, single, codes=["code"], required={"code": "1"})
        found = stays(
            services_of(request).genealogy(caller_of(request).tenant_id),
            lists["code"][0],
            as_of=cast("datetime | None", values.get("as_of")),
            not_before=cast("int | None", values.get("not_before")),
        )
    return Response(msgspec.json.encode(found), media_type="application/json")


@router.get("/mentions", openapi_extra=describe.MENTIONS)
def ask_mentions(request: Request) -> Response:
    """Give the events that name a place, a party, a document, and the lots of a product."""
    single = {"limit": whole_number, "as_of": moment, "not_before": position}
    with refusing():
        values, lists = read_parameters(request, single, codes=["code"], required={"code": "1"})
        found = mentions(
            services_of(request).genealogy(caller_of(request).tenant_id),
            lists["code"][0],
            limit=cast("int", values.get("limit", 50)),
            as_of=cast("datetime | None", values.get("as_of")),
            not_before=cast("int | None", values.get("not_before")),
        )
    return Response(msgspec.json.encode(found), media_type="application/json")


@router.get("/seen", openapi_extra=describe.SEEN)
def ask_seen(request: Request) -> Response:
    """Give events by their numbers in the journal, as a history tells them."""
    with refusing():
        _, lists = read_parameters(request, {}, codes=["sequence"], required={"sequence": "1 …"})
        if len(lists["sequence"]) > _SEEN_MAX:
            found = str(len(lists["sequence"]))
            raise InvalidInput(
                Problem(
                    code="api.parameter_wrong",
                    where="sequence",
                    expected=f"1 … {_SEEN_MAX}",
                    found=found,
                )
            )
        sequences = [whole_number(one, "sequence") for one in lists["sequence"]]
    tenant_id = caller_of(request).tenant_id
    with services_of(request).database.tenant(tenant_id, read_only=True) as connection:
        events = events_seen(connection, tenant_id, sequences)
    return Response(msgspec.json.encode({"events": events}), media_type="application/json")


@router.get("/proof", openapi_extra=describe.PROOF)
def ask_proof(request: Request) -> Response:
    """Give the proof, for a stranger, that an event is in the log: one file, with the event."""
    with refusing():
        _, lists = read_parameters(request, {}, codes=["event_id"], required={"event_id": "1"})
    services = services_of(request)
    proof = proof_of_event(services.database, caller_of(request).tenant_id, lists["event_id"][0])
    headers = {"Content-Disposition": 'attachment; filename="event.proof"'}
    return Response(proof, media_type="text/plain; charset=utf-8", headers=headers)
