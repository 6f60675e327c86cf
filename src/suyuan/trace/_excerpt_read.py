"""What the journal says of the objects of an excerpt, and the events that say it. 摘录读取"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
from psycopg import sql

from suyuan.event import BUSINESS_STEP, DISPOSITION, EventType, Role
from suyuan.store import Connection
from suyuan.trace._columns import Ints
from suyuan.trace._facts import PIECE, Facts, measure
from suyuan.trace._load import read_columns
from suyuan.trace._said import EPOCH_2000_US, WORDS, Mask, Said, Word

__all__ = ["Events", "Named", "put_together", "read_events", "read_named"]

_NAMED = sql.SQL("""
    SELECT said.sequence, object_id, role, coalesce(said.quantity::float8, 'NaN'::float8),
           rpad(coalesce(said.uom, ''), 3)
    FROM journal.posting, unnest(sequences, quantities, uoms) AS said (sequence, quantity, uom)
    WHERE tenant_id = {tenant} AND object_id = ANY({objects}) AND first_sequence <= {position}
      AND role <= {last_role}
""")
_EVENTS = sql.SQL("""
    SELECT sequence, event_time, record_time, event_type, action,
           (CASE business_step {cases} ELSE 0 END)::int2,
           (coalesce(disposition, '') = {returned})::int::int2
    FROM journal.event
    WHERE tenant_id = {tenant} AND sequence = ANY({sequences}) AND sequence <= {position}
      AND NOT is_error_declaration
      AND NOT EXISTS (
          SELECT FROM journal.event AS declaration
          WHERE declaration.tenant_id = {tenant} AND declaration.is_error_declaration
            AND declaration.sequence <= {position} AND declaration.event_id = event.event_id)
    ORDER BY event_time, event_id COLLATE "C"
""")
_NAMED_ROW = (
    *(("sequence", ">i8"), ("object", ">i8"), ("role", ">i2")),
    *(("quantity", ">f8"), ("uom", "S3")),
)
_EVENT_ROW = (
    *(("sequence", ">i8"), ("time", ">i8"), ("recorded", ">i8"), ("type", ">i2")),
    *(("action", ">i2"), ("word", ">i2"), ("returned", ">i2")),
)


@dataclass(frozen=True)
class Named:
    """Where objects are named: event, object, role, how much."""

    sequences: Ints
    objects: Ints
    roles: npt.NDArray[np.int8]
    quantities: npt.NDArray[np.float64]
    dimensions: npt.NDArray[np.int16]

    def seen_in(self, sequences: Ints) -> Named:
        """Give the rows of what some events are about, in the order of the events' numbers."""
        is_about = np.isin(self.roles, (int(Role.EPC), int(Role.QUANTITY)))
        rows = np.flatnonzero(is_about & np.isin(self.sequences, sequences))
        rows = rows[np.argsort(self.sequences[rows], kind="stable")]
        return Named(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass(frozen=True)
class Events:
    """Events that count, in the order of time and event ID."""

    sequences: Ints
    times: Ints
    recorded: Ints
    types: npt.NDArray[np.int8]
    actions: npt.NDArray[np.int8]
    words: npt.NDArray[np.int8]
    is_returned: Mask

    @property
    def is_object(self) -> Mask:
        """Tell which are about objects, and not about what happens between them."""
        result: Mask = self.types == EventType.OBJECT
        return result

    def some(self, is_kept: Mask) -> Events:
        """Leave the others out."""
        return Events(*(getattr(self, field.name)[is_kept] for field in fields(self)))


def read_named(connection: Connection, tenant_id: int, position: int, objects: Ints) -> Named:
    """Find where objects are named."""
    question = _NAMED.format(
        tenant=sql.Literal(tenant_id),
        position=sql.Literal(position),
        objects=_array(objects),
        last_role=sql.Literal(int(Role.OUTPUT_QUANTITY)),
    )
    rows = read_columns(connection, question, _NAMED_ROW)
    codes, of_code = np.unique(rows["uom"], return_inverse=True)
    measures = [measure(code.decode().strip() or PIECE) for code in codes]
    sizes = np.array([size for _, size in measures] or [1.0])
    kinds = np.array([kind for kind, _ in measures] or [0], np.int16)
    return Named(
        rows["sequence"].astype(np.int64),
        rows["object"].astype(np.int64),
        rows["role"].astype(np.int8),
        rows["quantity"] * sizes[of_code.reshape(-1)],
        kinds[of_code.reshape(-1)],
    )


def read_events(connection: Connection, tenant_id: int, position: int, sequences: Ints) -> Events:
    """Read events; those that were declared in error are left out."""
    question = _EVENTS.format(
        tenant=sql.Literal(tenant_id),
        position=sql.Literal(position),
        sequences=_array(sequences),
        returned=sql.Literal(DISPOSITION.spellings["returned"]),
        cases=_CASES,
    )
    rows = read_columns(connection, question, _EVENT_ROW)
    return Events(
        rows["sequence"].astype(np.int64),
        rows["time"] + EPOCH_2000_US,
        rows["recorded"] + EPOCH_2000_US,
        rows["type"].astype(np.int8),
        rows["action"].astype(np.int8),
        rows["word"].astype(np.int8),
        rows["returned"] == 1,
    )


# Made once: each piece that is quoted anew takes its time.
_CASES = sql.SQL(
    sql.SQL(" ")
    .join(
        sql.SQL("WHEN {} THEN {}").format(
            sql.Literal(BUSINESS_STEP.spellings[text]), sql.Literal(int(word))
        )
        for text, word in WORDS.items()
    )
    .as_string()
)


def _array(numbers: Ints) -> sql.Composable:
    return sql.SQL("{}::bigint[]").format(sql.Literal(numbers.tolist()))


def put_together(
    events: Events, facts: Facts, in_facts: Ints, extra: Named, extra_events: Ints
) -> Said:
    """Put the mentions to their events: those of the facts, and of what only observes.

    `in_facts` tells by fact which event it is; `extra_events` by row of the others.
    """
    words = events.words.copy()
    is_plain = words[in_facts] == Word.NONE
    words[in_facts[is_plain]] = facts.steps[is_plain]
    event_of_facts = np.repeat(in_facts, np.diff(facts.starts))
    every = np.concatenate((event_of_facts, extra_events))
    roles = np.concatenate((facts.roles, extra.roles))
    order = np.lexsort((roles, every))
    return Said(
        sequences=events.sequences,
        times=events.times,
        types=events.types,
        actions=events.actions,
        words=words,
        is_returned=events.is_returned,
        event_of=every[order],
        roles=roles[order],
        objects=np.concatenate((facts.objects, extra.objects)).astype(np.int64)[order],
        quantities=np.concatenate((facts.quantities, extra.quantities))[order],
        dimensions=np.concatenate((facts.dimensions, extra.dimensions))[order],
        place_of_fact=np.append(in_facts, -1),
    )
