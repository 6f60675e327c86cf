"""The genealogy as a reader sees it: edges and stays up to some event, whatever comes after. 谱系图

Whoever arrives at the tail of an edge with a label at or before the time of its event goes on
with that time as label; an edge that only says which lot an instance is of has no clock, and
the label stays. What was used before the record knows that it existed may leave up to when it
began to. On the way back all labels are negative, so that the same walk goes both ways.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from suyuan.trace._columns import Arrays, Codes, Floats, Ints, Marks, Small
from suyuan.trace._compiled import compiled
from suyuan.trace._edges import LOT
from suyuan.trace._stays import FOREVER, IS_FIXED, IS_LOT, LONG_AGO

__all__ = ["Graph", "Lying", "Stays", "Ways", "begun_at", "ordered_by"]


class Lying(NamedTuple):
    """What compiled loops need to follow stays up to some event."""

    first_inside: Small
    next_inside: Small
    first_outside: Small
    next_outside: Small
    children: Small
    parents: Small
    kinds: Marks
    opened_by: Small
    closed_by: Small
    times: Ints
    events: int
    """How many events count, and stays."""
    stays: int


class Ways(NamedTuple):
    """The edges in one direction, up to some event."""

    first: Small
    next: Small
    targets: Small
    edge_events: Small
    edges: int
    times: Ints
    begun_by: Small
    events: int
    traits: Marks
    first_back: Small
    next_back: Small
    tails: Small
    is_back: bool


@compiled
def begun_at(begun_by: Small, times: Ints, events: int, node: int) -> int:
    """Give when the record begins to know of a node, LONG_AGO where it never says."""
    event = begun_by[node] - 1
    return int(times[event]) if 0 <= event < events else LONG_AGO


@dataclass(frozen=True)
class Stays:
    """One row a stay, in the order in which they were opened; the first row is nobody's."""

    lying: Lying
    change_stays: Small
    change_events: Small
    change_amounts: Floats
    change_dimensions: Codes
    change_before: Small
    last_change: Small
    change_count: int

    @property
    def children(self) -> Small:
        """Give what is inside."""
        return self.lying.children[: self.lying.stays]

    @property
    def parents(self) -> Small:
        """Give what it is inside of."""
        return self.lying.parents[: self.lying.stays]

    @cached_property
    def is_fixed(self) -> npt.NDArray[np.bool_]:
        """Tell which are of things fixed to things."""
        result: npt.NDArray[np.bool_] = (self.lying.kinds[: self.lying.stays] & IS_FIXED) != 0
        return result

    @cached_property
    def is_lot(self) -> npt.NDArray[np.bool_]:
        """Tell which are of lots, by quantity."""
        result: npt.NDArray[np.bool_] = (self.lying.kinds[: self.lying.stays] & IS_LOT) != 0
        return result

    @property
    def opened_by(self) -> Small:
        """Give the events that opened them, by place."""
        return self.lying.opened_by[: self.lying.stays]

    @cached_property
    def closed_by(self) -> Small:
        """Give the events that ended them, by place; -1 while they are open."""
        closed = self.lying.closed_by[: self.lying.stays]
        result: Small = np.where(closed < self.lying.events, closed, -1).astype(np.int32)
        return result

    @cached_property
    def starts(self) -> Ints:
        """Give when they began."""
        return self.lying.times[self.opened_by]

    @cached_property
    def ends(self) -> Ints:
        """Give when they ended, FOREVER while they are open."""
        result: Ints = np.where(self.closed_by >= 0, self.lying.times[self.closed_by], FOREVER)
        return result

    def of(self, child: int) -> Iterator[int]:
        """Give the stays of a thing, the newest first."""
        stay = int(self.lying.first_outside[child])
        while stay:
            if stay < self.lying.stays:
                yield stay
            stay = int(self.lying.next_outside[stay])

    def is_of_kind(self, stay: int, kind: int) -> bool:
        """Tell whether a stay is of a kind: IS_LOT, IS_FIXED."""
        return bool(self.lying.kinds[stay] & kind)

    def started(self, stay: int) -> int:
        """Give when a stay began."""
        return int(self.lying.times[self.lying.opened_by[stay]])

    def ended(self, stay: int) -> int | None:
        """Give when a stay ended, None while it is open."""
        closed = int(self.lying.closed_by[stay])
        return int(self.lying.times[closed]) if 0 <= closed < self.lying.events else None

    def changes(self, stay: int) -> list[tuple[int, float, int]]:
        """Give how much of a lot there was after each event: event, amount, dimension."""
        at, found = int(self.last_change[stay]), []
        while at:
            if at < self.change_count and self.change_events[at] < self.lying.events:
                columns = (self.change_events, self.change_amounts, self.change_dimensions)
                event, amount, dimension = (column[at] for column in columns)
                found.append((int(event), float(amount), int(dimension)))
            at = int(self.change_before[at])
        return found[::-1]


@dataclass(frozen=True)
class Graph:
    """Everything that questions need, up to some event."""

    arrays: Arrays
    objects: int
    """One more than the greatest number of an object."""
    minus: int
    """How many transformations and pools there are: they count down from -1."""
    events: int
    edges: int
    stays: Stays

    @property
    def nodes(self) -> int:
        """Give the length of an array with an element for every node."""
        return len(self.arrays.traits)

    @property
    def lying(self) -> Lying:
        """Give what compiled loops need to follow stays."""
        return self.stays.lying

    @cached_property
    def ways_forward(self) -> Ways:
        """Give the edges as compiled loops take them, in the direction of time."""
        one = self.arrays
        return self._ways(one.first_forward, one.next_forward, one.heads, is_back=False)

    @cached_property
    def ways_back(self) -> Ways:
        """Give the edges as compiled loops take them, against the direction of time."""
        one = self.arrays
        return self._ways(one.first_back, one.next_back, one.tails, is_back=True)

    def _ways(self, first: Small, following: Small, targets: Small, *, is_back: bool) -> Ways:
        one = self.arrays
        return Ways(
            *(first, following, targets, one.edge_events, self.edges),
            *(one.times, one.begun_by, self.events, one.traits),
            *(one.first_back, one.next_back, one.tails, is_back),
        )

    @cached_property
    def belonging(self) -> tuple[Small, Small]:
        """Give the pairs of instance and lot as two columns."""
        tails, heads = self.arrays.tails[1 : self.edges], self.arrays.heads[1 : self.edges]
        is_pair = (tails > 0) & (heads > 0)
        return heads[is_pair], tails[is_pair]

    def is_lot(self, objects: Ints) -> npt.NDArray[np.bool_]:
        """Tell which objects are lots: used, made or held by quantity, or with instances."""
        result: npt.NDArray[np.bool_] = (self.arrays.traits[objects] & LOT) != 0
        return result


def ordered_by(keys: npt.NDArray[np.integer], count: int) -> tuple[Ints, Ints]:
    """Give the order that sorts keys below `count`, stable, and where each key begins."""
    starts = np.zeros(count + 1, np.int64)
    order = np.empty(len(keys), np.int64)
    _count_sort(keys.astype(np.int64, copy=False), starts, order)
    return order, starts


@compiled
def _count_sort(keys: Ints, starts: Ints, order: Ints) -> None:
    for key in keys:
        starts[key + 1] += 1
    for at in range(1, len(starts)):
        starts[at] += starts[at - 1]
    place = starts.copy()
    for at in range(len(keys)):
        order[place[keys[at]]] = at
        place[keys[at]] += 1
