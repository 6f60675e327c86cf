"""What was inside what: contents and containers, however deep, at any time. 容器"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from suyuan.trace._columns import Ints
from suyuan.trace._compiled import compiled
from suyuan.trace._graph import Graph, Lying
from suyuan.trace._stays import IS_LOT

__all__ = ["Held", "insides", "outsides"]

_FEW = 32  # Among so few, looking at each is quicker than keeping a set.


class Held(NamedTuple):
    """Stays, one a row: of or in which of the things asked for, what, and from when to when."""

    askers: Ints
    """The place, among the things asked for, of the one that this row is about."""
    things: Ints
    firsts: Ints
    lasts: Ints
    stays: Ints
    """The innermost stay on the way, or the outermost on the way out."""


def insides(graph: Graph, containers: Ints, low: int | Ints, high: int | Ints) -> Held:
    """Give what was inside containers at any moment of a period, however deep, and when.

    Clipped to the period, both ends included; one period for all, or one for each.
    """
    if not np.count_nonzero(graph.lying.first_inside[containers]):
        return Held(*(np.zeros(0, np.int64) for _ in Held._fields))
    return Held(*_spread(graph.lying, containers, *_periods(containers, low, high), True))


def outsides(graph: Graph, things: Ints, low: int | Ints, high: int | Ints) -> Held:
    """Give what things were inside of at any moment of a period, however far out, and when."""
    return Held(*_spread(graph.lying, things, *_periods(things, low, high), False))


def _periods(things: Ints, low: int | Ints, high: int | Ints) -> tuple[Ints, Ints]:
    # Arrays of their own: loops are compiled again for what may not be written to.
    lows, highs = np.empty(len(things), np.int64), np.empty(len(things), np.int64)
    lows[:], highs[:] = low, high
    return lows, highs


@compiled
def _spread(
    lying: Lying, asked: Ints, lows: Ints, highs: Ints, is_inward: bool
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    first_stay = lying.first_inside if is_inward else lying.first_outside
    next_stay = lying.next_inside if is_inward else lying.next_outside
    there = lying.children if is_inward else lying.parents
    kinds, opened_by, closed_by = lying.kinds, lying.opened_by, lying.closed_by
    times, events = lying.times, lying.events
    rows = np.empty((1024, 5), np.int64)  # asker, thing, first, last, stay
    count = 0
    seen = {(np.int64(0), np.int64(0), np.int64(0))}
    for asker in range(len(asked)):
        seen.clear()
        seed = asked[asker]
        # The rows of this asker are its queue too: each is looked at once, none twice.
        begun = count
        around, begin, end = seed, lows[asker], highs[asker]
        at = begun - 1
        while True:
            following = first_stay[around]
            while following != 0:
                stay = np.int64(following)
                following = next_stay[following]
                if stay >= lying.stays:
                    continue
                first, last = max(begin, times[opened_by[stay]]), end
                if 0 <= closed_by[stay] < events:
                    last = min(end, times[closed_by[stay]])
                thing = np.int64(there[stay])
                if first > last or thing == seed:
                    continue
                if _is_known(rows, begun, count, seen, (thing, first, last)):
                    continue
                if count == len(rows):
                    rows = np.concatenate((rows, np.empty_like(rows)))
                rows[count, 0], rows[count, 1] = asker, thing
                rows[count, 2], rows[count, 3], rows[count, 4] = first, last, stay
                count += 1
            at += 1
            # A lot has nothing inside.
            while at < count and is_inward and kinds[rows[at, 4]] & IS_LOT:
                at += 1
            if at >= count:
                break
            around, begin, end = rows[at, 1], rows[at, 2], rows[at, 3]
    return (
        rows[:count, 0].copy(),
        rows[:count, 1].copy(),
        rows[:count, 2].copy(),
        rows[:count, 3].copy(),
        rows[:count, 4].copy(),
    )


@compiled
def _is_known(
    rows: Ints,
    begun: int,
    count: int,
    seen: set[tuple[np.int64, np.int64, np.int64]],
    row: tuple[np.int64, np.int64, np.int64],
) -> bool:
    """Tell whether a stay of this asker was found before, and note it where there are many."""
    if count - begun < _FEW:
        for at in range(begun, count):
            if rows[at, 1] == row[0] and rows[at, 2] == row[1] and rows[at, 3] == row[2]:
                return True
        return False
    if len(seen) == 0:
        for at in range(begun, count):
            seen.add((rows[at, 1], rows[at, 2], rows[at, 3]))
    if row in seen:
        return True
    seen.add(row)
    return False
