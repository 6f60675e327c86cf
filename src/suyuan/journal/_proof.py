"""Proof that one event is in the log: one small file that needs no database to check. 证明"""

from __future__ import annotations

from hashlib import sha256

import msgspec

from suyuan.errors import InvalidInput, NotFound, Problem
from suyuan.event import Event, decode_body, event_hash
from suyuan.journal._log import LogReader
from suyuan.journal._prepare import event_key, hash_digest
from suyuan.store import Connection, Database
from suyuan.tlog import (
    VerifiedProof,
    entry_bytes,
    inclusion_proof,
    make_proof_file,
    verify_proof_file,
)

__all__ = ["ProvenEvent", "find_sequence", "proof_of_event", "verify_proof"]


class ProvenEvent(msgspec.Struct, frozen=True):
    """What a proof file showed: the event, and its place in which log."""

    event: Event
    proof: VerifiedProof


def proof_of_event(
    database: Database, tenant_id: int, event_id: str, *, is_error_declaration: bool = False
) -> bytes:
    """Write the proof file of one event.

    Raises NotFound `journal.event_unknown`, or `journal.checkpoint_missing` for an event so
    new that no checkpoint covers it yet.
    """
    with database.tenant(tenant_id, read_only=True) as connection:
        sequence = find_sequence(
            connection, tenant_id, event_id, is_error_declaration=is_error_declaration
        )
        log = LogReader(connection, tenant_id)
        size, note = log.checkpoint()
        if sequence > size:
            raise NotFound(Problem(code="journal.checkpoint_missing", where=str(sequence)))
        row = connection.execute(
            "SELECT (extract(epoch FROM record_time) * 1000000)::bigint, event_hash, body "
            "FROM journal.event WHERE tenant_id = %s AND sequence = %s",
            (tenant_id, sequence),
            binary=True,
        ).fetchone()
        assert row is not None
        record_time_us, stored_hash, body = row
        return make_proof_file(
            entry=entry_bytes(
                sequence=sequence,
                record_time_us=record_time_us,
                event_id=event_id,
                event_hash=stored_hash,
                body_digest=sha256(body.encode()).digest(),
            ),
            index=sequence - 1,
            checkpoint_note=note,
            inclusion_hashes=inclusion_proof(log.tiles, sequence - 1, size),
            body=body.encode(),
        )


def find_sequence(
    connection: Connection, tenant_id: int, event_id: str, *, is_error_declaration: bool = False
) -> int:
    """Give the sequence number of an event. Raises NotFound `journal.event_unknown`."""
    row = connection.execute(
        "SELECT sequence FROM journal.event_key WHERE tenant_id = %s AND event_key = %s::uuid",
        (tenant_id, event_key(event_id, is_error_declaration=is_error_declaration).hex()),
    ).fetchone()
    if row is None:
        raise NotFound(Problem(code="journal.event_unknown", found=event_id))
    return int(row[0])


def verify_proof(data: bytes, verifier_key: str) -> ProvenEvent:
    """Check a proof file against the log's public key, and the event against its hash.

    Raises InvalidInput with everything that is wrong.
    """
    proof = verify_proof_file(data, verifier_key)
    event = decode_body(proof.body)
    computed = event_hash(event)
    wrong = []
    if hash_digest(computed) != proof.entry.event_hash:
        wrong.append(("event hash", computed, proof.entry.event_hash.hex()))
    if proof.entry.event_id != (event.event_id or computed):
        wrong.append(("event ID", event.event_id or computed, proof.entry.event_id))
    if wrong:
        raise InvalidInput(
            Problem(
                code="journal.entry_broken",
                where=str(proof.entry.sequence),
                rule=rule,
                expected=expected,
                found=found,
            )
            for rule, expected, found in wrong
        )
    return ProvenEvent(event, proof)
