"""Answering queries over HTTP: parameters in, a page of events out. 查询响应"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from suyuan.api._answer import json_document, xml_document
from suyuan.api._gs1 import epc_format, extensions, word_format
from suyuan.api._media import JSON, XML, accepted
from suyuan.api._problem import as_http_problem
from suyuan.api._request import (
    Pairs,
    next_page_headers,
    page_size,
    page_token,
    query_pairs,
    question,
    without_paging,
)
from suyuan.api._services import caller_of, services_of
from suyuan.errors import InvalidInput, SuyuanError
from suyuan.journal import EventPage, EventQuery, PageMark, parse_query, read_events, read_page

__all__ = ["AskedPage", "answer_page", "answer_query", "ask_page", "parameters_of", "read_query"]

_WHOLE_BYTES_MAX = 1 << 20
SIMPLE_EVENT_QUERY = "SimpleEventQuery"


class _Mark(msgspec.Struct, array_like=True):
    """A page mark as it stands in a token."""

    position: int
    given: int
    sequence: int | None
    event_time: datetime | None


@dataclass(frozen=True, slots=True)
class AskedPage:
    """A page that was asked for, the headers that lead on, and the token of the next page."""

    found: EventPage
    headers: dict[str, str]
    next_token: str | None


def parameters_of(pairs: Pairs) -> dict[str, tuple[str, ...]]:
    """Give each parameter's values: `|` stands between alternatives (REST binding)."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        found[name] = (*found.get(name, ()), *value.split("|"))
    return found


def read_query(
    parameters: Mapping[str, tuple[str, ...]], namespaces: Mapping[str, str]
) -> EventQuery:
    """Read a query. Raises QueryParameterException with all problems."""
    try:
        return parse_query(parameters, namespaces=namespaces)
    except InvalidInput as error:
        raise as_http_problem(error, kind="QueryParameterException") from error


def answer_query(
    request: Request,
    *,
    fixed: EventQuery | None = None,
    query_name: str = SIMPLE_EVENT_QUERY,
) -> Response:
    """Answer with a page of the events that the request's parameters, and `fixed`, ask for."""
    page = ask_page(request, query_pairs(request), fixed=fixed)
    return answer_page(request, page.found, query_name=query_name, headers=page.headers)


def ask_page(request: Request, pairs: Pairs, *, fixed: EventQuery | None = None) -> AskedPage:
    """Find the page of events that parameters, and `fixed`, ask for, and the way to the next."""
    query = read_query(parameters_of(without_paging(pairs)), extensions(request.headers))
    if fixed is not None:
        query = _both(fixed, query)
    size = page_size(request, pairs)
    services, caller = services_of(request), caller_of(request)
    token = page_token(pairs)
    mark: PageMark | None = None
    if token:
        state = services.tokens.read(caller.tenant_id, question(request, pairs), token, _Mark)
        mark = PageMark(state.position, state.given, state.sequence, state.event_time)
    try:
        page = read_page(
            services.database,
            caller.tenant_id,
            query,
            events_max=size,
            mark=mark,
            time_limit_s=services.settings.query_time_limit_s,
        )
    except SuyuanError as error:
        raise as_http_problem(error, kind="QueryParameterException") from error
    headers = {"Suyuan-Position": str(page.position)}
    next_token = None
    if page.next_mark is not None:
        following = page.next_mark
        state = _Mark(following.position, following.given, following.sequence, following.event_time)
        headers |= next_page_headers(request, pairs, state)
        name = question(request, pairs)
        next_token, _ = services.tokens.make(caller.tenant_id, name, state)
    return AskedPage(page, headers, next_token)


def _both(fixed: EventQuery, more: EventQuery) -> EventQuery:
    """Ask for what both queries ask for, in the order that the second wants, if it does."""
    chosen = more if more.order != EventQuery().order else fixed
    return EventQuery(
        fixed.conditions + more.conditions,
        chosen.order,
        more.event_count_limit or fixed.event_count_limit,
        more.max_event_count or fixed.max_event_count,
    )


def answer_page(
    request: Request, page: EventPage, *, query_name: str, headers: dict[str, str]
) -> Response:
    """Answer with the events of a page, in the format that is accepted."""
    services, caller = services_of(request), caller_of(request)
    media_type = accepted(request, (JSON, XML))
    wanted = epc_format(request)
    events = read_events(
        services.database, caller.tenant_id, page.sequences, bodies_bytes=page.bodies_bytes
    )
    is_whole = page.bodies_bytes <= _WHOLE_BYTES_MAX
    arguments: dict[str, Any] = {
        "wanted": wanted,
        "query_name": query_name,
        "created": services.now(),
    }
    headers["GS1-EPC-Format"] = wanted
    if media_type == XML:
        words = word_format(request)
        headers["GS1-CBV-XML-Format"] = words
        chunks = xml_document(events, words=words, is_whole=is_whole, **arguments)
    else:
        chunks = json_document(events, **arguments)
    if is_whole:
        return Response(b"".join(chunks), headers=headers, media_type=media_type)
    return StreamingResponse(chunks, headers=headers, media_type=media_type)
