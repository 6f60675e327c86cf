"""GS1 keys of the demo's companies, all under prefixes that GS1 keeps for examples. 标识键

Every company prefix here has seven digits and starts with 9521: GS1 prefix 952 is reserved
for demonstrations, and its table gives 9521 company prefixes of length seven. So a key of the
demo has one EPC URN, which the partners of the dairy write, and one canonical Digital Link
URI, which the dairy writes itself.

GS1 General Specifications 26, sections 3 and 7.9 (check digit); GS1 EPC Tag Data Standard 2.0,
section 6 (URNs); GS1 Digital Link URI Syntax 1.4.
"""

from __future__ import annotations

__all__ = [
    "check_digit",
    "document_key",
    "epc_urn",
    "gln",
    "gtin",
    "lot_uri",
    "party_uri",
    "person_uri",
    "physical_asset_uri",
    "place_uri",
    "returnable_asset_uri",
    "serial_uri",
    "sscc_uri",
]

_LINK = "https://id.gs1.org"
_PREFIX_LENGTH = 7


def check_digit(digits: str) -> str:
    """Give the last digit of a GS1 key: weights 3 and 1 from the right, modulo 10."""
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def gtin(prefix: str, reference: int, *, indicator: int = 0) -> str:
    """Make a GTIN-14; the indicator digit tells a case from the unit in it."""
    digits = f"{indicator}{prefix}{reference:05d}"
    return digits + check_digit(digits)


def gln(prefix: str, reference: int) -> str:
    """Make a GLN."""
    digits = f"{prefix}{reference:05d}"
    return digits + check_digit(digits)


def lot_uri(gtin14: str, lot_number: str) -> str:
    """Name a lot of a product (LGTIN)."""
    return f"{_LINK}/01/{gtin14}/10/{lot_number}"


def serial_uri(gtin14: str, serial_number: str) -> str:
    """Name one instance of a product (SGTIN)."""
    return f"{_LINK}/01/{gtin14}/21/{serial_number}"


def sscc_uri(prefix: str, extension: int, reference: int) -> str:
    """Name a pallet or another logistic unit."""
    digits = f"{extension}{prefix}{reference:09d}"
    return f"{_LINK}/00/{digits}{check_digit(digits)}"


def place_uri(gln13: str, extension: str = "") -> str:
    """Name a place, or with an extension a spot in it (SGLN)."""
    return f"{_LINK}/414/{gln13}/254/{extension}" if extension else f"{_LINK}/414/{gln13}"


def party_uri(gln13: str) -> str:
    """Name a company as owner or holder of goods (PGLN)."""
    return f"{_LINK}/417/{gln13}"


def returnable_asset_uri(prefix: str, asset_type: int, serial_number: str) -> str:
    """Name a crate or another container that comes back (GRAI)."""
    digits = f"{prefix}{asset_type:05d}"
    return f"{_LINK}/8003/0{digits}{check_digit(digits)}{serial_number}"


def physical_asset_uri(prefix: str, reference: str) -> str:
    """Name a piece of equipment, a truck or a sensor (GIAI)."""
    return f"{_LINK}/8004/{prefix}{reference}"


def person_uri(prefix: str, reference: int) -> str:
    """Name an operator by a reference, never by name (GSRN for the one who serves)."""
    digits = f"{prefix}{reference:010d}"
    return f"{_LINK}/8017/{digits}{check_digit(digits)}"


def document_key(prefix: str, document_type: int, serial_number: str) -> str:
    """Name a document, such as an order or a despatch advice (GDTI)."""
    digits = f"{prefix}{document_type:05d}"
    return f"{_LINK}/253/{digits}{check_digit(digits)}{serial_number}"


def epc_urn(uri: str) -> str:
    """Spell a key made in this module as an EPC URN, as the dairy's partners do."""
    parts = uri.split("/")
    kind, key = parts[3], parts[4]
    cut = _PREFIX_LENGTH
    match kind:
        case "01":
            item = f"{key[1 : 1 + cut]}.{key[0]}{key[1 + cut : 13]}.{parts[6]}"
            scheme = "class:lgtin" if parts[5] == "10" else "id:sgtin"
        case "00":
            item = f"{key[1 : 1 + cut]}.{key[0]}{key[1 + cut : 17]}"
            scheme = "id:sscc"
        case "414":
            extension = parts[6] if len(parts) > 6 else "0"
            item = f"{key[:cut]}.{key[cut:12]}.{extension}"
            scheme = "id:sgln"
        case "417":
            item, scheme = f"{key[:cut]}.{key[cut:12]}", "id:pgln"
        case "8003":
            item, scheme = f"{key[1 : 1 + cut]}.{key[1 + cut : 13]}.{key[14:]}", "id:grai"
        case "8004":
            item, scheme = f"{key[:cut]}.{key[cut:]}", "id:giai"
        case "8017":
            item, scheme = f"{key[:cut]}.{key[cut:17]}", "id:gsrnp"
        case "253":
            item, scheme = f"{key[:cut]}.{key[cut:12]}.{key[13:]}", "id:gdti"
        case _:
            raise AssertionError(f"no EPC URN for {uri}")
    return f"urn:epc:{scheme}:{item}"
