"""Reading events from JSON: documents, query documents, events, lists, and one event a line.

One reader for all sizes: it follows the outline of the text and gives event after event, so
that a document of any size needs the memory of a few thousand events. A bad event is
reported and the next one is read; a text that stops being JSON ends the reading there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import IO, Any

import msgspec

from suyuan.errors import Problem
from suyuan.event._codec import decode_json
from suyuan.event._context import STANDARD_CONTEXT, Context, read_context
from suyuan.event._document import check_header
from suyuan.event._json_source import JsonSource, Malformed, Piece, TooLarge
from suyuan.event._model import (
    DEFAULT_LIMITS,
    DOCUMENT_POSITION,
    Document,
    DocumentKind,
    Event,
    Limits,
    Rejected,
)
from suyuan.event._reading import SCHEMA
from suyuan.event._text import shown
from suyuan.event._validate import make_event

__all__ = ["read_json", "read_json_stream"]

# Below this size no text can be over its limit and no number can have too many digits, so
# texts are looked at one by one only in larger events and in those with escapes.
_SMALL_BYTES = 15_000
# So many events at once stay in the fast memory of a processor, and make the collector of garbage
# go its round less often.
_PORTION = 32
_DOCUMENT_TYPES = ("EPCISDocument", "EPCISQueryDocument")

# Where the events of a document are: an empty object stands for a list of them.
_Outline = dict[str, Any]
_OUTLINE: _Outline = {
    "epcisBody": {"eventList": {}, "queryResults": {"resultsBody": {"eventList": {}}}}
}

_Found = tuple[int, Event | Rejected]


def read_json(
    data: bytes,
    *,
    limits: Limits = DEFAULT_LIMITS,
    told: Callable[[int, int], None] = lambda _bytes, _events: None,
) -> Document:
    """Read a whole text: document, query document, event, list of events, or lines.

    `told` hears now and then how many bytes and events were read.
    """
    document = Document(kind="document")
    if len(data) > limits.document_bytes_max:
        document.problems.append(
            Problem(
                code="event.document_too_large",
                rule="document_bytes_max",
                expected=f"at most {limits.document_bytes_max} bytes",
                found=str(len(data)),
            )
        )
        return document
    file = BytesIO(data)
    reader = _Reader(file, limits)
    for found in reader.run():
        for position, item in found:
            if isinstance(item, Event):
                document.events.append(item)
                document.positions.append(position)
            else:
                room = limits.problems_max - len(document.problems)
                document.problems.extend(item.problems[:room])
        told(file.tell(), len(document.events))
        if len(document.events) > limits.events_max:
            document.problems.append(
                Problem(
                    code="event.events_too_many",
                    rule="events_max",
                    expected=f"at most {limits.events_max}",
                    found="more",
                )
            )
            break
    document.kind = reader.kind
    document.header = reader.header
    return document


def read_json_stream(
    file: IO[bytes], *, limits: Limits = DEFAULT_LIMITS, header: dict[str, Any] | None = None
) -> Iterator[Event | Rejected]:
    """Read a text of any size, event by event, in flat memory.

    Gives each event in the order of the text, or a `Rejected` in its place. What is wrong
    with the document around the events comes as `Rejected` with position -1, at the end.
    The file need not be seekable; a document that tells its `@context` only after its events
    is then kept in a temporary file meanwhile. `header` is filled, after the last event, with
    what stands around the events: the document's own fields and master data.
    """
    reader = _Reader(file, limits)
    for found in reader.run():
        for _, item in found:
            yield item
    if header is not None:
        header.update(reader.header)


class _Reader:
    """Follows the outline of one text, and hands each event to the validator."""

    def __init__(self, file: IO[bytes], limits: Limits) -> None:
        self.kind: DocumentKind = "document"
        self.header: dict[str, Any] = {}
        self._limits = limits
        self._source = JsonSource(file, value_bytes_max=limits.event_bytes_max)
        self._position = 0
        self._problems: list[Problem] = []

    def run(self) -> Iterator[list[_Found]]:
        """Read everything; gives what was found in handy portions."""
        try:
            yield from self._text()
        except Malformed as error:
            self._fault("json_malformed", error.where, "RFC 8259", error.expected, error.found)
        except TooLarge as error:
            most = f"at most {error.bytes_max} bytes"
            self._fault("event_too_large", error.where, "event_bytes_max", most, "more")
        finally:
            self._source.close()
        if self._problems:
            yield [(DOCUMENT_POSITION, Rejected(DOCUMENT_POSITION, tuple(self._problems)))]

    def _fault(self, code: str, where: str, rule: str, expected: str, found: str) -> None:
        self._problems.append(_problem(code, where, rule, expected, found))

    # -- the outline -------------------------------------------------------------------------

    def _text(self) -> Iterator[list[_Found]]:
        source = self._source
        character = source.peek()
        if character == b"[":
            self.kind = "list"
            source.take(b"[")
            yield from self._events("", STANDARD_CONTEXT)
        elif character == b"{":
            yield from self._object()
        else:
            raise source.malformed("an object or a list")
        if source.peek():
            raise source.malformed("the end of the text")

    def _object(self) -> Iterator[list[_Found]]:
        """Read a text that begins with an object: a document, an event, or lines of events."""
        source = self._source
        first = None if b'"epcisBody"' in source.window else source.value_in_window()
        if first is not None:
            body = self._decoded(first)
        else:
            source.take(b"{")
            yield from self._members(self.header, "", _OUTLINE)
            body = self.header
        if "epcisBody" in body or body.get("type") in _DOCUMENT_TYPES:
            self.header = body
            content = body.get("epcisBody")
            is_query = body.get("type") == "EPCISQueryDocument" or (
                isinstance(content, dict) and "queryResults" in content
            )
            self.kind = "query_document" if is_query else "document"
            check_header(body, is_query=is_query, problems=self._problems, limits=self._limits)
            self._settle_header(is_query=is_query)
            return
        self.header = {}
        if source.peek():
            if first is not None and b"\n" in first.strip():
                raise source.malformed("the end of the text")  # no lines of events
            self.kind = "lines"
            yield [self._event(body, first, "line 1", STANDARD_CONTEXT)]
            for number, lines in source.lines():
                for start in range(0, len(lines), _PORTION):
                    portion = enumerate(lines[start : start + _PORTION], number + start)
                    yield [
                        self._event_of(line, f"line {number}", STANDARD_CONTEXT)
                        for number, line in portion
                        if line and not line.isspace()
                    ]
        else:
            self.kind = "event"
            if "@context" not in body:
                rule = f"{SCHEMA}required-ld-context"
                self._fault("context_missing", "", rule, "@context", shown(body))
            yield [self._event(body, first, "", STANDARD_CONTEXT)]

    def _settle_header(self, *, is_query: bool) -> None:
        """Bring the header into the form that `Document` says, without the events."""
        content = self.header.pop("epcisBody", None)
        if not isinstance(content, dict):
            return
        if is_query:
            results = content.get("queryResults")
            if isinstance(results, dict):
                if isinstance(results.get("resultsBody"), dict):
                    results["resultsBody"].pop("eventList", None)
                self.header["queryResults"] = results
        else:
            content.pop("eventList", None)
            if content:
                self.header["epcisBody"] = content

    def _members(
        self, target: dict[str, Any], pointer: str, outline: _Outline
    ) -> Iterator[list[_Found]]:
        """Read the members of an object, and the events where the outline says they are."""
        source = self._source
        for key in source.member_keys():
            inner = outline.get(key)
            opening = b"{" if inner else b"["
            if key in target:
                self._fault("key_repeated", f"{pointer}/{key}", "RFC 7493, 2.3", "once", key)
                source.value()
            elif inner is None or source.peek() != opening:
                target[key] = self._decoded(source.value())
            else:
                source.take(opening)
                below = f"{pointer}/{key}"
                target[key] = {} if inner else []
                if inner:
                    yield from self._members(target[key], below, inner)
                else:
                    yield from self._events(below, self._context(below.count("/")))

    def _decoded(self, value: bytes) -> Any:
        try:
            return decode_json(value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            offset, expected = _json_fault(value)
            self._source.at += offset - len(value)
            raise self._source.malformed(expected) from None

    def _context(self, depth: int) -> Context:
        """Find the context of the document, even where it is told only after the events.

        `depth` is the number of objects around the list that begins here.
        """
        if "@context" not in self.header:
            found = self._context_ahead(depth)
            return STANDARD_CONTEXT if found is None else read_context(found)
        return read_context(self.header["@context"], pointer="/@context", problems=self._problems)

    def _context_ahead(self, depth: int) -> Any:
        source = self._source
        place = source.look_ahead()
        found: Any = None
        try:
            for _ in source.elements():
                pass
            for level in range(depth - 1, -1, -1):
                for key in source.member_keys(is_first=False):
                    value = source.value()
                    if level == 0 and key == "@context":
                        found = decode_json(value)
        except (Malformed, TooLarge, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            pass  # the reading itself will come here and say so
        source.go_back(place)
        return found

    # -- events ------------------------------------------------------------------------------

    def _events(self, pointer: str, context: Context) -> Iterator[list[_Found]]:
        """Read the elements of a list of events."""
        for pieces in self._source.elements():
            for start in range(0, len(pieces), _PORTION):
                yield [
                    self._event_of(piece, f"{pointer}/{position}", context)
                    for position, piece in enumerate(
                        pieces[start : start + _PORTION], self._position
                    )
                ]

    def _event_of(self, piece: Piece, pointer: str, context: Context) -> _Found:
        """Read one event from its bytes."""
        if len(piece) > self._limits.event_bytes_max:
            return self._rejected(
                "event_too_large",
                pointer,
                "event_bytes_max",
                f"at most {self._limits.event_bytes_max} bytes",
                str(len(piece)),
            )
        try:
            body = decode_json(piece)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            offset, expected = _json_fault(bytes(piece))
            found = bytes(piece)[offset : offset + 20].decode("utf-8", "replace")
            return self._rejected("json_malformed", pointer, "RFC 8259", expected, shown(found))
        return self._event(body, bytes(piece), pointer, context)

    def _event(self, body: Any, text: bytes | None, pointer: str, context: Context) -> _Found:
        """Have one event validated; `text` is its JSON, where that was small enough to keep."""
        position = self._position
        self._position += 1
        problems: list[Problem] = []
        event = make_event(
            body,
            problems=problems,
            pointer=pointer,
            context=context,
            limits=self._limits,
            is_text_checked=text is not None
            and len(text) <= _SMALL_BYTES
            and (b"\\" not in text or b"\\u0000" not in text),
            text=text,
        )
        if event is None:
            return position, Rejected(position, tuple(problems))
        return position, event

    def _rejected(self, code: str, where: str, rule: str, expected: str, found: str) -> _Found:
        position = self._position
        self._position += 1
        problem = _problem(code, where, rule, expected, found)
        return position, Rejected(position, (problem,))


def _problem(code: str, where: str, rule: str, expected: str, found: str) -> Problem:
    return Problem(
        code=f"event.{code}",
        where=where,
        rule=rule,
        expected=expected,
        found=found,
    )


def _json_fault(value: bytes) -> tuple[int, str]:
    """Find where a value stops being JSON, and what was expected there. Slow, for faults only."""
    try:
        text = value.decode()
    except UnicodeDecodeError as error:
        return error.start, "UTF-8"
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        expected = error.msg.removeprefix("Expecting ").lower()
        return len(text[: error.pos].encode()), expected
    except RecursionError:
        return 0, "less nesting"
    # The standard library takes what JSON has not (NaN, halves of surrogate pairs).
    return 0, "a value of JSON"
