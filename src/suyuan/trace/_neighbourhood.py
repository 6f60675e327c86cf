"""The other source of what is known: plain SQL, which reads what stands around some objects. 周边

No index is needed. Starting from the objects of a question, all events of an object are read,
then those of what these lead to, until nothing new is reached: the graph is made of these
events alone, by the same rules, and the same walk goes over it. The cost grows with the
answer, not with the journal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
from psycopg.rows import TupleRow

from suyuan.event import Event, Role, decode_body
from suyuan.store import Connection
from suyuan.trace._carriers import find_carriers
from suyuan.trace._columns import Ints
from suyuan.trace._containers import insides, outsides
from suyuan.trace._facts import batch_of_events
from suyuan.trace._index import Index, Known
from suyuan.trace._reach import mark_back, reach_back, reach_forward
from suyuan.trace._stays import FOREVER, LONG_AGO
from suyuan.trace._walk import ways_of

__all__ = ["Around", "KnownAround", "known_around"]

_ROLES = [int(role) for role in Role if role <= Role.OUTPUT_QUANTITY]
_ROLES += [int(Role.TRANSFORMATION), int(Role.LOT)]

# Object by object, and (by the idle additions) through no index but that of objects: a table too
# young for statistics would be read whole, and each of its rows held against every object.
_NUMBERS = """
    SELECT DISTINCT sequence FROM (
        SELECT unnest(posting.sequences) AS sequence
        FROM unnest(%(objects)s::bigint[]) AS asked (object_id)
        CROSS JOIN LATERAL (
            SELECT sequences FROM journal.posting
            WHERE tenant_id = %(tenant)s AND object_id = asked.object_id
              AND first_sequence + 0 <= %(position)s
              AND role + 0 = ANY(%(roles)s::smallint[])
            OFFSET 0) AS posting) AS said
    WHERE sequence <= %(position)s
    ORDER BY sequence
"""
_BODIES = """
    SELECT event.sequence, event.body FROM journal.event AS event
    WHERE event.tenant_id = %(tenant)s AND event.sequence = ANY(%(sequences)s::bigint[])
      AND NOT event.is_error_declaration
      AND NOT EXISTS (SELECT FROM journal.event AS declaration
                      WHERE declaration.tenant_id = %(tenant)s
                        AND declaration.is_error_declaration
                        AND declaration.sequence <= %(position)s
                        AND declaration.event_id = event.event_id)
"""
_OBJECTS = """
    SELECT object.uri, object.object_id, coalesce(object.class_id, 0)
    FROM journal.object AS object
    WHERE object.tenant_id = %(tenant)s AND object.uri = ANY(%(uris)s)
"""
_CLASSES = """
    SELECT object_id, coalesce(class_id, 0) FROM journal.object
    WHERE tenant_id = %(tenant)s AND object_id = ANY(%(objects)s::bigint[])
"""


@dataclass(frozen=True)
class Around:
    """What a question is about: objects by their numbers, and which way it looks.

    `bound` is the moment from which, or on the way back up to which, it asks. `within` asks
    about what is around the objects and inside them, and goes no way at all.
    """

    objects: Ints
    direction: Literal["forward", "back", "within"]
    bound: int | None = None
    is_weighed: bool = False


@dataclass(frozen=True)
class KnownAround(Known):
    """What is known around the objects of one question. Of all else it knows nothing."""


def known_around(
    connection: Connection, tenant_id: int, position: int, around: Around, events_max: int
) -> KnownAround | None:
    """Give all that a question needs, as of a position; None if that is too many events."""
    reading = _Reading(connection, tenant_id, position)
    wanted = {int(number) for number in around.objects}
    known: KnownAround | None = None
    # Even what is named only by events in error has its row.
    reading.see(wanted)
    while wanted:
        new = reading.events_of(wanted)
        if known is not None and not new:
            return known  # Nothing new was said, so nothing more can be needed.
        if len(reading.events) + len(new) > events_max:
            return None
        reading.read(new)
        reading.whole |= wanted
        known = reading.known()
        wanted = (_needed(known, around) | reading.transformations) - reading.whole
    return known


class _Reading:
    """The events read so far."""

    def __init__(self, connection: Connection, tenant_id: int, position: int) -> None:
        self.connection, self.position = connection, position
        self.values = {"tenant": tenant_id, "position": position, "roles": _ROLES}
        self.events: dict[int, Event | None] = {}
        self.numbers: dict[str, int] = {}
        self.classes: dict[int, int] = {}
        self.whole: set[int] = set()
        """The objects all of whose events were read."""
        self.transformations: set[int] = set()

    def see(self, objects: Iterable[int]) -> None:
        """Note objects that are known to be there."""
        values = self.values | {"objects": list(objects)}
        for number, class_of in self.connection.execute(_CLASSES, values, binary=True):
            self.classes[int(number)] = int(class_of)

    def events_of(self, objects: Iterable[int]) -> list[int]:
        """Find the events of some objects that were not read yet."""
        values = self.values | {"objects": list(objects)}
        rows: list[TupleRow] = self.connection.execute(_NUMBERS, values).fetchall()
        return [sequence for (sequence,) in rows if sequence not in self.events]

    def read(self, sequences: list[int]) -> None:
        """Read events; those that were declared in error say nothing."""
        self.events |= dict.fromkeys(sequences)
        values = self.values | {"sequences": sequences}
        read = {
            int(sequence): decode_body(body.encode())
            for sequence, body in self.connection.execute(_BODIES, values)
        }
        self.events |= read
        mentions = [mention for event in read.values() for mention in event.mentions]
        uris = {mention[1] for mention in mentions} | {m[4] for m in mentions if m[4]}
        self._number(uris - self.numbers.keys())
        self.transformations |= {
            self.numbers[mention[1]] for mention in mentions if mention[0] == Role.TRANSFORMATION
        }

    def _number(self, uris: set[str]) -> None:
        values = self.values | {"uris": list(uris)}
        for uri, number, class_of in self.connection.execute(_OBJECTS, values, binary=True):
            self.numbers[str(uri)] = int(number)
            self.classes[int(number)] = int(class_of)

    def known(self) -> KnownAround:
        """Give what the events read so far say."""
        told = [(sequence, event) for sequence, event in self.events.items() if event is not None]
        # Of classes nothing more is asked than that they have a row.
        every = self.classes | dict.fromkeys(set(self.classes.values()) - self.classes.keys(), 0)
        classes = np.array(list(every.items()), np.int64).reshape(-1, 2)
        index = Index()
        index.take(batch_of_events(told, self.numbers, classes, position=self.position))
        known = index.known()
        return KnownAround(*(getattr(known, field.name) for field in fields(known)))


def _needed(known: Known, around: Around) -> set[int]:
    """Give what must be known whole for an answer to be: what is reached, and all around it."""
    graph, starts = known.graph, around.objects
    starts = starts[starts < graph.objects]
    needed: set[int] = set()
    inner = starts
    if around.direction == "within":
        needed |= _numbers(starts)
    else:
        bound = around.bound
        if around.direction == "forward":
            reach = reach_forward(graph, starts, LONG_AGO if bound is None else bound)
        else:
            reach = reach_back(graph, starts, FOREVER if bound is None else bound)
            inner = np.concatenate((starts, reach.objects))
            needed |= _numbers(_leading_to(known, inner))
        carriers = find_carriers(graph, reach)
        needed |= _numbers(reach.objects, starts, carriers.objects, _kin(known, reach.objects))
        needed |= _numbers(_kin(known, starts))
    if around.is_weighed:
        inner = np.fromiter(needed, np.int64)
    held = insides(graph, inner, LONG_AGO, FOREVER)
    around_all = np.fromiter(needed | _numbers(held.things), np.int64)
    needed |= _numbers(held.things, outsides(graph, around_all, LONG_AGO, FOREVER).things)
    return needed


def _leading_to(known: Known, objects: Ints) -> Ints:
    """Give all that leads to some objects at whatever time: grades are worked out within it."""
    graph = known.graph
    is_marked = np.zeros(graph.nodes, bool)
    mark_back(ways_of(graph, is_back=True), objects, is_marked)
    return np.flatnonzero(is_marked[: graph.objects])


def _kin(known: Known, objects: Ints) -> Ints:
    """Give the lots of instances."""
    arrays, count = known.graph.arrays, known.graph.edges
    tails, heads = arrays.tails[1:count], arrays.heads[1:count]
    is_kin = (tails > 0) & (heads > 0)
    lots: Ints = tails[is_kin][np.isin(heads[is_kin], objects)].astype(np.int64)
    return lots


def _numbers(*objects: Ints) -> set[int]:
    return {int(number) for some in objects for number in some}
