"""What our OpenAPI says of the first page and of recalls: today, attention, search. 接口描述"""

from __future__ import annotations

from typing import Any

from suyuan.api._openapi import _NOT_BEFORE, _answered, _codes, _format, _in_query, _times
from suyuan.api._openapi import _responses as _with_problems
from suyuan.api._openapi_sieve import PAGE, SIEVE
from suyuan.trace import LIST_FORMATS

__all__ = [
    "ATTENTION",
    "AT_PLACE",
    "CAPTURES",
    "EXPIRED",
    "LIVE",
    "MOCK_RECALL",
    "ON_HOLD",
    "SEARCH",
    "TODAY",
]

Extra = dict[str, Any]

_TEXT: Extra = {"type": "string"}
_DAY: Extra = {"type": "string", "format": "date"}
_ZONE = _in_query(
    "time_zone", "A name in the database of time zones; UTC unless given.", schema=_TEXT
)

MOCK_RECALL: Extra = _answered(
    [
        _codes(
            "code",
            "Lots, serial numbers or containers to recall, in any spelling; or places, and then "
            "everything that was seen there from `since` to `until`.",
            is_many=True,
        ),
        *_times("since", "until", "as_of"),
        _NOT_BEFORE,
        *SIEVE,
        _in_query("recipient", "Only the lines of this recipient.", schema=_TEXT),
        *PAGE,
        _format(LIST_FORMATS),
    ],
    LIST_FORMATS,
)
SEARCH: Extra = _answered(
    [
        _in_query(
            "text",
            "A part of a name, or how a code, a lot or a serial number begins.",
            schema=_TEXT,
            required=True,
        ),
        _in_query(
            "limit",
            "At most so many of each kind, up to 50.",
            schema={"type": "integer", "minimum": 1, "default": 6},
        ),
    ]
)
TODAY: Extra = _answered(
    [_in_query("day", "Another day than today.", schema=_DAY), _ZONE],
)
AT_PLACE: Extra = _answered(
    [
        _codes("code", "A place, in any spelling. Its parts are counted with it.", is_many=False),
        *_times("as_of"),
        _NOT_BEFORE,
        *PAGE,
        _format(LIST_FORMATS),
    ],
    LIST_FORMATS,
)
ON_HOLD: Extra = _answered([*PAGE, _format(LIST_FORMATS)], LIST_FORMATS)
EXPIRED: Extra = _answered(
    [
        _in_query(
            "everywhere",
            "Also what others have; else what is in house.",
            schema={"type": "boolean", "default": False},
        ),
        *PAGE,
        _format(LIST_FORMATS),
    ],
    LIST_FORMATS,
)
CAPTURES: Extra = _answered(
    [
        _in_query(
            "state",
            "Those refused in the last seven days, or those that wait.",
            schema={"type": "string", "enum": ["refused", "waiting"], "default": "refused"},
        ),
        *PAGE,
        _format(LIST_FORMATS),
    ],
    LIST_FORMATS,
)
ATTENTION: Extra = _answered([])
LIVE: Extra = {
    **_with_problems(
        {
            "200": {
                "description": "Server-sent events: `position` with how far the journal is, at "
                "once and whenever it grows; `over` when the session has ended.",
                "content": {"text/event-stream": {"schema": _TEXT}},
            }
        }
    )
}
