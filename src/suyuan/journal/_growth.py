"""How the journal grew: how many entries stood in it at a moment. 增长

Entries are recorded in the order of their numbers, so that a few looks at single entries find
the place of a moment, however long the journal is.
"""

from __future__ import annotations

from datetime import datetime

from suyuan.store import Connection

__all__ = ["count_to"]


def count_to(connection: Connection, tenant_id: int, moment: datetime, position: int) -> int:
    """Count the entries up to a position that were recorded before a moment."""
    low, high = 0, position  # Entry `low` is before the moment, entry `high` + 1 is not.
    if position and not _is_before(connection, tenant_id, 1, moment):
        return 0
    if position and _is_before(connection, tenant_id, position, moment):
        return position
    while low < high:
        middle = (low + high + 1) // 2
        if _is_before(connection, tenant_id, middle, moment):
            low = middle
        else:
            high = middle - 1
    return low


def _is_before(connection: Connection, tenant_id: int, sequence: int, moment: datetime) -> bool:
    row = connection.execute(
        "SELECT record_time < %s FROM journal.event WHERE tenant_id = %s AND sequence = %s",
        (moment, tenant_id, sequence),
    ).fetchone()
    return row is not None and bool(row[0])
