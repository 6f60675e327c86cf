"""What our OpenAPI says of a part of an answer: the parameters that leave out the rest. 接口描述"""

from __future__ import annotations

from typing import Any

__all__ = ["PAGE", "SIEVE"]

Extra = dict[str, Any]

_TEXT: Extra = {"type": "string"}
_TEXTS: Extra = {"type": "array", "items": _TEXT}
_COUNT: Extra = {"type": "integer", "minimum": 0}


def _wanted(name: str, description: str, schema: Extra) -> Extra:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
    }


SIEVE: list[Extra] = [
    _wanted("product", "Only what is of these products.", _TEXTS),
    _wanted("lot", "Only what is of these lots.", _TEXTS),
    _wanted("place", "Only what was at this place, by itself or inside a carrier.", _TEXT),
    _wanted("party", "Only what this party sent, or was sent.", _TEXT),
    _wanted("day", "Only what was reached on this day.", {"type": "string", "format": "date"}),
    _wanted(
        "grade",
        "Only what is reached for certain, or as possible.",
        {"type": "string", "enum": ["certain", "possible"]},
    ),
    _wanted("held", "Only what is on hold.", {"type": "boolean", "default": False}),
    _wanted(
        "time_zone",
        "Whose days are meant, by its name in the database of time zones; UTC unless given.",
        _TEXT,
    ),
]
PAGE: list[Extra] = [
    _wanted(
        "limit",
        "A page of the list: at most so many rows, up to 1,000; with 0 the counts alone. In JSON "
        "objects come with their details then, and no carriers and no links.",
        _COUNT,
    ),
    _wanted("offset", "How many rows stand before the page.", _COUNT),
]
