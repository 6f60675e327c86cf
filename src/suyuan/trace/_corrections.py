"""Which events were declared in error, why, and what is right instead. 更正

What is declared in error counts for nothing; a story shows it all the same, to whoever asks,
so that nobody wonders where it has gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec

from suyuan.journal import declared_in
from suyuan.store import Connection

__all__ = ["Corrected", "Corrections", "read_corrections"]

# All of them, and not only those of some events: what an event is right instead of may have been
# about other things altogether, and only its declaration tells.
_DECLARATIONS = """
    SELECT event_id, record_time, (body::json -> 'errorDeclaration')::text
    FROM journal.event
    WHERE tenant_id = %s AND is_error_declaration AND sequence <= %s
    ORDER BY sequence
"""


class Corrected(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """That an event was declared in error: which, when, why, and what is right instead."""

    event_id: str
    declared: datetime
    reason: str | None = None
    why: str = ""
    corrective_event_ids: tuple[str, ...] = ()


class Corrections(NamedTuple):
    """All that was declared in error up to a position: by its own ID, and by what is right."""

    by_wrong: Mapping[str, Corrected]
    by_right: Mapping[str, Corrected]


def read_corrections(connection: Connection, tenant_id: int, position: int) -> Corrections:
    """Read what the record, up to a position, declares to be in error."""
    by_wrong: dict[str, Corrected] = {}
    by_right: dict[str, Corrected] = {}
    for event_id, declared, text in connection.execute(_DECLARATIONS, (tenant_id, position)):
        reason, why, corrective = declared_in(msgspec.json.decode(text) if text else {})
        one = Corrected(
            event_id=event_id,
            declared=declared,
            reason=reason,
            why=why,
            corrective_event_ids=corrective,
        )
        by_wrong[event_id] = one
        by_right |= dict.fromkeys(corrective, one)
    return Corrections(by_wrong, by_right)
