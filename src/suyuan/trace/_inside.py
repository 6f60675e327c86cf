"""How much of a lot is inside a container at a moment. 容器内数量"""

from __future__ import annotations

import math
from collections.abc import Iterator

import msgspec
import numpy as np

from suyuan.event import Action, Role
from suyuan.trace._facts import base_unit
from suyuan.trace._genealogy import Known

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
    if not stays.is_lot[stay]:
        return 1.0, base_unit(0)
    amount, dimension = math.nan, 0
    before: list[float] = []
    for time, amount, dimension in _amounts(known, stay):  # noqa: B007 - the last is looked at
        if time > moment:
            break
        if time < moment:
            before.clear()
        before.append(amount)
    most = max(before, default=math.nan) if not any(map(math.isnan, before)) else math.nan
    return None if math.isnan(most) else most, base_unit(dimension)


def _amounts(known: Known, stay: int) -> Iterator[tuple[int, float, int]]:
    """Give what was there after each event that changed it: time, amount, dimension."""
    facts, stays = known.facts, known.graph.stays
    lot, container = int(stays.children[stay]), int(stays.parents[stay])
    opened, closed = int(stays.opened_by[stay]), int(stays.closed_by[stay])
    left, dimension = math.nan, 0
    is_said = (facts.objects == lot) & (facts.roles == Role.CHILD_QUANTITY)
    for at in np.flatnonzero(is_said).tolist():
        event = int(np.searchsorted(facts.starts, at, "right")) - 1
        if not opened <= event <= (closed if closed >= 0 else facts.events):
            continue
        rows = slice(facts.starts[event], facts.starts[event + 1])
        if container not in facts.objects[rows][facts.roles[rows] == Role.PARENT]:
            continue
        amount, unit = float(facts.quantities[at]), int(facts.dimensions[at])
        if event == opened:
            left, dimension = amount, unit
        elif unit != dimension:
            left = math.nan
        elif facts.actions[event] == Action.DELETE:
            left -= amount
        elif facts.actions[event] == Action.ADD:
            left += amount
        yield int(facts.times[event]), left, dimension
