"""The walk: everything that can be reached from here, and how early. 遍历

First in, first out, and a node is visited again when it turns out to be reached earlier: the
least labels that satisfy every arrow, whatever loops there are. Nodes are visited, paths are
never listed. The certain part is walked a second time under its own rule, only where there
is doubt at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from suyuan.trace._compiled import compiled
from suyuan.trace._facts import Ints
from suyuan.trace._graph import KEEP, Arrows, Graph
from suyuan.trace._stays import FOREVER

__all__ = ["NOT_REACHED", "Walked", "walk"]

NOT_REACHED = FOREVER
_Numbers = TypeVar("_Numbers", Ints, npt.NDArray[np.int32])


@dataclass(frozen=True)
class Walked:
    """The nodes that were reached, in no order, with their labels."""

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
    is_end: npt.NDArray[np.bool_] | None = None,
) -> Walked:
    """Follow the arrows from seeds with labels; the seeds themselves only if reached again.

    `is_certain` follows only what is certain: no pools, and a lot of several makers only
    when all of them were reached. `within` limits the walk to some nodes, and it goes no
    further from those that `is_end` marks.
    """
    makings = graph.makings if is_certain else 0
    ways = _Ways(
        *(arrows.starts, arrows.targets, arrows.until, arrows.then, arrows.makers),
        *(graph.makers_of, _NOWHERE if within is None else within),
        *(_NOWHERE if is_end is None else is_end, graph.objects + graph.transformations),
        is_certain,
    )
    marks = _Marks(
        np.full(graph.nodes, NOT_REACHED),
        np.full(graph.nodes, NOT_REACHED),
        np.zeros(graph.nodes, bool),
        np.zeros(makings + 1, bool),
        np.zeros(graph.objects if makings else 1, np.int32),
        np.full(graph.objects if makings else 1, NOT_REACHED),
        np.zeros(1, bool),
    )
    reached = _walk(ways, marks, seeds, seed_labels)
    return Walked(reached, marks.reach[reached], bool(marks.is_doubtful[0]))


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
    is_end: npt.NDArray[np.bool_]
    first_pool: int
    is_certain: bool


class _Marks(NamedTuple):
    """What is known of the nodes so far."""

    at: Ints
    """The label from which to go on: a seed's own, or that with which it was reached."""
    reach: Ints
    is_waiting: npt.NDArray[np.bool_]
    is_made: npt.NDArray[np.bool_]
    """By making of a lot with several makers: whether it was reached."""
    made: npt.NDArray[np.int32]
    """By lot: how many of its makers were reached."""
    pending: Ints
    """By lot: the earliest moment that the makers reached so far give."""
    is_doubtful: npt.NDArray[np.bool_]
    """One element: whether identity was lost anywhere."""


@compiled
def _walk(ways: _Ways, marks: _Marks, seeds: Ints, seed_labels: Ints) -> Ints:
    """Walk until nothing gets an earlier label; give the nodes reached."""
    queue = np.empty(1024, np.int32)
    head = tail = 0
    found = np.empty(1024, np.int64)
    count = 0
    for index in range(len(seeds)):
        seed = seeds[index]
        marks.at[seed] = min(marks.at[seed], seed_labels[index])
        if not marks.is_waiting[seed]:
            marks.is_waiting[seed] = True
            queue = _with_room(queue, tail)
            queue[tail] = seed
            tail += 1
    while head < tail:
        node = queue[head]
        head += 1
        if head > len(queue) // 2:
            # What was taken makes room for what comes.
            queue[: tail - head] = queue[head:tail].copy()
            tail -= head
            head = 0
        marks.is_waiting[node] = False
        if len(ways.is_end) > 0 and ways.is_end[node]:
            continue
        for arrow in range(ways.starts[node], ways.starts[node + 1]):
            target = ways.targets[arrow]
            new = _label(ways, marks, marks.at[node], arrow, target)
            if new >= marks.reach[target]:
                continue
            if marks.reach[target] == NOT_REACHED:
                found = _with_room(found, count)
                found[count] = target
                count += 1
            marks.reach[target] = new
            if new < marks.at[target]:
                marks.at[target] = new
                if not marks.is_waiting[target]:
                    marks.is_waiting[target] = True
                    queue = _with_room(queue, tail)
                    queue[tail] = target
                    tail += 1
    return found[:count].copy()


@compiled
def _label(ways: _Ways, marks: _Marks, label: int, arrow: int, target: int) -> int:
    """Give the label with which an arrow arrives, NOT_REACHED where it can't be gone."""
    if label > ways.until[arrow]:
        return NOT_REACHED
    if len(ways.within) > 0 and not ways.within[target]:
        return NOT_REACHED
    new = label if ways.then[arrow] == KEEP else ways.then[arrow]
    if target >= ways.first_pool:
        marks.is_doubtful[0] = True
        return NOT_REACHED if ways.is_certain else new
    making = ways.makers[arrow]
    if making > 0:
        marks.is_doubtful[0] = True
        if ways.is_certain:
            # A lot is reached for certain when all that made it is.
            marks.pending[target] = min(marks.pending[target], new)
            if not marks.is_made[making]:
                marks.is_made[making] = True
                marks.made[target] += 1
            if marks.made[target] < ways.makers_of[target]:
                return NOT_REACHED
            return int(marks.pending[target])
    return new


@compiled
def _with_room(array: _Numbers, count: int) -> _Numbers:
    """Give an array with room behind `count` elements."""
    if count < len(array):
        return array
    return np.concatenate((array, np.empty_like(array)))
