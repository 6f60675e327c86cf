"""Write EPCIS 2.0 XML: documents and query documents, whole or as a stream. 书写 EPCIS XML

What comes out holds the official schema (EPCglobal-epcis-2_0.xsd and its kin). Two things
have another place in XML than in JSON: extensions of `epcisHeader` stand after the body,
because the header of 2.0 has no place for them; and a document that answers a query with
both events and vocabularies has the vocabularies in its header.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from suyuan.event._context import Context, read_context
from suyuan.event._model import Event
from suyuan.event._xml_header import SBDH_NAMESPACE, sbdh_value
from suyuan.event._xml_spelling import (
    Indents,
    Spelling,
    attribute_text,
    element_text,
)
from suyuan.event._xml_words import WordSpelling
from suyuan.event._xml_write_event import EventWriter

__all__ = ["write_xml", "write_xml_stream"]

_EPCIS = "urn:epcglobal:epcis:xsd:2"
_EPCIS_QUERY = "urn:epcglobal:epcis-query:xsd:2"
_KNOWN = frozenset(
    {
        "@context",
        "type",
        "id",
        "schemaVersion",
        "creationDate",
        "sender",
        "receiver",
        "instanceIdentifier",
        "epcisHeader",
        "epcisBody",
        "queryResults",
    }
)
_CHUNK_CHARACTERS = 1 << 16
_INDENT_LEVELS_MAX = 1_000


def _indented(level: int) -> str:
    return "\n" + "  " * min(level, _INDENT_LEVELS_MAX)


def _flat(level: int) -> str:
    """Break the line before each event and around the list of them, and nowhere else."""
    return "\n" if level < 0 else ""


def write_xml(
    events: Iterable[Event],
    *,
    header: Mapping[str, Any] | None = None,
    query: Mapping[str, Any] | None = None,
    words: WordSpelling = "urn",
    is_indented: bool = False,
) -> bytes:
    """Write events as one EPCIS 2.0 XML document.

    `header` holds the document's own fields, as `Document.header` has them; `creationDate`
    must be among them. `query` (queryName, subscriptionID) makes it a query document. Standard
    words are written as URNs, or as web URIs.
    """
    events = list(events)
    return b"".join(
        write_xml_stream(
            events,
            header=header,
            query=query,
            words=words,
            is_indented=is_indented,
            declared=_declared_by(events),
        )
    )


def write_xml_stream(
    events: Iterable[Event],
    *,
    header: Mapping[str, Any] | None = None,
    query: Mapping[str, Any] | None = None,
    words: WordSpelling = "urn",
    is_indented: bool = False,
    declared: Mapping[str, str] | None = None,
) -> Iterator[bytes]:
    """Write like `write_xml`, chunk by chunk, holding one event at a time.

    Name spaces in `declared` (prefix → name space) are declared once, in the document
    element; each event declares the others that it needs.
    """
    indents = _indented if is_indented else _flat
    document = _DocumentWriter(dict(header or {}), query, declared or {}, indents)
    iterator = iter(events)
    first = next(iterator, None)
    parts = [document.start(has_events=first is not None)]
    size = len(parts[0])
    writer = EventWriter(words, document.declared, indents)
    level = document.event_level
    for event in () if first is None else chain([first], iterator):
        text = ("\n" if not is_indented else "") + writer.event(event.body, level)
        parts.append(text)
        size += len(text)
        if size >= _CHUNK_CHARACTERS:
            yield "".join(parts).encode()
            parts, size = [], 0
    parts.append(document.end())
    yield "".join(parts).encode()


def _declared_by(events: Iterable[Event]) -> dict[str, str]:
    """Gather the prefixes of all events; of two for one name, or one for two, the first wins."""
    declared: dict[str, str] = {}
    namespaces: set[str] = set()
    seen: set[int] = set()
    for event in events:
        if "@context" not in event.body:
            continue
        context = read_context(event.body["@context"])
        if id(context) not in seen:
            seen.add(id(context))
            spelling = Spelling(context)
            for prefix in context.declared:
                spelling.tag(f"{prefix}:name")
            for prefix, namespace in sorted(spelling.used):
                if prefix not in declared and namespace not in namespaces:
                    declared[prefix] = namespace
                    namespaces.add(namespace)
    return declared


class _DocumentWriter:
    """Writes what stands before and after the events."""

    def __init__(
        self,
        header: dict[str, Any],
        query: Mapping[str, Any] | None,
        declared: Mapping[str, str],
        indents: Indents,
    ) -> None:
        if query is None:
            query = header.get("queryResults")
        self._header = header
        self._query = query
        self._nl = indents
        self._spelling = Spelling(read_context(header.get("@context", [])))
        self._ends: list[str] = []
        self.declared = {"epcis": _EPCIS} if query is None else {"epcisq": _EPCIS_QUERY}
        self._wanted = declared
        self.event_level = 3 if query is None else 5

    def start(self, *, has_events: bool) -> str:
        """Write all that comes before the first event."""
        header = self._header
        spelling = self._spelling
        nl = self._nl
        inner = header.get("epcisHeader", {})
        vocabularies = inner.get("epcisMasterData", {}).get("vocabularyList") or []
        results = list(_vocabularies_of(self._query))
        if results and has_events:
            vocabularies = [*vocabularies, *results]
        parts: list[str] = []
        self._write_header(parts, inner, vocabularies)
        parts.append(f"{nl(1)}<EPCISBody>")
        self._ends.append(f"{nl(1)}</EPCISBody>")
        if self._query is not None:
            self._start_results(parts)
        level = self.event_level - 1
        if results and not has_events:
            self._write_vocabularies(parts, results, level)
        else:
            parts.append(f"{nl(level)}<EventList>")
            # The end tag stands on its own line also where events are not indented.
            self._ends.append(f"{nl(level) or chr(10)}</EventList>")
        rest: list[str] = []
        attributes, children = spelling.attributes(
            {
                key: value
                for key, value in chain(
                    inner.items(), header.get("epcisBody", {}).items(), header.items()
                )
                if key not in _KNOWN and ":" in key and spelling.namespace(key) != SBDH_NAMESPACE
            }
        )
        for key, value in children:
            spelling.extension(rest, key, value, 1, nl)
        name = "epcis:EPCISDocument" if self._query is None else "epcisq:EPCISQueryDocument"
        self._ends.insert(0, f"{''.join(rest)}{nl(0) or chr(10)}</{name}>\n")
        return self._root(name, attributes) + "".join(parts)

    def _root(self, name: str, attributes: str) -> str:
        """Write the start of the document element."""
        header = self._header
        for prefix, namespace in (*sorted(self._spelling.used), *sorted(self._wanted.items())):
            self.declared.setdefault(prefix, namespace)
        declarations = "".join(
            f' xmlns:{prefix}="{attribute_text(namespace)}"'
            for prefix, namespace in self.declared.items()
        )
        fields = "".join(
            f' {field}="{attribute_text(str(header[field]))}"'
            for field in ("creationDate", "id")
            if field in header
        )
        start = '<?xml version="1.0" encoding="UTF-8"?>\n'
        return f'{start}<{name}{declarations} schemaVersion="2.0"{fields}{attributes}>'

    def end(self) -> str:
        """Write all that comes after the last event."""
        return "".join(reversed(self._ends))

    def _start_results(self, parts: list[str]) -> None:
        """Open the results of a query."""
        nl = self._nl
        query = self._query or {}
        parts.append(f"{nl(2)}<epcisq:QueryResults>")
        name = query.get("queryName", "SimpleEventQuery")
        parts.append(f"{nl(3)}<queryName>{element_text(str(name))}</queryName>")
        if query.get("subscriptionID") is not None:
            text = element_text(str(query["subscriptionID"]))
            parts.append(f"{nl(3)}<subscriptionID>{text}</subscriptionID>")
        parts.append(f"{nl(3)}<resultsBody>")
        rest: list[str] = []
        for key, value in query.items():
            if ":" in key:
                self._spelling.extension(rest, key, value, 3, nl)
        self._ends.append(f"{''.join(rest)}{nl(2)}</epcisq:QueryResults>")
        self._ends.append(f"{nl(3)}</resultsBody>")

    # -- header ------------------------------------------------------------------------------

    def _write_header(
        self, parts: list[str], inner: Mapping[str, Any], vocabularies: list[Any]
    ) -> None:
        """Write the header, if there is anything to write in it."""
        nl = self._nl
        found: list[str] = []
        for key, value in inner.items():
            if ":" in key and self._spelling.namespace(key) == SBDH_NAMESPACE:
                self._spelling.extension(found, key, value, 2, nl)
        fields = ("sender", "receiver", "instanceIdentifier")
        if not found and any(field in self._header for field in fields):
            sbdh = Spelling(Context({"sbdh": SBDH_NAMESPACE}, {}, ()))
            value = sbdh_value("sbdh", self._header)
            sbdh.extension(found, "sbdh:StandardBusinessDocumentHeader", value, 2, nl)
            declaration = f' xmlns:sbdh="{SBDH_NAMESPACE}"'
            found[0] = found[0].replace("Header>", f"Header{declaration}>", 1)
        if vocabularies:
            found.append(f"{nl(2)}<extension>{nl(3)}<EPCISMasterData>")
            self._write_vocabularies(found, vocabularies, 4)
            found.append(f"{nl(3)}</EPCISMasterData>{nl(2)}</extension>")
        if found:
            parts.append(f"{nl(1)}<EPCISHeader>")
            parts += found
            parts.append(f"{nl(1)}</EPCISHeader>")

    def _write_vocabularies(self, parts: list[str], vocabularies: list[Any], level: int) -> None:
        nl = self._nl
        parts.append(f"{nl(level)}<VocabularyList>")
        for vocabulary in vocabularies:
            kind = attribute_text(str(vocabulary["type"]))
            known = ("type", "vocabularyElementList")
            attributes, children = self._spelling.attributes(vocabulary, known)
            parts.append(f'{nl(level + 1)}<Vocabulary type="{kind}"{attributes}>')
            elements = vocabulary.get("vocabularyElementList") or []
            if elements:
                parts.append(f"{nl(level + 2)}<VocabularyElementList>")
                for element in elements:
                    self._write_vocabulary_element(parts, element, level + 3)
                parts.append(f"{nl(level + 2)}</VocabularyElementList>")
            self._write_rest(parts, children, level + 2)
            parts.append(f"{nl(level + 1)}</Vocabulary>")
        parts.append(f"{nl(level)}</VocabularyList>")

    def _write_vocabulary_element(
        self, parts: list[str], element: Mapping[str, Any], level: int
    ) -> None:
        nl = self._nl
        identifier = attribute_text(str(element["id"]))
        known = ("id", "attributes", "children")
        attributes, children = self._spelling.attributes(dict(element), known)
        parts.append(f'{nl(level)}<VocabularyElement id="{identifier}"{attributes}>')
        for attribute in element.get("attributes") or []:
            self._write_attribute(parts, attribute, level + 1)
        if element.get("children"):
            parts.append(f"{nl(level + 1)}<children>")
            for child in element["children"]:
                parts.append(f"{nl(level + 2)}<id>{element_text(str(child))}</id>")
            parts.append(f"{nl(level + 1)}</children>")
        self._write_rest(parts, children, level + 1)
        parts.append(f"{nl(level)}</VocabularyElement>")

    def _write_attribute(self, parts: list[str], attribute: Mapping[str, Any], level: int) -> None:
        """Write one attribute of master data: a text, or an object of any kind."""
        value = attribute.get("attribute")
        name = f'<attribute id="{attribute_text(str(attribute["id"]))}"'
        found: list[str] = []
        self._spelling.extension(found, "attribute", value, level, self._nl)
        if found:
            found[0] = found[0].replace("<attribute", name, 1)
        parts += found

    def _write_rest(self, parts: list[str], children: list[tuple[str, Any]], level: int) -> None:
        """Write what is no known member: names without a name space need a wrapper."""
        plain = [(key, value) for key, value in children if not self._spelling.namespace(key)]
        if plain:
            parts.append(f"{self._nl(level)}<extension>")
            for key, value in plain:
                self._spelling.extension(parts, key, value, level + 1, self._nl)
            parts.append(f"{self._nl(level)}</extension>")
        for key, value in children:
            if self._spelling.namespace(key):
                self._spelling.extension(parts, key, value, level, self._nl)


def _vocabularies_of(query: Mapping[str, Any] | None) -> list[Any]:
    """Give the vocabularies in the results of a query."""
    return ((query or {}).get("resultsBody") or {}).get("vocabularyList") or []
