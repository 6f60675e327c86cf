"""Tenants and transactions, on the embedded server and on one of the distribution."""

from __future__ import annotations

import psycopg
import pytest

from suyuan.errors import NotFound, Unavailable
from suyuan.store import Database, open_database

_TENANT_TABLES = """
    SELECT format('%I.%I', n.nspname, c.relname)
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('account', 'journal', 'tlog', 'epcis')
      AND c.relkind IN ('r', 'p') AND NOT c.relispartition
"""


def test_every_table_is_under_forced_row_level_security(any_database: Database) -> None:
    with any_database.owner() as connection:
        unprotected = connection.execute(
            "SELECT t FROM (" + _TENANT_TABLES + ") AS x(t) JOIN pg_class AS c "
            "ON c.oid = t::regclass WHERE NOT (c.relrowsecurity AND c.relforcerowsecurity)"
        ).fetchall()
        tables = connection.execute(_TENANT_TABLES).fetchall()
    assert unprotected == []
    assert len(tables) >= 13


def test_a_forgotten_where_shows_no_other_tenant(any_database: Database) -> None:
    first = any_database.make_tenant("first")
    second = any_database.make_tenant("second")
    with any_database.tenant(first) as connection:
        rows = connection.execute("SELECT tenant_id FROM journal.head").fetchall()
    assert rows == [(first,)]
    assert first != second


def test_nothing_is_seen_before_a_tenant_is_named(any_database: Database) -> None:
    any_database.make_tenant("first")
    with psycopg.connect(any_database.connection_string) as connection:
        connection.execute("SET ROLE suyuan_app")
        with pytest.raises(psycopg.errors.UndefinedObject):
            connection.execute("SELECT * FROM journal.head")


def test_the_tenant_of_one_transaction_is_gone_in_the_next(any_database: Database) -> None:
    first = any_database.make_tenant("first")
    with any_database.tenant(first) as connection:
        connection.execute("SELECT FROM journal.head")
    with any_database._transaction("suyuan_app", None) as connection:
        row = connection.execute("SELECT current_setting('suyuan.tenant_id', true)").fetchone()
    assert row in ((None,), ("",))


def test_the_app_role_may_not_change_the_journal(any_database: Database) -> None:
    tenant_id = any_database.make_tenant("first")
    for statement in (
        "DELETE FROM journal.event",
        "UPDATE journal.event SET body = ''",
        "UPDATE journal.head SET last_sequence = 0",
        "DELETE FROM tlog.checkpoint",
        "INSERT INTO journal.head (tenant_id) VALUES (77)",
    ):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            any_database.tenant(tenant_id) as connection,
        ):
            connection.execute(statement)


def test_the_planner_knows_at_once_what_was_counted(any_database: Database) -> None:
    tenant_id = any_database.make_tenant("first")
    any_database.count_rows()
    with any_database.tenant(tenant_id) as connection:
        counted = connection.execute(
            "SELECT reltuples FROM pg_class WHERE oid = 'journal.head'::regclass"
        ).fetchone()
    assert counted == (1,)


def test_the_writer_may_not_change_or_delete_what_is_written(any_database: Database) -> None:
    tenant_id = any_database.make_tenant("first")
    for statement in (
        "DELETE FROM journal.event",
        "UPDATE journal.event SET body = ''",
        "DELETE FROM journal.object",
        "TRUNCATE journal.event_key",
        "SELECT * FROM account.api_key",
    ):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            any_database.writer(tenant_id) as connection,
        ):
            connection.execute(statement)


def test_a_partition_refuses_rows_of_another_tenant(any_database: Database) -> None:
    first = any_database.make_tenant("first")
    second = any_database.make_tenant("second")
    with (
        pytest.raises(psycopg.errors.CheckViolation, match="partition constraint"),
        any_database.writer(first) as connection,
        connection.cursor() as cursor,
        cursor.copy(f"COPY journal.object_{first} FROM STDIN") as copy,
    ):
        copy.write_row((second, 1, "https://example.com/x", None))


def test_making_a_tenant_twice_gives_the_same_one(any_database: Database) -> None:
    assert any_database.make_tenant("first") == any_database.make_tenant("first")
    assert list(any_database.tenant_names()) == ["first"]


def test_an_unknown_tenant_is_not_found(any_database: Database) -> None:
    with pytest.raises(NotFound, match="no tenant nobody"):
        any_database.tenant_id("nobody")


def test_a_query_over_its_time_limit_is_stopped_with_a_clear_error(any_database: Database) -> None:
    tenant_id = any_database.make_tenant("first")
    with (
        pytest.raises(Unavailable) as caught,
        any_database.tenant(tenant_id, read_only=True, time_limit_s=0.05) as connection,
    ):
        connection.execute("SELECT pg_sleep(5)")
    assert caught.value.code == "store.query_too_long"


def test_a_server_that_is_not_there_is_a_clear_error(tmp_path: object) -> None:
    with pytest.raises(Unavailable) as caught:
        open_database(None, f"host={tmp_path} dbname=x")  # type: ignore[arg-type]
    assert caught.value.code == "store.connection_lost"


def test_opening_again_changes_nothing(any_database: Database) -> None:
    any_database.make_tenant("first")
    with open_database(None, any_database.connection_string) as again:  # type: ignore[arg-type]
        assert list(again.tenant_names()) == ["first"]
