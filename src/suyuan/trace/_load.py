"""Reading the facts of the genealogy out of the journal's tables. 读取谱系事实

Columns come whole, as arrays in PostgreSQL's binary format, so that numpy takes millions of
rows as they are. What a question as of an earlier record time may know is what
stands up to a sequence number: sequence numbers are in the order of record times.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
from psycopg import sql

from suyuan.event import GENEALOGY_ROLES, Role
from suyuan.journal import EVENT_HEAD, RecentCommit, read_recent
from suyuan.store import Connection
from suyuan.trace._columns import Ints
from suyuan.trace._facts import PIECE, STEPS, Batch, measure

__all__ = [
    "event_ids",
    "load_batch",
    "load_news",
    "position_at",
    "position_now",
    "read_columns",
]

_ARRAY_HEAD_BYTES = 20  # dimensions, flags, element type, length, lower bound
_EPOCH_2000_US = 946_684_800_000_000

_Columns = tuple[tuple[str, str], ...]
_Cursor = psycopg.Cursor[tuple[Any, ...]]
_EVENT: _Columns = (
    ("sequence", ">i8"),
    ("time", ">i8"),
    ("type", ">i2"),
    ("action", ">i2"),
    ("step", ">i2"),
)
_MENTION: _Columns = (("sequence", ">i8"), ("object", ">i8"), ("role", ">i2"))
_DETAIL: _Columns = (*_MENTION, ("quantity", ">f8"), ("uom", "S3"))
_PAIR: _Columns = (("one", ">i8"), ("other", ">i8"))

# All events that count: which of them are needed shows when it is known what they name. An
# event that is declared in error and its declaration have one ID, whichever of them came first.
_EVENTS = sql.SQL("""
    SELECT sequence, event_time, event_type, action,
           (CASE business_step {steps} ELSE 0 END)::smallint
    FROM journal.event
    WHERE tenant_id = {tenant} AND sequence > {before} AND sequence <= {position}
      AND NOT is_error_declaration AND event_id NOT IN (
          SELECT event_id FROM journal.event
          WHERE tenant_id = {tenant} AND is_error_declaration AND sequence <= {position})
    ORDER BY event_time, event_id COLLATE "C"
""")
# Postings stand by commit, and a position is the end of one.
_PLAIN = sql.SQL("""
    SELECT unnest(sequences), object_id, role FROM journal.posting
    WHERE tenant_id = {tenant} AND first_sequence > {before} AND first_sequence <= {position}
      AND quantities IS NULL AND role IN ({roles}) AND (role <> {lot} OR word IS NULL)
""")
_DETAILED = sql.SQL("""
    SELECT said.sequence, object_id, role, coalesce(said.quantity::float8, 'NaN'::float8),
           rpad(coalesce(said.uom, ''), 3)
    FROM journal.posting,
         unnest(sequences, quantities, uoms) AS said (sequence, quantity, uom)
    WHERE tenant_id = {tenant} AND first_sequence > {before} AND first_sequence <= {position}
      AND quantities IS NOT NULL AND role IN ({roles})
""")
# What a key says of the lot of its instance counts in every event but those in error.
_BELONGING = sql.SQL("""
    SELECT DISTINCT instance.object_id, posting.object_id
    FROM journal.posting JOIN journal.object AS instance
      ON instance.tenant_id = posting.tenant_id AND instance.uri = posting.word
    WHERE posting.tenant_id = {tenant}
      AND first_sequence > {before} AND first_sequence <= {position}
      AND role = {lot} AND word IS NOT NULL
      AND EXISTS (SELECT FROM unnest(sequences) AS said (sequence)
                  WHERE said.sequence <= {position} AND NOT EXISTS (
                      SELECT FROM journal.event AS event JOIN journal.event AS declaration
                        ON declaration.tenant_id = event.tenant_id
                       AND declaration.event_id = event.event_id
                       AND declaration.is_error_declaration
                       AND declaration.sequence <= {position}
                      WHERE event.tenant_id = {tenant} AND event.sequence = said.sequence))
""")
_CORRECTED = """
    SELECT FROM journal.event WHERE tenant_id = %s AND is_error_declaration
      AND sequence > %s AND sequence <= %s LIMIT 1
"""
_CLASSES = sql.SQL("""
    SELECT object_id, coalesce(class_id, 0) FROM journal.object
    WHERE tenant_id = {tenant} AND object_id > {objects_before}
""")


def position_now(connection: Connection, tenant_id: int) -> int:
    """Give the sequence number of the newest event."""
    row = connection.execute(
        "SELECT last_sequence FROM journal.head WHERE tenant_id = %s", (tenant_id,)
    ).fetchone()
    return int(row[0]) if row else 0


def position_at(connection: Connection, tenant_id: int, record_time: datetime) -> int:
    """Give the sequence number of the last event that was known at a record time."""
    row = connection.execute(
        "SELECT coalesce(max(sequence), 0) FROM journal.event "
        "WHERE tenant_id = %s AND record_time <= %s",
        (tenant_id, record_time),
    ).fetchone()
    assert row is not None
    return int(row[0])


def event_ids(connection: Connection, tenant_id: int, sequences: Iterable[int]) -> dict[int, str]:
    """Give the IDs of events by their numbers."""
    rows = connection.execute(
        "SELECT sequence, event_id FROM journal.event "
        "WHERE tenant_id = %s AND sequence = ANY(%s::bigint[])",
        (tenant_id, list(sequences)),
    )
    return {int(sequence): str(event_id) for sequence, event_id in rows}


def load_batch(connection: Connection, tenant_id: int, position: int) -> Batch:
    """Read all that the journal says up to a position, the end of a commit."""
    with connection.pipeline():
        asked = _asked(connection, tenant_id, position)
    return _read(asked, position)


def load_news(
    connection: Connection, tenant_id: int, position: int, before: int, objects_before: int
) -> list[Batch] | None:
    """Read what the journal says up to a position, after another; both are ends of commits.

    `objects_before` is the greatest number of an object that is known already. Batches are to
    be taken in one after the other. None where any of it declares an event to be in error: what
    is known then no longer holds.
    """
    commits = read_recent(connection, tenant_id, position, before, objects_before)
    batches = [_batch_of(commit) for commit in commits or ()]
    # What came late among them is taken in at its place if all are taken in together.
    if batches and all(
        one.times[-1] < other.times[0] for one, other in itertools.pairwise(batches)
    ):
        return batches
    batch = _load_gathered(connection, tenant_id, position, before, objects_before)
    return None if batch is None else [batch]


def _batch_of(commit: RecentCommit) -> Batch:
    heads = np.frombuffer(commit.heads, EVENT_HEAD)
    steps = np.array([STEPS.get(step, 0) for step in commit.steps], np.int8)
    factors = np.array([measure(uom)[1] for uom in commit.uoms], np.float64)
    units = np.frombuffer(commit.units, np.int16)
    sequences = np.frombuffer(commit.sequences, np.int64)
    # Loops are compiled for columns of their own, which may be written.
    return Batch(
        sequences=sequences.copy(),
        times=heads["time"].astype(np.int64),
        types=heads["type"].astype(np.int8),
        actions=heads["action"].astype(np.int8),
        steps=steps[heads["step"]],
        event_of=np.frombuffer(commit.mention_events, np.int32).astype(np.int64),
        roles=np.frombuffer(commit.mention_roles, np.int8).copy(),
        objects=np.frombuffer(commit.mention_objects, np.int64).copy(),
        quantities=np.frombuffer(commit.quantities, np.float64) * factors[units],
        units=units.copy(),
        uoms=tuple(uom or PIECE for uom in commit.uoms),
        belonging=np.frombuffer(commit.belonging, np.int64).reshape(-1, 2).copy(),
        classes=np.frombuffer(commit.classes, np.int64).reshape(-1, 2).copy(),
        position=int(sequences.max()),
    )


def _load_gathered(
    connection: Connection, tenant_id: int, position: int, before: int, objects_before: int
) -> Batch | None:
    """Read it out of all the tables that hold it."""
    # All are asked at once: on the way to the database and back goes most of the time of few
    # rows, and what is asked all the time is planned once for good.
    with connection.pipeline():
        connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        corrected = connection.execute(_CORRECTED, (tenant_id, before, position), prepare=True)
        asked = _asked(connection, tenant_id, position, before, objects_before)
        connection.execute("SET LOCAL plan_cache_mode = auto")
    return _read(asked, position) if corrected.fetchone() is None else None


def _asked(
    connection: Connection, tenant_id: int, position: int, before: int = 0, objects_before: int = 0
) -> list[_Cursor]:
    values = {
        "tenant": tenant_id,
        "before": before,
        "position": position,
        "objects_before": objects_before,
        "lot": int(Role.LOT),
    }
    return [
        connection.cursor(binary=True).execute(question, values, prepare=before > 0)
        for question, _ in _QUESTIONS
    ]


def _read(asked: Sequence[_Cursor], position: int) -> Batch:
    events, plain, detailed, belonging, classes = (
        _rows(cursor, columns) for cursor, (_, columns) in zip(asked, _QUESTIONS, strict=True)
    )
    return _assembled(events, plain, detailed, _pairs(belonging), _pairs(classes), position)


def _pairs(rows: npt.NDArray[np.void]) -> Ints:
    return np.stack((rows["one"], rows["other"]), axis=1).astype(np.int64)


def read_columns(
    connection: Connection, question: sql.Composable, columns: _Columns
) -> npt.NDArray[np.void]:
    """Give the rows of a question whose columns have a fixed width and are never NULL.

    Each column comes as one array in PostgreSQL's binary format, which has room for 134
    million elements: taking row after row costs several times what the question does.
    """
    with connection.pipeline():  # Its end waits for the rows, also within another one.
        asked = _ask(connection, question, columns)
    return _rows(asked, columns)


def _ask(connection: Connection, question: sql.Composable, columns: _Columns) -> _Cursor:
    return connection.cursor(binary=True).execute(_as_arrays(question, columns))


def _as_arrays(question: sql.Composable, columns: _Columns) -> sql.Composed:
    names = [sql.Identifier(name) for name, _ in columns]
    return sql.SQL("SELECT {arrays} FROM ({question}) AS said ({names})").format(
        arrays=sql.SQL(", ").join(sql.SQL("array_agg({})").format(name) for name in names),
        question=question,
        names=sql.SQL(", ").join(names),
    )


def _rows(cursor: _Cursor, columns: _Columns) -> npt.NDArray[np.void]:
    assert cursor.pgresult is not None
    data = [cursor.pgresult.get_value(0, at) or b"" for at in range(len(columns))]
    arrays = [
        np.frombuffer(memoryview(one)[_ARRAY_HEAD_BYTES:], [("length", ">i4"), ("value", kind)])
        for one, (_, kind) in zip(data, columns, strict=True)
    ]
    rows = np.empty(len(arrays[0]), [(name, kind.lstrip(">")) for name, kind in columns])
    for array, (name, _) in zip(arrays, columns, strict=True):
        rows[name] = array["value"]
    return rows


def _assembled(
    events: npt.NDArray[np.void],
    plain: npt.NDArray[np.void],
    detailed: npt.NDArray[np.void],
    belonging: Ints,
    classes: Ints,
    position: int,
) -> Batch:
    """Put the mentions to their events."""
    sequences = events["sequence"].astype(np.int64)
    by_sequence = np.argsort(sequences)
    in_order = sequences[by_sequence]
    said = np.concatenate((plain["sequence"], detailed["sequence"])).astype(np.int64)
    place = np.searchsorted(in_order, said)
    counts = place < len(in_order)
    counts[counts] = in_order[place[counts]] == said[counts]
    event_of = by_sequence[place[counts]]
    roles = np.concatenate((plain["role"], detailed["role"]))[counts].astype(np.int8)
    objects = np.concatenate((plain["object"], detailed["object"]))[counts].astype(np.int64)
    uoms, units, quantities = _measured(detailed, counts)
    order = np.lexsort((roles, event_of))
    return Batch(
        sequences=sequences,
        times=events["time"].astype(np.int64) + _EPOCH_2000_US,
        types=events["type"].astype(np.int8),
        actions=events["action"].astype(np.int8),
        steps=events["step"].astype(np.int8),
        event_of=event_of[order],
        roles=roles[order],
        objects=objects[order],
        quantities=quantities[order],
        units=units[order],
        uoms=uoms,
        belonging=belonging,
        classes=classes,
        position=position,
    )


def _measured(
    detailed: npt.NDArray[np.void], counts: npt.NDArray[np.bool_]
) -> tuple[tuple[str, ...], npt.NDArray[np.int16], npt.NDArray[np.float64]]:
    """Give all units; then by mention its unit and how much, in base units.

    The plain mentions stand before the detailed ones, and those that do not count are left out.
    """
    written, of_code = np.unique(detailed["uom"], return_inverse=True)
    uoms = [code.decode().strip() or PIECE for code in written] + [PIECE]
    plain = len(counts) - len(detailed)
    units = np.concatenate((np.full(plain, len(written)), of_code))[counts].astype(np.int16)
    factors = np.array([measure(uom)[1] for uom in uoms])[units]
    quantities = np.concatenate((np.full(plain, np.nan), detailed["quantity"].astype(np.float64)))
    return tuple(uoms), units, quantities[counts] * factors


_WORDS: dict[str, sql.Composable] = {
    **{
        name: sql.Placeholder(name)
        for name in ("tenant", "before", "position", "objects_before", "lot")
    },
    "roles": sql.SQL(", ").join([sql.Literal(int(role)) for role in sorted(GENEALOGY_ROLES)]),
    "steps": sql.SQL(" ").join(
        [
            sql.SQL("WHEN {} THEN {}").format(sql.Literal(uri), sql.Literal(int(step)))
            for uri, step in STEPS.items()
        ]
    ),
}
_QUESTIONS = [
    (_as_arrays(question.format(**_WORDS), columns).as_string(), columns)
    for question, columns in (
        (_EVENTS, _EVENT),
        (_PLAIN, _MENTION),
        (_DETAILED, _DETAIL),
        (_BELONGING, _PAIR),
        (_CLASSES, _PAIR),
    )
]
