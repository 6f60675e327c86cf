"""`/api/today`: what happened on a day, for the first page. 当日接口"""

from __future__ import annotations

from datetime import date
from typing import cast
from zoneinfo import ZoneInfo

import msgspec
from fastapi import Request
from starlette.responses import Response

from suyuan.api import _openapi_workspace as describe
from suyuan.api._parameters import day, read_parameters, refusing, time_zone
from suyuan.api._router import Router
from suyuan.api._services import caller_of, services_of
from suyuan.trace import day_of_record

__all__ = ["router"]

router = Router(prefix="/api", tags=["Traceability"])


@router.get("/today", openapi_extra=describe.TODAY)
def ask_today(request: Request) -> Response:
    """Give how much happened on a day, by hour, step and place, and what was recorded last."""
    services = services_of(request)
    with refusing():
        values, _ = read_parameters(request, {"day": day, "time_zone": time_zone})
        found = day_of_record(
            services.genealogy(caller_of(request).tenant_id),
            cast("date | None", values.get("day")),
            cast("ZoneInfo", values.get("time_zone", ZoneInfo("UTC"))),
            services.now(),
        )
    headers = {"X-Suyuan-Position": str(found.position)}
    return Response(msgspec.json.encode(found), media_type="application/json", headers=headers)
