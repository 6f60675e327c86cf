"""A mock recall: what would have to come back, from where, and what the record does not tell."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from suyuan.errors import NotFound
from suyuan.store import Database
from suyuan.trace import (
    Genealogy,
    Sieve,
    Trace,
    export_recall,
    mock_recall,
    sift,
    track_forward,
    whereabouts,
)
from suyuan.trace._names import numbers_of_codes, uris_of
from suyuan.trace._standing import stand_now
from tests.trace import plants
from tests.trace.story import Story, case, hour, lot, of, place, serial
from tests.trace.test_questions import recorded

CUPS = [serial("cup", number) for number in range(1, 6)]
DAIRY, SHOP, DOCK, STORE = place(10), place(20), place(2), place(3)


def dairy() -> Story:
    """Five cups of one milk: one sold, one under way, one in the shop, one here, one destroyed."""
    story = Story()
    story.receive(1, of(lot("milk"), 2), where=place(1))
    story.make(2, [of(lot("milk"), 2)], CUPS, lot_number="7")
    story.pack(3, case(1), CUPS[0], CUPS[1])
    story.ship(4, case(1), where=DOCK, parties=(DAIRY, SHOP))
    story.receive(5, case(1), where=STORE, parties=(DAIRY, SHOP))
    story.unpack(6, case(1), CUPS[0])
    story.see(7, [CUPS[0]], "retail_selling", where=STORE)
    story.ship(8, CUPS[2], where=DOCK, parties=(DAIRY, SHOP))
    story.scrap(9, CUPS[4])
    return story


@pytest.fixture
def genealogy(database: Database) -> Genealogy:
    return recorded(database, dairy().record, "default")


def test_a_recall_counts_what_came_of_a_lot_by_how_far_it_has_come(genealogy: Genealogy) -> None:
    found = mock_recall(genealogy, [lot("milk")])
    assert (found.lots, found.units, found.objects) == (1, 5, 6)
    assert {one.stage: one.units for one in found.stages} == {
        "on_site": 1,
        "on_the_way": 1,
        "delivered": 1,
        "sold": 1,
        "used": 0,
        "destroyed": 1,
    }
    assert found.out == 3
    assert (found.packed, [one.uri for one in found.containers]) == (1, [case(1)])
    [shop] = [one for one in found.recipients if one.party == SHOP]
    assert (shop.units, shop.on_the_way) == (3, 1)
    assert found.without_recipient == 0


@pytest.mark.parametrize("few", [20_000, 0], ids=["by event", "out of the whole journal"])
def test_an_answer_says_what_was_at_each_place_and_who_sent_it_to_whom(
    genealogy: Genealogy, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr("suyuan.trace._said._FEW", few)
    trace = track_forward(genealogy, [lot("milk")])
    # The milk came to the tank; the crate and one cup left, and were seen in the shop's store.
    assert {one.place: (one.objects, one.received) for one in trace.places()} == {
        place(1): (1, 1),
        DOCK: (2, 0),
        STORE: (2, 1),
    }
    assert [(one.party, one.sent, one.got) for one in trace.parties()] == [
        (SHOP, 0, 2),
        (DAIRY, 2, 0),
    ]


def test_the_list_says_for_each_recipient_where_how_much_of_which_lot_is(
    genealogy: Genealogy,
) -> None:
    found = mock_recall(genealogy, [lot("milk")])
    rows = {(row.stage, row.place, row.party) for row in found.rows if not row.is_lot}
    assert rows >= {("sold", STORE, SHOP), ("delivered", STORE, SHOP), ("on_the_way", DOCK, SHOP)}
    text = b"".join(export_recall(found, "csv")).decode("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(text)))
    assert {row["is_ours"] for row in table} == {"no"}
    assert len(table) == found.row_count == len(found.rows)
    assert sum(int(row["objects"]) for row in table) == found.objects


def test_whoever_got_some_of_a_lot_stands_in_the_list_and_what_is_left_of_it_is_told(
    database: Database,
) -> None:
    story, depot = Story(), place(21)
    story.receive(1, of(lot("cream"), 10), where=DOCK, parties=(place(30), DAIRY))
    story.make(2, [of(lot("cream"), 4)], [of(lot("butter"), 4)])
    for at, whom in ((3, SHOP), (4, depot)):
        story.ship(at, of(lot("butter"), 1), where=DOCK, parties=(DAIRY, whom))
    story.scrap(5, of(lot("butter"), 0.5))
    genealogy = recorded(database, story.record, "parts")
    found = mock_recall(genealogy, [lot("cream")], ours=[DAIRY])
    assert [(one.party, one.is_ours) for one in found.recipients] == [
        *((SHOP, False), (depot, False), (DAIRY, True))
    ]
    assert (found.objects, found.counted_starts, found.out, found.parties) == (2, 1, 1, 2)
    left = {(row.lot, row.party): (row.quantity, row.remaining) for row in found.rows}
    assert left == {
        (lot("cream"), DAIRY): (10.0, 6.0),
        (lot("butter"), SHOP): (4.0, 1.5),
        (lot("butter"), depot): (4.0, 1.5),
    }


def test_what_our_own_sites_were_sent_has_not_left_us(database: Database) -> None:
    story = Story()
    story.receive(1, of(lot("cream"), 10), where=DOCK, parties=(place(30), DAIRY))
    story.ship(2, of(lot("cream"), 10), where=DOCK, parties=(DAIRY, SHOP))
    story.receive(3, of(lot("cream"), 10), where=STORE, parties=(DAIRY, SHOP))
    genealogy = recorded(database, story.record, "own-sites")
    assert mock_recall(genealogy, [lot("cream")], ours=[DAIRY]).out == 1
    ours = mock_recall(genealogy, [lot("cream")], ours=[DAIRY, SHOP])
    assert (ours.out, ours.parties, [one.stage for one in ours.stages]) == (0, 0, ["on_site"])


def test_a_lot_whose_units_are_counted_is_not_told_to_be_on_site_as_a_whole(
    database: Database,
) -> None:
    story = Story()
    story.make(1, [of(lot("milk"), 2)], [*CUPS[:2], of(lot("cup", "7"), 2, None)], lot_number="7")
    story.ship(2, *CUPS[:2], where=DOCK, parties=(DAIRY, SHOP))
    found = mock_recall(recorded(database, story.record, "units"), [lot("cup", "7")])
    assert {one.stage: (one.lots, one.units) for one in found.stages} == {
        "on_the_way": (0, 2),
        "in_units": (1, 0),
    }


def test_a_recall_may_begin_with_what_was_at_a_place_in_a_period(genealogy: Genealogy) -> None:
    at_dock = mock_recall(genealogy, [DOCK], until=hour(4))
    assert at_dock.units == 2  # The case of two cups; the third came to the dock later.
    assert mock_recall(genealogy, [DOCK]).units == 3
    with pytest.raises(NotFound, match="nothing was seen"):
        mock_recall(genealogy, [DOCK], until=hour(1))


def test_a_sieve_leaves_of_an_answer_what_passes_all_of_it(genealogy: Genealogy) -> None:
    trace = track_forward(genealogy, [lot("milk")])

    def left(**wanted: object) -> set[str]:
        sieve = Sieve(**wanted)  # type: ignore[arg-type]
        return {one.uri for one in sift(trace, sieve, UTC).objects()}

    assert left(place=STORE) == {CUPS[0], CUPS[1]}  # In a case, and by itself.
    assert left(party=SHOP) == {CUPS[0], CUPS[1], CUPS[2]}
    assert left(products=[lot("milk").partition("/10/")[0]]) == set()
    assert left(day=hour(2).date()) == left()
    assert left(day=date(2020, 1, 1)) == set()
    assert left(place=STORE, grade="possible") == set()


def test_days_are_those_of_the_time_zone(genealogy: Genealogy) -> None:
    trace = track_forward(genealogy, [lot("milk")])
    for name in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kolkata"):
        zone = ZoneInfo(name)
        day = hour(2).astimezone(zone).date()
        assert sift(trace, Sieve(day=day), zone).count == trace.count


def test_of_a_lot_each_recipient_has_what_it_was_sent_and_may_still_wait_for_it(
    database: Database,
) -> None:
    """Of ten kilos a shop received three, four are on their way to another, three are here."""
    other = place(21)
    story = Story()
    story.commission(1, of(lot("milk"), 10), where=place(1))
    story.ship(2, of(lot("milk"), 4), where=DOCK, parties=(DAIRY, other))
    story.ship(3, of(lot("milk"), 3), where=DOCK, parties=(DAIRY, SHOP))
    story.receive(4, of(lot("milk"), 3), where=STORE, parties=(DAIRY, SHOP))
    genealogy = recorded(database, story.record, "default")
    found = mock_recall(genealogy, [lot("milk")])
    rows = {row.party: (row.stage, row.sent, row.remaining) for row in found.rows}
    assert rows == {SHOP: ("delivered", 3, 3), other: ("on_the_way", 4, 3)}
    told = {one.party: [(q.quantity, q.uom) for q in one.quantities] for one in found.recipients}
    assert told == {SHOP: [(3, "KGM")], other: [(4, "KGM")]}
    ours = mock_recall(genealogy, [lot("milk")], ours=[SHOP, STORE])
    assert {row.remaining for row in ours.rows} == {6}


@pytest.mark.parametrize("seed", range(12))
def test_many_objects_stand_where_whereabouts_says_each_does(database: Database, seed: int) -> None:
    record = plants.plant(seed, 60)
    genealogy = recorded(database, record, f"seed-{seed}")
    names = [name for name in plants.names(record) if "/414/" not in name]
    trace = _everything(genealogy, names)
    with trace.opened() as connection:
        numbers = trace.reach.seeds
        standing = stand_now(connection, genealogy.tenant_id, trace.known, numbers)
        uris = uris_of(connection, genealogy.tenant_id, [*numbers, *standing.places])
    packed = set(standing.packed.tolist())
    for at, number in enumerate(numbers.tolist()):
        told = whereabouts(genealogy, uris[number])
        assert uris.get(int(standing.places[at])) == told.place, uris[number]
        assert (at in packed) == bool(told.containers), uris[number]
        assert (told.sent_time is not None) <= (standing.stages[at] in (1, 3, 4, 5))


def _everything(genealogy: Genealogy, names: list[str]) -> Trace:
    known = []
    with genealogy.database.tenant(genealogy.tenant_id, read_only=True) as connection:
        for name in names:
            try:
                numbers_of_codes(connection, genealogy.tenant_id, [name], 10**9)
            except NotFound:
                continue
            known.append(name)
    trace = track_forward(genealogy, known)
    order = np.argsort(trace.reach.seeds)
    trace.reach.seeds[:] = trace.reach.seeds[order]
    return trace
