"""What OpenAPI says of people and plants: profiles, roles, the audit trail, settings. 接口描述"""

from __future__ import annotations

from suyuan.api._openapi import _good, _in_path, _in_query, _responses
from suyuan.api._openapi_account import (
    _LANGUAGE,
    _PERMISSION,
    _TEXT,
    _TIME,
    _TIME_OR_NONE,
    _WHY,
    Extra,
    _all,
    _body,
    _list,
)

__all__ = [
    "ABOUT",
    "AUDIT",
    "AUDIT_CHOICES",
    "BEGIN_TOTP",
    "CHANGE_PASSWORD",
    "CHANGE_PLANT",
    "CHANGE_ROLE",
    "CONFIRM_TOTP",
    "END_SESSION",
    "END_SESSIONS",
    "EXPECTED_LOSSES",
    "MAKE_ROLE",
    "PLANT",
    "PROFILE",
    "RECOVERY_CODES",
    "REMOVE_ROLE",
    "REMOVE_TOTP",
    "ROLES",
    "SERVER",
    "SESSIONS",
]

_FACTS: Extra = {"type": ["object", "null"]}
_YES_OR_NO: Extra = {"type": "boolean"}
_NAMES = _all(en=_TEXT, zh=_TEXT)
_PASSWORD: Extra = {"type": "string", "description": "The present password."}
_DONE: Extra = {"204": {"description": "Done."}}

PROFILE: Extra = _responses(
    {
        "200": _good(
            "The account of whoever asks.",
            _all(
                user=_TEXT,
                name=_TEXT,
                full_name=_TEXT,
                language=_LANGUAGE,
                has_password=_YES_OR_NO,
                has_totp=_YES_OR_NO,
                recovery_codes={"type": "integer", "description": "How many still open."},
                roles=_list(
                    _all(
                        role=_TEXT,
                        names={"type": ["object", "null"], "properties": _NAMES["properties"]},
                        expires=_TIME_OR_NONE,
                    )
                ),
            ),
        )
    }
)
CHANGE_PASSWORD: Extra = {
    "requestBody": _body(("new_password",), new_password=_TEXT, password=_PASSWORD),
    **_responses(_DONE, "413", "415", "422"),
}
BEGIN_TOTP: Extra = {
    "requestBody": _body((), password=_PASSWORD),
    **_responses(
        {
            "200": _good(
                "The secret in Base32, as an address for an app, and as a QR code in SVG.",
                _all(secret=_TEXT, uri=_TEXT, picture=_TEXT),
            )
        },
        *("409", "413", "415"),
    ),
}
_CODES = _good(
    "Recovery codes, shown this once; each opens once.", _all(recovery_codes=_list(_TEXT))
)
CONFIRM_TOTP: Extra = {
    "requestBody": _body(("code",), code=_TEXT),
    **_responses({"200": _CODES}, "409", "413", "415", "422"),
}
REMOVE_TOTP: Extra = {
    "requestBody": _body((), password=_PASSWORD),
    **_responses(_DONE, "409", "413", "415"),
}
RECOVERY_CODES: Extra = {
    "requestBody": _body((), password=_PASSWORD),
    **_responses({"200": _CODES}, "409", "413", "415"),
}
SESSIONS: Extra = _responses(
    {
        "200": _good(
            "Open sessions, the one used last first.",
            _all(
                sessions=_list(
                    _all(
                        session=_TEXT,
                        is_present=_YES_OR_NO,
                        created=_TIME,
                        last_seen=_TIME,
                        expires=_TIME,
                        address=_TEXT,
                        browser=_TEXT,
                    )
                )
            ),
        )
    }
)
END_SESSIONS: Extra = _responses(_DONE)
END_SESSION: Extra = {"parameters": [_in_path("session_id")], **_responses(_DONE, "404")}

_ROLE = _all(
    role=_TEXT,
    names=_NAMES,
    permissions=_list(_PERMISSION),
    is_time_limited=_YES_OR_NO,
    is_own={"type": "boolean", "description": "Made by the plant for itself."},
)
ROLES: Extra = _responses(
    {
        "200": _good(
            "Roles and permissions, with their names.",
            _all(
                roles=_list(_ROLE),
                permissions=_list(_all(permission=_PERMISSION, names=_NAMES)),
            ),
        )
    }
)
_WANTED_ROLE = _body(
    ("names", "permissions"),
    names={"type": "object", "properties": _NAMES["properties"], "additionalProperties": False},
    permissions=_list(_PERMISSION),
    why=_WHY,
)
MAKE_ROLE: Extra = {
    "requestBody": _WANTED_ROLE,
    **_responses({"201": _good("The role.", _ROLE)}, "413", "415", "422"),
}
CHANGE_ROLE: Extra = {
    "parameters": [_in_path("role")],
    "requestBody": _WANTED_ROLE,
    **_responses({"200": _good("The role.", _ROLE)}, "404", "409", "413", "415", "422"),
}
REMOVE_ROLE: Extra = {
    "parameters": [_in_path("role"), _in_query("why", _WHY["description"], schema=_TEXT)],
    **_responses(_DONE, "404", "409", "422"),
}

_TABLES = ("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
_ENTRIES = _good(
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
_ENTRIES["content"] |= {media: {"schema": {"type": "string"}} for media in _TABLES}
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
                (
                    "format",
                    "A table of all entries that are asked for, instead of a page.",
                    {"type": "string", "enum": ["json", "csv", "xlsx"]},
                ),
            )
        )
    ],
    **_responses({"200": _ENTRIES}, "422"),
}
AUDIT_CHOICES: Extra = _responses(
    {
        "200": _good(
            "Who changed anything, and what was done.",
            _all(
                actors=_list(_all(actor=_TEXT, name=_TEXT)),
                actions=_list(_all(action=_TEXT)),
                roles={"type": "object", "additionalProperties": _NAMES},
                permissions={"type": "object", "additionalProperties": _NAMES},
            ),
        )
    }
)

_PARTIES = _list(_TEXT) | {
    "description": "Parties and sites that are the plant's own; what they were sent has not left."
}
_PLANT = _good(
    "What the plant is called, and who it is; both may be empty.",
    _all(title=_TEXT, parties=_PARTIES),
)
PLANT: Extra = _responses({"200": _PLANT})
CHANGE_PLANT: Extra = {
    "requestBody": _body(title=_TEXT, parties=_PARTIES, why=_WHY),
    **_responses({"200": _PLANT}, "413", "415", "422"),
}
EXPECTED_LOSSES: Extra = _responses(
    {
        "200": _good(
            "Products, and the share of each that may be lost unseen.",
            _all(products=_list(_all(product=_TEXT, share={"type": "number"}))),
        )
    }
)
ABOUT: Extra = _responses({"200": _good("This server.", _all(version=_TEXT, licence=_TEXT))})
SERVER: Extra = _responses(
    {
        "200": _good(
            "This server, and what is set for it.",
            _all(
                version=_TEXT,
                python=_TEXT,
                postgresql=_TEXT,
                settings=_list(
                    _all(
                        name=_TEXT,
                        variable=_TEXT,
                        value={},
                        is_default=_YES_OR_NO,
                        description=_TEXT,
                    )
                ),
            ),
        )
    }
)
