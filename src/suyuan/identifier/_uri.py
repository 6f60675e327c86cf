"""Absolute URIs in general. 通用标识符

Sources: RFC 3986 (URI), RFC 3987 (characters beyond ASCII, which xsd:anyURI allows).
"""

from __future__ import annotations

import re

from suyuan.identifier._characters import ESCAPE_BROKEN
from suyuan.identifier._fault import Fault

__all__ = ["URI_BYTES_MAX", "is_plain_tail", "is_uri", "uri_faults"]

# An index entry of PostgreSQL holds at most 2,704 bytes.
URI_BYTES_MAX = 2_048

_RULE = "RFC 3986"
# Spaces, controls, characters that no URI may hold, and halves of surrogate pairs.
_STRANGERS = (
    r"\x00-\x20\"<>\\^`{|}\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000"
    r"\ud800-\udfff\ufeff\ufff0-\uffff"
)
_URI = re.compile(rf"[A-Za-z][A-Za-z0-9+.\-]*:(?:[^{_STRANGERS}%]|%[0-9A-Fa-f]{{2}})+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_STRANGER = re.compile(f"[{_STRANGERS}]")
# The last segment of a path: no further structure and no query. What was taken is never given
# back (`++`): trying every way to cut a text that fails would take exponential time.
_TAIL = re.compile(rf"(?:[^{_STRANGERS}%/?#]++|%[0-9A-Fa-f]{{2}})++")

is_plain_tail = _TAIL.fullmatch


def is_uri(text: str) -> bool:
    """Say whether the text is an absolute URI that we can store."""
    return _URI.fullmatch(text) is not None and (
        len(text) * 4 <= URI_BYTES_MAX or len(text.encode()) <= URI_BYTES_MAX
    )


def uri_faults(text: str) -> list[Fault]:
    """Find everything that keeps the text from being an absolute URI."""
    if not text:
        return [Fault(0, "code_empty")]
    faults = [
        Fault(match.start(), "uri_character_forbidden", _RULE, "%XX", repr(match[0]))
        for match in _STRANGER.finditer(text)
    ]
    scheme = _SCHEME.match(text)
    if scheme is None:
        faults.append(Fault(0, "uri_not_absolute", _RULE, "https://…, urn:…", text[:40]))
    elif scheme.end() == len(text):
        faults.append(Fault(len(text), "uri_not_absolute", _RULE, "https://…, urn:…", text[:40]))
    for match in ESCAPE_BROKEN.finditer(text):
        found = text[match.start() :][:3]
        faults.append(Fault(match.start(), "escape_broken", _RULE, "%XX", found))
    if not faults and not is_uri(text):
        found = str(len(text.encode()))
        faults.append(Fault(len(text), "uri_too_long", "", str(URI_BYTES_MAX), found))
    return faults
