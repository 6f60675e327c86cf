"""What is reached from some objects, forward or back, with grade and moment. 可达

The rules are those of docs/design/trace.md. Everything here is in numbers of objects;
`suyuan.trace._questions` speaks in identifiers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from suyuan.trace._columns import Ints
from suyuan.trace._compiled import compiled
from suyuan.trace._containers import insides
from suyuan.trace._graph import Graph, Ways
from suyuan.trace._stays import FOREVER, LONG_AGO
from suyuan.trace._walk import NOT_REACHED, Walked, are_met, walk, walk_again, ways_of

__all__ = ["Direction", "Reach", "least", "mark_back", "reach_back", "reach_forward"]

Direction = Literal["forward", "back"]


@dataclass(frozen=True)
class Reach:
    """The objects reached, in the order of their numbers.

    `moments` are the earliest at which each can have been reached; on the way back, the
    latest at which it can have gone on its way. LONG_AGO or FOREVER where nothing bounds it.
    `transformations` are the nodes gone through, with their labels (negative on the way back).
    """

    direction: Direction
    objects: Ints
    moments: Ints
    sure: Ints
    """The same for what is certain; forward FOREVER, back LONG_AGO for what is only possible."""
    seeds: Ints
    seed_moments: Ints
    transformations: Ints
    transformation_labels: Ints

    @cached_property
    def is_certain(self) -> npt.NDArray[np.bool_]:
        """Tell which of the objects are reached for certain."""
        nobody = FOREVER if self.direction == "forward" else LONG_AGO
        result: npt.NDArray[np.bool_] = self.sure != nobody
        return result


def reach_forward(graph: Graph, starts: Ints, since: int = LONG_AGO) -> Reach:
    """Track forward from all that is in the starts, from a moment on."""
    bounds = np.full(len(starts), since)
    held = insides(graph, starts, since, FOREVER)
    given = least(held.things, held.firsts)
    seeds, labels = _with_contents(starts, bounds, held.things, held.firsts)
    found = walk(graph, seeds, labels)
    objects, moments = _with_given(found, given)
    sure = moments
    if found.is_doubtful:
        sure = walk_again(graph, seeds, labels, objects, is_certain=True)
        places = np.searchsorted(objects, given[0])
        sure[places] = np.minimum(sure[places], given[1])
    return _reach("forward", objects, moments, sure, starts, bounds, found)


def reach_back(graph: Graph, starts: Ints, until: int = FOREVER) -> Reach:
    """Trace back from all that is in the starts, up to a moment."""
    bounds = np.full(len(starts), until)
    held = insides(graph, starts, LONG_AGO, until)
    given = least(held.things, -held.lasts)
    seeds, labels = _with_contents(starts, -bounds, held.things, -held.lasts)
    found = walk(graph, seeds, labels, is_back=True)
    objects, moments = _with_given(found, given)
    moments = -moments
    sure = moments
    if found.is_doubtful:
        is_certain = certain_back(graph, objects, seeds, labels)
        is_certain[np.searchsorted(objects, given[0])] = True
        sure = np.where(is_certain, moments, LONG_AGO)
    return _reach("back", objects, moments, sure, starts, bounds, found)


def _reach(
    direction: Direction,
    objects: Ints,
    moments: Ints,
    sure: Ints,
    starts: Ints,
    bounds: Ints,
    found: Walked,
) -> Reach:
    first = int(np.searchsorted(found.nodes, 0))
    gone = found.nodes[:first], found.labels[:first]
    return Reach(direction, objects, moments, sure, starts, bounds, *gone)


def _with_contents(starts: Ints, bounds: Ints, contents: Ints, labels: Ints) -> tuple[Ints, Ints]:
    """Give all that a walk begins at: the starts, and what is inside them."""
    if not len(contents):
        return starts, bounds
    return np.concatenate((starts, contents)), np.concatenate((bounds, labels))


def _with_given(found: Walked, given: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """Give the objects among the nodes found, with the contents of the starts among them."""
    first = int(np.searchsorted(found.nodes, 0))
    objects, moments = found.nodes[first:], found.labels[first:]
    if not len(given[0]):
        return objects, moments
    return least(np.concatenate((given[0], objects)), np.concatenate((given[1], moments)))


def least(objects: Ints, moments: Ints) -> tuple[Ints, Ints]:
    """Give each object once, with the least of its moments."""
    if not len(objects):
        return objects, moments
    order = np.lexsort((moments, objects))
    objects, moments = objects[order], moments[order]
    is_first = np.ones(len(objects), bool)
    is_first[1:] = objects[1:] != objects[:-1]
    return objects[is_first], moments[is_first]


def certain_back(graph: Graph, objects: Ints, ends: Ints, labels: Ints) -> npt.NDArray[np.bool_]:
    """Tell which objects reach one of the ends for certain, by the rule of the way forward.

    What leads there without pools and without lots of several makers is certain. Of the others
    each is asked on its own, within all that the ends may have come from.
    """
    sure = walk_again(graph, ends, labels, objects, is_back=True, is_sure=True)
    is_certain: npt.NDArray[np.bool_] = sure != NOT_REACHED
    doubtful = objects[~is_certain]
    if len(doubtful):
        within = np.zeros(graph.nodes, bool)
        mark_back(ways_of(graph, is_back=True), ends, within)
        is_certain[~is_certain] = are_met(graph, doubtful, ends, -labels, within)
    return is_certain


@compiled
def mark_back(ways: Ways, seeds: Ints, is_marked: npt.NDArray[np.bool_]) -> None:
    """Mark everything that leads to the seeds, at whatever time."""
    waiting = [np.int64(0) for _ in range(0)]
    for seed in seeds:
        is_marked[seed] = True
        waiting.append(seed)
    while len(waiting) > 0:
        edge = ways.first[waiting.pop()]
        while edge != 0:
            target = ways.targets[edge]
            if edge < ways.edges and not is_marked[target]:
                is_marked[target] = True
                waiting.append(np.int64(target))
            edge = ways.next[edge]
