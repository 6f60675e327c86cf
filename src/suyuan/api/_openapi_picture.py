"""What our OpenAPI says of the page about one object: picture, places, proof. 接口描述"""

from __future__ import annotations

from typing import Any

from suyuan.api._openapi import _NOT_BEFORE, _answered, _codes, _in_query, _times

__all__ = ["GENEALOGY"]

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
