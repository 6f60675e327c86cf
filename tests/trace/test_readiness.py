"""Of how much that was shipped the whole way back is in the record."""

from __future__ import annotations

import pytest

from suyuan.errors import InvalidInput
from suyuan.store import Database
from suyuan.trace import Genealogy, readiness
from tests.trace.story import Story, case, gtin, hour, lot, of, serial
from tests.trace.test_questions import recorded

MILK, FLOUR, CHEESE, LOAF = lot("milk"), lot("flour"), lot("cheese"), lot("loaf")
UNITS = [serial("cup", number) for number in range(6)]


@pytest.fixture
def plant(database: Database) -> Genealogy:
    """Give a plant that ships cheese, bread of flour that nobody received, and cups."""
    s = Story()
    s.receive(6, of(MILK, 100))
    s.make(8, [of(MILK, 50)], [of(CHEESE, 5)])
    s.make(8, [of(FLOUR, 10)], [of(LOAF, 20, None)])
    s.make(9, [of(MILK, 20)], [*UNITS[:3]])
    s.make(9, [of(MILK, 20), of(FLOUR, 1)], [*UNITS[3:]])
    s.pack(10, case(1), *UNITS, of(CHEESE, 3))
    s.ship(11, case(1), of(LOAF, 15, None))
    s.receive(12, of(LOAF, 3, None))
    return recorded(database, s.record, "default")


def test_a_unit_is_ready_when_its_way_back_reaches_received_lots_without_a_gap(
    plant: Genealogy,
) -> None:
    found = readiness(plant)
    assert (found.shipped, found.ready, found.not_ready, found.share) == (8, 4, 4, 0.5)
    by_uom = {one.uom: (one.shipped, one.ready, one.share, one.unknown) for one in found.by_uom}
    assert by_uom == {"KGM": (3, 3, 1, 0), "C62": (18, 3, 3 / 18, 0)}
    assert [(one.kind, one.units) for one in found.costs] == [("more_used", 4), ("not_received", 4)]
    assert [(one.kind, one.uri, one.units) for one in found.worst] == [
        ("more_used", FLOUR, 4),
        ("not_received", FLOUR, 4),
    ]
    assert found.is_weighed


def test_readiness_is_that_of_a_product_and_a_period(plant: Genealogy) -> None:
    cups = readiness(plant, product=gtin("cup"))
    assert (cups.shipped, cups.ready) == (6, 3)
    assert readiness(plant, product=CHEESE).share == 1
    assert readiness(plant, since=hour(11.5), until=hour(13)).share is None
    assert readiness(plant, kinds=["packed_twice"]).share == 1
    with pytest.raises(InvalidInput):
        readiness(plant, kinds=["holes"])


def test_what_a_farm_ships_and_the_plant_receives_is_ready(database: Database) -> None:
    s = Story()
    s.commission(5, of(MILK, 100))
    s.ship(6, of(MILK, 60))
    before = readiness(recorded(database, s.record, "before"))
    assert (before.shipped, before.ready) == (1, 0)
    s.receive(7, of(MILK, 40))
    after = readiness(recorded(database, s.record, "after"))
    assert (after.shipped, after.ready, after.by_uom[0].shipped) == (1, 1, 20)


def test_the_way_back_goes_on_from_an_instance_to_its_lot(database: Database) -> None:
    s = Story()
    s.receive(6, of(lot("seal"), 10, None))
    s.commission(7, serial("seal", 1), lot_number="1")
    s.make(8, [serial("seal", 1)], [UNITS[0]])
    s.ship(9, UNITS[0])
    found = readiness(recorded(database, s.record, "received"))
    assert (found.shipped, found.share, found.costs) == (1, 1, [])
    s = Story()
    s.commission(7, serial("seal", 1), lot_number="1")
    s.make(8, [serial("seal", 1)], [UNITS[0]])
    s.ship(9, UNITS[0])
    found = readiness(recorded(database, s.record, "bare"))
    assert [(one.kind, one.uri) for one in found.worst] == [("not_received", lot("seal"))]


def test_a_gap_that_nothing_shipped_came_of_costs_nothing(database: Database) -> None:
    s = Story()
    s.receive(6, of(MILK, 100))
    s.make(8, [of(MILK, 50)], [of(CHEESE, 5)])
    s.make(9, [of(FLOUR, 50)], [of(LOAF, 5)])
    s.make(9, [case(1)], [of(lot("whey"), 5)])
    s.ship(10, of(CHEESE, 5))
    genealogy = recorded(database, s.record, "default")
    assert readiness(genealogy).share == 1
    s.ship(10, of(lot("whey"), 2))
    found = readiness(recorded(database, s.record, "second"))
    assert (found.shipped, found.ready) == (2, 1)
    assert {one.kind for one in found.costs} == {"unknown_contents"}


def test_trap_18_a_gap_of_a_crate_is_none_of_what_it_holds_later(database: Database) -> None:
    s = Story()
    s.receive(6, UNITS[0])
    s.unpack(7, case(1))
    s.pack(8, case(1), UNITS[0])
    s.ship(9, case(1))
    assert readiness(recorded(database, s.record, "default")).share == 1
