"""Fixtures that every part of the house shares: real databases, made from a template."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from suyuan.store import Database, EmbeddedServer, open_database
from tests.postgres import DistributionServer

if TYPE_CHECKING:
    from suyuan.journal import Journal

_numbers = itertools.count(1)


@pytest.fixture(scope="session", autouse=True)
def elsewhere() -> Iterator[None]:
    """Keep all tests that name no data folder away from the one in this clone."""
    with (
        tempfile.TemporaryDirectory(prefix="suyuan-test-") as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("SUYUAN_DATA", folder)
        yield


def _databases(server: EmbeddedServer | DistributionServer) -> Iterator[Callable[[], Database]]:
    """Give a function that makes a new database with the present schema, each time quickly."""
    administration = server.open()
    if isinstance(server, EmbeddedServer):
        administration = server.connection_string("postgres")
    with psycopg.connect(administration, autocommit=True) as connection:
        connection.execute("CREATE DATABASE template")
        open_database(Path("unused"), server.connection_string("template")).close()

        def make() -> Database:
            name = f"test_{next(_numbers)}"
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template")
            return Database(server.connection_string(name))

        yield make
    server.close()


@pytest.fixture
def data() -> Iterator[Path]:
    """Give a data folder that another user can be let into: pytest shuts its own to others."""
    with tempfile.TemporaryDirectory(prefix="suyuan-test-") as folder:
        yield Path(folder) / "data"


@pytest.fixture(scope="session")
def embedded_databases() -> Iterator[Callable[[], Database]]:
    with tempfile.TemporaryDirectory(prefix="suyuan-test-") as folder:
        yield from _databases(EmbeddedServer(Path(folder), is_throwaway=True))


@pytest.fixture(scope="session")
def distribution_databases() -> Iterator[Callable[[], Database]]:
    yield from _databases(DistributionServer())


@pytest.fixture(params=["embedded", "distribution"])
def any_database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Give an empty database, once on each kind of server."""
    make: Callable[[], Database] = request.getfixturevalue(f"{request.param}_databases")
    with make() as made:
        yield made


@pytest.fixture
def database(embedded_databases: Callable[[], Database]) -> Iterator[Database]:
    """Give an empty database on the embedded server."""
    with embedded_databases() as made:
        yield made


@pytest.fixture
def journal(database: Database) -> Journal:
    """Give an empty journal."""
    from suyuan.journal import Journal

    return Journal(database, database.make_tenant("default"))
