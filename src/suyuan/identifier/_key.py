"""GS1 keys and their qualifiers: which go together, and the canonical URI they make. 标识键

Sources: GS1 Digital Link URI Syntax, section 4 (keys, order of qualifiers); GS1 CBV 2.0,
section 8.9 (which keys and qualifiers a constrained canonical URI may hold).
Set in stone: the canonical URI is the name of the object in every stored event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, NewType

from suyuan.identifier._characters import in_path

__all__ = [
    "CANONICAL_STEM",
    "KEYS",
    "KIND_OF",
    "NAMES_IN_LINKS",
    "CanonicalUri",
    "Element",
    "Key",
    "canonical_link",
    "finest",
    "own_qualifiers",
    "ranked_keys",
]

CanonicalUri = NewType("CanonicalUri", str)

CANONICAL_STEM = "https://id.gs1.org"


class Element(NamedTuple):
    """One application identifier with its value, and where the value starts in the code."""

    ai: str
    value: str
    start: int = 0


class Key(NamedTuple):
    """What may follow a primary key in the path of a Digital Link, in that order.

    `sequences` are alternatives; `kept` are the qualifiers that the canonical URI of the
    event hash may hold, the finest first, and only one of them. A key whose `kept` is None
    is none that EPCIS carries.
    """

    sequences: tuple[tuple[str, ...], ...] = ()
    kept: tuple[str, ...] | None = ()


KEYS: Mapping[str, Key] = {
    "00": Key(),
    "01": Key((("22", "10", "21"), ("235",)), ("21", "235", "10")),
    "253": Key(),
    "255": Key(),
    "401": Key(),
    "402": Key(),
    "414": Key((("254",), ("7040",)), ("254",)),
    "415": Key((("8020",),), None),
    "417": Key((("7040",),)),
    "8003": Key(),
    "8004": Key((("7040",),)),
    "8006": Key((("22", "10", "21"),), ("21", "10")),
    "8010": Key((("8011",),), ("8011",)),
    "8013": Key((), None),
    "8017": Key((("8019",),)),
    "8018": Key((("8019",),)),
}

# Words for keys and qualifiers that the first releases of the standard allowed in a path.
NAMES_IN_LINKS: Mapping[str, str] = {
    "sscc": "00",
    "gtin": "01",
    "gdti": "253",
    "gcn": "255",
    "ginc": "401",
    "gsin": "402",
    "gln": "414",
    "payTo": "415",
    "party": "417",
    "grai": "8003",
    "giai": "8004",
    "itip": "8006",
    "cpid": "8010",
    "gmn": "8013",
    "gsrnp": "8017",
    "gsrn": "8018",
    "cpv": "22",
    "lot": "10",
    "ser": "21",
    "glnx": "254",
    "cpsn": "8011",
    "srin": "8019",
    "refno": "8020",
}

KIND_OF: Mapping[tuple[str, str], str] = {
    ("00", ""): "sscc",
    ("01", ""): "gtin",
    ("01", "10"): "lgtin",
    ("01", "21"): "sgtin",
    ("01", "235"): "upui",
    ("253", ""): "gdti",
    ("255", ""): "gcn",
    ("401", ""): "ginc",
    ("402", ""): "gsin",
    ("414", ""): "gln",
    ("414", "254"): "sgln",
    ("415", ""): "pay_to",
    ("417", ""): "pgln",
    ("8003", ""): "grai",
    ("8004", ""): "giai",
    ("8006", ""): "itip",
    ("8006", "10"): "itip",
    ("8006", "21"): "itip",
    ("8010", ""): "cpid",
    ("8010", "8011"): "cpid",
    ("8013", ""): "gmn",
    ("8017", ""): "gsrnp",
    ("8018", ""): "gsrn",
}

# Keys of things come before keys of shipments and places on the same label.
_SECOND_RANK = ("255", "401", "402", "414", "415", "417")


def finest(elements: Sequence[Element]) -> tuple[Element, Element | None]:
    """Give the key (the first element) and the finest qualifier the canonical URI keeps."""
    key = elements[0]
    for ai in KEYS[key.ai].kept or ():
        for element in elements:
            if element.ai == ai:
                return key, element
    return key, None


def canonical_link(elements: Sequence[Element]) -> CanonicalUri:
    """Write the constrained canonical Digital Link URI of a key with its qualifiers."""
    key, qualifier = finest(elements)
    link = f"{CANONICAL_STEM}/{key.ai}/{in_path(key.value)}"
    if qualifier is not None:
        link = f"{link}/{qualifier.ai}/{in_path(qualifier.value)}"
    return CanonicalUri(link)


def ranked_keys(elements: Iterable[Element]) -> list[Element]:
    """Give the keys among the elements; what the code stands on comes first."""
    keys = [element for element in elements if element.ai in KEYS]
    return sorted(keys, key=lambda element: element.ai in _SECOND_RANK)


def own_qualifiers(key: Element, elements: Iterable[Element]) -> tuple[Element, ...]:
    """Give the qualifiers of a key in the order of the standard."""
    elements = tuple(elements)
    best: tuple[Element, ...] = ()
    for line in KEYS[key.ai].sequences:
        found = tuple(e for ai in line for e in elements if e.ai == ai)
        if len(found) > len(best):
            best = found
    return best
