"""GS1 Digital Link URIs: read them strictly, write them. 数字链接

Source: GS1 Digital Link URI Syntax, sections 4 and 5 (uncompressed form).
What is a Digital Link: on id.gs1.org everything has to be one. On any other host a URI
looks like one when its path ends in a primary key, a value of the right shape, and pairs
of qualifiers. Somebody who types or scans such a code means a Digital Link, and it has to
be right in every point. In an event, where any URI may stand, it counts as one only when
the value also proves itself by its check digit; then the rest has to be right. Any other
URI is none of GS1's and none of ours to judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from suyuan.identifier._application_identifiers import application_identifiers, value_faults
from suyuan.identifier._characters import ESCAPE_BROKEN, in_path, unescape
from suyuan.identifier._check import has_check_digit
from suyuan.identifier._fault import Fault, Span, invalid, placed
from suyuan.identifier._key import (
    CANONICAL_STEM,
    KEYS,
    NAMES_IN_LINKS,
    Element,
    own_qualifiers,
    ranked_keys,
)

__all__ = ["Link", "as_digital_link", "key_of_segment", "read_link"]

_RULE = "GS1 Digital Link URI Syntax"
_GTIN_LENGTHS = (8, 12, 13, 14)
_QUALIFIERS = frozenset(ai for key in KEYS.values() for line in key.sequences for ai in line)
_HOST = CANONICAL_STEM.removeprefix("https://")


class Link(NamedTuple):
    """A Digital Link URI taken apart: the key comes first, then its qualifiers in order."""

    elements: tuple[Element, ...]
    attributes: tuple[Element, ...]
    lenient: tuple[str, ...]


class _Split(NamedTuple):
    host: str
    segments: list[Span]
    query: Span | None
    has_fragment: bool


def key_of_segment(segment: str) -> str | None:
    """Give the primary key a path segment stands for, if it does."""
    ai = NAMES_IN_LINKS.get(segment, segment)
    return ai if ai in KEYS else None


def _is_qualifier(segment: str) -> bool:
    """Say whether a path segment stands for a key qualifier."""
    return NAMES_IN_LINKS.get(segment, segment) in _QUALIFIERS


def read_link(text: str, *, is_scanned: bool = False) -> Link | None:
    """Take a Digital Link URI apart; None when the URI is none.

    The caller has made sure that the text is a URI whose scheme is http or https.
    `is_scanned`: on any host, what looks like a Digital Link is meant as one.
    """
    split = _split(text)
    is_official = split.host == _HOST
    start, is_closed = _key_position(split.segments, is_official)
    if start < 0:
        if is_official:
            index = split.segments[0].start if split.segments else len(text)
            found = text[index:][:40]
            raise invalid([Fault(index, "link_without_key", _RULE, "/01/…", found)])
        return None
    segments = split.segments[start:]
    if not (is_official or is_scanned or _is_proven(*_texts(segments[:2]))):
        return None
    faults: list[Fault] = []
    notes: list[str] = []
    before = split.segments[max(0, start - 2) : start]
    if len(before) == 2 and key_of_segment(before[0].text) and _is_proven(*_texts(before)):
        faults.append(Fault(before[0].start, "link_two_keys", _RULE, "", before[0].text))
    if not is_closed:
        # One segment too many: either an empty one after a last slash, or a lone one.
        last = segments.pop()
        code = "link_segment_alone" if last.text else "link_slash_last"
        faults.append(Fault(last.start, code, _RULE, "", last.text))
    elements = [
        _path_element(name, value, faults, notes)
        for name, value in zip(segments[::2], segments[1::2], strict=True)
    ]
    _check_order(elements, faults)
    attributes = _attributes(split.query, elements, faults, notes) if split.query else []
    if split.has_fragment:
        notes.append("lenient_fragment_dropped")
    if faults:
        raise invalid(faults)
    return Link(tuple(elements), tuple(attributes), tuple(dict.fromkeys(notes)))


def _split(text: str) -> _Split:
    body, number_sign, _ = text.partition("#")
    body, question_mark, query = body.partition("?")
    start = body.index("://") + 3
    authority, _, path = body[start:].partition("/")
    host = authority.rpartition("@")[2].partition(":")[0].lower()
    index = start + len(authority) + 1
    segments = []
    for segment in path.split("/") if path else ():
        segments.append(Span(segment, index))
        index += len(segment) + 1
    span = Span(query, len(body) + 1) if question_mark else None
    return _Split(host, segments, span, bool(number_sign))


def _key_position(segments: list[Span], is_official: bool) -> tuple[int, bool]:
    """Find the segment that is the primary key, and whether only whole pairs follow it."""
    if is_official:
        is_key = len(segments) > 1 and key_of_segment(segments[0].text) is not None
        return (0 if is_key else -1), len(segments) % 2 == 0
    for start in range(len(segments) - 2, -1, -1):
        ai = key_of_segment(segments[start].text)
        if ai is None or not _has_shape(ai, unescape(segments[start + 1].text)):
            continue
        rest = segments[start + 2 :]
        if not all(_is_qualifier(segment.text) for segment in rest[: len(rest) // 2 * 2 : 2]):
            continue
        if len(rest) % 2 == 0:
            return start, True
        if not rest[-1].text or _is_qualifier(rest[-1].text):
            return start, False
    return -1, False


def _has_shape(ai: str, value: str) -> bool:
    """Say whether a value looks so much like one of this key that it must be meant as one."""
    if ai == "01":
        return len(value) in _GTIN_LENGTHS and value.isdecimal() and value.isascii()
    return application_identifiers()[ai].shape.fullmatch(value) is not None and (
        value[:4].isdecimal()
    )


def _texts(spans: list[Span]) -> list[str]:
    return [span.text for span in spans]


def _is_proven(name: str, segment: str) -> bool:
    """Say whether a key on a foreign host can be no accident."""
    ai = NAMES_IN_LINKS.get(name, name)
    value = unescape(segment)
    if ai == "01":
        # Eight digits may well be a date, and one date in ten has the right check digit.
        return len(value) > 8 and has_check_digit(value)
    return not value_faults(ai, value)


def _path_element(name: Span, value: Span, faults: list[Fault], notes: list[str]) -> Element:
    ai = NAMES_IN_LINKS.get(name.text, name.text)
    if ai != name.text:
        notes.append("lenient_name_for_number")
    if ai not in KEYS and ai not in _QUALIFIERS:
        faults.append(Fault(name.start, "qualifier_unknown", _RULE, "", name.text))
        return Element(ai, value.text, value.start)
    return _element(ai, value, faults, notes)


def _element(ai: str, value: Span, faults: list[Fault], notes: list[str]) -> Element:
    text = unescape(value.text)
    element = Element(ai, text, value.start)
    broken = ESCAPE_BROKEN.search(value.text)
    if broken:
        index = value.start + broken.start()
        found = value.text[broken.start() :][:3]
        faults.append(Fault(index, "escape_broken", _RULE, "%XX", found))
        return element
    if ai == "01" and len(text) in _GTIN_LENGTHS[:-1] and text.isdecimal() and text.isascii():
        expected = text.zfill(14)
        faults.append(Fault(value.start, "gtin_not_padded", _RULE, expected, text))
        return element
    if any(character in "!&()*+,:" for character in value.text):
        notes.append("lenient_escape_added")
    faults.extend(placed(fault, [value]) for fault in value_faults(ai, text))
    return element


def _check_order(elements: list[Element], faults: list[Fault]) -> None:
    """Check that the qualifiers belong to the key, stand in its order, and only once."""
    key, *qualifiers = [e for e in elements if e.ai in KEYS or e.ai in _QUALIFIERS]
    sequences = KEYS[key.ai].sequences
    found = [element.ai for element in qualifiers]
    if any([ai for ai in line if ai in found] == found for line in sequences) or not found:
        return
    allowed = " | ".join(" ".join(line) for line in sequences)
    strangers = [e for e in qualifiers if not any(e.ai in line for line in sequences)]
    if strangers:
        for element in strangers:
            fault = Fault(
                element.start, "qualifier_not_allowed", _RULE, allowed, element.ai, f"({key.ai})"
            )
            faults.append(fault)
    else:
        faults.append(
            Fault(
                qualifiers[0].start,
                "qualifier_order_wrong",
                _RULE,
                allowed,
                " ".join(found),
                f"({key.ai})",
            )
        )


def _attributes(
    query: Span, elements: list[Element], faults: list[Fault], notes: list[str]
) -> list[Element]:
    """Read the query: numeric keys are application identifiers, others are not ours."""
    taken = {element.ai for element in elements}
    qualifiers = {ai for line in KEYS[elements[0].ai].sequences for ai in line}
    attributes: list[Element] = []
    index = query.start
    for pair in query.text.split("&"):
        name, _, value = pair.partition("=")
        span = Span(value, index + len(name) + 1)
        if name.isascii() and name.isdigit():
            entry = application_identifiers().get(name)
            code = ""
            if entry is None:
                code = "ai_unknown"
            elif name in taken:
                code = "ai_repeated"
            elif name in qualifiers:
                code = "qualifier_in_query"
            elif not entry.is_link_attribute:
                code = "ai_not_in_query"
            elif not value:
                code = "value_empty"
            if code:
                faults.append(Fault(index, code, _RULE, "", name, f"({name})"))
            else:
                attributes.append(_element(name, span, faults, []))
                taken.add(name)
        elif name:
            notes.append("lenient_query_dropped")
        index += len(pair) + 1
    return attributes


def as_digital_link(elements: Sequence[Element], stem: str = CANONICAL_STEM) -> str:
    """Write elements as a Digital Link URI: key and qualifiers in the path, the rest behind.

    In the query, elements of predefined length come first. Refuses what may not stand in
    a link at all.
    """
    table = application_identifiers()
    keys = ranked_keys(elements)
    if not keys:
        found = ", ".join(f"({element.ai})" for element in elements)
        raise invalid([Fault(0, "key_missing", _RULE, "", found)])
    key = keys[0]
    path = [key, *own_qualifiers(key, elements)]
    taken = {element.ai for element in path}
    others = list(dict.fromkeys((e.ai, e.value) for e in elements if e.ai not in taken))
    others.sort(key=lambda pair: not table[pair[0]].has_predefined_length)
    qualifiers = {ai for line in KEYS[key.ai].sequences for ai in line}
    faults = [
        Fault(0, "ai_not_in_query", _RULE, "", ai, f"({ai})")
        for ai, _ in others
        if ai in qualifiers or not table[ai].is_link_attribute
    ]
    if faults:
        raise invalid(faults)
    link = "".join(f"/{element.ai}/{in_path(element.value)}" for element in path)
    query = "&".join(f"{ai}={in_path(value)}" for ai, value in others)
    return f"{stem.rstrip('/')}{link}{'?' if query else ''}{query}"
