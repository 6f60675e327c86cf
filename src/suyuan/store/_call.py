"""Functions of the database that are called all the time. 调用

For a call that the database answers in a twentieth of a millisecond, a cursor of the driver takes
several times as long: it adapts values, looks for a plan, and waits by turns. Here a function is
prepared once a connection, and a call is one blocking call of libpq, which lets other threads run.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg import errors, pq

__all__ = ["Function", "Row", "call_prepared", "prepare"]

Row = tuple[bytes | None, ...]
"""The values of a row, as PostgreSQL spells them."""

_BINARY, _TEXT = 1, 0
_INTEGER, _BIGINT, _STRING, _BIGINTS, _STRINGS = 23, 20, 25, 1016, 1009  # Types, by number.
_array_head = struct.Struct(">iiiii").pack  # dimensions, NULLs, type, length, lower bound
_length = struct.Struct(">i").pack
_bigint = struct.Struct(">iq").pack


class Function(NamedTuple):
    """A function that sets its tenant itself: it takes that, and an array of one kind."""

    name: str
    query: str
    """How it is called: `$1` is the tenant, `$2` the array."""
    kind: type[str] | type[int]


def prepare(connection: psycopg.Connection[Any], function: Function) -> None:
    """Let a connection know a function."""
    array = _BIGINTS if function.kind is int else _STRINGS
    name, query = function.name.encode(), function.query.encode()
    answer = connection.pgconn.prepare(name, query, (_INTEGER, array))
    _check(connection, answer, pq.ExecStatus.COMMAND_OK)


def call_prepared(
    connection: psycopg.Connection[Any],
    function: Function,
    tenant_id: int,
    values: Sequence[str] | Sequence[int],
) -> list[Row]:
    """Call a function that the connection knows, in a transaction of its own."""
    array = _array(_BIGINT if function.kind is int else _STRING, values)
    answer = connection.pgconn.exec_prepared(
        function.name.encode(), (_length(tenant_id), array), (_BINARY, _BINARY), _TEXT
    )
    _check(connection, answer, pq.ExecStatus.TUPLES_OK)
    get, columns = answer.get_value, range(answer.nfields)
    return [tuple([get(row, column) for column in columns]) for row in range(answer.ntuples)]


def _array(kind: int, values: Sequence[str] | Sequence[int]) -> bytes:
    """Give an array as `array_recv` reads it."""
    parts = [_array_head(1, 0, kind, len(values), 1)]
    for value in values:
        if isinstance(value, int):
            parts.append(_bigint(8, value))
        else:
            encoded = value.encode()
            parts += (_length(len(encoded)), encoded)
    return b"".join(parts)


def _check(
    connection: psycopg.Connection[Any], answer: pq.abc.PGresult, wanted: pq.ExecStatus
) -> None:
    if answer.status == wanted:
        return
    if connection.pgconn.status != pq.ConnStatus.OK:
        raise psycopg.OperationalError(answer.get_error_message())
    raise errors.error_from_result(answer)
