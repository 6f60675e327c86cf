"""Read EPCIS XML, 2.0 and 1.x, as documents or as a stream. 读取 EPCIS XML

Each event goes through its JSON form to the one validator; the problems that come back, in
JSON Pointers, are told in XPaths with lines. A document is read in one pass with one event
in memory, so the stream and the whole differ only in what they keep.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any, BinaryIO

from suyuan.errors import InvalidInput, Problem
from suyuan.event._context import STANDARD_CONTEXT_URL
from suyuan.event._document import check_header
from suyuan.event._model import (
    DEFAULT_LIMITS,
    DOCUMENT_POSITION,
    Document,
    DocumentKind,
    Event,
    Limits,
    Rejected,
)
from suyuan.event._text import shown
from suyuan.event._validate import make_event
from suyuan.event._xml_event import EVENT_TYPES, EventReader
from suyuan.event._xml_header import HeaderReader
from suyuan.event._xml_names import EPCIS_NAMESPACES, Names
from suyuan.event._xml_source import Element, XmlSource
from suyuan.event._xml_value import plain_name
from suyuan.event._xml_where import Places, element_name, place

__all__ = ["read_xml", "read_xml_stream"]

_TOLD_EVENTS = 64
_SCHEMA = "EPCglobal-epcis-2_0.xsd"
_DOCUMENTS: dict[str, tuple[str, DocumentKind]] = {
    "EPCISDocument": ("epcis", "document"),
    "EPCISMasterDataDocument": ("epcis-masterdata", "document"),
    "EPCISQueryDocument": ("epcis-query", "query_document"),
}
_LIST_PATHS: dict[DocumentKind, tuple[str, ...]] = {
    "document": ("EPCISBody", "EventList"),
    "query_document": ("EPCISBody", "QueryResults", "resultsBody", "EventList"),
}

Result = tuple[int, Event | None, list[Problem]]
"""Position, the event if it is valid, and what is wrong if it is not."""


def read_xml(
    data: bytes,
    *,
    limits: Limits = DEFAULT_LIMITS,
    told: Callable[[int, int], None] = lambda _bytes, _events: None,
) -> Document:
    """Read an EPCIS document, query document or single event in XML (EPCIS 2.0, 1.2 or 1.1).

    Never raises for what is in the data: the problems of the document say all that is wrong.
    `told` hears now and then how many bytes and events were read.
    """
    file = BytesIO(data)
    reading = _Reading(file, limits, is_whole=True)
    document = Document(kind="document")
    try:
        for position, event, problems in reading.results():
            if len(document.problems) < limits.problems_max:
                document.problems.extend(problems)
            if position >= limits.events_max:
                raise InvalidInput(_too_many(limits.events_max))
            if event is not None:
                document.events.append(event)
                document.positions.append(position)
            if position % _TOLD_EVENTS == 0:
                told(file.tell(), len(document.events))
    except InvalidInput as error:
        document.problems.extend(error.problems)
    del document.problems[limits.problems_max :]
    document.kind = reading.kind
    document.header = reading.header
    return document


def read_xml_stream(
    file: BinaryIO, *, limits: Limits = DEFAULT_LIMITS, header: dict[str, Any] | None = None
) -> Iterator[Event | Rejected]:
    """Read XML of any length, one event after the other, with flat memory.

    What is wrong with an event comes in its place, what is wrong with the document at the
    end, as a `Rejected` with `DOCUMENT_POSITION`. `header` is filled, after the last event,
    with what stands around the events: the document's own fields and master data.
    """
    reading = _Reading(file, limits, is_whole=False)
    try:
        for position, event, problems in reading.results():
            yield event if event is not None else Rejected(position, tuple(problems))
    except InvalidInput as error:
        yield Rejected(DOCUMENT_POSITION, error.problems)
    if header is not None:
        header.update(reading.header)


def _too_many(events_max: int) -> Problem:
    return Problem(
        code="event.events_too_many",
        rule="events_max",
        expected=f"at most {events_max}",
        found="more",
    )


class _Reading:
    """One document while it is being read."""

    def __init__(self, file: BinaryIO, limits: Limits, *, is_whole: bool) -> None:
        self.kind: DocumentKind = "document"
        self.header: dict[str, Any] = {}
        self._limits = limits
        self._source = XmlSource(file, limits, is_whole=is_whole)
        self._names = Names()
        self._events = EventReader(limits, self._fault)
        self._headers = HeaderReader(limits, self._fault)
        self._problems: list[Problem] = []
        self._places: Places
        self._position = 0
        self._list_path = ""
        self._seen: Counter[str] = Counter()

    def results(self) -> Iterator[Result]:
        """Yield each event or what is wrong with it; at the end what is wrong around them."""
        root = self._source.open()
        path = f"/{element_name(root)}"
        self._places = Places(root, path)
        event_type = plain_name(root.tag)
        if event_type in EVENT_TYPES:
            self.kind = "event"
            self._source.close()
            for name in ("schemaVersion", "creationDate"):
                root.attrib.pop(name, None)
            yield self._event(root, event_type, path)
            return
        self._open_document(root)
        problems: list[Problem] = []
        for child in self._source.children(lambda: self._event_list(root)):
            yield from self._child(child)
            self._places = Places(root, path)  # nothing may keep hold of the event
            self._problems = problems
            parent = child.getparent()
            if parent is not None:
                self._headers.no_stray(parent, child.tail)
        self._problems = problems
        self._headers.scope = self._names.scope(root.nsmap)
        self.header = header = self._headers.document(root)
        if not problems:
            self._check_header(header, problems)
        if problems:
            yield DOCUMENT_POSITION, None, problems

    def _check_header(self, header: dict[str, Any], problems: list[Problem]) -> None:
        """Let the validator of documents look at the JSON form of the header.

        In XML a query document may have all that a document has, so the two are looked at
        one by one.
        """
        found: list[Problem] = []
        fields = {key: value for key, value in header.items() if key != "queryResults"}
        fields |= {"@context": [STANDARD_CONTEXT_URL], "type": "EPCISDocument"}
        document = {**fields, "epcisBody": {"eventList": []}}
        check_header(document, is_query=False, problems=found, limits=self._limits)
        if "queryResults" in header:
            results = header["queryResults"]
            body = {**results.get("resultsBody", {}), "eventList": []}
            query = {
                "@context": [STANDARD_CONTEXT_URL],
                "type": "EPCISQueryDocument",
                "epcisBody": {"queryResults": {**results, "resultsBody": body}},
            }
            check_header(query, is_query=True, problems=found, limits=self._limits)
        for problem in found:
            where = self._places.of_pointer(problem.where, self._headers.scope)
            problems.append(replace(problem, where=where))

    def _open_document(self, root: Element) -> None:
        """Say whether the document element is one that may hold events."""
        namespace, _, name = str(root.tag).lstrip("{").rpartition("}")
        schema, kind = _DOCUMENTS.get(name, ("", "document"))
        if not schema or namespace not in EPCIS_NAMESPACES or f":{schema}:xsd:" not in namespace:
            self._source.raise_fault()  # what is no XML at all is no wrong document either
            raise InvalidInput(
                Problem(
                    code="event.xml_root_unknown",
                    where=self._places.where(root),
                    rule=_SCHEMA,
                    expected=", ".join(_DOCUMENTS) + " in a name space of EPCIS, or one event",
                    found=shown(f"{name} in name space {namespace or '(none)'}"),
                )
            )
        self.kind = kind

    def _event_list(self, root: Element) -> Element | None:
        """Find the list of events, once it has begun."""
        element = root
        path = self._places.path(root)
        for step in _LIST_PATHS[self.kind]:
            for child in element:
                if plain_name(child.tag) == step:
                    element = child
                    path += f"/{element_name(child)}"
                    break
            else:
                return None
        self._list_path = path
        return element

    # -- events ------------------------------------------------------------------------------

    def _child(self, child: Element) -> Iterator[Result]:
        """Read one child of the list of events: an event, or wrappers around events."""
        if type(child.tag) is not str:
            return
        name = element_name(child)
        self._seen[name] += 1
        path = f"{self._list_path}/{name}[{self._seen[name]}]"
        waiting = [(child, path, 0)]
        while waiting:
            element, path, depth = waiting.pop()
            event_type = plain_name(element.tag)
            if event_type in EVENT_TYPES:
                yield self._event(element, event_type, path)
            elif event_type == "extension" and depth < 2:
                places = Places(element, path)
                waiting.extend(
                    (inner, places.path(inner), depth + 1)
                    for inner in reversed(list(element))
                    if type(inner.tag) is str
                )
            else:
                yield self._unknown_event(element, path)

    def _unknown_event(self, element: Element, path: str) -> Result:
        """Refuse what stands in the place of an event and is none that we know."""
        position = self._position
        self._position += 1
        hint = " (ObjectEvent with quantityList, since EPCIS 1.1)"
        is_old = plain_name(element.tag) == "QuantityEvent"
        problem = Problem(
            code="event.type_unknown",
            where=place(path, element.sourceline),
            rule=f"{_SCHEMA}#EventListType",
            expected=", ".join(EVENT_TYPES) + (hint if is_old else ""),
            found=element_name(element),
        )
        return position, None, [problem]

    def _event(self, element: Element, event_type: str, path: str) -> Result:
        """Read one event."""
        position = self._position
        self._position += 1
        problems: list[Problem] = []
        self._problems = problems
        self._places = places = Places(element, path)
        scope = self._names.scope(element.nsmap)
        body = self._events.body(element, event_type, scope)
        found: list[Problem] = []
        event = make_event(
            body,
            problems=found,
            context=scope.context,
            limits=self._limits,
            is_text_checked=self._source.is_piece_below(self._limits.text_length_max),
        )
        for problem in found:
            problems.append(replace(problem, where=places.of_pointer(problem.where, scope)))
        return position, None if problems else event, problems

    def _fault(
        self, element: Element, code: str, *, expected: str, found: str, attribute: str = ""
    ) -> None:
        """Take a fault of the XML itself."""
        if len(self._problems) >= self._limits.problems_max:
            return
        self._problems.append(
            Problem(
                code=f"event.{code}",
                where=self._places.where(element, attribute),
                rule=_SCHEMA,
                expected=expected,
                found=element_name(element) if found == element.tag else shown(found),
            )
        )
