"""What our OpenAPI says of events for people: lists, one event, checks, corrections. 接口描述"""

from __future__ import annotations

from typing import Any

from suyuan.api._openapi import (
    _DOCUMENT_BODY,
    _codes,
    _format,
    _good,
    _in_query,
    _of,
    _query_parameters,
    _responses,
)

__all__ = ["CHECK", "CODE", "CORRECTION", "EVENT", "EVENTS"]

Extra = dict[str, Any]

_TEXT: Extra = {"type": "string"}
_COUNT: Extra = {"type": "integer", "minimum": 0}
_FLAG: Extra = {"type": "boolean"}
_TEXTS: Extra = {"type": "array", "items": _TEXT}
_OBJECTS: Extra = {"type": "array", "items": {"type": "object"}}
_REASON: Extra = {"type": "string", "enum": ["did_not_occur", "incorrect_data"]}


def _all(**properties: Extra) -> Extra:
    return {"type": "object", "required": list(properties), "properties": properties}


_PAGE = _good(
    "A page of rows, and the token of the next; or a file with all of them.",
    _all(events=_OBJECTS, position=_COUNT, next={"type": ["string", "null"]}),
)
_PAGE["content"] |= {
    kind: {"schema": _TEXT}
    for kind in (
        "text/csv",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/ld+json",
        "application/xml",
    )
}
EVENTS: Extra = {
    "parameters": [*_query_parameters(), _format(["json", "csv", "xlsx", "epcis", "xml"])],
    **_responses({"200": _PAGE}, "413", "422"),
}
EVENT: Extra = {
    "parameters": [_in_query("id", "The event ID.", schema=_TEXT, required=True)],
    **_responses({"200": _good("The event, and what was said of it.", {"type": "object"})}, "404"),
}
CODE: Extra = {
    "parameters": [_codes("code", "Codes in any spelling.", is_many=True)],
    **_responses({"200": _good("What each code names.", _all(codes=_OBJECTS))}, "422"),
}
CHECK: Extra = {
    "requestBody": _DOCUMENT_BODY,
    **_responses(
        {
            "200": _good(
                "Everything that is wrong; nothing was captured.",
                _all(
                    is_valid=_FLAG,
                    kind=_TEXT,
                    events=_COUNT,
                    event_types={"type": "object"},
                    known=_COUNT,
                    master_data=_COUNT,
                    problems=_COUNT,
                    errors=_OBJECTS,
                    event_list=_OBJECTS,
                ),
            )
        },
        "413",
        "415",
    ),
}
CORRECTION: Extra = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["event_id", "reason", "why"],
                    "properties": {
                        "event_id": _TEXT,
                        "reason": _REASON,
                        "why": {"type": "string", "minLength": 1, "maxLength": 1_000},
                        "replacements": {
                            "type": "array",
                            "items": _of("EPCISEvent"),
                            "maxItems": 100,
                        },
                        "dry_run": {
                            "type": "boolean",
                            "description": "Only tell what would change.",
                            "default": False,
                        },
                    },
                    "additionalProperties": False,
                }
            }
        },
    },
    **_responses(
        {
            "200": _good("It stands already; or what it would change.", {"type": "object"}),
            "201": _good("The correction is in the journal.", {"type": "object"}),
        },
        *("404", "409", "413", "415", "422"),
    ),
}
