"""`/api/users`, `/api/api_keys`: who may come in. 账号管理"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import Request
from starlette.responses import Response

from suyuan.account import (
    ApiKey,
    Link,
    RoleGrant,
    User,
    add_user,
    change_user,
    find_user,
    list_api_keys,
    list_users,
    make_api_key,
    make_link,
    remove_totp,
    revoke_api_key,
)
from suyuan.api import _openapi_account as describe
from suyuan.api._body import JsonBody, read_json
from suyuan.api._parameters import plain_text, read_parameters, refusing
from suyuan.api._request import base_url, path_value
from suyuan.api._router import Router
from suyuan.api._services import actor_of, caller_of, services_of
from suyuan.errors import Language
from suyuan.store import Database

__all__ = ["router"]

router = Router(prefix="/api", tags=["Accounts"])

_Time = Annotated[datetime, msgspec.Meta(tz=True)]


class _Grant(msgspec.Struct, forbid_unknown_fields=True):
    role: str
    expires: _Time | None = None


class _NewUser(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    full_name: str = ""
    language: Language = "zh"
    roles: list[_Grant] = []
    why: str = ""


class _ChangedUser(msgspec.Struct, forbid_unknown_fields=True):
    full_name: str | None = None
    language: Language | None = None
    roles: list[_Grant] | None = None
    disabled: bool | None = None
    why: str = ""


class _Reason(msgspec.Struct, forbid_unknown_fields=True):
    why: str = ""


class _NewKey(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    permissions: list[str] | None = None
    expires: _Time | None = None
    why: str = ""


@router.get("/users", openapi_extra=describe.USERS)
def give_users(request: Request) -> Response:
    """Give all users with their roles."""
    found = list_users(_database(request), caller_of(request).tenant_id)
    return _json({"users": [_user(one) for one in found]})


@router.post("/users", status_code=201, openapi_extra=describe.MAKE_USER)
def make_user(request: Request, body: JsonBody) -> Response:
    """Make a user, and the link with which they set their password."""
    wanted = read_json(body, _NewUser)
    with refusing():
        user = add_user(
            _database(request),
            actor_of(request),
            name=wanted.name,
            full_name=wanted.full_name,
            language=wanted.language,
            grants=_grants(wanted.roles),
            within=caller_of(request).permissions,
            why=wanted.why,
        )
        link = make_link(_database(request), actor_of(request), user.user_id, why=wanted.why)
    return _json({"user": _user(user), "invitation": _link(request, link)}, 201)


@router.get("/users/{user_id}", openapi_extra=describe.USER)
def give_user(request: Request) -> Response:
    """Give one user."""
    user_id = path_value(request, "user_id")
    return _json(_user(find_user(_database(request), caller_of(request).tenant_id, user_id)))


@router.patch("/users/{user_id}", openapi_extra=describe.CHANGE_USER)
def update_user(request: Request, body: JsonBody) -> Response:
    """Change a user: name, language, roles; or disable them, and enable them again."""
    wanted = read_json(body, _ChangedUser)
    with refusing():
        user = change_user(
            _database(request),
            actor_of(request),
            path_value(request, "user_id"),
            full_name=wanted.full_name,
            language=wanted.language,
            grants=None if wanted.roles is None else _grants(wanted.roles),
            is_disabled=wanted.disabled,
            within=caller_of(request).permissions,
            why=wanted.why,
        )
    return _json(_user(user))


@router.post("/users/{user_id}/link", status_code=201, openapi_extra=describe.MAKE_LINK)
def make_user_link(request: Request, body: JsonBody) -> Response:
    """Make a link with which a user sets a password; older links open no more."""
    wanted = read_json(body, _Reason)
    with refusing():
        link = make_link(
            _database(request),
            actor_of(request),
            path_value(request, "user_id"),
            within=caller_of(request).permissions,
            why=wanted.why,
        )
    return _json(_link(request, link), 201)


@router.delete("/users/{user_id}/totp", status_code=204, openapi_extra=describe.REMOVE_USER_TOTP)
def remove_user_totp(request: Request) -> Response:
    """Ask a user for no code of a phone any more: it was lost."""
    with refusing():
        values, _ = read_parameters(request, {"why": plain_text})
        remove_totp(
            _database(request),
            actor_of(request),
            path_value(request, "user_id"),
            within=caller_of(request).permissions,
            why=str(values.get("why", "")),
        )
    return Response(status_code=204)


@router.get("/api_keys", openapi_extra=describe.API_KEYS)
def give_api_keys(request: Request) -> Response:
    """Give all API keys, without their secrets."""
    found = list_api_keys(_database(request), caller_of(request).tenant_id)
    return _json({"api_keys": [_key(one) for one in found]})


@router.post("/api_keys", status_code=201, openapi_extra=describe.MAKE_API_KEY)
def make_key(request: Request, body: JsonBody) -> Response:
    """Make an API key for some of what may be done, or for all, and show it this once."""
    wanted = read_json(body, _NewKey)
    caller = caller_of(request)
    with refusing():
        key = make_api_key(
            _database(request),
            caller.tenant_id,
            name=wanted.name,
            expires=wanted.expires,
            scope=wanted.permissions,
            actor=actor_of(request),
            within=caller.permissions,
            why=wanted.why,
        )
    return _json(_key(key) | {"secret": key.secret}, 201)


@router.delete("/api_keys/{api_key_id}", status_code=204, openapi_extra=describe.REVOKE_API_KEY)
def revoke_key(request: Request) -> Response:
    """Close an API key for ever."""
    with refusing():
        values, _ = read_parameters(request, {"why": plain_text})
        revoke_api_key(
            _database(request),
            caller_of(request).tenant_id,
            path_value(request, "api_key_id"),
            actor=actor_of(request),
            why=str(values.get("why", "")),
        )
    return Response(status_code=204)


def _database(request: Request) -> Database:
    return services_of(request).database


def _grants(wanted: list[_Grant]) -> list[RoleGrant]:
    return [RoleGrant(role=one.role, expires=one.expires) for one in wanted]


def _user(user: User) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.to_builtins(user)
    return {"user": shown.pop("user_id"), **shown}


def _key(key: ApiKey) -> dict[str, Any]:
    return {
        "api_key": key.api_key_id,
        "name": key.name,
        "permissions": None if key.permissions is None else sorted(key.permissions),
        "created": key.created,
        "expires": key.expires,
        "revoked": key.revoked,
    }


def _link(request: Request, link: Link) -> dict[str, Any]:
    return {"link": base_url(request) + link.path, "expires": link.expires}


def _json(value: Any, status: int = 200) -> Response:
    return Response(
        msgspec.json.encode(value),
        status,
        headers={"Cache-Control": "no-store"},
        media_type="application/json",
    )
