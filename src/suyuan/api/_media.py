"""Formats, languages and bodies: what a request sends and what it wants back. 内容协商

Source: RFC 9110, sections 8 and 12. A body is read within its limit, whether or not it is
compressed: what a small gzip unfolds to is counted, not what was sent.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request

from suyuan.api._problem import HttpProblem, refuse
from suyuan.errors import Language

__all__ = [
    "JSON",
    "XML",
    "Body",
    "accepted",
    "language_of",
    "read_body",
    "wants_xml",
]

JSON = "application/json"
XML = "application/xml"
_ALIASES = {
    "application/ld+json": JSON,
    "application/x-ndjson": JSON,
    "text/xml": XML,
    "text/json": JSON,
}
_QUALITY = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")
_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Body:
    """What a request sent: the bytes, unpacked, and their media type (`JSON` or `XML`)."""

    data: bytes
    media_type: str


def _preferences(header: str) -> list[tuple[str, float]]:
    found = []
    for part in header[:4000].split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "q":
                quality = float(value) if _QUALITY.fullmatch(value.strip()) else 0.0
        if name:
            found.append((name.lower(), quality))
    return found


def _quality(offer: str, preferences: Sequence[tuple[str, float]]) -> float:
    """Give how much an offer is wanted; the most exact match decides (RFC 9110, 12.5.1)."""
    spelled = {offer, *(alias for alias, name in _ALIASES.items() if name == offer)}
    best, exactness = 0.0, -1
    for name, quality in preferences:
        if name in spelled:
            level = 2
        elif name == f"{offer.partition('/')[0]}/*":
            level = 1
        elif name == "*/*":
            level = 0
        else:
            continue
        if level > exactness or (level == exactness and quality > best):
            best, exactness = quality, level
    return best


def accepted(request: Request, offers: Sequence[str]) -> str:
    """Give the media type to answer in. Raises NotAcceptableException when none will do."""
    header = request.headers.get("accept", "").strip()
    if not header:
        return offers[0]
    preferences = _preferences(header)
    ranked = [(_quality(offer, preferences), offer) for offer in offers]
    best = max(quality for quality, _ in ranked)
    if best <= 0:
        raise refuse(
            "NotAcceptableException",
            "api.media_type_unacceptable",
            where="Accept",
            expected=", ".join(offers),
            found=header[:200],
        )
    return next(offer for quality, offer in ranked if quality == best)


def wants_xml(request: Request) -> bool:
    """Tell whether a problem is better told in XML."""
    preferences = _preferences(request.headers.get("accept", ""))
    best = {
        "xml": max(_quality(XML, preferences), _quality("application/problem+xml", preferences)),
        "json": max(_quality(JSON, preferences), _quality("application/problem+json", preferences)),
    }
    return best["xml"] > best["json"]


def language_of(request: Request) -> Language:
    """Give the language of texts for people: English unless Chinese is preferred."""
    best: dict[str, float] = {"en": 0.0, "zh": 0.0}
    for name, quality in _preferences(request.headers.get("accept-language", "")):
        tag = name.partition("-")[0]
        if tag in best:
            best[tag] = max(best[tag], quality)
    return "zh" if best["zh"] > best["en"] else "en"


def _media_type(request: Request, offers: Sequence[str]) -> str:
    header = request.headers.get("content-type", "")
    name, *parameters = (piece.strip() for piece in header.split(";"))
    known = _ALIASES.get(name.lower(), name.lower())
    if known not in offers:
        raise refuse(
            "UnsupportedMediaTypeException",
            "api.media_type_unknown",
            where="Content-Type",
            expected=", ".join(offers),
            found=header[:200],
        )
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        charset = value.strip().strip('"').lower()
        if key.strip().lower() == "charset" and known == JSON and charset not in _CHARSETS:
            raise refuse(
                "UnsupportedMediaTypeException",
                "api.charset_unknown",
                where="Content-Type",
                expected="utf-8",
                found=charset[:100],
            )
    return known


def _too_large(bytes_max: int, found: object) -> HttpProblem:
    return refuse(
        "CaptureLimitExceededException",
        "api.body_too_large",
        expected=str(bytes_max),
        found=str(found),
    )


async def read_body(
    request: Request, bytes_max: int, *, offers: Sequence[str] = (JSON, XML)
) -> Body:
    """Read and unpack the body. Raises 415, 413 and 400 problems."""
    media_type = _media_type(request, offers)
    encodings = [
        one.strip().lower()
        for one in request.headers.get("content-encoding", "").split(",")
        if one.strip().lower() not in ("", "identity")
    ]
    if encodings not in ([], ["gzip"], ["x-gzip"], ["deflate"]):
        raise refuse(
            "UnsupportedMediaTypeException",
            "api.encoding_unknown",
            where="Content-Encoding",
            expected="gzip, deflate",
            found=", ".join(encodings)[:100],
        )
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length[:18]) > bytes_max:
        raise _too_large(bytes_max, length[:18])
    unpack = _Unpacker(bytes_max) if encodings else None
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        unpacked = unpack.feed(piece) if unpack else piece
        size += len(unpacked)
        if size > bytes_max:
            raise _too_large(bytes_max, f"more than {bytes_max}")
        pieces.append(unpacked)
    if unpack:
        unpack.finish()
    return Body(b"".join(pieces), media_type)


class _Unpacker:
    """Unpacks gzip and deflate, no further than a limit."""

    def __init__(self, bytes_max: int) -> None:
        self._left = bytes_max
        self._inflate = zlib.decompressobj(wbits=47)  # gzip or zlib, whichever it is
        self._is_empty = True

    def feed(self, data: bytes) -> bytes:
        """Unpack the next piece."""
        unpacked = []
        while data:
            self._is_empty = False
            try:
                part = self._inflate.decompress(data, self._left + 1)
            except zlib.error as error:
                raise _broken(str(error)) from error
            self._left -= len(part)
            unpacked.append(part)
            if self._left < 0:
                break
            if self._inflate.eof:  # The next member of a gzip file may follow.
                data = self._inflate.unused_data
                if data:
                    self._inflate = zlib.decompressobj(wbits=47)
            else:
                data = self._inflate.unconsumed_tail
        return b"".join(unpacked)

    def finish(self) -> None:
        """Make sure that nothing is missing at the end."""
        if not self._is_empty and not self._inflate.eof:
            raise _broken("it ends too early")


def _broken(found: str) -> HttpProblem:
    return refuse(
        "ValidationException", "api.compression_broken", where="Content-Encoding", found=found
    )
