"""The stored form of an event: its body as compact JSON. 存储形式

**Set in stone: the journal stores these bytes and the transparency log commits to them.**
The body is written as it is, in the order of its fields, in UTF-8 without spaces; numbers are
written with the digits they came with. Reading gives back an equal event with an equal hash.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from suyuan.errors import IntegrityBroken, Problem
from suyuan.event._model import Event
from suyuan.event._validate import make_event

__all__ = ["decode_body", "decode_json", "encode_body", "encode_json"]

encode_json = msgspec.json.Encoder(decimal_format="number").encode
"""Write any JSON value, decimal numbers as numbers."""

decode_json = msgspec.json.Decoder[Any](float_hook=Decimal).decode
"""Read any JSON value, numbers with a fraction as Decimal."""


def encode_body(event: Event) -> bytes:
    """Give the stored form of an event."""
    return encode_json(event.body)


def decode_body(data: bytes | memoryview) -> Event:
    """Give the event of which these bytes are the stored form.

    Raises `IntegrityBroken` when they are not: nothing else is ever stored.
    """
    problems: list[Problem] = []
    try:
        event = make_event(decode_json(data), problems=problems, is_text_checked=True)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise IntegrityBroken(_broken(str(error))) from error
    if event is None:
        raise IntegrityBroken([_broken(problems[0].text()), *problems])
    return event


def _broken(found: str) -> Problem:
    return Problem(
        code="event.stored_form_broken",
        rule="stored form of events",
        expected="the JSON of a valid event",
        found=found,
    )
