"""The worked examples of the EPCIS implementation guideline, held against its tables.

What is expected was worked out by hand from the texts in the boxes ("Withdraw first set of
cans: GTIN Q, Lot 999, 30 units") and from the numbers on the arrows. Read where they stand:
`guideline-designs` in the conformance data, Tables 4-7 to 5-14.
"""

from __future__ import annotations

import pytest

from suyuan.store import Database
from suyuan.trace import Genealogy, history, trace_back, track_forward, whereabouts
from suyuan.trace._portions import Balance
from tests.conformance import conformance_dir
from tests.trace.documents import at, carried, inside, reached, record_events, steps
from tests.trace.guideline import events_of_design, gln, sscc

DESIGNS = conformance_dir("guideline-designs")


def drawn(database: Database, table: str) -> Genealogy:
    (file,) = DESIGNS.glob(f"*from Table {table}.json")
    return record_events(database, events_of_design(file))


def on(day: str, clock: str) -> str:
    return f"{day}T{clock}+01:00"


# Table 4-7: a pallet label, a case label, the case onto the pallet, the pallet goes.
def test_a_case_goes_where_its_pallet_goes(database: Database) -> None:
    genealogy = drawn(database, "4-7")
    case, pallet = "https://id.gs1.org/01/09521568256452/21/200", sscc("9521141", "123456789")
    assert steps(genealogy, case) == [
        (at(on("2024-03-22", "13:47:10")), "commissioning"),
        (at(on("2024-03-22", "13:47:13")), "packing"),
        (at(on("2024-03-22", "13:47:16")), "shipping"),
    ]
    through = [set(one.through) for one in history(genealogy, case)]
    assert through == [{case}, {case, pallet}, {pallet}]
    here = whereabouts(genealogy, case)
    assert (here.place, here.containers) == (gln("9521141456123"), [pallet])
    assert here.holder == gln("9521141111116")  # Until it is received, whose it was.


# Table 5-3: five cases packed, shipped, received; two unpacked, then the rest, unnamed.
_CASE = "https://id.gs1.org/01/09521568256452/21/20"
_STOOD_ON_THE_PALLET = [
    # Between the events, and at each: both ends of a stay belong to it.
    ("14:05:42", ""),
    ("14:05:43", "01234"),  # V1
    ("14:07:45", "01234"),  # V2
    ("14:10:45", "01234"),  # V3
    ("14:11:47", "01234"),  # V4, at which two leave
    ("14:11:48", "234"),
    ("14:13:31", "234"),  # V5, at which the rest leaves
    ("14:13:32", ""),
]


def test_a_pallet_holds_what_was_packed_and_not_yet_unpacked(database: Database) -> None:
    genealogy = drawn(database, "5-3")
    pallet = sscc("9521568", "200")
    for clock, cases in _STOOD_ON_THE_PALLET:
        found = inside(genealogy, pallet, on("2024-03-22", clock))
        assert found == {_CASE + case: (pallet, 1.0) for case in cases}, clock


def test_a_case_leaves_the_story_of_its_pallet_when_it_is_unpacked(database: Database) -> None:
    genealogy = drawn(database, "5-3")
    until_unpacked = ["packing", "shipping", "receiving", "unpacking"]
    for case in "01":
        assert [step for _, step in steps(genealogy, _CASE + case)] == until_unpacked
    for case in "234":  # V5 names no case, and takes the pallet for all that is left.
        found = steps(genealogy, _CASE + case)
        assert [step for _, step in found] == [*until_unpacked[:3], "unpacking", "unpacking"]
    assert whereabouts(genealogy, _CASE + "4").containers == []
    assert carried(track_forward(genealogy, [_CASE + "0"])) == {sscc("9521568", "200"): 1}


# Table 5-4: items 1 to 5, 6 to 10 and 11 to 15 into cases 101 to 103, these onto pallet 1001.
def test_a_pallet_of_two_levels_holds_cases_and_items(database: Database) -> None:
    genealogy = drawn(database, "5-4")
    pallet, case = sscc("9521141", "1001"), "https://id.gs1.org/01/09521568256452/21/10"
    item = "https://id.gs1.org/01/09521568336451/21/"
    table = {"1": (1, 2, 3, 4, 5), "2": (6, 7, 8, 9, 10), "3": (11, 12, 13, 14, 15)}
    expected = {f"{item}{number}": (case + one, 1.0) for one in table for number in table[one]}
    expected |= {case + one: (pallet, 1.0) for one in table}
    assert inside(genealogy, pallet, on("2024-03-18", "18:35:31")) == expected
    assert whereabouts(genealogy, f"{item}7").containers == [f"{case}2", pallet]
    before = inside(genealogy, f"{case}2", on("2024-03-18", "17:38:39"))
    assert set(before) == {f"{item}{number}" for number in table["2"]}
    assert carried(track_forward(genealogy, [f"{item}7"])) == {f"{case}2": 1, pallet: 1}


# Table 5-6: manufacturer M ships to hospital H goods that a distributor owns.
def test_a_drop_shipment_tells_owner_and_holder_apart(database: Database) -> None:
    genealogy = drawn(database, "5-6")
    shipped, arrived = history(genealogy, sscc("9521141", "200"))
    manufacturer, hospital = gln("9521141100000"), gln("9522920200100")
    for seen in (shipped, arrived):
        assert {one.type: one.source for one in seen.sources} == {
            "owning_party": manufacturer,
            "possessing_party": manufacturer,
            "location": gln("9521141456123"),
        }
        assert {one.type: one.destination for one in seen.destinations} == {
            "owning_party": gln("9522920200199"),
            "possessing_party": hospital,
            "location": gln("9522999100300"),
        }
    here = whereabouts(genealogy, sscc("9521141", "200"), at=shipped.event_time)
    assert here.holder == manufacturer


# Table 5-7: twenty made, ten shipped, ten more shipped, some received; all by lot alone.
def test_a_lot_by_quantity_has_a_story_without_instances(database: Database) -> None:
    genealogy = drawn(database, "5-7")
    lot = "https://id.gs1.org/01/09521568256452/10/12"
    assert sorted(steps(genealogy, lot)) == [
        (at(on("2023-07-15", "10:00:00")), "creating_class_instance"),
        (at(on("2023-07-16", "10:00:00")), "receiving"),
        (at(on("2023-07-16", "10:00:00")), "shipping"),
        (at(on("2023-07-17", "10:00:00")), "shipping"),
    ]
    forward = track_forward(genealogy, [lot], portions=True)
    assert (reached(forward), carried(forward)) == ({}, {})


# Tables 5-8 and 5-9: lots by quantity on a pallet, once with three instances beside them.
_PALLET = sscc("9521141", "200")
_GTINS = ("09521568251204", "09521568251211", "09521568251228")
_LOADS = [
    ("5-8", "16:19:57", "16:22:31", {f"{_GTINS[0]}/10/12": 10.0, f"{_GTINS[1]}/10/52": 20.0}),
    (
        "5-9",
        "16:35:20",
        "16:37:49",
        {
            **dict.fromkeys([f"{_GTINS[0]}/21/{serial}" for serial in (101, 102, 103)], 1.0),
            f"{_GTINS[1]}/10/12": 10.0,
            f"{_GTINS[2]}/10/52": 20.0,
        },
    ),
]


@pytest.mark.parametrize(("table", "packed", "received", "load"), _LOADS)
def test_lots_travel_on_a_pallet_by_quantity(
    database: Database, table: str, packed: str, received: str, load: dict[str, float]
) -> None:
    genealogy = drawn(database, table)
    uris = {f"https://id.gs1.org/01/{end}": quantity for end, quantity in load.items()}
    for clock in (packed, received):
        found = inside(genealogy, _PALLET, on("2024-03-22", clock))
        assert found == {uri: (_PALLET, quantity) for uri, quantity in uris.items()}
    for uri in uris:
        here = whereabouts(genealogy, uri)
        assert (here.place, here.containers) == (gln("9521141321901"), [_PALLET])
        assert here.holder == gln("9521141321999")
        assert [step for _, step in steps(genealogy, uri)] == ["packing", "shipping", "receiving"]
        # What else is on the pallet is not affected.
        forward = track_forward(genealogy, [uri])
        assert (reached(forward), carried(forward)) == ({}, {_PALLET: 1})
    since = ("certain", at(on("2024-03-22", packed)))
    assert reached(track_forward(genealogy, [_PALLET])) == dict.fromkeys(uris, since)


# Table 5-10: one instance made, shipped, received.
def test_an_instance_is_where_it_was_received(database: Database) -> None:
    genealogy = drawn(database, "5-10")
    instance = "https://id.gs1.org/01/09521568251228/21/100"
    places = [
        ("16:50:09", "9521141000100", "active"),
        ("16:51:57", "9521141456123", "in_transit"),
        ("16:52:41", "9522565856417", "in_progress"),
    ]
    for clock, place, disposition in places:
        here = whereabouts(genealogy, instance, at=at(on("2024-03-22", clock)))
        assert here.place == gln(place)
        assert (here.disposition or "").rpartition("Disp-")[2] == disposition


_TUNA = "https://id.gs1.org/01/09521568251204/21/"
_OIL = "https://id.gs1.org/01/09521568251211/10/12"
_CAN = "https://id.gs1.org/01/09521568251228"
_TINNED = "https://id.gs1.org/01/09521568251235/10/999"


# Table 5-12: tuna 10, 45 and 97, ten litres of lot 12, a hundred cans make a hundred of lot 999.
def test_tinned_tuna_comes_from_all_that_went_in(database: Database) -> None:
    genealogy = drawn(database, "5-12")
    made = at(on("2024-03-19", "15:39:19"))
    ingredients = [f"{_TUNA}10", f"{_TUNA}45", f"{_TUNA}97", _OIL, _CAN]
    back = trace_back(genealogy, [_TINNED], portions=True)
    assert reached(back) == dict.fromkeys(ingredients, ("certain", made))
    assert {one.uri: (one.portion, one.uom) for one in back.objects()} == {
        **dict.fromkeys(ingredients[:3], (1.0, "C62")),
        _OIL: (10.0, "LTR"),
        _CAN: (100.0, "C62"),
    }
    for one in ingredients:
        assert reached(track_forward(genealogy, [one])) == {_TINNED: ("certain", made)}
    after = track_forward(genealogy, [f"{_TUNA}97"], since=at(on("2024-03-19", "15:39:20")))
    assert reached(after) == {}


# Table 5-13: the same in one transformation of three events, thirty cans of it shipped before
# tuna 97 goes in.
_FIRST, _WITHDRAWN = on("2024-03-22", "17:09:03"), on("2024-03-22", "17:19:04")
_SHIPPED, _LAST = on("2024-03-22", "17:20:49"), on("2024-03-22", "17:23:25")


def test_what_goes_in_late_is_not_in_what_came_out_before(database: Database) -> None:
    genealogy = drawn(database, "5-13")
    moments = {f"{_TUNA}10": _WITHDRAWN, f"{_TUNA}45": _WITHDRAWN, f"{_TUNA}97": _LAST}
    for one, moment in (moments | {_OIL: _WITHDRAWN, _CAN: _WITHDRAWN}).items():
        assert reached(track_forward(genealogy, [one])) == {_TINNED: ("certain", at(moment))}
    back = trace_back(genealogy, [_TINNED])
    gone_in = dict.fromkeys([f"{_TUNA}97", _OIL, _CAN], ("certain", at(_LAST)))
    gone_in |= dict.fromkeys([f"{_TUNA}10", f"{_TUNA}45"], ("certain", at(_FIRST)))
    assert reached(back) == gone_in
    # What was shipped holds what had gone in by then.
    then = trace_back(genealogy, [_TINNED], until=at(_SHIPPED))
    first = [f"{_TUNA}10", f"{_TUNA}45", _OIL, _CAN]
    assert reached(then) == dict.fromkeys(first, ("certain", at(_FIRST)))


def test_cans_shipped_first_hold_none_of_what_went_in_later(database: Database) -> None:
    genealogy = drawn(database, "5-13")
    late = track_forward(genealogy, [f"{_TUNA}97"], portions=True).portions
    assert late is not None
    assert late.amounts.tolist() == [1.0]
    assert late.balance == Balance(whole=1, in_stock=1, shipped=0, scrapped=0, unexplained=0)
    # How much the thirty took of the rest the table does not say: more was still to come.
    for one in (f"{_TUNA}10", f"{_TUNA}45", _OIL, _CAN):
        early = track_forward(genealogy, [one], portions=True)
        assert [one.portion for one in early.objects()] == ["unknown"]


# Table 5-14: a coupon is issued and redeemed.
def test_a_redeemed_coupon_is_inactive_and_led_nowhere(database: Database) -> None:
    genealogy = drawn(database, "5-14")
    coupon = "https://id.gs1.org/255/952114100000762544"
    assert [step for _, step in steps(genealogy, coupon)] == ["commissioning", "decommissioning"]
    assert (whereabouts(genealogy, coupon).disposition or "").endswith("Disp-inactive")
    assert reached(track_forward(genealogy, [coupon])) == {}
