"""Appending to the journal: the only place that gives out sequence numbers. 入账

All of it happens in one transaction that holds the lock on the tenant's row in
`journal.head`: so sequence numbers are dense, and whoever sees number n sees all before.
The order inside the transaction: lock, guards, known event IDs, numbers for objects, COPY
of all rows, new head. Nothing is stored unless everything is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial

import msgspec
import numpy as np
import numpy.typing as npt
from psycopg import sql

from suyuan.errors import Problem
from suyuan.event import Event
from suyuan.journal._objects import NewObject, ObjectNumbers
from suyuan.journal._origin import Origin, store_origins
from suyuan.journal._posting_rows import (
    DETAILED_COLUMNS,
    PLAIN_COLUMNS,
    PlacedDetail,
    detailed_posting_rows,
    plain_posting_rows,
)
from suyuan.journal._prepare import Prepared, declared_content
from suyuan.journal._recent import Mentioned, Said, keep_recent
from suyuan.journal._rows import (
    BINARY_END,
    BINARY_START,
    EVENT_COLUMNS,
    KEY_COLUMNS,
    OBJECT_COLUMNS,
    event_rows,
    key_rows,
    object_rows,
)
from suyuan.store import Connection
from suyuan.tlog import EVENT_ID_BYTES_MAX, entry_leaf_hashes

__all__ = [
    "BLOCK_EVENTS",
    "Appended",
    "Guard",
    "Head",
    "Outcome",
    "Placed",
    "Stored",
    "append",
    "foresee",
    "lock_head",
    "store_mentions",
]

BLOCK_EVENTS = 1 << 23  # Events in one partition of one tenant: about ten gigabytes.
_ROWS_AT_ONCE = 256  # So many are made while the server works on those before.
_OBJECTS_AT_ONCE = 20_000
# How much of the work is done after each step, as measured with 100,000 events.
_LOOKED_UP, _NUMBERED, _NAMED, _MENTIONED, _WRITTEN = 0.06, 0.38, 0.56, 0.84, 0.95

Guard = Callable[[Connection, Sequence[Event]], Iterable[tuple[int, Problem]]]
"""May refuse events, by their position: it sees them parsed, inside the transaction."""


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


class Stored(msgspec.Struct, frozen=True):
    """How far an append is: its share of the work, and how many events are written whole."""

    share: float
    events: int


class Head(msgspec.Struct):
    """Where a journal has come to; whoever holds its lock is the only one to append."""

    last_sequence: int
    last_object: int
    last_record_time: datetime
    partitioned_to: int


class Placed(msgspec.Struct, frozen=True):
    """A unit with the sequence number of each of its events, 0 for those left out."""

    unit: Prepared
    sequences: npt.NDArray[np.int64]


def append(
    connection: Connection,
    tenant_id: int,
    units: Sequence[Prepared],
    *,
    now: Callable[[], datetime],
    numbers: ObjectNumbers,
    guards: Sequence[Guard] = (),
    proceed: bool = False,
    origins: Sequence[Origin | None] = (),
    told: Callable[[Stored], None] = lambda _: None,
) -> Appended:
    """Append several units, each whole or not at all, or each event for itself (`proceed`).

    `origins` say of each unit who captures it, where that is known. `told` hears how far
    it is; nothing is there for others before the commit.
    """
    head = lock_head(connection, tenant_id)
    before = head.last_sequence
    record_time = max(now(), head.last_record_time)
    known = _known_keys(connection, tenant_id, units)
    placed: list[Placed] = []
    answers: list[list[Outcome]] = []
    are_new = _are_all_new(units, known)
    for unit in units:
        problems = _guard_problems(connection, unit, guards)
        if are_new and not problems and all(unit.log_tails):
            answers.append(_number(unit, head, placed))
        else:
            answers.append(_decide(unit, problems, known, head, placed, proceed=proceed))
    found: dict[str, int] = {}
    if head.last_sequence > before:
        found = _store(connection, tenant_id, head, placed, record_time, numbers, told)
        store_origins(
            connection,
            tenant_id,
            [
                (who, [one.sequence for one in unit if one.is_new and one.sequence])
                for who, unit in zip(origins, answers, strict=bool(origins))
                if who
            ],
        )
    return Appended(answers, head.last_sequence, found)


def foresee(connection: Connection, tenant_id: int, unit: Prepared) -> list[Outcome]:
    """Tell what would become of each event now, without recording any.

    An event that would be new has a number that it may not get.
    """
    known = _known_keys(connection, tenant_id, [unit])
    head = Head(0, 0, datetime.now(UTC), 0)
    return _decide(unit, {}, known, head, [], proceed=True)


def lock_head(connection: Connection, tenant_id: int) -> Head:
    """Wait for the lock on the journal, and read where it has come to."""
    row = connection.execute(
        "SELECT last_sequence, last_object, last_record_time, partitioned_to "
        "FROM journal.head WHERE tenant_id = %s FOR UPDATE",
        (tenant_id,),
    ).fetchone()
    assert row is not None, f"tenant {tenant_id} has no journal"
    return Head(*row)


class _Known(msgspec.Struct):
    sequence: int
    content: bytes


def _known_keys(
    connection: Connection, tenant_id: int, units: Sequence[Prepared]
) -> dict[bytes, _Known]:
    """Find which of these event IDs the journal has, and with which content."""
    keys = ",".join([key.hex() for unit in units for key in unit.event_keys])
    sequences = {
        sequence: key.bytes
        for key, sequence in connection.execute(
            "SELECT event_key, sequence FROM journal.event_key "
            "WHERE tenant_id = %s AND event_key = ANY(%s::uuid[])",
            (tenant_id, f"{{{keys}}}"),
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
    connection: Connection, unit: Prepared, guards: Sequence[Guard]
) -> dict[int, Problem]:
    events = unit.events if guards else []
    assert events is not None, "guards need the events themselves"
    return {
        position: problem for guard in guards for position, problem in guard(connection, events)
    }


def _decide(
    unit: Prepared,
    problems: dict[int, Problem],
    known: dict[bytes, _Known],
    head: Head,
    placed: list[Placed],
    *,
    proceed: bool,
) -> list[Outcome]:
    """Give out sequence numbers to the new events of a unit, unless it is refused whole."""
    outcomes: list[Outcome] = []
    sequences = np.zeros(len(unit), np.int64)
    seen: dict[bytes, _Known] = {}
    sequence = head.last_sequence
    for position, (event_id, key) in enumerate(zip(unit.event_ids, unit.event_keys, strict=True)):
        before = known.get(key) or seen.get(key)
        problem = problems.get(position) if problems else None
        if not unit.log_tails[position]:
            problem = _id_unusable(position, event_id)
        if before is not None and before.content != unit.contents[position]:
            problem = _id_taken(position, event_id, before.sequence)
        if problem is not None:
            outcomes.append(Outcome(event_id, problem=problem))
        elif before is not None:
            outcomes.append(Outcome(event_id, before.sequence))
        else:
            sequence += 1
            sequences[position] = sequence
            seen[key] = _Known(sequence, unit.contents[position])
            outcomes.append(Outcome(event_id, sequence, is_new=True))
    if proceed or not any(outcome.problem for outcome in outcomes):
        placed.append(Placed(unit, sequences))
        known |= seen
        head.last_sequence = sequence
        return outcomes
    return [
        outcome if outcome.problem or not outcome.is_new else Outcome(outcome.event_id)
        for outcome in outcomes
    ]


def _are_all_new(units: Sequence[Prepared], known: dict[bytes, _Known]) -> bool:
    """Tell whether no event was recorded before or is told twice, as it nearly always is."""
    keys = [key for unit in units for key in unit.event_keys]
    return not known and len({*keys}) == len(keys)


def _number(unit: Prepared, head: Head, placed: list[Placed]) -> list[Outcome]:
    """Give out sequence numbers to all events of a unit."""
    numbers = range(head.last_sequence + 1, head.last_sequence + 1 + len(unit))
    placed.append(Placed(unit, np.arange(numbers.start, numbers.stop, dtype=np.int64)))
    head.last_sequence += len(unit)
    return [
        Outcome(event_id, sequence, True)
        for event_id, sequence in zip(unit.event_ids, numbers, strict=True)
    ]


def _id_unusable(position: int, event_id: str) -> Problem:
    """Refuse an ID that can't stand in a line of the log."""
    return Problem(
        code="journal.event_id_unusable",
        where=f"event {position}",
        expected=f"at most {EVENT_ID_BYTES_MAX} printable bytes",
        found=f"{len(event_id.encode(errors='surrogatepass'))} bytes",
        values={"position": position},
    )


def _id_taken(position: int, event_id: str, sequence: int) -> Problem:
    return Problem(
        code="journal.event_id_taken",
        where=f"event {position}",
        rule="EPCIS 2.0, 7.4.1: an eventID names one event for ever",
        expected=f"the content of event number {sequence}",
        found="other content",
        values={"event_id": event_id, "position": position},
    )


def _store(
    connection: Connection,
    tenant_id: int,
    head: Head,
    placed: Sequence[Placed],
    record_time: datetime,
    numbers: ObjectNumbers,
    told: Callable[[Stored], None],
) -> dict[str, int]:
    """Write everything that follows from the new events, and move the head."""
    count = sum(len(one.unit) for one in placed)
    mentioned = store_mentions(
        connection, tenant_id, head, placed, numbers, lambda share: told(Stored(share, 0))
    )
    record_us = _microseconds(record_time)

    def written(events: int) -> None:
        share = _MENTIONED + (_WRITTEN - _MENTIONED) * events / count
        told(Stored(share, events))

    for block in _blocks(connection, tenant_id, head):
        _copy_events(connection, tenant_id, block, placed, record_us, written)
    keys = [
        (key, sequence)
        for one in placed
        for key, sequence in zip(one.unit.event_keys, one.sequences.tolist(), strict=True)
        if sequence
    ]
    _copy(connection, f"event_key_{tenant_id}", KEY_COLUMNS, [key_rows(tenant_id, keys)])
    connection.execute(
        "UPDATE journal.head SET last_sequence = %s, last_object = %s, last_record_time = %s, "
        "partitioned_to = %s WHERE tenant_id = %s",
        (head.last_sequence, head.last_object, record_time, head.partitioned_to, tenant_id),
    )
    units = [(one.unit, one.sequences > 0) for one in placed]
    first = head.last_sequence - sum(int(is_new.sum()) for _, is_new in units) + 1
    keep_recent(connection, tenant_id, first, units, mentioned)
    return mentioned.found


def store_mentions(
    connection: Connection,
    tenant_id: int,
    head: Head,
    placed: Sequence[Placed],
    numbers: ObjectNumbers,
    told: Callable[[float], None] = lambda _: None,
) -> Mentioned:
    """Write the postings of events, and the objects that are new; the head is not stored."""
    mentions = [_Mentions(one) for one in placed]
    uris = set().union(*(one.uris() for one in mentions))
    steps = partial(_between, told, _LOOKED_UP, _NUMBERED)
    found, new = numbers.resolve(connection, tenant_id, uris, head.last_object, steps)
    head.last_object += len(new)
    if new:
        pieces = _object_pieces(tenant_id, new, partial(_between, told, _NUMBERED, _NAMED))
        _copy(connection, f"object_{tenant_id}", OBJECT_COLUMNS, pieces)
    told(_NAMED)
    said = [one.said(found) for one in mentions]
    given = np.concatenate([one.sequences[one.sequences > 0] for one in placed])
    for block in _blocks(connection, tenant_id, head):
        commit = range(max(int(given.min()), block.start), min(int(given.max()) + 1, block.stop))
        if commit:
            _copy_postings(connection, tenant_id, block, commit, said)
    return Mentioned(said, found, new)


def _between(told: Callable[[float], None], first: float, last: float, share: float) -> None:
    """Tell the share of one step as a share of the whole."""
    told(first + (last - first) * share)


def _object_pieces(
    tenant_id: int, new: Sequence[NewObject], told: Callable[[float], None]
) -> Iterator[bytes]:
    for start in range(0, len(new), _OBJECTS_AT_ONCE):
        told(start / len(new))
        yield object_rows(tenant_id, new[start : start + _OBJECTS_AT_ONCE])


class _Mentions:
    """What the new events of a unit mention."""

    def __init__(self, placed: Placed) -> None:
        unit = placed.unit
        self._all_uris = unit.uris
        sequences = placed.sequences[np.frombuffer(unit.mention_events, np.int32)]
        is_new = sequences > 0
        self._is_whole = bool(np.all(placed.sequences > 0))
        self.sequences = sequences[is_new]
        self.uri_numbers = np.frombuffer(unit.mention_uris, np.int32)[is_new]
        self.roles = np.frombuffer(unit.mention_roles, np.int16)[is_new]
        of_event = placed.sequences.tolist()
        self.details: list[PlacedDetail] = [
            (of_event[position], uri, role, quantity, uom, word)
            for position, uri, role, quantity, uom, word in unit.details
            if of_event[position]
        ]

    def uris(self) -> Iterable[str]:
        """Give the identifiers that are mentioned."""
        if self._is_whole:
            return self._all_uris
        used = {*np.unique(self.uri_numbers).tolist(), *(one[1] for one in self.details)}
        return [self._all_uris[number] for number in used]

    def said(self, found: dict[str, int]) -> Said:
        """Give the mentions with the numbers of their objects."""
        objects = [found.get(uri, 0) for uri in self._all_uris]
        details = [
            (sequence, objects[uri], role, quantity, uom, word)
            for sequence, uri, role, quantity, uom, word in self.details
        ]
        numbers = np.array(objects, np.int64)[self.uri_numbers]
        return Said(self.sequences, numbers, self.roles, details)


def _blocks(connection: Connection, tenant_id: int, head: Head) -> list[range]:
    """Make sure that there is a partition for every number up to the head; give them."""
    while head.partitioned_to <= head.last_sequence:
        end = head.partitioned_to + BLOCK_EVENTS
        connection.execute(
            "SELECT journal.add_block(%s, %s, %s)", (tenant_id, head.partitioned_to, end)
        )
        head.partitioned_to = end
    starts = range(0, head.partitioned_to, BLOCK_EVENTS)
    return [range(first, first + BLOCK_EVENTS) for first in starts]


def _copy_events(
    connection: Connection,
    tenant_id: int,
    block: range,
    placed: Sequence[Placed],
    record_us: int,
    written: Callable[[int], None],
) -> None:
    rows = [
        row
        for one in placed
        for row in zip(one.sequences.tolist(), one.unit.log_tails, one.unit.rows, strict=True)
        if row[0] in block and row[0]
    ]

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            sequences, tails, ends = zip(*rows[start : start + _ROWS_AT_ONCE], strict=True)
            leaves = entry_leaf_hashes(sequences, tails, record_time_us=record_us)
            yield event_rows(tenant_id, record_us, sequences, leaves, ends)
            written(start + len(sequences))

    if rows:
        _copy(connection, f"event_{tenant_id}_{block.start}", EVENT_COLUMNS, pieces())


def _copy_postings(
    connection: Connection,
    tenant_id: int,
    block: range,
    commit: range,
    said: Sequence[Said],
) -> None:
    table = f"posting_{tenant_id}_{block.start}"
    plain = []
    details: list[PlacedDetail] = []
    for one in said:
        is_here = (one.sequences >= block.start) & (one.sequences < block.stop)
        plain.append((one.sequences[is_here], one.objects[is_here], one.roles[is_here]))
        details += [detail for detail in one.details if detail[0] in block]
    sequences, objects, roles = (np.concatenate(column) for column in zip(*plain, strict=True))
    if len(sequences):
        rows = plain_posting_rows(tenant_id, commit, sequences, objects, roles)
        _copy(connection, table, PLAIN_COLUMNS, [rows])
    if details:
        text = detailed_posting_rows(tenant_id, commit, details)
        _copy(connection, table, DETAILED_COLUMNS, [text], binary=False)


def _copy(
    connection: Connection,
    table: str,
    columns: str,
    pieces: Iterable[bytes],
    *,
    binary: bool = True,
) -> None:
    with connection.cursor() as cursor, cursor.copy(_copy_into(table, columns, binary)) as copy:
        start = BINARY_START if binary else b""
        for piece in pieces:
            copy.write(start + piece)  # Each way to the driver costs as much as many rows.
            start = b""
        if binary:
            copy.write(start + BINARY_END)


@lru_cache(1_000)
def _copy_into(table: str, columns: str, binary: bool) -> bytes:
    """Give the statement of a COPY into a table; there are a few for each tenant."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT {})").format(
        sql.Identifier("journal", table),
        sql.SQL(", ").join(sql.Identifier(column) for column in columns.split(", ")),
        sql.SQL("binary" if binary else "text"),
    )
    return statement.as_bytes()


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _microseconds(moment: datetime) -> int:
    difference = moment - _EPOCH
    return (difference.days * 86_400 + difference.seconds) * 1_000_000 + difference.microseconds
