"""Edges: what went into what, what came out of it, and which lot it is of. 谱系连线

Nodes are objects, transformations and pools. Edges go from an object into a transformation
and from a transformation to what came out of it, so that one with 20 inputs and 100,000
outputs is 100,020 edges and not two million. A *pool* stands for a lot as the goods that were
drawn from it by quantity: an instance of the lot leads to its pool, and the pool to the uses
of the lot, all of it possible and not certain (rule 4).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from suyuan.event import EventType
from suyuan.trace._columns import Arrays, Bytes, Columns, Ints, Marks, Small
from suyuan.trace._compiled import compiled

__all__ = [
    "DRAWN",
    "LOT",
    "NAMED",
    "ON",
    "OWNED",
    "POOL",
    "SHARED",
    "add_edges",
    "begin_objects",
    "count_edges",
    "fill_pools",
    "number_transformations",
    "sort_edges",
]

ON, SHARED, POOL, LOT, NAMED, DRAWN, OWNED = 1, 2, 4, 8, 16, 32, 64
"""Traits of nodes: it leads on; a lot that several transformations made; a pool; a lot; an
instance that was named; a lot that was used by quantity; a lot with instances."""

_TRANSFORMATION = int(EventType.TRANSFORMATION)


_Number = int | np.integer[Any]


class _Edges(NamedTuple):
    tails: Small
    heads: Small
    events: Small
    next_forward: Small
    next_back: Small
    first_forward: Small
    first_back: Small
    begun_by: Small
    traits: Marks
    stands_for: Small
    times: Ints
    totals: Ints
    """How many edges, and nodes below zero, there are."""


def _edges(columns: Columns) -> _Edges:
    one = columns.arrays
    return _Edges(
        *(one.tails, one.heads, one.edge_events, one.next_forward, one.next_back),
        *(one.first_forward, one.first_back, one.begun_by, one.traits, one.stands_for),
        *(one.times, np.array([columns.counts["edges"], columns.counts["minus"]], np.int64)),
    )


def _note_totals(columns: Columns, edges: _Edges) -> None:
    columns.counts["edges"], columns.counts["minus"] = edges.totals.tolist()


def number_transformations(columns: Columns, first: int, named: Ints) -> None:
    """Give each transformation event from `first` on the node of its transformation.

    `named` is, by event, the object that is its transformation ID, or 0.
    """
    minus = np.array([columns.counts["minus"]], np.int64)
    arrays = columns.arrays
    _number(arrays.types, arrays.transformation_of, arrays.stands_for, named, first, minus)
    columns.counts["minus"] = int(minus[0])


@compiled
def _number(
    types: Bytes, transformation_of: Small, stands_for: Small, named: Ints, first: int, minus: Ints
) -> None:
    for at in range(len(named)):
        if types[first + at] != _TRANSFORMATION:
            continue
        node = stands_for[named[at]] if named[at] != 0 else 0
        if node == 0:
            minus[0] += 1
            node = -minus[0]
            if named[at] != 0:
                stands_for[named[at]] = node
        transformation_of[first + at] = node


def begin_objects(arrays: Arrays, objects: Ints, events: Ints) -> None:
    """Note the events from which the record knows of objects: the earliest of each."""
    _begin(arrays.begun_by, arrays.stands_for, arrays.traits, arrays.times, objects, events)


@compiled
def _begin(
    begun_by: Small, stands_for: Small, traits: Marks, times: Ints, objects: Ints, events: Ints
) -> None:
    for at in range(len(objects)):
        thing, event = objects[at], events[at]
        before = begun_by[thing] - 1
        if before < 0 or times[event] < times[before]:
            begun_by[thing] = event + 1
            pool = stands_for[thing]
            if pool != 0 and traits[pool] & POOL:
                begun_by[pool] = event + 1


def add_edges(columns: Columns, tails: Ints, heads: Ints, events: Ints, *, by: int) -> Ints:
    """Add edges, for which there is room; give the lots for which pools are wanted by now.

    `by` is LOT where the object is used or made by quantity, OWNED where lots lead to their
    instances, each pair once, and 0 else.
    """
    edges = _edges(columns)
    wanted = _add_all(edges, tails, heads, events, by)
    _note_totals(columns, edges)
    return wanted


@compiled
def _add_all(edges: _Edges, tails: Ints, heads: Ints, events: Ints, by: int) -> Ints:
    wanted = [np.int64(0) for _ in range(0)]
    traits, stands_for = edges.traits, edges.stands_for
    for at in range(len(tails)):
        tail, head, event = tails[at], heads[at], events[at]
        if by == OWNED and _is_there(edges, tail, head):
            continue
        if by == LOT and tail < 0:
            _look_for_makers(edges, tail, head)
        _add(edges, tail, head, event)
        if by == 0 or tail < 0:
            continue
        # A lot that leads to an instance, or into a transformation.
        traits[tail] |= DRAWN if by == LOT else OWNED
        if traits[tail] & (DRAWN | OWNED) != DRAWN | OWNED:
            continue
        pool = stands_for[tail]
        if pool == 0:
            wanted.append(tail)
        elif by == LOT:
            _add(edges, np.int64(pool), head, event)
        else:
            _add(edges, head, np.int64(pool), event)
    return np.array(wanted)


@compiled
def _add(edges: _Edges, tail: _Number, head: _Number, event: _Number) -> None:
    at = edges.totals[0]
    edges.tails[at] = tail
    edges.heads[at] = head
    edges.events[at] = event
    edges.next_forward[at] = edges.first_forward[tail]
    edges.next_back[at] = edges.first_back[head]
    edges.first_forward[tail] = at
    edges.first_back[head] = at
    edges.traits[tail] |= ON
    edges.totals[0] = at + 1


@compiled
def _is_there(edges: _Edges, lot: _Number, instance: _Number) -> bool:
    at = edges.first_back[instance]
    while at != 0:
        if edges.tails[at] == lot:
            return True
        at = edges.next_back[at]
    return False


@compiled
def _look_for_makers(edges: _Edges, transformation: _Number, lot: _Number) -> None:
    """Mark a lot that came out of another transformation too."""
    at = edges.first_back[lot]
    while at != 0 and edges.tails[at] >= 0:
        at = edges.next_back[at]
    # Of one that is not marked yet, all makers are the same.
    if at != 0 and edges.tails[at] != transformation:
        edges.traits[lot] |= SHARED


def count_edges(columns: Columns, tails: Ints) -> int:
    """Count the edges that leave some nodes."""
    return int(_count(columns.arrays.first_forward, columns.arrays.next_forward, tails))


@compiled
def _count(first_forward: Small, next_forward: Small, tails: Ints) -> int:
    count = 0
    for tail in tails:
        at = first_forward[tail]
        while at != 0:
            count += 1
            at = next_forward[at]
    return count


def fill_pools(columns: Columns, lots: Ints) -> None:
    """Make pools for lots that have instances and were used by quantity.

    An edge of a lot has at most one of its pool beside it.
    """
    edges = _edges(columns)
    _fill(edges, lots)
    _note_totals(columns, edges)


@compiled
def _fill(edges: _Edges, lots: Ints) -> None:
    for lot in lots:
        if edges.stands_for[lot] != 0:
            continue
        edges.totals[1] += 1
        pool = -edges.totals[1]
        edges.stands_for[lot] = pool
        edges.traits[pool] |= POOL
        edges.begun_by[pool] = edges.begun_by[lot]
        at = edges.first_forward[lot]
        while at != 0:
            if edges.heads[at] < 0:
                _add(edges, pool, np.int64(edges.heads[at]), np.int64(edges.events[at]))
            else:
                _add(edges, np.int64(edges.heads[at]), pool, np.int64(-1))
            at = edges.next_forward[at]


def sort_edges(columns: Columns) -> None:
    """Bring the edges that leave one node to stand side by side, which walks go faster over."""
    edges = _edges(columns)
    count, minus = edges.totals.tolist()
    nodes, rows = len(edges.first_forward), len(edges.tails)
    # Zeros that nobody touches cost nothing.
    first_forward, first_back = np.zeros(nodes, np.int32), np.zeros(nodes, np.int32)
    places = np.zeros(count, np.int32)
    _place(edges.tails[:count], nodes, minus, columns.counts["objects"], places)
    sorted_: dict[str, Any] = {name: np.zeros(rows, np.int32) for name in _SORTED}
    for name in ("tails", "heads", "edge_events"):
        sorted_[name][places] = getattr(columns.arrays, name)[:count]
    _link(
        *(sorted_["tails"], sorted_["heads"], sorted_["next_forward"], sorted_["next_back"]),
        *(first_forward, first_back, count),
    )
    columns.arrays = columns.arrays._replace(
        first_forward=first_forward, first_back=first_back, **sorted_
    )


_SORTED = ("tails", "heads", "edge_events", "next_forward", "next_back")


@compiled
def _place(tails: Small, nodes: int, minus: int, objects: int, places: Small) -> None:
    """Give each edge its place in the order of the nodes they leave, those below zero first."""
    ends = np.zeros(nodes, np.int64)
    for at in range(1, len(tails)):
        ends[tails[at]] += 1
    place = 1
    for node in range(-minus, objects):
        place += ends[node]
        ends[node] = place - ends[node]
    for at in range(1, len(tails)):
        places[at] = ends[tails[at]]
        ends[tails[at]] += 1


@compiled
def _link(
    tails: Small,
    heads: Small,
    next_forward: Small,
    next_back: Small,
    first_forward: Small,
    first_back: Small,
    count: int,
) -> None:
    for at in range(count - 1, 0, -1):
        next_forward[at] = first_forward[tails[at]]
        first_forward[tails[at]] = at
        next_back[at] = first_back[heads[at]]
        first_back[heads[at]] = at
