"""Names and properties of everything the events mention. 主数据

Events carry keys only. What a key stands for is here, in English and in Chinese; the names of
persons are here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable

from suyuan.demo._keys import lot_uri
from suyuan.demo._places import (
    DAIRY,
    Company,
    Equipment,
    Person,
    Place,
    Region,
    shared_companies,
)
from suyuan.demo._products import PRODUCTS, Product
from suyuan.demo._stations import NAMESPACE

__all__ = ["as_vocabularies", "master_data_of"]

Entry = dict[str, object]
_VOCABULARIES = {
    "product": "urn:epcglobal:epcis:vtype:EPCClass",
    "place": "urn:epcglobal:epcis:vtype:BusinessLocation",
    "party": "urn:epcglobal:epcis:vtype:SourceDest",
    "equipment": f"{NAMESPACE}Equipment",
    "person": f"{NAMESPACE}Person",
}
_ATTRIBUTES = {
    "product_kind": "productKind",
    "uom": "unit",
    "shelf_life_days": "shelfLifeDays",
    "holds_gtin": "holdsGtin",
    "pieces": "pieces",
    "role": "role",
    "level": "level",
    "part_of": "partOf",
    "party": "party",
    "equipment_kind": "equipmentKind",
    "place": "place",
}


def _names(english: str, chinese: str) -> dict[str, str]:
    return {"en": english, "zh": chinese}


def _product(product: Product) -> Entry:
    entry: Entry = {
        "kind": "product",
        "id": lot_uri(product.gtin, "")[: -len("/10/")],
        "gtin": product.gtin,
        "product_kind": product.kind,
        "name": _names(product.en, product.zh),
        "uom": product.uom,
    }
    if product.shelf_life_days:
        entry["shelf_life_days"] = product.shelf_life_days
    if product.case_gtin:
        entry["case_gtin"] = product.case_gtin
        entry["pieces_per_case"] = product.per_case
    return entry


def _case(product: Product) -> Entry:
    return {
        "kind": "product",
        "id": lot_uri(product.case_gtin, "")[: -len("/10/")],
        "gtin": product.case_gtin,
        "product_kind": "case",
        "name": _names(
            f"Case of {product.per_case}, {product.en}", f"{product.zh} {product.per_case} 件装箱"
        ),
        "uom": None,
        "holds_gtin": product.gtin,
        "pieces": product.per_case,
    }


def _company(company: Company) -> Entry:
    return {
        "kind": "party",
        "id": company.uri,
        "role": company.kind,
        "name": _names(company.en, company.zh),
        "company_prefix": company.prefix,
    }


def _place(place: Place) -> Entry:
    return {
        "kind": "place",
        "id": place.uri,
        "level": place.level,
        "name": _names(place.en, place.zh),
        "part_of": place.parent,
        "party": place.company,
    }


def _equipment(equipment: Equipment) -> Entry:
    return {
        "kind": "equipment",
        "id": equipment.uri,
        "equipment_kind": equipment.kind,
        "name": _names(equipment.en, equipment.zh),
        "place": equipment.place,
    }


def _person(person: Person) -> Entry:
    return {
        "kind": "person",
        "id": person.uri,
        "role": person.role,
        "name": _names(person.en, person.zh),
        "employer": DAIRY.uri,
    }


def _of_region(region: Region) -> Iterable[Entry]:
    yield _company(region.cooperative)
    for farm in region.farms:
        yield _company(farm.company)
        yield _place(farm.place) | {"is_organic": farm.is_organic}
        yield _product(farm.product)
    yield _place(region.site)
    yield from map(_place, region.places.values())
    yield from map(_equipment, region.equipment.values())
    for shift in region.people.values():
        yield from map(_person, shift)
    yield from map(_place, region.centres)
    yield from (_place(shop.place) for shop in region.shops)
    yield _place(region.co_packer)
    yield _place(region.feed_farm)
    yield from map(_place, region.supplier_places.values())


def master_data_of(regions: Iterable[Region]) -> list[Entry]:
    """Give all entries: parties, products, places, equipment, persons."""
    entries = [_company(company) for company in shared_companies()]
    for product in PRODUCTS:
        entries.append(_product(product))
        if product.case_gtin:
            entries.append(_case(product))
    for region in regions:
        entries.extend(_of_region(region))
    return entries


def as_vocabularies(entries: Iterable[Entry]) -> list[Entry]:
    """Write entries as EPCIS master data (EPCIS 2.0, 6.1), one vocabulary for each kind.

    English names are the attribute `name` of CBV 2.0, section 9; what CBV has no word for is
    in our namespace.
    """
    lists: dict[str, list[Entry]] = {kind: [] for kind in _VOCABULARIES}
    for entry in entries:
        names = entry["name"]
        assert isinstance(names, dict)
        attributes: list[Entry] = [
            {"id": "urn:epcglobal:cbv:mda#name", "attribute": names["en"]},
            {"id": f"{NAMESPACE}nameChinese", "attribute": names["zh"]},
        ]
        attributes += [
            {"id": NAMESPACE + word, "attribute": str(entry[key])}
            for key, word in _ATTRIBUTES.items()
            if entry.get(key) is not None
        ]
        lists[str(entry["kind"])].append({"id": entry["id"], "attributes": attributes})
    return [
        {"type": _VOCABULARIES[kind], "vocabularyElementList": elements}
        for kind, elements in lists.items()
    ]
