"""`/api/at_place`: what is at a place and in its parts now. 现存量接口"""

from __future__ import annotations

from datetime import datetime
from typing import cast

import msgspec
from fastapi import Request
from starlette.responses import Response, StreamingResponse

from suyuan.api import _openapi_workspace as describe
from suyuan.api._media import language_of
from suyuan.api._parameters import Read, choice, moment, position, read_parameters, refusing
from suyuan.api._router import Router
from suyuan.api._services import caller_of, services_of
from suyuan.api.trace import PAGE, page_in
from suyuan.trace import (
    AT_PLACE_FORMATS,
    MEDIA_TYPES,
    AtPlaceFormat,
    at_place,
    export_at_place,
)

__all__ = ["router"]

router = Router(prefix="/api", tags=["Traceability"])
_SINGLE: dict[str, Read] = {
    "as_of": moment,
    "not_before": position,
    "format": choice(AT_PLACE_FORMATS, "api.format_unknown"),
    **PAGE,
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
    form = cast("AtPlaceFormat", values.get("format", "json"))
    page = page_in(values)
    if page is not None and form == "json":
        found = msgspec.structs.replace(found, rows=page.of(found.rows))
    headers = {"X-Suyuan-Position": str(found.position)}
    if form != "json":
        headers["Content-Disposition"] = f'attachment; filename="at_place.{form}"'
    pieces = export_at_place(found, form, language=language_of(request))
    return StreamingResponse(pieces, media_type=MEDIA_TYPES[form], headers=headers)
