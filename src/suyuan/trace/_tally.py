"""The tally: entries folded into figures, and how much there is after each. 盘点台账

An instance is one piece that is here, away or ended: what happens to it twice counts once. A
lot is a heap: goods that left are a heap of their own until they arrive. The meaning of every
figure is defined in docs/design/trace.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from suyuan.trace._columns import Ints
from suyuan.trace._compiled import compiled
from suyuan.trace._entries import Entries, Floats, Kind, Pairs, Small
from suyuan.trace._said import Mask

__all__ = ["Flow", "Tally", "keep_tally"]


class Flow(IntEnum):
    """The figures of a balance that are sums over events; the first three come in."""

    RECEIVED = 0
    MADE = 1
    ADJUSTED = 2
    USED = 3
    SHIPPED = 4
    SCRAPPED = 5
    SAMPLED = 6
    RETURNED = 7


_RECEIVED, _MADE, _ADJUSTED, _USED, _SHIPPED, _SCRAPPED, _SAMPLED, _RETURNED = range(8)
_K_USED, _K_SAMPLED, _K_SCRAPPED, _K_MISSING = (
    *(int(Kind.USED), int(Kind.SAMPLED)),
    *(int(Kind.SCRAPPED), int(Kind.MISSING)),
)
_K_LEFT, _K_SENT_BACK, _K_VOIDED = int(Kind.LEFT), int(Kind.SENT_BACK), int(Kind.VOIDED)
_K_ARRIVED, _K_ARRIVED_BACK = int(Kind.ARRIVED), int(Kind.ARRIVED_BACK)
_K_COUNTED, _K_FOUND, _K_TAKEN_IN, _K_MADE, _K_CHANGED = (
    *(int(Kind.COUNTED), int(Kind.FOUND)),
    *(int(Kind.TAKEN_IN), int(Kind.MADE), int(Kind.CHANGED)),
)
_NOTHING = 1e-9  # Of what there was: decimal fractions are not exact in binary.
_NOWHERE, _HERE, _AWAY, _GOING_BACK, _ENDED = range(5)


@dataclass(frozen=True)
class Tally:
    """Rows in the order of objects and, of each, of events; lots and instances of their own.

    Amounts are in the base unit of the dimension asked for, not-a-number where unknown.
    """

    objects: Ints
    events: Ints
    flows: Floats
    """A row an entry, a column a figure."""
    levels: Floats
    """How much there is of the object after the entry, not cut off at nothing."""
    kinds: Small
    quantities: Floats
    is_level: Mask
    """False in the rows of instances whose coming and going is in the rows of their lot."""
    lot_of: Ints
    """By instance: the lot whose quantity it is a part of, 0 where it is none."""
    made: Mask
    """By object: whether it is a lot that was made in the record."""


def keep_tally(
    instances: Entries,
    lots: Entries,
    pairs: Pairs,
    dimension_of: npt.NDArray[np.int16],
    piece: int,
    places: Ints,
) -> Tally:
    """Fold entries. `dimension_of` tells by object the dimension in which to keep its account.

    `places` tells of each entry of a lot where it was, where that counts.
    """
    lot_of = _stocked_lots(instances, lots, pairs, len(dimension_of))
    flows, changes = np.zeros((len(instances.objects), 8)), np.zeros(len(instances.objects))
    levels = np.zeros(len(instances.objects))
    inner = lot_of[instances.objects] > 0
    _fold_instances(instances.objects, instances.kinds, inner, flows, changes, levels)
    home = np.where(inner, lot_of[instances.objects], instances.objects)
    is_other = dimension_of[home] != piece
    flows[is_other] = np.where(flows[is_other] == 0, 0.0, np.nan)
    changes[is_other] = np.where(changes[is_other] == 0, 0.0, np.nan)
    levels[is_other] = np.where(levels[is_other] == 0, 0.0, np.nan)
    rows = np.flatnonzero(inner & (changes != 0))
    objects = np.concatenate((lots.objects, lot_of[instances.objects[rows]]))
    events = np.concatenate((lots.events, instances.events[rows]))
    kinds = np.concatenate((lots.kinds, np.full(len(rows), Kind.CHANGED, np.int8)))
    order = np.lexsort((kinds, events, objects))
    is_same = lots.dimensions == dimension_of[lots.objects]
    quantities = np.concatenate((np.where(is_same, lots.quantities, np.nan), changes[rows]))[order]
    stays = np.concatenate((lots.stays, np.full(len(rows), -1, np.int64)))[order]
    objects, events, kinds = objects[order], events[order], kinds[order]
    where = np.concatenate((places, np.zeros(len(rows), np.int64)))[order]
    _add_counts(objects, kinds, quantities, where)
    made = np.zeros(len(dimension_of), bool)
    made[lots.objects[lots.kinds == Kind.MADE]] = True
    lot_flows, lot_levels = np.zeros((len(objects), 8)), np.zeros(len(objects))
    state = np.zeros(int(stays.max(initial=-1)) + 2, np.int8)
    _fold_lots(
        _Lots(
            *(objects, kinds, quantities, stays, made[objects], state),
            *(lot_flows, lot_levels, np.zeros(3)),
        )
    )
    return Tally(
        np.concatenate((objects, instances.objects)),
        np.concatenate((events, instances.events)),
        np.concatenate((lot_flows, flows)),
        np.concatenate((lot_levels, levels)),
        np.concatenate((kinds, instances.kinds)),
        np.concatenate((quantities, instances.quantities)),
        np.concatenate((np.ones(len(objects), bool), ~inner)),
        lot_of,
        made,
    )


def _stocked_lots(instances: Entries, lots: Entries, pairs: Pairs, count: int) -> Ints:
    """Give by instance the lot whose quantity it is a part of; 0 where it was never in it.

    That is a lot of which a quantity was made or received, and an instance that did not come
    out of a transformation by itself.
    """
    is_begun = np.isin(
        lots.kinds, [int(k) for k in (Kind.MADE, Kind.TAKEN_IN, Kind.ARRIVED, Kind.ARRIVED_BACK)]
    )
    is_stocked = np.zeros(count, bool)
    is_stocked[lots.objects[is_begun]] = True
    # Of several lots, the one that was there first.
    first = np.zeros(count, np.int64)
    first[lots.objects[is_begun][::-1]] = lots.events[is_begun][::-1]
    rows = np.flatnonzero(is_stocked[pairs.lots])
    rows = rows[np.argsort(-first[pairs.lots[rows]], kind="stable")]
    lot_of = np.zeros(count, np.int64)
    lot_of[pairs.instances[rows]] = pairs.lots[rows]
    rows = np.flatnonzero(instances.kinds == Kind.MADE)
    # Rework does not make it.
    before = np.maximum(rows - 1, 0)
    is_again = (instances.objects[before] == instances.objects[rows]) & (rows > 0)
    is_again &= (instances.events[before] == instances.events[rows]) & instances.is_output[rows]
    rows = rows[~is_again]
    things, first = np.unique(instances.objects[rows], return_index=True)
    lot_of[things[instances.is_output[rows[first]]]] = 0
    return lot_of


def _add_counts(objects: Ints, kinds: Small, quantities: Floats, places: Ints) -> None:
    """Turn counts into how much there is in all.

    Counts of a lot that follow each other, with nothing in between, are one count of several
    places; the last one of each place holds.
    """
    here: dict[int, float] = {}
    last = -1
    for row in np.flatnonzero(kinds == Kind.COUNTED).tolist():
        if last != row - 1 or row == 0 or objects[row] != objects[last]:
            here.clear()
        here[int(places[row])] = float(quantities[row])
        quantities[row] = sum(here.values())
        last = row


@compiled
def _fold_instances(
    objects: Ints, kinds: Small, inner: Mask, flows: Floats, changes: Floats, levels: Floats
) -> None:
    """Follow each instance; `inner` ones are part of their lot and here from the beginning."""
    state = _NOWHERE
    for at in range(len(objects)):
        if at == 0 or objects[at] != objects[at - 1]:
            state = _HERE if inner[at] else _NOWHERE
        before, kind = state, kinds[at]
        if kind in (_K_MADE, _K_TAKEN_IN, _K_FOUND) and before != _HERE:
            state = _HERE
            if before in (_NOWHERE, _ENDED):
                flow = _MADE
                if kind == _K_TAKEN_IN:
                    flow = _RECEIVED
                elif kind == _K_FOUND:
                    flow = _ADJUSTED
                flows[at, flow] += 1
        elif kind in (_K_ARRIVED, _K_ARRIVED_BACK) and before != _ENDED:
            state = _HERE
            if before == _NOWHERE:
                flows[at, _RECEIVED] += 1
        elif kind == _K_VOIDED and before in (_AWAY, _GOING_BACK):
            state = _HERE
        elif kind == _K_LEFT and before != _ENDED:
            state = _AWAY
        elif kind == _K_SENT_BACK and before != _ENDED:
            state = _GOING_BACK
        elif kind in (_K_USED, _K_SAMPLED, _K_SCRAPPED, _K_MISSING) and before != _ENDED:
            state = _ENDED
            if kind == _K_USED:
                flows[at, _USED] += 1
            elif kind == _K_SAMPLED:
                flows[at, _SAMPLED] += 1
            elif kind == _K_SCRAPPED:
                flows[at, _SCRAPPED] += 1
            else:
                flows[at, _ADJUSTED] -= 1
        flows[at, _SHIPPED] += (state == _AWAY) - (before == _AWAY)
        flows[at, _RETURNED] += (state == _GOING_BACK) - (before == _GOING_BACK)
        changes[at] = (state == _HERE) - (before == _HERE)
        levels[at] = 1.0 if state == _HERE else 0.0


@compiled
def _taken(pool: float, amount: float) -> float:
    """Give how much of an amount can be taken from a pool; nothing from an empty one."""
    if pool == 0:
        return 0.0
    return np.nan if np.isnan(pool) or np.isnan(amount) else min(pool, amount)


@compiled
def _left(pool: float, taken: float) -> float:
    """Give what is left in a pool: nothing where only the error of binary fractions is."""
    rest = pool - taken
    return 0.0 if abs(rest) <= _NOTHING * abs(pool) else rest


class _Lots(NamedTuple):
    """What the fold of lots reads and writes, a row an entry; `sent` is by stay."""

    objects: Ints
    kinds: Small
    quantities: Floats
    stays: Ints
    made: Mask
    """Whether the lot was made in the record, so that an arrival is no receipt."""
    sent: Small
    """Whether the container left (1) or was sent back (2) with it."""
    flows: Floats
    levels: Floats
    heap: Floats
    """How much of the lot is here, away, and on its way back."""


@compiled
def _fold_lots(lots: _Lots) -> None:
    """Follow each lot."""
    heap = lots.heap
    for at in range(len(lots.objects)):
        if at == 0 or lots.objects[at] != lots.objects[at - 1]:
            heap[:] = 0.0
        kind, amount, before = lots.kinds[at], lots.quantities[at], heap[0]
        if kind in (_K_MADE, _K_TAKEN_IN, _K_FOUND):
            flow = _MADE
            if kind == _K_TAKEN_IN:
                flow = _RECEIVED
            elif kind == _K_FOUND:
                flow = _ADJUSTED
            lots.flows[at, flow] = amount
            heap[0] += amount
        elif kind == _K_CHANGED:
            heap[0] += amount
        elif kind == _K_COUNTED:
            heap[0] = amount
        elif kind in (_K_LEFT, _K_SENT_BACK):
            _leave(lots, at, kind == _K_SENT_BACK, amount)
        elif kind in (_K_ARRIVED, _K_ARRIVED_BACK, _K_VOIDED):
            _arrive(lots, at, kind, amount)
        else:
            _end(lots, at, kind, amount)
        if abs(heap[0]) <= _NOTHING * max(abs(before), abs(amount)):
            heap[0] = 0.0
        lots.levels[at] = heap[0]


@compiled
def _leave(lots: _Lots, at: int, is_back: bool, amount: float) -> None:
    """Let goods leave. What is sent back was away already, or it goes from here."""
    heap, stay = lots.heap, lots.stays[at]
    gone, mark = lots.sent[stay], 2 if is_back else 1
    if gone == mark:
        return  # It left with its container before.
    if stay >= 0:
        lots.sent[stay] = mark
    one, other = (2, 1) if is_back else (1, 2)
    flow, other_flow = (_RETURNED, _SHIPPED) if is_back else (_SHIPPED, _RETURNED)
    moved = 0.0
    if gone != 0 or (is_back and stay < 0 and lots.made[at]):
        moved = _taken(heap[other], amount)
        heap[other] = _left(heap[other], moved)
    heap[0] -= amount - moved
    heap[one] += amount
    lots.flows[at, flow], lots.flows[at, other_flow] = amount, -moved


@compiled
def _arrive(lots: _Lots, at: int, kind: int, amount: float) -> None:
    """Let goods arrive: of what is away or on its way back, and the rest is new."""
    heap, stay = lots.heap, lots.stays[at]
    if stay >= 0:
        lots.sent[stay] = 0
    one, other = (2, 1) if kind == _K_ARRIVED_BACK else (1, 2)
    of_one = _taken(heap[one], amount)
    of_other = _taken(heap[other], amount - of_one)
    heap[one], heap[other] = _left(heap[one], of_one), _left(heap[other], of_other)
    flow, other_flow = (_RETURNED, _SHIPPED) if kind == _K_ARRIVED_BACK else (_SHIPPED, _RETURNED)
    lots.flows[at, flow], lots.flows[at, other_flow] = -of_one, -of_other
    heap[0] += of_one + of_other
    if kind != _K_VOIDED and not lots.made[at]:
        rest = amount - of_one - of_other
        lots.flows[at, _RECEIVED] = rest
        heap[0] += rest


@compiled
def _end(lots: _Lots, at: int, kind: int, amount: float) -> None:
    """Let goods end. What is in a container that left has come back with it."""
    heap, stay = lots.heap, lots.stays[at]
    gone = lots.sent[stay]
    if stay >= 0:
        lots.sent[stay] = 0
    if gone != 0:
        moved = _taken(heap[gone], amount)
        heap[gone] = _left(heap[gone], moved)
        heap[0] += moved
        lots.flows[at, _SHIPPED if gone == 1 else _RETURNED] = -moved
    heap[0] -= amount
    if kind == _K_USED:
        lots.flows[at, _USED] = amount
    elif kind == _K_SAMPLED:
        lots.flows[at, _SAMPLED] = amount
    elif kind == _K_SCRAPPED:
        lots.flows[at, _SCRAPPED] = amount
    else:
        lots.flows[at, _ADJUSTED] = -amount
