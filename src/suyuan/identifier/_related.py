"""What a canonical URI says of other things: its product, its lot. 关联标识"""

from __future__ import annotations

from collections.abc import Sequence

from suyuan.errors import InvalidInput
from suyuan.identifier._characters import unescape
from suyuan.identifier._digital_link import read_link
from suyuan.identifier._key import CANONICAL_STEM, CanonicalUri, canonical_link
from suyuan.identifier._mint import mint_lot
from suyuan.identifier._plant import plant_key
from suyuan.identifier._types import LotKey, ProductKey

__all__ = ["class_of", "classes_of", "lot_in", "lot_of"]

_GTIN_STEM = f"{CANONICAL_STEM}/01/"
_GTIN_END = len(_GTIN_STEM) + 14
_ITIP_STEM = f"{CANONICAL_STEM}/8006/"
_CPID_STEM = f"{CANONICAL_STEM}/8010/"
_TYPES = (
    (f"{CANONICAL_STEM}/8003/", 14),
    (f"{CANONICAL_STEM}/253/", 13),
    (f"{CANONICAL_STEM}/255/", 13),
)


def class_of(canonical: str) -> ProductKey | None:
    """Give the class that a lot or an instance belongs to by its own name, if it says so.

    Of a plant key that is the product, whoever's plant it is.
    """
    if canonical.startswith(_GTIN_STEM):
        return _shorter(canonical, _GTIN_END)
    if canonical.startswith((_ITIP_STEM, _CPID_STEM)):
        return _shorter(canonical, canonical.find("/", len(_ITIP_STEM)))
    for stem, length in _TYPES:
        if canonical.startswith(stem):
            return _shorter(canonical, len(stem) + length)
    head, _, value = canonical.rpartition("/")
    if value and head[-2:] in ("/l", "/s") and head[:4] == "http":
        product = head[:-2]
        if product.rpartition("/")[0].endswith("/p"):
            return ProductKey(CanonicalUri(product))
    return None


def classes_of(canonical: Sequence[str]) -> list[ProductKey]:
    """Give the classes that some lots or instances belong to, each once, like `class_of`."""
    if len(canonical) > 1:
        # What the least and the greatest begin with, all between them begin with.
        start = min(canonical)[: _GTIN_END + 1]
        is_gtin = len(start) > _GTIN_END and start.startswith(_GTIN_STEM)
        if is_gtin and max(canonical).startswith(start):
            return [ProductKey(CanonicalUri(start[:-1]))]
    return [one for one in dict.fromkeys(map(class_of, canonical)) if one is not None]


def _shorter(canonical: str, end: int) -> ProductKey | None:
    return ProductKey(CanonicalUri(canonical[:end])) if 0 < end < len(canonical) else None


def lot_in(text: str) -> LotKey | None:
    """Give the lot that a key with both lot and serial number names besides its instance.

    The canonical URI of such a key is that of the instance and has lost the lot; so ask
    with the identifier as it was sent.
    """
    if "/10/" not in text and "/lot/" not in text:
        return None
    if not text[:8].lower().startswith(("http://", "https://")):
        return None
    try:
        link = read_link(text)
    except InvalidInput:
        return None
    if link is None:
        return None
    if {"10", "21"} - {element.ai for element in link.elements}:
        return None
    return LotKey(canonical_link([e for e in link.elements if e.ai != "21"]))


def lot_of(product: ProductKey, lot_number: str) -> LotKey | None:
    """Name a lot of a product, by GTIN or by plant key; None where that can't be written."""
    try:
        if product.startswith(_GTIN_STEM):
            return mint_lot(product[len(_GTIN_STEM) :], lot_number)
        base, found, code = product.rpartition("/p/")
        if found:
            return LotKey(plant_key(base, unescape(code), lot=lot_number))
    except InvalidInput:
        pass
    return None
