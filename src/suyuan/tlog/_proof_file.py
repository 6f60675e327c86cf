"""The proof file: one text file that proves one event to a stranger without our database.

Set in stone: four parts with an empty line between them.

1. What it is, for people: first line `suyuan/proof/v1`, then a fixed sentence in English and
   Chinese, how to check it, and the facts proven. Written from the parts below and compared
   with them, so nobody can make it say something else.
2. The log entry, `suyuan/entry/v1`: a leaf of the tree.
3. The event as stored, one line of JSON; its SHA-256 is in the entry.
4. A C2SP tlog-proof with the signed checkpoint, which any tool for tlog-proofs can check
   against part 2.

There is one file for one proof: each byte is checked, those of the witnesses' signatures
excepted, whose keys the one who checks may not know. The event hash in the entry is not
computed here: the caller compares it with the hash of the event in part 3.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from suyuan.errors import InvalidInput, Problem
from suyuan.tlog._checkpoint import Checkpoint, open_checkpoint, read_unsigned
from suyuan.tlog._entry import LogEntry, parse_entry
from suyuan.tlog._merkle import leaf_hash, verify_inclusion
from suyuan.tlog._note import VerifierKey, parse_verifier_key
from suyuan.tlog._tlog_proof import (
    TlogProof,
    check_inclusion,
    encode_tlog_proof,
    malformed,
    parse_tlog_proof,
    proof_too_long,
)

__all__ = ["PROOF_FILE_BYTES_MAX", "VerifiedProof", "make_proof_file", "verify_proof_file"]

PROOF_FILE_BYTES_MAX = 64 * 2**20

_FIRST_LINE = "suyuan/proof/v1"
_INTRODUCTION = f"""{_FIRST_LINE}
This file proves that the event below stands in a transparency log, unchanged since.
本文件证明：下列事件已记入透明日志，此后未被改动。
check it / 校验: suyuan verify-proof FILE --key VERIFIER_KEY
or with any tool for C2SP tlog-proof: part 2 is the entry, part 4 the proof
或使用任何支持 C2SP tlog-proof 的工具：第 2 部分为条目，第 4 部分为证明
"""
_RULE = _FIRST_LINE
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CONTROL = re.compile("[\x00-\x1f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedProof:
    """What a proof file proves: this entry and this event are in the log of the checkpoint."""

    entry: LogEntry
    body: bytes
    index: int
    checkpoint: Checkpoint


def make_proof_file(
    *,
    entry: bytes,
    index: int,
    checkpoint_note: str,
    inclusion_hashes: Sequence[bytes],
    body: bytes,
) -> bytes:
    """Write the proof file of one event, once everything in it but the signature was checked.

    Raises InvalidInput for parts that are malformed, IntegrityBroken
    `tlog.inclusion_not_proven` when the log's own hashes do not agree with its checkpoint.
    """
    parsed = parse_entry(entry)
    checkpoint = read_unsigned(checkpoint_note)
    proof = TlogProof(index=index, hashes=tuple(inclusion_hashes), checkpoint_note=checkpoint_note)
    problems = [*_body_problems(parsed, body), *_place_problems(parsed, index)]
    if problems:
        raise InvalidInput(problems)
    verify_inclusion(
        leaf_hash(entry),
        index=index,
        size=checkpoint.size,
        root=checkpoint.root,
        proof=proof.hashes,
    )
    data = _write(parsed, body, proof, checkpoint)
    if len(data) > PROOF_FILE_BYTES_MAX:
        raise InvalidInput(proof_too_long(PROOF_FILE_BYTES_MAX, len(data)))
    return data


def verify_proof_file(data: bytes, verifier_key: VerifierKey | str) -> VerifiedProof:
    """Check every byte of a proof file against the key of the log.

    Raises InvalidInput with everything that is wrong: `tlog.proof_malformed`,
    `tlog.proof_parts_wrong`, `tlog.proof_text_wrong`, `tlog.proof_too_long`,
    `tlog.proof_event_invalid`, `tlog.entry_malformed`, `tlog.body_digest_wrong`,
    `tlog.entry_misplaced`, `tlog.proof_not_met`, and those of notes, keys and checkpoints.
    """
    key = parse_verifier_key(verifier_key) if isinstance(verifier_key, str) else verifier_key
    entry_text, body, proof_text = _split(data)
    entry = parse_entry(entry_text)
    proof = parse_tlog_proof(proof_text)
    checkpoint = read_unsigned(proof.checkpoint_note)
    problems = [*_body_problems(entry, body), *_place_problems(entry, proof.index)]
    try:
        open_checkpoint(proof.checkpoint_note, [key])
    except InvalidInput as error:
        problems.extend(error.problems)
    try:
        check_inclusion(proof, entry=entry_text, checkpoint=checkpoint)
    except InvalidInput as error:
        problems.extend(error.problems)
    if not problems and _write(entry, body, proof, checkpoint) != data:
        problems.append(
            Problem(
                code="tlog.proof_text_wrong",
                where="part[1]",
                rule=_RULE,
                expected=_introduction(entry, checkpoint),
                found=data.partition(b"\n\n")[0].decode(errors="replace")[:2000],
            )
        )
    if problems:
        raise InvalidInput(problems)
    return VerifiedProof(entry=entry, body=body, index=proof.index, checkpoint=checkpoint)


def _write(entry: LogEntry, body: bytes, proof: TlogProof, checkpoint: Checkpoint) -> bytes:
    introduction = _introduction(entry, checkpoint).encode()
    parts = (introduction, entry.encode(), body + b"\n", encode_tlog_proof(proof))
    return b"\n".join(parts)


def _introduction(entry: LogEntry, checkpoint: Checkpoint) -> str:
    record_time = _EPOCH + timedelta(microseconds=entry.record_time_us)
    return (
        f"{_INTRODUCTION}"
        f"log / 日志: {checkpoint.origin}\n"
        f"entry / 条目: {entry.sequence} of {checkpoint.size}\n"
        f"recorded / 记录时间: {record_time.strftime('%Y-%m-%dT%H:%M:%S.%fZ')}\n"
        f"event / 事件: {entry.event_id}\n"
    )


def _split(data: bytes) -> tuple[bytes, bytes, bytes]:
    """Take the file apart into entry, event and tlog-proof."""
    if len(data) > PROOF_FILE_BYTES_MAX:
        raise InvalidInput(proof_too_long(PROOF_FILE_BYTES_MAX, len(data)))
    first = data.partition(b"\n")[0]
    if first.removesuffix(b"\r") != _FIRST_LINE.encode():
        raise InvalidInput(malformed("line[1]", _FIRST_LINE, repr(first[:200]), rule=_RULE))
    if b"\r\n" in data:
        # A mail program or an editor did it; say so, for the reader's eye cannot see it.
        raise InvalidInput(malformed("line[1]", "LF", "CR LF", rule=_RULE))
    parts = data.split(b"\n\n", 3)
    if len(parts) != 4:
        raise InvalidInput(
            Problem(
                code="tlog.proof_parts_wrong",
                where="file",
                rule=_RULE,
                expected="4",
                found=str(len(parts)),
            )
        )
    return parts[1] + b"\n", parts[2], parts[3]


def _body_problems(entry: LogEntry, body: bytes) -> list[Problem]:
    """Say what is wrong with the event as stored; it must be one line of UTF-8."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = ""
    if not text or _CONTROL.search(text):
        found = repr(body[:200])
        return [Problem(code="tlog.proof_event_invalid", where="event", rule=_RULE, found=found)]
    digest = sha256(body).digest()
    if digest == entry.body_digest:
        return []
    return [
        Problem(
            code="tlog.body_digest_wrong",
            where="event",
            rule=_RULE,
            expected=entry.body_digest.hex(),
            found=digest.hex(),
        )
    ]


def _place_problems(entry: LogEntry, index: int) -> list[Problem]:
    """Entry n is leaf n - 1: the journal has no gaps, so the log has none."""
    if index == entry.sequence - 1:
        return []
    return [
        Problem(
            code="tlog.entry_misplaced",
            where=f"leaf[{index}]",
            rule=_RULE,
            expected=str(index + 1),
            found=str(entry.sequence),
            values={"index": index},
        )
    ]
