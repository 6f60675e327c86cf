"""The edges that an answer went along: what it rests on, and what its picture shows. 所经连线"""

from __future__ import annotations

import numpy as np

from suyuan.trace._carriers import with_others
from suyuan.trace._columns import Ints, Small
from suyuan.trace._compiled import compiled
from suyuan.trace._distinct import is_dense
from suyuan.trace._graph import Graph, Ways, begun_at
from suyuan.trace._reach import Reach
from suyuan.trace._walk import ways_of

__all__ = ["edges_walked"]

_ROOM = 64


def edges_walked(graph: Graph, reach: Reach) -> tuple[Ints, Ints, Ints]:
    """Give all edges between what was reached, the starts, and the transformations between.

    Three columns, in the direction of the walk: node, node and the place of the event among
    the facts, -1 where an edge only tells which lot an instance is of.
    """
    sign = -1 if reach.direction == "back" else 1
    gone, gone_labels = reach.transformations, reach.transformation_labels
    labels = np.concatenate((gone_labels, sign * reach.moments))
    nodes, labels, _ = with_others(
        *(np.concatenate((gone, reach.objects)), labels, labels),
        *(reach.seeds, sign * reach.seed_moments),
    )
    place: Small = np.zeros(0, np.int32)
    if is_dense(len(nodes), graph.nodes):
        place = np.full(graph.nodes, -1, np.int32)
        place[nodes] = np.arange(len(nodes))
    ways = ways_of(graph, is_back=reach.direction == "back")
    tails, heads, events = _walked(ways, nodes, labels, place)
    return tails, heads, events


@compiled
def _walked(ways: Ways, nodes: Ints, labels: Ints, place: Small) -> tuple[Ints, Ints, Ints]:
    rows = np.empty((3, _ROOM + 2 * len(nodes)), np.int64)
    count = 0
    times, begun_by, events = ways.times, ways.begun_by, ways.events
    for at in range(len(nodes)):
        node = nodes[at]
        begun = begun_at(begun_by, times, events, node)
        edge = ways.first[node]
        while edge != 0:
            this, target, event = edge, ways.targets[edge], ways.edge_events[edge]
            edge = ways.next[edge]
            if this >= ways.edges or not _is_there(nodes, place, target):
                continue
            if event >= 0:
                until = -times[event] if ways.is_back else max(times[event], begun)
                if labels[at] > until:
                    continue
            if count == rows.shape[1]:
                rows = np.concatenate((rows, np.empty_like(rows)), axis=1)
            rows[0, count], rows[1, count], rows[2, count] = node, target, max(event, -1)
            count += 1
    return rows[0, :count].copy(), rows[1, :count].copy(), rows[2, :count].copy()


@compiled
def _is_there(nodes: Ints, place: Small, node: int) -> bool:
    """Tell whether a node is among some in order; `place` tells of every node, or is empty."""
    if len(place) > 0:
        return bool(place[node] >= 0)
    low, high = 0, len(nodes)
    while low < high:
        middle = (low + high) // 2
        if nodes[middle] < node:
            low = middle + 1
        else:
            high = middle
    return low < len(nodes) and bool(nodes[low] == node)
