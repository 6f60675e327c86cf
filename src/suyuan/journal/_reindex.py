"""Making the index of a journal anew from its events: postings, classes of objects. 重建索引

Everything that is found by the index follows from the events, so it can be dropped and made
again; `suyuan verify` proves that it came out the same. Needed after an older version, which
knew less of what events say, and after damage to the index. All of it is one transaction.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
from psycopg import sql

from suyuan.event import decode_body
from suyuan.identifier import class_of
from suyuan.journal._append import BLOCK_EVENTS, Head, Placed, lock_head, store_mentions
from suyuan.journal._objects import ObjectNumbers
from suyuan.journal._prepare import prepare
from suyuan.store import Connection, Database

__all__ = ["Reindexed", "reindex_journal"]

_EVENTS_AT_ONCE = 4_000


class Reindexed(msgspec.Struct, frozen=True):
    """What was made anew: events read, objects that were new, objects that got a class."""

    events: int
    objects: int
    classes: int


def reindex_journal(
    database: Database,
    tenant_id: int,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Reindexed:
    """Make all postings of a tenant anew, while captures of this tenant wait.

    Raises IntegrityBroken when an event can't be read any more; nothing is changed then.
    """
    with database.owner() as connection:
        head = lock_head(connection, tenant_id)
        before = head.last_object
        numbers = ObjectNumbers()
        for first in range(0, head.partitioned_to, BLOCK_EVENTS):
            table = sql.Identifier("journal", f"posting_{tenant_id}_{first}")
            connection.execute(sql.SQL("TRUNCATE {}").format(table))
        for first in range(1, head.last_sequence + 1, _EVENTS_AT_ONCE):
            _store_again(connection, tenant_id, head, first, numbers)
            progress(min(first + _EVENTS_AT_ONCE - 1, head.last_sequence), head.last_sequence)
        classes = _store_classes(connection, tenant_id, head, numbers)
        # What it says of classes may be wrong now.
        connection.execute("DELETE FROM journal.recent_commit WHERE tenant_id = %s", (tenant_id,))
        connection.execute(
            "UPDATE journal.head SET last_object = %s WHERE tenant_id = %s",
            (head.last_object, tenant_id),
        )
        return Reindexed(head.last_sequence, head.last_object - before, classes)


def _store_again(
    connection: Connection, tenant_id: int, head: Head, first: int, numbers: ObjectNumbers
) -> None:
    """Write the postings of some events."""
    rows = connection.execute(
        "SELECT sequence, body FROM journal.event "
        "WHERE tenant_id = %s AND sequence >= %s AND sequence < %s ORDER BY sequence",
        (tenant_id, first, first + _EVENTS_AT_ONCE),
    ).fetchall()
    unit = prepare(decode_body(body.encode()) for _, body in rows)
    sequences = np.array([sequence for sequence, _ in rows], np.int64)
    said = store_mentions(connection, tenant_id, head, [Placed(unit, sequences)], numbers)
    numbers.remember(tenant_id, said.found)


def _store_classes(
    connection: Connection, tenant_id: int, head: Head, numbers: ObjectNumbers
) -> int:
    """Give each object the number of its class, where that was not known."""
    rows = connection.execute(
        "SELECT object_id, uri FROM journal.object WHERE tenant_id = %s AND class_id IS NULL",
        (tenant_id,),
    ).fetchall()
    classes = {number: name for number, uri in rows if (name := class_of(uri)) is not None}
    found, new = numbers.resolve(connection, tenant_id, set(classes.values()), head.last_object)
    head.last_object += len(new)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO journal.object (tenant_id, object_id, class_id, uri) "
            "VALUES (%s, %s, %s, %s)",
            [(tenant_id, number, class_id, uri) for number, uri, class_id in new],
        )
    connection.execute(
        "UPDATE journal.object AS object SET class_id = told.class_id "
        "FROM unnest(%s::bigint[], %s::bigint[]) AS told (object_id, class_id) "
        "WHERE object.tenant_id = %s AND object.object_id = told.object_id",
        (list(classes), [found[name] for name in classes.values()], tenant_id),
    )
    return len(classes)
