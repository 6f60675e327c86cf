"""What our OpenAPI says of the map of a plant's own. 接口描述"""

from __future__ import annotations

from suyuan.api._openapi import _good, _in_query, _responses
from suyuan.api._openapi_account import _TEXT, _TIME, _WHY, Extra, _all, _list

__all__ = ["CHANGE_MAP", "MAP", "MAP_FILE", "MEDIA_TYPES", "REMOVE_MAP"]

MEDIA_TYPES = ("application/geo+json", "application/json")

_TEXT_OR_NONE: Extra = {"type": ["string", "null"]}
_POSITION: Extra = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
_LINE = _list(_POSITION)
_FEATURE = _all(
    number={"type": "integer", "description": "Which feature of the file it is, from 0."},
    points=_list(_POSITION),
    lines=_list(_LINE),
    areas={**_list(_list(_LINE)), "description": "Each is its outer ring, then its holes."},
    place={**_TEXT_OR_NONE, "description": "The place that it is; null is ground."},
    label={**_TEXT_OR_NONE, "description": "The `id` of the feature."},
    name=_TEXT_OR_NONE,
    name_zh=_TEXT_OR_NONE,
    at={
        "type": ["array", "null"],
        "items": {"type": "number"},
        "description": "Where its mark stands: a point inside.",
    },
)
_DRAWN: Extra = {
    "kind": {"type": "string", "enum": ["degrees", "plan"]},
    "bounds": {
        "type": "array",
        "items": {"type": "number"},
        "description": "West, south, east, north.",
    },
    "features": _list(_FEATURE),
}
_STORED = _all(
    **_DRAWN,
    file_name=_TEXT,
    bytes={"type": "integer"},
    sha256=_TEXT,
    changed=_TIME,
)
MAP: Extra = _responses(
    {
        "200": _good(
            "The map, or null where none has been given.",
            _all(map={"oneOf": [_STORED, {"type": "null"}]}),
        ),
        "304": {"description": "It is still as `If-None-Match` says."},
    }
)
MAP_FILE: Extra = _responses(
    {
        "200": {
            "description": "The file as it was given.",
            "content": {MEDIA_TYPES[0]: {"schema": {"type": "object"}}},
        }
    },
    "404",
)
CHANGE_MAP: Extra = {
    "parameters": [
        _in_query(
            "dry_run",
            "Only read it and compare it with the record; nothing is changed.",
            schema={"type": "boolean", "default": False},
        ),
        _in_query("file_name", "What the file is called.", schema=_TEXT),
        _in_query("why", _WHY["description"], schema=_TEXT),
    ],
    "requestBody": {
        "required": True,
        "description": "GeoJSON (RFC 7946) in degrees; or a plan in metres, y upwards, with the "
        "member `plan: true` or with coordinates beyond degrees.",
        "content": {name: {"schema": {"type": "object"}} for name in MEDIA_TYPES},
    },
    **_responses(
        {
            "200": _good(
                "The map as it would be drawn, and what it and the record know of each other.",
                _all(
                    map=_all(**_DRAWN),
                    known={**_list(_TEXT), "description": "Places that the record knows, too."},
                    unknown={**_list(_TEXT), "description": "Places that it has never seen."},
                    missing={
                        **_list(_TEXT),
                        "description": "The most used places that are not on the map.",
                    },
                    missing_count={"type": "integer"},
                    names={"type": "object"},
                ),
            )
        },
        *("413", "415", "422"),
    ),
}
REMOVE_MAP: Extra = {
    "parameters": [_in_query("why", _WHY["description"], schema=_TEXT)],
    **_responses({"204": {"description": "There is no map any more."}}, "404", "422"),
}
