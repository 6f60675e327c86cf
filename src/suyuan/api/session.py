"""`/api/session`: to sign in and out for pages, and who is signed in. 登录会话"""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import Request
from starlette.responses import Response

from suyuan.account import Session, change_user, csrf_token, find_session, sign_out
from suyuan.api import _openapi_account as describe
from suyuan.api._body import JsonBody, read_json
from suyuan.api._cookie import SESSION_COOKIE, check_origin, drop_session, give_session
from suyuan.api._problem import HttpProblem, refuse
from suyuan.api._router import Router
from suyuan.api._services import actor_of, address_of, browser_of, caller_of, services_of
from suyuan.errors import Denied, Language

__all__ = ["as_sign_in_problem", "router"]

router = Router(prefix="/api", tags=["Accounts"])
_Short = Annotated[str, msgspec.Meta(max_length=300)]
_REFUSED = frozenset({"account.sign_in_refused", "account.code_missing"})


class _SignIn(msgspec.Struct, forbid_unknown_fields=True):
    name: _Short
    password: _Short
    code: _Short = ""


class _Preference(msgspec.Struct, forbid_unknown_fields=True):
    language: Language


@router.post("/session", openapi_extra=describe.SIGN_IN)
def sign_in(request: Request, body: JsonBody) -> Response:
    """Sign in: give the session, and its cookie."""
    check_origin(request)
    wanted = read_json(body, _SignIn)
    services = services_of(request)
    try:
        token = services.sign_ins.sign_in(
            wanted.name,
            wanted.password,
            wanted.code,
            address=address_of(request),
            browser=browser_of(request),
        )
    except Denied as error:
        raise as_sign_in_problem(error) from error
    session = find_session(services.database, token)
    assert session is not None
    response = _shown(session, token)
    give_session(request, response, token)
    return response


@router.get("/session", openapi_extra=describe.SESSION)
def show_session(request: Request) -> Response:
    """Say who is signed in, with which permissions."""
    return _shown(_session(request), request.cookies[SESSION_COOKIE])


@router.patch("/session", openapi_extra=describe.CHANGE_SESSION)
def change_session(request: Request, body: JsonBody) -> Response:
    """Change the language in which the one signed in is spoken to."""
    session = _session(request)
    wanted = read_json(body, _Preference)
    change_user(
        services_of(request).database,
        actor_of(request),
        session.user_id,
        language=wanted.language,
    )
    token = request.cookies[SESSION_COOKIE]
    now = find_session(services_of(request).database, token)
    return _shown(now or session, token)


@router.delete("/session", status_code=204, openapi_extra=describe.SIGN_OUT)
def end_session(request: Request) -> Response:
    """Sign out."""
    sign_out(services_of(request).database, _session(request))
    response = Response(status_code=204)
    drop_session(request, response)
    return response


def as_sign_in_problem(error: Denied) -> HttpProblem:
    """Say over HTTP why somebody can't sign in: 401, or 429 when it was tried too often."""
    if error.code in _REFUSED:
        return HttpProblem("SecurityException", error.problems)
    wait_s = error.problems[0].expected
    return HttpProblem("TooManyRequests", error.problems, headers={"Retry-After": wait_s})


def _session(request: Request) -> Session:
    session = caller_of(request).session
    if session is None:  # A key is no person.
        raise refuse("SecurityException", "api.session_over")
    return session


def _shown(session: Session, token: str) -> Response:
    shown = {
        "user": session.user_id,
        "name": session.full_name or session.name,
        "tenant": session.tenant,
        "language": session.language,
        "roles": list(session.roles),
        "permissions": sorted(session.permissions),
        "csrf": csrf_token(token),
        "plant": session.plant,
        "access_end": session.access_end,
    }
    return Response(
        msgspec.json.encode(shown),
        headers={"Cache-Control": "no-store"},
        media_type="application/json",
    )
