"""What our OpenAPI says of codes, attachments and labels. 接口描述"""

from __future__ import annotations

from typing import Any

from suyuan.api._openapi import _answered, _codes, _good, _in_path, _responses
from suyuan.attachment import MEDIA_TYPES

__all__ = ["ATTACHMENT", "CODE", "KEEP_ATTACHMENT", "LABELS"]

Extra = dict[str, Any]

_TEXT: Extra = {"type": "string"}
_TEXT_OR_NONE: Extra = {"type": ["string", "null"]}
_BYTES: Extra = {"type": "string", "format": "binary"}
_PICTURE: Extra = {one: {"schema": _BYTES} for one in MEDIA_TYPES}
_SHA256 = _in_path("sha256") | {
    "description": "SHA-256 of the content, as 64 digits of hexadecimal.",
    "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
}
_KEPT: Extra = {
    "type": "object",
    "required": ["sha256", "media_type", "bytes"],
    "properties": {"sha256": _TEXT, "media_type": _TEXT, "bytes": {"type": "integer"}},
}

CODE: Extra = _answered([_codes("code", "A code in any spelling.", is_many=False)])
CODE["responses"]["200"] = _good(
    "What it names.",
    {
        "type": "object",
        "required": ["uri", "kind", "level", "product", "lot", "serial", "alternatives"],
        "properties": {
            "uri": _TEXT,
            "kind": _TEXT,
            "level": {
                "type": "string",
                "enum": ["class", "lot", "instance", "place", "party", "unknown"],
            },
            "product": _TEXT_OR_NONE,
            "lot": _TEXT_OR_NONE,
            "serial": _TEXT_OR_NONE,
            "alternatives": {"type": "array", "items": _TEXT},
        },
    },
)
ATTACHMENT: Extra = {
    "parameters": [_SHA256],
    **_responses({"200": {"description": "The picture.", "content": _PICTURE}}, "404"),
}
KEEP_ATTACHMENT: Extra = {
    "parameters": [_SHA256],
    "requestBody": {"required": True, "content": _PICTURE},
    **_responses(
        {"200": _good("It was here already.", _KEPT), "201": _good("It is kept now.", _KEPT)},
        *("413", "415", "422"),
    ),
}
LABELS: Extra = _responses(
    {
        "200": {
            "description": "A page to print; every label bears its symbol as SVG.",
            "content": {"text/html": {"schema": _TEXT}},
        }
    },
    "404",
)
