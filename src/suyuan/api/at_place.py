"""`/api/at_place`: what is at a place and in its parts now. 现存量接口"""

from __future__ import annotations

from datetime import datetime
from typing import cast

from fastapi import Request
from starlette.responses import Response

from suyuan.api import _openapi_workspace as describe
from suyuan.api._list_answers import LIST, answer_list
from suyuan.api._media import language_of
from suyuan.api._parameters import Read, moment, position, read_parameters, refusing
from suyuan.api._router import Router
from suyuan.api._services import caller_of, services_of
from suyuan.trace import (
    at_place,
    export_at_place,
)

__all__ = ["router"]

router = Router(prefix="/api", tags=["Traceability"])
_SINGLE: dict[str, Read] = {
    "as_of": moment,
    "not_before": position,
    **LIST,
}


@router.get("/at_place", openapi_extra=describe.AT_PLACE)
def ask_at_place(request: Request) -> Response:
    """Give what is at a place and in its parts: by product and lot, how much, in what status."""
    services, tenant_id = services_of(request), caller_of(request).tenant_id
    with refusing():
        values, lists = read_parameters(request, _SINGLE, codes=["code"], required={"code": "1"})
        found = at_place(
            services.genealogy(tenant_id),
            lists["code"][0],
            as_of=cast("datetime | None", values.get("as_of")),
            not_before=cast("int | None", values.get("not_before")),
            presence=services.presence(tenant_id),
            holds=services.attention.holds,
        )
    return answer_list(found, export_at_place, "at_place", values, language_of(request))
