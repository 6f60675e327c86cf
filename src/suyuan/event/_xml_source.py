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
from collections.abc import Callable, Iterator
from typing import BinaryIO

from lxml import etree

from suyuan.errors import InvalidInput, Problem
from suyuan.event._model import Limits

__all__ = ["Element", "XmlSource", "line_of"]

Element = etree._Element

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


def _too_large(limit: str, expected: int) -> InvalidInput:
    return InvalidInput(
        Problem(
            code="event.xml_too_large",
            rule=limit,
            expected=f"at most {expected} bytes",
            found="more",
            values={"limit": limit},
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
        self._piece_limit = "document_bytes_max" if is_whole else "event_bytes_max"
        self._is_whole = is_whole
        self._decoder: codecs.IncrementalDecoder | None = None
        self._read = 0
        self._piece = 0
        self._is_at_end = False
        self._parser = etree.XMLPullParser(
            events=("start",),
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
        self.root: Element

    def open(self) -> Element:
        """Read up to the start of the root element and give it (its content is not there yet)."""
        head = self._prolog(self._first())
        self._feed(head)
        root = self._started()
        while root is None:
            chunk = self._chunk()
            if chunk is None:
                self._close()
                raise AssertionError("a document without a root closed well")
            self._feed(chunk)
            root = self._started()
        internal = root.getroottree().docinfo.internalDTD
        if internal is not None and (
            internal.external_id or internal.system_url or next(internal.iterentities(), None)
        ):
            # The scanner has refused such a document before; this is the second lock.
            raise _doctype_refused("")
        self.root = root
        return root

    def _started(self) -> Element | None:
        """Give the first element that the parser has started, if any."""
        root = None
        for _, element in self._parser.read_events():
            root = root if root is not None else element
        return root

    def children(self, find: Callable[[], Element | None]) -> Iterator[Element]:
        """Yield each complete child of the element that `find` gives, then take it out.

        `find` is asked again after each chunk until it finds the element. A child is complete
        when a sibling follows it, or when the document is at its end.
        """
        parent = find()
        while True:
            if parent is None:
                parent = find()
            if parent is not None:
                yield from self._complete(parent)
            if not self._advance():
                break
        parent = parent if parent is not None else find()
        while parent is not None and len(parent):
            yield parent[0]
            parent.remove(parent[0])

    def _complete(self, parent: Element) -> Iterator[Element]:
        """Yield and remove the children that have a next sibling."""
        while len(parent) > 1:
            child = parent[0]
            yield child
            # The tail goes with the child; it is complete, because the next sibling has begun.
            parent.remove(child)
            self._piece = 0

    def _advance(self) -> bool:
        """Parse the next chunk; False when the document is complete."""
        chunk = self._chunk()
        if chunk is None:
            self._close()
            return False
        self._feed(chunk)
        return True

    def close(self) -> None:
        """Read the rest of the document."""
        while not self._is_at_end:
            self._advance()

    # -- bytes -------------------------------------------------------------------------------

    def _chunk(self) -> bytes | None:
        """Give the next chunk in UTF-8, or None at the end."""
        if self._is_at_end:
            return None
        data = self._file.read(_CHUNK_BYTES)
        self._read += len(data)
        self._piece += len(data)
        if self._is_whole and self._read > self._limits.document_bytes_max:
            raise _too_large("document_bytes_max", self._limits.document_bytes_max)
        if self._piece > self._piece_max + 2 * _CHUNK_BYTES:
            raise _too_large(self._piece_limit, self._piece_max)
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
        except LookupError:
            name = ""
        if name not in _ENCODINGS:
            raise InvalidInput(
                Problem(
                    code="event.xml_encoding_unknown",
                    where="line 1",
                    rule=_RULE + ", 4.3.3",
                    expected="UTF-8, UTF-16 or GB 18030",
                    found=encoding[:40],
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
                raise _too_large("prolog_bytes_max", _PROLOG_BYTES_MAX)
            more = self._chunk()
            if more is None:
                return data
            data += more

    def _feed(self, data: bytes) -> None:
        try:
            self._parser.feed(data)
        except etree.XMLSyntaxError as error:
            raise self._syntax(error) from error

    def _close(self) -> None:
        self._is_at_end = True
        try:
            self._parser.close()
        except etree.XMLSyntaxError as error:
            raise self._syntax(error) from error

    def _syntax(self, error: etree.XMLSyntaxError) -> InvalidInput:
        self._is_at_end = True
        line, column = error.position
        detail = (error.msg or "not well-formed").partition(" (<string>")[0]
        return _malformed(detail.partition(", line ")[0], line, column)


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
