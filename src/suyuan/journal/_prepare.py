"""What can be worked out about events before the journal is locked. 入账准备

Hashing and encoding are the dear part of a capture; here they run outside the lock, or in
another process, so that only numbers are handed out inside it.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

import msgspec
import numpy as np

from suyuan.errors import InvalidInput
from suyuan.event import Event, Mention, encode_body, event_digest, hash_uri
from suyuan.journal._rows import event_row_end
from suyuan.tlog import entry_tail

__all__ = [
    "EVENT_HEAD",
    "Prepared",
    "Preparing",
    "declared_content",
    "event_key",
    "hash_digest",
    "prepare",
]

_head = struct.Struct("<qbb?i").pack
_DIGEST = slice(len("ni:///sha-256;"), len("ni:///sha-256;") + 64)

EVENT_HEAD = np.dtype(
    [("time", "<i8"), ("type", "i1"), ("action", "i1"), ("is_wrong", "?"), ("step", "<i4")]
)
"""What tells an event from another in columns: microseconds since 1970, type, action, whether
it declares an error, and the place of its business step in a list."""

Detail = tuple[int, int, int, str | None, str | None, str | None]
"""A mention with more than a role: event, URI (as positions), role, quantity, unit, word."""


class Prepared(msgspec.Struct, frozen=True):
    """Events ready for the journal, in columns: all but their places in the order.

    One text or byte string an event where it stands for itself, and flat arrays for what is
    counted in millions: so it crosses from process to process for next to nothing, and what
    is worked on together lies together. `events` is kept only for guards.
    """

    event_ids: list[str]
    event_keys: list[bytes]
    contents: list[bytes]
    """What two events with one ID must agree in to be the same event."""
    log_tails: list[bytes]
    """The end of each log entry; empty where the ID can't stand in the log."""
    rows: list[bytes]
    """The end of each row of `journal.event`."""
    heads: bytes
    """What each event is, as `EVENT_HEAD`."""
    steps: list[str]
    """The business steps that the heads name; the first stands for none."""
    uris: list[str]
    """The identifiers that are mentioned, each once."""
    mention_events: bytes
    """Of each plain mention the position of its event, as int32."""
    mention_uris: bytes
    """Of each plain mention the position of its identifier, as int32."""
    mention_roles: bytes
    """Of each plain mention the role, as int16."""
    details: list[Detail]
    events: list[Event] | None = None

    def __len__(self) -> int:
        """Count the events."""
        return len(self.event_ids)


class Preparing:
    """Gathers events into a `Prepared`, each worked on while it is still at hand."""

    def __init__(self, *, keep_events: bool = False) -> None:
        """Begin with nothing; keep the events too if guards ask."""
        self.size_bytes = 0
        self._event_ids: list[str] = []
        self._event_keys: list[bytes] = []
        self._contents: list[bytes] = []
        self._log_tails: list[bytes] = []
        self._rows: list[bytes] = []
        self._heads = bytearray()
        self._steps: dict[str, int] = {"": 0}
        # Of what is named together: event, role, and how many of the URIs, which stand in one row.
        self._run_events = array("i")
        self._run_roles = array("h")
        self._run_counts = array("i")
        self._run_uris: list[str] = []
        self._detailed: list[tuple[int, Mention]] = []
        self._events: list[Event] | None = [] if keep_events else None

    def __len__(self) -> int:
        """Count the events so far."""
        return len(self._event_ids)

    def add(self, event: Event) -> None:
        """Work out what the journal stores of an event.

        An event without ID gets its CBV 2.0 event hash as ID (CBV 2.0, 8.9.2).
        """
        digest = event_digest(event)
        event_id = event.event_id or hash_uri(digest)
        is_declaration = event.is_error_declaration
        body = encode_body(event)
        self._add_mentions(event)
        self._event_ids.append(event_id)
        self._event_keys.append(event_key(event_id, is_error_declaration=is_declaration))
        self._contents.append(declared_content(digest, event.body) if is_declaration else digest)
        self._log_tails.append(_log_tail(event_id, digest, sha256(body).digest()))
        self._rows.append(event_row_end(event, event_id=event_id, event_hash=digest, body=body))
        self._heads += _head(
            *(event.event_time, event.event_type, event.action, is_declaration),
            self._steps.setdefault(event.business_step or "", len(self._steps)),
        )
        self.size_bytes += len(body)
        if self._events is not None:
            self._events.append(event)

    def _add_mentions(self, event: Event) -> None:
        position = len(self._event_ids)
        for role, uris in event.named:
            self._add_run(position, role, uris)
        for mention in event.detailed:
            role, uri, quantity, uom, word = mention
            if quantity is None and uom is None and word is None:
                self._add_run(position, role, (uri,))
            else:
                self._detailed.append((position, mention))

    def _add_run(self, position: int, role: int, uris: Sequence[str]) -> None:
        self._run_events.append(position)
        self._run_roles.append(role)
        self._run_counts.append(len(uris))
        self._run_uris += uris

    def prepared(self) -> Prepared:
        """Give what was gathered."""
        uris = dict.fromkeys(self._run_uris)
        uris.update(dict.fromkeys([mention[1] for _, mention in self._detailed]))
        numbers = dict(zip(uris, range(len(uris)), strict=True))
        counts = np.frombuffer(self._run_counts, np.int32)
        return Prepared(
            self._event_ids,
            self._event_keys,
            self._contents,
            self._log_tails,
            self._rows,
            bytes(self._heads),
            list(self._steps),
            list(uris),
            np.repeat(np.frombuffer(self._run_events, np.int32), counts).tobytes(),
            array("i", map(numbers.__getitem__, self._run_uris)).tobytes(),
            np.repeat(np.frombuffer(self._run_roles, np.int16), counts).tobytes(),
            [
                (at, numbers[uri], role, None if weight is None else str(weight), uom, word)
                for at, (role, uri, weight, uom, word) in self._detailed
            ],
            self._events,
        )


def prepare(events: Iterable[Event], *, keep_events: bool = False) -> Prepared:
    """Work out what the journal stores of these events."""
    preparing = Preparing(keep_events=keep_events)
    for event in events:
        preparing.add(event)
    return preparing.prepared()


def _log_tail(event_id: str, event_hash: bytes, body_digest: bytes) -> bytes:
    try:
        return entry_tail(event_id=event_id, event_hash=event_hash, body_digest=body_digest)
    except InvalidInput:
        return b""  # The ID can't stand in a line of the log; appending refuses it.


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
