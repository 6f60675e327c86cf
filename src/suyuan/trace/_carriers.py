"""Carriers: containers that carried what was reached. 载体

They and their events say where affected goods went; what else is inside them is not reached.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from suyuan.trace._columns import Ints
from suyuan.trace._compiled import compiled
from suyuan.trace._containers import Held, outsides
from suyuan.trace._distinct import numbered
from suyuan.trace._graph import Graph
from suyuan.trace._reach import Reach
from suyuan.trace._stays import FOREVER, LONG_AGO

__all__ = ["Carriers", "find_carriers", "with_others"]


@dataclass(frozen=True)
class Carriers:
    """The containers, in the order of their numbers, and what each carried from when to when.

    `moments` are the first at which each carried something reached; on the way back, the last.
    """

    objects: Ints
    moments: Ints
    is_certain: npt.NDArray[np.bool_]
    carried: Ints
    """The objects of `held.askers`, which are places in here."""
    held: Held


def find_carriers(graph: Graph, reach: Reach) -> Carriers:
    """Find every container in which something reached was, from the moment it was reached."""
    is_forward = reach.direction == "forward"
    sign = 1 if is_forward else -1
    things, keys, sure = with_others(
        *(reach.objects, sign * reach.moments, sign * reach.sure),
        *(reach.seeds, sign * reach.seed_moments),
    )
    if is_forward:
        held = outsides(graph, things, keys, FOREVER)
    else:
        held = outsides(graph, things, LONG_AGO, -keys)
    objects, place = numbered(held.things, graph.objects)
    least = held.firsts if is_forward else -held.lasts
    moments, is_certain = _gathered(
        *(np.asarray(place, np.int64), least, held.askers, held.lasts, sure, len(objects)),
        is_forward,
    )
    return Carriers(objects, sign * moments, is_certain, things, held)


@compiled
def _gathered(
    place: Ints,
    keys: Ints,
    askers: Ints,
    lasts: Ints,
    sure: Ints,
    count: int,
    is_forward: bool,
) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Give the least key of each container, and whether anything in it was there for certain."""
    moments = np.full(count, FOREVER)
    is_certain = np.zeros(count, np.bool_)
    for row in range(len(place)):
        at = place[row]
        moments[at] = min(moments[at], keys[row])
        moment = sure[askers[row]]
        if moment != FOREVER and (not is_forward or moment <= lasts[row]):
            is_certain[at] = True
    return moments, is_certain


@compiled
def with_others(
    objects: Ints, moments: Ints, sure: Ints, others: Ints, other_moments: Ints
) -> tuple[Ints, Ints, Ints]:
    """Put others among numbers that stand in order, each once, with the least of its moments.

    What the others have is for certain.
    """
    size = len(objects) + len(others)
    found, early, surely = (
        np.empty(size, np.int64),
        np.empty(size, np.int64),
        np.empty(size, np.int64),
    )
    order = np.argsort(others)
    count = at = turn = 0
    while at < len(objects) or turn < len(others):
        if turn == len(others) or (at < len(objects) and objects[at] <= others[order[turn]]):
            number, moment, certain = objects[at], moments[at], sure[at]
            at += 1
        else:
            number = others[order[turn]]
            moment = certain = other_moments[order[turn]]
            turn += 1
        if count > 0 and found[count - 1] == number:
            early[count - 1] = min(early[count - 1], moment)
            surely[count - 1] = min(surely[count - 1], certain)
            continue
        found[count], early[count], surely[count] = number, moment, certain
        count += 1
    return found[:count], early[:count], surely[:count]
