"""Answering queries: page after page, with memory that does not grow with the answer. 查询执行

A page is first only the numbers of its events; their bodies follow in pieces. Events never
change, so pieces may be read one by one, each in its own short transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from suyuan.errors import InvalidInput, Problem
from suyuan.journal._query import EventPage, EventQuery, PageMark, StoredEvent
from suyuan.journal._query_sql import Statement
from suyuan.store import Connection, Database

__all__ = ["iterate_events", "read_events", "read_page"]

_PIECE_BYTES = 4 * 2**20
_PAGE_BYTES_MAX = 64 * 2**20


def read_page(
    database: Database,
    tenant_id: int,
    query: EventQuery,
    *,
    events_max: int,
    mark: PageMark | None = None,
    bytes_max: int = _PAGE_BYTES_MAX,
    time_limit_s: float | None = None,
) -> EventPage:
    """Find the events of one page: the first, or the one behind `mark`.

    A page has fewer events than asked for where their bodies are large. Raises InvalidInput
    `query.result_too_large` as `max_event_count` asks, Unavailable `store.query_too_long`.
    """
    with database.tenant(tenant_id, read_only=True, time_limit_s=time_limit_s) as connection:
        position = mark.position if mark is not None else _position(connection, tenant_id)
        if mark is None and query.max_event_count is not None:
            _check_count(connection, tenant_id, query, position)
        given = mark.given if mark is not None else 0
        if query.event_count_limit is not None:
            events_max = min(events_max, query.event_count_limit - given)
        statement = Statement(connection, tenant_id, query, position)
        text = statement.page(mark, events_max + 1)
        rows = connection.execute(text, statement.parameters, prepare=False).fetchall()
    return _page(query, rows, events_max, bytes_max, PageMark(position, given))


def _page(
    query: EventQuery,
    rows: Sequence[tuple[int, datetime, int]],
    events_max: int,
    bytes_max: int,
    start: PageMark,
) -> EventPage:
    taken = size = 0
    for _, _, length in rows[:events_max]:
        if taken and size + length > bytes_max:
            break
        taken += 1
        size += length
    given = start.given + taken
    limit = query.event_count_limit
    next_mark = None
    if len(rows) > taken and (limit is None or given < limit):
        sequence, event_time, _ = rows[taken - 1]
        next_mark = PageMark(
            start.position,
            given,
            sequence,
            event_time if query.order.by == "event_time" else None,
        )
    sequences = tuple(row[0] for row in rows[:taken])
    return EventPage(sequences, size, start.position, next_mark)


def _position(connection: Connection, tenant_id: int) -> int:
    row = connection.execute(
        "SELECT last_sequence FROM journal.head WHERE tenant_id = %s", (tenant_id,)
    ).fetchone()
    return 0 if row is None else int(row[0])


def _check_count(connection: Connection, tenant_id: int, query: EventQuery, position: int) -> None:
    assert query.max_event_count is not None
    statement = Statement(connection, tenant_id, query, position)
    text = statement.count(query.max_event_count + 1)
    row = connection.execute(text, statement.parameters, prepare=False).fetchone()
    assert row is not None
    if row[0] > query.max_event_count:
        raise InvalidInput(
            Problem(
                code="query.result_too_large",
                where="maxEventCount",
                expected=str(query.max_event_count),
            )
        )


def read_events(
    database: Database, tenant_id: int, sequences: Sequence[int], *, bodies_bytes: int = 0
) -> Iterator[StoredEvent]:
    """Give the events of these numbers, in the order of the numbers given.

    `bodies_bytes` is how long their bodies are together; it decides how many are read at once.
    """
    pieces = max(1, -(-bodies_bytes // _PIECE_BYTES))
    step = max(1, -(-len(sequences) // pieces))
    for start in range(0, len(sequences), step):
        piece = list(sequences[start : start + step])
        with database.tenant(tenant_id, read_only=True) as connection:
            rows = connection.execute(
                "SELECT sequence, record_time, event_id, body FROM journal.event "
                "WHERE tenant_id = %s AND sequence = ANY(%s::bigint[])",
                (tenant_id, piece),
            ).fetchall()
        found = {row[0]: StoredEvent(*row) for row in rows}
        for sequence in piece:
            yield found[sequence]


def iterate_events(
    database: Database,
    tenant_id: int,
    query: EventQuery,
    *,
    page_events: int = 1_000,
    time_limit_s: float | None = None,
) -> Iterator[StoredEvent]:
    """Give every event of the answer, as of the moment of the first."""
    mark: PageMark | None = None
    while True:
        page = read_page(
            database,
            tenant_id,
            query,
            events_max=page_events,
            mark=mark,
            time_limit_s=time_limit_s,
        )
        yield from read_events(database, tenant_id, page.sequences, bodies_bytes=page.bodies_bytes)
        mark = page.next_mark
        if mark is None:
            return
