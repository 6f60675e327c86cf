"""One database for all tests of a module, and tenants of its own for each of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from suyuan.store import Database
from tests.conftest import MakeDatabase, ThrowawayDatabase

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def shared_database(embedded_databases: MakeDatabase) -> Iterator[Database]:
    """Give what the tests of a module share: a database costs more than a tenant."""
    with embedded_databases() as made:
        yield made


@pytest.fixture
def database(shared_database: Database) -> Database:
    """Give a database in which this test finds no tenant but those that it makes."""
    assert isinstance(shared_database, ThrowawayDatabase)
    shared_database.tenants = f"test-{next(_numbers)}-"
    return shared_database
