"""EPC URNs: read them and write them. EPC 标识

Source: GS1 EPC Tag Data Standard, sections 6.3 (pure identity URIs), 6.4 (classes) and 8
(patterns). A URN holds no check digit and splits the company prefix off; so a URN can be
turned into a key without any table, and back only when the length of the prefix is known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from suyuan.identifier._application_identifiers import value_faults
from suyuan.identifier._characters import ESCAPE_BROKEN, in_urn, unescape
from suyuan.identifier._check import check_digit
from suyuan.identifier._fault import Fault, Span, invalid, placed
from suyuan.identifier._key import Element

__all__ = [
    "PREFIX_LENGTHS",
    "SCHEMES",
    "Scheme",
    "Urn",
    "component",
    "digits_key",
    "is_digits",
    "read_urn",
    "split_body",
    "urn_head",
    "write_urn",
]

_RULE = "GS1 EPC Tag Data Standard, section 6.3"
PREFIX_LENGTHS = range(6, 13)
_ID = ("id",)
_BOTH = ("id", "idpat")


class Scheme(NamedTuple):
    """How one kind of EPC is written.

    `digits` is how many digits company prefix and reference have together; 0 where the
    reference is free text (asset, consignment, part). `is_rearranged`: the first digit of
    the reference moves in front of the company prefix. `serial_ai` is the qualifier that
    the last component is, or "+" where it ends the key itself. `has_class`: with `*` for
    its serial number a pattern names the class of all of them.
    """

    ai: str
    digits: int = 0
    is_rearranged: bool = False
    lead: str = ""
    serial_ai: str = ""
    has_pieces: bool = False
    kinds: tuple[str, ...] = _BOTH
    has_class: bool = False


SCHEMES: Mapping[str, Scheme] = {
    "sgtin": Scheme("01", 13, True, serial_ai="21", has_class=True),
    "lgtin": Scheme("01", 13, True, serial_ai="10", kinds=("class",)),
    "upui": Scheme("01", 13, True, serial_ai="235", has_class=True),
    "itip": Scheme("8006", 13, True, serial_ai="21", has_pieces=True, has_class=True),
    "sscc": Scheme("00", 17, True),
    "sgln": Scheme("414", 12, serial_ai="254"),
    "pgln": Scheme("417", 12),
    "grai": Scheme("8003", 12, lead="0", serial_ai="+", has_class=True),
    "gdti": Scheme("253", 12, serial_ai="+", has_class=True),
    "sgcn": Scheme("255", 12, serial_ai="+", has_class=True),
    "gsrn": Scheme("8018", 17),
    "gsrnp": Scheme("8017", 17),
    "gsin": Scheme("402", 16),
    "giai": Scheme("8004"),
    "ginc": Scheme("401"),
    "cpi": Scheme("8010", serial_ai="8011", has_class=True),
}


# EPCs that are no GS1 keys: they stay as they are, when they are well formed.
FOREIGN_SCHEMES: Mapping[str, re.Pattern[str]] = {
    "gid": re.compile(r"[0-9]+\.[0-9]+\.[0-9]+"),
    "usdod": re.compile(r"[0-9A-HJ-NP-Z]{5,6}\.(?:0|[1-9][0-9]*)"),
    "adi": re.compile(
        r"[0-9A-HJ-NP-Z]{5,6}\.(?:[A-Z0-9-]|%2F){0,32}\.(?:%23)?(?:[A-Z0-9-]|%2F){1,30}"
    ),
    "bic": re.compile(r"[A-Z]{3}[JUZ][0-9]{7}"),
    "imovn": re.compile(r"[0-9]{7}"),
}


class Urn(NamedTuple):
    """An EPC URN taken apart; without elements when it is no key of GS1."""

    scheme: str
    elements: tuple[Element, ...]
    prefix_length: int
    is_class: bool


def read_urn(text: str) -> Urn:
    """Take an EPC URN (`id`, `class`, or `idpat` whose serial alone is `*`) apart."""
    kind, name, scheme, body = urn_head(text)
    if scheme is None:
        if not FOREIGN_SCHEMES[name].fullmatch(body.text):
            raise invalid([Fault(body.start, "body_wrong", _RULE, "", body.text, name)])
        return Urn(name, (), 0, False)
    parts = split_body(name, scheme, body)
    prefix = parts[0]
    if not (is_digits(prefix.text) and len(prefix.text) in PREFIX_LENGTHS):
        fault = Fault(prefix.start, "prefix_length_wrong", _RULE, "6–12", prefix.text)
        raise invalid([fault])
    is_class = kind == "idpat"
    if is_class:
        if not (scheme.has_class and parts[-1].text == "*"):
            raise invalid([Fault(body.start, "pattern_not_a_class", _RULE, "", body.text)])
        parts.pop()
    faults: list[Fault] = []
    elements = _elements(scheme, parts, faults)
    if faults:
        raise invalid(faults)
    return Urn(name, elements, len(prefix.text), is_class)


def urn_head(text: str) -> tuple[str, str, Scheme | None, Span]:
    """Give kind, scheme name, scheme (None when it is none of GS1's) and body of a URN."""
    pieces = text.split(":", 4)
    if len(pieces) < 5:
        raise invalid([Fault(len(text), "urn_incomplete", _RULE, "urn:epc:id:…:…", text)])
    kind, name = pieces[2], pieces[3]
    scheme = SCHEMES.get(name)
    is_foreign = kind == "id" and name in FOREIGN_SCHEMES
    if not is_foreign and (scheme is None or kind not in scheme.kinds):
        names = [n for n, s in SCHEMES.items() if kind in s.kinds]
        index = len(f"urn:epc:{kind}:" if names else "urn:epc:")
        expected = ", ".join(names) or "id, class, idpat"
        raise invalid([Fault(index, "scheme_unknown", _RULE, expected, name if names else kind)])
    return kind, name, scheme, Span(pieces[4], len(text) - len(pieces[4]))


def split_body(name: str, scheme: Scheme, body: Span) -> list[Span]:
    """Split the body at its dots: as many parts as the scheme has, the last one whole."""
    count = 2 + bool(scheme.serial_ai) + 2 * scheme.has_pieces
    parts = []
    index = body.start
    for text in body.text.split(".", count - 1):
        parts.append(Span(text, index))
        index += len(text) + 1
    if len(parts) < count:
        fault = Fault(index - 1, "components_missing", _RULE, str(count), str(len(parts)), name)
        raise invalid([fault])
    return parts


def _elements(scheme: Scheme, parts: list[Span], faults: list[Fault]) -> tuple[Element, ...]:
    """Turn the components into key and qualifier; a class has no last component."""
    prefix, reference, *more = parts
    if not scheme.digits:
        key = prefix.text + component(reference, faults)
        spans = [prefix, reference]
        if not reference.text:
            faults.append(Fault(reference.start, "value_empty", _RULE, name=f"({scheme.ai})"))
    else:
        key = digits_key(scheme, prefix, reference, faults)
        spans = [Span(key, prefix.start)]
        if scheme.has_pieces:
            key += _pieces(more, faults)
            spans += more[:2]
            del more[:2]
    serial = component(more[0], faults) if more else ""
    if more and not serial:
        name = "" if scheme.serial_ai == "+" else f"({scheme.serial_ai})"
        faults.append(Fault(more[0].start, "value_empty", _RULE, name=name))
    if faults:
        return ()
    if scheme.serial_ai == "+":
        spans += more
        return (_element(scheme.ai, key + serial, spans, faults),)
    element = _element(scheme.ai, key, spans, faults)
    if not more or (scheme.serial_ai == "254" and serial == "0"):
        return (element,)
    return element, _element(scheme.serial_ai, serial, more, faults)


def _element(ai: str, value: str, spans: list[Span], faults: list[Fault]) -> Element:
    faults.extend(placed(fault, spans) for fault in value_faults(ai, value))
    return Element(ai, value, spans[0].start)


def digits_key(scheme: Scheme, prefix: Span, reference: Span, faults: list[Fault]) -> str:
    """Put company prefix and reference together and add the check digit."""
    length = scheme.digits - len(prefix.text)
    if len(reference.text) != length or (length and not is_digits(reference.text)):
        fault = Fault(reference.start, "reference_wrong", _RULE, str(length), reference.text)
        faults.append(fault)
        return ""
    if scheme.is_rearranged:
        payload = reference.text[0] + prefix.text + reference.text[1:]
    else:
        payload = scheme.lead + prefix.text + reference.text
    return payload + check_digit(payload)


def _pieces(parts: list[Span], faults: list[Fault]) -> str:
    for part in parts[:2]:
        if len(part.text) != 2 or not is_digits(part.text):
            faults.append(Fault(part.start, "reference_wrong", _RULE, "2", part.text))
    return parts[0].text + parts[1].text


def component(part: Span, faults: list[Fault]) -> str:
    """Undo the escapes of a component; what has to be escaped must be."""
    for match in ESCAPE_BROKEN.finditer(part.text):
        index = match.start()
        found = part.text[index : index + 3]
        faults.append(Fault(part.start + index, "escape_broken", _RULE, "%XX", found))
    for index, character in enumerate(part.text):
        if character in '"#&/<>?':
            expected = in_urn(character)
            fault = Fault(part.start + index, "escape_missing", _RULE, expected, character)
            faults.append(fault)
    return unescape(part.text)


def is_digits(text: str) -> bool:
    """Say whether there are ASCII digits and nothing else."""
    return text.isascii() and text.isdigit()


def write_urn(elements: tuple[Element, ...], prefix_length: int) -> str | None:
    """Write the EPC URN of a key, or None when there is no EPC for it.

    `elements` are the key and, where the canonical URI keeps one, its qualifier.
    """
    key, *more = elements
    for name, scheme in SCHEMES.items():
        if scheme.ai == key.ai:
            urn = _written(name, scheme, key.value, more[0] if more else None, prefix_length)
            if urn is not None:
                return urn
    return None


def _written(
    name: str, scheme: Scheme, key: str, qualifier: Element | None, prefix_length: int
) -> str | None:
    serial: str | None = None
    if scheme.serial_ai == "+":
        length = len(scheme.lead) + scheme.digits + 1
        key, serial = key[:length], key[length:] or None
    elif qualifier is not None:
        if qualifier.ai != scheme.serial_ai or (qualifier.ai, qualifier.value) == ("254", "0"):
            return None  # An extension "0" in a URN says that there is none.
        serial = qualifier.value
    elif scheme.serial_ai == "254":
        serial = "0"
    pieces = ""
    if scheme.has_pieces:
        key, pieces = key[:14], f".{key[14:16]}.{key[16:18]}"
    if scheme.digits:
        key = key[len(scheme.lead) : -1]
        if scheme.is_rearranged:
            key = key[1 : 1 + prefix_length] + key[0] + key[1 + prefix_length :]
    prefix, reference = key[:prefix_length], in_urn(key[prefix_length:])
    if not (scheme.digits or reference):
        return None
    kind = scheme.kinds[0]
    tail = ""
    if serial is not None:
        tail = f".{in_urn(serial)}"
    elif scheme.serial_ai:
        if not scheme.has_class:
            return None
        kind, tail = "idpat", ".*"
    return f"urn:epc:{kind}:{name}:{prefix}.{reference}{pieces}{tail}"
