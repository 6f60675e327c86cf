"""Character sets of GS1 keys, and how they are escaped in URIs. 字符集

Sources: GS1 General Specifications, section 7.11 (sets 82, 39 and 64); GS1 Digital Link
URI Syntax (percent-encoding in a path); EPC Tag Data Standard, table A-1 (escapes in URNs).
Set in stone: the canonical spelling of a serial number decides what is the same object.
"""

from __future__ import annotations

import re

__all__ = [
    "CHARACTER_SETS",
    "ESCAPE_BROKEN",
    "first_stranger",
    "in_path",
    "in_urn",
    "raw_places",
    "unescape",
]

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS = "0123456789"

# By the letter that format specifications use for them.
CHARACTER_SETS: dict[str, frozenset[str]] = {
    "N": frozenset(_DIGITS),
    "X": frozenset("!\"%&'()*+,-./:;<=>?_" + _DIGITS + _LETTERS + _LETTERS.lower()),
    "Y": frozenset("#-/" + _DIGITS + _LETTERS),
    "Z": frozenset("-_=" + _DIGITS + _LETTERS + _LETTERS.lower()),
}

# What stays as it is in the path of a canonical Digital Link; everything else is escaped.
_KEPT_IN_PATH = frozenset("'-.;=_" + _DIGITS + _LETTERS + _LETTERS.lower())
# What an EPC URN has to escape.
_ESCAPED_IN_URN = frozenset('"#%&/<>?')

_IN_PATH = {ord(c): f"%{ord(c):02X}" for c in map(chr, range(128)) if c not in _KEPT_IN_PATH}
_IN_URN = {ord(c): f"%{ord(c):02X}" for c in _ESCAPED_IN_URN}

ESCAPE_BROKEN = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


def in_path(value: str) -> str:
    """Write a value as a path segment of a canonical Digital Link URI."""
    return value.translate(_IN_PATH)


def in_urn(value: str) -> str:
    """Write a value as a component of an EPC URN."""
    return value.translate(_IN_URN)


def unescape(text: str) -> str:
    """Undo percent-escapes; those that are broken or no UTF-8 stay as they are."""
    if "%" not in text:
        return text
    return _ESCAPES.sub(_decoded, text)


def _decoded(match: re.Match[str]) -> str:
    try:
        return bytes.fromhex(match[0].replace("%", "")).decode("utf-8")
    except UnicodeDecodeError:
        return match[0]


def raw_places(text: str) -> list[int]:
    """Give, for each character of `unescape(text)`, where it starts in the text itself."""
    places: list[int] = []
    end = 0
    for match in _ESCAPES.finditer(text):
        places.extend(range(end, match.start()))
        place = match.start()
        decoded = _decoded(match)
        for character in decoded:
            places.append(place)
            place += 1 if decoded == match[0] else 3 * len(character.encode())
        end = match.end()
    places.extend(range(end, len(text)))
    return places


def first_stranger(value: str, character_set: str) -> int:
    """Give the index of the first character outside the set, or -1."""
    allowed = CHARACTER_SETS[character_set]
    for index, character in enumerate(value):
        if character not in allowed:
            return index
    return -1
