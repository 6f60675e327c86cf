"""What an identifier is once it has been read: distinct types, never bare text. 标识

An `Identifier` is made at the edge by `parse`, inside there are canonical URIs. The
distinct types say of a text that it has been checked, and what for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NewType

from suyuan.identifier._key import CanonicalUri, Element

__all__ = [
    "Gln",
    "Gtin",
    "Identifier",
    "Kind",
    "Level",
    "LotKey",
    "ProductKey",
    "SerialKey",
    "Spelling",
    "Sscc",
]

Gtin = NewType("Gtin", str)
"""Fourteen digits, the last of which is the right check digit."""
Sscc = NewType("Sscc", str)
"""Eighteen digits, the last of which is the right check digit."""
Gln = NewType("Gln", str)
"""Thirteen digits, the last of which is the right check digit."""
ProductKey = NewType("ProductKey", CanonicalUri)
"""The canonical URI of a product: a GTIN, or a product code of a plant."""
LotKey = NewType("LotKey", CanonicalUri)
"""The canonical URI of a lot. The product is part of it, always."""
SerialKey = NewType("SerialKey", CanonicalUri)
"""The canonical URI of one instance of a product."""

Kind = Literal[
    "sscc",
    "gtin",
    "lgtin",
    "sgtin",
    "upui",
    "itip",
    "gln",
    "sgln",
    "pgln",
    "pay_to",
    "grai",
    "giai",
    "gsrn",
    "gsrnp",
    "gdti",
    "gcn",
    "cpid",
    "ginc",
    "gsin",
    "gmn",
    "gid",
    "usdod",
    "adi",
    "bic",
    "imovn",
    "plant_product",
    "plant_lot",
    "plant_serial",
    "uri",
]

Level = Literal["class", "lot", "instance", "place", "party", "unknown"]

Spelling = Literal[
    "digits", "element_string", "bracketed", "digital_link", "epc_urn", "plant_key", "uri"
]

_LEVELS: Mapping[str, Level] = {
    "gtin": "class",
    "lgtin": "lot",
    "gln": "place",
    "sgln": "place",
    "pgln": "party",
    "pay_to": "party",
    "gsrn": "party",
    "gsrnp": "party",
    "gmn": "class",
    "plant_product": "class",
    "plant_lot": "lot",
    "uri": "unknown",
}
# Keys that name a class until a serial number follows: as a qualifier, or after this many
# characters of the key itself.
_SERIAL_STARTS = {"grai": 14, "gdti": 13, "gcn": 13}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """One code, understood.

    `key` is the value of the key and `ai` its application identifier, where it is one of
    GS1; `attributes` is what the code says besides the key and its `qualifiers`. `lenient`
    are the codes of the notes on what was spelled leniently. `alternatives` are what else
    the same code could mean, or names besides.
    """

    kind: Kind
    canonical: CanonicalUri
    spelling: Spelling
    ai: str = ""
    key: str = ""
    qualifiers: tuple[Element, ...] = ()
    attributes: tuple[Element, ...] = ()
    product: str = ""  # The GTIN, or the product code of a plant.
    lot: str = ""
    serial: str = ""
    prefix_length: int | None = None  # Of the company prefix, where the code itself says it.
    lenient: tuple[str, ...] = ()
    alternatives: tuple[CanonicalUri, ...] = ()

    @property
    def elements(self) -> tuple[Element, ...]:
        """Give the whole code as elements: key, qualifiers, attributes."""
        key = (Element(self.ai, self.key),) if self.ai else ()
        return (*key, *self.qualifiers, *self.attributes)

    @property
    def level(self) -> Level:
        """Say whether it is a class of things, a lot, one thing, a place or a party."""
        if self.kind in _LEVELS:
            return _LEVELS[self.kind]
        if self.kind in ("itip", "cpid", *_SERIAL_STARTS) and not self.serial:
            return "lot" if self.lot else "class"
        return "instance"

    @property
    def gtin(self) -> Gtin | None:
        """Give the GTIN, where the key is one or holds one."""
        if self.kind in ("gtin", "lgtin", "sgtin", "upui", "itip"):
            return Gtin(self.key[:14])
        return None


def serial_in_key(kind: str, key: str) -> str:
    """Give the serial number that is the end of the key itself, if any."""
    start = _SERIAL_STARTS.get(kind)
    return key[start:] if start else ""
