"""The stays of an object: in what it was and what was in it, from when to when. 停留"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
import numpy as np

from suyuan.store import Connection
from suyuan.trace._containers import Held, insides, outsides
from suyuan.trace._genealogy import Genealogy
from suyuan.trace._history import Seen, seen_of
from suyuan.trace._names import numbers_of_codes, uris_of
from suyuan.trace._neighbourhood import Around
from suyuan.trace._stays import FOREVER, IS_FIXED, LONG_AGO
from suyuan.trace._times import moment_of

__all__ = ["Stay", "StaysTold", "events_seen", "stays"]

_CONTENTS_MAX = 500


class Stay(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing inside another, for a time; `last` is absent while it is there."""

    uri: str
    container: str
    first: datetime | None = None
    last: datetime | None = None
    is_fixed: bool = False


class StaysTold(msgspec.Struct, frozen=True, kw_only=True):
    """The stays of an object, outwards however far, and those of what was directly in it.

    Stays outwards are clipped to the time that the object itself was inside. `contents_count`
    counts all of the contents, of which the first are told.
    """

    uri: str
    position: int
    outside: list[Stay]
    contents: list[Stay]
    contents_count: int


def stays(
    genealogy: Genealogy,
    code: str,
    *,
    as_of: datetime | None = None,
    not_before: int | None = None,
) -> StaysTold:
    """Tell in what an object was and what was in it, with the times. 停留"""
    tenant_id = genealogy.tenant_id
    with genealogy.database.tenant(tenant_id, read_only=True) as connection:
        position = genealogy.position(connection, as_of=as_of, not_before=not_before)
        starts = numbers_of_codes(connection, tenant_id, [code], position)
        ((uri, number),) = starts.items()
        asked = np.array([number], np.int64)
        around = Around(asked, "within")
        known = genealogy.known(connection, as_of=as_of, around=around, position=position)
        graph = known.graph
        if number >= graph.objects:
            return StaysTold(
                uri=uri, position=known.position, outside=[], contents=[], contents_count=0
            )
        out = outsides(graph, asked, LONG_AGO, FOREVER)
        within = insides(graph, asked, LONG_AGO, FOREVER)
        direct = np.flatnonzero(graph.stays.parents[within.stays] == number)
        direct = direct[np.lexsort((within.things[direct], within.firsts[direct]))]
        some = Held(*(column[direct[:_CONTENTS_MAX]] for column in within))
        children, parents = graph.stays.children, graph.stays.parents
        named = (children[out.stays], parents[out.stays], children[some.stays], asked)
        numbers = {int(one) for column in named for one in column}
        names = uris_of(connection, tenant_id, numbers)

        def told(held: Held) -> list[Stay]:
            return [
                Stay(
                    uri=names[int(children[stay])],
                    container=names[int(parents[stay])],
                    first=moment_of(first),
                    last=moment_of(last),
                    is_fixed=graph.stays.is_of_kind(stay, IS_FIXED),
                )
                for first, last, stay in sorted(
                    zip(*(column.tolist() for column in held[2:]), strict=True)
                )
            ]

        return StaysTold(
            uri=uri,
            position=known.position,
            outside=told(out),
            contents=told(some),
            contents_count=len(direct),
        )


def events_seen(connection: Connection, tenant_id: int, sequences: Sequence[int]) -> list[Seen]:
    """Give events by their numbers in the journal, as a history tells them."""
    rows = connection.execute(
        "SELECT sequence, event_time, record_time, event_id, event_type, action, "
        "business_step, disposition, body FROM journal.event "
        "WHERE tenant_id = %s AND sequence = ANY(%s::bigint[]) ORDER BY event_time, sequence",
        (tenant_id, list(sequences)),
    )
    return [seen_of(row, set()) for row in rows]
