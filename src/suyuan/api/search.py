"""`/api/search`: from what somebody types to the things that may be meant. 查找接口"""

from __future__ import annotations

from typing import cast

import msgspec
from fastapi import Request
from starlette.responses import Response

from suyuan.api import _openapi_workspace as describe
from suyuan.api._parameters import read_parameters, refusing, text, whole_number
from suyuan.api._router import Router
from suyuan.api._services import caller_of, services_of
from suyuan.errors import InvalidInput, Problem

__all__ = ["router"]

router = Router(prefix="/api", tags=["Traceability"])
_LIMIT, _LIMIT_MAX = 6, 50


@router.get("/search", openapi_extra=describe.SEARCH)
def search(request: Request) -> Response:
    """Give the things that a part of a name or of a code may mean."""
    with refusing():
        values, _ = read_parameters(request, {"text": text, "limit": whole_number})
        if "text" not in values:
            raise InvalidInput(Problem(code="api.parameter_missing", where="text"))
    limit = min(cast("int", values.get("limit", _LIMIT)), _LIMIT_MAX)
    found = services_of(request).search.find(
        caller_of(request).tenant_id, cast("str", values["text"]), limit=limit
    )
    return Response(msgspec.json.encode({"hits": found}), media_type="application/json")
