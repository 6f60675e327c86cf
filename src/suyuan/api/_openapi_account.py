"""What our OpenAPI says of accounts: sessions, users, roles, API keys, the audit trail. 接口描述"""

from __future__ import annotations

from typing import Any

from suyuan.account import permissions, roles
from suyuan.api._openapi import _good, _in_path, _in_query, _public, _responses

__all__ = [
    "API_KEYS",
    "AUDIT",
    "CHANGE_SESSION",
    "CHANGE_USER",
    "MAKE_API_KEY",
    "MAKE_LINK",
    "MAKE_USER",
    "REVOKE_API_KEY",
    "ROLES",
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
_ROLE: Extra = {"type": "string", "enum": list(roles())}
_PERMISSION: Extra = {"type": "string", "enum": list(permissions())}
_WHY: Extra = {"type": "string", "description": "The reason, for the audit trail."}
_FACTS: Extra = {"type": ["object", "null"]}


def _all(**properties: Extra) -> Extra:
    return {"type": "object", "required": list(properties), "properties": properties}


def _list(items: Extra) -> Extra:
    return {"type": "array", "items": items}


def _body(required: tuple[str, ...] = (), **properties: Extra) -> Extra:
    schema: Extra = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        schema["required"] = list(required)
    return {"required": bool(required), "content": {"application/json": {"schema": schema}}}


_NAMES = _all(en=_TEXT, zh=_TEXT)
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
    "properties": {"role": _ROLE, "expires": _TIME_OR_NONE},
    "additionalProperties": False,
}
_USER = _all(
    user=_TEXT,
    name=_TEXT,
    full_name=_TEXT,
    language=_LANGUAGE,
    roles=_list(_all(role=_TEXT, expires=_TIME_OR_NONE)),
    has_password={"type": "boolean"},
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
ROLES: Extra = _responses(
    {
        "200": _good(
            "Roles and permissions, with their names.",
            _all(
                roles=_list(
                    _all(
                        role=_TEXT,
                        names=_NAMES,
                        permissions=_list(_PERMISSION),
                        is_time_limited={"type": "boolean"},
                    )
                ),
                permissions=_list(_all(permission=_PERMISSION, names=_NAMES)),
            ),
        )
    }
)
_KEY = _all(
    api_key=_TEXT,
    name=_TEXT,
    permissions={"type": ["array", "null"], "items": _PERMISSION},
    created=_TIME_OR_NONE,
    expires=_TIME_OR_NONE,
    revoked=_TIME_OR_NONE,
)
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
AUDIT: Extra = {
    "parameters": [
        *(
            _in_query(name, description, schema=schema)
            for name, description, schema in (
                ("actor", "Who, such as user:ID.", _TEXT),
                ("action", "What was done, such as user.change.", _TEXT),
                ("subject", "To what, such as user:ID.", _TEXT),
                ("since", "Not before this time.", _TEXT),
                ("until", "Before this time.", _TEXT),
                ("before", "The entry that a page follows.", {"type": "integer", "minimum": 1}),
                ("limit", "Most entries; 100 unless given.", {"type": "integer", "minimum": 1}),
            )
        )
    ],
    **_responses(
        {
            "200": _good(
                "Entries, the newest first; next is what before is for the next page.",
                _all(
                    entries=_list(
                        _all(
                            entry_id={"type": "integer"},
                            record_time=_TIME,
                            actor=_TEXT,
                            actor_name=_TEXT,
                            address=_TEXT,
                            action=_TEXT,
                            subject=_TEXT,
                            why=_TEXT,
                            before=_FACTS,
                            after=_FACTS,
                        )
                    ),
                    next={"type": ["integer", "null"]},
                ),
            )
        },
        "422",
    ),
}
