"""API keys: shown once, stored hashed, found, revoked."""

from datetime import UTC, datetime, timedelta

import pytest

from suyuan.account import (
    KeyHolders,
    count_api_keys,
    find_api_key,
    list_api_keys,
    make_api_key,
    revoke_api_key,
)
from suyuan.errors import NotFound


@pytest.fixture
def tenants(database):
    return [database.make_tenant("first"), database.make_tenant("second")]


def test_a_key_opens_its_own_tenant(database, tenants):
    first = make_api_key(database, tenants[0], name="first")
    second = make_api_key(database, tenants[1], name="second")
    assert first.secret != second.secret
    found = [find_api_key(database, key.secret) for key in (first, second)]
    assert [caller.tenant_id for caller in found] == tenants


def test_the_secret_is_nowhere_in_the_database(database, tenants):
    key = make_api_key(database, tenants[0], name="hidden")
    with database.owner() as connection:
        rows = connection.execute("SELECT api_key::text FROM account.api_key").fetchall()
    assert rows
    assert not any(key.secret in row[0] for row in rows)
    assert all(not listed.secret for listed in list_api_keys(database, tenants[0]))


def test_a_revoked_key_opens_nothing_and_stays_revoked(database, tenants):
    key = make_api_key(database, tenants[0], name="lost")
    revoke_api_key(database, tenants[0], key.api_key_id)
    assert find_api_key(database, key.secret) is None
    first = [one.revoked for one in list_api_keys(database, tenants[0]) if one.name == "lost"]
    revoke_api_key(database, tenants[0], key.api_key_id)
    again = [one.revoked for one in list_api_keys(database, tenants[0]) if one.name == "lost"]
    assert first == again != [None]


def test_nobody_revokes_the_key_of_another_tenant(database, tenants):
    key = make_api_key(database, tenants[0], name="mine")
    with pytest.raises(NotFound):
        revoke_api_key(database, tenants[1], key.api_key_id)
    assert find_api_key(database, key.secret) is not None


def test_an_expired_key_opens_nothing(database, tenants):
    past = datetime.now(UTC) - timedelta(seconds=1)
    key = make_api_key(database, tenants[0], name="old", expires=past)
    assert find_api_key(database, key.secret) is None


@pytest.mark.parametrize("secret", ["", "suyuan_", "suyuan_" + "a" * 52, "\x00" * 59, "密" * 59])
def test_what_is_no_key_opens_nothing(database, secret):
    assert find_api_key(database, secret) is None


def test_keys_are_counted_for_their_tenant_alone(database, tenants):
    before = count_api_keys(database, tenants[1])
    make_api_key(database, tenants[0], name="one more")
    assert count_api_keys(database, tenants[1]) == before


def test_holders_are_remembered_for_seconds_not_for_ever(database, tenants):
    now = [0.0]
    holders = KeyHolders(database, clock=lambda: now[0])
    key = make_api_key(database, tenants[0], name="cached")
    assert holders.find(key.secret) is not None
    revoke_api_key(database, tenants[0], key.api_key_id)
    assert holders.find(key.secret) is not None
    now[0] = 6.0
    assert holders.find(key.secret) is None
