"""To which lots the instances of an event belong, as the event says itself. 所属批次

Two ways to say it: `lotNumber` in the instance and lot master data of the event that brings
the instances into being (CBV 2.0, 9.2), and a Digital Link with both lot and serial number.
A lot is named by product and lot number together, so each product has a lot of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from suyuan.event._context import Context
from suyuan.event._hash_text import name_text
from suyuan.event._model import Mention, Role
from suyuan.identifier import class_of, lot_in, lot_of

__all__ = ["lots_by_key", "lots_by_master_data"]

_LOT_NUMBER = "{urn:epcglobal:cbv:mda}lotNumber"
_INSTANCES = frozenset({int(Role.EPC), int(Role.OUTPUT)})
_LOT = int(Role.LOT)


def lots_by_key(sent: Sequence[str], canonical: Sequence[str]) -> Iterable[Mention]:
    """Give the lots that identifiers name beside their instances, each with its instance."""
    together = "".join(sent)
    if "/10/" in together or "/lot/" in together:
        pairs = dict.fromkeys(zip(map(lot_in, sent), canonical, strict=True))
        yield from ((_LOT, lot, None, None, one) for lot, one in pairs if lot is not None)


def lots_by_master_data(
    body: dict[str, Any], mentions: Sequence[Mention], context: Context
) -> list[Mention]:
    """Give the lots that the master data of an event puts its instances in."""
    numbers = [
        text
        for key, value in body["ilmd"].items()
        if name_text(key, context) == _LOT_NUMBER
        for text in _texts(value)
    ]
    if not numbers:
        return []
    products = dict.fromkeys(class_of(one[1]) for one in mentions if one[0] in _INSTANCES)
    lots = (lot_of(product, text) for product in products if product for text in numbers)
    return [(_LOT, lot, None, None, None) for lot in dict.fromkeys(lots) if lot is not None]


def _texts(value: Any) -> Iterable[str]:
    """Give the texts of a field: of a text, a number, an XML element, or a list of them."""
    if isinstance(value, list):
        for element in value:
            yield from _texts(element)
    elif isinstance(value, dict):
        yield from _texts(value.get("#text"))
    elif value is not None and not isinstance(value, bool):
        yield str(value)
