"""From what stands in cells to canonical URIs: objects, products, places, parties. 标识解析

A cell may hold a whole code in any spelling, a bare GTIN or GLN, a code of the plant, or a
name that the master data knows. Nothing is made up: what is neither of these is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal
from urllib.parse import unquote

import msgspec

from suyuan.errors import InvalidInput, Problem
from suyuan.identifier import (
    Identifier,
    gln_uri,
    mint_lot,
    mint_plant_lot,
    mint_plant_product,
    mint_plant_serial,
    mint_serial,
    parse,
)

__all__ = ["Names", "Resolver", "Thing"]

_GTIN_LENGTHS = (12, 13, 14)
_DIGITS = re.compile(r"[0-9]+")
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?[Ee]\+?\d{1,2}")
_WHOLE_CODE = re.compile(r"\(|\]|urn:|https?://|[A-Za-z][A-Za-z0-9+.-]*://", re.IGNORECASE)
_CACHED_MAX = 50_000
_AMBIGUOUS_SHOWN = 5

NameKind = Literal["product", "place", "party", "person"]
_UNKNOWN = {
    "place": "place_unknown",
    "party": "party_unknown",
    "person": "person_unknown",
}
_KINDS: Mapping[str, NameKind] = {
    "urn:epcglobal:epcis:vtype:EPCClass": "product",
    "urn:epcglobal:epcis:vtype:BusinessLocation": "place",
    "urn:epcglobal:epcis:vtype:ReadPoint": "place",
    "urn:epcglobal:epcis:vtype:Location": "place",
    "urn:epcglobal:epcis:vtype:SourceDest": "party",
    "urn:epcglobal:epcis:vtype:Party": "party",
    "https://ns.suyuan.dev/plant/Person": "person",
}


class Names(msgspec.Struct):
    """What the record knows by name: URIs by kind and name, as the master data spells it."""

    by_kind: dict[str, dict[str, list[str]]] = {}
    plant_base: str = ""

    def learn(self, vocabulary: str, uri: str, names: Iterable[str]) -> None:
        """Take up the names of one element of the master data."""
        kind = _KINDS.get(vocabulary)
        if kind is None:
            return
        known = self.by_kind.setdefault(kind, {})
        for name in names:
            uris = known.setdefault(" ".join(name.split()).casefold(), [])
            if uri not in uris:
                uris.append(uri)

    def find(self, kind: NameKind, text: str) -> list[str]:
        """Give the URIs of a name."""
        return self.by_kind.get(kind, {}).get(" ".join(text.split()).casefold(), [])


class Thing(msgspec.Struct, frozen=True):
    """What an event can say of a thing: its URI, whether it is one item, its lot beside."""

    uri: str
    is_item: bool
    lot: str = ""
    """The number of the lot that an item belongs to, where only master data can tell."""


class Resolver:
    """Understands codes and names; what was understood once is remembered."""

    def __init__(self, names: Names, product_codes: str) -> None:
        self._names = names
        self._product_codes = product_codes
        self._known: dict[tuple[str, str], str | Identifier | Problem] = {}

    def thing(
        self, code: str, product: str, lot: str, serial: str
    ) -> Thing | Problem | tuple[str, Problem]:
        """Name a thing by a whole code, or by product with lot or serial number.

        A problem comes alone or with the field it belongs to.
        """
        if code:
            found = self._code(code)
            if isinstance(found, Problem):
                return "code", found
            if found.level in ("place", "party"):
                return "code", _wrong("code_is_no_thing", "", code)
            if found.level != "class":
                return Thing(found.canonical, found.level != "lot")
            return self._below(found.canonical, lot, serial)
        if not product:
            field = "lot" if lot else "serial" if serial else "product"
            return field, _wrong("product_missing", "", lot or serial)
        known = self.product(product)
        if isinstance(known, Problem):
            return "product", known
        if isinstance(known, Identifier):
            return Thing(known.canonical, known.level != "lot")
        return self._below(known, lot, serial)

    def product(self, text: str) -> str | Identifier | Problem:
        """Give the URI of a product, or what a whole code in its cell names besides."""
        return self._remembered("product", text)

    def place(self, text: str) -> str | Problem:
        """Give the URI of a place."""
        return self._uri("place", text)

    def party(self, text: str) -> str | Problem:
        """Give the URI of a company."""
        return self._uri("party", text)

    def person(self, text: str) -> str | Problem:
        """Give the reference of a person."""
        return self._uri("person", text)

    def _uri(self, kind: NameKind, text: str) -> str | Problem:
        found = self._remembered(kind, text)
        assert not isinstance(found, Identifier)
        return found

    def _code(self, text: str) -> Identifier | Problem:
        found = self._remembered("code", text)
        assert not isinstance(found, str)
        return found

    def _remembered(self, kind: str, text: str) -> str | Identifier | Problem:
        key = kind, text
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _CACHED_MAX:
                self._known.clear()
            found = self._known[key] = self._look_up(kind, text)
        return found

    def _look_up(self, kind: str, text: str) -> str | Identifier | Problem:
        if _ROUNDED.fullmatch(text):
            return _wrong("number_rounded", "", text)
        try:
            match kind:
                case "code":
                    return parse(text, plant_bases=self._bases())
                case "product":
                    return self._product(text)
                case "place":
                    return self._named("place", text, self._place(text))
                case "party":
                    return self._named("party", text, self._gln(text, "417"))
            return self._named("person", text, self._whole(text))
        except InvalidInput as error:
            return error.problems[0]

    def _bases(self) -> list[str]:
        return [self._names.plant_base] if self._names.plant_base else []

    # -- products

    def _product(self, text: str) -> str | Identifier | Problem:
        is_digits = _DIGITS.fullmatch(text) is not None
        may_be_gtin = is_digits and len(text) in _GTIN_LENGTHS
        if (
            self._product_codes == "gs1"
            or _WHOLE_CODE.match(text)
            or (may_be_gtin and self._product_codes == "any")
        ):
            return self._whole_product(text)
        named = self._names.find("product", text)
        if named:
            return self._one("product", text, named)
        if self._names.plant_base:
            return mint_plant_product(self._names.plant_base, text)
        if is_digits and len(text) == 8:
            return self._whole_product(text)
        return _wrong("plant_base_missing", "", text)

    def _whole_product(self, text: str) -> str | Identifier | Problem:
        found = parse(text, plant_bases=self._bases())
        if found.level == "class":
            return found.canonical
        if found.level in ("lot", "instance"):
            return found
        return _wrong("code_is_no_thing", "", text)

    def _below(self, product: str, lot: str, serial: str) -> Thing | Problem | tuple[str, Problem]:
        """Name a lot or an item of a product."""
        if not lot and not serial:
            return Thing(product, is_item=False)
        field = "serial" if serial else "lot"
        try:
            head, is_plant, code = product.rpartition("/p/")
            gtin = product.removeprefix("https://id.gs1.org/01/")
            if gtin != product and "/" not in gtin:
                if not serial:
                    return Thing(mint_lot(gtin, lot), is_item=False)
                uri: str = mint_serial(gtin, serial)
                if lot:  # A key that carries both says which lot the item is of.
                    uri = uri.replace("/21/", f"/10/{mint_lot(gtin, lot).rpartition('/')[2]}/21/")
                return Thing(uri, is_item=True)
            if is_plant and "/" not in code:
                if not serial:
                    return Thing(mint_plant_lot(head, unquote(code), lot), is_item=False)
                key = mint_plant_serial(head, unquote(code), serial)
                return Thing(key, is_item=True, lot=lot)
        except InvalidInput as error:
            return field, error.problems[0]
        return field, _wrong("product_without_lots", "", product)

    # -- places, parties, persons

    def _place(self, text: str) -> str | None:
        return self._gln(text, "414")

    def _gln(self, text: str, ai: str) -> str | None:
        """Read a GLN, bare or in any spelling, as a place (414) or as a party (417)."""
        if _DIGITS.fullmatch(text) and len(text) == 13:
            place = gln_uri(text)
            return place if ai == "414" else place.replace("/414/", "/417/")
        return self._whole(text)

    def _whole(self, text: str) -> str | None:
        if text.startswith("(") or text[:4].lower() == "urn:" or "://" in text:
            return parse(text, plant_bases=self._bases()).canonical
        return None

    def _named(self, kind: NameKind, text: str, uri: str | None) -> str | Problem:
        return uri if uri is not None else self._one(kind, text, self._names.find(kind, text))

    def _one(self, kind: NameKind, text: str, found: list[str]) -> str | Problem:
        """Give the one URI of a name, or say why there is not one."""
        if len(found) == 1:
            return found[0]
        if found:
            shown = ", ".join(found[:_AMBIGUOUS_SHOWN])
            return _wrong("name_ambiguous", shown, text)
        return _wrong(_UNKNOWN[kind], "", text)


def _wrong(code: str, expected: str, found: str) -> Problem:
    return Problem(code=f"importing.{code}", expected=expected, found=found[:200])
