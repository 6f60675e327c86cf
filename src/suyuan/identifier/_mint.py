"""Make new keys. Strict: what we print on goods is right, or it is refused. 编码生成

Source: GS1 General Specifications, sections 2 and 3 (structure of each key).
"""

from __future__ import annotations

from suyuan.identifier._application_identifiers import value_faults
from suyuan.identifier._check import check_digit
from suyuan.identifier._fault import Fault, invalid
from suyuan.identifier._key import CanonicalUri, Element, canonical_link
from suyuan.identifier._plant import plant_key
from suyuan.identifier._types import Gln, Gtin, LotKey, ProductKey, SerialKey, Sscc

__all__ = [
    "gln_uri",
    "gtin_check_digit",
    "mint_gln",
    "mint_gtin",
    "mint_lot",
    "mint_plant_lot",
    "mint_plant_product",
    "mint_plant_serial",
    "mint_serial",
    "mint_sscc",
    "product_uri",
    "sscc_uri",
]

_RULE = "GS1 General Specifications, section 2"
_PREFIX_LENGTHS = range(4, 13)


def gtin_check_digit(payload: str) -> str:
    """Calculate the check digit for a GTIN without one (7, 11, 12 or 13 digits).

    >>> gtin_check_digit("0952114101234")
    '5'
    """
    if len(payload) not in (7, 11, 12, 13) or not _is_digits(payload):
        raise invalid([Fault(0, "payload_wrong", _RULE, "7, 11, 12, 13", payload)])
    return check_digit(payload)


def mint_gtin(company_prefix: str, item_reference: str, *, indicator: int = 0) -> Gtin:
    """Make a GTIN of fourteen digits; a case of the same product has an indicator 1 to 8."""
    _check_prefix(company_prefix)
    reference = _digits(item_reference, 12 - len(company_prefix))
    if not 0 <= indicator <= 9:
        raise invalid([Fault(0, "number_too_large", _RULE, "9", str(indicator), "GTIN")])
    payload = f"{indicator}{company_prefix}{reference}"
    return Gtin(payload + check_digit(payload))


def mint_sscc(company_prefix: str, serial_reference: int, *, extension: int = 0) -> Sscc:
    """Make the SSCC of a logistic unit; the number is filled up with zeros."""
    _check_prefix(company_prefix)
    length = 16 - len(company_prefix)
    if not (0 <= serial_reference < 10**length and 0 <= extension <= 9):
        found = str(serial_reference if 0 <= extension <= 9 else extension)
        expected = str(10**length - 1 if 0 <= extension <= 9 else 9)
        raise invalid([Fault(0, "number_too_large", _RULE, expected, found, "SSCC")])
    payload = f"{extension}{company_prefix}{serial_reference:0{length}d}"
    return Sscc(payload + check_digit(payload))


def mint_gln(company_prefix: str, location_reference: str) -> Gln:
    """Make the GLN of a place or a party."""
    _check_prefix(company_prefix)
    payload = company_prefix + _digits(location_reference, 12 - len(company_prefix))
    return Gln(payload + check_digit(payload))


def product_uri(gtin: str) -> ProductKey:
    """Name a product by its GTIN of fourteen digits."""
    return ProductKey(_link(("01", gtin)))


def mint_lot(gtin: str, lot: str) -> LotKey:
    """Name a lot of a product."""
    return LotKey(_link(("01", gtin), ("10", lot)))


def mint_serial(gtin: str, serial: str) -> SerialKey:
    """Name one instance of a product."""
    return SerialKey(_link(("01", gtin), ("21", serial)))


def sscc_uri(sscc: str) -> CanonicalUri:
    """Name a logistic unit by its SSCC."""
    return _link(("00", sscc))


def gln_uri(gln: str, extension: str = "") -> CanonicalUri:
    """Name a place by its GLN, or a place inside it by an extension."""
    return _link(("414", gln), ("254", extension)) if extension else _link(("414", gln))


def mint_plant_product(base: str, product: str) -> ProductKey:
    """Name a product of a plant without GS1 keys; `base` is the address of the tenant."""
    return ProductKey(plant_key(base, product))


def mint_plant_lot(base: str, product: str, lot: str) -> LotKey:
    """Name a lot of a product of a plant: `{base}/p/{product}/l/{lot}`."""
    _check_given(lot, "lot")
    return LotKey(plant_key(base, product, lot=lot))


def mint_plant_serial(base: str, product: str, serial: str) -> SerialKey:
    """Name one instance of a product of a plant: `{base}/p/{product}/s/{serial}`."""
    _check_given(serial, "serial")
    return SerialKey(plant_key(base, product, serial=serial))


def _link(*parts: tuple[str, str]) -> CanonicalUri:
    faults = [fault for ai, value in parts for fault in value_faults(ai, value)]
    if faults:
        raise invalid(faults)
    return canonical_link([Element(ai, value) for ai, value in parts])


def _check_prefix(company_prefix: str) -> None:
    if len(company_prefix) not in _PREFIX_LENGTHS or not _is_digits(company_prefix):
        raise invalid([Fault(0, "prefix_length_wrong", _RULE, "4–12", company_prefix)])


def _digits(text: str, length: int) -> str:
    if len(text) != length or (length and not _is_digits(text)):
        raise invalid([Fault(0, "reference_wrong", _RULE, str(length), text)])
    return text


def _check_given(text: str, name: str) -> None:
    if not text:
        raise invalid([Fault(0, "value_empty", "plant key", name=name)])


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
