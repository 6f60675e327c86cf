"""What our OpenAPI says of accounts: sessions, users, roles, API keys, the audit trail. 接口描述"""

from __future__ import annotations

from typing import Any

from suyuan.account import permissions
from suyuan.api._openapi import _good, _in_path, _in_query, _public, _responses

__all__ = [
    "API_KEYS",
    "CHANGE_SESSION",
    "CHANGE_USER",
    "MAKE_API_KEY",
    "MAKE_LINK",
    "MAKE_USER",
    "REMOVE_USER_TOTP",
    "REVOKE_API_KEY",
    "SESSION",
    "SIGN_IN",
    "SIGN_OUT",
    "USER",
    "USERS",
]

Extra = dict[str, Any]

_TEXT: Extra = {"type": "string"}
_TIME: Extra = {"type": "string", "format": "date-time"}
_TIME_OR_NONE: Extra = {"type": ["string", "null"], "format": "date-time"}
_LANGUAGE: Extra = {"type": "string", "enum": ["en", "zh"]}
_PERMISSION: Extra = {"type": "string", "enum": list(permissions())}
_WHY: Extra = {"type": "string", "description": "The reason, for the audit trail."}


def _all(**properties: Extra) -> Extra:
    return {"type": "object", "required": list(properties), "properties": properties}


def _list(items: Extra) -> Extra:
    return {"type": "array", "items": items}


def _body(required: tuple[str, ...] = (), **properties: Extra) -> Extra:
    schema: Extra = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        schema["required"] = list(required)
    return {"required": bool(required), "content": {"application/json": {"schema": schema}}}


_SESSION = _good(
    "Who is signed in.",
    _all(
        user=_TEXT,
        name=_TEXT,
        tenant=_TEXT,
        language=_LANGUAGE,
        roles=_list(_TEXT),
        permissions=_list(_PERMISSION),
        csrf=_TEXT,
        plant={**_TEXT, "description": "What the tenant calls its plant; may be empty."},
        access_end={
            **_TIME_OR_NONE,
            "description": "When the last role ends or has ended; null where one never does.",
        },
    ),
)
SIGN_IN: Extra = {
    **_public(_SESSION, problems=("400", "401", "403", "413", "415", "429", "503")),
    "requestBody": _body(("name", "password"), name=_TEXT, password=_TEXT, code=_TEXT),
}
SESSION: Extra = _responses({"200": _SESSION})
CHANGE_SESSION: Extra = {
    "requestBody": _body(("language",), language=_LANGUAGE),
    **_responses({"200": _SESSION}, "413", "415"),
}
SIGN_OUT: Extra = _responses({"204": {"description": "Signed out."}})

_GRANT = {
    "type": "object",
    "required": ["role"],
    "properties": {"role": _TEXT, "expires": _TIME_OR_NONE},
    "additionalProperties": False,
}
_USER = _all(
    user=_TEXT,
    name=_TEXT,
    full_name=_TEXT,
    language=_LANGUAGE,
    roles=_list(_all(role=_TEXT, expires=_TIME_OR_NONE)),
    has_password={"type": "boolean"},
    has_entered={"type": "boolean"},
    has_totp={"type": "boolean"},
    created=_TIME,
    disabled=_TIME_OR_NONE,
)
_LINK = _all(link=_TEXT, expires=_TIME)
USERS: Extra = _responses({"200": _good("All users.", _all(users=_list(_USER)))})
USER: Extra = {
    "parameters": [_in_path("user_id")],
    **_responses({"200": _good("The user.", _USER)}, "404"),
}
MAKE_USER: Extra = {
    "requestBody": _body(
        ("name",),
        name=_TEXT,
        full_name=_TEXT,
        language=_LANGUAGE,
        roles=_list(_GRANT),
        why=_WHY,
    ),
    **_responses(
        {"201": _good("The user, and the invitation.", _all(user=_USER, invitation=_LINK))},
        *("409", "413", "415", "422"),
    ),
}
CHANGE_USER: Extra = {
    "parameters": [_in_path("user_id")],
    "requestBody": _body(
        full_name=_TEXT,
        language=_LANGUAGE,
        roles=_list(_GRANT),
        disabled={"type": "boolean"},
        why=_WHY,
    ),
    **_responses({"200": _good("The user.", _USER)}, "404", "409", "413", "415", "422"),
}
MAKE_LINK: Extra = {
    "parameters": [_in_path("user_id")],
    "requestBody": _body(why=_WHY),
    **_responses(
        {"201": _good("The link to set a password.", _LINK)},
        *("404", "409", "413", "415", "422"),
    ),
}
_KEY = _all(
    api_key=_TEXT,
    name=_TEXT,
    permissions={"type": ["array", "null"], "items": _PERMISSION},
    created=_TIME_OR_NONE,
    expires=_TIME_OR_NONE,
    revoked=_TIME_OR_NONE,
)
REMOVE_USER_TOTP: Extra = {
    "parameters": [_in_path("user_id"), _in_query("why", _WHY["description"], schema=_TEXT)],
    **_responses({"204": {"description": "No code is asked for any more."}}, "404", "409", "422"),
}
API_KEYS: Extra = _responses({"200": _good("All keys.", _all(api_keys=_list(_KEY)))})
MAKE_API_KEY: Extra = {
    "requestBody": _body(
        ("name",),
        name=_TEXT,
        permissions={"type": ["array", "null"], "items": _PERMISSION},
        expires=_TIME_OR_NONE,
        why=_WHY,
    ),
    **_responses(
        {
            "201": _good(
                "The key; its secret is shown this once.", _all(secret=_TEXT, **_KEY["properties"])
            )
        },
        *("413", "415", "422"),
    ),
}
REVOKE_API_KEY: Extra = {
    "parameters": [_in_path("api_key_id"), _in_query("why", _WHY["description"], schema=_TEXT)],
    **_responses({"204": {"description": "The key opens nothing any more."}}, "404", "422"),
}
