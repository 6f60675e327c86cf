"""What can be worked out about an event before the journal is locked. 入账准备

Hashing and encoding are the dear part of a capture; here they run outside the lock, so
that only numbers are handed out inside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import msgspec

from suyuan.event import Event, Mention, encode_body, event_hash

__all__ = ["Prepared", "declared_content", "event_key", "hash_digest", "prepare"]

_DIGEST = slice(len("ni:///sha-256;"), len("ni:///sha-256;") + 64)


class Prepared(msgspec.Struct, frozen=True, gc=False):
    """What the journal stores of an event besides its place in the order.

    The event itself is kept only for guards: a chunk of thousands would otherwise leave the
    fast memory of the processor, which costs more than all the work done here.
    """

    event_id: str
    event_hash: bytes
    event_key: bytes
    content: bytes
    """What two events with one ID must agree in to be the same event."""
    body: bytes
    body_digest: bytes
    event_type: int
    event_time: int
    action: int
    is_error_declaration: bool
    business_step: str | None
    disposition: str | None
    mentions: list[Mention]
    event: Event | None = None


def prepare(events: Iterable[Event], *, keep_events: bool = False) -> list[Prepared]:
    """Work out what the journal stores of each event; keep the events too if guards ask.

    An event without ID gets its CBV 2.0 event hash as ID (CBV 2.0, 8.9.2).
    """
    prepared = []
    for event in events:
        hash_uri = event_hash(event)
        digest = hash_digest(hash_uri)
        event_id = event.event_id or hash_uri
        is_declaration = event.is_error_declaration
        body = encode_body(event)
        prepared.append(
            Prepared(
                event_id,
                digest,
                event_key(event_id, is_error_declaration=is_declaration),
                declared_content(digest, event.body) if is_declaration else digest,
                body,
                sha256(body).digest(),
                int(event.event_type),
                event.event_time,
                int(event.action),
                is_declaration,
                event.business_step,
                event.disposition,
                event.mentions,
                event if keep_events else None,
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


def declared_content(event_hash: bytes, body: dict[str, Any]) -> bytes:
    """Give what tells two error declarations of one event apart: all the declaration says.

    The CBV event hash leaves the declaration out, so it can't.
    """
    said = msgspec.json.encode(body.get("errorDeclaration"), order="deterministic")
    return event_hash + sha256(said).digest()
