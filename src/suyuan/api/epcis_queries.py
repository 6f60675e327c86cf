"""`/epcis/queries`: queries with a name; and page tokens that are given back. 命名查询"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec
from fastapi import Request
from psycopg.types.json import Jsonb
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from suyuan.api import _openapi as describe
from suyuan.api._event_answers import answer_query, read_query
from suyuan.api._gs1 import extensions
from suyuan.api._media import JSON, accepted, read_body
from suyuan.api._problem import HttpProblem, as_http_problem, refuse
from suyuan.api._request import (
    base_url,
    next_page_headers,
    page_size,
    page_token,
    path_value,
    query_pairs,
    question,
)
from suyuan.api._router import Router
from suyuan.api._services import caller_of, services_of
from suyuan.errors import InvalidInput
from suyuan.journal import EventQuery, parameters_from_json

__all__ = ["router"]

router = Router(tags=["Queries"])
_BODY_BYTES_MAX = 1 << 20
_NAME_LENGTH_MAX = 200


class _Definition(msgspec.Struct, forbid_unknown_fields=True):
    """What makes a named query."""

    name: str
    query: dict[str, Any]


@router.post("/epcis/queries", status_code=201, openapi_extra=describe.MAKE_QUERY)
async def make_query(request: Request) -> Response:
    """Make a named query."""
    body = await read_body(request, _BODY_BYTES_MAX, offers=(JSON,))
    try:
        definition = msgspec.json.decode(body.data, type=_Definition)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise refuse(
            "ValidationException", "api.query_definition_wrong", found=str(error)[:200]
        ) from error
    name = definition.name
    if not 0 < len(name) <= _NAME_LENGTH_MAX or not name.isprintable() or "/" in name:
        raise refuse(
            "ValidationException",
            "api.query_name_wrong",
            where="/name",
            expected=str(_NAME_LENGTH_MAX),
            found=ascii(name[:_NAME_LENGTH_MAX]),
        )
    if _holds_null(definition.query):
        raise refuse("ValidationException", "api.query_definition_wrong", found="U+0000")
    namespaces = extensions(request.headers)
    _query_of(definition.query, namespaces)
    if namespaces:  # So that the query means the same when it is asked without this header.
        definition.query["@context"] = [*_contexts(definition.query), namespaces]
    await run_in_threadpool(_store, request, definition)
    return Response(
        msgspec.json.encode(definition),
        201,
        {"Location": f"{base_url(request)}/epcis/queries/{quote(name, safe='')}"},
        media_type=JSON,
    )


def _holds_null(value: Any) -> bool:
    """Tell whether the character U+0000, which no database keeps, stands anywhere."""
    if isinstance(value, dict):
        return any("\x00" in key or _holds_null(inner) for key, inner in value.items())
    if isinstance(value, list):
        return any(map(_holds_null, value))
    return isinstance(value, str) and "\x00" in value


def _store(request: Request, definition: _Definition) -> None:
    services, caller = services_of(request), caller_of(request)
    with services.database.tenant(caller.tenant_id) as connection:
        stored = connection.execute(
            "INSERT INTO epcis.named_query (tenant_id, name, definition) VALUES (%s, %s, %s) "
            "ON CONFLICT DO NOTHING",
            (caller.tenant_id, definition.name, Jsonb(definition.query)),
        )
        if stored.rowcount == 0:
            raise refuse(
                "ResourceAlreadyExistsException", "api.query_exists", found=definition.name
            )


def _contexts(query: dict[str, Any]) -> list[Any]:
    context = query.get("@context", [])
    return context if isinstance(context, list) else [context]


def _query_of(query: dict[str, Any], namespaces: dict[str, str]) -> EventQuery:
    """Read a query in JSON, with the prefixes that its own context declares."""
    declared = dict(namespaces)
    for context in _contexts(query):
        if isinstance(context, dict):
            declared |= {
                prefix: namespace
                for prefix, namespace in context.items()
                if isinstance(namespace, str)
            }
    try:
        parameters = parameters_from_json(query)
    except InvalidInput as error:
        raise as_http_problem(error, kind="QueryParameterException") from error
    return read_query(parameters, declared)


@router.get("/epcis/queries", openapi_extra=describe.QUERIES)
def list_queries(request: Request) -> Response:
    """List the named queries, by name."""
    accepted(request, (JSON,))
    services, caller = services_of(request), caller_of(request)
    pairs = query_pairs(request)
    size = page_size(request, pairs)
    token = page_token(pairs)
    after = ""
    if token:
        name = question(request, pairs)
        after = services.tokens.read(caller.tenant_id, name, token, str)
    with services.database.tenant(caller.tenant_id, read_only=True) as connection:
        rows = connection.execute(
            "SELECT name, definition FROM epcis.named_query "
            "WHERE tenant_id = %s AND name > %s ORDER BY name LIMIT %s",
            (caller.tenant_id, after, size + 1),
        ).fetchall()
    headers = next_page_headers(request, pairs, rows[size - 1][0]) if len(rows) > size else {}
    answer = [{"name": name, "query": definition} for name, definition in rows[:size]]
    return Response(msgspec.json.encode(answer), headers=headers, media_type=JSON)


def _definition(request: Request) -> _Definition:
    services, caller = services_of(request), caller_of(request)
    name = path_value(request, "query_name")
    with services.database.tenant(caller.tenant_id, read_only=True) as connection:
        row = connection.execute(
            "SELECT definition FROM epcis.named_query WHERE tenant_id = %s AND name = %s",
            (caller.tenant_id, name),
        ).fetchone()
    if row is None:
        raise _unknown(name)
    return _Definition(name, row[0])


def _unknown(name: str) -> HttpProblem:
    return refuse("NoSuchNameException", "api.query_unknown", found=name[:200])


@router.get("/epcis/queries/{query_name}", openapi_extra=describe.QUERY)
def show_query(request: Request) -> Response:
    """Give the definition of a named query."""
    accepted(request, (JSON,))
    return Response(msgspec.json.encode(_definition(request)), media_type=JSON)


@router.delete("/epcis/queries/{query_name}", status_code=204, openapi_extra=describe.QUERY)
def remove_query(request: Request) -> Response:
    """Remove a named query."""
    services, caller = services_of(request), caller_of(request)
    name = path_value(request, "query_name")
    with services.database.tenant(caller.tenant_id) as connection:
        done = connection.execute(
            "DELETE FROM epcis.named_query WHERE tenant_id = %s AND name = %s",
            (caller.tenant_id, name),
        )
    if done.rowcount == 0:
        raise _unknown(name)
    return Response(status_code=204)


@router.get("/epcis/queries/{query_name}/events", openapi_extra=describe.QUERY_EVENTS)
def query_named_events(request: Request) -> Response:
    """Give the events of a named query; parameters of the request narrow it further."""
    if request.headers.get("upgrade"):
        raise _no_subscriptions()
    definition = _definition(request)
    fixed = _query_of(definition.query, {})
    return answer_query(request, fixed=fixed, query_name=definition.name)


def _no_subscriptions() -> HttpProblem:
    return refuse("NotImplemented", "api.subscriptions_unsupported")


@router.api_route(
    "/epcis/queries/{query_name}/subscriptions",
    methods=["GET", "POST"],
    include_in_schema=False,
)
@router.api_route(
    "/epcis/queries/{query_name}/subscriptions/{subscription_id}",
    methods=["GET", "DELETE"],
    include_in_schema=False,
)
def refuse_subscription(request: Request) -> Response:
    """Say that there are no subscriptions yet."""
    raise _no_subscriptions()


@router.delete("/epcis/nextPageToken/{token}", status_code=204, openapi_extra=describe.PAGE_TOKEN)
def release_page_token(request: Request) -> Response:
    """Make a page token useless before its time."""
    services, caller = services_of(request), caller_of(request)
    services.tokens.release(caller.tenant_id, path_value(request, "token"))
    return Response(status_code=204)
