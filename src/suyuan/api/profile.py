"""`/api/profile`: what everybody may do with their own account. 个人设置

Whatever makes the account weaker or locks its owner out asks for the password again: a
session that somebody left open is not enough.
"""

from __future__ import annotations

import base64
from typing import Annotated, Any

import msgspec
from fastapi import Request
from starlette.responses import Response

from suyuan.account import (
    Session,
    begin_totp,
    change_password,
    confirm_totp,
    count_recovery_codes,
    end_sessions,
    find_user,
    list_roles,
    list_sessions,
    make_recovery_codes,
    remove_totp,
    totp_uri,
)
from suyuan.api import _openapi_people as describe
from suyuan.api._body import JsonBody, read_json
from suyuan.api._parameters import refusing
from suyuan.api._picture import qr_code
from suyuan.api._problem import HttpProblem, refuse
from suyuan.api._request import path_value
from suyuan.api._router import Router
from suyuan.api._services import actor_of, address_of, caller_of, services_of
from suyuan.errors import Denied
from suyuan.store import Database

__all__ = ["router"]

router = Router(prefix="/api/profile", tags=["Accounts"])
_Short = Annotated[str, msgspec.Meta(max_length=300)]
_TOO_OFTEN = "account.sign_in_too_often"


class _Confirmed(msgspec.Struct, forbid_unknown_fields=True):
    password: _Short = ""


class _NewPassword(msgspec.Struct, forbid_unknown_fields=True):
    new_password: _Short
    password: _Short = ""


class _Code(msgspec.Struct, forbid_unknown_fields=True):
    code: _Short


@router.get("", openapi_extra=describe.PROFILE)
def give_profile(request: Request) -> Response:
    """Tell everybody about their own account."""
    session, database = _session(request), _database(request)
    user = find_user(database, session.tenant_id, session.user_id)
    names = {one.role: one.names for one in list_roles(database, session.tenant_id)}
    return _json(
        {
            "user": user.user_id,
            "name": user.name,
            "full_name": user.full_name,
            "language": user.language,
            "has_password": user.has_password,
            "has_totp": user.has_totp,
            "recovery_codes": count_recovery_codes(database, session.tenant_id, user.user_id),
            "roles": [
                {"role": one.role, "names": names.get(one.role), "expires": one.expires}
                for one in user.roles
            ],
        }
    )


@router.put("/password", status_code=204, openapi_extra=describe.CHANGE_PASSWORD)
def change_own_password(request: Request, body: JsonBody) -> Response:
    """Change one's own password; all other sessions of theirs end."""
    wanted = read_json(body, _NewPassword)
    session = _session(request)
    if find_user(_database(request), session.tenant_id, session.user_id).has_password:
        _confirm(request, wanted.password)
    with refusing():
        change_password(_database(request), actor_of(request), session, wanted.new_password)
    return Response(status_code=204)


@router.post("/totp", openapi_extra=describe.BEGIN_TOTP)
def begin_own_totp(request: Request, body: JsonBody) -> Response:
    """Make a secret for one's phone; it is asked for once a code has proved it."""
    _confirm(request, read_json(body, _Confirmed).password)
    session = _session(request)
    secret = begin_totp(_database(request), actor_of(request), session.user_id)
    uri = totp_uri(secret, name=session.name)
    text = base64.b32encode(secret).decode().rstrip("=")
    return _json({"secret": text, "uri": uri, "picture": qr_code(uri)})


@router.put("/totp", openapi_extra=describe.CONFIRM_TOTP)
def confirm_own_totp(request: Request, body: JsonBody) -> Response:
    """Ask for codes from now on; give the recovery codes, this once."""
    wanted = read_json(body, _Code)
    session = _session(request)
    with refusing():
        codes = confirm_totp(_database(request), actor_of(request), session.user_id, wanted.code)
    return _json({"recovery_codes": codes})


@router.delete("/totp", status_code=204, openapi_extra=describe.REMOVE_TOTP)
def remove_own_totp(request: Request, body: JsonBody) -> Response:
    """Ask for no codes any more."""
    _confirm(request, read_json(body, _Confirmed).password)
    remove_totp(_database(request), actor_of(request), _session(request).user_id)
    return Response(status_code=204)


@router.post("/recovery_codes", openapi_extra=describe.RECOVERY_CODES)
def renew_recovery_codes(request: Request, body: JsonBody) -> Response:
    """Give new recovery codes, this once; the old ones open no more."""
    _confirm(request, read_json(body, _Confirmed).password)
    codes = make_recovery_codes(_database(request), actor_of(request), _session(request).user_id)
    return _json({"recovery_codes": codes})


@router.get("/sessions", openapi_extra=describe.SESSIONS)
def give_sessions(request: Request) -> Response:
    """Give one's own open sessions: since when, from where, in which browser."""
    session = _session(request)
    found = list_sessions(_database(request), session.tenant_id, session.user_id)
    return _json(
        {
            "sessions": [
                {
                    "session": one.session_id,
                    "is_present": one.session_id == session.session_id,
                    "created": one.created,
                    "last_seen": one.last_seen,
                    "expires": one.expires,
                    "address": one.address,
                    "browser": one.browser,
                }
                for one in found
            ]
        }
    )


@router.delete("/sessions", status_code=204, openapi_extra=describe.END_SESSIONS)
def end_other_sessions(request: Request) -> Response:
    """End all sessions of one's own but the present one."""
    end_sessions(_database(request), actor_of(request), _session(request))
    return Response(status_code=204)


@router.delete("/sessions/{session_id}", status_code=204, openapi_extra=describe.END_SESSION)
def end_own_session(request: Request) -> Response:
    """End one of one's own sessions."""
    session_id = path_value(request, "session_id")
    end_sessions(_database(request), actor_of(request), _session(request), session_id)
    return Response(status_code=204)


def _confirm(request: Request, password: str) -> None:
    """See that whoever asks knows the password. Raises 403, or 429 after too many tries."""
    try:
        services_of(request).sign_ins.confirm(
            _session(request), password, address=address_of(request)
        )
    except Denied as error:
        if error.code != _TOO_OFTEN:
            raise
        headers = {"Retry-After": error.problems[0].expected}
        raise HttpProblem("TooManyRequests", error.problems, headers=headers) from error


def _session(request: Request) -> Session:
    session = caller_of(request).session
    if session is None:  # A key is no person.
        raise refuse("SecurityException", "api.session_over")
    return session


def _database(request: Request) -> Database:
    return services_of(request).database


def _json(value: Any) -> Response:
    return Response(
        msgspec.json.encode(value),
        headers={"Cache-Control": "no-store"},
        media_type="application/json",
    )
