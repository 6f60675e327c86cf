"""A plant to measure traces with: raw lots, mixes, blends, bulk, filling, cases, pallets.

Twelve raw lots go into four mixes, these into two blends, and these into a bulk lot, which is
filled twenty times into a lot of serial numbers each, packed by twenty-four into cases and by
case onto a pallet: a unit has twenty ancestors, its own lot among them. One raw lot goes into
one bulk, one into many, and one into all, so that questions of every size can be asked. Every
fifth bulk lot came out of two transformations, of which one used a single blend, so that what
comes of the other is in doubt. Deterministic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from suyuan.event import Action, EventType, Role

__all__ = ["Edges", "Plant", "make_plant"]

_UNITS_A_LOT = 1_000
_UNITS_A_CASE = 24
_CASES_A_LOT = -(-_UNITS_A_LOT // _UNITS_A_CASE)
_LOTS_A_BULK = 20
_MANY = 18  # Bulk lots that one raw lot goes into.
_DOUBTFUL_EVERY, _DOUBTFUL = 5, 2
_OTHER_RAWS = 9
_RAW_KG = 2_000  # What a mix takes of a raw lot; nothing is lost on the way.
_START_US = 1_760_000_000_000_000
_SECOND_US = 1_000_000
_BULK_S, _LOT_S = 1_000, 45  # A bulk lot begins, and in it a filling.

_EPC_SIDE = (int(Role.OUTPUT), int(Role.OUTPUT_QUANTITY))
_IN, _OUT, _LOT = int(Role.INPUT_QUANTITY), int(Role.OUTPUT_QUANTITY), int(Role.LOT)
_UNIT, _PARENT, _CHILD = int(Role.OUTPUT), int(Role.PARENT), int(Role.CHILD)

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Edges:
    """Every way forward as columns, transformations numbered behind the objects.

    Who is at `tails` at or before `until` goes on to `heads` with the time `then`; of
    belonging to a lot, which has no clock, both are KEEP.
    """

    tails: Ints
    heads: Ints
    until: Ints
    then: Ints

    KEEP = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Plant:
    """The events in their order, as flat arrays, and the objects that questions are about."""

    times: Ints
    types: Ints
    actions: Ints
    starts: Ints
    roles: Ints
    objects: Ints
    quantities: Floats
    """In kilograms; not-a-number where none is told."""
    classes: Ints
    few: int
    many: int
    every: int
    unit: int
    doubtful_unit: int

    @property
    def relations(self) -> int:
        """Count what was made, of a lot, or inside: the edges of the genealogy."""
        is_edge = np.isin(self.roles, (_UNIT, _CHILD, _IN, _OUT))
        return int(is_edge.sum()) + int((self.roles == _UNIT).sum())

    def edges(self) -> Edges:
        """Give every way forward."""
        event_of = np.repeat(np.arange(len(self.times)), np.diff(self.starts))
        node, time = len(self.classes) + event_of, self.times[event_of]
        is_in, is_unit = self.roles == _IN, self.roles == _UNIT
        is_out, is_lot = np.isin(self.roles, _EPC_SIDE), self.roles == _LOT
        lot_of = np.zeros(len(self.times), np.int64)
        lot_of[event_of[is_lot]] = self.objects[is_lot]
        keep = np.full(int(is_unit.sum()), Edges.KEEP)
        clock = (time[is_in], time[is_out], keep)
        return Edges(
            np.concatenate((self.objects[is_in], node[is_out], lot_of[event_of[is_unit]])),
            np.concatenate((node[is_in], self.objects[is_out], self.objects[is_unit])),
            np.concatenate(clock),
            np.concatenate(clock),
        )


class _Telling:
    """Events as they are told, many of one shape at once."""

    def __init__(self) -> None:
        self._events: list[tuple[Ints, int, int, int]] = []
        self._mentions: list[tuple[Ints, Ints, Floats]] = []

    def tell(
        self,
        times: Ints,
        kind: EventType,
        action: Action,
        roles: Sequence[int],
        objects: Sequence[Ints],
        kg: Sequence[float] = (),
    ) -> None:
        """Tell an event at each time: its roles in order, and by role a column of objects.

        `kg` are the quantities of the last roles but for the lot.
        """
        rows = np.stack(np.broadcast_arrays(*objects), axis=1)
        quantities = np.full(len(roles), np.nan)
        end = len(roles) - (roles[-1] == _LOT)
        quantities[end - len(kg) : end] = kg
        self._events.append((times, len(roles), int(kind), int(action)))
        tiled = np.tile(np.asarray(roles), len(times)), np.tile(quantities, len(times))
        self._mentions.append((rows.ravel(), *tiled))

    def transform(
        self, times: Ints, inputs: Sequence[tuple[Ints, float]], output: tuple[Ints, float]
    ) -> None:
        """Tell of lots that became another, each with how much of it."""
        told = (*inputs, output)
        roles = [_IN] * len(inputs) + [_OUT]
        objects, kg = [one for one, _ in told], [amount for _, amount in told]
        self.tell(times, EventType.TRANSFORMATION, Action.NONE, roles, objects, kg)

    def in_order(self) -> dict[str, npt.NDArray[np.generic]]:
        """Give all events in the order of time, with their mentions."""
        counts = [len(times) for times, *_ in self._events]
        sizes, types, actions = (
            np.repeat([event[at] for event in self._events], counts) for at in (1, 2, 3)
        )
        times = np.concatenate([event[0] for event in self._events])
        objects, roles, quantities = map(np.concatenate, zip(*self._mentions, strict=True))
        began = np.cumsum(sizes) - sizes
        order = np.argsort(times, kind="stable")
        starts = np.concatenate(([0], np.cumsum(sizes[order])))
        place = np.repeat(began[order] - starts[:-1], sizes[order]) + np.arange(len(roles))
        return {
            "times": times[order],
            "types": types[order],
            "actions": actions[order],
            "starts": starts,
            "roles": roles[place],
            "objects": objects[place],
            "quantities": quantities[place],
        }


def make_plant(units: int) -> Plant:
    """Make a plant with so many serial numbers, in whole lots."""
    lots = max(2, units // _UNITS_A_LOT)
    bulks = -(-lots // _LOTS_A_BULK)
    group, lot = np.arange(bulks), np.arange(lots)
    raws, raws_end = _raw_lots(group)
    made = raws_end + group[:, None] * 7 + np.arange(7)  # Four mixes, two blends, the bulk.
    first = raws_end + bulks * 7  # Then lot by lot: product lot, units, cases, pallet.
    stride = 2 + _UNITS_A_LOT + _CASES_A_LOT
    lot_object = first + lot * stride
    unit = lot_object[:, None] + 1 + np.arange(_UNITS_A_LOT)
    telling = _Telling()
    _receive(telling, raws)
    _cook(telling, raws, made, _START_US + group * _BULK_S * _SECOND_US)
    within = (lot // _LOTS_A_BULK) * _BULK_S + 10 + (lot % _LOTS_A_BULK) * _LOT_S
    _fill(telling, made[lot // _LOTS_A_BULK, 6], lot_object, unit, _START_US + within * _SECOND_US)
    classes = np.zeros(first + lots * stride + 1, np.int64)
    classes[unit.ravel()] = classes[lot_object] = len(classes) - 1
    is_doubtful = (lot // _LOTS_A_BULK) % _DOUBTFUL_EVERY == _DOUBTFUL
    doubtful = np.flatnonzero(is_doubtful)
    return Plant(
        **telling.in_order(),  # type: ignore[arg-type]
        classes=classes,
        few=int(raws[0, 0]),
        many=int(raws[0, 1]),
        every=int(raws[0, 2]),
        unit=int(unit[np.flatnonzero(~is_doubtful)[-1], -1]),
        doubtful_unit=int(unit[doubtful[-1] if len(doubtful) else 0, -1]),
    )


def _raw_lots(group: Ints) -> tuple[Ints, int]:
    """Give the twelve raw lots of each bulk, and the first number that is none."""
    columns, first = [], 1
    every = len(group)
    for lasts in (1, _MANY, every, *range(2, 2 + _OTHER_RAWS)):
        columns.append(first + group // lasts)
        first = int(columns[-1][-1]) + 1
    return np.stack(columns, axis=1), first


def _receive(telling: _Telling, raws: Ints) -> None:
    """Raw lots come in, as much of each as will be used."""
    lots, counts = np.unique(raws, return_counts=True)
    for count in np.unique(counts).tolist():
        some = lots[counts == count]
        times = _START_US - _BULK_S * _SECOND_US + some
        kg = [float(count * _RAW_KG)]
        telling.tell(times, EventType.OBJECT, Action.ADD, [int(Role.QUANTITY)], [some], kg)


def _cook(telling: _Telling, raws: Ints, made: Ints, times: Ints) -> None:
    """Mixes, blends, bulk; some bulks twice, the second time without the first blend."""
    mix_kg, blend_kg = 3.0 * _RAW_KG, 6.0 * _RAW_KG
    for mix in range(4):
        inputs = [(raws[:, 3 * mix + at], float(_RAW_KG)) for at in range(3)]
        telling.transform(times + mix * _SECOND_US, inputs, (made[:, mix], mix_kg))
    for blend in range(2):
        inputs = [(made[:, 2 * blend + at], mix_kg) for at in range(2)]
        telling.transform(times + (4 + blend) * _SECOND_US, inputs, (made[:, 4 + blend], blend_kg))
    is_doubtful = np.arange(len(made)) % _DOUBTFUL_EVERY == _DOUBTFUL
    for some, half in ((~is_doubtful, blend_kg), (is_doubtful, blend_kg / 2)):
        one, two, bulk = made[some, 4], made[some, 5], made[some, 6]
        output = (bulk, blend_kg + half)
        telling.transform(times[some] + 6 * _SECOND_US, [(one, blend_kg), (two, half)], output)
    telling.transform(times[is_doubtful] + 7 * _SECOND_US, [(two, half)], (bulk, half))


def _fill(telling: _Telling, bulk: Ints, lot: Ints, unit: Ints, times: Ints) -> None:
    """Serial numbers of a lot, cases, a pallet."""
    kg = 12.0 * _RAW_KG / _LOTS_A_BULK
    roles = [_UNIT] * _UNITS_A_LOT + [_IN, _LOT]
    filled = [*unit.T, bulk, lot]
    telling.tell(times, EventType.TRANSFORMATION, Action.NONE, roles, filled, [kg])
    case = lot[:, None] + 1 + _UNITS_A_LOT + np.arange(_CASES_A_LOT)
    for number in range(_CASES_A_LOT):
        inside = unit[:, number * _UNITS_A_CASE : (number + 1) * _UNITS_A_CASE]
        packed = [case[:, number], *inside.T]
        roles = [_PARENT] + [_CHILD] * inside.shape[1]
        moment = times + (1 + number) * _SECOND_US
        telling.tell(moment, EventType.AGGREGATION, Action.ADD, roles, packed)
    stacked = [lot + 1 + _UNITS_A_LOT + _CASES_A_LOT, *case.T]
    roles = [_PARENT] + [_CHILD] * _CASES_A_LOT
    moment = times + (1 + _CASES_A_LOT) * _SECOND_US
    telling.tell(moment, EventType.AGGREGATION, Action.ADD, roles, stacked)
