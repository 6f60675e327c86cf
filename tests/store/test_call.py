"""Functions that are called all the time: prepared, under row-level security, robust."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from suyuan.errors import Unavailable
from suyuan.store import Database, Function, translated_errors

_HEAD = Function("head", "SELECT last_sequence, uri FROM journal.look_up($1, $2)", str)
_NAMES = Function("names", "SELECT object_id, uri FROM journal.names_of($1, $2)", int)
_URIS = ["https://id.gs1.org/01/09521234123453/21/1", 'odd: {"one", \\two}, 三']


@pytest.fixture
def tenant_id(database: Database) -> int:
    made = database.make_tenant("first")
    insert = sql.SQL("INSERT INTO {} (tenant_id, object_id, uri) VALUES (%s, %s, %s)")
    objects = sql.Identifier("journal", f"object_{made}")
    with database.writer(made) as connection:
        for number, uri in enumerate(_URIS, start=7):
            connection.execute(insert.format(objects), (made, number, uri))
    return made


def test_values_and_rows_arrive_as_they_are(database: Database, tenant_id: int) -> None:
    rows = database.call(_NAMES, tenant_id, [7, 8, 2**62])
    assert sorted(rows) == [
        (str(number).encode(), uri.encode()) for number, uri in enumerate(_URIS, start=7)
    ]
    assert database.call(_NAMES, tenant_id, []) == []


def test_a_function_sees_the_rows_of_its_tenant_alone(database: Database, tenant_id: int) -> None:
    other = database.make_tenant("second")
    assert database.call(_NAMES, other, [7, 8]) == []
    assert len(database.call(_NAMES, tenant_id, [7, 8])) == len(_URIS)
    # Nothing of it is left for whoever has the connection next.
    with (
        database._pools["suyuan_app"].connection() as connection,
        pytest.raises((psycopg.errors.UndefinedObject, psycopg.errors.InvalidTextRepresentation)),
    ):
        connection.execute("SELECT * FROM journal.object")


def test_what_no_event_names_is_not_looked_up(database: Database, tenant_id: int) -> None:
    assert database.call(_HEAD, tenant_id, _URIS) == [(b"0", None)]


def test_a_function_that_the_server_forgot_is_prepared_again(
    database: Database, tenant_id: int
) -> None:
    first = database.call(_NAMES, tenant_id, [7])
    with database._pools["suyuan_app"].connection() as connection:
        connection.execute("DEALLOCATE ALL")
    assert database.call(_NAMES, tenant_id, [7]) == first


def test_what_the_server_refuses_is_raised_and_the_connection_goes_on(
    database: Database, tenant_id: int
) -> None:
    wrong = Function("wrong", "SELECT $1 / 0, $2", int)
    for _ in range(2):
        with pytest.raises(psycopg.errors.DivisionByZero):
            database.call(wrong, tenant_id, [1])
    assert database.call(_NAMES, tenant_id, [7])


def test_a_connection_that_was_cut_is_a_clear_error_and_the_next_call_has_another(
    database: Database, tenant_id: int
) -> None:
    database.call(_NAMES, tenant_id, [7])
    with translated_errors(), psycopg.connect(database.connection_string) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with pytest.raises(Unavailable, match="connection"):
        database.call(_NAMES, tenant_id, [7])
    assert database.call(_NAMES, tenant_id, [7])
