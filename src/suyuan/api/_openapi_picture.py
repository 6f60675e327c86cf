"""What our OpenAPI says of the page about one object: picture, places, proof. 接口描述"""

from __future__ import annotations

from typing import Any

from suyuan.api._openapi import (
    _NOT_BEFORE,
    _answered,
    _asked,
    _codes,
    _good,
    _in_query,
    _responses,
    _times,
)

__all__ = ["GENEALOGY", "MENTIONS", "PROOF", "SEEN", "STAYS"]

Extra = dict[str, Any]

GENEALOGY: Extra = _answered(
    [
        _codes("code", "Lots, serial numbers or containers, in any spelling.", is_many=True),
        _in_query(
            "direction",
            "Which way is gone.",
            schema={"type": "string", "enum": ["both", "back", "forward"], "default": "both"},
        ),
        _codes(
            "open",
            "The key of a group of which some are shown one by one; twice for twice as many.",
            is_many=True,
            required=False,
        ),
        _codes("show", "What stands on its own, folded or not.", is_many=True, required=False),
        *_times("since", "until", "as_of"),
        _NOT_BEFORE,
    ]
)
STAYS: Extra = _asked("as_of")
SEEN: Extra = _answered(
    [
        _in_query(
            "sequence",
            "The number of an event in the journal; several times for several.",
            schema={"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": 500},
            required=True,
        )
    ]
)
_PROOF_FILE: Extra = _good("The proof, one file: `suyuan verify-proof` checks it.")
_PROOF_FILE["content"] = {"text/plain": {"schema": {"type": "string"}}}
PROOF: Extra = {
    "parameters": [
        _in_query("event_id", "The ID of an event.", schema={"type": "string"}, required=True)
    ],
    **_responses({"200": _PROOF_FILE}, "404", "422"),
}
MENTIONS: Extra = _answered(
    [
        _codes("code", "A place, a party, a document, a product: anything named.", is_many=False),
        _in_query(
            "limit",
            "Most events; the newest.",
            schema={"type": "integer", "minimum": 1, "maximum": 500, "default": 50},
        ),
        *_times("as_of"),
        _NOT_BEFORE,
    ]
)
