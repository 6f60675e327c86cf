"""`/api/attachments`: pictures that events point to. 附件"""

from __future__ import annotations

import msgspec
from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, Response

from suyuan.api import _openapi_phone as describe
from suyuan.api._media import read_body
from suyuan.api._problem import HttpProblem
from suyuan.api._request import path_value
from suyuan.api._router import Router
from suyuan.api._services import caller_of, services_of
from suyuan.attachment import MEDIA_TYPES, Attachments
from suyuan.errors import InvalidInput

__all__ = ["router"]

router = Router(prefix="/api", tags=["Capture"])


@router.put("/attachments/{sha256}", openapi_extra=describe.KEEP_ATTACHMENT)
async def keep_attachment(request: Request) -> Response:
    """Keep a picture under the SHA-256 of its content; to send it again changes nothing."""
    services, caller = services_of(request), caller_of(request)
    digest = path_value(request, "sha256")
    limit = services.settings.attachment_bytes_max
    body = await read_body(request, limit, offers=MEDIA_TYPES)
    store = Attachments(services.settings.data)
    try:
        kept, is_new = await run_in_threadpool(store.keep, caller.tenant_id, digest, body.data)
    except InvalidInput as error:
        raise HttpProblem("ValidationException", error.problems, status=422) from error
    answer = {"sha256": kept.sha256, "media_type": kept.media_type, "bytes": kept.bytes}
    status = 201 if is_new else 200
    return Response(msgspec.json.encode(answer), status, media_type="application/json")


@router.get("/attachments/{sha256}", openapi_extra=describe.ATTACHMENT)
def give_attachment(request: Request) -> Response:
    """Give a picture. What has this digest never changes, so browsers may keep it."""
    services, caller = services_of(request), caller_of(request)
    store = Attachments(services.settings.data)
    kept = store.find(caller.tenant_id, path_value(request, "sha256"))
    headers = {
        "Cache-Control": "private, max-age=31536000, immutable",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": f'inline; filename="{kept.sha256[:16]}"',
        "Vary": "Cookie, Authorization",
    }
    return FileResponse(kept.path, media_type=kept.media_type, headers=headers)
