"""The log entry: the canonical bytes of one entry of the journal, a leaf of the tree. 日志条目

Set in stone: these bytes are hashed into every root ever signed. One field a line, in this
order, each line ended by a newline:

    suyuan/entry/v1
    sequence <decimal, from 1>
    record_time_us <decimal, microseconds since 1970-01-01T00:00:00Z>
    event_id <UTF-8 without control characters>
    event_hash <64 lower-case hexadecimal digits, the CBV 2.0 event hash>
    body_digest <64 lower-case hexadecimal digits, SHA-256 of the event as stored>

The event itself is not in the log, only its two hashes: the log can be published without
publishing what happened. The entry of sequence n is leaf n - 1. See
docs/design/transparency-log.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from suyuan.errors import InvalidInput, Problem
from suyuan.tlog._merkle import HASH_BYTES

__all__ = [
    "EVENT_ID_BYTES_MAX",
    "RECORD_TIME_US_MAX",
    "LogEntry",
    "entry_bytes",
    "entry_leaf_hashes",
    "entry_tail",
    "parse_entry",
]

EVENT_ID_BYTES_MAX = 2048  # An entry has to fit into an entry bundle (64 KiB), with room.
RECORD_TIME_US_MAX = 253_402_300_799_999_999  # The last microsecond of the year 9999.
_SEQUENCE_MAX = 2**63 - 1

# Control characters of ASCII and Latin-1, what Unicode calls a line or paragraph end, and
# halves of characters, which UTF-8 cannot write.
_NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

_ENTRY = re.compile(
    rb"suyuan/entry/v1\n"
    rb"sequence ([1-9][0-9]{0,18})\n"
    rb"record_time_us (0|[1-9][0-9]{0,17})\n"
    rb"event_id ([^\n]{1,%d})\n"
    rb"event_hash ([0-9a-f]{64})\n"
    rb"body_digest ([0-9a-f]{64})\n" % EVENT_ID_BYTES_MAX
)
_RULE = "suyuan/entry/v1"
_HEAD = b"suyuan/entry/v1\nsequence %d\nrecord_time_us %d\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """What one leaf of the log says."""

    sequence: int
    record_time_us: int
    event_id: str
    event_hash: bytes
    body_digest: bytes

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return entry_bytes(
            sequence=self.sequence,
            record_time_us=self.record_time_us,
            event_id=self.event_id,
            event_hash=self.event_hash,
            body_digest=self.body_digest,
        )


def entry_bytes(
    *, sequence: int, record_time_us: int, event_id: str, event_hash: bytes, body_digest: bytes
) -> bytes:
    """Give the canonical bytes of one log entry.

    Raises InvalidInput with every wrong field: `tlog.entry_number_invalid`,
    `tlog.event_id_length_wrong`, `tlog.event_id_character_wrong`, `tlog.hash_length_wrong`.
    """
    problems = [
        *_number_problems(sequence, record_time_us),
        *_tail_problems(event_id, event_hash, body_digest),
    ]
    if problems:
        raise InvalidInput(problems)
    return _HEAD % (sequence, record_time_us) + _tail(event_id, event_hash, body_digest)


def entry_tail(*, event_id: str, event_hash: bytes, body_digest: bytes) -> bytes:
    """Give the lines of an entry that are known before its place in the log is.

    Raises InvalidInput like `entry_bytes`.
    """
    # The common case is decided without a regular expression.
    if not (
        event_id.isascii()
        and event_id.isprintable()
        and 0 < len(event_id) <= EVENT_ID_BYTES_MAX
        and len(event_hash) == len(body_digest) == HASH_BYTES
    ):
        problems = _tail_problems(event_id, event_hash, body_digest)
        if problems:
            raise InvalidInput(problems)
    return _tail(event_id, event_hash, body_digest)


def entry_leaf_hashes(
    sequences: Iterable[int], tails: Iterable[bytes], *, record_time_us: int
) -> list[bytes]:
    """Give the leaf hashes of entries that were recorded at one moment, made to be fast.

    Raises InvalidInput `tlog.entry_number_invalid`.
    """
    numbers = list(sequences)
    if problems := _number_problems(min(numbers), record_time_us) + _number_problems(
        max(numbers), record_time_us
    ):
        raise InvalidInput(problems)
    start = b"\x00" + _HEAD.replace(b"record_time_us %d", b"record_time_us %d" % record_time_us)
    return [
        sha256(start % sequence + tail).digest()
        for sequence, tail in zip(numbers, tails, strict=True)
    ]


def parse_entry(data: bytes) -> LogEntry:
    """Read the canonical bytes of one log entry: the exact inverse of `entry_bytes`.

    Raises InvalidInput `tlog.entry_malformed` for anything that `entry_bytes` does not write.
    """
    match = _ENTRY.fullmatch(data)
    if match:
        sequence, record_time_us, event_id, event_hash, body_digest = match.groups()
        try:
            entry = LogEntry(
                sequence=int(sequence),
                record_time_us=int(record_time_us),
                event_id=event_id.decode(),
                event_hash=bytes.fromhex(event_hash.decode()),
                body_digest=bytes.fromhex(body_digest.decode()),
            )
            if entry.encode() == data:
                return entry
        except (UnicodeDecodeError, InvalidInput):
            pass  # Said below, as one of the many ways not to be an entry.
    raise InvalidInput(
        Problem(
            code="tlog.entry_malformed",
            where="entry",
            rule=_RULE,
            expected="suyuan/entry/v1",
            found=repr(data[:200]),
        )
    )


def _tail(event_id: str, event_hash: bytes, body_digest: bytes) -> bytes:
    return (
        f"event_id {event_id}\nevent_hash {event_hash.hex()}\nbody_digest {body_digest.hex()}\n"
    ).encode()


def _number_problems(sequence: int, record_time_us: int) -> list[Problem]:
    return [
        _problem("tlog.entry_number_invalid", where, f"{lowest} … {highest}", str(number))
        for where, number, lowest, highest in (
            ("sequence", sequence, 1, _SEQUENCE_MAX),
            ("record_time_us", record_time_us, 0, RECORD_TIME_US_MAX),
        )
        if not lowest <= number <= highest
    ]


def _tail_problems(event_id: str, event_hash: bytes, body_digest: bytes) -> list[Problem]:
    problems = []
    id_bytes = len(event_id.encode(errors="surrogatepass"))
    if not 0 < id_bytes <= EVENT_ID_BYTES_MAX:
        expected = f"1 … {EVENT_ID_BYTES_MAX}"
        problems.append(_problem("tlog.event_id_length_wrong", "event_id", expected, str(id_bytes)))
    if bad := _NO_TEXT.search(event_id):
        found = f"U+{ord(bad[0]):04X}"
        problems.append(_problem("tlog.event_id_character_wrong", "event_id", "", found))
    for where, digest in (("event_hash", event_hash), ("body_digest", body_digest)):
        if len(digest) != HASH_BYTES:
            found = str(len(digest))
            problems.append(_problem("tlog.hash_length_wrong", where, str(HASH_BYTES), found))
    return problems


def _problem(code: str, where: str, expected: str, found: str) -> Problem:
    return Problem(code=code, where=where, rule=_RULE, expected=expected, found=found)
