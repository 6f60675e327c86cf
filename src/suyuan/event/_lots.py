"""To which lots the instances of an event belong, as the event says itself. 所属批次

Two ways to say it: `lotNumber` in the instance and lot master data of the event that brings
the instances into being (CBV 2.0, 9.2), and a Digital Link with both lot and serial number.
A lot is named by product and lot number together, so each product has a lot of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from suyuan.event._context import Context
from suyuan.event._hash_text import name_text
from suyuan.event._model import Mention, Named, Role
from suyuan.identifier import LotKey, ProductKey, classes_of, lot_in, lot_of

__all__ = ["lots_by_key", "lots_by_master_data"]

_LOT_NUMBER = "{urn:epcglobal:cbv:mda}lotNumber"
_LOTS_MAX = 10_000
_LOT_NUMBER_LENGTH_MAX = 100  # What is longer is no lot number, and nothing to keep.
_INSTANCES = frozenset({int(Role.EPC), int(Role.OUTPUT)})
_LOT = int(Role.LOT)


def lots_by_key(sent: Sequence[str], canonical: Sequence[str]) -> Iterable[Mention]:
    """Give the lots that identifiers name beside their instances, each with its instance."""
    together = "".join(sent)
    if "/10/" in together or "/lot/" in together:
        pairs = dict.fromkeys(zip(map(lot_in, sent), canonical, strict=True))
        yield from ((_LOT, lot, None, None, one) for lot, one in pairs if lot is not None)


def lots_by_master_data(
    body: dict[str, Any], named: Sequence[Named], context: Context
) -> list[Named]:
    """Give the lots that the master data of an event puts its instances in."""
    numbers = [
        text
        for key, value in body["ilmd"].items()
        if name_text(key, context) == _LOT_NUMBER
        for text in _texts(value)
    ]
    if not numbers:
        return []
    products = [
        product for role, uris in named if role in _INSTANCES for product in classes_of(uris)
    ]
    lots = [_lot_of(product, text) for product in products for text in numbers]
    found = [lot for lot in dict.fromkeys(lots) if lot is not None]
    return [(_LOT, found)] if found else []


def _lot_of(product: ProductKey, lot_number: str) -> LotKey | None:
    """Name a lot; event after event puts its instances into the same one."""
    is_short = len(lot_number) <= _LOT_NUMBER_LENGTH_MAX
    return _known_lot_of(product, lot_number) if is_short else lot_of(product, lot_number)


_known_lot_of = lru_cache(_LOTS_MAX)(lot_of)


def _texts(value: Any) -> Iterable[str]:
    """Give the texts of a field: of a text, a number, an XML element, or a list of them."""
    if isinstance(value, list):
        for element in value:
            yield from _texts(element)
    elif isinstance(value, dict):
        yield from _texts(value.get("#text"))
    elif value is not None and not isinstance(value, bool):
        yield str(value)
