"""Appending to the journal: the only place that gives out sequence numbers. 入账

All of it happens in one transaction that holds the lock on the tenant's row in
`journal.head`: so sequence numbers are dense, and whoever sees number n sees all before.
The order inside the transaction: lock, guards, known event IDs, numbers for objects, COPY
of all rows, new head. Nothing is stored unless everything is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import msgspec
import numpy as np
from psycopg import sql

from suyuan.errors import Problem
from suyuan.event import Event
from suyuan.journal._objects import ObjectNumbers
from suyuan.journal._prepare import Prepared, declared_content
from suyuan.journal._rows import (
    BINARY_END,
    BINARY_START,
    EVENT_COLUMNS,
    KEY_COLUMNS,
    OBJECT_COLUMNS,
    POSTING_COLUMNS,
    event_row,
    key_rows,
    object_rows,
    plain_posting_rows,
    weighed_posting_rows,
)
from suyuan.store import Connection
from suyuan.tlog import EVENT_ID_BYTES_MAX, entry_bytes, leaf_hash

__all__ = ["BLOCK_EVENTS", "Appended", "Guard", "Outcome", "append"]

BLOCK_EVENTS = 1 << 23  # Events in one partition of one tenant: about ten gigabytes.

Guard = Callable[[Connection, Sequence[Event]], Iterable[tuple[int, Problem]]]
"""May refuse events, by their position: it sees them parsed, inside the transaction."""


_PLAIN = (None, None, None)


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What became of one event: its sequence number, or the problem that kept it out."""

    event_id: str
    sequence: int | None = None
    is_new: bool = False
    problem: Problem | None = None


class Appended(msgspec.Struct, frozen=True):
    """The outcome of each event of each unit, the sequence number reached, numbers of URIs."""

    outcomes: list[list[Outcome]]
    sequence: int
    object_numbers: dict[str, int]


class _Head(msgspec.Struct):
    last_sequence: int
    last_object: int
    last_record_time: datetime
    partitioned_to: int


def append(
    connection: Connection,
    tenant_id: int,
    units: Sequence[Sequence[Prepared]],
    *,
    now: Callable[[], datetime],
    numbers: ObjectNumbers,
    guards: Sequence[Guard] = (),
    proceed: bool = False,
) -> Appended:
    """Append several units, each whole or not at all, or each event for itself (`proceed`)."""
    head = _lock(connection, tenant_id)
    record_time = max(now(), head.last_record_time)
    known = _known_keys(connection, tenant_id, [one for unit in units for one in unit])
    rows: list[tuple[int, Prepared]] = []
    answers = []
    for unit in units:
        problems = _guard_problems(connection, unit, guards)
        answers.append(_decide(unit, problems, known, head, rows, proceed=proceed))
    found: dict[str, int] = {}
    if rows:
        found = _store(connection, tenant_id, head, rows, record_time, numbers)
    return Appended(answers, head.last_sequence, found)


def _lock(connection: Connection, tenant_id: int) -> _Head:
    row = connection.execute(
        "SELECT last_sequence, last_object, last_record_time, partitioned_to "
        "FROM journal.head WHERE tenant_id = %s FOR UPDATE",
        (tenant_id,),
    ).fetchone()
    assert row is not None, f"tenant {tenant_id} has no journal"
    return _Head(*row)


class _Known(msgspec.Struct):
    sequence: int
    content: bytes


def _known_keys(
    connection: Connection, tenant_id: int, batch: Sequence[Prepared]
) -> dict[bytes, _Known]:
    """Find which of these event IDs the journal has, and with which content."""
    sequences = {
        sequence: key.bytes
        for key, sequence in connection.execute(
            "SELECT event_key, sequence FROM journal.event_key "
            "WHERE tenant_id = %s AND event_key = ANY(%s::uuid[])",
            (tenant_id, "{" + ",".join([one.event_key.hex() for one in batch]) + "}"),
            binary=True,
        )
    }
    if not sequences:
        return {}
    rows = connection.execute(
        "SELECT sequence, event_hash, CASE WHEN is_error_declaration THEN body END "
        "FROM journal.event WHERE tenant_id = %s AND sequence = ANY(%s)",
        (tenant_id, list(sequences)),
        binary=True,
    )
    return {
        sequences[sequence]: _Known(
            sequence,
            event_hash if body is None else declared_content(event_hash, msgspec.json.decode(body)),
        )
        for sequence, event_hash, body in rows
    }


def _guard_problems(
    connection: Connection, unit: Sequence[Prepared], guards: Sequence[Guard]
) -> dict[int, Problem]:
    events = [one.event for one in unit if one.event is not None] if guards else []
    assert len(events) == (len(unit) if guards else 0), "guards need the events themselves"
    return {
        position: problem for guard in guards for position, problem in guard(connection, events)
    }


def _decide(
    unit: Sequence[Prepared],
    problems: dict[int, Problem],
    known: dict[bytes, _Known],
    head: _Head,
    rows: list[tuple[int, Prepared]],
    *,
    proceed: bool,
) -> list[Outcome]:
    """Give out sequence numbers to the new events of a unit, unless it is refused whole."""
    outcomes: list[Outcome] = []
    fresh: list[tuple[int, Prepared]] = []
    seen: dict[bytes, _Known] = {}
    sequence = head.last_sequence
    for position, one in enumerate(unit):
        before = known.get(one.event_key) or seen.get(one.event_key)
        problem = problems.get(position) or _id_problem(position, one)
        if before is not None and before.content != one.content:
            problem = _id_taken(position, one, before.sequence)
        if problem is not None:
            outcomes.append(Outcome(one.event_id, problem=problem))
        elif before is not None:
            outcomes.append(Outcome(one.event_id, before.sequence))
        else:
            sequence += 1
            fresh.append((sequence, one))
            seen[one.event_key] = _Known(sequence, one.content)
            outcomes.append(Outcome(one.event_id, sequence, is_new=True))
    if proceed or not any(outcome.problem for outcome in outcomes):
        rows += fresh
        known |= seen
        head.last_sequence = sequence
        return outcomes
    return [
        outcome if outcome.problem or not outcome.is_new else Outcome(outcome.event_id)
        for outcome in outcomes
    ]


def _id_problem(position: int, one: Prepared) -> Problem | None:
    """Refuse an ID that can't stand in a line of the log."""
    size = len(one.event_id.encode())
    if size <= EVENT_ID_BYTES_MAX and one.event_id.isprintable():
        return None
    return Problem(
        code="journal.event_id_unusable",
        where=f"event {position}",
        expected=f"at most {EVENT_ID_BYTES_MAX} printable bytes",
        found=f"{size} bytes",
        values={"position": position},
    )


def _id_taken(position: int, one: Prepared, sequence: int) -> Problem:
    return Problem(
        code="journal.event_id_taken",
        where=f"event {position}",
        rule="EPCIS 2.0, 7.4.1: an eventID names one event for ever",
        expected=f"the content of event number {sequence}",
        found="other content",
        values={"event_id": one.event_id, "position": position},
    )


def _store(
    connection: Connection,
    tenant_id: int,
    head: _Head,
    rows: list[tuple[int, Prepared]],
    record_time: datetime,
    numbers: ObjectNumbers,
) -> dict[str, int]:
    """Write everything that follows from the new events, and move the head."""
    uris = {mention[1] for _, one in rows for mention in one.mentions}
    found, new = numbers.resolve(connection, tenant_id, uris, head.last_object)
    head.last_object += len(new)
    record_us = _microseconds(record_time)
    for first in _blocks(connection, tenant_id, head):
        part = [row for row in rows if first <= row[0] < first + BLOCK_EVENTS]
        if part:
            _copy_events(connection, tenant_id, first, part, record_us)
            _copy_postings(connection, tenant_id, first, part, found)
    _copy(
        connection,
        *(f"event_key_{tenant_id}", KEY_COLUMNS),
        key_rows(tenant_id, ((one.event_key, sequence) for sequence, one in rows)),
    )
    if new:
        _copy(connection, f"object_{tenant_id}", OBJECT_COLUMNS, object_rows(tenant_id, new))
    connection.execute(
        "UPDATE journal.head SET last_sequence = %s, last_object = %s, last_record_time = %s, "
        "partitioned_to = %s WHERE tenant_id = %s",
        (head.last_sequence, head.last_object, record_time, head.partitioned_to, tenant_id),
    )
    return found


def _blocks(connection: Connection, tenant_id: int, head: _Head) -> range:
    """Make sure that there is a partition for every number up to the head; give their starts."""
    while head.partitioned_to <= head.last_sequence:
        end = head.partitioned_to + BLOCK_EVENTS
        connection.execute(
            "SELECT journal.add_block(%s, %s, %s)", (tenant_id, head.partitioned_to, end)
        )
        head.partitioned_to = end
    return range(0, head.partitioned_to, BLOCK_EVENTS)


def _copy_events(
    connection: Connection,
    tenant_id: int,
    block: int,
    rows: list[tuple[int, Prepared]],
    record_us: int,
) -> None:
    parts = []
    for sequence, one in rows:
        entry = entry_bytes(
            sequence=sequence,
            record_time_us=record_us,
            event_id=one.event_id,
            event_hash=one.event_hash,
            body_digest=one.body_digest,
        )
        parts.append(
            event_row(
                *(tenant_id, sequence, record_us, one.event_time),
                *(one.event_type, one.action, one.is_error_declaration),
                *(one.business_step, one.disposition, one.event_id),
                *(one.event_hash, leaf_hash(entry), one.body),
            )
        )
    _copy(connection, f"event_{tenant_id}_{block}", EVENT_COLUMNS, b"".join(parts))


def _copy_postings(
    connection: Connection,
    tenant_id: int,
    block: int,
    rows: list[tuple[int, Prepared]],
    found: dict[str, int],
) -> None:
    mentions = [mention for _, one in rows for mention in one.mentions]
    counts = [len(one.mentions) for _, one in rows]
    sequences = np.repeat([sequence for sequence, _ in rows], counts)
    objects = np.fromiter((found[mention[1]] for mention in mentions), np.int64, len(mentions))
    roles = np.fromiter((mention[0] for mention in mentions), np.int16, len(mentions))
    # Quantity, unit and word stand together or not at all in most events.
    is_plain = np.fromiter((mention[2:] == _PLAIN for mention in mentions), bool, len(mentions))
    weighed = [
        (int(sequences[at]), int(objects[at]), int(roles[at]), *mentions[at][2:])
        for at in np.flatnonzero(~is_plain)
    ]
    table = f"posting_{tenant_id}_{block}"
    if is_plain.any():
        plain = plain_posting_rows(
            tenant_id, sequences[is_plain], objects[is_plain], roles[is_plain]
        )
        _copy(connection, table, POSTING_COLUMNS, plain)
    if weighed:
        text = weighed_posting_rows(tenant_id, weighed)
        _copy(connection, table, POSTING_COLUMNS, text, binary=False)


def _copy(
    connection: Connection, table: str, columns: str, rows: bytes, *, binary: bool = True
) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT {})").format(
        sql.Identifier("journal", table),
        sql.SQL(", ").join(sql.Identifier(column) for column in columns.split(", ")),
        sql.SQL("binary" if binary else "text"),
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        if binary:
            copy.write(BINARY_START)
            copy.write(rows)
            copy.write(BINARY_END)
        else:
            copy.write(rows)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _microseconds(moment: datetime) -> int:
    difference = moment - _EPOCH
    return (difference.days * 86_400 + difference.seconds) * 1_000_000 + difference.microseconds
