"""Answers that hold events: query documents in JSON and XML, spelled as asked. 事件响应

An event is answered as it was sent, with its ID and the time of its recording, which the
journal knows; and its identifiers in the spelling that the caller prefers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from suyuan.api._gs1 import EpcFormat, WordFormat
from suyuan.errors import InvalidInput
from suyuan.event import Event, decode_body, write_xml, write_xml_stream
from suyuan.identifier import canonical_uri, epc_urn
from suyuan.journal import StoredEvent, completed, stored_json, timestamp

__all__ = ["json_document", "json_event", "xml_document"]

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
_CHUNK_BYTES = 1 << 18
_ROOT = "https://id.gs1.org/"
_LISTS = "epcList", "childEPCs", "inputEPCList", "outputEPCList"
_QUANTITIES = "quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"
_PAIRS = (
    ("bizTransactionList", "bizTransaction"),
    ("sourceList", "source"),
    ("destinationList", "destination"),
)
_PLACES = "readPoint", "bizLocation"
_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode

Spelling = Callable[[str], str]


def _as_digital_link(text: str) -> str:
    if not text.startswith("urn:epc:"):
        return text
    try:
        return str(canonical_uri(text))
    except InvalidInput:
        return text


def _as_urn(text: str) -> str:
    if not text.startswith("http"):
        return text
    try:
        canonical = str(canonical_uri(text))
        return epc_urn(canonical) if canonical.startswith(_ROOT) else text
    except InvalidInput:  # No telling where its company prefix ends.
        return text


_SPELLINGS: dict[EpcFormat, Spelling] = {
    EpcFormat.DIGITAL_LINK: _as_digital_link,
    EpcFormat.EPC_URN: _as_urn,
}


def spelled(text: str, wanted: EpcFormat) -> str:
    """Give an identifier in the spelling wanted, or as it is where that can't be."""
    spelling = _SPELLINGS.get(wanted)
    return text if spelling is None else spelling(text)


def _respelled(body: dict[str, Any], spelling: Spelling) -> dict[str, Any]:
    new = dict(body)
    for name in _LISTS:
        if name in new:
            new[name] = [spelling(one) for one in new[name]]
    if "parentID" in new:
        new["parentID"] = spelling(new["parentID"])
    for name in _QUANTITIES:
        if name in new:
            new[name] = [{**one, "epcClass": spelling(one["epcClass"])} for one in new[name]]
    for name, key in _PAIRS:
        if name in new:
            new[name] = [{**one, key: spelling(one[key])} for one in new[name]]
    for name in _PLACES:
        if name in new:
            new[name] = {**new[name], "id": spelling(new[name]["id"])}
    return new


def json_event(event: StoredEvent, wanted: EpcFormat) -> bytes:
    """Write one event in JSON."""
    spelling = _SPELLINGS.get(wanted)
    if spelling is None:
        return stored_json(event)
    body = completed(_decode(event.body), event.event_id, timestamp(event.record_time))
    return _encode(_respelled(body, spelling))


def json_document(
    events: Iterable[StoredEvent], *, wanted: EpcFormat, query_name: str, created: datetime
) -> Iterator[bytes]:
    """Write an EPCISQueryDocument in JSON, chunk by chunk."""
    parts = [
        b'{"@context":["' + CONTEXT.encode() + b'"],"type":"EPCISQueryDocument",'
        b'"schemaVersion":"2.0","creationDate":"' + timestamp(created).encode() + b'",'
        b'"epcisBody":{"queryResults":{"queryName":' + msgspec.json.encode(query_name) + b","
        b'"resultsBody":{"eventList":['
    ]
    size = 0
    comma = b"\n"
    for event in events:
        parts += (comma, json_event(event, wanted))
        comma = b",\n"
        size += len(parts[-1])
        if size >= _CHUNK_BYTES:
            yield b"".join(parts)
            parts, size = [], 0
    parts.append(b"\n]}}}}\n")
    yield b"".join(parts)


def xml_document(
    events: Iterable[StoredEvent],
    *,
    wanted: EpcFormat,
    words: WordFormat,
    query_name: str,
    created: datetime,
    is_whole: bool,
) -> Iterator[bytes]:
    """Write an EPCISQueryDocument in XML, chunk by chunk.

    `is_whole`: the events may be held at once, so that all name spaces are declared at the top.
    """
    read = (_xml_event(event, wanted) for event in events)
    arguments: dict[str, Any] = {
        "header": {"creationDate": timestamp(created), "schemaVersion": "2.0"},
        "query": {"queryName": query_name},
        "words": "web" if words is WordFormat.WEB_URI else "urn",
    }
    return iter([write_xml(read, **arguments)]) if is_whole else write_xml_stream(read, **arguments)


def _xml_event(event: StoredEvent, wanted: EpcFormat) -> Event:
    read = decode_body(event.body.encode())
    body = completed(read.body, event.event_id, timestamp(event.record_time))
    spelling = _SPELLINGS.get(wanted)
    return msgspec.structs.replace(read, body=_respelled(body, spelling) if spelling else body)
