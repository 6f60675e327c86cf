"""The database as the rest of the house sees it: transactions that belong to a tenant. 数据库

There are three ways in. `tenant()` is what everybody uses: the role `suyuan_app` under
row-level security, with the tenant set for the transaction. `writer()` is for the
journal's append path alone. `owner()` makes tenants and looks at all of them.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import errors as pg
from psycopg import sql
from psycopg_pool import ConnectionPool, PoolTimeout

from suyuan.errors import IntegrityBroken, NotFound, Problem, Unavailable
from suyuan.store._call import Function, Row, call_prepared, prepare
from suyuan.store._migrate import migrate
from suyuan.store._server import EmbeddedServer

Connection = psycopg.Connection[tuple[Any, ...]]

_POOL_SIZE_MAX = 16
_POOL_WAIT_S = 10.0
_LOCK_WAIT_MS = 60_000
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_SET_TENANT = "SELECT set_config('suyuan.tenant_id', %s, true)"
_TRUSTED_S = 1.0  # So long after its last use a connection is taken to be there.


class Database:
    """Pools of connections to one database, embedded or not."""

    def __init__(
        self,
        connection_string: str,
        server: EmbeddedServer | None = None,
        *,
        connections_max: int = _POOL_SIZE_MAX,
    ) -> None:
        """Open pools of at most so many connections, one for each role."""
        self.connection_string = connection_string
        self.server = server
        self._used: WeakKeyDictionary[Connection, float] = WeakKeyDictionary()
        self._functions: WeakKeyDictionary[Connection, set[str]] = WeakKeyDictionary()
        """Which functions each connection knows."""
        self._pools = {
            role: ConnectionPool(
                connection_string,
                min_size=0,
                max_size=connections_max,
                timeout=_POOL_WAIT_S,
                configure=_Configure(role),
                check=self._check,
                open=False,
                name=role,
            )
            for role in ("suyuan_app", "suyuan_writer", "suyuan_owner")
        }
        for pool in self._pools.values():
            pool.open()

    def _check(self, connection: Connection) -> None:
        """Find out whether a connection that nobody used for a while is still there."""
        if time.monotonic() - self._used.get(connection, 0.0) > _TRUSTED_S:
            ConnectionPool.check_connection(connection)

    def close(self) -> None:
        """Give back all connections, and the embedded server if there is one."""
        for pool in self._pools.values():
            pool.close()
        if self.server is not None:
            self.server.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def tenant(
        self, tenant_id: int, *, read_only: bool = False, time_limit_s: float | None = None
    ) -> Iterator[Connection]:
        """Open a transaction that sees and changes this tenant's rows alone."""
        with self._transaction("suyuan_app", tenant_id, read_only=read_only) as connection:
            if time_limit_s is not None:
                connection.execute(
                    "SELECT set_config('statement_timeout', %s, true)",
                    (str(int(time_limit_s * 1000)),),
                )
            yield connection

    @contextlib.contextmanager
    def question(self, tenant_id: int) -> Iterator[Connection]:
        """Open a transaction that reads this tenant's rows with few waits for the database.

        What is executed is on its way at once, and only who reads its rows waits for it. On a
        busy machine the ways to the database and back are most of the time of a small answer.
        No COPY and no stream goes through it.
        """
        with translated_errors(), self._pools["suyuan_app"].connection() as connection:
            with connection.pipeline():
                connection.execute(_READ)
                connection.execute(_SET_TENANT, (str(tenant_id),))
                yield connection
                connection.execute("COMMIT")
            self._used[connection] = time.monotonic()

    def call(
        self, function: Function, tenant_id: int, values: Sequence[str] | Sequence[int]
    ) -> list[Row]:
        """Call a function in a transaction of its own: one way to the database and back.

        It reads as everybody does, and is for what is asked all the time.
        """
        with translated_errors():
            pool = self._pools["suyuan_app"]
            connection = pool.getconn()
            try:
                known = self._functions.setdefault(connection, set())
                if function.name in known:
                    # After a rollback the driver lets the server forget all that was prepared.
                    with contextlib.suppress(pg.InvalidSqlStatementName):
                        return call_prepared(connection, function, tenant_id, values)
                prepare(connection, function)
                known.add(function.name)
                return call_prepared(connection, function, tenant_id, values)
            finally:
                self._used[connection] = time.monotonic()
                pool.putconn(connection)

    @contextlib.contextmanager
    def writer(self, tenant_id: int) -> Iterator[Connection]:
        """Open the journal's own transaction: it may COPY into this tenant's partitions."""
        with self._transaction("suyuan_writer", tenant_id) as connection:
            yield connection

    @contextlib.contextmanager
    def listening(self, channel: str) -> Iterator[Connection]:
        """Open a connection of its own that hears what is told on a channel."""
        with (
            translated_errors(),
            psycopg.connect(self.connection_string, autocommit=True) as connection,
        ):
            _Configure("suyuan_app")(connection)
            connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
            yield connection

    def tell(self, channel: str, word: str) -> None:
        """Say something to all who listen to a channel.

        By itself, and not in the transaction that it is about: commits would wait for each other.
        """
        with translated_errors(), self._pools["suyuan_writer"].connection() as connection:
            connection.execute("SELECT pg_notify(%s, %s)", (channel, word))
            self._used[connection] = time.monotonic()

    @contextlib.contextmanager
    def owner(self) -> Iterator[Connection]:
        """Open a transaction that sees all tenants, to make one or to look one up."""
        with self._transaction("suyuan_owner", None) as connection:
            yield connection

    @contextlib.contextmanager
    def _transaction(
        self, role: str, tenant_id: int | None, *, read_only: bool = False
    ) -> Iterator[Connection]:
        with translated_errors(), self._pools[role].connection() as connection:
            _begin(connection, tenant_id, read_only=read_only)
            yield connection
            self._used[connection] = time.monotonic()

    def renew(self, connection: Connection, tenant_id: int) -> None:
        """Let a read-only transaction see what was committed since it began."""
        connection.rollback()
        connection.execute(_READ)
        connection.execute(_SET_TENANT, (str(tenant_id),))

    def count_rows(self) -> None:
        """Let the planner know what the tables hold now.

        The server finds out by itself a minute or two later. Whoever has just written a lot, and
        is asked about it at once, had better not wait: until then each table is taken for small.
        """
        with self.owner() as connection:
            connection.execute("ANALYZE")

    def tenant_id(self, name: str) -> int:
        """Give the number of a tenant. Raises NotFound `store.tenant_unknown`."""
        with self.owner() as connection:
            row = connection.execute(
                "SELECT tenant_id FROM account.tenant WHERE name = %s", (name,)
            ).fetchone()
        if row is None:
            raise NotFound(Problem(code="store.tenant_unknown", found=name))
        return int(row[0])

    def tenant_names(self) -> dict[str, int]:
        """Give every tenant with its number."""
        with self.owner() as connection:
            rows = connection.execute("SELECT name, tenant_id FROM account.tenant ORDER BY 2")
            return {str(name): int(number) for name, number in rows}

    def make_tenant(self, name: str, *, base_url: str = "") -> int:
        """Make a tenant, or find the one of that name, and give its number."""
        with self.owner() as connection:
            connection.execute("SELECT pg_advisory_xact_lock(hashtext('suyuan.tenant'))")
            row = connection.execute(
                "INSERT INTO account.tenant (name, base_url) VALUES (%s, %s) "
                "ON CONFLICT (name) DO NOTHING RETURNING tenant_id",
                (name, base_url),
            ).fetchone()
            if row is not None:
                connection.execute("SELECT journal.add_tenant(%s)", (row[0],))
                return int(row[0])
        return self.tenant_id(name)


def _begin(connection: Connection, tenant_id: int | None, *, read_only: bool) -> None:
    # One way to the database and back. Nothing in it comes from outside but a number.
    begin = f"{_READ};" if read_only else "BEGIN;"
    if tenant_id is not None:
        begin += f"SELECT set_config('suyuan.tenant_id', '{int(tenant_id)}', true)"
    connection.execute(begin)


class _Configure:
    """Puts each new connection of a pool into its role."""

    def __init__(self, role: str) -> None:
        self._role = role

    def __call__(self, connection: Connection) -> None:
        # Transactions are begun in so many words, in one go with whose they are.
        connection.autocommit = True
        connection.execute(f"SET ROLE {self._role}")
        connection.execute(f"SET lock_timeout = {_LOCK_WAIT_MS}")
        connection.execute("SET TIME ZONE 'UTC'")
        connection.execute("SET client_encoding = 'UTF8'")
        if self._role == "suyuan_writer":
            # It looks things up by key alone, often in tables too young for statistics.
            connection.execute("SET enable_seqscan = off")


def open_database(data: Path, database_url: str = "") -> Database:
    """Open the database of a data folder, or the server that the URL names, ready for use.

    Starts the embedded server where needed and brings the schema up to date.
    """
    if database_url:
        migrate(database_url)
        return Database(database_url)
    server = EmbeddedServer(data)
    server.open()
    try:
        with (
            translated_errors(),
            psycopg.connect(server.connection_string("postgres"), autocommit=True) as connection,
        ):
            known = connection.execute("SELECT FROM pg_database WHERE datname = 'suyuan'")
            if known.fetchone() is None:
                with contextlib.suppress(pg.DuplicateDatabase, pg.UniqueViolation):
                    connection.execute("CREATE DATABASE suyuan")
        migrate(server.connection_string())
        return Database(server.connection_string(), server)
    except BaseException:
        server.close()
        raise


@contextlib.contextmanager
def translated_errors() -> Iterator[None]:
    """Turn what the driver says into our errors, at the edge."""
    try:
        yield
    except (pg.DiskFull, pg.IoError) as error:
        raise Unavailable(Problem(code="store.disk_full", found=_line(error))) from error
    except pg.ReadOnlySqlTransaction as error:
        raise Unavailable(Problem(code="store.database_read_only", found=_line(error))) from error
    except pg.QueryCanceled as error:
        raise Unavailable(Problem(code="store.query_too_long", expected=_line(error))) from error
    except pg.DataCorrupted as error:
        raise IntegrityBroken(Problem(code="store.data_corrupted", found=_line(error))) from error
    except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as error:
        raise Unavailable(Problem(code="store.connection_lost", found=_line(error))) from error


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
