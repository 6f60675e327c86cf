"""The documents of the standard's own authors go in, come out, and mean the same."""

import logging
from pathlib import Path

import pytest
from epcis_event_hash_generator import hash_generator, xml_to_py

from suyuan.event._hash import event_hash, prehash
from suyuan.event._json_read import read_json
from suyuan.event._json_write import write_json
from suyuan.event._model import Document
from suyuan.event._xml_read import read_xml
from suyuan.event._xml_write import write_xml
from tests.conformance import conformance_dir
from tests.event.meaning import meaning
from tests.event.xml_samples import HEADER, schema_faults

_ROOT = conformance_dir()
logging.getLogger().setLevel(logging.CRITICAL)

# Answers of a server about capture jobs, which hold no events.
_ANSWERS = {"CaptureJob"}
# Documents that the schemas of EPCIS 1.2 and 2.0 themselves refuse, or the standard's text.
_INVALID = {
    "ObjectEvent_all_possible_fields.xml": {
        ("event.uri_malformed", "certificationInfo (line 142)"),
        ("event.ilmd_not_allowed", "extension/ilmd (line 54)"),
    },
    "TransactionEvent_all_possible_fields.xml": {
        ("event.time_malformed", "baseExtension/errorDeclaration/declarationTime (line 12)"),
    },
}
# Where the reference implementation of the hash does what its own description does not say.
_REFERENCE_DIFFERS = {
    "All_eventTypes_in_single_document.xml": "stops at a business transaction without type",
    "Example-TransactionEvent-2020_07_03y.xml": "stops at a business transaction without type",
    "ErrorDeclarationAndCorrectiveEvent.xml": "takes xsi:nil for a fact of its own",
    "TransformationEvent.xml": "takes xsi:nil for a fact; drops extensions of some name spaces",
    "SensorDataExamples.xml": "drops extensions whose name space does not end in a slash",
    "Document_with_namespace.xml": "does not know qualified names of EPCIS",
    "AggregationEvent_all_possible_fields.xml": "leaves compact URIs in XML as they are",
    "AssociationEvent_all_possible_fields.xml": "leaves compact URIs in XML as they are",
    "TransformationEvent_all_possible_fields.xml": "leaves compact URIs in XML as they are",
}


def _files(folder: str, pattern: str) -> list[Path]:
    return [
        file
        for file in sorted((_ROOT / folder).rglob(pattern))
        if not _ANSWERS.intersection(file.parts) and file.name not in _INVALID
    ]


_XML = [
    *_files("gs1-epcis/XML", "*.xml"),
    *_files("openepcis/xml-1.2", "*.xml"),
    *_files("event-hash", "*.xml"),
]
_JSON = [
    *_files("gs1-epcis/JSON", "*.jsonld"),
    *_files("openepcis/json-documents", "*.json"),
    *_files("event-hash", "*.json*"),
]


def _name(file: Path) -> str:
    return str(file.relative_to(_ROOT))


def _assert_same(first: Document, second: Document) -> None:
    assert second.problems == []
    assert [meaning(event.body) for event in second.events] == [
        meaning(event.body) for event in first.events
    ]
    assert [event_hash(event) for event in second.events] == [
        event_hash(event) for event in first.events
    ]


def test_there_are_examples() -> None:
    assert len(_XML) > 50
    assert len(_JSON) > 80


@pytest.mark.parametrize("file", _XML, ids=_name)
def test_an_xml_example_comes_out_as_xml_and_as_json_and_back(file: Path) -> None:
    found = read_xml(file.read_bytes())
    assert found.problems == []
    header = found.header or HEADER
    for is_indented in (False, True):
        xml = write_xml(found.events, header=header, is_indented=is_indented)
        assert schema_faults(xml) == []
        again = read_xml(xml)
        _assert_same(found, again)
        if found.header:
            assert again.header == found.header
    json = read_json(write_json(found.events, header=header))
    _assert_same(found, json)
    back = read_xml(write_xml(json.events, header=json.header))
    _assert_same(found, back)
    assert meaning(back.header) == meaning(
        {"type": "EPCISDocument", "schemaVersion": "2.0"} | header
    )


@pytest.mark.parametrize("file", _XML, ids=_name)
def test_an_xml_example_comes_out_as_the_answer_to_a_query(file: Path) -> None:
    found = read_xml(file.read_bytes())
    query = {"queryName": "SimpleEventQuery"}
    xml = write_xml(found.events, header=found.header or HEADER, query=query, words="web")
    assert schema_faults(xml, is_query=True) == []
    again = read_xml(xml)
    _assert_same(found, again)
    assert again.kind == "query_document"


@pytest.mark.parametrize("file", _JSON, ids=_name)
def test_a_json_example_comes_out_as_xml_and_back(file: Path) -> None:
    found = read_json(file.read_bytes())
    if not found.events:
        assert found.problems
        pytest.skip("the example is not valid")
    xml = write_xml(found.events, header=HEADER | found.header)
    assert schema_faults(xml, is_query=found.kind == "query_document") == []
    again = read_xml(xml)
    assert again.problems == []
    _assert_same(found, again)
    if found.is_valid:
        named = {"type": again.header["type"], "schemaVersion": "2.0"}
        assert meaning(again.header) == meaning(HEADER | named | found.header)
    json = read_json(write_json(again.events, header=again.header))
    _assert_same(found, json)


@pytest.mark.parametrize("name", sorted(_INVALID))
def test_an_invalid_example_is_refused_with_paths(name: str) -> None:
    found = read_xml((_ROOT / "openepcis/xml-1.2" / name).read_bytes())
    assert found.events == []
    event = f"/epcis:EPCISDocument/EPCISBody/EventList/{name.partition('_')[0]}[1]/"
    told = {(problem.code, problem.where.removeprefix(event)) for problem in found.problems}
    assert told == _INVALID[name]


def test_an_answer_of_a_server_is_no_document_of_events() -> None:
    for file in (_ROOT / "gs1-epcis/XML/CaptureJob").glob("*.xml"):
        (problem,) = read_xml(file.read_bytes()).problems
        assert problem.code == "event.xml_root_unknown"


def test_master_data_is_kept() -> None:
    found = read_xml((_ROOT / "gs1-epcis/XML/Mimasu/Example-masterData.xml").read_bytes())
    places, read_points = found.header["epcisHeader"]["epcisMasterData"]["vocabularyList"]
    assert places["type"] == "urn:epcglobal:epcis:vtype:BusinessLocation"
    assert read_points["type"] == "urn:epcglobal:epcis:vtype:ReadPoint"
    first = places["vocabularyElementList"][0]
    assert len(first["children"]) == 3
    assert first["attributes"][2]["attribute"]["example:Address"]["City"] == "Fancy"


# -- hashes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["", "2", "3"])
def test_a_reference_example_has_its_published_hash_and_means_its_json_twin(number: str) -> None:
    folder = _ROOT / "event-hash/examples"
    stem = f"ReferenceEventHashAlgorithm{number}"
    found = read_xml((folder / f"{stem}.xml").read_bytes())
    assert [event_hash(event) for event in found.events] == (
        (folder / f"{stem}.hashes").read_text().split()
    )
    twin = read_json((folder / f"{stem}.jsonld").read_bytes())
    (first,), (second,) = (
        [{k: v for k, v in event.body.items() if k != "eventTime"} for event in document.events]
        for document in (found, twin)
    )
    assert meaning(first) == meaning(second)


@pytest.mark.parametrize("file", _files("event-hash/expected_equal", "*.xml"), ids=_name)
def test_events_that_mean_the_same_have_one_hash(file: Path) -> None:
    found = read_xml(file.read_bytes())
    assert len(found.events) > 1
    assert len({event_hash(event) for event in found.events}) == 1


@pytest.mark.parametrize("file", _XML, ids=_name)
def test_the_reference_implementation_hashes_the_same_text(file: Path) -> None:
    if file.name in _REFERENCE_DIFFERS:
        pytest.skip(f"the reference implementation {_REFERENCE_DIFFERS[file.name]}")
    found = read_xml(file.read_bytes())
    text = file.read_text(encoding="utf-8-sig")
    theirs = hash_generator.derive_prehashes_from_events(
        xml_to_py.event_list_from_epcis_document_str(text)
    )
    if found.kind == "event":
        assert theirs == []  # it reads documents only
    else:
        assert [prehash(event) for event in found.events] == theirs
