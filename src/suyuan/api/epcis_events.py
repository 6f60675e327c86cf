"""`/epcis/events`: events go out. 查询接口"""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from suyuan.api import _openapi as describe
from suyuan.api._event_answers import answer_page, answer_query
from suyuan.api._problem import refuse
from suyuan.api._request import path_value
from suyuan.api._router import Router
from suyuan.api._services import caller_of, services_of
from suyuan.journal import parse_query, read_page

__all__ = ["router"]

router = Router(tags=["Events"])
_SAME_ID_MAX = 1_000


@router.get("/epcis/events", openapi_extra=describe.EVENTS)
def query_events(request: Request) -> Response:
    """Give the events that fit the query."""
    return answer_query(request)


@router.get("/epcis/events/{event_id:path}", openapi_extra=describe.EVENT)
def show_event(request: Request) -> Response:
    """Give the event of an ID, and the error declaration about it where there is one."""
    event_id = path_value(request, "event_id")
    services, caller = services_of(request), caller_of(request)
    page = read_page(
        services.database,
        caller.tenant_id,
        parse_query({"EQ_eventID": (event_id,)}),
        events_max=_SAME_ID_MAX,
    )
    if not page.sequences:
        raise refuse("NoSuchNameException", "journal.event_unknown", found=event_id[:200])
    return answer_page(request, page, query_name="SimpleEventQuery", headers={})
