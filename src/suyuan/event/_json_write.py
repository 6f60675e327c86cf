"""Writing events as EPCIS 2.0 JSON: documents and query documents, whole or as a stream.

Inside, each event carries the part of its context that it needs. A document says what its
events have in common once, in its own `@context`; what would change the meaning of another
event (one prefix for two name spaces, a prefix that another event uses without declaring it)
stays with the event that it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from suyuan.event._codec import encode_json
from suyuan.event._context import STANDARD_CONTEXT_URL
from suyuan.event._model import Event

__all__ = ["write_json", "write_json_stream"]

_CHUNK_BYTES = 1 << 16
_SCHEMA_VERSION = "2.0"


def write_json(
    events: Iterable[Event],
    *,
    header: Mapping[str, Any] | None = None,
    query: Mapping[str, Any] | None = None,
    is_indented: bool = False,
) -> bytes:
    """Write events as one EPCIS 2.0 JSON document.

    `header` holds the document's own fields, as `Document.header` has them; `creationDate`
    must be among them. `query` (queryName, subscriptionID) makes it a query document.
    """
    events = list(events)
    common = _common_context(events)
    written = b"".join(write_json_stream(events, header=header, query=query, common=common))
    return msgspec.json.format(written, indent=2) if is_indented else written


def write_json_stream(
    events: Iterable[Event],
    *,
    header: Mapping[str, Any] | None = None,
    query: Mapping[str, Any] | None = None,
    common: Mapping[str, str] | None = None,
) -> Iterator[bytes]:
    """Write like `write_json`, chunk by chunk, holding one event at a time.

    `common` (prefix → name space) goes into the document's `@context`; the caller knows that
    no event means anything else by these. Each event declares the others that it needs.
    """
    fields = dict(header or {})
    common = common or {}
    if query is None:
        query = fields.get("queryResults")
    fields.pop("queryResults", None)
    extra = fields.pop("epcisBody", None) or {}
    start = {
        "@context": _document_context(fields.pop("@context", None), common),
        "type": "EPCISDocument" if query is None else "EPCISQueryDocument",
        "schemaVersion": fields.pop("schemaVersion", _SCHEMA_VERSION),
        **{key: value for key, value in fields.items() if key != "type"},
    }
    outline: dict[str, Any] = {**extra, "eventList": []}
    if query is not None:
        results = {"queryName": "SimpleEventQuery", **query}
        outline = {
            "queryResults": {
                **results,
                "resultsBody": {**(query.get("resultsBody") or {}), "eventList": []},
            }
        }
    # The list of events stands last, so its place is before the last closing brackets.
    text = encode_json({**start, "epcisBody": outline})
    cut = text.rindex(b"[]") + 1
    parts = [text[:cut]]
    size = cut
    separator = b"\n"
    for event in events:
        part = separator + _event_text(event, common)
        separator = b",\n"
        parts.append(part)
        size += len(part)
        if size >= _CHUNK_BYTES:
            yield b"".join(parts)
            parts, size = [], 0
    parts.append(b"\n" + text[cut:])
    yield b"".join(parts)


def _event_text(event: Event, common: Mapping[str, str]) -> bytes:
    """Write one event, without what the document declares for all."""
    body = event.body
    if "@context" not in body or not common:
        return encode_json(body)
    own: list[Any] = []
    for entry in body["@context"]:
        if isinstance(entry, dict):
            rest = {key: value for key, value in entry.items() if common.get(key) != value}
            if rest:
                own.append(rest)
        else:
            own.append(entry)
    rest_of_body = {key: value for key, value in body.items() if key != "@context"}
    return encode_json({"@context": own, **rest_of_body} if own else rest_of_body)


def _document_context(value: Any, common: Mapping[str, str]) -> list[Any]:
    """Put the context of a document together: the standard one, its own, the common one."""
    entries = value if isinstance(value, list) else [] if value is None else [value]
    addresses = [entry for entry in entries if isinstance(entry, str)]
    named: dict[str, Any] = {}
    for entry in entries:
        if isinstance(entry, dict):
            named.update(entry)
    named.update(common)
    if not any(address.endswith("/epcis-context.jsonld") for address in addresses):
        addresses.insert(0, STANDARD_CONTEXT_URL)
    return [*addresses, *({key: item} for key, item in named.items())]


def _common_context(events: list[Event]) -> dict[str, str]:
    """Gather the prefixes that mean the same to all events.

    Definitions of terms and addresses of other contexts stay with their events.
    """
    found: dict[str, str] = {}
    conflicting: set[str] = set()
    seen: set[int] = set()
    for event in events:
        context = event.body.get("@context")
        if context is None or id(context) in seen:
            continue
        seen.add(id(context))  # events of one document share the very list
        for entry in context:
            for key, value in entry.items() if isinstance(entry, dict) else ():
                is_prefix = isinstance(value, str) and ":" not in key
                if is_prefix and found.setdefault(key, value) != value:
                    conflicting.add(key)
    for key in conflicting:
        del found[key]
    return _without_strangers(found, events)


def _without_strangers(found: dict[str, str], events: list[Event]) -> dict[str, str]:
    """Leave out prefixes that some event uses without declaring them itself."""
    for event in events:
        declared: set[str] = set()
        for entry in event.body.get("@context", ()):
            if isinstance(entry, dict):
                declared.update(entry)
        missing = found.keys() - declared
        if missing:
            text = encode_json(event.body)
            for key in missing:
                if b'"%b:' % key.encode() in text:
                    del found[key]
    return found
