"""Queries over the journal give what a naive filter over the same events gives."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from suyuan.errors import InvalidInput
from suyuan.event import read_json
from suyuan.journal import (
    Journal,
    capture_master_data,
    iterate_events,
    parameters_from_json,
    parse_query,
    read_events,
    read_page,
)
from suyuan.store import Database
from tests.journal import query_oracle as oracle

EPCS = sorted(one for number in (0, 1, 2, 3, 8) for one in oracle.SPELLINGS[number])
CLASSES = sorted(one for number in (4, 5) for one in oracle.SPELLINGS[number])
PLACES = sorted(one for number in (6, 7, 8) for one in oracle.SPELLINGS[number])
STEPS = ["shipping", "receiving", "urn:epcglobal:cbv:bizstep:shipping", "https://own.example/step"]
TIMES = [
    f"2026-03-0{day}T{hour:02d}:00:00{zone}"
    for day in (1, 2)
    for hour in (0, 8)
    for zone in ("Z", "+08:00")
]
NUMBERS = ["0", "1", "1.0", "2.5", "-3", "1000", "0.001", "5e2"]
EVENTS = 150


def made_event(chance: random.Random, number: int) -> dict[str, Any]:
    """Make an event in which anything may be missing."""

    def some(make: Callable[[], Any]) -> Any:
        return make() if chance.random() < 0.5 else None

    def epcs() -> list[str]:
        return sorted(chance.sample(EPCS, chance.randint(1, 2)))

    def amounts() -> list[dict[str, Any]]:
        return [
            {"epcClass": chance.choice(CLASSES)}
            | chance.choice(
                [{}, {"quantity": chance.choice([1, 1000])}]
                + [
                    {"quantity": chance.choice([1, 2.5, 1000]), "uom": uom}
                    for uom in oracle.FACTORS
                ]
            )
        ]

    kind = chance.choice(["ObjectEvent", "AggregationEvent", "TransformationEvent"])
    event: dict[str, Any] = {
        "type": kind,
        "eventID": f"urn:uuid:00000000-0000-4000-8000-{number:012d}",
        "eventTime": chance.choice(TIMES),
        "eventTimeZoneOffset": "+00:00",
        "bizStep": some(lambda: chance.choice(STEPS)),
        "disposition": some(lambda: chance.choice(["in_transit", "active"])),
        "readPoint": some(lambda: {"id": chance.choice(PLACES)}),
        "bizLocation": some(lambda: {"id": chance.choice(PLACES)}),
        "sourceList": some(
            lambda: [
                {
                    "type": chance.choice(["owning_party", "https://ref.gs1.org/cbv/SDT-location"]),
                    "source": chance.choice(PLACES),
                }
            ]
        ),
        "sensorElementList": some(lambda: [{"sensorReport": [made_report(chance)]}]),
        "@context": [{chance.choice(["ex", "other"]): "http://ex.example/"}],
    }
    prefix = next(iter(event["@context"][0]))
    event |= made_extensions(chance, prefix)
    if kind == "ObjectEvent":
        event |= {"action": chance.choice(["ADD", "OBSERVE"]), "epcList": epcs()}
        event |= {"quantityList": some(amounts)}
        if event["action"] == "ADD":
            event["ilmd"] = some(lambda: made_extensions(chance, prefix) or None)
    elif kind == "AggregationEvent":
        event |= {"action": "ADD", "parentID": chance.choice(EPCS), "childEPCs": epcs()}
        event |= {"childQuantityList": some(amounts)}
    else:
        event |= {
            "inputEPCList": epcs(),
            "outputEPCList": epcs(),
            "inputQuantityList": some(amounts),
        }
    return {key: value for key, value in event.items() if value is not None}


def made_report(chance: random.Random) -> dict[str, Any]:
    return {
        "type": "Temperature",
        "value": chance.choice([0, 1, 273.15, 274.15, -3]),
        "uom": chance.choice(["CEL", "KEL"]),
    }


def made_extensions(chance: random.Random, prefix: str) -> dict[str, Any]:
    values = ["text", "1", 1, 2.5, True, "2026-03-01T08:00:00+08:00", "1000", ["text", 1000]]
    found: dict[str, Any] = {}
    if chance.random() < 0.6:
        found[f"{prefix}:a"] = chance.choice(values)
    if chance.random() < 0.4:
        inner = {f"{prefix}:a": chance.choice(values), f"{prefix}:c": {f"{prefix}:d": "text"}}
        found[f"{prefix}:b"] = chance.choice([inner, [inner, "text"]])
    return found


@dataclass
class Corpus:
    """Events in a journal, and the same events in a plain list."""

    database: Database
    tenant_id: int
    journal: Journal
    events: list[dict[str, Any]]

    def ask(self, parameters: dict[str, list[str]], *, page_events: int = 1_000) -> list[str]:
        query = parse_query(
            {name: tuple(values) for name, values in parameters.items()},
            namespaces={"ex": "http://ex.example/"},
        )
        found = iterate_events(self.database, self.tenant_id, query, page_events=page_events)
        return [event.event_id for event in found]


@pytest.fixture(scope="module")
def corpus(embedded_databases: Callable[[], Database]) -> Corpus:
    database = embedded_databases()
    tenant_id = database.make_tenant("default")
    journal = Journal(database, tenant_id)
    chance = random.Random(20260301)
    events = [made_event(chance, number) for number in range(EVENTS)]
    document = read_json(json.dumps(events).encode())
    assert document.is_valid, document.problems[:3]
    assert journal.capture(document.events).captured == EVENTS
    # Another tenant has the same events; nothing of it may show.
    Journal(database, database.make_tenant("other")).capture(document.events)
    return Corpus(database, tenant_id, journal, events)


def parameter(
    name: str, values: list[str], *, most: int = 2
) -> st.SearchStrategy[tuple[str, list[str]]]:
    chosen = st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True)
    return st.tuples(st.just(name), chosen)


COMPARED = ["EQ", "GT", "GE", "LT", "LE"]
SCALARS = ["text", "1", "1.0", "2.5", "true", "2026-03-01T00:00:00Z", "1000", "nothing"]
ORDERED = ["1", "2.5", "1000", "2026-03-01T00:00:00Z", "2026-02-28T00:00:00Z"]
PARAMETERS = st.one_of(
    parameter("eventType", ["ObjectEvent", "AggregationEvent", "TransactionEvent"]),
    parameter("EQ_action", ["ADD", "OBSERVE", "DELETE"]),
    parameter("EQ_bizStep", STEPS),
    parameter("EQ_disposition", ["in_transit", "urn:epcglobal:cbv:disp:active", "recalled"]),
    *(parameter(f"{op}_eventTime", TIMES, most=1) for op in ("GE", "LT")),
    *(parameter(name, EPCS + list(oracle.PATTERNS)) for name in oracle.ROLES),
    *(parameter(name, CLASSES) for name in oracle.CLASS_ROLES),
    *(parameter(f"EQ_{name}", PLACES) for name in ("readPoint", "bizLocation")),
    *(parameter(f"EQ_source_{name}", PLACES) for name in ("owning_party", "location")),
    *(parameter(f"{op}_quantity", NUMBERS, most=1) for op in COMPARED),
    *(parameter(f"{op}_quantity_{u}", NUMBERS, most=1) for op in COMPARED for u in oracle.FACTORS),
    *(
        parameter(f"{op}_value_{u}", [*NUMBERS, "273.15"], most=1)
        for op in COMPARED
        for u in ("CEL", "KEL")
    ),
    parameter("EQ_type", ["Temperature", "Mass"]),
    *(parameter(f"EQ_{scope}ex:a", SCALARS) for scope in ("", "ILMD_", "INNER_", "INNER_ILMD_")),
    *(
        parameter(f"{op}_{scope}ex:a", ORDERED, most=1)
        for op in COMPARED[1:]
        for scope in ("", "ILMD_", "INNER_", "INNER_ILMD_")
    ),
    parameter("EQ_INNER_ex:d", ["text"]),
    *(parameter(f"EXISTS_{name}", [""], most=1) for name in ("ilmd", "ex:a", "ex:b", "INNER_ex:d")),
    parameter(
        "EQ_eventID", [f"urn:uuid:00000000-0000-4000-8000-{n:012d}" for n in (0, 1, 149, 999)]
    ),
)


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(PARAMETERS, min_size=1, max_size=3, unique_by=lambda one: one[0]))
def test_a_query_gives_what_a_naive_filter_gives(corpus, parameters):
    expected = [
        event["eventID"]
        for event in corpus.events
        if all(oracle.fits(event, name, values) for name, values in parameters)
    ]
    assert corpus.ask(dict(parameters)) == expected


PAGED = [
    {},
    {"orderBy": ["eventTime"]},
    {"orderBy": ["eventTime"], "orderDirection": ["ASC"]},
    {"orderBy": ["recordTime"]},
    {"orderBy": ["quantity"]},
    {"orderBy": ["ex:a"], "orderDirection": ["ASC"]},
    {"MATCH_anyEPC": ["urn:epc:idpat:sgtin:*.*.*"], "orderBy": ["eventTime"]},
]


@pytest.mark.parametrize("parameters", PAGED, ids=str)
def test_pages_of_any_size_give_the_same_events_in_the_same_order(corpus, parameters):
    whole = corpus.ask(parameters)
    assert len(set(whole)) == len(whole) > 50
    assert corpus.ask(parameters, page_events=7) == whole


def test_events_are_ordered_by_time(corpus):
    times = {event["eventID"]: oracle.moment(event["eventTime"]) for event in corpus.events}
    found = [times[one] for one in corpus.ask({"orderBy": ["eventTime"]})]
    assert found == sorted(times.values(), reverse=True)
    ascending = corpus.ask({"orderBy": ["eventTime"], "orderDirection": ["ASC"]})
    assert [times[one] for one in ascending] == sorted(times.values())


def test_events_are_ordered_by_quantity_and_those_without_come_last(corpus):
    most = {
        event["eventID"]: max(
            (one.get("quantity", -1) for one in oracle.quantities(event)), default=-1
        )
        for event in corpus.events
    }
    found = [most[one] for one in corpus.ask({"orderBy": ["quantity"]})]
    assert found == sorted(most.values(), reverse=True)


def test_events_are_ordered_by_an_extension_field_numbers_first(corpus):
    found = corpus.ask({"orderBy": ["ex:a"], "orderDirection": ["ASC"]})
    values = {event["eventID"]: oracle.values_of(event, "ex:a")[:1] for event in corpus.events}
    numbers = [oracle.as_number(values[one][0]) for one in found if values[one]]
    plain = [number for number in numbers if number is not None]
    assert plain == sorted(plain)
    assert numbers[: len(plain)] == plain
    assert not any(values[one] for one in found[len(numbers) :])


def test_an_event_count_limit_gives_the_first_events_and_no_more(corpus):
    parameters = {"orderBy": ["eventTime"], "eventCountLimit": ["10"]}
    first = corpus.ask({"orderBy": ["eventTime"]})[:10]
    assert corpus.ask(parameters) == first
    assert corpus.ask(parameters, page_events=4) == first


def test_too_many_events_are_refused_when_the_asker_says_so(corpus):
    assert len(corpus.ask({"maxEventCount": [str(EVENTS)]})) == EVENTS
    with pytest.raises(InvalidInput) as caught:
        corpus.ask({"maxEventCount": [str(EVENTS - 1)]})
    assert caught.value.code == "query.result_too_large"


def test_pages_hold_on_to_the_position_of_the_first(journal):
    def capture(*numbers: int) -> None:
        chance = random.Random(1)
        events = [made_event(chance, number) for number in numbers]
        assert journal.capture(read_json(json.dumps(events).encode()).events).captured

    def page(mark):
        return read_page(
            journal.database, journal.tenant_id, parse_query({}), events_max=2, mark=mark
        )

    capture(1, 2, 3)
    first = page(None)
    capture(4, 5)
    second = page(first.next_mark)
    assert (first.sequences, second.sequences) == ((1, 2), (3,))
    assert second.position == 3
    assert second.next_mark is None


def test_a_page_ends_early_when_its_bodies_grow_large(corpus):
    page = read_page(
        corpus.database, corpus.tenant_id, parse_query({}), events_max=100, bytes_max=2_000
    )
    assert 0 < len(page.sequences) < 100
    assert page.next_mark is not None
    assert page.bodies_bytes <= 2_000


def test_large_answers_are_read_in_pieces(corpus):
    sequences = list(range(1, EVENTS + 1))
    found = read_events(corpus.database, corpus.tenant_id, sequences, bodies_bytes=40 * 2**20)
    assert [event.sequence for event in found] == sequences


def test_a_place_is_found_with_everything_inside_it(journal):
    def captured(number: int, place: str) -> str:
        event = made_event(random.Random(number), number) | {"readPoint": {"id": place}}
        journal.capture(read_json(json.dumps(event).encode()).events)
        return event["eventID"]

    site, hall, shelf, other = (f"urn:epc:id:sgln:0614141.0077{n}.0" for n in (1, 2, 3, 4))
    ids = {place: captured(n, place) for n, place in enumerate((site, hall, shelf, other))}
    capture_master_data(
        journal.database,
        journal.tenant_id,
        [
            {
                "type": "urn:epcglobal:epcis:vtype:ReadPoint",
                "vocabularyElementList": [
                    {
                        "id": site,
                        "children": ["https://id.gs1.org/414/0614141007721"],
                        "attributes": [{"id": "cbvmda:site", "attribute": "0614141007714"}],
                    },
                    {"id": hall, "children": [shelf, site]},
                ],
            }
        ],
        record_time=datetime.now(UTC),
    )

    def ask(**parameters: str) -> list[str]:
        query = parse_query({name: (value,) for name, value in parameters.items()})
        found = iterate_events(journal.database, journal.tenant_id, query)
        return [event.event_id for event in found]

    assert ask(WD_readPoint=hall) == [ids[site], ids[hall], ids[shelf]]
    assert ask(WD_readPoint=shelf) == [ids[shelf]]
    assert ask(EQ_readPoint=hall) == [ids[hall]]
    assert ask(HASATTR_readPoint="site") == [ids[site]]
    assert ask(**{"EQATTR_readPoint_cbvmda:site": "0614141007714"}) == [ids[site]]
    assert ask(**{"EQ_ATTR_readPoint_site": "other"}) == []


def test_every_problem_of_a_query_is_told_at_once():
    wrong = {
        "EQ_bisStep": ("shipping",),
        "EQ_bizStep": ("shiping",),
        "GE_eventTime": ("yesterday",),
        "EQ_action": ("CREATE",),
        "MATCH_epc": ("urn:epc:id:sgtin:nonsense", "no uri at all"),
        "EQ_value_QQQ": ("1",),
        "GE_ex:a": ("text",),
        "eventCountLimit": ("0",),
        "orderDirection": ("UP",),
        "EQ_stringValue": ("\x00",),
        "": ("1",),
    }
    with pytest.raises(InvalidInput) as caught:
        parse_query(wrong)
    named = {problem.where.split(",")[0] for problem in caught.value.problems}
    assert named == set(wrong)
    assert all(problem.text("zh") != problem.code for problem in caught.value.problems)


def test_a_limit_needs_an_order_and_excludes_the_other_limit():
    with pytest.raises(InvalidInput) as caught:
        parse_query({"eventCountLimit": ("1",), "maxEventCount": ("1",)})
    codes = {problem.code for problem in caught.value.problems}
    assert codes == {"query.limits_exclusive", "query.limit_without_order"}


def test_a_query_in_json_means_the_same_as_in_text():
    text = {"eventType": ("ObjectEvent",), "EQ_quantity": ("1", "2.5"), "EXISTS_ilmd": ("",)}
    in_json = {"eventType": ["ObjectEvent"], "EQ_quantity": [1, 2.5], "EXISTS_ilmd": None}
    assert parse_query(parameters_from_json(in_json)) == parse_query(text)


def test_an_object_is_no_value_of_a_query():
    with pytest.raises(InvalidInput) as caught:
        parameters_from_json({"EQ_bizStep": [{"a": 1}], "@context": {"ex": "http://ex.example/"}})
    assert caught.value.code == "query.value_wrong"
