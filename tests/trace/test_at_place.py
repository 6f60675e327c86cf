"""What is at a place: exactly what `whereabouts` puts there, with quantities, parts and status."""

from __future__ import annotations

import csv
import io
import time
from collections import Counter
from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest

from suyuan.errors import InvalidInput, NotFound
from suyuan.event import read_json
from suyuan.identifier import parse
from suyuan.journal import Journal, capture_master_data
from suyuan.store import Database
from suyuan.trace import (
    Genealogy,
    Presence,
    at_place,
    export_at_place,
    mentions,
    whereabouts,
)
from suyuan.trace._names import uris_of
from suyuan.trace._presence import Present, present_now
from suyuan.trace._stays import LONG_AGO
from tests.trace import plants
from tests.trace.facts import Record
from tests.trace.story import Story, case, hour, lot, of, place, serial
from tests.trace.test_questions import recorded

_SITE, _DOCK, _STORE, _SHOP = place(1), place(2), place(3), place(20)
_CUPS = [serial("cup", number) for number in range(1, 7)]


def _dairy() -> Story:
    """Milk came, and half of it became six cups; four stand in the store, on a pallet or not."""
    story = Story()
    story.receive(1, of(lot("milk"), 10), where=_DOCK, disposition="in_progress")
    story.make(2, [of(lot("milk"), 5)], _CUPS, lot_number="7")
    story.see(3, _CUPS, "storing", where=_STORE, disposition="sellable_accessible")
    story.see(4, [of(lot("milk"))], "storing", where=_DOCK)
    story.pack(5, case(1), _CUPS[0], _CUPS[1])
    story.see(6, [case(1)], "storing", where=_DOCK)
    story.ship(7, _CUPS[2], where=_STORE, parties=(_SITE, _SHOP))
    story.scrap(8, _CUPS[3], where=_STORE)
    story.see(9, [_CUPS[4]], "holding", where=_STORE, disposition="non_conformant")
    return story


@pytest.fixture
def genealogy(database: Database) -> Genealogy:
    return recorded(database, _dairy().record, "default")


def _places(database: Database, tenant_id: int) -> None:
    """Say in the master data that dock and store are of one site."""
    part_of = "https://ns.suyuan.dev/plant/partOf"
    elements = [
        {"id": one, "attributes": [{"id": part_of, "attribute": _SITE}]} for one in (_DOCK, _STORE)
    ]
    vocabulary = {
        "type": "urn:epcglobal:epcis:vtype:BusinessLocation",
        "vocabularyElementList": elements,
    }
    capture_master_data(database, tenant_id, [vocabulary], record_time=datetime.now(UTC))


def test_a_place_says_by_product_lot_and_status_what_is_there(genealogy: Genealogy) -> None:
    found = at_place(genealogy, _STORE)
    assert (found.objects, found.units, found.lots, found.on_the_way) == (2, 2, 0, 1)
    assert (found.destroyed, found.sold, found.held) == (1, 0, 1)
    told = [(row.status, row.objects, row.is_held, row.since) for row in found.rows]
    assert sorted(told) == [
        ("here", 1, False, hour(3)),
        ("here", 1, True, hour(3)),
        ("on_the_way", 1, False, hour(3)),
    ]
    dock = at_place(genealogy, _DOCK)
    [milk] = [row for row in dock.rows if row.is_lot]
    assert (milk.quantity, milk.uom, milk.since, milk.last) == (5, "KGM", hour(1), hour(4))
    assert (dock.units, dock.containers, dock.lots) == (2, 1, 1)
    things = [one for row in dock.rows for one in row.things]  # What no product lists.
    assert [len(row.things) for row in dock.rows if row.product] == [0] * (len(dock.rows) - 1)
    assert [parse(one).kind for one in things] == ["sscc"]
    [product] = [one for one in dock.products if one.lots]
    assert [(one.quantity, one.uom) for one in product.quantities] == [(5, "KGM")]


def test_a_site_counts_what_is_in_its_parts_and_what_happened_there(
    genealogy: Genealogy,
) -> None:
    with pytest.raises(NotFound):
        at_place(genealogy, place(99))
    _places(genealogy.database, genealogy.tenant_id)
    site = at_place(genealogy, _SITE)
    parts = {one.place: one.objects for one in site.parts}
    assert parts == {_DOCK: 4, _STORE: 2}
    assert (site.objects, site.units, site.part_of) == (6, 4, None)
    assert at_place(genealogy, _DOCK).part_of == _SITE
    told = mentions(genealogy, _SITE)
    assert (told.parts, told.count) == (2, 7)
    assert {one.seen.business_location for one in told.events} == {_DOCK, _STORE}


def test_a_key_with_an_extension_is_a_part_of_the_one_without(database: Database) -> None:
    site = "https://id.gs1.org/414/9521234000013"
    story = Story()
    story.commission(1, *_CUPS, where=f"{site}/254/A1")
    genealogy = recorded(database, story.record, "default")
    _name(database, genealogy.tenant_id, site)
    found = at_place(genealogy, site)
    assert [(one.place, one.units) for one in found.parts] == [(f"{site}/254/A1", 6)]


def _name(database: Database, tenant_id: int, uri: str) -> None:
    vocabulary = {
        "type": "urn:epcglobal:epcis:vtype:BusinessLocation",
        "vocabularyElementList": [{"id": uri, "attributes": []}],
    }
    capture_master_data(database, tenant_id, [vocabulary], record_time=datetime.now(UTC))


def test_of_a_lot_each_place_has_what_its_books_say(database: Database) -> None:
    """Half of it went to a shop that received it; a part of the rest moved within the house."""
    story = Story()
    milk = lot("milk")
    story.commission(1, of(milk, 10), where=_DOCK)
    story.see(2, [of(milk, 10)], "storing", where=_STORE)
    story.ship(3, of(milk, 4), where=_STORE, parties=(_SITE, _SHOP))
    genealogy = recorded(database, story.record, "default")
    assert _milk(genealogy, _STORE) == [("here", 6), ("on_the_way", 4)]
    story = Story()
    story.receive(4, of(milk, 3), where=_SHOP, parties=(_SITE, _SHOP), name="received")
    _tell_more(genealogy, story)
    _places(database, genealogy.tenant_id)
    assert _milk(genealogy, _SHOP) == [("here", 3)]
    assert _milk(genealogy, _STORE) == [("here", 6)]
    assert _milk(genealogy, _DOCK) == []


def test_what_is_seen_under_way_was_not_taken_from_where_the_rest_is(database: Database) -> None:
    story, milk, lorry = Story(), lot("milk"), place(77)
    story.commission(1, of(milk, 10), where=_STORE)
    story.ship(2, of(milk, 4), where=_STORE, parties=(_SITE, _SHOP))
    story.see(3, [of(milk, 4)], "transporting", where=lorry)
    genealogy = recorded(database, story.record, "default")
    assert _milk(genealogy, _STORE) == [("here", 6)]
    assert _milk(genealogy, lorry) == [("on_the_way", 4)]


def _milk(genealogy: Genealogy, uri: str) -> list[tuple[str, float | None]]:
    return sorted((row.status, row.quantity) for row in at_place(genealogy, uri).rows)


def _tell_more(genealogy: Genealogy, story: Story) -> None:
    journal = Journal(genealogy.database, genealogy.tenant_id)
    for entry in story.record.entries:
        assert not journal.capture(read_json(msgspec.json.encode([entry.event])).events).problems


def test_goods_are_no_place(genealogy: Genealogy) -> None:
    for code in (lot("milk"), serial("cup", 1)):
        with pytest.raises(InvalidInput) as refused:
            at_place(genealogy, code)
        assert [one.code for one in refused.value.problems] == ["trace.not_a_place"]


def test_what_was_known_earlier_is_told_as_of_then(genealogy: Genealogy) -> None:
    found = at_place(genealogy, _STORE, as_of=hour(3.5))
    assert (found.units, found.on_the_way, found.destroyed) == (6, 0, 0)


def test_the_table_has_a_line_for_each_row(genealogy: Genealogy) -> None:
    found = at_place(genealogy, _STORE)
    text = b"".join(export_at_place(found, "csv")).decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert len(lines) == found.row_count
    assert Counter(one["on_hold"] for one in lines) == {"no": 2, "yes": 1}


@pytest.mark.parametrize("seed", range(8))
def test_a_place_has_what_whereabouts_puts_there_whoever_keeps_count(
    database: Database, seed: int
) -> None:
    record = plants.plant(seed, 50)
    genealogy = recorded(database, record, f"seed-{seed}")
    presence = Presence()
    told = _kept(genealogy, presence)
    with database.tenant(genealogy.tenant_id, read_only=True) as connection:
        numbers = {*told.objects.tolist(), *told.places.tolist()}
        uris = uris_of(connection, genealogy.tenant_id, numbers)
    places = {uris[one] for one in told.places.tolist() if one}
    assert places
    for number, at, last in zip(
        told.objects.tolist(), told.places.tolist(), told.last.tolist(), strict=True
    ):
        if last != LONG_AGO:
            assert uris.get(at) == whereabouts(genealogy, uris[number]).place, uris[number]
    for place_there in sorted(places):
        kept = at_place(genealogy, place_there, presence=presence)
        assert kept == at_place(genealogy, place_there)
        alone = Genealogy(database, genealogy.tenant_id, source="sql")
        assert kept == at_place(alone, place_there)


@pytest.mark.parametrize("seed", range(6))
def test_what_is_kept_is_caught_up_event_by_event(database: Database, seed: int) -> None:
    """Late events, corrections, containers that are emptied: all that a plant may do."""
    record = plants.plant(seed + 100, 40)
    entries = sorted(record.entries, key=lambda entry: entry.record_time)
    half = len(entries) // 2
    genealogy = recorded(database, Record(entries[:half]), f"caught-{seed}")
    presence = Presence()
    _kept(genealogy, presence)
    clock = [entries[half].record_time]
    journal = Journal(database, genealogy.tenant_id, now=lambda: clock[0])
    for entry in entries[half:]:
        clock[0] = entry.record_time
        journal.capture(read_json(msgspec.json.encode([entry.event])).events)
        kept = _kept(genealogy, presence)
        with database.tenant(genealogy.tenant_id, read_only=True) as connection:
            known = genealogy.known(connection)
            fresh, _ = present_now(connection, genealogy.tenant_id, known, kept.objects)
        for column, worked_out in zip(kept, fresh, strict=True):
            assert column.tolist() == worked_out.tolist()


def _kept(genealogy: Genealogy, presence: Presence) -> Present:
    """Give all that is kept, once it is."""
    while True:
        with genealogy.database.tenant(genealogy.tenant_id, read_only=True) as connection:
            known = genealogy.known(connection)
            everywhere = np.arange(len(known.facts.classes))
            found = presence.at(genealogy, connection, known, everywhere)
        if found is not None:
            return found[0]
        time.sleep(0.005)
