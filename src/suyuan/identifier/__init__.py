"""Names of things: GS1 keys, Digital Links, EPC URNs, plant keys. 标识

Everything that is named has one canonical URI. `parse` understands what people type and
scanners read; `canonical_uri` is the fast way for URIs, which is all that events hold.
"""

from suyuan.identifier._application_identifiers import element_title
from suyuan.identifier._canonical import canonical_uri, canonical_uris, epc_urn
from suyuan.identifier._digital_link import as_digital_link
from suyuan.identifier._element_string import as_bracketed, as_element_string
from suyuan.identifier._identifier import Identifier, Kind, Level, Spelling
from suyuan.identifier._key import CanonicalUri, Element
from suyuan.identifier._mint import (
    gln_uri,
    gtin_check_digit,
    mint_gln,
    mint_gtin,
    mint_lot,
    mint_plant_lot,
    mint_plant_product,
    mint_plant_serial,
    mint_serial,
    mint_sscc,
    product_uri,
    sscc_uri,
)
from suyuan.identifier._parse import parse
from suyuan.identifier._pattern import EpcPattern, canonical_pattern, epc_pattern
from suyuan.identifier._related import class_of, classes_of, lot_in, lot_of
from suyuan.identifier._types import Gln, Gtin, LotKey, ProductKey, SerialKey, Sscc

__all__ = [
    "CanonicalUri",
    "Element",
    "EpcPattern",
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
    "as_bracketed",
    "as_digital_link",
    "as_element_string",
    "canonical_pattern",
    "canonical_uri",
    "canonical_uris",
    "class_of",
    "classes_of",
    "element_title",
    "epc_pattern",
    "epc_urn",
    "gln_uri",
    "gtin_check_digit",
    "lot_in",
    "lot_of",
    "mint_gln",
    "mint_gtin",
    "mint_lot",
    "mint_plant_lot",
    "mint_plant_product",
    "mint_plant_serial",
    "mint_serial",
    "mint_sscc",
    "parse",
    "product_uri",
    "sscc_uri",
]
