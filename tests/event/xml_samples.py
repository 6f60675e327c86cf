"""Small XML documents of our own, and what the tests of XML share."""

from functools import cache

from lxml import etree

from suyuan.event._model import Document, Event
from suyuan.event._xml_read import read_xml
from tests.conformance import conformance_dir

HEADER = {"creationDate": "2026-01-01T00:00:00Z"}

ROOT = (
    '<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2"'
    ' xmlns:acme="https://acme.example/ns/" schemaVersion="2.0"'
    ' creationDate="2026-01-01T00:00:00Z">'
)


def document(*events: str, root: str = ROOT, header: str = "") -> bytes:
    """Give a document with these events, each on lines of its own."""
    inner = "\n".join(events)
    return (
        f"{root}\n{header}<EPCISBody>\n<EventList>\n{inner}\n</EventList>\n</EPCISBody>\n"
        "</epcis:EPCISDocument>"
    ).encode()


def object_event(
    *, epcs: str = "<epc>urn:epc:id:sgtin:9521321.012345.1</epc>", first: str = "", rest: str = ""
) -> str:
    """Give an ObjectEvent; `first` stands after the times, `rest` at the end."""
    return (
        "<ObjectEvent>\n<eventTime>2026-01-02T03:04:05Z</eventTime>\n"
        f"<eventTimeZoneOffset>+08:00</eventTimeZoneOffset>\n{first}<epcList>{epcs}</epcList>\n"
        "<action>ADD</action>\n<bizStep>urn:epcglobal:cbv:bizstep:commissioning</bizStep>\n"
        f"{rest}</ObjectEvent>"
    )


def read_one(xml: bytes) -> Event:
    """Read a document with one valid event."""
    found = read_xml(xml)
    assert found.problems == []
    (event,) = found.events
    return event


def problems_of(xml: bytes) -> list[tuple[str, str]]:
    """Give code and place of every problem of a document."""
    return [(problem.code, problem.where) for problem in read_xml(xml).problems]


@cache
def schema(name: str) -> etree.XMLSchema:
    """Give an official schema: the oracle of what is written."""
    folder = conformance_dir("gs1-epcis", "XSD")
    return etree.XMLSchema(etree.parse(str(folder / name)))


def schema_faults(xml: bytes, *, is_query: bool = False) -> list[str]:
    """Say what the official schema finds wrong."""
    name = "EPCglobal-epcis-query-2_0.xsd" if is_query else "EPCglobal-epcis-2_0.xsd"
    chosen = schema(name)
    chosen.validate(etree.fromstring(xml))
    return [str(entry) for entry in chosen.error_log]


def bodies(found: Document) -> list[dict[str, object]]:
    """Give the bodies of the events."""
    return [event.body for event in found.events]
