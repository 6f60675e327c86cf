"""XML from outside, safely and in pieces: encoding, prolog, size, well-formedness. 安全读取 XML

Nothing of a document type definition is ever used: no entities, no default attributes, no
files, no network. A bare `<!DOCTYPE name>`, which says nothing and which GS1's own examples
carry, is let through; any other is refused before the parser sees it.

The document goes through libxml2 in chunks. As soon as an element of the event list is
complete it is handed out and then taken out of the tree, so memory holds one event, however
long the document is.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import suppress
from typing import Any, BinaryIO, Protocol, cast

from lxml import etree

from suyuan.errors import InvalidInput, Problem
from suyuan.event._model import Limits
from suyuan.event._text import shown

__all__ = ["Element", "XmlSource", "line_of"]


class Element(Protocol):
    """An element of lxml, as far as it is used here.

    `tag` is no text for processing instructions and references to entities.
    """

    tag: Any
    text: str | None
    tail: str | None
    prefix: str | None
    sourceline: int | None

    @property
    def nsmap(self) -> dict[str | None, str]:
        """The name spaces in force here."""
        ...

    @property
    def attrib(self) -> MutableMapping[str, str]:
        """The attributes, as a view that can be changed."""
        ...

    def keys(self) -> list[str]:
        """Give the names of the attributes."""
        ...

    def items(self) -> list[tuple[str, str]]:
        """Give the attributes."""
        ...

    def get(self, key: str) -> str | None:
        """Give one attribute."""
        ...

    def set(self, key: str, value: str) -> None:
        """Set one attribute."""
        ...

    def getparent(self) -> Element | None:
        """Give the element around this one."""
        ...

    def getnext(self) -> Element | None:
        """Give the next sibling."""
        ...

    def remove(self, element: Element) -> None:
        """Take a child out."""
        ...

    def clear(self) -> None:
        """Take everything out of it."""
        ...

    def __iter__(self) -> Iterator[Element]: ...

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Element: ...


_CHUNK_BYTES = 1 << 16
_PROLOG_BYTES_MAX = 1 << 20
_RULE = "XML 1.0"

# Encodings in which markup is what the prolog scanner sees, once they are turned into UTF-8.
_ENCODINGS = frozenset(
    {
        "ascii",
        "big5",
        "cp1252",
        "gb18030",
        "gb2312",
        "gbk",
        "iso8859-1",
        "iso8859-15",
        "utf-8",
        "utf-16",
        "utf-16-be",
        "utf-16-le",
    }
)
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16"), (b"\xff\xfe", "utf-16"))
_DECLARED = re.compile(rb"""<\?xml\s[^>]*?\bencoding\s*=\s*["']([^"'>]*)["']""")
_BARE_DOCTYPE = re.compile(rb"<!DOCTYPE\s+[^\s\[\]<>\"'%&]+\s*>")
_SPACE = re.compile(rb"[ \t\r\n]*")


def line_of(element: Element) -> int:
    """Give the line on which an element begins."""
    return element.sourceline or 0


def _malformed(detail: str, line: int = 0, column: int = 0) -> InvalidInput:
    """Say that the text is no XML, and where."""
    return InvalidInput(
        Problem(
            code="event.xml_malformed",
            where=f"line {line}, column {column}" if line else "",
            rule=_RULE,
            expected="well-formed XML",
            found=detail,
        )
    )


def _too_large(code: str, limit: str, bytes_max: int) -> InvalidInput:
    return InvalidInput(
        Problem(
            code=f"event.{code}",
            rule=limit,
            expected=f"at most {bytes_max} bytes",
            found="more",
        )
    )


class XmlSource:
    """One XML document from a file, read in chunks.

    `root` is known after `open`; `children` yields the complete children of one element,
    `close` reads the rest. Whatever is wrong raises InvalidInput with one problem: after a
    fault of well-formedness nothing more can be said about a document.
    """

    def __init__(self, file: BinaryIO, limits: Limits, *, is_whole: bool) -> None:
        self._file = file
        self._limits = limits
        self._piece_max = limits.document_bytes_max if is_whole else limits.event_bytes_max
        self._is_whole = is_whole
        self._decoder: codecs.IncrementalDecoder | None = None
        self._read = 0
        self._piece = 0
        self._is_at_end = False
        self._fault: InvalidInput | None = None
        self._parser: etree.XMLPullParser
        self.root: Element

    def open(self) -> Element:
        """Read up to the start of the root element and give it (its content is not there yet)."""
        head = self._prolog(self._first())
        while (tag := _root_tag(head)) is None:
            chunk = self._chunk()
            if chunk is None:
                break
            head += chunk
        # The parser reports every start of the element that it is told of: only the root.
        self._parser = _parser(tag)
        self._feed(head)
        started = self._started()
        while started is None and self._advance():
            started = self._started()
        if started is None:
            started = self._started()
        if started is None:
            self.raise_fault()
        root: Any = started
        internal = root.getroottree().docinfo.internalDTD
        if internal is not None and (
            internal.external_id or internal.system_url or next(internal.iterentities(), None)
        ):
            # The scanner has refused such a document before; this is the second lock.
            raise _doctype_refused("")
        self.root = cast(Element, root)
        return self.root

    def is_piece_below(self, length: int) -> bool:
        """Tell whether no text in the element handed out last can be as long as this."""
        return self._piece + _CHUNK_BYTES < length

    def _started(self) -> Any:
        """Give the root element, if it has been started."""
        for _, element in self._parser.read_events():
            return element
        return None

    def children(self, find: Callable[[], Element | None]) -> Iterator[Element]:
        """Yield each complete child of the element that `find` gives, then take it out.

        `find` is asked again after each chunk until it finds the element. A child is complete
        when a sibling follows it, or when the document is at its end.
        """
        parent = None
        while True:
            if parent is None:
                parent = find()
            if parent is not None:
                yield from self._complete(parent)
            if not self._advance():
                break
        self.raise_fault()
        while parent is not None and (child := next(iter(parent), None)) is not None:
            yield child
            child.clear()
            parent.remove(child)

    def _complete(self, parent: Element) -> Iterator[Element]:
        """Yield and remove the children that have a next sibling."""
        # Asking for the number of children would count them, each time.
        while (child := next(iter(parent), None)) is not None and child.getnext() is not None:
            yield child
            # The tail goes with the child; it is complete, because the next sibling has begun.
            # Taking out an empty element is cheap; a full one would be made ready to live on.
            child.clear()
            parent.remove(child)
            self._piece = 0

    def _advance(self) -> bool:
        """Parse the next chunk; False when there is no more, or no more can be read."""
        if self._is_at_end:
            return False
        chunk = self._chunk()
        if chunk is None:
            self._close()
            return False
        self._feed(chunk)
        return True

    def close(self) -> None:
        """Read the rest of the document."""
        while self._advance():
            pass
        self.raise_fault()

    def raise_fault(self) -> None:
        """Raise the fault that has ended the reading, if one has."""
        if self._fault is not None:
            raise self._fault

    # -- bytes -------------------------------------------------------------------------------

    def _chunk(self) -> bytes | None:
        """Give the next chunk in UTF-8, or None at the end."""
        if self._is_at_end:
            return None
        data = self._file.read(_CHUNK_BYTES)
        self._read += len(data)
        self._piece += len(data)
        if self._is_whole and self._read > self._limits.document_bytes_max:
            raise _too_large(
                "document_too_large", "document_bytes_max", self._limits.document_bytes_max
            )
        if self._piece > self._piece_max + 2 * _CHUNK_BYTES:
            raise _too_large("event_too_large", "event_bytes_max", self._piece_max)
        if self._decoder is None:
            return data or None
        try:
            return self._decoder.decode(data, not data).encode("utf-8") or (b"" if data else None)
        except UnicodeError as error:
            raise _malformed(str(error)) from error

    def _first(self) -> bytes:
        """Read the beginning, find out its encoding, and give it in UTF-8 without its mark."""
        data = self._file.read(_CHUNK_BYTES)
        self._read = self._piece = len(data)
        encoding = ""
        for mark, name in _BYTE_ORDER_MARKS:
            if data.startswith(mark):
                encoding = name
        if not encoding and data[:4] in (b"<\0?\0", b"\0<\0?"):
            encoding = "utf-16-le" if data[0] else "utf-16-be"
        if not encoding:
            declared = _DECLARED.match(data)
            encoding = declared[1].decode("ascii", "replace") if declared else "utf-8"
        try:
            name = codecs.lookup(encoding).name
        except (LookupError, ValueError):
            name = ""
        if name not in _ENCODINGS:
            raise InvalidInput(
                Problem(
                    code="event.xml_encoding_unknown",
                    where="line 1",
                    rule=_RULE + ", 4.3.3",
                    expected="UTF-8, UTF-16 or GB 18030",
                    found=shown(encoding),
                )
            )
        if name not in {"utf-8", "ascii"}:
            self._decoder = codecs.getincrementaldecoder(name)("strict")
            try:
                data = self._decoder.decode(data).encode("utf-8")
            except UnicodeError as error:
                raise _malformed(str(error)) from error
        return data.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xef\xbb\xbf")

    def _prolog(self, data: bytes) -> bytes:
        """Read on until the root element begins, and refuse what a prolog must not have."""
        at = 0
        while True:
            space = _SPACE.match(data, at)
            at = space.end() if space else at
            if data.startswith(b"<?", at):
                end, length = data.find(b"?>", at), 2
            elif data.startswith(b"<!--", at):
                end, length = data.find(b"-->", at + 4), 3
            elif data.startswith(b"<!DOCTYPE", at):
                end, length = data.find(b">", at), 1
                if end >= 0 and _BARE_DOCTYPE.match(data, at) is None:
                    raise _doctype_refused(data[at : end + 1].decode("utf-8", "replace"))
            elif len(data) - at >= 9:
                return data
            else:
                end = length = -1
            if end >= 0:
                at = end + length
                continue
            if len(data) > _PROLOG_BYTES_MAX:
                raise _too_large("document_too_large", "prolog", _PROLOG_BYTES_MAX)
            more = self._chunk()
            if more is None:
                return data
            data += more

    def _feed(self, data: bytes) -> None:
        """Parse; a fault is kept until what came before it has been handed out."""
        try:
            self._parser.feed(data)
        except etree.XMLSyntaxError as error:
            self._end(error)
        else:
            # An entity that is not declared makes a document malformed without any exception.
            if self._parser.feed_error_log.filter_from_fatals():
                self._end(None)

    def _close(self) -> None:
        self._is_at_end = True
        try:
            self._parser.close()
        except etree.XMLSyntaxError as error:
            self._end(error)

    def _end(self, error: etree.XMLSyntaxError | None) -> None:
        """Keep the first fault of well-formedness; nothing after it is read."""
        self._is_at_end = True
        if self._fault is not None:
            return
        for entry in self._parser.feed_error_log.filter_from_fatals():
            self._fault = _malformed(entry.message.strip(), entry.line, entry.column)
            return
        line, column = error.position if error is not None else (0, 0)
        detail = str((error and error.msg) or "not well-formed").partition(", line ")[0]
        self._fault = _malformed(detail.strip(), line or 0, column or 0)


def _parser(tag: str | None) -> etree.XMLPullParser:
    """Make a parser that follows nothing out of the document."""
    return etree.XMLPullParser(
        events=("start",),
        tag=tag,
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        strip_cdata=True,
    )


def _root_tag(head: bytes) -> str | None:
    """Give the name of the root element, if the beginning of a document holds its start."""
    probe: Any = _parser(None)
    with suppress(etree.XMLSyntaxError):
        probe.feed(head)
    for _, element in probe.read_events():
        return str(element.tag)
    return None


def _doctype_refused(found: str) -> InvalidInput:
    """Refuse a document type definition: it can name files, and grow without bound."""
    return InvalidInput(
        Problem(
            code="event.xml_doctype_refused",
            rule="no document type definition",
            expected="no DOCTYPE, or a bare <!DOCTYPE name>",
            found=found if len(found) <= 80 else f"{found[:79]}…",
        )
    )
