"""`/api/code`: what a code names, whether or not the record has ever seen it. 编码

A phone keeps what it scanned as it was scanned, and asks here before it captures: understanding
spellings is done in one place.
"""

from __future__ import annotations

import msgspec
from fastapi import Request
from starlette.responses import Response

from suyuan.api import _openapi_phone as describe
from suyuan.api._parameters import read_parameters, refusing
from suyuan.api._router import Router
from suyuan.identifier import parse

__all__ = ["router"]

router = Router(prefix="/api", tags=["Traceability"])


@router.get("/code", openapi_extra=describe.CODE)
def explain_code(request: Request) -> Response:
    """Say what a code names: its canonical URI, its kind, and whether it is one thing or many."""
    with refusing():
        _, lists = read_parameters(request, {}, codes=["code"], required={"code": "1"})
        read = parse(lists["code"][0])
    answer = {
        "uri": read.canonical,
        "kind": read.kind,
        "level": read.level,
        "product": read.product or None,
        "lot": read.lot or None,
        "serial": read.serial or None,
        "alternatives": list(read.alternatives),
    }
    return Response(msgspec.json.encode(answer), media_type="application/json")
