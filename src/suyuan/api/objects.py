"""`/api/object`, `/api/names`, `/api/demo`: what a page says of one thing, in words. 对象

An answer names everything by its canonical URI; people want to read names. `/api/object` is
the head of a page about one thing, `/api/names` tells what the master data calls some things,
and `/api/demo` the codes worth trying where the record is made up.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, cast

import msgspec
from fastapi import Request
from starlette.responses import Response

from suyuan.api import _openapi as describe
from suyuan.api._parameters import moment, plain_text, position, read_parameters, refusing
from suyuan.api._problem import HttpProblem, refuse
from suyuan.api._router import Router
from suyuan.api._services import Services, caller_of, services_of
from suyuan.demo import STORY_FILE, StoryCode
from suyuan.errors import InvalidInput, NotFound, Problem
from suyuan.trace import good_until_of, mentions, names_in, titles_of, trace_back, whereabouts

__all__ = ["demo_codes", "router"]

router = Router(prefix="/api", tags=["Traceability"])
_NAMES_MAX = 500
_BEFORE_ALL = datetime(1900, 1, 1, tzinfo=UTC)  # Nothing is reached, so nothing is walked.


class _Told(msgspec.Struct):
    """What we need of the page that `suyuan demo` writes."""

    codes: list[StoryCode]


@router.get("/object", openapi_extra=describe.OBJECT)
def ask_object(request: Request) -> Response:
    """Give what an object is, to which product and lot it belongs, where it is and its holds."""
    genealogy = services_of(request).genealogy(caller_of(request).tenant_id)
    with refusing():
        single = {"at": moment, "as_of": moment, "not_before": position}
        values, lists = read_parameters(request, single, codes=["code"], required={"code": "1"})
        as_of = cast("datetime | None", values.get("as_of"))
        not_before = cast("int | None", values.get("not_before"))
        code = lists["code"][0]
        try:
            found = whereabouts(
                genealogy,
                code,
                at=cast("datetime | None", values.get("at")),
                as_of=as_of,
                not_before=not_before,
            )
            start = trace_back(
                genealogy, [code], until=_BEFORE_ALL, as_of=as_of, not_before=not_before
            ).start_objects()[0]
        except NotFound:
            return _only_named(request, code, as_of)
    told = msgspec.to_builtins(found)
    told |= {"product": start.product, "lot": start.lot}
    told["dates"] = good_until_of(
        genealogy, found.uri, start.lot, position=found.position, now=services_of(request).now()
    )
    wanted = [told.get(key) for key in ("uri", "product", "lot", "place", "holder")]
    names = _names(request, [*filter(None, wanted), *told.get("containers", ())])
    return _json(told | {"names": names})


def _only_named(request: Request, code: str, as_of: datetime | None) -> Response:
    """Tell of what stands in no event itself: a product of lots, or what only has a name."""
    genealogy = services_of(request).genealogy(caller_of(request).tenant_id)
    found = mentions(genealogy, code, limit=1, as_of=as_of)
    product = found.uri if found.members_count else None
    told = {"uri": found.uri, "position": found.position, "product": product, "lot": None}
    return _json(told | {"names": _names(request, [found.uri])})


@router.get("/names", openapi_extra=describe.NAMES)
def ask_names(request: Request) -> Response:
    """Give what the newest master data calls some things; what has no name is left out."""
    with refusing():
        _, lists = read_parameters(request, {}, codes=["id"])
        uris = list(dict.fromkeys(plain_text(one, "id") for one in lists["id"]))
        if not 0 < len(uris) <= _NAMES_MAX:
            problem = Problem(
                code="api.parameter_wrong",
                where="id",
                expected=f"1 … {_NAMES_MAX}",
                found=str(len(uris)),
            )
            raise InvalidInput(problem)
    return _json({"names": _names(request, uris)})


@router.get("/demo", openapi_extra=describe.DEMO)
def ask_demo(request: Request) -> Response:
    """Give the codes worth trying, where the record is that of the demo; of all others none."""
    try:
        codes = demo_codes(services_of(request), "/api/demo")
    except HttpProblem:
        codes = []  # Every home page asks, and most records are no demo's.
    return _json(_Told(codes))


def demo_codes(services: Services, path: str) -> list[StoryCode]:
    """Give the codes worth trying. Raises a 404 problem where the record is no demo's."""
    try:
        page = (services.settings.data / STORY_FILE).read_bytes() if services.is_demo else b""
        return msgspec.json.decode(page, type=_Told).codes
    except (OSError, msgspec.DecodeError):
        raise refuse("NoSuchNameException", "api.resource_unknown", found=path) from None


def _names(request: Request, uris: Iterable[str]) -> dict[str, dict[str, str]]:
    """Look names up: URI → language → name."""
    tenant_id = caller_of(request).tenant_id
    with services_of(request).database.tenant(tenant_id, read_only=True) as connection:
        return names_in(titles_of(connection, tenant_id, uris))


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
