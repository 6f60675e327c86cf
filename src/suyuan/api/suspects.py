"""`/api/common` and `/api/compare`: what suspects share, and what changed. 共同点与对比接口"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

import msgspec
from fastapi import Request
from starlette.responses import Response, StreamingResponse

from suyuan.api import _openapi as describe
from suyuan.api._parameters import (
    Read,
    choice,
    moment,
    position,
    read_parameters,
    refusing,
    truth,
    whole_number,
)
from suyuan.api._router import Router
from suyuan.api._services import caller_of, services_of
from suyuan.errors import InvalidInput, Problem
from suyuan.trace import (
    COMPARISON_FORMATS,
    MEDIA_TYPES,
    REST_MAX,
    ComparisonFormat,
    Genealogy,
    Trace,
    common,
    compare,
    export_comparison,
    record_time_at,
    trace_back,
    track_forward,
)

__all__ = ["router"]

router = Router(prefix="/api", tags=["Traceability"])

_DIRECTIONS = ("forward", "back")
_COMMON: dict[str, Read] = {
    "rest_max": whole_number,
    "until": moment,
    "as_of": moment,
    "not_before": position,
}


def _moment_or_position(value: str, where: str) -> datetime | int:
    return position(value, where) if value.isdigit() else moment(value, where)


_COMPARE: dict[str, Read] = {
    "before": _moment_or_position,
    "after": _moment_or_position,
    "direction": choice(_DIRECTIONS, "api.parameter_wrong"),
    "since": moment,
    "until": moment,
    "portions": truth,
    "format": choice(COMPARISON_FORMATS, "api.format_unknown"),
    "limit": position,
}


@router.get("/common", openapi_extra=describe.COMMON)
def ask_common(request: Request) -> Response:
    """Give what suspects share, ranked by how much more often it stands behind them."""
    with refusing():
        values, lists = read_parameters(
            request, _COMMON, codes=["code", "rest"], required={"code": "1 …"}
        )
        found = common(
            _genealogy(request),
            lists["code"],
            rest=lists["rest"] or None,
            rest_max=cast("int", values.get("rest_max", REST_MAX)),
            until=cast("datetime | None", values.get("until")),
            as_of=cast("datetime | None", values.get("as_of")),
            not_before=cast("int | None", values.get("not_before")),
        )
    headers = {"X-Suyuan-Position": str(found.position)}
    return Response(msgspec.json.encode(found), media_type="application/json", headers=headers)


@router.get("/compare", openapi_extra=describe.COMPARE)
def ask_compare(request: Request) -> Response:
    """Give what changed between two answers to one question."""
    with refusing():
        values, lists = read_parameters(request, _COMPARE, codes=["code"], required={"code": "1 …"})
        _check(values)
        genealogy = _genealogy(request)
        before = _answer(genealogy, lists["code"], values, values["before"])
        after = _answer(genealogy, lists["code"], values, values.get("after"))
        found = compare(before, after)
    form = cast("ComparisonFormat", values.get("format", "json"))
    headers = {"X-Suyuan-Position": str(after.position)}
    if form in ("csv", "xlsx"):
        headers["Content-Disposition"] = f'attachment; filename="compare.{form}"'
    return StreamingResponse(
        export_comparison(found, form, limit=cast("int | None", values.get("limit"))),
        media_type=MEDIA_TYPES[form],
        headers=headers,
    )


def _check(values: dict[str, Any]) -> None:
    """Refuse what is missing, and a bound that goes with the other direction."""
    problems = []
    if "before" not in values:
        problems.append(Problem(code="api.parameter_missing", where="before"))
    idle = "until" if values.get("direction", "forward") == "forward" else "since"
    if idle in values:
        expected = "since with direction=forward, until with direction=back"
        problems.append(
            Problem(code="api.parameter_wrong", where=idle, expected=expected, found=idle)
        )
    if problems:
        raise InvalidInput(problems)


def _answer(genealogy: Genealogy, codes: list[str], values: dict[str, Any], known: object) -> Trace:
    as_of = (
        record_time_at(genealogy, known)
        if isinstance(known, int)
        else cast("datetime | None", known)
    )
    portions = bool(values.get("portions"))
    if values.get("direction", "forward") == "back":
        return trace_back(
            genealogy, codes, until=values.get("until"), as_of=as_of, portions=portions
        )
    return track_forward(
        genealogy, codes, since=values.get("since"), as_of=as_of, portions=portions
    )


def _genealogy(request: Request) -> Genealogy:
    return services_of(request).genealogy(caller_of(request).tenant_id)
