"""What is taken out of an event, and the rules that it must keep, each with its pointer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.errors import Problem
from suyuan.event import Action, Event, EventType, Role, _check_objects, event_hash
from suyuan.event._validate import make_event
from tests.event.strategies import FULL

EPC = "urn:epc:id:sgtin:4012345.011111.1"
EPC_URI = "https://id.gs1.org/01/04012345111118/21/1"
LOT = "urn:epc:class:lgtin:4012345.011111.L1"
LOT_URI = "https://id.gs1.org/01/04012345111118/10/L1"
PALLET = "urn:epc:id:sscc:4012345.0000000333"
PALLET_URI = "https://id.gs1.org/00/040123450000003338"


def body(name: str = "ObjectEvent", **fields: Any) -> dict[str, Any]:
    start = {
        "type": name,
        "eventTime": "2026-03-01T08:00:00.5+08:00",
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "epcList": [EPC],
    }
    return {key: value for key, value in {**start, **fields}.items() if value is not None}


def event(name: str = "ObjectEvent", **fields: Any) -> Event:
    problems: list[Problem] = []
    made = make_event(body(name, **fields), problems=problems)
    assert problems == []
    assert made is not None
    return made


def faults(name: str = "ObjectEvent", **fields: Any) -> list[tuple[str, str]]:
    problems: list[Problem] = []
    made = make_event(body(name, **fields), problems=problems, pointer="/7")
    assert (made is None) == bool(problems)
    for problem in problems:
        assert problem.rule
        assert problem.expected
        assert "{" not in problem.text("en") + problem.text("zh")
    return [(problem.where, problem.code) for problem in problems]


# -- what is taken out -----------------------------------------------------------------------


def test_what_everyone_asks_of_an_event_is_taken_out() -> None:
    made = event(
        eventID="urn:x:1",
        action="ADD",
        bizStep="urn:epcglobal:cbv:bizstep:commissioning",
        disposition="https://ref.gs1.org/cbv/Disp-active",
    )
    assert made.event_type is EventType.OBJECT
    assert made.event_time == 1_772_323_200_500_000
    assert made.event_time_zone_offset == "+08:00"
    assert made.event_id == "urn:x:1"
    assert made.action is Action.ADD
    assert made.business_step == "https://ref.gs1.org/cbv/BizStep-commissioning"
    assert made.disposition == "https://ref.gs1.org/cbv/Disp-active"
    assert not made.is_error_declaration
    assert made.body["bizStep"] == "urn:epcglobal:cbv:bizstep:commissioning"
    declared = {"declarationTime": "2026-03-02T08:00:00Z"}
    assert event(errorDeclaration=declared).is_error_declaration


def test_every_place_where_something_is_named_is_a_mention() -> None:
    found = {}
    for full in FULL:
        problems: list[Problem] = []
        made = make_event(dict(full), problems=problems)
        assert made is not None, problems
        found[made.event_type] = {Role(mention[0]) for mention in made.mentions}
    common = {
        Role.READ_POINT,
        Role.BUSINESS_LOCATION,
        Role.BUSINESS_TRANSACTION,
        Role.SOURCE,
        Role.DESTINATION,
    }
    inside = {Role.PARENT, Role.CHILD, Role.CHILD_QUANTITY} | common
    assert found == {
        EventType.OBJECT: {Role.EPC, Role.QUANTITY} | common,
        EventType.AGGREGATION: inside,
        EventType.TRANSACTION: {Role.PARENT, Role.EPC, Role.QUANTITY} | common,
        EventType.TRANSFORMATION: {
            Role.INPUT,
            Role.OUTPUT,
            Role.INPUT_QUANTITY,
            Role.OUTPUT_QUANTITY,
            Role.TRANSFORMATION,
        }
        | common,
        EventType.ASSOCIATION: inside,
    }


def test_a_mention_carries_quantity_unit_and_type() -> None:
    made = event(
        epcList=[EPC, PALLET],
        quantityList=[
            {"epcClass": LOT, "quantity": 12},
            {"epcClass": LOT, "quantity": Decimal("1.50"), "uom": "KGM"},
            {"epcClass": LOT},
        ],
        readPoint={"id": "urn:epc:id:sgln:4012345.00005.1"},
        bizTransactionList=[
            {"bizTransaction": "urn:x:1"},
            {"type": "po", "bizTransaction": "urn:x:2"},
        ],
        sourceList=[{"type": "urn:own:type", "source": "urn:epc:id:pgln:4012345.00005"}],
    )
    assert made.mentions == [
        (Role.EPC, EPC_URI, None, None, None),
        (Role.EPC, PALLET_URI, None, None, None),
        (Role.QUANTITY, LOT_URI, Decimal(12), None, None),
        (Role.QUANTITY, LOT_URI, Decimal("1.50"), "KGM", None),
        (Role.QUANTITY, LOT_URI, None, None, None),
        (Role.READ_POINT, "https://id.gs1.org/414/4012345000054/254/1", None, None, None),
        (Role.BUSINESS_TRANSACTION, "urn:x:1", None, None, None),
        (Role.BUSINESS_TRANSACTION, "urn:x:2", None, None, "https://ref.gs1.org/cbv/BTT-po"),
        (Role.SOURCE, "https://id.gs1.org/417/4012345000054", None, None, "urn:own:type"),
    ]
    assert {type(mention[0]) for mention in made.mentions} == {int}


_UNITS = st.lists(
    st.one_of(
        st.integers(0, 3).map(lambda unit: f"urn:epc:id:sgtin:4012345.011111.{unit}"),
        st.integers(0, 2).map(lambda unit: f"https://id.gs1.org/01/04012345111118/21/{unit}"),
        st.integers(0, 2).map(lambda lot: f"{LOT_URI}{lot}/21/7"),
        st.sampled_from([PALLET, "urn:epc:id:sgtin:4012345.011112.A%2F1", "my:unit", "no URI", ""]),
    ),
    max_size=4,
)


@given(told=st.lists(st.tuples(st.sampled_from(["epcList", "childEPCs"]), _UNITS), max_size=8))
def test_units_that_were_told_of_before_mean_the_same_as_at_the_first_time(
    told: list[tuple[str, list[str]]],
) -> None:
    context = [{"my": "https://own.example.com/"}]

    def read(name: str, units: list[str]) -> tuple[Any, ...]:
        kind = "ObjectEvent" if name == "epcList" else "AggregationEvent"
        sent = body(kind, **{"parentID": PALLET, "epcList": None, name: units, "@context": context})
        if kind == "ObjectEvent":
            del sent["parentID"]
        problems: list[Problem] = []
        made = make_event(sent, problems=problems)
        return problems, made and (made.body, made.mentions, event_hash(made))

    _check_objects._lists.clear()
    known = [read(name, units) for name, units in told for _ in range(2)][::2]
    for (name, units), before in zip(told, known, strict=True):
        again = read(name, units)
        _check_objects._lists.clear()
        assert before == again == read(name, units)


def test_one_object_in_two_spellings_is_one_mention() -> None:
    made = event(
        "AggregationEvent",
        epcList=None,
        parentID=PALLET,
        childEPCs=[EPC, EPC_URI, EPC],
    )
    assert [mention[1] for mention in made.mentions] == [PALLET_URI, EPC_URI]
    assert len(made.body["childEPCs"]) == 3


def test_shapes_met_before_are_read_like_new_ones() -> None:
    assert event() == event()
    assert faults(odd=1) == faults(odd=1) == [("/7/odd", "event.field_unknown")]


# -- rules -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "fields", "where", "code"),
    [
        ("ObjectEvent", {"eventTime": None}, "/7", "field_missing"),
        ("ObjectEvent", {"eventTime": 5}, "/7/eventTime", "value_kind_wrong"),
        ("ObjectEvent", {"eventTime": "yesterday"}, "/7/eventTime", "time_malformed"),
        ("ObjectEvent", {"recordTime": "2026"}, "/7/recordTime", "time_malformed"),
        (
            "ObjectEvent",
            {"eventTimeZoneOffset": "+14:30"},
            "/7/eventTimeZoneOffset",
            "time_zone_malformed",
        ),
        ("ObjectEvent", {"action": "CREATE"}, "/7/action", "action_unknown"),
        ("ObjectEvent", {"eventID": "5"}, "/7/eventID", "uri_malformed"),
        ("ObjectEvent", {"epcList": "x"}, "/7/epcList", "value_kind_wrong"),
        ("ObjectEvent", {"epcList": [EPC, EPC]}, "/7/epcList/1", "element_repeated"),
        ("ObjectEvent", {"epcList": []}, "/7", "objects_missing"),
        ("ObjectEvent", {"epcList": None}, "/7", "objects_missing"),
        ("ObjectEvent", {"parentID": PALLET}, "/7/parentID", "field_unknown"),
        ("ObjectEvent", {"bizstep": "packing"}, "/7/bizstep", "field_unknown"),
        ("ObjectEvent", {"a/b~c": 1}, "/7/a~1b~0c", "field_unknown"),
        ("ObjectEvent", {"bizStep": "shiping"}, "/7/bizStep", "word_unknown"),
        ("ObjectEvent", {"bizStep": "urn:epcglobal:cbv:bizstep:x"}, "/7/bizStep", "word_unknown"),
        (
            "ObjectEvent",
            {"bizStep": "https://ref.gs1.org/cbv/BizStep-x"},
            "/7/bizStep",
            "word_unknown",
        ),
        ("ObjectEvent", {"bizStep": "cbv:BizStep-x"}, "/7/bizStep", "word_unknown"),
        ("ObjectEvent", {"bizStep": "cbv:Disp-active"}, None, None),
        ("ObjectEvent", {"bizStep": "cbv:BizStep-packing"}, None, None),
        ("ObjectEvent", {"ilmd": {"ex:a": 1}}, "/7/ilmd", "ilmd_not_allowed"),
        ("ObjectEvent", {"ilmd": {"ex:a": 1}, "action": "ADD"}, None, None),
        ("ObjectEvent", {"ilmd": {"lot": 1}, "action": "ADD"}, "/7/ilmd/lot", "field_unknown"),
        ("ObjectEvent", {"readPoint": {}}, "/7/readPoint", "field_missing"),
        ("ObjectEvent", {"readPoint": {"id": PALLET, "ID": 1}}, "/7/readPoint/ID", "field_unknown"),
        ("ObjectEvent", {"persistentDisposition": {}}, "/7/persistentDisposition", "field_missing"),
        (
            "ObjectEvent",
            {"quantityList": [{"epcClass": LOT, "uom": "KGM"}]},
            "/7/quantityList/0/uom",
            "uom_without_quantity",
        ),
        (
            "ObjectEvent",
            {"quantityList": [{"epcClass": LOT, "quantity": 0}]},
            "/7/quantityList/0/quantity",
            "quantity_not_positive",
        ),
        (
            "ObjectEvent",
            {"quantityList": [{"epcClass": LOT, "quantity": Decimal("1.5")}]},
            "/7/quantityList/0/quantity",
            "quantity_not_whole",
        ),
        (
            "ObjectEvent",
            {"quantityList": [{"epcClass": LOT, "quantity": Decimal("1.0")}]},
            None,
            None,
        ),
        (
            "ObjectEvent",
            {"quantityList": [{"epcClass": LOT, "quantity": 1, "uom": "kg"}]},
            "/7/quantityList/0/uom",
            "uom_malformed",
        ),
        (
            "ObjectEvent",
            {"quantityList": [{"epcClass": LOT, "quantity": "1"}]},
            "/7/quantityList/0/quantity",
            "value_kind_wrong",
        ),
        (
            "ObjectEvent",
            {"quantityList": [{"epcClass": LOT, "lot": "1"}]},
            "/7/quantityList/0/lot",
            "field_unknown",
        ),
        ("ObjectEvent", {"quantityList": [{"quantity": 1}]}, "/7/quantityList/0", "field_missing"),
        ("AggregationEvent", {"epcList": None, "childEPCs": [EPC]}, None, None),
        (
            "AggregationEvent",
            {"epcList": None, "childEPCs": [EPC], "action": "ADD"},
            "/7",
            "field_missing",
        ),
        (
            "AggregationEvent",
            {"epcList": None, "childEPCs": [EPC], "action": "DELETE"},
            "/7",
            "field_missing",
        ),
        ("AggregationEvent", {"epcList": None, "parentID": PALLET, "action": "DELETE"}, None, None),
        ("AggregationEvent", {"epcList": None, "parentID": PALLET}, "/7", "objects_missing"),
        (
            "AggregationEvent",
            {"epcList": None, "childEPCs": [EPC], "persistentDisposition": {"set": ["active"]}},
            "/7/persistentDisposition",
            "field_unknown",
        ),
        (
            "AggregationEvent",
            {
                "epcList": None,
                "childEPCs": [EPC],
                "epcis:persistentDisposition": {"set": ["active"]},
            },
            None,
            None,
        ),
        (
            "AggregationEvent",
            {"epcList": None, "childEPCs": [EPC], "epcis:persistentDisposition": {"set": ["odd"]}},
            "/7/epcis:persistentDisposition/set/0",
            "word_unknown",
        ),
        ("AssociationEvent", {"epcList": None, "childEPCs": [EPC]}, "/7", "field_missing"),
        ("AssociationEvent", {"epcList": None, "parentID": PALLET, "action": "DELETE"}, None, None),
        ("TransactionEvent", {}, "/7", "field_missing"),
        ("TransactionEvent", {"bizTransactionList": []}, "/7/bizTransactionList", "list_empty"),
        (
            "TransactionEvent",
            {"bizTransactionList": [{"bizTransaction": "urn:x:1"}], "epcList": None},
            "/7",
            "objects_missing",
        ),
        (
            "TransactionEvent",
            {
                "bizTransactionList": [{"bizTransaction": "urn:x:1"}],
                "epcList": None,
                "action": "DELETE",
            },
            None,
            None,
        ),
        (
            "TransactionEvent",
            {"bizTransactionList": [{"bizTransaction": "urn:x:1"}], "epcList": [EPC, EPC]},
            None,
            None,
        ),
        (
            "TransformationEvent",
            {"epcList": None, "action": None, "inputEPCList": [EPC]},
            "/7",
            "transformation_incomplete",
        ),
        (
            "TransformationEvent",
            {"epcList": None, "action": None, "inputEPCList": [EPC], "transformationID": "urn:x:1"},
            None,
            None,
        ),
        (
            "TransformationEvent",
            {"epcList": None, "action": None, "transformationID": "urn:x:1"},
            "/7",
            "transformation_incomplete",
        ),
        ("QuantityEvent", {}, "/7/type", "type_unknown"),
        ("https://example.org/OwnEvent", {}, "/7/type", "type_unknown"),
    ],
)
def test_a_rule_is_kept(
    name: str, fields: dict[str, Any], where: str | None, code: str | None
) -> None:
    expected = [] if code is None else [(where, f"event.{code}")]
    assert faults(name, **fields) == expected


def sensor(report: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    element: dict[str, Any] = {"sensorReport": [report]}
    if metadata:
        element["sensorMetadata"] = metadata
    return {"sensorElementList": [element]}


@pytest.mark.parametrize(
    ("report", "metadata", "where", "code"),
    [
        ({"type": "Temperature", "value": Decimal("2.5"), "uom": "CEL"}, {}, None, None),
        ({"type": "gs1:Temperature"}, {}, None, None),
        ({"type": "https://gs1.org/voc/Temperature"}, {}, None, None),
        ({"type": "gs1:SomethingNew"}, {}, None, None),
        ({"type": "https://gs1.org/voc/Temprature"}, {}, "0/type", "word_unknown"),
        ({"exception": "ALARM_CONDITION"}, {}, None, None),
        ({"value": 1}, {}, "0", "field_missing"),
        ({"type": "Temperature", "value": "1"}, {}, "0/value", "value_kind_wrong"),
        ({"type": "Temperature", "booleanValue": "true"}, {}, "0/booleanValue", "value_kind_wrong"),
        (
            {"type": "Temperature", "hexBinaryValue": "xyz"},
            {},
            "0/hexBinaryValue",
            "value_kind_wrong",
        ),
        ({"type": "Temperature", "component": "w"}, {}, "0/component", "word_unknown"),
        ({"type": "Temperature", "percRank": 5}, {}, "0", "field_missing"),
        ({"type": "Temperature", "percRank": 5, "percValue": 1}, {}, None, None),
        ({"type": "Temperature", "ex:more": {"a": None}}, {}, None, None),
        ({"type": "Temperature", "more": 1}, {}, "0/more", "field_unknown"),
    ],
)
def test_a_sensor_report_keeps_its_rules(
    report: dict[str, Any], metadata: dict[str, Any], where: str | None, code: str | None
) -> None:
    start = "/7/sensorElementList/0/sensorReport/"
    expected = [] if code is None else [(f"{start}{where}", f"event.{code}")]
    assert faults(**sensor(report, **metadata)) == expected


def test_a_period_ends_no_earlier_than_it_starts() -> None:
    report = {"type": "Temperature"}
    early, late = "2026-03-01T08:00:00+08:00", "2026-03-01T00:00:01Z"
    assert faults(**sensor(report, startTime=early, endTime=late)) == []
    assert faults(**sensor(report, startTime=early, endTime=early)) == []
    assert faults(**sensor(report, startTime=late, endTime=early)) == [
        ("/7/sensorElementList/0/sensorMetadata/startTime", "event.times_reversed")
    ]


def test_sensors_may_stand_in_for_objects_at_a_read_point() -> None:
    report = sensor({"type": "Temperature"})
    place = {"readPoint": {"id": "urn:epc:id:sgln:4012345.00005.1"}}
    assert faults(epcList=None, **report, **place) == []
    assert faults(epcList=None, **report) == [("/7", "event.objects_missing")]


def test_every_fault_is_told_at_once() -> None:
    assert faults(
        eventTime="x",
        eventTimeZoneOffset="x",
        action="x",
        epcList=["x", 5, EPC, "urn:epc:id:sgtin:4012345.011111."],
        bizStep="x",
        readPoint={"id": "x", "odd": 1},
        odd=1,
    ) == [
        ("/7/odd", "event.field_unknown"),
        ("/7/eventTimeZoneOffset", "event.time_zone_malformed"),
        ("/7/action", "event.action_unknown"),
        ("/7/bizStep", "event.word_unknown"),
        ("/7/eventTime", "event.time_malformed"),
        ("/7/epcList/0", "identifier.uri_not_absolute"),
        ("/7/epcList/1", "event.value_kind_wrong"),
        ("/7/epcList/3", "identifier.value_empty"),
        ("/7/readPoint/id", "identifier.uri_not_absolute"),
        ("/7/readPoint/odd", "event.field_unknown"),
    ]


@pytest.mark.parametrize("value", [None, 5, "x", [], True])
def test_what_is_no_object_is_no_event(value: Any) -> None:
    problems: list[Problem] = []
    assert make_event(value, problems=problems, pointer="/3") is None
    assert [(problem.where, problem.code) for problem in problems] == [
        ("/3", "event.value_kind_wrong")
    ]


def test_a_context_that_is_none_is_a_fault() -> None:
    for value in (5, None, ["x"], [5], [{}, {}], ["https://a.example/", "https://a.example/"]):
        problems: list[Problem] = []
        assert make_event(body() | {"@context": value}, problems=problems) is None, value
        assert {problem.code for problem in problems} == {"event.context_malformed"}
        assert problems[0].where.startswith("/@context")


def test_an_event_id_is_short_enough_for_the_log() -> None:
    for letter, most in (("x", 2_040), ("中", 680)):
        assert faults(eventID="urn:abc:" + letter * most) == []
        too_long = "urn:abc:" + letter * (most + 1)
        assert faults(eventID=too_long) == [("/7/eventID", "event.text_too_long")]


def test_halves_of_surrogate_pairs_are_found_wherever_they_are() -> None:
    assert faults(**{"ex:a": ["x", "\ud800"]}) == [("/7/ex:a/1", "event.text_forbidden")]
    assert faults(**{"ex:a": {"ex:\udfff": 1}}) != []
