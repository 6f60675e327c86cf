"""Carriers: containers that carried what was reached. 载体

They and their events say where affected goods went; what else is inside them is not reached.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from suyuan.trace._columns import Ints
from suyuan.trace._containers import Held, outsides
from suyuan.trace._distinct import is_among, numbered
from suyuan.trace._graph import Graph
from suyuan.trace._reach import Reach
from suyuan.trace._stays import FOREVER, LONG_AGO

__all__ = ["Carriers", "find_carriers"]


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
    things, moments, sure = _with_seeds(reach)
    if is_forward:
        held = outsides(graph, things, moments, FOREVER)
        is_sure = sure[held.askers] <= held.lasts
        is_sure &= sure[held.askers] != FOREVER
        keys = held.firsts
    else:
        held = outsides(graph, things, LONG_AGO, moments)
        is_sure = sure[held.askers] != LONG_AGO
        keys = -held.lasts
    objects, place = numbered(held.things, graph.objects)
    moments = np.full(len(objects), FOREVER)
    is_certain = np.zeros(len(objects), bool)
    np.minimum.at(moments, place, keys)
    np.logical_or.at(is_certain, place, is_sure)
    return Carriers(objects, moments if is_forward else -moments, is_certain, things, held)


def _with_seeds(reach: Reach) -> tuple[Ints, Ints, Ints]:
    """Give what was reached together with the starts: object, moment, moment for certain."""
    sign = 1 if reach.direction == "forward" else -1
    if not is_among(reach.seeds, reach.objects).any():
        objects = np.concatenate((reach.objects, reach.seeds))
        order = np.argsort(objects)
        return (
            objects[order],
            np.concatenate((reach.moments, reach.seed_moments))[order],
            np.concatenate((reach.sure, reach.seed_moments))[order],
        )
    objects = np.concatenate((reach.objects, reach.seeds))
    moments = sign * np.concatenate((reach.moments, reach.seed_moments))
    sure = sign * np.concatenate((reach.sure, reach.seed_moments))
    unique, place = np.unique(objects, return_inverse=True)
    earliest = np.full(len(unique), FOREVER)
    surest = np.full(len(unique), FOREVER)
    np.minimum.at(earliest, place, moments)
    np.minimum.at(surest, place, sure)
    return unique, sign * earliest, sign * surest
