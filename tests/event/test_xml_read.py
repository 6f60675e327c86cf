"""EPCIS XML becomes the JSON form, whatever its version, wrappers and prefixes."""

from decimal import Decimal

import pytest

from suyuan.event._hash import event_hash
from suyuan.event._xml_read import read_xml
from tests.event.xml_samples import ROOT, bodies, document, object_event, problems_of, read_one

_LIST = "/epcis:EPCISDocument/EPCISBody/EventList"


def test_words_become_bare_and_identifiers_stay_as_sent() -> None:
    event = read_one(document(object_event()))
    assert event.body == {
        "type": "ObjectEvent",
        "eventTime": "2026-01-02T03:04:05Z",
        "eventTimeZoneOffset": "+08:00",
        "epcList": ["urn:epc:id:sgtin:9521321.012345.1"],
        "action": "ADD",
        "bizStep": "commissioning",
    }


def test_a_word_as_web_uri_becomes_bare_and_an_own_word_stays() -> None:
    rest = "<disposition>https://ref.gs1.org/cbv/Disp-active</disposition>"
    assert read_one(document(object_event(rest=rest))).body["disposition"] == "active"
    rest = "<disposition>https://acme.example/disp/new</disposition>"
    assert (
        read_one(document(object_event(rest=rest))).disposition == "https://acme.example/disp/new"
    )


def test_the_order_of_elements_does_not_matter() -> None:
    event = object_event(rest="<disposition>urn:epcglobal:cbv:disp:active</disposition>")
    lines = event.split("\n")
    jumbled = "\n".join([lines[0], *reversed(lines[1:-1]), lines[-1]])
    jumbled = jumbled.replace("</ObjectEvent>", "") + "</ObjectEvent>"
    assert read_one(document(jumbled)).body == read_one(document(event)).body


def test_wrappers_of_epcis_1_2_are_looked_through() -> None:
    wrapped = object_event(
        first="<baseExtension><eventID>urn:uuid:1</eventID></baseExtension>",
        rest="<extension><quantityList><quantityElement>"
        "<epcClass>urn:epc:class:lgtin:9521321.012345.L1</epcClass><quantity>2.50</quantity>"
        "<uom>KGM</uom></quantityElement></quantityList><extension><persistentDisposition>"
        "<set>urn:epcglobal:cbv:disp:active</set></persistentDisposition></extension></extension>",
    )
    root = ROOT.replace("xsd:2", "xsd:1").replace('"2.0"', '"1.2"')
    body = read_one(document(wrapped, root=root)).body
    assert body["eventID"] == "urn:uuid:1"
    assert body["quantityList"] == [
        {
            "epcClass": "urn:epc:class:lgtin:9521321.012345.L1",
            "quantity": Decimal("2.50"),
            "uom": "KGM",
        }
    ]
    assert body["persistentDisposition"] == {"set": ["active"]}


def test_an_event_inside_wrappers_is_found_and_counted() -> None:
    broken = object_event().replace("<action>ADD</action>", "<action>EAT</action>")
    xml = document(
        object_event(), f"<extension><extension>{broken}</extension></extension>", object_event()
    )
    found = read_xml(xml)
    assert found.positions == [0, 2]
    (problem,) = found.problems
    assert problem.where == f"{_LIST}/extension[1]/extension/ObjectEvent/action (line 15)"


def test_qualified_names_of_epcis_are_those_without_name_space() -> None:
    plain = object_event()
    qualified = plain.replace("</", "</epcis:").replace("<e", "<epcis:e").replace("<a", "<epcis:a")
    qualified = qualified.replace("<b", "<epcis:b").replace("<O", "<epcis:O")
    assert read_one(document(qualified)).body == read_one(document(plain)).body


def test_extensions_become_texts_objects_and_lists() -> None:
    rest = (
        "<acme:a> x </acme:a><acme:b/><acme:c>1</acme:c><acme:c>2</acme:c>"
        '<acme:d unit="KGM">3.5</acme:d><acme:e acme:f="1"/><acme:g><h>1</h><acme:i>2</acme:i>'
        "</acme:g>"
    )
    body = read_one(document(object_event(rest=rest))).body
    assert body["acme:a"] == "x"
    assert body["acme:b"] == ""
    assert body["acme:c"] == ["1", "2"]
    assert body["acme:d"] == {"#text": "3.5", "unit": "KGM"}
    assert body["acme:e"] == {"#text": "", "acme:f": "1"}
    assert body["acme:g"] == {"h": "1", "acme:i": "2"}
    assert body["@context"] == [{"acme": "https://acme.example/ns/"}]


def test_space_is_kept_where_the_sender_says_so() -> None:
    rest = '<acme:a xml:space="preserve"> x </acme:a>'
    assert read_one(document(object_event(rest=rest))).body["acme:a"] == " x "


def test_one_prefix_for_two_name_spaces_is_told_apart() -> None:
    rest = '<acme:a>1</acme:a><x:a xmlns:x="urn:x1">2</x:a><x:a xmlns:x="urn:x2">3</x:a>'
    body = read_one(document(object_event(rest=rest))).body
    assert body["@context"] == [{"acme": "https://acme.example/ns/", "x": "urn:x1", "x2": "urn:x2"}]
    assert (body["acme:a"], body["x:a"], body["x2:a"]) == ("1", "2", "3")


def test_names_in_one_event_do_not_depend_on_another() -> None:
    first = object_event(rest='<x:a xmlns:x="urn:x1">1</x:a>')
    second = object_event(rest='<x:a xmlns:x="urn:x2">1</x:a>')
    together = bodies(read_xml(document(first, second)))
    assert together == [read_one(document(first)).body, read_one(document(second)).body]


def test_the_prefix_does_not_matter_for_the_hash() -> None:
    first = read_one(document(object_event(rest="<acme:a>1</acme:a>")))
    root = ROOT.replace("xmlns:acme", "xmlns:other")
    second = read_one(document(object_event(rest="<other:a>1</other:a>"), root=root))
    assert first.body != second.body
    assert event_hash(first) == event_hash(second)


def test_attributes_of_sensors_become_numbers_booleans_and_words() -> None:
    rest = (
        '<sensorElementList><sensorElement><sensorReport type="gs1:Temperature" value="26.50"'
        ' minValue="-3" booleanValue="1" component="cbv:Comp-x" acme:q="+1" uom="CEL"/>'
        "</sensorElement></sensorElementList>"
    )
    report = read_one(document(object_event(rest=rest))).body["sensorElementList"][0]
    assert report["sensorReport"] == [
        {
            "type": "Temperature",
            "value": Decimal("26.50"),
            "minValue": -3,
            "booleanValue": True,
            "component": "x",
            "acme:q": "+1",
            "uom": "CEL",
        }
    ]


def test_whole_numbers_are_int_as_from_json() -> None:
    rest = (
        "<sensorElementList><sensorElement>"
        + "".join(f'<sensorReport type="gs1:Count" value="{n}"/>' for n in ("7", "-3", "+2", "7.0"))
        + "</sensorElement></sensorElementList>"
    )
    (element,) = read_one(document(object_event(rest=rest))).body["sensorElementList"]
    values = [report["value"] for report in element["sensorReport"]]
    assert [(type(value), str(value)) for value in values] == [
        (int, "7"),
        (int, "-3"),
        (int, "2"),
        (Decimal, "7.0"),
    ]


def test_a_quantity_that_is_nil_is_no_quantity() -> None:
    rest = (
        '<quantityList xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><quantityElement>'
        '<epcClass>urn:epc:class:lgtin:9521321.012345.L1</epcClass><quantity xsi:nil="true"/>'
        "</quantityElement></quantityList>"
    )
    body = read_one(document(object_event(rest=rest))).body
    assert body["quantityList"] == [{"epcClass": "urn:epc:class:lgtin:9521321.012345.L1"}]


def test_comments_and_foreign_instructions_mean_nothing() -> None:
    noisy = object_event().replace("<action>", "<!-- a --><?b c?><action><!-- d -->")
    noisy = noisy.replace("9521321.012345.1</epc>", "9521321.0123<?x?>45.1</epc>")
    assert read_one(document(noisy)).body == read_one(document(object_event())).body


def test_a_single_event_is_a_document_of_its_own_kind() -> None:
    found = read_xml(object_event().encode())
    assert found.kind == "event"
    assert len(found.events) == 1
    assert found.is_valid


def test_a_document_in_gb18030_or_utf_16_reads_like_one_in_utf_8() -> None:
    text = document(object_event(rest="<acme:who>王小明</acme:who>")).decode()
    expected = read_one(text.encode()).body
    for encoding in ("GB18030", "GBK", "UTF-16"):
        declared = f'<?xml version="1.0" encoding="{encoding}"?>{text}'
        assert read_one(declared.encode(encoding)).body == expected
    assert read_one(b"\xef\xbb\xbf" + text.encode()).body == expected


def test_sender_and_receiver_come_out_of_the_business_document_header() -> None:
    header = (
        "<EPCISHeader><sbdh:StandardBusinessDocumentHeader xmlns:sbdh="
        '"http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader">'
        "<sbdh:HeaderVersion>1.0</sbdh:HeaderVersion>"
        "<sbdh:Sender><sbdh:Identifier{}>urn:epc:id:sgln:9521321.00000.0</sbdh:Identifier>"
        "</sbdh:Sender><sbdh:Receiver><sbdh:Identifier>urn:epc:id:sgln:9521321.00001.0"
        "</sbdh:Identifier></sbdh:Receiver><sbdh:DocumentIdentification>"
        "<sbdh:Standard>EPCglobal</sbdh:Standard><sbdh:TypeVersion>1.0</sbdh:TypeVersion>"
        "<sbdh:InstanceIdentifier>77</sbdh:InstanceIdentifier><sbdh:Type>Events</sbdh:Type>"
        "<sbdh:CreationDateAndTime>2026-01-01T00:00:00Z</sbdh:CreationDateAndTime>"
        "</sbdh:DocumentIdentification></sbdh:StandardBusinessDocumentHeader></EPCISHeader>"
    )
    simple = read_xml(document(object_event(), header=header.format("")))
    assert simple.is_valid
    assert simple.header == {
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-01-01T00:00:00Z",
        "sender": "urn:epc:id:sgln:9521321.00000.0",
        "receiver": "urn:epc:id:sgln:9521321.00001.0",
        "instanceIdentifier": "77",
    }
    richer = read_xml(document(object_event(), header=header.format(' Authority="GS1"')))
    kept = richer.header["epcisHeader"]["sbdh:StandardBusinessDocumentHeader"]
    assert kept["sbdh:Sender"]["sbdh:Identifier"] == {
        "#text": "urn:epc:id:sgln:9521321.00000.0",
        "Authority": "GS1",
    }


# -- faults ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (
            object_event().replace("<action>ADD</action>\n", ""),
            ("event.field_missing", "ObjectEvent[1] (line 4)"),
        ),
        (
            object_event(first="<eventtime>x</eventtime>\n"),
            ("event.field_unknown", "ObjectEvent[1]/eventtime (line 7)"),
        ),
        (
            object_event(rest="<epcis:quality>A</epcis:quality>\n"),
            ("event.xml_element_unknown", "ObjectEvent[1]/epcis:quality (line 10)"),
        ),
        (
            object_event(rest="<action>ADD</action>\n"),
            ("event.xml_element_repeated", "ObjectEvent[1]/action[2] (line 10)"),
        ),
        (
            object_event(epcs="<epc>urn:epc:id:sgtin:9521321.012345.1</epc>\n<epc>no</epc>"),
            ("identifier.uri_not_absolute", "ObjectEvent[1]/epcList/epc[2] (line 8)"),
        ),
        (
            object_event(epcs="<epc>urn:uuid:1</epc>\n<EPC/>"),
            ("event.xml_element_unknown", "ObjectEvent[1]/epcList/EPC (line 8)"),
        ),
        (
            object_event(epcs='<epc>urn:uuid:1</epc>\n<epc id="1">urn:uuid:2</epc>'),
            ("event.xml_attribute_unknown", "ObjectEvent[1]/epcList/epc[2]/@id (line 8)"),
        ),
        (
            object_event(epcs="stray <epc>urn:uuid:1</epc>"),
            ("event.xml_text_misplaced", "ObjectEvent[1]/epcList (line 7)"),
        ),
        (
            object_event(rest="<acme:a><b/>text</acme:a>"),
            ("event.xml_text_misplaced", "ObjectEvent[1]/acme:a/b (line 10)"),
        ),
        (
            object_event(rest="<bizTransactionList>\n<bizTransaction type='urn:epcglobal:cbv:btt:p'"
                         ">urn:x:1</bizTransaction></bizTransactionList>"),
            (
                "event.word_unknown",
                "ObjectEvent[1]/bizTransactionList/bizTransaction[1]/@type (line 11)",
            ),
        ),
        (
            object_event(
                rest="<sensorElementList><sensorElement><sensorReport type='gs1:Temperature'/>\n"
                "<sensorReport type='gs1:Temperature' value='warm'/></sensorElement>"
                "</sensorElementList>"
            ),
            (
                "event.value_kind_wrong",
                "ObjectEvent[1]/sensorElementList/sensorElement[1]/sensorReport[2]/@value"
                " (line 11)",
            ),
        ),
        (
            object_event(rest="<ilmd>\n<lot>1</lot></ilmd>"),
            ("event.field_unknown", "ObjectEvent[1]/ilmd/lot (line 11)"),
        ),
        (
            object_event(rest="<extension>" * 10 + "</extension>" * 10),
            (
                "event.nesting_too_deep",
                "ObjectEvent[1]" + "/extension" * 9 + " (line 10)",
            ),
        ),
        (
            object_event(rest="<acme:a>" * 70 + "</acme:a>" * 70),
            ("event.nesting_too_deep", "ObjectEvent[1]" + "/acme:a" * 64 + " (line 10)"),
        ),
        (
            object_event(
                rest="<persistentDisposition>\n<set>urn:epcglobal:cbv:disp:fine</set>"
                "</persistentDisposition>"
            )
            .replace("ObjectEvent", "AssociationEvent")
            .replace("epcList", "childEPCs"),
            ("event.word_unknown", "AssociationEvent[1]/persistentDisposition/set[1] (line 11)"),
        ),
        (
            "<QuantityEvent/>",
            ("event.type_unknown", "QuantityEvent[1] (line 4)"),
        ),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_path_and_line(event: str, expected: tuple[str, str]) -> None:
    code, where = expected
    assert (code, f"{_LIST}/{where}") in problems_of(document(event))


def test_every_fault_of_an_event_is_told_at_once() -> None:
    event = object_event(epcs="<epc>no</epc><epc>nor</epc>", rest="<foo/><action>ADD</action>")
    event = event.replace("2026-01-02T", "yesterday")
    codes = [code for code, _ in problems_of(document(event))]
    assert codes == [
        "event.xml_element_repeated",
        "event.field_unknown",
        "event.time_malformed",
        "identifier.uri_not_absolute",
        "identifier.uri_not_absolute",
    ]


def test_the_good_events_beside_a_bad_one_are_kept() -> None:
    bad = object_event().replace("ADD", "EAT")
    found = read_xml(document(object_event(), bad, object_event()))
    assert found.positions == [0, 2]
    assert [problem.where for problem in found.problems] == [
        f"{_LIST}/ObjectEvent[2]/action (line 15)"
    ]


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        (b"<EPCISDocument/>", ("event.xml_root_unknown", "/EPCISDocument (line 1)")),
        (b"<a/>", ("event.xml_root_unknown", "/a (line 1)")),
        (
            b'<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:2" creationDate='
            b'"2026-01-01T00:00:00Z"><EPCISBody/></e:EPCISDocument>',
            ("event.xml_attribute_missing", "/e:EPCISDocument/@schemaVersion (line 1)"),
        ),
        (
            document().replace(b"2026-01-01T00:00:00Z", b"today"),
            ("event.time_malformed", "/epcis:EPCISDocument/@creationDate (line 1)"),
        ),
        (
            ROOT.encode() + b"</epcis:EPCISDocument>",
            ("event.xml_element_missing", "/epcis:EPCISDocument (line 1)"),
        ),
        (
            document(object_event(), "stray", object_event()),
            ("event.xml_text_misplaced", "/epcis:EPCISDocument/EPCISBody/EventList (line 3)"),
        ),
        (
            document(header="<EPCISHeader>\n<foo/></EPCISHeader>"),
            ("event.xml_element_unknown", "/epcis:EPCISDocument/EPCISHeader/foo (line 3)"),
        ),
        (
            document(
                header="<EPCISHeader><extension><EPCISMasterData><VocabularyList>\n<Vocabulary/>"
                "</VocabularyList></EPCISMasterData></extension></EPCISHeader>"
            ),
            (
                "event.xml_attribute_missing",
                "/epcis:EPCISDocument/EPCISHeader/extension/EPCISMasterData/VocabularyList"
                "/Vocabulary[1]/@type (line 3)",
            ),
        ),
        (
            b'<q:EPCISQueryDocument xmlns:q="urn:epcglobal:epcis-query:xsd:2" schemaVersion="2.0"'
            b' creationDate="2026-01-01T00:00:00Z"><EPCISBody><q:SecurityException/></EPCISBody>'
            b"</q:EPCISQueryDocument>",
            (
                "event.xml_element_unknown",
                "/q:EPCISQueryDocument/EPCISBody/q:SecurityException (line 1)",
            ),
        ),
    ],
)  # fmt: skip
def test_a_fault_around_the_events_is_told(xml: bytes, expected: tuple[str, str]) -> None:
    assert expected in problems_of(xml)


def test_a_time_of_creation_without_zone_is_taken_as_utc() -> None:
    found = read_xml(document().replace(b"2026-01-01T00:00:00Z", b"2026-01-01T00:00:00"))
    assert found.header["creationDate"] == "2026-01-01T00:00:00Z"
    assert found.is_valid
