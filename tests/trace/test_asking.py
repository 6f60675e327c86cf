"""How a question begins: what is looked up, what is remembered, and what makes that stale."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from suyuan.errors import InvalidInput, NotFound
from suyuan.event import read_json
from suyuan.journal import Journal, capture_master_data
from suyuan.store import Database
from suyuan.trace import Genealogy, head_of, trace_back
from suyuan.trace._name_book import NameBook, book_in

_PRODUCT = "https://id.gs1.org/01/09521234123453"
_NAME = "urn:epcglobal:cbv:mda#name"


def _made(taken: str, given: str) -> dict[str, object]:
    return {
        "type": "TransformationEvent",
        "eventTime": "2026-03-01T08:00:00Z",
        "eventTimeZoneOffset": "+08:00",
        "inputQuantityList": [{"epcClass": f"{_PRODUCT}/10/{taken}", "quantity": 1, "uom": "KGM"}],
        "outputQuantityList": [{"epcClass": f"{_PRODUCT}/10/{given}", "quantity": 1, "uom": "KGM"}],
    }


@pytest.fixture
def journal(database: Database) -> Journal:
    made = Journal(database, database.make_tenant("default", base_url="https://plant.example"))
    document = read_json(msgspec.json.encode([_made("raw", "good")]))
    assert not made.capture(document.events).problems
    return made


@pytest.fixture
def genealogy(database: Database, journal: Journal) -> Genealogy:
    made = Genealogy(database, journal.tenant_id)
    made.get_ready()
    return made


def _call(genealogy: Genealogy, name: str) -> int:
    attribute = {"id": _NAME, "attribute": name}
    element: dict[str, Any] = {"id": _PRODUCT, "attributes": [attribute]}
    vocabulary = {"type": "urn:epcglobal:epcis:vtype:EPCClass", "vocabularyElementList": [element]}
    now = datetime.now(UTC)
    return capture_master_data(
        genealogy.database, genealogy.tenant_id, [vocabulary], record_time=now
    )


def _named(genealogy: Genealogy) -> str | None:
    (product,) = head_of(trace_back(genealogy, [f"{_PRODUCT}/10/good"])).products
    return product.name


def test_a_new_name_of_a_product_is_in_the_next_answer(genealogy: Genealogy) -> None:
    assert _named(genealogy) is None
    for name in ("Milk", "Fresh milk", "Milk"):
        assert _call(genealogy, name) == 1
        assert _named(genealogy) == name
    assert _call(genealogy, "Milk") == 0  # Nothing new is no new version.
    assert _named(genealogy) == "Milk"


def test_a_name_given_while_many_ask_is_never_followed_by_an_older_one(
    genealogy: Genealogy,
) -> None:
    def ask(_: int) -> list[int]:
        seen = [_named(genealogy) for _ in range(30)]
        return [int(name) for name in seen if name]

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(ask, at) for at in range(4)]
        for number in range(40):
            _call(genealogy, str(number))
        for done in asked:
            assert done.result() == sorted(done.result())
    assert _named(genealogy) == "39"


def _read_names(genealogy: Genealogy) -> dict[int, str]:
    with genealogy.database.tenant(genealogy.tenant_id) as connection:
        return dict(connection.execute("SELECT object_id, uri FROM journal.object").fetchall())


def test_names_lie_beside_the_snapshot_and_those_that_came_later_are_asked_for(
    database: Database, journal: Journal, tmp_path: Path
) -> None:
    Genealogy(database, journal.tenant_id, tmp_path).get_ready()
    genealogy = Genealogy(database, journal.tenant_id, tmp_path)
    genealogy.get_ready()
    book, before = genealogy.names.book, _read_names(genealogy)
    assert book is not None
    assert {number: book.get(number) for number in before} == before
    pool = genealogy.database._pools["suyuan_app"]
    asked = pool.get_stats()["requests_num"]
    assert genealogy.names.of(database, journal.tenant_id, before) == before
    assert pool.get_stats()["requests_num"] == asked
    document = read_json(msgspec.json.encode([_made("oil", "raw")]))
    assert not journal.capture(document.events).problems
    after = _read_names(genealogy)
    later = after.keys() - before.keys()
    assert later
    assert [book.get(number) for number in (0, -1, *later)] == [None] * (len(later) + 2)
    assert genealogy.names.of(database, journal.tenant_id, after) == after


def test_a_book_that_goes_on_from_an_earlier_one_says_what_a_new_one_says(
    genealogy: Genealogy, journal: Journal, tmp_path: Path
) -> None:
    places = [tmp_path / name for name in ("first", "whole", "grown")]
    for place in places:
        place.mkdir()
    first, whole, grown = places
    with genealogy.database.tenant(genealogy.tenant_id) as connection:
        NameBook.write(connection, genealogy.tenant_id, first, max(_read_names(genealogy)))
    document = read_json(msgspec.json.encode([_made("oil", "raw")]))
    assert not journal.capture(document.events).problems
    names = _read_names(genealogy)
    size = max(names) + 2  # The last number is nobody's.
    with genealogy.database.tenant(genealogy.tenant_id) as connection:
        NameBook.write(connection, genealogy.tenant_id, whole, size)
        NameBook.write(connection, genealogy.tenant_id, grown, size, NameBook(first))
    for place in (whole, grown):
        book = NameBook(place)
        assert {number: book.get(number) for number in range(size) if book.get(number)} == names
    (whole / "names").write_bytes(b"cut off")
    assert book_in(whole) is None
    assert book_in(tmp_path) is None


def test_a_question_about_what_is_at_hand_opens_no_transaction(genealogy: Genealogy) -> None:
    assert _named(genealogy) is None
    pool = genealogy.database._pools["suyuan_app"]
    before = pool.get_stats()["requests_num"]
    assert _named(genealogy) is None
    assert pool.get_stats()["requests_num"] - before == 1


def test_what_is_captured_is_in_the_next_answer(genealogy: Genealogy, journal: Journal) -> None:
    good = f"{_PRODUCT}/10/good"
    assert [one.uri for one in trace_back(genealogy, [good]).objects()] == [f"{_PRODUCT}/10/raw"]
    document = read_json(msgspec.json.encode([_made("older", "raw")]))
    assert not journal.capture(document.events).problems
    found = {one.uri for one in trace_back(genealogy, [good]).objects()}
    assert found == {f"{_PRODUCT}/10/raw", f"{_PRODUCT}/10/older"}


def test_a_position_that_the_journal_has_not_reached_is_refused(
    genealogy: Genealogy, journal: Journal
) -> None:
    good = f"{_PRODUCT}/10/good"
    assert trace_back(genealogy, [good], not_before=journal.position()).count == 1
    with pytest.raises(InvalidInput) as error:
        trace_back(genealogy, [good], not_before=journal.position() + 1)
    assert [one.code for one in error.value.problems] == ["trace.position_unknown"]


def test_a_key_below_the_address_of_the_plant_is_found_like_any_other(genealogy: Genealogy) -> None:
    path = "/01/09521234123453/10/good"
    for code in (f"https://plant.example{path}", f"https://id.gs1.org{path}"):
        assert trace_back(genealogy, [code]).count == 1


def test_a_product_that_no_event_names_is_not_found(genealogy: Genealogy) -> None:
    with pytest.raises(NotFound) as error:
        trace_back(genealogy, [_PRODUCT])
    assert [one.code for one in error.value.problems] == ["trace.object_unknown"]
