"""Who captured: kept beside the journal for each run of numbers that one capture was given. 来源

An event says what happened and not who reported it. What a person or a program captured at
once has numbers without a gap, so that a row names the first and the last of them. It is
written in the transaction of the events themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from suyuan.store import Connection, Database

__all__ = ["Origin", "find_origin", "store_origins"]


class Origin(msgspec.Struct, frozen=True):
    """Who captured: as the audit trail names them, with the address they came from."""

    actor: str
    actor_name: str
    address: str = ""


def store_origins(
    connection: Connection, tenant_id: int, origins: Iterable[tuple[Origin, Sequence[int]]]
) -> None:
    """Write who captured the events of these numbers; those without numbers are left out."""
    for origin, sequences in origins:
        if sequences:
            connection.execute(
                "INSERT INTO journal.origin (tenant_id, first_sequence, last_sequence, actor, "
                "actor_name, address) VALUES (%s, %s, %s, %s, %s, %s)",
                (
                    *(tenant_id, min(sequences), max(sequences)),
                    *(origin.actor, origin.actor_name, origin.address),
                ),
            )


def find_origin(database: Database, tenant_id: int, sequence: int) -> Origin | None:
    """Give who captured the event of a number; None where that was not kept."""
    with database.tenant(tenant_id, read_only=True) as connection:
        row = connection.execute(
            "SELECT actor, actor_name, address, last_sequence FROM journal.origin "
            "WHERE tenant_id = %s AND first_sequence <= %s ORDER BY first_sequence DESC LIMIT 1",
            (tenant_id, sequence),
        ).fetchone()
    if row is None or row[3] < sequence:
        return None
    return Origin(*row[:3])
