"""Read any code a person types, a scanner reads or a partner sends. 解析

Strict about characters, check digits and syntax; lenient about a spelling that has one
meaning, and then the answer says so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import cast

from suyuan.errors import InvalidInput
from suyuan.identifier._application_identifiers import value_faults
from suyuan.identifier._digital_link import read_link
from suyuan.identifier._element_string import (
    SEPARATOR,
    Reading,
    read_bracketed,
    read_element_string,
)
from suyuan.identifier._epc import read_urn
from suyuan.identifier._fault import Fault, invalid, shifted
from suyuan.identifier._identifier import Identifier, Kind, Spelling, serial_in_key
from suyuan.identifier._key import (
    KEYS,
    KIND_OF,
    CanonicalUri,
    Element,
    canonical_link,
    finest,
    own_qualifiers,
    ranked_keys,
)
from suyuan.identifier._plant import read_plant_key
from suyuan.identifier._uri import is_uri, uri_faults

__all__ = ["CODE_CHARACTERS_MAX", "parse"]

CODE_CHARACTERS_MAX = 8_192  # More than any symbol holds.

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_ADDRESS = re.compile(r"(?:[A-Za-z0-9\-]+\.)+[A-Za-z]{2,}(?::[0-9]+)?/[^\s]*")
_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9A-Za-z]")
# ISO/IEC 15424: GS1-128, DataBar, DataMatrix, QR Code and DotCode with FNC1 first.
_GS1_SYMBOLOGIES = ("]C1", "]e0", "]e1", "]e2", "]d2", "]Q3", "]J1")
_GROUPED_DIGITS = re.compile(r"[0-9]+(?:[ -][0-9]+)+")
_DIGITS = re.compile(r"[0-9]+")

# Bare digits: which key is meant, and which other it could be.
_BARE = {8: "01", 12: "01", 13: "01", 14: "01", 17: "402", 18: "00"}
_ALSO = {13: ("414", "417"), 18: ("8017", "8018")}

# Chinese keyboards type these; no value may hold them.
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def parse(code: str, *, plant_bases: Collection[str] = ()) -> Identifier:
    """Understand a code in any spelling, or raise `InvalidInput` with all its problems.

    Understood are element strings (with FNC1 or a symbology identifier), the bracketed
    form, bare digits of a GTIN, SSCC or GSIN, Digital Link URIs on any host, EPC URNs,
    keys of the plants at `plant_bases`, and any other absolute URI.
    """
    if len(code) > CODE_CHARACTERS_MAX:
        found, expected = str(len(code)), str(CODE_CHARACTERS_MAX)
        raise invalid([Fault(CODE_CHARACTERS_MAX, "code_too_long", "", expected, found)])
    notes: list[str] = []
    text = code.rstrip(" \t\r\n\0")
    start = len(text) - len(text.lstrip(" \t\r\n\ufeff"))
    if start or text != code:
        notes.append("lenient_space_dropped")
    if start == len(text):
        raise invalid([Fault(0, "code_empty")])
    symbology = _SYMBOLOGY.match(text, start)
    if symbology:
        start = symbology.end()
        if symbology[0] in _GS1_SYMBOLOGIES:
            return _of_reading(read_element_string(text, start), "element_string", notes, start)
        if symbology[0][:2] == "]E" and _DIGITS.fullmatch(text, start):
            return _of_digits(text[start:], start, notes, is_trade_item=True)
    if _URI.match(text, start):
        return _of_uri(text, start, notes, plant_bases)
    narrow = text.translate(_NARROW)
    if narrow != text:
        notes.append("lenient_full_width")
    return _of_text(narrow, start, notes, plant_bases)


def _of_text(text: str, start: int, notes: list[str], plant_bases: Collection[str]) -> Identifier:
    """Understand a code that is no URI."""
    if text[start : start + 1] == "(":
        return _of_reading(read_bracketed(text, start), "bracketed", notes, start)
    bare = text[start:]
    if _GROUPED_DIGITS.fullmatch(bare):
        notes.append("lenient_grouping_dropped")
        bare = re.sub("[ -]", "", bare)
        if len(bare) not in _BARE:
            raise invalid([Fault(start, "code_unknown", found=text[start:][:40])])
    if _DIGITS.fullmatch(bare) and len(bare) in _BARE:
        return _of_digits(bare, start, notes)
    if _ADDRESS.fullmatch(bare):
        notes.append("lenient_scheme_added")
        scheme = "https://"
        # Places are counted in the code as it was given.
        return _of_uri(f"{scheme}{bare}", 0, notes, plant_bases, start - len(scheme))
    if bare[:1] in f"{SEPARATOR}␝^" or any(bare.startswith(ai) for ai in KEYS):
        return _of_reading(read_element_string(text, start), "element_string", notes, start)
    try:
        reading = read_element_string(text, start)
    except InvalidInput:
        # Nothing says that this was meant for an element string.
        raise invalid([Fault(start, "code_unknown", found=bare[:40])]) from None
    return _of_reading(reading, "element_string", notes, start)


def _of_digits(
    digits: str, start: int, notes: list[str], *, is_trade_item: bool = False
) -> Identifier:
    """Understand bare digits; the symbols of retail trade hold nothing but GTINs."""
    ai = "01" if is_trade_item else _BARE[len(digits)]
    value = digits
    if ai == "01" and len(digits) < 14:
        value = digits.zfill(14)
        notes.append("lenient_gtin_padded")
    faults = value_faults(ai, value)
    if faults:
        raise invalid([fault.moved(start + len(digits) - len(value)) for fault in faults])
    also = () if is_trade_item else _ALSO.get(len(digits), ())
    if also:
        notes.append("lenient_read_as_gtin" if ai == "01" else "lenient_read_as_sscc")
    others = [canonical_link((Element(other, digits),)) for other in also]
    return _made((Element(ai, value, start),), (), "digits", notes, alternatives=others)


def _of_reading(reading: Reading, spelling: Spelling, notes: list[str], start: int) -> Identifier:
    notes += reading.lenient
    keys = ranked_keys(reading.elements)
    if not keys:
        found = ", ".join(f"({element.ai})" for element in reading.elements)
        raise invalid([Fault(start, "key_missing", "", "", found)])
    key, *others = keys
    qualifiers = own_qualifiers(key, reading.elements)
    taken = {key.ai, *(element.ai for element in qualifiers)}
    attributes = [element for element in reading.elements if element.ai not in taken]
    return _made(
        (key, *qualifiers),
        attributes,
        spelling,
        notes,
        alternatives=[
            canonical_link((other, *own_qualifiers(other, attributes))) for other in others
        ],
    )


def _of_uri(
    text: str, start: int, notes: list[str], plant_bases: Collection[str], offset: int = 0
) -> Identifier:
    try:
        return _of_uri_alone(text[start:], notes, plant_bases)
    except InvalidInput as error:
        raise shifted(error, start + offset) from None


def _of_uri_alone(uri: str, notes: list[str], plant_bases: Collection[str]) -> Identifier:
    lower = uri[:8].lower()
    if lower == "urn:epc:" and uri[8:12] != "raw:":
        return _of_urn(uri, notes)
    plant = read_plant_key(uri, plant_bases) if plant_bases else None
    if plant is not None:
        if plant.is_respelled:
            notes.append("lenient_plant_key_respelled")
        kind = "plant_lot" if plant.lot else "plant_serial" if plant.serial else "plant_product"
        return Identifier(
            kind=cast(Kind, kind),
            canonical=plant.canonical,
            spelling="plant_key",
            key=plant.lot or plant.serial or plant.product,
            product=plant.product,
            lot=plant.lot,
            serial=plant.serial,
            lenient=_codes(notes),
        )
    if not is_uri(uri):
        raise invalid(uri_faults(uri))
    if lower.startswith(("http://", "https://")):
        link = read_link(uri, is_scanned=True)
        if link is not None:
            notes += link.lenient
            if lower != uri[:8]:
                notes.append("lenient_letter_case")
            own = CanonicalUri(uri) if KEYS[link.elements[0].ai].kept is None else None
            return _made(link.elements, link.attributes, "digital_link", notes, canonical=own)
    return Identifier(
        kind="uri", canonical=CanonicalUri(uri), spelling="uri", key=uri, lenient=_codes(notes)
    )


def _of_urn(uri: str, notes: list[str]) -> Identifier:
    if uri[:8] != "urn:epc:":
        notes.append("lenient_letter_case")
    urn = read_urn(uri)
    if not urn.elements:
        return Identifier(
            kind=cast(Kind, urn.scheme),
            canonical=CanonicalUri(uri),
            spelling="epc_urn",
            key=uri.split(":", 4)[4],
            lenient=_codes(notes),
        )
    return _made(urn.elements, (), "epc_urn", notes, prefix_length=urn.prefix_length)


def _made(
    elements: Sequence[Element],
    attributes: Sequence[Element],
    spelling: Spelling,
    notes: list[str],
    *,
    canonical: CanonicalUri | None = None,
    alternatives: Sequence[CanonicalUri] = (),
    prefix_length: int | None = None,
) -> Identifier:
    """Put an identifier together from its key, qualifiers and attributes."""
    key, qualifier = finest(elements)
    kind = cast(Kind, KIND_OF[key.ai, qualifier.ai if qualifier else ""])
    values = {element.ai: element.value for element in elements}
    serial = next((values[ai] for ai in ("21", "235", "8011") if ai in values), "")
    return Identifier(
        kind=kind,
        canonical=canonical or canonical_link(elements),
        spelling=spelling,
        ai=key.ai,
        key=key.value,
        qualifiers=tuple(elements[1:]),
        attributes=tuple(attributes),
        product=key.value[:14] if key.ai in ("01", "8006") else "",
        lot=values.get("10", ""),
        serial=serial or serial_in_key(kind, key.value),
        prefix_length=prefix_length,
        lenient=_codes(notes),
        alternatives=tuple(alternatives),
    )


def _codes(notes: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"identifier.{note}" for note in notes))
