"""`/api/roles`: the ready-made roles, and those of a plant's own. 角色"""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import Request
from starlette.responses import Response

from suyuan.account import Role, add_role, change_role, list_roles, permissions, remove_role
from suyuan.api import _openapi_people as describe
from suyuan.api._body import JsonBody, read_json
from suyuan.api._parameters import plain_text, read_parameters, refusing
from suyuan.api._request import path_value
from suyuan.api._router import Router
from suyuan.api._services import actor_of, caller_of, services_of

__all__ = ["router"]

router = Router(prefix="/api/roles", tags=["Accounts"])


class _Names(msgspec.Struct, forbid_unknown_fields=True):
    en: str = ""
    zh: str = ""


class _WantedRole(msgspec.Struct, forbid_unknown_fields=True):
    names: _Names
    permissions: list[str] = []
    why: str = ""


@router.get("", openapi_extra=describe.ROLES)
def give_roles(request: Request) -> Response:
    """Give the roles and the permissions, with their names in both languages."""
    found = list_roles(services_of(request).database, caller_of(request).tenant_id)
    return _json(
        {
            "roles": [_role(one) for one in found],
            "permissions": [
                {"permission": code, "names": names} for code, names in permissions().items()
            ],
        }
    )


@router.post("", status_code=201, openapi_extra=describe.MAKE_ROLE)
def make_role(request: Request, body: JsonBody) -> Response:
    """Make a role of the plant's own; it opens no more than its maker may do."""
    wanted = read_json(body, _WantedRole)
    with refusing():
        role = add_role(
            services_of(request).database,
            actor_of(request),
            name_en=wanted.names.en,
            name_zh=wanted.names.zh,
            granted=wanted.permissions,
            within=caller_of(request).permissions,
            why=wanted.why,
        )
    return _json(_role(role), 201)


@router.put("/{role}", openapi_extra=describe.CHANGE_ROLE)
def update_role(request: Request, body: JsonBody) -> Response:
    """Give a role of the plant's own other names and permissions; it holds at once."""
    wanted = read_json(body, _WantedRole)
    with refusing():
        role = change_role(
            services_of(request).database,
            actor_of(request),
            path_value(request, "role"),
            name_en=wanted.names.en,
            name_zh=wanted.names.zh,
            granted=wanted.permissions,
            within=caller_of(request).permissions,
            why=wanted.why,
        )
    return _json(_role(role))


@router.delete("/{role}", status_code=204, openapi_extra=describe.REMOVE_ROLE)
def drop_role(request: Request) -> Response:
    """Remove a role of the plant's own that nobody has."""
    with refusing():
        values, _ = read_parameters(request, {"why": plain_text})
        remove_role(
            services_of(request).database,
            actor_of(request),
            path_value(request, "role"),
            within=caller_of(request).permissions,
            why=str(values.get("why", "")),
        )
    return Response(status_code=204)


def _role(role: Role) -> dict[str, Any]:
    return {
        "role": role.role,
        "names": role.names,
        "permissions": sorted(role.permissions),
        "is_time_limited": role.is_time_limited,
        "is_own": role.is_own,
    }


def _json(value: Any, status: int = 200) -> Response:
    return Response(
        msgspec.json.encode(value),
        status,
        headers={"Cache-Control": "no-store"},
        media_type="application/json",
    )
