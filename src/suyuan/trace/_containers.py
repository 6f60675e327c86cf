"""What was inside what: contents and containers, however deep, at any time. 容器"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from suyuan.trace._compiled import compiled
from suyuan.trace._facts import Ints
from suyuan.trace._graph import Graph

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
    stays = graph.stays
    return Held(
        *_spread(
            *(containers, *_periods(containers, low, high)),
            *(graph.stays_in, graph.stays_in_starts, stays.parents, stays.children),
            *(stays.starts, stays.ends, stays.is_lot),
            is_inward=True,
        )
    )


def outsides(graph: Graph, things: Ints, low: int | Ints, high: int | Ints) -> Held:
    """Give what things were inside of at any moment of a period, however far out, and when."""
    stays = graph.stays
    return Held(
        *_spread(
            *(things, *_periods(things, low, high)),
            *(graph.stays_of, graph.stays_of_starts, stays.children, stays.parents),
            *(stays.starts, stays.ends, stays.is_lot),
            is_inward=False,
        )
    )


def _periods(things: Ints, low: int | Ints, high: int | Ints) -> tuple[Ints, Ints]:
    shape = len(things)
    return (
        np.ascontiguousarray(np.broadcast_to(np.asarray(low, np.int64), shape)),
        np.ascontiguousarray(np.broadcast_to(np.asarray(high, np.int64), shape)),
    )


@compiled
def _spread(
    asked: Ints,
    lows: Ints,
    highs: Ints,
    order: Ints,
    order_starts: Ints,
    here: Ints,
    there: Ints,
    starts: Ints,
    ends: Ints,
    is_lot: npt.NDArray[np.bool_],
    is_inward: bool,
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
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
            for place in range(order_starts[around], order_starts[around + 1]):
                stay = order[place]
                first, last = max(begin, starts[stay]), min(end, ends[stay])
                thing = there[stay]
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
            while at < count and is_inward and is_lot[rows[at, 4]]:
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
