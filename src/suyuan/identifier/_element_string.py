"""Element strings: what a scanner reads from a symbol, and the form with brackets. 单元数据串

Source: GS1 General Specifications, sections 7.8 (processing of data) and 4.14 (brackets in
human readable text).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from suyuan.identifier._application_identifiers import application_identifiers, value_faults
from suyuan.identifier._fault import Fault, Span, invalid
from suyuan.identifier._key import Element

__all__ = [
    "SEPARATOR",
    "Reading",
    "as_bracketed",
    "as_element_string",
    "read_bracketed",
    "read_element_string",
]

SEPARATOR = "\x1d"  # How FNC1 comes out of a scanner, except in the first place.
# Characters that scanners and people put in its place; no value may hold them.
_STAND_INS = "␝^|"

_RULE = "GS1 General Specifications, section 7.8"
_GTINS = ("01", "02", "03")

# What cannot be said of one thing at the same time.
_EXCLUSIONS: Sequence[tuple[str, tuple[str, ...]]] = (
    ("01", ("02", "03", "37", "255", "8006")),
    ("02", ("03", "8026")),
    ("03", ("37", "235", "8006", "8026")),
    ("21", ("235",)),
    ("255", ("02", "415", "8006", "8020", "8026")),
    ("420", ("421",)),
    ("421", ("4307",)),
    ("426", ("422", "423", "424", "425")),
    ("4330", ("4331",)),
    ("4332", ("4333",)),
    ("7250", ("7251",)),
    ("7256", ("7253", "7254", "7259")),
    ("8006", ("37", "8026")),
    ("8017", ("8018",)),
)
_MEASURE = re.compile("3[1-69][0-9]{2}")
# A qualifier says something only of one of these keys.
_HOMES = {
    "10": ("01", "02", "03", "8006", "8026"),
    "21": ("01", "03", "8006"),
    "22": ("01",),
    "235": ("01",),
    "254": ("414",),
    "8011": ("8010",),
    "8019": ("8017", "8018"),
    "8020": ("415",),
}


class Reading(NamedTuple):
    """The elements of a code in its order, each with the place where its value starts."""

    elements: tuple[Element, ...]
    lenient: tuple[str, ...]


def read_element_string(text: str, start: int = 0) -> Reading:
    """Take an element string apart that begins at an index of a code.

    A separator ends a value of variable length; those of predefined length need none.
    """
    notes: list[str] = []
    faults: list[Fault] = []
    elements: list[Element] = []
    places: list[int] = []
    at = start
    while at < len(text):
        if text[at] in SEPARATOR + _STAND_INS:
            if text[at] != SEPARATOR:
                notes.append("lenient_separator")
            at += 1
            continue
        ai = _identifier_at(text, at)
        if ai is None:
            faults.append(Fault(at, "ai_unknown", _RULE, "", "", f"({text[at : at + 4]})"))
            break
        places.append(at)
        at += len(ai)
        end = _end_of_value(text, at, ai)
        elements.append(_element(ai, Span(text[at:end], at), faults, notes))
        at = end
    return _whole(elements, places, faults, notes)


def _identifier_at(text: str, at: int) -> str | None:
    table = application_identifiers()
    return next((text[at : at + n] for n in (2, 3, 4) if text[at : at + n] in table), None)


def _end_of_value(text: str, at: int, ai: str) -> int:
    entry = application_identifiers()[ai]
    limit = at + entry.length_max if entry.has_predefined_length else len(text)
    for end in range(at, min(limit, len(text))):
        if text[end] in SEPARATOR + _STAND_INS:
            return end
    return min(limit, len(text))


def read_bracketed(text: str, start: int = 0) -> Reading:
    r"""Take a bracketed string apart, in which `\(` is a bracket that belongs to a value."""
    notes: list[str] = []
    faults: list[Fault] = []
    elements: list[Element] = []
    places: list[int] = []
    at = start
    while at < len(text):
        close = text.find(")", at)
        if text[at] != "(" or close < 0:
            faults.append(Fault(at, "bracket_wrong", _RULE, "(01)", text[at : at + 8]))
            break
        ai = text[at + 1 : close]
        place = at + 1
        if ai not in application_identifiers():
            faults.append(Fault(place, "ai_unknown", _RULE, "", "", f"({ai})"))
        span, at = _bracketed_value(text, close + 1)
        stripped = span.text.strip(" ")
        if stripped != span.text:
            notes.append("lenient_space_dropped")
            lead = len(span.text) - len(span.text.lstrip(" "))
            span = Span(stripped, span.start + lead)
        if ai in application_identifiers():
            places.append(place)
            elements.append(_element(ai, span, faults, notes))
    return _whole(elements, places, faults, notes)


def _bracketed_value(text: str, start: int) -> tuple[Span, int]:
    """Give the value that starts here, and the place of the bracket after it."""
    value = []
    at = start
    while at < len(text) and text[at] != "(":
        if text[at] == "\\" and text[at + 1 : at + 2] == "(":
            at += 1
        value.append(text[at])
        at += 1
    return Span("".join(value), start), at


def _element(ai: str, value: Span, faults: list[Fault], notes: list[str]) -> Element:
    text = value.text
    if ai in _GTINS and len(text) in (8, 12, 13) and text.isascii() and text.isdigit():
        text = text.zfill(14)
        notes.append("lenient_gtin_padded")
    padding = len(text) - len(value.text)
    for fault in value_faults(ai, text):
        faults.append(fault.moved(value.start - padding))
    return Element(ai, text, value.start)


def _whole(
    elements: list[Element], places: list[int], faults: list[Fault], notes: list[str]
) -> Reading:
    """Check what the elements say together; each begins at its place."""
    seen: dict[str, Element] = {}
    first: dict[str, int] = {}
    for element, place in zip(elements, places, strict=True):
        first.setdefault(element.ai, place)
        known = seen.setdefault(element.ai, element)
        if known.value != element.value:
            faults.append(Fault(place, "ai_repeated", _RULE, name=f"({element.ai})"))
    for ai, other in _excluded_pairs(seen):
        place = max(first[ai], first[other])
        faults.append(Fault(place, "ai_excluded", _RULE, "", f"({other})", f"({ai})"))
    if not faults:
        for ai, homes in _HOMES.items():
            if ai in seen and not any(home in seen for home in homes):
                expected = " ".join(f"({home})" for home in homes)
                faults.append(Fault(first[ai], "ai_without_key", _RULE, expected, "", f"({ai})"))
    if faults:
        raise invalid(faults)
    return Reading(tuple(seen.values()), tuple(dict.fromkeys(notes)))


def _excluded_pairs(seen: Mapping[str, Element]) -> Iterator[tuple[str, str]]:
    for ai, others in _EXCLUSIONS:
        yield from ((ai, other) for other in others if ai in seen and other in seen)
    # A measure has one value: 3102 and 3103 are the same one with other decimal places.
    measures = sorted(ai for ai in seen if _MEASURE.fullmatch(ai))
    yield from ((a, b) for a, b in pairwise(measures) if a[:3] == b[:3])


def as_element_string(elements: Iterable[Element]) -> str:
    """Write elements as a scanner would give them, with a separator only where needed.

    FNC1 in the first place says that the symbol holds GS1 data; it is the symbol's to
    carry, so it is not part of the text.
    """
    table = application_identifiers()
    parts = []
    is_open = False
    for element in elements:
        parts.append(f"{SEPARATOR if is_open else ''}{element.ai}{element.value}")
        is_open = not table[element.ai].has_predefined_length
    return "".join(parts)


def as_bracketed(elements: Iterable[Element]) -> str:
    """Write elements for people to read: `(01)09521141012345(10)L1`."""
    return "".join(
        f"({element.ai}){element.value.replace('(', chr(92) + '(')}" for element in elements
    )
