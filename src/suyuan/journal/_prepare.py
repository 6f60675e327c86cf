"""What can be worked out about an event before the journal is locked. 入账准备

Hashing and encoding are the dear part of a capture; here they run outside the lock, so
that only numbers are handed out inside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import msgspec

from suyuan.event import Event, encode_body, event_hash

__all__ = ["Prepared", "declaration_digest", "event_key", "hash_digest", "prepare"]

_DIGEST = slice(len("ni:///sha-256;"), len("ni:///sha-256;") + 64)


class Prepared(msgspec.Struct, frozen=True, gc=False):
    """An event with its ID, its hashes and its stored form."""

    event: Event
    event_id: str
    event_hash: bytes
    event_key: bytes
    body: bytes
    body_digest: bytes


def prepare(events: Iterable[Event]) -> list[Prepared]:
    """Work out what the journal stores of each event besides its place in the order.

    An event without ID gets its CBV 2.0 event hash as ID (CBV 2.0, 8.9.2).
    """
    prepared = []
    for event in events:
        hash_uri = event_hash(event)
        event_id = event.event_id or hash_uri
        body = encode_body(event)
        prepared.append(
            Prepared(
                event=event,
                event_id=event_id,
                event_hash=hash_digest(hash_uri),
                event_key=event_key(event_id, is_error_declaration=event.is_error_declaration),
                body=body,
                body_digest=sha256(body).digest(),
            )
        )
    return prepared


def hash_digest(hash_uri: str) -> bytes:
    """Give the 32 bytes inside `ni:///sha-256;…?ver=CBV2.0`."""
    return bytes.fromhex(hash_uri[_DIGEST])


def event_key(event_id: str, *, is_error_declaration: bool) -> bytes:
    """Give the 16 bytes under which the journal finds an event by its ID.

    An error declaration repeats the ID of its event (EPCIS 2.0, 7.4.1.2), so the kind is
    part of the key. **Set in stone.**
    """
    kind = b"\x01" if is_error_declaration else b"\x00"
    return sha256(kind + event_id.encode()).digest()[:16]


def declaration_digest(body: dict[str, Any]) -> bytes:
    """Give what tells two error declarations of one event apart: all the declaration says.

    The CBV event hash leaves the declaration out, so it can't.
    """
    return sha256(msgspec.json.encode(body.get("errorDeclaration"), order="deterministic")).digest()
