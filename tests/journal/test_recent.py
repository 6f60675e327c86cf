"""What the latest commits said lies ready, and goes as newer ones come."""

from __future__ import annotations

import pytest

from suyuan.journal import Journal, read_recent, reindex_journal
from suyuan.journal import _recent as recent
from suyuan.store import Database
from tests.events import event


def test_rows_go_as_newer_commits_come(
    any_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(any_database, any_database.make_tenant("default"))
    monkeypatch.setattr(recent, "_KEPT_EVENTS", 5)
    for number in range(12):
        _capture(journal, number)
    assert _firsts(any_database, journal) == [7, 8, 9, 10, 11, 12]


def test_a_large_commit_has_no_row_and_breaks_the_chain(
    any_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(any_database, any_database.make_tenant("default"))
    monkeypatch.setattr(recent, "_EVENTS_MAX", 1)
    _capture(journal, 1)
    _capture(journal, 2, 3)
    _capture(journal, 4)
    assert _firsts(any_database, journal) == [1, 4]
    with any_database.tenant(journal.tenant_id, read_only=True) as connection:
        assert read_recent(connection, journal.tenant_id, 4, 0, 0) is None
        found = read_recent(connection, journal.tenant_id, 1, 0, 0)
    assert found is not None
    assert len(found) == 1


def test_rows_of_another_tenant_are_not_seen(any_database: Database) -> None:
    journal = Journal(any_database, any_database.make_tenant("default"))
    _capture(journal, 1)
    other = any_database.make_tenant("another")
    with any_database.tenant(other, read_only=True) as connection:
        rows = connection.execute("SELECT FROM journal.recent_commit").fetchall()
    assert rows == []
    assert _firsts(any_database, journal) == [1]


def test_making_the_index_anew_drops_all_rows(any_database: Database) -> None:
    journal = Journal(any_database, any_database.make_tenant("default"))
    _capture(journal, 1)
    reindex_journal(any_database, journal.tenant_id)
    assert _firsts(any_database, journal) == []


def _capture(journal: Journal, *numbers: int) -> None:
    assert journal.capture([event(number) for number in numbers]).captured == len(numbers)


def _firsts(database: Database, journal: Journal) -> list[int]:
    with database.tenant(journal.tenant_id, read_only=True) as connection:
        rows = connection.execute(
            "SELECT first_sequence FROM journal.recent_commit ORDER BY first_sequence"
        )
        return [int(first) for (first,) in rows]
