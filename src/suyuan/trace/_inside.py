"""How much of a lot is inside a container at a moment. 容器内数量"""

from __future__ import annotations

import math

import msgspec

from suyuan.trace._facts import base_unit
from suyuan.trace._index import Known
from suyuan.trace._stays import IS_LOT

__all__ = ["Content", "amount_inside"]


class Content(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing inside another. `quantity` is None where it can't be known."""

    uri: str
    inside: str
    quantity: float | None
    uom: str
    is_fixed: bool = False


def amount_inside(known: Known, stay: int, moment: int) -> tuple[float | None, str]:
    """Give quantity and unit of what a stay is about; of several at one moment the largest.

    A unit is the base unit of its dimension; an instance is one piece.
    """
    stays = known.graph.stays
    if not stays.is_of_kind(stay, IS_LOT):
        return 1.0, base_unit(0)
    dimension = 0
    before: list[float] = []
    for event, amount, dimension in stays.changes(stay):  # noqa: B007 - the last is looked at
        time = int(known.facts.times[event])
        if time > moment:
            break
        if time < moment:
            before.clear()
        before.append(amount)
    most = max(before, default=math.nan) if not any(map(math.isnan, before)) else math.nan
    return None if math.isnan(most) else most, base_unit(dimension)
