"""What an older version stored is there after the newer one has started."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import sqlalchemy
from alembic import command
from alembic.config import Config

from suyuan.store import Database
from suyuan.store._migrate import make_roles, migrate, newest_revision


def _bring_to(database: Database, revision: str) -> None:
    """Make the schema of an older version in an empty database."""
    with psycopg.connect(database.connection_string, autocommit=True) as connection:
        for schema in ("importing", "account", "journal", "tlog", "epcis", "trace"):
            connection.execute(f"DROP SCHEMA {schema} CASCADE")
        connection.execute("DROP TABLE alembic_version")
        make_roles(connection)

    def connect() -> psycopg.Connection[Any]:
        return psycopg.connect(database.connection_string)

    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=connect, poolclass=sqlalchemy.NullPool
    )
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("SET ROLE suyuan_owner"))
        config = Config()
        config.set_main_option("script_location", "suyuan.store:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def test_postings_of_the_first_version_are_gathered_by_object_and_role(
    any_database: Database,
) -> None:
    _bring_to(any_database, "0001")
    first = any_database.make_tenant("first")
    second = any_database.make_tenant("second")
    rows = [
        (first, 1, 5, 1, None, None, None),
        (first, 2, 5, 1, None, None, None),
        (first, 2, 6, 6, 3.25, "KGM", None),
        (first, 3, 6, 6, None, None, None),
        (first, 4_097, 5, 1, None, None, None),
        (second, 1, 5, 13, None, None, "https://ref.gs1.org/cbv/SDT-owning_party"),
    ]
    with any_database.owner() as connection:
        for tenant_id in (first, second):
            connection.execute("SELECT journal.add_block(%s, 0, 8192)", (tenant_id,))
        connection.cursor().executemany(
            "INSERT INTO journal.posting (tenant_id, sequence, object_id, role, quantity, uom, "
            "word) VALUES (%s, %s, %s, %s, %s, %s, %s)",
            rows,
        )
    assert migrate(any_database.connection_string)
    found = []
    for tenant_id in (first, second):
        with any_database.tenant(tenant_id) as connection:
            found += connection.execute(
                "SELECT tenant_id, object_id, role, first_sequence, last_sequence, sequences, "
                "quantities::text, uoms, word FROM journal.posting ORDER BY 2, 4"
            ).fetchall()
    assert found == [
        (first, 5, 1, 0, 4_095, [1, 2], None, None, None),
        (first, 5, 1, 4_096, 8_191, [4_097], None, None, None),
        (first, 6, 6, 0, 4_095, [2, 3], "{3.25,NULL}", ["KGM", None], None),
        (second, 5, 13, 0, 4_095, [1], None, None, "https://ref.gs1.org/cbv/SDT-owning_party"),
    ]


def test_an_upgraded_database_has_the_tables_and_rights_of_a_new_one(
    embedded_databases: Callable[[], Database],
) -> None:
    with embedded_databases() as new, embedded_databases() as upgraded:
        _bring_to(upgraded, "0001")
        upgraded.make_tenant("default")
        new.make_tenant("default")
        assert migrate(upgraded.connection_string)
        assert _outline(upgraded) == _outline(new)


def _outline(database: Database) -> dict[str, list[Any]]:
    with psycopg.connect(database.connection_string) as connection:
        questions = {
            "columns": "SELECT table_schema, table_name, column_name, data_type FROM "
            "information_schema.columns WHERE table_schema IN ('journal', 'epcis', 'account')",
            "grants": "SELECT table_schema, table_name, grantee, privilege_type FROM "
            "information_schema.role_table_grants WHERE grantee LIKE 'suyuan%'",
            "policies": "SELECT schemaname, tablename, policyname, roles FROM pg_policies",
            "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'journal'",
            "version": "SELECT version_num FROM alembic_version",
        }
        found = {name: sorted(connection.execute(q).fetchall()) for name, q in questions.items()}
    assert found["version"] == [(newest_revision(),)]
    return found
