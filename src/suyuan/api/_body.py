"""Small bodies in JSON: read whole, within a bound, into a type. 请求正文"""

from __future__ import annotations

from typing import Annotated, TypeVar

import msgspec
from fastapi import Depends
from starlette.requests import Request

from suyuan.api._problem import refuse

__all__ = ["JsonBody", "read_json", "read_small_body"]

_BYTES_MAX = 1 << 16
_JSON = "application/json"
Wanted = TypeVar("Wanted")


async def read_small_body(request: Request) -> bytes:
    """Give a body of at most 64 KiB. Raises a 413 problem."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > _BYTES_MAX:
            raise refuse(
                "CaptureLimitExceededException",
                "api.body_too_large",
                expected=str(_BYTES_MAX),
                found=str(size),
            )
        parts.append(part)
    return b"".join(parts)


async def _read_json_body(request: Request) -> bytes:
    """Give a body that says it is JSON: no form of another site can say so."""
    body = await read_small_body(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and kind != _JSON:
        raise refuse(
            "UnsupportedMediaTypeException",
            "api.media_type_unknown",
            where="Content-Type",
            expected=_JSON,
            found=kind[:100],
        )
    return body


JsonBody = Annotated[bytes, Depends(_read_json_body)]


def read_json(body: bytes, kind: type[Wanted]) -> Wanted:
    """Read a body into a type. Raises a 400 problem that says what is wrong."""
    try:
        return msgspec.json.decode(body or b"{}", type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise refuse("ValidationException", "api.body_wrong", found=str(error)[:300]) from error
