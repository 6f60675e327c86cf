"""Every edge that an answer went along, as one table, for the picture of it. 谱系图连线

Nodes are those of the graph: objects above zero, transformations and pools below. A pool is
left out where the lot that it stands for leads to the same itself, and for certain.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from suyuan.trace._columns import Ints
from suyuan.trace._containers import insides
from suyuan.trace._distinct import distinct
from suyuan.trace._edges import POOL
from suyuan.trace._gone import edges_walked
from suyuan.trace._graph import Graph
from suyuan.trace._reach import Reach
from suyuan.trace._stays import FOREVER, LONG_AGO

__all__ = ["Gone", "edges_gone"]


class Gone(NamedTuple):
    """Edges as three columns, in the direction of time: what leads to what, and by which event.

    The event is its place among the facts; -1 where an edge only tells which lot an instance
    is of, -2 where it tells what is inside a start.
    """

    tails: Ints
    heads: Ints
    events: Ints


def edges_gone(graph: Graph, reach: Reach) -> Gone:
    """Give all edges between what was reached, the starts, and the transformations between."""
    is_back = reach.direction == "back"
    objects = np.concatenate((reach.objects, reach.seeds))
    gone = edges_walked(graph, reach)
    tails, heads = (gone[1], gone[0]) if is_back else (gone[0], gone[1])
    tails, heads, events = _without_pools(graph, objects, tails, heads, gone[2])
    held = _inside_starts(graph, reach)
    tails = np.concatenate((tails, held[1] if is_back else held[0]))
    heads = np.concatenate((heads, held[0] if is_back else held[1]))
    events = np.concatenate((events, np.full(len(held[0]), -2)))
    order = np.lexsort((events, heads, tails))
    return Gone(tails[order], heads[order], events[order])


def _without_pools(
    graph: Graph, objects: Ints, tails: Ints, heads: Ints, events: Ints
) -> tuple[Ints, Ints, Ints]:
    """Leave out the pools whose lots lead wherever they do: that tells more."""
    lots = distinct(objects)
    pools = graph.arrays.stands_for[lots].astype(np.int64)
    is_pool = (pools < 0) & (graph.arrays.traits[pools] & POOL != 0)
    if not is_pool.any():
        return tails, heads, events
    lot_of = np.zeros(graph.nodes, np.int64)
    lot_of[pools[is_pool]] = lots[is_pool]
    # An instance may have gone where its lot was too late to be: then the pool alone leads there.
    rows = np.flatnonzero((lot_of[tails] > 0) & (heads < 0))
    # An event is of one transformation, so lot and event tell the edge.
    is_lots = np.zeros(graph.nodes, bool)
    is_lots[lots[is_pool]] = True
    is_lot = is_lots[tails] & (heads < 0)
    is_missing = ~np.isin(
        lot_of[tails[rows]] << 32 | events[rows], tails[is_lot] << 32 | events[is_lot]
    )
    lot_of[tails[rows[is_missing]]] = 0
    is_kept = (lot_of[tails] == 0) & (lot_of[heads] == 0)
    return tails[is_kept], heads[is_kept], events[is_kept]


def _inside_starts(graph: Graph, reach: Reach) -> tuple[Ints, Ints]:
    """Give the starts that are containers, and beside each what was inside it."""
    is_back = reach.direction == "back"
    bounds = reach.seed_moments
    low, high = (LONG_AGO, bounds) if is_back else (bounds, FOREVER)
    held = insides(graph, reach.seeds, low, high)
    pairs = np.unique(np.stack((reach.seeds[held.askers], held.things)), axis=1)
    return pairs[0], pairs[1]
