"""The index of a journal made anew from its events is the index that it had."""

from __future__ import annotations

import msgspec
import pytest

from suyuan.errors import IntegrityBroken
from suyuan.event import read_json
from suyuan.journal import Journal, reindex_journal, verify_journal
from suyuan.store import Database
from tests.events import event, events
from tests.trace import plants

_INDEX = """
    SELECT object.uri, posting.role, posting.word, said.sequence, said.quantity, said.uom, class.uri
    FROM journal.posting JOIN journal.object AS object USING (tenant_id, object_id)
    LEFT JOIN journal.object AS class
      ON class.tenant_id = object.tenant_id AND class.object_id = object.class_id,
    unnest(sequences, quantities, uoms) AS said (sequence, quantity, uom)
    WHERE tenant_id = %s ORDER BY 4, 1, 2, 3, 5, 6
"""


def _index(database: Database, tenant_id: int) -> list[tuple[object, ...]]:
    with database.tenant(tenant_id) as connection:
        return connection.execute(
            _INDEX.replace("WHERE tenant_id", "WHERE posting.tenant_id"), (tenant_id,)
        ).fetchall()


def _filled(database: Database, name: str = "default") -> Journal:
    journal = Journal(database, database.make_tenant(name))
    journal.capture(events(1, 40))
    for entry in plants.plant(3, 30).entries:
        journal.capture(read_json(msgspec.json.encode([entry.event])).events)
    return journal


def _owner(database: Database, statement: str) -> None:
    with database.owner() as connection:
        connection.execute(statement)


def test_an_index_made_anew_is_the_same(any_database: Database) -> None:
    journal, other = _filled(any_database), _filled(any_database, "other")
    before = _index(any_database, journal.tenant_id)
    untouched = _index(any_database, other.tenant_id)
    seen: list[tuple[int, int]] = []
    done = reindex_journal(
        any_database, journal.tenant_id, progress=lambda done, total: seen.append((done, total))
    )
    assert (done.events, done.objects) == (journal.position(), 0)
    assert seen[-1] == (journal.position(), journal.position())
    assert _index(any_database, journal.tenant_id) == before
    assert _index(any_database, other.tenant_id) == untouched
    assert verify_journal(any_database, journal.tenant_id, processes=1).is_sound


def test_what_was_lost_or_never_known_is_there_again(any_database: Database) -> None:
    journal = _filled(any_database)
    before = _index(any_database, journal.tenant_id)
    _owner(any_database, "DELETE FROM journal.posting WHERE role = 16 OR first_sequence < 20")
    _owner(any_database, "UPDATE journal.object SET class_id = NULL")
    _owner(
        any_database,
        "DELETE FROM journal.object AS object WHERE NOT EXISTS (SELECT FROM journal.posting "
        "AS posting WHERE posting.object_id = object.object_id)",
    )
    reindex_journal(any_database, journal.tenant_id)
    assert _index(any_database, journal.tenant_id) == before
    assert verify_journal(any_database, journal.tenant_id, processes=1).is_sound
    Journal(any_database, journal.tenant_id).capture([event(1_000)])
    assert verify_journal(any_database, journal.tenant_id, processes=1).is_sound


def test_an_event_that_cannot_be_read_leaves_everything_as_it_was(database: Database) -> None:
    journal = _filled(database)
    before = _index(database, journal.tenant_id)
    _owner(database, "UPDATE journal.event SET body = left(body, 40) WHERE sequence = 30")
    with pytest.raises(IntegrityBroken):
        reindex_journal(database, journal.tenant_id)
    assert _index(database, journal.tenant_id) == before
