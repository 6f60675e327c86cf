"""`/api/…`: the questions of traceability over HTTP, in the names that Python has too. 追溯接口

Large answers are streams: they go out as they are read, and end when the caller leaves.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from suyuan.api import _openapi as describe
from suyuan.api._problem import HttpProblem
from suyuan.api._request import query_pairs
from suyuan.api._services import caller_of, services_of
from suyuan.errors import InvalidInput, Problem
from suyuan.trace import (
    FORMATS,
    MEDIA_TYPES,
    Format,
    Genealogy,
    Trace,
    contents,
    export_trace,
    history,
    parse_moment,
    trace_back,
    track_forward,
    whereabouts,
)

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["Traceability"])
_POSITION_DIGITS_MAX = 18


@dataclass
class _Asked:
    """What a question says, understood."""

    codes: list[str] = field(default_factory=list)
    moments: dict[str, datetime] = field(default_factory=dict)
    not_before: int | None = None
    form: Format = "json"
    by_place: bool = False
    portions: bool = False


@router.get("/trace_back", openapi_extra=describe.TRACE_BACK)
def ask_trace_back(request: Request) -> Response:
    """Give everything that the codes came from, up to a moment."""
    with _question(request, "until", "as_of", is_trace=True) as asked:
        trace = trace_back(
            _genealogy(request),
            asked.codes,
            until=asked.moments.get("until"),
            as_of=asked.moments.get("as_of"),
            not_before=asked.not_before,
            portions=asked.portions,
        )
        return _answer(trace, asked)


@router.get("/track_forward", openapi_extra=describe.TRACK_FORWARD)
def ask_track_forward(request: Request) -> Response:
    """Give everything that the codes have reached, from a moment on."""
    with _question(request, "since", "as_of", is_trace=True) as asked:
        trace = track_forward(
            _genealogy(request),
            asked.codes,
            since=asked.moments.get("since"),
            as_of=asked.moments.get("as_of"),
            not_before=asked.not_before,
            portions=asked.portions,
        )
        return _answer(trace, asked)


@router.get("/history", openapi_extra=describe.HISTORY)
def ask_history(request: Request) -> Response:
    """Give the events of an object, and of its containers while it was inside."""
    with _question(request, "as_of") as asked:
        found = history(
            _genealogy(request),
            asked.codes[0],
            as_of=asked.moments.get("as_of"),
            not_before=asked.not_before,
        )
    return _json({"events": found})


@router.get("/whereabouts", openapi_extra=describe.WHEREABOUTS)
def ask_whereabouts(request: Request) -> Response:
    """Give what the record says last of where an object is, with whom and in which state."""
    with _question(request, "at", "as_of") as asked:
        found = whereabouts(
            _genealogy(request),
            asked.codes[0],
            at=asked.moments.get("at"),
            as_of=asked.moments.get("as_of"),
            not_before=asked.not_before,
        )
    return _json(found)


@router.get("/contents", openapi_extra=describe.CONTENTS)
def ask_contents(request: Request) -> Response:
    """Give what is inside a container, or was at a moment, however deep."""
    with _question(request, "at", "as_of") as asked:
        found = contents(
            _genealogy(request),
            asked.codes[0],
            at=asked.moments.get("at"),
            as_of=asked.moments.get("as_of"),
            not_before=asked.not_before,
        )
    return _json({"contents": found})


def _genealogy(request: Request) -> Genealogy:
    return services_of(request).genealogy(caller_of(request).tenant_id)


@contextlib.contextmanager
def _question(request: Request, *times: str, is_trace: bool = False) -> Iterator[_Asked]:
    """Read a question, and say with 422 everything that is wrong with it."""
    try:
        yield _read(request, times, is_trace=is_trace)
    except InvalidInput as error:
        raise HttpProblem("ValidationException", error.problems, status=422) from error


def _read(request: Request, times: tuple[str, ...], *, is_trace: bool) -> _Asked:
    asked, problems, seen = _Asked(), list[Problem](), set[str]()
    single = (
        (*times, "not_before", "format", "by_place", "portions")
        if is_trace
        else (*times, "not_before")
    )
    for name, value in query_pairs(request):
        if name in single and name in seen:
            problems.append(Problem(code="api.parameter_repeated", where=name))
        seen.add(name)
        try:
            if name == "code":
                asked.codes.append(value)
            elif name in times:
                asked.moments[name] = parse_moment(
                    value, where=name, is_end=name in ("until", "as_of", "at")
                )
            elif name == "not_before":
                asked.not_before = _position(value)
            elif name in ("by_place", "portions") and is_trace:
                setattr(asked, name, _truth(value, name))
            elif name == "format" and is_trace:
                asked.form = _format(value)
            else:
                expected = ", ".join(("code", *single))
                problems.append(
                    Problem(code="api.parameter_unknown", expected=expected, found=name[:100])
                )
        except InvalidInput as error:
            problems += error.problems
    if not asked.codes or (len(asked.codes) > 1 and not is_trace):
        expected = "1 …" if is_trace else "1"
        problems.append(
            Problem(code="api.codes_wrong_number", expected=expected, found=str(len(asked.codes)))
        )
    if problems:
        raise InvalidInput(problems)
    return asked


def _position(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _POSITION_DIGITS_MAX):
        raise InvalidInput(
            Problem(code="query.integer_wrong", where="not_before", found=text[:100])
        )
    return int(text)


def _truth(text: str, where: str) -> bool:
    if text not in ("true", "false"):
        raise InvalidInput(
            Problem(
                code="api.parameter_wrong",
                where=where,
                expected="true or false",
                found=text[:100],
            )
        )
    return text == "true"


def _format(text: str) -> Format:
    if text not in FORMATS:
        raise InvalidInput(
            Problem(code="api.format_unknown", expected=", ".join(FORMATS), found=text[:100])
        )
    return text


def _answer(trace: Trace, asked: _Asked) -> Response:
    form = asked.form
    names = {"json": "json", "ndjson": "ndjson", "epcis": "jsonld"}
    headers = {"X-Suyuan-Position": str(trace.position)}
    if form not in names:
        headers["Content-Disposition"] = f'attachment; filename="trace.{form}"'
    return StreamingResponse(
        export_trace(trace, form, by_place=asked.by_place),
        media_type=MEDIA_TYPES[form],
        headers=headers,
    )


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
