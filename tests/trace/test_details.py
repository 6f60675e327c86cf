"""Details of an answer's objects: as whereabouts and history say, thousands at a time."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from suyuan.errors import NotFound
from suyuan.store import Database
from suyuan.trace import (
    Genealogy,
    TracedObject,
    count_days,
    count_lots,
    history,
    trace_back,
    track_forward,
    whereabouts,
)
from tests.trace import plants
from tests.trace.story import Story, case, hour, lot, of, place, serial
from tests.trace.test_questions import recorded

CUP = serial("cup", 1)


def _details(genealogy: Genealogy, start: str, **more: Any) -> dict[str, TracedObject]:
    return {one.uri: one for one in track_forward(genealogy, [start], **more).objects(details=True)}


def _said(story: Story, database: Database, uri: str, **more: Any) -> TracedObject:
    """Give what is told of an object that came of the milk."""
    return _details(recorded(database, story.record, "default"), lot("milk"), **more)[uri]


def dairy() -> Story:
    story = Story()
    story.receive(1, of(lot("milk"), 500, "GRM"), of(lot("milk"), 2), where=place(1))
    story.make(2, [of(lot("milk"), 2)], [of(lot("cream"), 0.5), of(lot("cream"), 250, "GRM")])
    story.make(3, [of(lot("cream"), 0.5)], [CUP, serial("cup", 2)], lot_number="7")
    story.pack(4, case(1), CUP)
    story.ship(5, case(1), where=place(2), parties=(place(10), place(20)))
    story.receive(6, case(1), where=place(3), parties=(place(10), place(20)))
    return story


def test_an_object_is_told_with_its_times_and_how_much_of_it_was_made(database: Database) -> None:
    genealogy = recorded(database, dairy().record, "default")
    found = _details(genealogy, lot("milk"))
    cream, cup = found[lot("cream")], found[CUP]
    assert (cream.first_time, cream.last_time) == (hour(2), hour(3))
    assert (cream.quantity, cream.quantity_uom) == (0.75, "KGM")
    assert (cup.first_time, cup.last_time) == (hour(3), hour(4))
    assert (cup.quantity, cup.quantity_uom) == (1.0, "C62")
    (milk,) = [
        one
        for one in trace_back(genealogy, [lot("cream")]).objects(details=True)
        if one.uri == lot("milk")
    ]
    assert (milk.quantity, milk.quantity_uom) == (2500.0, "GRM")
    assert [one.quantity for one in track_forward(genealogy, [lot("milk")]).objects()] == (
        [None] * len(found)
    )


def test_goods_that_come_in_after_they_were_sent_on_are_not_counted_again(
    database: Database,
) -> None:
    story = Story()
    story.receive(1, of(lot("milk"), 6), where=place(1))
    story.ship(2, of(lot("milk"), 6), where=place(1))
    story.receive(3, of(lot("milk"), 6), where=place(2))
    story.make(4, [of(lot("milk"), 6)], [of(lot("cream"), None), of(lot("whey"), 3, "LTR")])
    story.make(5, [of(lot("milk"), 1)], [of(lot("whey"), 3)])
    genealogy = recorded(database, story.record, "default")
    (milk,) = trace_back(genealogy, [lot("cream")]).objects(details=True)
    assert milk.quantity == 6
    found = _details(genealogy, lot("milk"))
    assert [found[lot(one)].quantity for one in ("cream", "whey")] == [None, None]


def test_what_was_made_here_and_came_back_is_not_made_twice(database: Database) -> None:
    story = dairy()
    story.receive(9, of(lot("cream"), 0.25), where=place(1))
    cream = _said(story, database, lot("cream"))
    assert (cream.quantity, cream.quantity_uom) == (0.75, "KGM")


def test_where_a_container_is_opened_is_where_its_contents_are(database: Database) -> None:
    story = dairy()
    story.unpack(7, case(1))["bizLocation"] = {"id": place(4)}
    story.see(8, [case(1)], "storing", where=place(5))
    assert _said(story, database, CUP).place == place(4)


def test_of_two_events_at_one_moment_the_later_id_says_it(database: Database) -> None:
    story = dairy()
    for name, where in (("a", place(4)), ("c", place(6)), ("b", place(5))):
        story.see(8, [CUP], "storing", where=where, name=name)
    assert _said(story, database, CUP).place == place(6)


def test_whereabouts_come_through_the_container(database: Database) -> None:
    cup = _said(dairy(), database, CUP)
    assert (cup.place, cup.holder, cup.hold) == (place(3), place(20), [])


@pytest.mark.parametrize(
    ("last", "hold"),
    [
        ({"disposition": "recalled"}, ["recalled"]),
        ({"disposition": "in_progress"}, []),
        ({"step": "holding"}, ["holding"]),
        (
            {"step": "holding", "disposition": "non_sellable_other"},
            ["holding", "non_sellable_other"],
        ),
        ({"set": ["non_conformant"]}, ["non_conformant"]),
        ({"set": ["completeness_verified"]}, []),
    ],
)
def test_a_hold_is_told_by_disposition_step_and_what_persists(
    database: Database, last: dict[str, Any], hold: list[str]
) -> None:
    story = dairy()
    event = story.see(
        8, [CUP], last.get("step", "inspecting"), disposition=last.get("disposition", "")
    )
    if "set" in last:
        event["persistentDisposition"] = {"set": last["set"]}
    genealogy = recorded(database, story.record, "default")
    found = _details(genealogy, lot("milk"))
    assert found[CUP].hold == hold
    assert found[serial("cup", 2)].hold == []
    assert whereabouts(genealogy, CUP).hold == hold
    assert whereabouts(genealogy, CUP, at=hour(7)).hold == []


@pytest.mark.parametrize(
    "end",
    [
        {"persistentDisposition": {"unset": ["non_conformant"]}},
        {"persistentDisposition": {"set": ["conformant"]}},
    ],
)
def test_what_persists_outlives_other_dispositions_until_it_ends(
    database: Database, end: dict[str, Any]
) -> None:
    story = dairy()
    story.see(8, [CUP], "inspecting")["persistentDisposition"] = {"set": ["non_conformant"]}
    story.see(9, [CUP], "storing", disposition="sellable_accessible")
    genealogy = recorded(database, story.record, "default")
    assert _details(genealogy, lot("milk"))[CUP].hold == ["non_conformant"]
    story.entries[:] = []
    story.see(10, [CUP], "inspecting", name="end").update(end)
    again = recorded(database, story.record, "default")
    assert _details(again, lot("milk"))[CUP].hold == []


def test_a_hold_ends_with_the_next_disposition_and_step(database: Database) -> None:
    story = dairy()
    story.see(8, [CUP], "holding", disposition="recalled")
    story.see(9, [CUP], "storing", disposition="sellable_accessible")
    assert _said(story, database, CUP).hold == []


def test_a_lot_or_a_container_on_hold_holds_what_is_of_it_or_in_it(database: Database) -> None:
    story = dairy()
    story.see(8, [of(lot("cup", "7"), 2, None)], "inspecting", disposition="recalled")
    story.see(9, [case(1)], "holding")
    genealogy = recorded(database, story.record, "default")
    found = _details(genealogy, lot("milk"))
    assert found[CUP].hold == ["holding", "recalled"]
    assert found[serial("cup", 2)].hold == ["recalled"]
    assert whereabouts(genealogy, CUP).hold == ["holding", "recalled"]


@pytest.mark.parametrize("seed", range(6))
def test_details_are_what_whereabouts_and_history_say_of_each(
    database: Database, seed: int
) -> None:
    random = Random(seed)
    record = plants.shuffled(plants.plant(seed, random.randint(20, 50)), seed)
    genealogy = recorded(database, record, "default")
    as_of = random.choice([None, record.entries[len(record.entries) // 2].record_time])
    seen = 0
    for start in random.sample(plants.names(record), 4):
        try:
            trace = track_forward(genealogy, [start], as_of=as_of)
        except NotFound:
            continue
        for one in trace.objects(details=True):
            here = whereabouts(genealogy, one.uri, as_of=as_of)
            assert (one.place, one.holder, one.hold) == (here.place, here.holder, here.hold)
            own = [e for e in history(genealogy, one.uri, as_of=as_of) if one.uri in e.through]
            times = [event.event_time for event in own]
            assert (one.first_time, one.last_time) == (
                min(times, default=None),
                max(times, default=None),
            )
            seen += 1
    assert seen or seed


def test_an_answer_is_counted_by_lot_and_by_day_each_object_once(database: Database) -> None:
    story = dairy()
    story.make(30, [of(lot("cream"), 0.1)], [of(lot("butter"), 3, None)])
    genealogy = recorded(database, story.record, "default")
    trace = track_forward(genealogy, [lot("milk")])
    lots = {one.lot: one for one in count_lots(trace)}
    assert {uri: (one.certain, one.possible) for uri, one in lots.items()} == {
        lot("cream"): (1, 0),
        lot("cup", "7"): (2 + (lot("cup", "7") in {o.uri for o in trace.objects()}), 0),
        lot("butter"): (1, 0),
    }
    assert (lots[lot("butter")].quantity, lots[lot("butter")].quantity_uom) == (3, "C62")
    days = count_days(trace)
    moments = Counter(one.moment and one.moment.date() for one in trace.objects())
    assert {one.day: one.certain + one.possible for one in days} == moments
    assert [one.day for one in days] == [hour(0).date(), (hour(0) + timedelta(days=1)).date()]
    assert sum(one.certain + one.possible for one in lots.values()) == trace.count
