"""Dates in the data of instances and lots: when they pass, whose they are, and what is past."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from suyuan.store import Database
from suyuan.trace import Dates, Genealogy, GoodUntil, Presence, expired, good_until_of
from suyuan.trace._dates import dates_said
from tests.trace.story import Element, Story, hour, lot, of, place, serial
from tests.trace.test_questions import recorded

_STORE, _SHOP, _SITE = place(3), place(20), place(1)
_CUPS = [serial("cup", number) for number in range(1, 4)]


@pytest.mark.parametrize(
    ("value", "offset", "ends"),
    [
        ("2026-03-31", "+08:00", datetime(2026, 3, 31, 16, tzinfo=UTC)),
        ("2026-03-31", "-05:00", datetime(2026, 4, 1, 5, tzinfo=UTC)),
        ("2026-03-31", None, datetime(2026, 4, 1, tzinfo=UTC)),
        ("2026-03-31T12:00:00Z", "+08:00", datetime(2026, 3, 31, 12, tzinfo=UTC)),
        ("2026-03-31T12:00:00", "+08:00", datetime(2026, 3, 31, 4, tzinfo=UTC)),
        ("soon", "+08:00", None),
        ("9999-12-31", "+00:00", None),
        (20260331, "+08:00", None),
    ],
)
def test_a_day_has_passed_at_its_midnight_where_it_was_said(
    value: object, offset: object, ends: datetime | None
) -> None:
    body = {"ilmd": {"cbvmda:itemExpirationDate": value}, "eventTimeZoneOffset": offset}
    found = [one.ends for one in dates_said(json.dumps(body))]
    assert found == ([] if ends is None else [ends])


def test_each_word_of_the_standard_has_a_meaning_under_any_name() -> None:
    names = ("cbvmda:sellByDate", "urn:epcglobal:cbv:mda#bestBeforeDate", "itemExpirationDate")
    body = {"ilmd": dict.fromkeys(names, "2026-03-31")}
    assert [one.kind for one in dates_said(json.dumps(body))] == [
        *("sell_by", "best_before", "expiry")
    ]
    assert dates_said('{"ilmd": ["itemExpirationDate"]}') == []


def _make(story: Story, at: int, things: list[str], ilmd: Element) -> None:
    event = {
        "epcList": things,
        "action": "ADD",
        "bizStep": "commissioning",
        "bizLocation": {"id": _STORE},
        "ilmd": ilmd,
    }
    story.tell("ObjectEvent", at, event)


@pytest.fixture
def genealogy(database: Database) -> Genealogy:
    """Give three cups of a lot, one with a date of its own, one shipped; and milk by quantity."""
    story = Story()
    word = "cbvmda:itemExpirationDate"
    _make(story, 1, _CUPS[:1], {"cbvmda:lotNumber": "7", "cbvmda:bestBeforeDate": "2026-03-05"})
    _make(story, 2, _CUPS[1:2], {"cbvmda:lotNumber": "7", word: "2026-03-10"})
    _make(story, 2, _CUPS[2:], {"cbvmda:lotNumber": "7"})
    story.tell(
        "ObjectEvent",
        3,
        {
            "quantityList": [of(lot("milk"), 10)],
            "action": "ADD",
            "bizStep": "commissioning",
            "bizLocation": {"id": _STORE},
            "ilmd": {word: "2026-03-04"},
        },
    )
    story.ship(4, of(lot("milk"), 4), where=_STORE, parties=(_SITE, _SHOP))
    story.ship(5, _CUPS[2], where=_STORE, parties=(_SITE, _SHOP))
    return recorded(database, story.record, "default")


def test_an_instance_has_dates_of_its_own_or_those_of_its_lot(genealogy: Genealogy) -> None:
    told = {cup: _dates(genealogy, cup) for cup in _CUPS}
    assert [(one.kind, one.of) for one in told[_CUPS[0]]] == [
        ("best_before", "itself"),
        ("expiry", "lot"),
    ]
    assert [(one.kind, one.day, one.is_past) for one in told[_CUPS[1]]] == [
        ("best_before", "2026-03-05", True),
        ("expiry", "2026-03-10", False),
    ]
    assert {one.of for one in told[_CUPS[2]]} == {"lot"}


def _dates(genealogy: Genealogy, uri: str) -> list[GoodUntil]:
    of_lot = lot("cup", "7")
    return good_until_of(genealogy, uri, of_lot, position=99, now=hour(6 * 24))


def test_what_is_past_its_date_and_in_house_is_listed(genealogy: Genealogy) -> None:
    presence, dates = Presence(), Dates()
    early = expired(genealogy, presence, dates, now=hour(1))
    assert (early.objects, early.rows) == (0, [])
    found = expired(genealogy, presence, dates, now=hour(6 * 24), ours=[_STORE])
    assert [(one.kind, one.objects, one.quantity, one.place) for one in found.rows] == [
        ("expiry", 1, 6, _STORE),
        ("best_before", 2, None, _STORE),
    ]
    assert found.objects == 3
    everywhere = expired(genealogy, presence, dates, now=hour(6 * 24), is_everywhere=True)
    assert everywhere.objects == 4
