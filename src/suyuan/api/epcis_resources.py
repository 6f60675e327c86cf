"""The top-level resources of EPCIS: what there is of each kind, and its events. 顶层资源"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import msgspec
from fastapi import Request
from lxml import etree
from starlette.responses import Response
from starlette.routing import compile_path

from suyuan.api import _openapi as describe
from suyuan.api._answer import CONTEXT, spelled
from suyuan.api._event_answers import answer_query, read_query
from suyuan.api._gs1 import discovery_headers, epc_format, extensions
from suyuan.api._media import JSON, XML, accepted
from suyuan.api._problem import HttpProblem, refuse
from suyuan.api._request import (
    next_page_headers,
    page_size,
    page_token,
    path_value,
    query_pairs,
    question,
    without_paging,
)
from suyuan.api._router import Router
from suyuan.api._services import caller_of, services_of
from suyuan.errors import Problem
from suyuan.event import BUSINESS_STEP, DISPOSITION, EventType, Role, Vocabulary

__all__ = ["RESOURCES", "Resource", "allowed_methods", "router"]

router = Router(tags=["Top-level"])
_TOP_LEVEL = (
    "events",
    "eventTypes",
    "epcs",
    "bizSteps",
    "bizLocations",
    "readPoints",
    "dispositions",
    "capture",
    "queries",
)
_EVENT_TYPES = tuple(sorted(f"{one.name.capitalize()}Event" for one in EventType))

_Lister = Callable[[Request, str, int], Iterable[str]]
"""Gives members of a resource in order: those behind a text, at most so many."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of thing by which events can be looked up, and the parameter that asks for it."""

    name: str
    variable: str
    parameter: str
    members: _Lister
    is_identifier: bool = False


def _event_types(request: Request, after: str, members_max: int) -> Iterable[str]:
    return [name for name in _EVENT_TYPES if name > after][:members_max]


def _words(vocabulary: Vocabulary, column: str) -> _Lister:
    def members(request: Request, after: str, members_max: int) -> Iterable[str]:
        known = services_of(request).known.words(caller_of(request).tenant_id, column)
        names = {vocabulary.bare.get(uri, uri) for uri in known} | set(vocabulary.words)
        return sorted(name for name in names if name > after)[:members_max]

    return members


def _places(role: Role) -> _Lister:
    def members(request: Request, after: str, members_max: int) -> Iterable[str]:
        known = services_of(request).known
        return known.places(caller_of(request).tenant_id, role, after=after, places_max=members_max)

    return members


def _epcs(request: Request, after: str, members_max: int) -> Iterable[str]:
    known = services_of(request).known
    return known.epcs(caller_of(request).tenant_id, after=after, epcs_max=members_max)


RESOURCES = (
    Resource("eventTypes", "event_type", "eventType", _event_types),
    Resource("epcs", "epc", "MATCH_anyEPC", _epcs, is_identifier=True),
    Resource("bizSteps", "business_step", "EQ_bizStep", _words(BUSINESS_STEP, "business_step")),
    Resource(
        "bizLocations",
        "business_location",
        "EQ_bizLocation",
        _places(Role.BUSINESS_LOCATION),
        is_identifier=True,
    ),
    Resource(
        "readPoints", "read_point", "EQ_readPoint", _places(Role.READ_POINT), is_identifier=True
    ),
    Resource("dispositions", "disposition", "EQ_disposition", _words(DISPOSITION, "disposition")),
)


def _collection(members: Iterable[str], headers: dict[str, str] | None = None) -> Response:
    answer = {"@context": CONTEXT, "type": "Collection", "member": list(members)}
    return Response(msgspec.json.encode(answer), headers=headers, media_type=JSON)


@router.get("/epcis", openapi_extra=describe.TOP_LEVEL)
def list_top_level(request: Request) -> Response:
    """List the top-level resources.

    The only list that the standard offers in XML too, though without a schema: its elements
    are named as OpenAPI derives them.
    """
    if accepted(request, (JSON, XML)) == JSON:
        return _collection(_TOP_LEVEL)
    top = etree.Element("TopLevelResourceCollection")
    etree.SubElement(top, "type").text = "Collection"
    for name in _TOP_LEVEL:
        etree.SubElement(top, "member").text = name
    content = etree.tostring(top, xml_declaration=True, encoding="UTF-8")
    return Response(content, media_type=XML)


@router.get("/epcis/", include_in_schema=False)
def list_top_level_too(request: Request) -> Response:
    """List the top-level resources."""
    return list_top_level(request)


def _listing(resource: Resource) -> Callable[[Request], Response]:
    def list_members(request: Request) -> Response:
        accepted(request, (JSON,))
        services, caller = services_of(request), caller_of(request)
        pairs = query_pairs(request)
        unknown = without_paging(pairs)
        if unknown:
            raise HttpProblem(
                "QueryParameterException",
                [
                    Problem(code="query.parameter_unknown", where=name[:100], found=name[:100])
                    for name, _ in unknown
                ],
            )
        size = page_size(request, pairs)
        token = page_token(pairs)
        after = ""
        if token:
            name = question(request, pairs)
            after = services.tokens.read(caller.tenant_id, name, token, str)
        members = list(resource.members(request, after, size + 1))
        headers = {}
        if len(members) > size:
            headers = next_page_headers(request, pairs, members[size - 1])
        shown = members[:size]
        if resource.is_identifier:
            wanted = epc_format(request)
            headers["GS1-EPC-Format"] = wanted
            shown = [spelled(member, wanted) for member in shown]
        return _collection(shown, headers)

    return list_members


def _value(request: Request, resource: Resource) -> str:
    value = path_value(request, resource.variable)
    if resource.name == "eventTypes" and value not in _EVENT_TYPES:
        raise refuse("NoSuchNameException", "api.event_type_unknown", found=value[:200])
    return value


def _sub_resources(resource: Resource) -> Callable[[Request], Response]:
    def list_sub_resources(request: Request) -> Response:
        accepted(request, (JSON,))
        _value(request, resource)
        return _collection(["events"])

    return list_sub_resources


def _events(resource: Resource) -> Callable[[Request], Response]:
    def query_resource_events(request: Request) -> Response:
        value = _value(request, resource)
        namespaces = extensions(request.headers)
        return answer_query(request, fixed=read_query({resource.parameter: (value,)}, namespaces))

    return query_resource_events


def _add(resource: Resource) -> None:
    path = f"/epcis/{resource.name}"
    one = f"{path}/{{{resource.variable}:path}}"
    router.add_api_route(
        path,
        _listing(resource),
        summary=f"List the {resource.name} that are known.",
        operation_id=f"list_{resource.name}",
        openapi_extra=describe.listing(resource.name),
    )
    router.add_api_route(
        f"{one}/events",
        _events(resource),
        summary=f"Give the events of one of the {resource.name}.",
        operation_id=f"query_events_of_{resource.name}",
        openapi_extra=describe.resource_events(resource.variable, resource.parameter),
    )
    router.add_api_route(
        one,
        _sub_resources(resource),
        summary=f"List what there is about one of the {resource.name}.",
        operation_id=f"list_sub_resources_of_{resource.name}",
        openapi_extra=describe.sub_resources(resource.variable),
    )


for _resource in RESOURCES:
    _add(_resource)

_GET = "OPTIONS, GET"
_GET_POST = "OPTIONS, GET, POST"
_GET_DELETE = "OPTIONS, GET, DELETE"
_ALLOWED = {
    "/epcis": _GET,
    "/epcis/": _GET,
    "/epcis/capture": _GET_POST,
    "/epcis/capture/{capture_id}": _GET,
    "/epcis/events": _GET_POST,
    "/epcis/events/{event_id:path}": _GET,
    "/epcis/queries": _GET_POST,
    "/epcis/queries/{query_name}": _GET_DELETE,
    "/epcis/queries/{query_name}/events": _GET,
    "/epcis/queries/{query_name}/subscriptions": _GET_POST,
    "/epcis/queries/{query_name}/subscriptions/{subscription_id}": _GET_DELETE,
    "/epcis/nextPageToken/{token}": "OPTIONS, DELETE",
    **{f"/epcis/{one.name}": _GET for one in RESOURCES},
    **{f"/epcis/{one.name}/{{{one.variable}:path}}": _GET for one in RESOURCES},
}


_PATHS = [(compile_path(path)[0], allow) for path, allow in _ALLOWED.items()]


def allowed_methods(path: str) -> str:
    """Give the methods that a path has, empty when it is none of EPCIS."""
    return next((allow for pattern, allow in _PATHS if pattern.match(path)), "")


def _discovery(allow: str) -> Callable[[Request], Response]:
    def discover(request: Request) -> Response:
        return Response(
            status_code=204, headers=discovery_headers(services_of(request).settings, allow)
        )

    return discover


for _path, _allow in _ALLOWED.items():
    router.add_api_route(
        _path,
        _discovery(_allow),
        methods=["OPTIONS"],
        status_code=204,
        tags=["Discovery"],
        include_in_schema=False,
    )
