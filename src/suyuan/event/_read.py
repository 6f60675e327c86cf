"""Reading events in whatever format they come: JSON or XML, told or guessed. 读取"""

from __future__ import annotations

from collections.abc import Iterator
from io import SEEK_CUR
from typing import Any, BinaryIO, Literal

from suyuan.errors import InvalidInput, Problem
from suyuan.event._json_read import read_json, read_json_stream
from suyuan.event._model import DEFAULT_LIMITS, Document, Event, Limits, Rejected
from suyuan.event._xml_read import read_xml, read_xml_stream

__all__ = ["guess_format", "read", "read_stream"]

_START_BYTES = 1_024
_XML_STARTS = (b"<", b"\xff\xfe<", b"\xfe\xff\x00<")
Format = Literal["json", "xml"]


def guess_format(start: bytes, media_type: str | None = None) -> Format:
    """Tell JSON from XML by the media type, or by how the text begins.

    Raises `InvalidInput` for a media type that is neither.
    """
    if media_type is not None:
        plain = media_type.partition(";")[0].strip().lower()
        if plain.endswith(("/json", "+json", "/x-ndjson", "/ndjson", "/jsonl")):
            return "json"
        if plain.endswith(("/xml", "+xml")):
            return "xml"
        if plain not in ("", "application/octet-stream", "text/plain"):
            raise InvalidInput(
                Problem(
                    code="event.media_type_unknown",
                    rule="EPCIS 2.0, 12.6",
                    expected="application/json, application/ld+json or application/xml",
                    found=plain,
                )
            )
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    return "xml" if text.startswith(_XML_STARTS) else "json"


def read(
    data: bytes, *, media_type: str | None = None, limits: Limits = DEFAULT_LIMITS
) -> Document:
    """Read a document of events: EPCIS 2.0 JSON, or XML of EPCIS 2.0 or 1.x."""
    if guess_format(data[:_START_BYTES], media_type) == "xml":
        return read_xml(data, limits=limits)
    return read_json(data, limits=limits)


def read_stream(
    file: BinaryIO,
    *,
    media_type: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    header: dict[str, Any] | None = None,
) -> Iterator[Event | Rejected]:
    """Read events from a file of any size in flat memory, whichever format it has.

    `header` is filled, after the last event, with what stands around the events.
    """
    start = file.read(_START_BYTES)
    whole: BinaryIO = file
    if file.seekable():
        file.seek(-len(start), SEEK_CUR)
    else:
        whole = _Whole(start, file)  # type: ignore[assignment]
    if guess_format(start, media_type) == "xml":
        return read_xml_stream(whole, limits=limits, header=header)
    return read_json_stream(whole, limits=limits, header=header)


class _Whole:
    """A file of which the beginning has been read already, as if it had not."""

    def __init__(self, start: bytes, file: BinaryIO) -> None:
        self._start = start
        self._file = file

    def read(self, size: int = -1, /) -> bytes:
        """Read on: first what was read before."""
        if not self._start:
            return self._file.read(size)
        if size < 0:
            start, self._start = self._start, b""
            return start + self._file.read()
        start, self._start = self._start[:size], self._start[size:]
        return start

    def seekable(self) -> bool:
        """Tell that there is no way back."""
        return False
