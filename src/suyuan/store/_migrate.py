"""Bringing a database to the present schema: roles first, then Alembic's steps. 迁移"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import psycopg

from suyuan.errors import InvalidInput, Problem, Refused, Unavailable

_OLDEST_SERVER = 15
_MIGRATION_LOCK = 0x7375_7975_616E  # "suyuan": one process migrates, the others wait.
_ROLES = (
    ("suyuan_owner", "NOLOGIN"),
    ("suyuan_app", "NOLOGIN"),
    ("suyuan_writer", "NOLOGIN BYPASSRLS"),
)


def newest_revision() -> str:
    """Give the name of the last migration step this program knows."""
    steps = files("suyuan.store") / "migrations" / "versions"
    return max(step.name[:4] for step in steps.iterdir() if step.name[:4].isdigit())


def migrate(connection_string: str) -> bool:
    """Bring the database to the newest schema; tell whether anything was to be done.

    Several processes may do so at once: one works, the others wait and find it done.
    Raises Unavailable `store.server_too_old`, `store.role_missing`; Refused
    `store.schema_newer`; InvalidInput for a connection string that is none.
    """
    newest = newest_revision()
    try:
        with psycopg.connect(connection_string, autocommit=True) as connection:
            _check_version(connection)
            present = _revision(connection)
            if present == newest:
                return False
            if present is not None and present > newest:
                raise Refused(Problem(code="store.schema_newer", expected=newest, found=present))
            connection.execute("SELECT pg_advisory_lock(%s)", (_MIGRATION_LOCK,))
            if _revision(connection) != newest:
                make_roles(connection)
                _upgrade(connection_string)
            return True
    except psycopg.ProgrammingError as error:
        raise InvalidInput(Problem(code="store.connection_lost", found=_line(error))) from error
    except psycopg.OperationalError as error:
        raise Unavailable(Problem(code="store.connection_lost", found=_line(error))) from error


def _check_version(connection: psycopg.Connection[Any]) -> None:
    version = connection.info.server_version // 10_000
    if version < _OLDEST_SERVER:
        raise Unavailable(
            Problem(code="store.server_too_old", expected=str(_OLDEST_SERVER), found=str(version))
        )


def _revision(connection: psycopg.Connection[Any]) -> str | None:
    if not _first(connection, "SELECT to_regclass('public.alembic_version') IS NOT NULL"):
        return None
    revision: str | None = _first(connection, "SELECT max(version_num) FROM alembic_version")
    return revision


def _first(connection: psycopg.Connection[Any], question: str) -> Any:
    row = connection.execute(question).fetchone()
    return row[0] if row else None


def make_roles(connection: psycopg.Connection[Any]) -> None:
    """Make the roles; they belong to the whole server, so another database may have them."""
    try:
        for role, powers in _ROLES:
            known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,))
            if known.fetchone() is None:
                connection.execute(f"CREATE ROLE {role} {powers}")
            connection.execute(f"GRANT {role} TO CURRENT_USER")
        database = connection.info.dbname.replace('"', '""')
        connection.execute(f'GRANT CREATE ON DATABASE "{database}" TO suyuan_owner')
        connection.execute("GRANT CREATE, USAGE ON SCHEMA public TO suyuan_owner")
    except psycopg.errors.InsufficientPrivilege as error:
        raise Unavailable(Problem(code="store.role_missing", found=_line(error))) from error


def _upgrade(connection_string: str) -> None:
    """Run the steps as `suyuan_owner`, in one transaction."""
    # Slow to import and needed once in the life of a schema, so not at the top.
    import sqlalchemy
    from alembic import command
    from alembic.config import Config

    def connect() -> psycopg.Connection[Any]:
        return psycopg.connect(connection_string)

    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=connect, poolclass=sqlalchemy.NullPool
    )
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("SET ROLE suyuan_owner"))
        config = Config()
        config.set_main_option("script_location", "suyuan.store:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
