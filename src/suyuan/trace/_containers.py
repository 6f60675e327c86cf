"""What was inside what: contents and containers, however deep, at any time. 容器"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from suyuan.trace._compiled import compiled
from suyuan.trace._facts import Ints
from suyuan.trace._graph import Graph

__all__ = ["Held", "insides", "outsides"]


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
    askers = [np.int64(0) for _ in range(0)]
    things = [np.int64(0) for _ in range(0)]
    firsts = [np.int64(0) for _ in range(0)]
    lasts = [np.int64(0) for _ in range(0)]
    ways = [np.int64(0) for _ in range(0)]
    for asker in range(len(asked)):
        seed = asked[asker]
        if order_starts[seed] == order_starts[seed + 1]:
            continue
        seen = {(seed, lows[asker], highs[asker])}
        ahead = [(seed, lows[asker], highs[asker])]
        while len(ahead) > 0:
            around, begin, end = ahead.pop()
            for place in range(order_starts[around], order_starts[around + 1]):
                stay = order[place]
                first, last = max(begin, starts[stay]), min(end, ends[stay])
                thing = there[stay]
                if first > last or thing == seed or (thing, first, last) in seen:
                    continue
                seen.add((thing, first, last))
                askers.append(np.int64(asker))
                things.append(thing)
                firsts.append(first)
                lasts.append(last)
                ways.append(stay)
                # A lot has nothing inside.
                if not (is_inward and is_lot[stay]):
                    ahead.append((thing, first, last))
    return (
        np.array(askers),
        np.array(things),
        np.array(firsts),
        np.array(lasts),
        np.array(ways),
    )
