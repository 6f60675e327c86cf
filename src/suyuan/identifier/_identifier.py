"""What an identifier is once it has been read. 标识

An `Identifier` is made at the edge by `parse`; inside there are canonical URIs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from suyuan.identifier._key import CanonicalUri, Element, canonical_link
from suyuan.identifier._related import class_of
from suyuan.identifier._types import Gln, Gtin, LotKey, ProductKey, Sscc

__all__ = [
    "Identifier",
    "Kind",
    "Level",
    "Spelling",
]

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

    @property
    def sscc(self) -> Sscc | None:
        """Give the SSCC, where the key is one."""
        return Sscc(self.key) if self.kind == "sscc" else None

    @property
    def gln(self) -> Gln | None:
        """Give the GLN, where the key is one."""
        return Gln(self.key) if self.kind in ("gln", "sgln", "pgln", "pay_to") else None

    @property
    def product_key(self) -> ProductKey | None:
        """Name the class that this is, or that it belongs to by its own key."""
        return ProductKey(self.canonical) if self.level == "class" else class_of(self.canonical)

    @property
    def lot_key(self) -> LotKey | None:
        """Name the lot that this is, or that the code names besides the instance."""
        if self.level == "lot":
            return LotKey(self.canonical)
        if self.lot:
            return LotKey(canonical_link((Element(self.ai, self.key), Element("10", self.lot))))
        return None


def serial_in_key(kind: str, key: str) -> str:
    """Give the serial number that is the end of the key itself, if any."""
    start = _SERIAL_STARTS.get(kind)
    return key[start:] if start else ""
