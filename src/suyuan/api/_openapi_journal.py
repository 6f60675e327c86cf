"""What OpenAPI says of the journal: position, verifications, backups. 接口描述"""

from __future__ import annotations

from suyuan.api._openapi import _good, _in_path, _responses
from suyuan.api._openapi_account import _TEXT, _TIME, _TIME_OR_NONE, Extra, _all, _list

__all__ = [
    "BACKUPS",
    "BACK_UP",
    "JOURNAL",
    "STOP",
    "VERIFICATION",
    "VERIFICATIONS",
    "VERIFY",
]

_COUNT: Extra = {"type": "integer", "minimum": 0}
_PROBLEMS = _list({"$ref": "#/components/schemas/Problem"})
JOURNAL: Extra = _responses(
    {
        "200": _good(
            "How the journal stands.",
            _all(
                position=_COUNT,
                objects=_COUNT,
                last_record_time=_TIME_OR_NONE,
                tenant=_TEXT,
                growth=_list(_all(day={"type": "string", "format": "date"}, entries=_COUNT)),
                log={
                    **_all(
                        key=_TEXT,
                        fingerprint={
                            "type": "string",
                            "description": "The first half of the SHA-256 of the public key.",
                        },
                        size=_COUNT,
                        note=_TEXT,
                        created=_TIME_OR_NONE,
                    ),
                    "type": ["object", "null"],
                },
                address={"type": "string", "description": "Where strangers read the log."},
            ),
        )
    }
)
_VERIFICATION = _all(
    verification=_TEXT,
    created=_TIME,
    finished=_TIME_OR_NONE,
    state={
        "type": "string",
        "enum": ["running", "sound", "broken", "stopped", "failed", "cut_off"],
    },
    by=_TEXT,
    done=_COUNT,
    total=_COUNT,
    problems=_COUNT,
    report={
        **_all(
            entries=_COUNT,
            postings=_COUNT,
            checkpoints=_COUNT,
            tiles=_COUNT,
            covered=_COUNT,
            root=_TEXT,
        ),
        "type": ["object", "null"],
    },
    errors=_PROBLEMS,
)
VERIFICATIONS: Extra = _responses(
    {"200": _good("The last verifications.", _all(verifications=_list(_VERIFICATION)))}
)
VERIFY: Extra = _responses({"202": _good("It has begun.", _VERIFICATION)}, "409")
VERIFICATION: Extra = {
    "parameters": [_in_path("verification_id")],
    **_responses({"200": _good("The verification.", _VERIFICATION)}, "404"),
}
STOP: Extra = {
    "parameters": [_in_path("verification_id")],
    **_responses({"204": {"description": "It stops soon."}}, "404"),
}
_BACKUPS = _all(
    folder=_TEXT,
    backups=_list(
        _all(
            file=_TEXT,
            made=_TIME,
            bytes=_COUNT,
            seconds={"type": "number"},
            by=_TEXT,
            is_there={"type": "boolean", "description": "The file is still where it was."},
        )
    ),
    restore={"type": "string", "description": "The command that brings the newest one back."},
    running={
        **_all(file=_TEXT, started=_TIME, by=_TEXT, seconds={"type": "number"}, bytes=_COUNT),
        "type": ["object", "null"],
    },
    errors=_PROBLEMS,
)
BACKUPS: Extra = _responses({"200": _good("The backups of this server.", _BACKUPS)})
BACK_UP: Extra = _responses({"202": _good("It has begun.", _BACKUPS)}, "409")
