"""A plant to measure traces with: raw lots, filling, serial numbers, cases, pallets.

Each filling takes three raw lots and gives a lot of serial numbers, which are packed by
twenty-four into cases and by case onto a pallet. Raw lots are used by some fillings, by many,
or by all, so that questions of every size can be asked. Deterministic.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from suyuan.event import Action, EventType, Role

__all__ = ["Plant", "make_plant"]

_UNITS_A_LOT = 1_000
_UNITS_A_CASE = 24
_FEW, _MANY = 20, 350  # Fillings that one raw lot goes into.

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Plant:
    """The events in their order, as flat arrays, and the objects that questions are about."""

    times: Ints
    types: Ints
    actions: Ints
    starts: Ints
    roles: Ints
    objects: Ints
    classes: Ints
    few: int
    many: int
    every: int
    unit: int

    @property
    def relations(self) -> int:
        """Count what was made, of a lot, or inside: the edges of the genealogy."""
        is_edge = np.isin(
            self.roles,
            [int(one) for one in (Role.OUTPUT, Role.CHILD, Role.INPUT_QUANTITY)],
        )
        return int(is_edge.sum()) + int((self.roles == Role.OUTPUT).sum())

    def arrows(self) -> tuple[Ints, Ints]:
        """Give every way forward as two columns, transformations behind the objects."""
        event_of = np.repeat(np.arange(len(self.times)), np.diff(self.starts))
        transformation = len(self.classes) + event_of
        is_in = self.roles == Role.INPUT_QUANTITY
        is_out = self.roles == Role.OUTPUT
        is_lot = self.roles == Role.LOT
        lot_of = np.zeros(len(self.times), np.int64)
        lot_of[event_of[is_lot]] = self.objects[is_lot]
        tails = (self.objects[is_in], transformation[is_out], lot_of[event_of[is_out]])
        heads = (transformation[is_in], self.objects[is_out], self.objects[is_out])
        return np.concatenate(tails), np.concatenate(heads)


def make_plant(units: int) -> Plant:
    """Make a plant with so many serial numbers, in whole lots."""
    lots = max(2, units // _UNITS_A_LOT)
    cases = -(-_UNITS_A_LOT // _UNITS_A_CASE)
    rare = -(-lots // _FEW)
    common = -(-lots // _MANY)
    raw_rare = 1 + np.arange(rare)
    raw_common = 1 + rare + np.arange(common)
    raw_every = 1 + rare + common
    first = raw_every + 1  # Then lot by lot: product lot, units, cases, pallet.
    stride = 2 + _UNITS_A_LOT + cases
    product = first + lots * stride
    lot = np.arange(lots)
    lot_object = first + lot * stride
    unit = lot_object[:, None] + 1 + np.arange(_UNITS_A_LOT)
    case = lot_object[:, None] + 1 + _UNITS_A_LOT + np.arange(cases)
    pallet = lot_object + 1 + _UNITS_A_LOT + cases
    filling = np.concatenate(
        (
            raw_rare[lot // _FEW][:, None],
            raw_common[lot // _MANY][:, None],
            np.full((lots, 1), raw_every),
            lot_object[:, None],
            unit,
        ),
        axis=1,
    )
    filling_roles = [int(Role.INPUT_QUANTITY)] * 3 + [int(Role.LOT)]
    filling_roles += [int(Role.OUTPUT)] * _UNITS_A_LOT
    packing, packing_roles, sizes = [], [], [filling.shape[1]]
    for number in range(cases):
        inside = unit[:, number * _UNITS_A_CASE : (number + 1) * _UNITS_A_CASE]
        packing += [case[:, number : number + 1], inside]
        packing_roles += [int(Role.PARENT)] + [int(Role.CHILD)] * inside.shape[1]
        sizes.append(1 + inside.shape[1])
    packing += [pallet[:, None], case]
    packing_roles += [int(Role.PARENT)] + [int(Role.CHILD)] * cases
    sizes.append(1 + cases)
    rows = np.concatenate((filling, *packing), axis=1)
    events = len(sizes)
    types = np.full(events, int(EventType.AGGREGATION))
    types[0] = int(EventType.TRANSFORMATION)
    actions = np.where(types == EventType.AGGREGATION, int(Action.ADD), int(Action.NONE))
    classes = np.zeros(product + 1, np.int64)
    classes[unit.ravel()] = classes[lot_object] = product
    return Plant(
        times=(np.arange(lots * events) * 1_000_000) + 1_760_000_000_000_000,
        types=np.tile(types, lots),
        actions=np.tile(actions, lots),
        starts=np.concatenate(([0], np.cumsum(np.tile(sizes, lots)))),
        roles=np.tile(np.array(filling_roles + packing_roles), lots),
        objects=rows.ravel(),
        classes=classes,
        few=int(raw_rare[0]),
        many=int(raw_common[0]),
        every=int(raw_every),
        unit=int(unit[-1, -1]),
    )
