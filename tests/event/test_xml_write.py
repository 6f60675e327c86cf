"""What is written holds the official schema, and says what was read."""

import copy
import io
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from suyuan.errors import Problem
from suyuan.event._context import read_context
from suyuan.event._hash import event_hash
from suyuan.event._model import Event
from suyuan.event._validate import make_event
from suyuan.event._xml_read import read_xml, read_xml_stream
from suyuan.event._xml_write import write_xml, write_xml_stream
from tests.event.meaning import meaning
from tests.event.strategies import CONTEXT, bodies
from tests.event.xml_samples import HEADER, document, object_event, read_one, schema_faults

_BODY = {
    "type": "ObjectEvent",
    "eventTime": "2026-01-02T03:04:05Z",
    "eventTimeZoneOffset": "+08:00",
    "epcList": ["urn:epc:id:sgtin:9521321.012345.1"],
    "action": "ADD",
}


def _event(body: dict[str, Any]) -> Event:
    problems: list[Problem] = []
    event = make_event(
        copy.deepcopy(body), problems=problems, context=read_context([*CONTEXT, _XSI])
    )
    assert event is not None, problems
    return event


_XSI = {"xsi": "http://www.w3.org/2001/XMLSchema-instance"}


def _written(**fields: Any) -> str:
    return write_xml([_event(_BODY | fields)], header=HEADER).decode()


def _there_and_back(event: Event, *, is_indented: bool = False) -> Event:
    return read_one(write_xml([event], header=HEADER, is_indented=is_indented))


@given(bodies(), st.booleans(), st.sampled_from(["urn", "web"]))
@settings(max_examples=100, deadline=None)
def test_any_event_is_written_by_the_schema_and_read_back(
    body: dict[str, Any], is_indented: bool, words: Any
) -> None:
    if type(body.get("certificationInfo")) is list:
        body["certificationInfo"] = body["certificationInfo"][:1]  # the schema has one
    event = _event(_without_lists_in_lists(body))
    xml = write_xml([event], header=HEADER, is_indented=is_indented, words=words)
    assert schema_faults(xml) == []
    back = read_one(xml)
    assert meaning(back.body) == meaning(event.body)
    assert event_hash(back) == event_hash(event)


def _without_lists_in_lists(value: Any) -> Any:
    """XML has no lists in lists; to JSON-LD they are one list."""
    if type(value) is dict:
        return {key: _without_lists_in_lists(member) for key, member in value.items()}
    if type(value) is not list:
        return value
    flat: list[Any] = []
    for each in (_without_lists_in_lists(member) for member in value):
        flat += each if type(each) is list else [each]
    return flat


_NAMES = st.one_of(
    st.sampled_from(["ex:a", "plant:b", "ex:1", "ex:a b", "plant:_x0041_", "ex:数量", "other:x"]),
    st.sampled_from(["https://ns.example.com/epcis/full", "urn:acme:field", "bare"]),
)
_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
_VALUES = st.recursive(
    st.one_of(_TEXTS, st.sampled_from(["]]>", "<a>&amp;", "\r\n\t", " x ", "\x1d", "_x001D_"])),
    lambda inner: st.one_of(
        st.lists(st.one_of(_TEXTS, st.dictionaries(_NAMES, inner, min_size=1)), min_size=2),
        st.dictionaries(_NAMES, inner, min_size=1),
        st.builds(
            lambda text, rest: {"#text": text} | rest,
            _TEXTS,
            st.dictionaries(_NAMES, _TEXTS, min_size=1),
        ),
    ),
    max_leaves=8,
)


@given(_VALUES)
@settings(max_examples=150, deadline=None)
def test_any_value_of_an_extension_comes_back_as_it_was(value: Any) -> None:
    event = _event(_BODY | {"ex:field": value})
    for is_indented in (False, True):
        back = _there_and_back(event, is_indented=is_indented)
        assert event_hash(back) == event_hash(event)
        assert _expanded(back) == _expanded(event)


def _expanded(event: Event) -> Any:
    """Give the extension with names in full and texts untouched."""
    context = read_context(event.body.get("@context", []))

    def names(value: Any) -> Any:
        if type(value) is dict:
            return {name(key): names(member) for key, member in value.items()}
        return [names(each) for each in value] if type(value) is list else value

    def name(key: str) -> str:
        prefix, colon, local = key.partition(":")
        return context.namespaces.get(prefix, f"{prefix}:") + local if colon else key

    return names(event.body["ex:field"])


def test_numbers_booleans_and_nothing_in_extensions_become_texts() -> None:
    fields = {"ex:a": 1, "ex:b": Decimal("2.50"), "ex:c": True, "ex:d": None, "ex:e": []}
    event = _event(_BODY | fields)
    back = _there_and_back(event)
    assert [back.body.get(key) for key in fields] == ["1", "2.50", "true", "", None]
    assert event_hash(back) == event_hash(event)


def test_a_large_number_is_written_without_exponent() -> None:
    element = {"epcClass": "urn:epc:class:lgtin:9521321.012345.L1", "quantity": Decimal("1E+2")}
    assert "<quantity>100</quantity>" in _written(quantityList=[element])


def test_words_are_written_as_urns_or_as_web_uris() -> None:
    event = _event(_BODY | {"bizStep": "shipping"})
    assert b">urn:epcglobal:cbv:bizstep:shipping<" in write_xml([event], header=HEADER)
    web = write_xml([event], header=HEADER, words="web")
    assert b">https://ref.gs1.org/cbv/BizStep-shipping<" in web
    spelled = _event(_BODY | {"bizStep": "https://ref.gs1.org/cbv/BizStep-shipping"})
    assert write_xml([spelled], header=HEADER) == write_xml([event], header=HEADER)


def test_master_data_of_the_cbv_has_the_name_space_that_xml_knows() -> None:
    xml = _written(ilmd={"cbvmda:lotNumber": "L1"})
    assert 'xmlns:cbvmda="urn:epcglobal:cbv:mda"' in xml
    assert "<cbvmda:lotNumber>L1</cbvmda:lotNumber>" in xml


def test_attributes_stay_attributes() -> None:
    rest = '<acme:weight unit="KGM">3.5</acme:weight><acme:shift acme:crew="2"/>'
    xml = write_xml([read_one(document(object_event(rest=rest)))], header=HEADER).decode()
    assert '<acme:weight unit="KGM">3.5</acme:weight>' in xml
    assert '<acme:shift acme:crew="2"/>' in xml


def test_a_schema_type_keeps_its_meaning() -> None:
    root = (
        '<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
    )
    rest = '<acme:a xsi:type="xsd:integer">10</acme:a><acme:b xsi:nil="true"/>'
    typed = document(object_event(rest=rest)).decode()
    event = read_one(
        typed.replace(
            "<epcis:EPCISDocument ", root.replace("<a", "<epcis:EPCISDocument"), 1
        ).encode()
    )
    assert event.body["acme:a"] == {"#text": "10", "xsi:type": "xsd:integer"}
    xml = write_xml([event], header=HEADER)
    assert schema_faults(xml) == []
    assert _there_and_back(event).body == event.body


def test_an_object_in_a_sensor_report_becomes_a_child_element() -> None:
    report = {"type": "Temperature", "value": 1, "ex:more": {"ex:a": "1"}, "ex:many": ["1", "2"]}
    event = _event(_BODY | {"sensorElementList": [{"sensorReport": [report]}]})
    back = _there_and_back(event)
    assert meaning(back.body) == meaning(event.body)
    assert event_hash(back) == event_hash(event)


def test_two_prefixes_for_one_name_space_do_not_break_the_xml() -> None:
    body = _BODY | {
        "@context": [{"a": "https://one.example/", "b": "https://one.example/"}],
        "a:x": {"#text": "1", "a:y": "1", "b:y": "2"},
        "b:z": "3",
    }
    event = _event(body)
    xml = write_xml([event], header=HEADER)
    assert schema_faults(xml) == []
    assert event_hash(read_one(xml)) == event_hash(event)


@pytest.mark.parametrize("prefix", ["xmlns", "xml", "XMLish", "epcis", "xsi", "a.b-c", "sbdh"])
def test_no_prefix_of_a_sender_breaks_the_xml(prefix: str) -> None:
    for namespace in ("https://one.example/", "http://www.w3.org/2000/xmlns/"):
        event = _event(
            _BODY
            | {"@context": [{prefix: namespace}], f"{prefix}:x": {"#text": "1", f"{prefix}:y": "2"}}
        )
        back = _there_and_back(event)
        assert back.is_error_declaration is False


def test_what_a_context_says_beyond_prefixes_comes_back() -> None:
    body = _BODY | {
        "@context": [
            "https://context.example/more.jsonld",
            {"ex": "https://ns.example.com/epcis/", "ex:who": {"@type": "@id?>"}},
        ],
        "ex:who": "1",
        "strange:field": "2",
    }
    event = _event(body)
    xml = write_xml([event], header=HEADER)
    assert schema_faults(xml) == []
    back = read_one(xml)
    assert back.body["strange:field"] == "2"
    assert back.body["@context"] == event.body["@context"]


# -- documents -------------------------------------------------------------------------------


def test_a_stream_holds_what_a_document_holds() -> None:
    events = [_event(_BODY | {"ex:n": str(number)}) for number in range(500)]
    chunks = list(write_xml_stream(iter(events), header=HEADER))
    assert len(chunks) > 1
    assert schema_faults(b"".join(chunks)) == []
    back = list(read_xml_stream(io.BytesIO(b"".join(chunks))))
    assert [item.body for item in back if isinstance(item, Event)] == [
        event.body for event in events
    ]


def test_a_query_document_carries_its_query() -> None:
    query = {"queryName": "SimpleEventQuery", "subscriptionID": "s1"}
    xml = write_xml([_event(_BODY)], header=HEADER, query=query)
    assert schema_faults(xml, is_query=True) == []
    found = read_xml(xml)
    assert found.kind == "query_document"
    assert found.header["queryResults"] == query
    assert found.is_valid
    assert write_xml(found.events, header=found.header) == xml


def test_no_events_are_a_document_too() -> None:
    for query, kind in ((None, "document"), ({"queryName": "q"}, "query_document")):
        xml = write_xml([], header=HEADER, query=query)
        assert schema_faults(xml, is_query=query is not None) == []
        assert read_xml(xml).kind == kind


_HEADER = HEADER | {
    "id": "https://acme.example/doc/1",
    "sender": "urn:epc:id:sgln:9521321.00000.0",
    "instanceIdentifier": "7",
    "@context": [
        "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
        {"ex": "https://ns.example.com/epcis/"},
    ],
    "ex:note": {"ex:who": "王"},
    "epcisHeader": {
        "epcisMasterData": {
            "vocabularyList": [
                {
                    "type": "urn:epcglobal:epcis:vtype:Location",
                    "ex:kind": "1",
                    "vocabularyElementList": [
                        {
                            "id": "urn:epc:id:sgln:9521321.00000.0",
                            "attributes": [
                                {"id": "urn:epcglobal:cbv:mda#name", "attribute": "一号 <plant>"},
                                {"id": "urn:x:2", "attribute": {"ex:street": ["1", "2"]}},
                            ],
                            "children": ["urn:epc:id:sgln:9521321.00001.0"],
                        }
                    ],
                }
            ]
        }
    },
}


@pytest.mark.parametrize("is_indented", [False, True])
def test_header_and_master_data_come_back(is_indented: bool) -> None:
    xml = write_xml([_event(_BODY)], header=_HEADER, is_indented=is_indented)
    assert schema_faults(xml) == []
    found = read_xml(xml)
    assert found.is_valid
    assert meaning(found.header) == meaning(
        _HEADER | {"type": "EPCISDocument", "schemaVersion": "2.0"}
    )


def test_vocabularies_of_a_query_come_back() -> None:
    vocabularies = _HEADER["epcisHeader"]["epcisMasterData"]["vocabularyList"]
    query = {"queryName": "SimpleMasterDataQuery", "resultsBody": {"vocabularyList": vocabularies}}
    xml = write_xml([], header=HEADER | {"@context": _HEADER["@context"]}, query=query)
    assert schema_faults(xml, is_query=True) == []
    assert read_xml(xml).header["queryResults"] == query


def test_indenting_changes_no_meaning() -> None:
    event = _event(_BODY | {"ex:a": {"#text": "x", "ex:b": {"ex:c": "d"}}})
    flat, indented = (write_xml([event], header=HEADER, is_indented=flag) for flag in (False, True))
    assert indented.count(b"\n") > flat.count(b"\n")
    assert read_one(flat).body == read_one(indented).body


def test_no_chunk_is_cut_inside_a_character() -> None:
    events = [_event(_BODY | {"ex:a": "溯源" * 1_000}) for _ in range(50)]
    xml = b"".join(write_xml_stream(events, header=HEADER))
    assert len(etree.fromstring(xml)) == 1


def test_a_stream_declares_prefixes_that_stand_only_in_values() -> None:
    body = {
        "@context": [{"example": "https://ns.example.com/epcis/"}],
        "type": "ObjectEvent",
        "eventTime": "2026-03-01T08:00:00Z",
        "eventTimeZoneOffset": "+08:00",
        "epcList": ["urn:epc:id:sgtin:9521234.012345.1"],
        "action": "OBSERVE",
        "sensorElementList": [{"sensorReport": [{"type": "example:Firmness", "value": 3}]}],
    }
    problems: list[Problem] = []
    event = make_event(body, pointer="", problems=problems)
    assert event is not None, problems
    written = b"".join(write_xml_stream([event], header={"creationDate": "2026-03-01T08:00:00Z"}))
    again = read_xml(written)
    assert not again.problems
    assert event_hash(again.events[0]) == event_hash(event)
