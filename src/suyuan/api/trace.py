"""`/api/…`: the questions of traceability over HTTP, in the names that Python has too. 追溯接口

Large answers are streams: they go out as they are read, and end when the caller leaves.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from itertools import chain
from typing import Any, Literal, cast

import msgspec
from fastapi import Request
from starlette.responses import Response, StreamingResponse

from suyuan.api import _openapi as describe
from suyuan.api._media import language_of
from suyuan.api._parameters import (
    Read,
    choice,
    day,
    moment,
    position,
    read_parameters,
    refusing,
    text,
    time_zone,
    truth,
)
from suyuan.api._router import Router
from suyuan.api._services import caller_of, services_of
from suyuan.errors import Language
from suyuan.trace import (
    FORMATS,
    MEDIA_TYPES,
    Format,
    Genealogy,
    Page,
    Sieve,
    Trace,
    contents,
    export_trace,
    history,
    sift,
    trace_back,
    track_forward,
    whereabouts,
)

__all__ = ["PAGE", "SIEVE", "SIEVE_LISTS", "page_in", "router", "sieve_in"]

router = Router(prefix="/api", tags=["Traceability"])


_LIMIT_MAX = 1_000
_FLAGS = ("by_place", "by_lot", "by_day", "portions", "details", "gaps")


SIEVE: dict[str, Read] = {
    "place": text,
    "party": text,
    "day": day,
    "grade": choice(("certain", "possible"), "api.parameter_wrong"),
    "held": truth,
    "time_zone": time_zone,
}
SIEVE_LISTS = ("product", "lot")
PAGE: dict[str, Read] = {"limit": position, "offset": position}


@dataclass(frozen=True)
class _Asked:
    """What a question says, understood."""

    codes: list[str]
    moments: dict[str, datetime]
    not_before: int | None
    form: Format
    flags: frozenset[str]
    sieve: Sieve
    zone: tzinfo
    page: Page | None
    waits_for_turn: Callable[[], None]
    """Waits in line, once; the turn lasts until the question is answered."""


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
            portions="portions" in asked.flags,
            begins=asked.waits_for_turn,
        )
        return _answer(trace, asked, language_of(request))


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
            portions="portions" in asked.flags,
            begins=asked.waits_for_turn,
        )
        return _answer(trace, asked, language_of(request))


@router.get("/history", openapi_extra=describe.HISTORY)
def ask_history(request: Request) -> Response:
    """Give the events of an object, and of its containers while it was inside."""
    with _question(request, "as_of", flags=("corrections",)) as asked:
        asked.waits_for_turn()
        found = history(
            _genealogy(request),
            asked.codes[0],
            as_of=asked.moments.get("as_of"),
            not_before=asked.not_before,
            with_corrections="corrections" in asked.flags,
        )
    return _json({"events": found})


@router.get("/whereabouts", openapi_extra=describe.WHEREABOUTS)
def ask_whereabouts(request: Request) -> Response:
    """Give what the record says last of where an object is, with whom and in which state."""
    with _question(request, "at", "as_of") as asked:
        asked.waits_for_turn()
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
        asked.waits_for_turn()
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
def _question(
    request: Request, *times: str, is_trace: bool = False, flags: Sequence[str] = ()
) -> Iterator[_Asked]:
    """Read a question, and say with 422 everything that is wrong with it."""
    with refusing(), contextlib.ExitStack() as stack:
        single, lists_of, required = _readers(times, tuple(flags), is_trace)
        values, lists = read_parameters(request, single, codes=lists_of, required=required)
        yield _Asked(
            codes=lists["code"],
            moments={name: cast("datetime", values[name]) for name in times if name in values},
            not_before=cast("int | None", values.get("not_before")),
            form=cast("Format", values.get("format", "json")),
            flags=frozenset(name for name in (*_FLAGS, *flags) if values.get(name)),
            sieve=sieve_in(values, lists),
            zone=cast("tzinfo", values.get("time_zone", UTC)),
            page=page_in(values),
            waits_for_turn=lambda: stack.enter_context(services_of(request).turns.turn()),
        )


@lru_cache
def _readers(
    times: tuple[str, ...], flags: tuple[str, ...], is_trace: bool
) -> tuple[dict[str, Read], list[str], dict[str, str]]:
    """Give how each parameter of a question is read, its lists, and how many codes it wants."""
    single: dict[str, Read] = {**dict.fromkeys(times, moment), "not_before": position}
    single |= dict.fromkeys(flags, truth)
    if is_trace:
        single["format"] = choice(FORMATS, "api.format_unknown")
        single |= dict.fromkeys(_FLAGS, truth) | SIEVE | PAGE
    lists = ["code", *(SIEVE_LISTS if is_trace else ())]
    return single, lists, {"code": "1 …" if is_trace else "1"}


def sieve_in(values: Mapping[str, object], lists: Mapping[str, list[str]]) -> Sieve:
    """Give what of an answer is asked for."""
    return Sieve(
        products=lists.get("product", []),
        lots=lists.get("lot", []),
        place=cast("str | None", values.get("place")),
        party=cast("str | None", values.get("party")),
        day=cast("date | None", values.get("day")),
        grade=cast('Literal["certain", "possible"] | None', values.get("grade")),
        is_held=bool(values.get("held")),
    )


def page_in(values: Mapping[str, object]) -> Page | None:
    """Give the page of a list that is asked for; None where none is."""
    if "limit" not in values:
        return None
    limit = min(cast("int", values["limit"]), _LIMIT_MAX)
    return Page(cast("int", values.get("offset", 0)), limit)


def _answer(trace: Trace, asked: _Asked, language: Language) -> Response:
    form = asked.form
    trace = sift(trace, asked.sieve, asked.zone)
    names = {"json": "json", "ndjson": "ndjson", "epcis": "jsonld"}
    headers = {"X-Suyuan-Position": str(trace.position)}
    if form not in names:
        headers["Content-Disposition"] = f'attachment; filename="trace.{form}"'
    pieces = export_trace(
        trace,
        form,
        by_place="by_place" in asked.flags,
        by_lot="by_lot" in asked.flags,
        by_day="by_day" in asked.flags,
        details="details" in asked.flags,
        gaps="gaps" in asked.flags,
        language=language,
        zone=asked.zone,
        page=asked.page,
    )
    first, second = next(pieces, b""), next(pieces, None)
    if second is None:
        return Response(first, media_type=MEDIA_TYPES[form], headers=headers)
    return StreamingResponse(
        chain((first, second), pieces), media_type=MEDIA_TYPES[form], headers=headers
    )


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
