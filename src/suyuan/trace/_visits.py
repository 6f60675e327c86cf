"""What was seen at places in a period: the beginning of a recall that starts at a place. 到访"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from psycopg import sql

from suyuan.event import Role
from suyuan.store import Connection
from suyuan.trace._columns import Ints
from suyuan.trace._load import read_columns
from suyuan.trace._said import named_in
from suyuan.trace._stays import FOREVER, LONG_AGO
from suyuan.trace._times import moment_of

__all__ = ["Visits", "seen_at"]

_EVENTS = sql.SQL("""
    SELECT sequence FROM journal.event AS event
    WHERE tenant_id = {tenant} AND sequence <= {position} AND NOT is_error_declaration
      AND sequence IN (SELECT unnest(sequences) FROM journal.posting
                       WHERE tenant_id = {tenant} AND first_sequence <= {position}
                         AND object_id = ANY({places}::bigint[])
                         AND role IN ({read_point}, {business_location}))
      AND event_time >= {low}::timestamptz AND event_time <= {high}::timestamptz
      AND NOT EXISTS (SELECT FROM journal.event AS declaration
                      WHERE declaration.tenant_id = {tenant} AND declaration.is_error_declaration
                        AND declaration.sequence <= {position}
                        AND declaration.event_id = event.event_id)
""")
_PLACES = """
    SELECT DISTINCT object_id FROM journal.posting
    WHERE tenant_id = %s AND object_id = ANY(%s::bigint[]) AND first_sequence <= %s
      AND role = ANY(%s::smallint[])
"""
_THINGS = [role for role in Role if role <= Role.OUTPUT_QUANTITY]


class Visits(NamedTuple):
    """Which of some numbers are places, and the objects that were seen at these."""

    is_place: npt.NDArray[np.bool_]
    objects: Ints


def seen_at(
    connection: Connection, tenant_id: int, numbers: Ints, position: int, low: int, high: int
) -> Visits:
    """Find what was seen at the places among some things, from `low` to `high`."""
    roles = [int(Role.READ_POINT), int(Role.BUSINESS_LOCATION)]
    rows = connection.execute(_PLACES, (tenant_id, numbers.tolist(), position, roles))
    places = [number for (number,) in rows]
    if not places:
        return Visits(np.zeros(len(numbers), bool), np.zeros(0, np.int64))
    question = _EVENTS.format(
        tenant=sql.Literal(tenant_id),
        position=sql.Literal(position),
        places=sql.Literal(places),
        read_point=sql.Literal(roles[0]),
        business_location=sql.Literal(roles[1]),
        low=sql.Literal("-infinity" if low == LONG_AGO else str(moment_of(low))),
        high=sql.Literal("infinity" if high == FOREVER else str(moment_of(high))),
    )
    events = read_columns(connection, question, (("sequence", ">i8"),))["sequence"]
    found = [
        named_in(connection, tenant_id, position, events, role)["object"]
        for role in _THINGS
        if len(events)
    ]
    objects = np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)
    return Visits(np.isin(numbers, places), objects)
