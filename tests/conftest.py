"""Fixtures that every part of the house shares: real databases, made from a template."""

from __future__ import annotations

import gc
import itertools
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import psycopg
import pytest
from argon2 import PasswordHasher

from suyuan.account import _password
from suyuan.store import Database, EmbeddedServer, open_database
from tests.postgres import DistributionServer, in_memory

if TYPE_CHECKING:
    from suyuan.journal import Journal

gc.disable()
_numbers = itertools.count(1)
_REPOSITORY = Path(__file__).resolve().parents[1]
_WITHOUT_LOOPS = {"account", "event", "house", "identifier", "journal", "store", "tlog"}


class MakeDatabase(Protocol):
    """Makes a new database quickly: with the present schema, or all that another one holds.

    It is gone when it is closed, unless it was given a name.
    """

    def __call__(self, like: str = "template", *, name: str = "") -> Database: ...


class ThrowawayDatabase(Database):
    """A database that is dropped when it is closed: nobody waits for its pages to be written."""

    tenants = ""
    """What the name of each tenant begins with, for tests that share one but no tenants."""

    def __init__(self, connection_string: str, drop: Callable[[], object]) -> None:
        super().__init__(connection_string)
        self._drop = drop

    def make_tenant(self, name: str, *, base_url: str = "") -> int:
        return super().make_tenant(self.tenants + name, base_url=base_url)

    def tenant_id(self, name: str) -> int:
        return super().tenant_id(name if name.startswith(self.tenants) else self.tenants + name)

    def close(self) -> None:
        super().close()
        self._drop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long, so that no worker is left alone with one at the end.

    Of these first with those that do well without the loops of the trace: in a fresh clone they
    are still being compiled.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path not in slow, _needs_loops(item)))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Wait for the loops rather than compile them once more in each worker."""
    if _needs_loops(item):
        _wait_for_loops()


def _needs_loops(item: pytest.Item) -> bool:
    return item.path.parent.name not in _WITHOUT_LOOPS


@cache
def _wait_for_loops() -> None:
    subprocess.run([_REPOSITORY / "scripts" / "set-up", "wait"], check=True)


def pytest_collection_finish() -> None:
    """Look no more for rubbish in what was loaded: it all stays, and there is a lot of it.

    For the rest look seldom: little that tests make refers to itself.
    """
    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def elsewhere() -> Iterator[None]:
    """Keep all tests that name no data folder away from the one in this clone."""
    with (
        tempfile.TemporaryDirectory(prefix="suyuan-test-") as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("SUYUAN_DATA", folder)
        yield


@dataclass(frozen=True)
class Hashing:
    """How passwords are hashed: the hasher, and the hash that stands for nobody's."""

    hasher: PasswordHasher
    of_nobody: str


@pytest.fixture(scope="session", autouse=True)
def shipped_hashing() -> Iterator[Hashing]:
    """Hash passwords cheaply in this process, and give how it is done everywhere else."""
    shipped = Hashing(_password._hasher, _password._OF_NOBODY)
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_password, "_hasher", cheap)
        patch.setattr(_password, "_OF_NOBODY", cheap.hash("nobody"))
        yield shipped


def _databases(server: EmbeddedServer | DistributionServer) -> Iterator[MakeDatabase]:
    administration = server.open()
    if isinstance(server, EmbeddedServer):
        administration = server.connection_string("postgres")
    with psycopg.connect(administration, autocommit=True) as connection:
        connection.execute("CREATE DATABASE template")
        open_database(Path("unused"), server.connection_string("template")).close()
        closed: list[str] = []

        def drop(old: str) -> None:
            # At the next turn: until all have left it for good, the server sleeps.
            closed.append(old)
            if len(closed) > 1:
                connection.execute(f"DROP DATABASE IF EXISTS {closed.pop(0)} WITH (FORCE)")

        def make(like: str = "template", *, name: str = "") -> Database:
            new = name or f"test_{next(_numbers)}"
            connection.execute(f"CREATE DATABASE {new} TEMPLATE {like} STRATEGY FILE_COPY")
            if name:
                return Database(server.connection_string(new))
            return ThrowawayDatabase(server.connection_string(new), lambda: drop(new))

        yield make
    server.close()


@pytest.fixture
def data() -> Iterator[Path]:
    """Give a data folder that another user can be let into: pytest shuts its own to others."""
    with tempfile.TemporaryDirectory(prefix="suyuan-test-") as folder:
        yield Path(folder) / "data"


@pytest.fixture(scope="session")
def embedded_databases() -> Iterator[MakeDatabase]:
    with tempfile.TemporaryDirectory(prefix="suyuan-test-", dir=in_memory()) as folder:
        yield from _databases(EmbeddedServer(Path(folder), is_throwaway=True))


@pytest.fixture(scope="session")
def distribution_databases() -> Iterator[MakeDatabase]:
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
