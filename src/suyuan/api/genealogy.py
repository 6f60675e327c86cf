"""`/api/genealogy`: the picture of an answer, folded and laid out for who draws it. 谱系图接口"""

from __future__ import annotations

from datetime import datetime
from typing import cast

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from suyuan.api import _openapi_picture as describe
from suyuan.api._parameters import choice, moment, position, read_parameters, refusing
from suyuan.api._services import caller_of, services_of
from suyuan.trace import DIRECTIONS, Directions, picture

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["Traceability"])


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
