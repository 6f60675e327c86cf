"""The one door into the journal, on both kinds of server where SQL matters."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from suyuan.errors import Problem, Unavailable
from suyuan.event import Event, Role
from suyuan.journal import Journal, _append, bring_log_up_to_date, verify_journal
from suyuan.store import Connection, Database
from suyuan.tlog import generate_key
from tests.events import event, events

_DECLARATION = {
    "declarationTime": "2026-03-02T08:00:00Z",
    "reason": "incorrect_data",
    "correctiveEventIDs": ["urn:uuid:00000000-0000-4000-8000-000000000009"],
}


@pytest.fixture
def any_journal(any_database: Database) -> Journal:
    return Journal(any_database, any_database.make_tenant("default"))


def _sequences(journal: Journal) -> list[int]:
    with journal.database.tenant(journal.tenant_id) as connection:
        return [
            row[0]
            for row in connection.execute("SELECT sequence FROM journal.event ORDER BY sequence")
        ]


def test_events_get_dense_numbers_in_the_order_given(any_journal: Journal) -> None:
    first = any_journal.capture(events(1, 3))
    second = any_journal.capture(events(4, 5))
    assert [outcome.sequence for outcome in first.outcomes] == [1, 2, 3]
    assert [outcome.sequence for outcome in second.outcomes] == [4, 5]
    assert second.sequence == any_journal.position() == 5
    assert _sequences(any_journal) == [1, 2, 3, 4, 5]


def test_what_is_all_new_is_numbered_as_if_each_event_were_looked_at(any_journal: Journal) -> None:
    units = [any_journal.prepare(events(1, 3)), any_journal.prepare(events(4, 5))]
    assert _append._are_all_new(units, {})
    assert not _append._are_all_new([*units, units[0]], {})
    slow, fast = (_append.Head(7, 0, datetime.now(UTC), 0) for _ in range(2))
    slowly: list[_append.Placed] = []
    quickly: list[_append.Placed] = []
    for unit in units:
        looked_at = _append._decide(unit, {}, {}, slow, slowly, proceed=True)
        assert _append._number(unit, fast, quickly) == looked_at
    assert slow.last_sequence == fast.last_sequence == 12
    for one, other in zip(slowly, quickly, strict=True):
        assert one.unit is other.unit
        assert one.sequences.dtype == other.sequences.dtype
        assert one.sequences.tolist() == other.sequences.tolist()


def test_the_same_event_again_is_a_no_op_that_says_so(any_journal: Journal) -> None:
    any_journal.capture(events(1, 2))
    again = any_journal.capture([event(2), event(3), event(3)])
    assert [(one.sequence, one.is_new) for one in again.outcomes] == [
        (2, False),
        (3, True),
        (3, False),
    ]
    assert (again.captured, again.duplicates) == (1, 2)
    assert any_journal.position() == 3


def test_the_same_event_in_another_spelling_is_the_same_event(any_journal: Journal) -> None:
    any_journal.capture([event(1)])
    link = event(
        1, epcList=["https://id.gs1.org/01/09521234123453/21/1"], eventTimeZoneOffset="+08:00"
    )
    assert any_journal.capture([link]).duplicates == 1


def test_an_event_without_id_gets_its_hash_as_id(any_journal: Journal) -> None:
    outcome = any_journal.capture([event(1)]).outcomes[0]
    assert outcome.event_id.startswith("ni:///sha-256;")
    assert outcome.event_id.endswith("?ver=CBV2.0")


def test_an_id_that_stands_for_other_content_is_refused_and_nothing_is_stored(
    any_journal: Journal,
) -> None:
    event_id = "urn:uuid:00000000-0000-4000-8000-000000000001"
    any_journal.capture([event(1, eventID=event_id)])
    refused = any_journal.capture([event(2), event(3, eventID=event_id)])
    assert [problem.code for problem in refused.problems] == ["journal.event_id_taken"]
    assert refused.captured == 0
    assert any_journal.position() == 1


def test_proceeding_takes_what_can_be_taken(any_journal: Journal) -> None:
    event_id = "urn:uuid:00000000-0000-4000-8000-000000000001"
    any_journal.capture([event(1, eventID=event_id)])
    mixed = [event(2), event(3, eventID=event_id), event(4)]
    result = any_journal.capture(mixed, proceed=True)
    assert [outcome.sequence for outcome in result.outcomes] == [2, None, 3]
    assert any_journal.position() == 3


def test_an_id_used_twice_in_one_capture_is_refused(any_journal: Journal) -> None:
    event_id = "urn:uuid:00000000-0000-4000-8000-000000000001"
    both = [event(1, eventID=event_id), event(2, eventID=event_id)]
    assert [problem.code for problem in any_journal.capture(both).problems] == [
        "journal.event_id_taken"
    ]
    assert any_journal.position() == 0


def test_an_error_declaration_repeats_the_id_and_is_kept_beside_its_event(
    any_journal: Journal,
) -> None:
    original = any_journal.capture([event(1)]).outcomes[0]
    declared = event(1, eventID=original.event_id, errorDeclaration=_DECLARATION)
    outcome = any_journal.capture([declared]).outcomes[0]
    assert (outcome.event_id, outcome.sequence, outcome.is_new) == (original.event_id, 2, True)
    assert any_journal.capture([declared]).duplicates == 1


def test_a_second_declaration_that_says_something_else_is_refused(any_journal: Journal) -> None:
    first = event(1, errorDeclaration=_DECLARATION)
    other = event(1, errorDeclaration={**_DECLARATION, "reason": "did_not_occur"})
    any_journal.capture([first])
    assert any_journal.capture([other]).problems[0].code == "journal.event_id_taken"


def test_a_declaration_may_come_before_its_event(any_journal: Journal) -> None:
    any_journal.capture([event(1, errorDeclaration=_DECLARATION)])
    assert any_journal.capture([event(1)]).captured == 1


def test_record_time_never_runs_backwards(database: Database) -> None:
    clock = [datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 3, 1, 11, tzinfo=UTC)]
    journal = Journal(database, database.make_tenant("default"), now=lambda: clock.pop(0))
    journal.capture([event(1)])
    journal.capture([event(2)])
    with database.tenant(journal.tenant_id) as connection:
        times = connection.execute("SELECT record_time FROM journal.event ORDER BY sequence")
        assert [row[0] for row in times] == [datetime(2026, 3, 1, 12, tzinfo=UTC)] * 2


def test_postings_carry_role_quantity_unit_and_word(any_journal: Journal) -> None:
    weighed = event(
        1,
        quantityList=[
            {"epcClass": "urn:epc:class:lgtin:9521234.012345.L1", "quantity": 3.25, "uom": "KGM"}
        ],
        bizTransactionList=[{"type": "po", "bizTransaction": "urn:example:po:1"}],
    )
    any_journal.capture([weighed])
    with any_journal.database.tenant(any_journal.tenant_id) as connection:
        rows = connection.execute(
            "SELECT role, uri, quantities[1], uoms[1], word FROM journal.posting "
            "JOIN journal.object USING (tenant_id, object_id) ORDER BY role"
        ).fetchall()
    assert (
        Role.QUANTITY,
        "https://id.gs1.org/01/09521234123453/10/L1",
        Decimal("3.25"),
        "KGM",
        None,
    ) in rows
    assert (
        Role.BUSINESS_TRANSACTION,
        "urn:example:po:1",
        None,
        None,
        "https://ref.gs1.org/cbv/BTT-po",
    ) in rows
    assert [row[0] for row in rows] == [1, 6, 10, 12]


def test_identifiers_get_dense_numbers_once(any_journal: Journal) -> None:
    any_journal.capture(events(1, 20))
    fresh = Journal(any_journal.database, any_journal.tenant_id)
    fresh.capture(events(10, 30))
    with any_journal.database.tenant(any_journal.tenant_id) as connection:
        numbers = connection.execute("SELECT object_id, uri FROM journal.object").fetchall()
    # Thirty units, their product, and the place where they were seen.
    assert sorted(row[0] for row in numbers) == list(range(1, 33))
    assert len({row[1] for row in numbers}) == 32


def test_an_object_knows_the_class_that_its_name_tells(any_journal: Journal) -> None:
    lot = {"epcClass": "urn:epc:class:lgtin:9521234.012345.L1", "quantity": 1}
    any_journal.capture([event(1)])
    any_journal.capture([event(2, quantityList=[lot])])
    with any_journal.database.tenant(any_journal.tenant_id) as connection:
        rows = connection.execute(
            "SELECT object.uri, class.uri FROM journal.object LEFT JOIN journal.object AS class "
            "ON class.object_id = object.class_id"
        ).fetchall()
    product = "https://id.gs1.org/01/09521234123453"
    assert set(rows) == {
        (product, None),
        (f"{product}/21/1", product),
        (f"{product}/21/2", product),
        (f"{product}/10/L1", product),
        ("https://id.gs1.org/414/9521234000013", None),
    }


def test_a_guard_refuses_inside_the_transaction(database: Database) -> None:
    def guard(connection: Connection, batch: Sequence[Event]) -> Iterable[tuple[int, Problem]]:
        for position, one in enumerate(batch):
            if one.body["plant:number"] == 2:
                yield position, Problem(code="quality.object_held", where=f"event {position}")

    journal = Journal(database, database.make_tenant("default"), guards=[guard])
    assert journal.capture(events(1, 3)).problems[0].code == "quality.object_held"
    assert journal.position() == 0
    assert journal.capture(events(1, 3), proceed=True).captured == 2


def test_captures_from_many_threads_are_dense_and_complete(any_journal: Journal) -> None:
    def work(thread: int) -> None:
        for number in range(20):
            result = any_journal.capture([event(thread * 100 + number)])
            assert result.captured == 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _sequences(any_journal) == list(range(1, 161))


def test_one_bad_request_of_a_group_does_not_hurt_its_neighbours(any_journal: Journal) -> None:
    event_id = "urn:uuid:00000000-0000-4000-8000-000000000001"
    any_journal.capture([event(0, eventID=event_id)])
    answers: dict[int, int] = {}

    def work(number: int) -> None:
        given = event(number, eventID=event_id if number % 2 else None)
        answers[number] = len(any_journal.capture([given]).problems)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 21)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: number % 2 for number in range(1, 21)}
    assert any_journal.position() == 11


def test_a_journal_goes_on_over_the_border_of_a_partition(
    any_journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_append, "BLOCK_EVENTS", 8)
    any_journal.capture(events(1, 5))
    any_journal.capture(events(6, 30))
    assert _sequences(any_journal) == list(range(1, 31))
    with any_journal.database.owner() as connection:
        partitions = connection.execute(
            "SELECT count(*) FROM pg_class WHERE relname LIKE 'event_1_%' AND relkind = 'r'"
        ).fetchone()
    assert partitions == (4,)


def test_two_tenants_with_the_same_events_do_not_meet(any_database: Database) -> None:
    first = Journal(any_database, any_database.make_tenant("first"))
    second = Journal(any_database, any_database.make_tenant("second"))
    first.capture(events(1, 3))
    assert second.capture(events(2, 3)).captured == 2
    assert (first.position(), second.position()) == (3, 2)


def test_an_id_that_can_not_stand_in_a_log_line_is_refused(any_journal: Journal) -> None:
    # The readers refuse it first; the journal does not rely on them.
    long = msgspec.structs.replace(event(1), event_id="urn:x:" + "a" * 2_100)
    assert any_journal.capture([long]).problems[0].code == "journal.event_id_unusable"


def test_capture_without_a_database_says_so_and_works_again_later(any_journal: Journal) -> None:
    with any_journal.database.owner() as connection:
        connection.execute("RESET ROLE")
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with contextlib.suppress(Unavailable):  # A pooled connection may have noticed, or not.
        any_journal.capture([event(1)])
    any_journal.capture([event(1)])
    assert any_journal.position() == 1


def test_a_captured_journal_verifies_with_its_log(any_journal: Journal) -> None:
    key = generate_key("log.example/test")
    with any_journal.database.owner() as connection:
        connection.execute(
            "INSERT INTO tlog.log_key VALUES (%s, %s, %s)",
            (any_journal.tenant_id, key.name, str(key.verifier_key)),
        )
    for first in range(1, 600, 150):
        any_journal.capture(events(first, first + 149))
        size = bring_log_up_to_date(any_journal.database, any_journal.tenant_id, key)
        assert size == first + 149
    report = verify_journal(any_journal.database, any_journal.tenant_id, processes=1)
    assert report.problems == []
    assert (report.entries, report.covered, report.checkpoints) == (600, 600, 4)


def test_a_capture_tells_how_far_it_is_until_all_is_written(any_journal):
    told: list[tuple[float, int]] = []
    any_journal.capture(events(1, 600), told=lambda one: told.append((one.share, one.events)))
    assert told == sorted(told)
    assert told[0] == (0.06, 0)
    assert [written for _, written in told if written] == [256, 512, 600]
    told.clear()
    any_journal.capture(events(1, 600), told=lambda one: told.append((one.share, one.events)))
    assert told == []  # All of it was there.
