"""The walk: everything that can be reached from here, and how early. 遍历

First in, first out, and a node is visited again when it turns out to be reached earlier: the
least labels that satisfy every arrow, whatever loops there are. Nodes are visited, paths are
never listed. The certain part is walked a second time under its own rule, only where there
is doubt at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from suyuan.trace._compiled import compiled
from suyuan.trace._facts import Ints
from suyuan.trace._graph import KEEP, Arrows, Graph
from suyuan.trace._stays import FOREVER

__all__ = ["NOT_REACHED", "Walked", "walk"]

NOT_REACHED = FOREVER


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
    reached, labels, is_doubtful = _walk(
        arrows.starts,
        arrows.targets,
        arrows.until,
        arrows.then,
        arrows.makers,
        graph.makers_of,
        graph.makings,
        graph.objects + graph.transformations,
        graph.nodes,
        seeds,
        seed_labels,
        is_certain,
        np.zeros(0, bool) if within is None else within,
        np.zeros(0, bool) if is_end is None else is_end,
    )
    return Walked(reached, labels, is_doubtful)


@compiled
def _walk(
    starts: Ints,
    targets: npt.NDArray[np.int32],
    until: Ints,
    then: Ints,
    makers: npt.NDArray[np.int32],
    makers_of: npt.NDArray[np.int32],
    makings: int,
    first_pool: int,
    nodes: int,
    seeds: Ints,
    seed_labels: Ints,
    is_certain: bool,
    within: npt.NDArray[np.bool_],
    is_end: npt.NDArray[np.bool_],
) -> tuple[Ints, Ints, bool]:
    at = np.full(nodes, NOT_REACHED, np.int64)
    reach = np.full(nodes, NOT_REACHED, np.int64)
    is_waiting = np.zeros(nodes, np.bool_)
    # Of a lot with several makers: how many were reached, and the earliest moment they give.
    is_made = np.zeros(makings + 1 if is_certain else 1, np.bool_)
    made = np.zeros(len(makers_of) if is_certain and makings > 0 else 1, np.int32)
    pending = np.full(len(made), NOT_REACHED, np.int64)
    queue = np.empty(1024, np.int32)
    head = tail = 0
    found = np.empty(1024, np.int32)
    count = 0
    is_doubtful = False
    for index in range(len(seeds)):
        seed = seeds[index]
        at[seed] = min(at[seed], seed_labels[index])
        if not is_waiting[seed]:
            if tail == len(queue):
                queue = np.concatenate((queue, np.empty_like(queue)))
            queue[tail] = seed
            tail += 1
            is_waiting[seed] = True
    while head < tail:
        node = queue[head]
        head += 1
        if head > len(queue) // 2:
            # What was taken makes room for what comes.
            queue[: tail - head] = queue[head:tail].copy()
            tail -= head
            head = 0
        is_waiting[node] = False
        label = at[node]
        if len(is_end) > 0 and is_end[node]:
            continue
        for arrow in range(starts[node], starts[node + 1]):
            if label > until[arrow]:
                continue
            target = targets[arrow]
            new = label if then[arrow] == KEEP else then[arrow]
            if len(within) > 0 and not within[target]:
                continue
            if target >= first_pool:
                is_doubtful = True
                if is_certain:
                    continue
            making = makers[arrow]
            if making > 0:
                is_doubtful = True
                if is_certain:
                    pending[target] = min(pending[target], new)
                    if not is_made[making]:
                        is_made[making] = True
                        made[target] += 1
                    if made[target] < makers_of[target]:
                        continue
                    new = pending[target]
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
                if not is_waiting[target]:
                    is_waiting[target] = True
                    if tail == len(queue):
                        queue = np.concatenate((queue, np.empty_like(queue)))
                    queue[tail] = target
                    tail += 1
    result = np.empty(count, np.int64)
    labels = np.empty(count, np.int64)
    for index in range(count):
        result[index] = found[index]
        labels[index] = reach[found[index]]
    return result, labels, is_doubtful
