"""The tlog-proof: one small text that proves that a log holds an entry. 包含证明

It carries the index, the inclusion proof and the signed checkpoint, but not the entry, which
the one who checks must have. Set in stone; source: C2SP tlog-proof, c2sp.org/tlog-proof.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from suyuan.errors import InvalidInput, Problem
from suyuan.tlog._checkpoint import Checkpoint, open_checkpoint
from suyuan.tlog._merkle import HASH_BYTES, SIZE_MAX, leaf_hash, root_from_inclusion
from suyuan.tlog._note import NOTE_BYTES_MAX, VerifierKey, decode_base64, encode_base64, split_note

__all__ = [
    "TLOG_PROOF_FIRST_LINE",
    "TlogProof",
    "check_inclusion",
    "encode_tlog_proof",
    "malformed",
    "parse_tlog_proof",
    "proof_too_long",
    "verify_tlog_proof",
]

TLOG_PROOF_FIRST_LINE = "c2sp.org/tlog-proof@v1"
_HASHES_MAX = SIZE_MAX.bit_length()
_EXTRA_BYTES_MAX = 2**16
_INDEX = re.compile("index (0|[1-9][0-9]{0,18})", re.ASCII)
_RULE = "C2SP tlog-proof"


@dataclass(frozen=True, slots=True, kw_only=True)
class TlogProof:
    """An inclusion proof with the checkpoint it leads to. `extra` is proven by nothing."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint_note: str
    extra: bytes | None = None


def encode_tlog_proof(proof: TlogProof) -> bytes:
    """Write a tlog-proof.

    Raises InvalidInput `tlog.proof_malformed` for what `parse_tlog_proof` would refuse.
    """
    data = _encode(proof).encode(errors="surrogatepass")
    if parse_tlog_proof(data) != proof:
        raise InvalidInput(malformed("hashes", f"base64({HASH_BYTES})", "", rule=_RULE))
    return data


def parse_tlog_proof(data: bytes) -> TlogProof:
    """Read a tlog-proof, the exact inverse of `encode_tlog_proof`; nothing is verified.

    Raises InvalidInput `tlog.proof_malformed`, `tlog.proof_too_long`, `tlog.note_malformed`,
    `tlog.note_too_long`, `tlog.signatures_too_many`, `tlog.key_name_invalid`.
    """
    if len(data) > NOTE_BYTES_MAX + 2 * _EXTRA_BYTES_MAX:
        raise InvalidInput(proof_too_long(NOTE_BYTES_MAX + 2 * _EXTRA_BYTES_MAX, len(data)))
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise InvalidInput(malformed("file", "UTF-8", str(error), rule=_RULE)) from error
    head, _, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    if first != TLOG_PROOF_FIRST_LINE:
        raise InvalidInput(
            malformed("line[1]", TLOG_PROOF_FIRST_LINE, repr(first[:200]), rule=_RULE)
        )
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = decode_base64(lines.pop(0).removeprefix("extra "))
        if not extra or len(extra) > _EXTRA_BYTES_MAX:
            raise InvalidInput(malformed("extra", "extra <base64>", head[:200], rule=_RULE))
    index = _INDEX.fullmatch(lines.pop(0)) if lines else None
    if index is None or int(index[1]) >= SIZE_MAX:
        raise InvalidInput(malformed("index", "index <decimal>", head[:200], rule=_RULE))
    if len(lines) > _HASHES_MAX:
        raise InvalidInput(malformed("hashes", f"≤ {_HASHES_MAX}", str(len(lines)), rule=_RULE))
    split_note(note)
    return TlogProof(
        index=int(index[1]),
        hashes=tuple(_parse_hash(line, number) for number, line in enumerate(lines, start=1)),
        checkpoint_note=note,
        extra=extra,
    )


def verify_tlog_proof(
    data: bytes, *, entry: bytes, verifiers: Iterable[VerifierKey]
) -> tuple[TlogProof, Checkpoint]:
    """Check that the log whose key is given holds `entry`, with nothing but the proof.

    Raises InvalidInput as `parse_tlog_proof` and `open_checkpoint` do, and
    `tlog.index_out_of_range`, `tlog.proof_length_wrong`, `tlog.proof_not_met`.
    """
    proof = parse_tlog_proof(data)
    checkpoint = open_checkpoint(proof.checkpoint_note, verifiers)
    check_inclusion(proof, entry=entry, checkpoint=checkpoint)
    return proof, checkpoint


def check_inclusion(proof: TlogProof, *, entry: bytes, checkpoint: Checkpoint) -> None:
    """Check the hashes alone.

    A proof is given to us, so one that fails is InvalidInput `tlog.proof_not_met`: nothing
    of ours is broken, unlike with `verify_inclusion`.
    """
    computed = root_from_inclusion(
        leaf_hash(entry), index=proof.index, size=checkpoint.size, proof=proof.hashes
    )
    if computed != checkpoint.root:
        raise InvalidInput(
            Problem(
                code="tlog.proof_not_met",
                where=f"leaf[{proof.index}]",
                rule="RFC 9162 section 2.1.3.2",
                expected=checkpoint.root.hex(),
                found=computed.hex(),
                values={"index": proof.index, "size": checkpoint.size},
            )
        )


def _encode(proof: TlogProof) -> str:
    lines = [TLOG_PROOF_FIRST_LINE]
    if proof.extra is not None:
        lines.append(f"extra {encode_base64(proof.extra)}")
    lines.append(f"index {proof.index:d}")
    lines.extend(encode_base64(step) for step in proof.hashes)
    return "\n".join(lines) + "\n\n" + proof.checkpoint_note


def _parse_hash(line: str, number: int) -> bytes:
    step = decode_base64(line)
    if step is None or len(step) != HASH_BYTES:
        expected = f"base64({HASH_BYTES})"
        raise InvalidInput(malformed(f"hash[{number}]", expected, repr(line[:200]), rule=_RULE))
    return step


def malformed(where: str, expected: str, found: str, *, rule: str) -> Problem:
    """Say which part of a proof is not as it has to be."""
    return Problem(
        code="tlog.proof_malformed", where=where, rule=rule, expected=expected, found=found
    )


def proof_too_long(bytes_max: int, found: int) -> Problem:
    """Say that a proof is longer than any can be."""
    return Problem(
        code="tlog.proof_too_long", where="file", expected=str(bytes_max), found=str(found)
    )
