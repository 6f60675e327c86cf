"""What is captured is taken in before anybody asks."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec
import psycopg
import pytest

from suyuan.event import read_json
from suyuan.journal import Journal
from suyuan.store import Database
from suyuan.trace import Follower, Genealogy, _follower

_CUT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE 'LISTEN%'
"""
_LOT = "https://id.gs1.org/01/09521234123453/10/{}"


def _capture(journal: Journal, number: int) -> int:
    event = {
        "type": "ObjectEvent",
        "eventTime": f"2026-03-01T08:00:{number:02d}Z",
        "eventTimeZoneOffset": "+08:00",
        "action": "ADD",
        "quantityList": [{"epcClass": _LOT.format(number), "quantity": 1, "uom": "KGM"}],
    }
    assert not journal.capture(read_json(msgspec.json.encode([event])).events).problems
    return journal.position()


def _comes(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.01)
    return False


def _position(genealogy: Genealogy) -> int:
    known = genealogy._now
    return known.position if known else 0


@pytest.fixture
def journal(database: Database) -> Journal:
    made = Journal(database, database.make_tenant("default"))
    _capture(made, 0)
    return made


@pytest.fixture
def genealogy(database: Database, journal: Journal) -> Genealogy:
    made = Genealogy(database, journal.tenant_id)
    made.get_ready()
    made.at_hand(0)  # Somebody asks.
    return made


def test_what_anybody_captures_is_taken_in_at_once(
    database: Database, journal: Journal, genealogy: Genealogy
) -> None:
    follower = Follower(database, lambda: {journal.tenant_id: genealogy})
    follower.start()
    try:
        assert _comes(lambda: _position(genealogy) == 1)
        for number in range(1, 4):
            with Database(database.connection_string) as elsewhere:
                position = _capture(Journal(elsewhere, journal.tenant_id), number)
            assert _comes(lambda wanted=position: _position(genealogy) == wanted)  # type: ignore[misc]
    finally:
        begun = time.monotonic()
        follower.stop()
    assert time.monotonic() - begun < _follower._RARELY_S / 2


def test_a_lost_connection_is_opened_again_and_nothing_is_missed(
    database: Database,
    journal: Journal,
    genealogy: Genealogy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_follower, "_AGAIN_S", 0.2)
    follower = Follower(database, lambda: {journal.tenant_id: genealogy})
    follower.start()
    try:
        with psycopg.connect(database.connection_string, autocommit=True) as other:
            assert _comes(lambda: other.execute(_CUT).fetchall() == [(True,)])
        position = _capture(journal, 1)
        assert _comes(lambda: _position(genealogy) == position)
    finally:
        follower.stop()


def test_a_journal_that_nobody_asks_about_is_followed_now_and_then(
    database: Database, journal: Journal, genealogy: Genealogy
) -> None:
    follower = Follower(database, lambda: {journal.tenant_id: genealogy})
    genealogy.asked_at = float("-inf")
    for number, is_followed in ((1, True), (2, False)):
        position = _capture(journal, number)
        follower._behind = {journal.tenant_id, 10**6}  # One that is no longer there.
        follower._catch_up()
        assert (_position(genealogy) == position) is is_followed
    genealogy.at_hand(0)
    follower._catch_up()
    assert _position(genealogy) == journal.position()
    assert follower._behind == set()


def test_following_leaves_an_index_that_is_not_made_to_those_who_ask(
    database: Database, journal: Journal
) -> None:
    genealogy = Genealogy(database, journal.tenant_id)
    genealogy.follow()
    assert genealogy._index is None
    assert genealogy._making is None
