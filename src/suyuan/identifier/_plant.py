"""Plant keys: names for the things of makers without a GS1 prefix. 工厂标识

`{base}/p/{product}/l/{lot}` names a lot, `{base}/p/{product}/s/{serial}` one instance,
`{base}/p/{product}` the product itself. The base is the address of the tenant, so the name
resolves, and two plants never give the same name to two things. A lot is never named by
its bare text: the product is part of the key.

Set in stone: keys that were printed on goods stay readable for ever.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import NamedTuple
from urllib.parse import quote

from suyuan.identifier._characters import unescape
from suyuan.identifier._fault import Fault, invalid
from suyuan.identifier._key import CanonicalUri
from suyuan.identifier._uri import URI_BYTES_MAX

__all__ = ["PART_CHARACTERS_MAX", "PlantKey", "plant_key", "read_plant_key"]

PART_CHARACTERS_MAX = 100

_RULE = "plant key"
_BASE = re.compile(r"https?://[a-z0-9.\-]+(?::[0-9]+)?(?:/[A-Za-z0-9.\-_~]+)*")
_WORDS = {"l": "lot", "s": "serial"}


class PlantKey(NamedTuple):
    """A plant key taken apart."""

    canonical: CanonicalUri
    product: str
    lot: str = ""
    serial: str = ""
    is_respelled: bool = False


def plant_key(base: str, product: str, *, lot: str = "", serial: str = "") -> CanonicalUri:
    """Write a plant key. Strict: refuses what could not be read back as the same."""
    faults = [] if _BASE.fullmatch(base) else [Fault(0, "plant_base_wrong", _RULE, "", base)]
    key = f"{base}/p/{_written(product, 'product', faults)}"
    if lot:
        key += f"/l/{_written(lot, 'lot', faults)}"
    elif serial:
        key += f"/s/{_written(serial, 'serial', faults)}"
    if not faults and len(key) > URI_BYTES_MAX:
        faults.append(Fault(0, "uri_too_long", _RULE, str(URI_BYTES_MAX), str(len(key))))
    if faults:
        raise invalid(faults)
    return CanonicalUri(key)


def _written(text: str, name: str, faults: list[Fault], start: int = 0) -> str:
    fault = _part_fault(text, name)
    if fault is not None:
        faults.append(fault.moved(start))
        return ""
    return quote(text, safe="")


def _part_fault(text: str, name: str) -> Fault | None:
    if not text:
        return Fault(0, "value_empty", _RULE, name=name)
    if len(text) > PART_CHARACTERS_MAX:
        expected = f"1–{PART_CHARACTERS_MAX}"
        return Fault(PART_CHARACTERS_MAX, "length_wrong", _RULE, expected, str(len(text)), name)
    if text != text.strip() or text in (".", ".."):
        return Fault(0, "plant_part_wrong", _RULE, "", repr(text), name)
    for index, character in enumerate(text):
        # Controls, halves of surrogate pairs, what is not assigned, and invisible marks.
        if unicodedata.category(character)[0] == "C" or character == "\ufffd":
            return Fault(index, "plant_part_wrong", _RULE, "", repr(character), name)
    if unicodedata.normalize("NFC", text) != text:
        expected = unicodedata.normalize("NFC", text)
        return Fault(0, "plant_part_wrong", _RULE, expected, repr(text), name)
    return None


def read_plant_key(text: str, bases: Collection[str]) -> PlantKey | None:
    """Take a plant key below one of these addresses apart; None when it is none.

    Another spelling of the same key (letters that should be escaped, capital letters in
    the name of the host) is understood, and said to be one.
    """
    address, _, _ = text.partition("#")
    address, _, _ = address.partition("?")
    for base in bases:
        if address[: len(base)].lower() != base.lower() or address[len(base) :][:3] != "/p/":
            continue
        if not _same_address(address, base):
            continue
        names = address[len(base) + 1 :].split("/")
        if len(names) not in (2, 4) or (len(names) == 4 and names[2] not in _WORDS):
            index = len(base) + 3
            found = address[index:]
            raise invalid([Fault(index, "plant_key_wrong", _RULE, "/p/…/l/…", found)])
        return _read(text, base, names)
    return None


def _same_address(text: str, base: str) -> bool:
    """Compare scheme and host without regard to case, the path with it."""
    host = base.partition("://")[2].partition("/")[0]
    cut = len(base.partition("://")[0]) + 3 + len(host)
    return text[cut : len(base)] == base[cut:]


def _read(text: str, base: str, names: list[str]) -> PlantKey:
    faults: list[Fault] = []
    start = len(base) + 3
    product = unicodedata.normalize("NFC", unescape(names[1]))
    key = f"{base}/p/{_written(product, 'product', faults, start)}"
    lot = serial = ""
    if len(names) == 4:
        start += len(names[1]) + 3
        value = unicodedata.normalize("NFC", unescape(names[3]))
        key += f"/{names[2]}/{_written(value, _WORDS[names[2]], faults, start)}"
        lot, serial = (value, "") if names[2] == "l" else ("", value)
    if faults:
        raise invalid(faults)
    return PlantKey(CanonicalUri(key), product, lot, serial, key != text)
