"""The walk: everything that can be reached from here, and how early. 遍历

First in, first out, and a node is visited again when it turns out to be reached earlier: the
least labels that satisfy every arrow, whatever loops there are. Nodes are visited, paths are
never listed. The certain part is walked a second time under its own rule, only where there
is doubt at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple
from weakref import finalize

import numpy as np
import numpy.typing as npt

from suyuan.trace._compiled import compiled
from suyuan.trace._facts import Ints
from suyuan.trace._graph import KEEP, Arrows, Graph
from suyuan.trace._stays import FOREVER

__all__ = ["NOT_REACHED", "Walked", "walk"]

NOT_REACHED = FOREVER
_DENSE = 16  # Where one node in so many was reached, looking at all is quicker than sorting.


@dataclass(frozen=True)
class Walked:
    """The nodes that were reached, in the order of their numbers, with their labels."""

    nodes: Ints
    labels: Ints
    is_doubtful: bool
    """Whether identity was lost anywhere: else everything is certain."""


def walk(
    graph: Graph,
    arrows: Arrows,
    seeds: Ints,
    seed_labels: Ints,
    *,
    is_certain: bool = False,
    within: npt.NDArray[np.bool_] | None = None,
    is_sure: bool = False,
) -> Walked:
    """Follow the arrows from seeds with labels; the seeds themselves only if reached again.

    `is_certain` follows only what is certain: no pools, and a lot of several makers only
    when all of them were reached. `within` limits the walk to some nodes. `is_sure` takes the
    ways without any doubt alone: no pools, and nothing beyond a lot of several makers.
    """
    ways = _Ways(
        *(arrows.starts, arrows.targets, arrows.until, arrows.then, arrows.makers),
        *(graph.makers_of, _NOWHERE if within is None else within),
        graph.objects,
        graph.objects + graph.transformations,
        is_certain,
        is_sure,
    )
    tally = _tally(graph, is_certain=is_certain)
    marks = _taken_marks(graph)
    found = _walk(ways, marks, tally, seeds, seed_labels)
    nodes, labels = _collected(marks, found, seeds)
    _spare_marks[id(graph)].append(marks)
    return Walked(nodes, labels, bool(tally.is_doubtful[0]))


def _tally(graph: Graph, *, is_certain: bool) -> _Tally:
    makings = graph.makings if is_certain else 0
    lots = graph.objects if makings else 1
    return _Tally(
        np.zeros(makings + 1, bool),
        np.zeros(lots, np.int32),
        np.full(lots, NOT_REACHED),
        np.zeros(1, bool),
    )


# Marks for every node are dear to make, and clean again after each walk; so they are kept,
# as many as there were walks at once.
_spare_marks: dict[int, list[_Marks]] = {}
_lock = Lock()


def _taken_marks(graph: Graph) -> _Marks:
    with _lock:
        if id(graph) not in _spare_marks:
            _spare_marks[id(graph)] = []
            finalize(graph, _spare_marks.pop, id(graph), None)
        spare = _spare_marks[id(graph)]
        if spare:
            return spare.pop()
    return _Marks(
        np.full(graph.nodes, NOT_REACHED),
        np.full(graph.nodes, NOT_REACHED),
        np.zeros(graph.nodes, bool),
        np.zeros(graph.nodes + 1, np.int32),
    )


_NOWHERE = np.zeros(0, bool)


class _Ways(NamedTuple):
    """The arrows, and which of them may be gone."""

    starts: Ints
    targets: npt.NDArray[np.int32]
    until: Ints
    then: Ints
    makers: npt.NDArray[np.int32]
    makers_of: npt.NDArray[np.int32]
    within: npt.NDArray[np.bool_]
    objects: int
    first_pool: int
    is_certain: bool
    is_sure: bool


class _Marks(NamedTuple):
    """What is known of the nodes so far."""

    at: Ints
    """The label from which to go on: a seed's own, or that with which it was reached."""
    reach: Ints
    is_waiting: npt.NDArray[np.bool_]
    queue: npt.NDArray[np.int32]


class _Tally(NamedTuple):
    """What is known of lots that came out of several transformations."""

    is_made: npt.NDArray[np.bool_]
    """By making of a lot with several makers: whether it was reached."""
    made: npt.NDArray[np.int32]
    """By lot: how many of its makers were reached."""
    pending: Ints
    """By lot: the earliest moment that the makers reached so far give."""
    is_doubtful: npt.NDArray[np.bool_]
    """One element: whether identity was lost anywhere."""


@compiled
def _walk(ways: _Ways, marks: _Marks, tally: _Tally, seeds: Ints, seed_labels: Ints) -> Ints:
    """Walk until nothing gets an earlier label; give the nodes reached."""
    # Taken out of their tuples once: in the loop that would cost more than the walk.
    starts, targets, until, then = ways.starts, ways.targets, ways.until, ways.then
    makers, within, first_pool = ways.makers, ways.within, ways.first_pool
    at, reach, is_waiting = marks.at, marks.reach, marks.is_waiting
    # A node waits once at most, so a ring with room for all of them never runs over.
    queue = marks.queue
    head = tail = count = 0
    found = np.empty(1024, np.int64)
    for index in range(len(seeds)):
        seed = seeds[index]
        at[seed] = min(at[seed], seed_labels[index])
        if not is_waiting[seed]:
            is_waiting[seed] = True
            queue[tail] = seed
            tail = tail + 1 if tail + 1 < len(queue) else 0
    while head != tail:
        node = queue[head]
        head = head + 1 if head + 1 < len(queue) else 0
        is_waiting[node] = False
        if ways.is_sure and node < ways.objects and ways.makers_of[node] > 1:
            continue
        label = at[node]
        for arrow in range(starts[node], starts[node + 1]):
            target = targets[arrow]
            new = label if then[arrow] == KEEP else then[arrow]
            if label > until[arrow] or (len(within) > 0 and not within[target]):
                continue
            if target >= first_pool or makers[arrow] > 0:
                new = _doubted(ways, tally, new, makers[arrow], target)
            if new >= reach[target]:
                continue
            if reach[target] == NOT_REACHED:
                if count == len(found):
                    found = np.concatenate((found, np.empty_like(found)))
                found[count] = target
                count += 1
            reach[target] = new
            if new < at[target]:
                at[target] = new
                # Most of what is reached, the goods themselves, leads nowhere.
                if starts[target] < starts[target + 1] and not is_waiting[target]:
                    is_waiting[target] = True
                    queue[tail] = target
                    tail = tail + 1 if tail + 1 < len(queue) else 0
    return found[:count].copy()


@compiled
def _doubted(ways: _Ways, tally: _Tally, new: int, making: int, target: int) -> int:
    """Give the label with which an arrow arrives where identity is lost, if it may be gone.

    A lot is reached for certain when all that made it is.
    """
    tally.is_doubtful[0] = True
    if making == 0:
        return NOT_REACHED if ways.is_certain or ways.is_sure else new
    if not ways.is_certain:
        return new
    tally.pending[target] = min(tally.pending[target], new)
    if not tally.is_made[making]:
        tally.is_made[making] = True
        tally.made[target] += 1
    if tally.made[target] < ways.makers_of[target]:
        return NOT_REACHED
    return int(tally.pending[target])


@compiled
def _collected(marks: _Marks, found: Ints, seeds: Ints) -> tuple[Ints, Ints]:
    """Give the nodes found in order, with their labels, and clean the marks."""
    count = len(found)
    nodes = np.empty(count, np.int64)
    labels = np.empty(count, np.int64)
    if count * _DENSE < len(marks.reach):
        nodes[:] = np.sort(found)
    else:
        at = 0
        for node in range(len(marks.reach)):
            if marks.reach[node] != NOT_REACHED:
                nodes[at] = node
                at += 1
    for at in range(count):
        node = nodes[at]
        labels[at] = marks.reach[node]
        marks.reach[node] = NOT_REACHED
        marks.at[node] = NOT_REACHED
    for seed in seeds:
        marks.at[seed] = NOT_REACHED
    return nodes, labels
