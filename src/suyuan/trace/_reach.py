"""What is reached from some objects, forward or back, with grade and moment. 可达

The rules are those of docs/design/trace.md. Everything here is in numbers of objects;
`suyuan.trace._questions` speaks in identifiers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from suyuan.trace._columns import Ints
from suyuan.trace._compiled import compiled
from suyuan.trace._containers import insides
from suyuan.trace._distinct import is_among
from suyuan.trace._graph import Graph
from suyuan.trace._stays import FOREVER, LONG_AGO
from suyuan.trace._walk import Walked, Ways, are_met, walk, ways_of

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

    @property
    def is_certain(self) -> npt.NDArray[np.bool_]:
        """Tell which of the objects are reached for certain."""
        nobody = FOREVER if self.direction == "forward" else LONG_AGO
        result: npt.NDArray[np.bool_] = self.sure != nobody
        return result


def reach_forward(graph: Graph, starts: Ints, since: int = LONG_AGO) -> Reach:
    """Track forward from all that is in the starts, from a moment on."""
    held = insides(graph, starts, since, FOREVER)
    given = least(held.things, held.firsts)
    seeds = np.concatenate((starts, held.things))
    labels = np.concatenate((np.full(len(starts), since), held.firsts))
    found = walk(graph, seeds, labels)
    objects, moments = _with_given(found, given)
    sure = moments
    if found.is_doubtful:
        certain = walk(graph, seeds, labels, is_certain=True)
        known, known_moments = _with_given(certain, given)
        sure = np.full(len(objects), FOREVER)
        _put_beside(objects, sure, known, known_moments)
    bounds = np.full(len(starts), since)
    first = np.searchsorted(found.nodes, 0)
    return Reach(
        *("forward", objects, moments, sure, starts, bounds),
        *(found.nodes[:first], found.labels[:first]),
    )


@compiled
def _put_beside(objects: Ints, values: Ints, some: Ints, their_values: Ints) -> None:
    """Put values where their objects stand: `some` of `objects`, both in order."""
    at = 0
    for row in range(len(some)):
        while objects[at] != some[row]:
            at += 1
        values[at] = their_values[row]


def reach_back(graph: Graph, starts: Ints, until: int = FOREVER) -> Reach:
    """Trace back from all that is in the starts, up to a moment."""
    held = insides(graph, starts, LONG_AGO, until)
    given = least(held.things, -held.lasts)
    seeds = np.concatenate((starts, held.things))
    labels = np.concatenate((np.full(len(starts), -until), -held.lasts))
    found = walk(graph, seeds, labels, is_back=True)
    objects, moments = _with_given(found, given)
    is_certain = is_among(objects, given[0]) | certain_back(graph, objects, seeds, -labels)
    bounds = np.full(len(starts), until)
    first = np.searchsorted(found.nodes, 0)
    return Reach(
        *("back", objects, -moments, np.where(is_certain, -moments, LONG_AGO), starts, bounds),
        *(found.nodes[:first], found.labels[:first]),
    )


def _with_given(found: Walked, given: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """Give the objects among the nodes found, with the contents of the starts among them."""
    first = np.searchsorted(found.nodes, 0)
    objects, moments = found.nodes[first:], found.labels[first:]
    if not len(given[0]):
        return objects, moments
    return least(np.concatenate((given[0], objects)), np.concatenate((given[1], moments)))


def least(objects: Ints, moments: Ints) -> tuple[Ints, Ints]:
    """Give each object once, with the least of its moments."""
    order = np.lexsort((moments, objects))
    objects, moments = objects[order], moments[order]
    is_first = np.ones(len(objects), bool)
    is_first[1:] = objects[1:] != objects[:-1]
    return objects[is_first], moments[is_first]


def certain_back(graph: Graph, objects: Ints, ends: Ints, last: Ints) -> npt.NDArray[np.bool_]:
    """Tell which objects reach one of the ends for certain, by the rule of the way forward.

    What leads there by a way without any doubt is certain. Of the others each is asked on its
    own, within all that the ends may have come from.
    """
    sure = _sure_back(graph, ends, -last)
    is_certain = is_among(objects, sure)
    doubtful = objects[~is_certain]
    if len(doubtful):
        within = np.zeros(graph.nodes, bool)
        mark_back(ways_of(graph, is_back=True), ends, within)
        is_certain[~is_certain] = are_met(graph, doubtful, ends, last, within)
    return is_certain


def _sure_back(graph: Graph, ends: Ints, labels: Ints) -> Ints:
    """Give what leads to the ends without pools and without lots of several makers."""
    found = walk(graph, ends, labels, is_back=True, is_sure=True)
    return found.nodes[np.searchsorted(found.nodes, 0) :]


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
