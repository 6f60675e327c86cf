"""The walk: everything that can be reached from here, and how early. 遍历

First in, first out, and a node is visited again when it turns out to be reached earlier: the
least labels that satisfy every edge, whatever loops there are. Nodes are visited, paths are
never listed. The certain part is walked a second time under its own rule, only where there
is doubt at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from suyuan.trace._columns import Ints, Small
from suyuan.trace._compiled import compiled
from suyuan.trace._edges import ON, POOL, SHARED
from suyuan.trace._graph import Graph, Ways, begun_at
from suyuan.trace._stays import FOREVER, LONG_AGO

__all__ = ["NOT_REACHED", "Walked", "Ways", "are_met", "walk", "walk_again", "ways_of"]

NOT_REACHED = FOREVER
_DENSE = 2048  # Where one node in so many was reached, looking at blocks is quicker than sorting.
_BLOCK = 6  # What was made together has numbers side by side: blocks of 64 nodes are mostly full.


@dataclass(frozen=True)
class Walked:
    """The nodes that were reached, in the order of their numbers, with their labels."""

    nodes: Ints
    labels: Ints
    is_doubtful: bool
    """Whether identity was lost anywhere: else everything is certain."""


class _Marks(NamedTuple):
    """What is known of the nodes so far."""

    at: Ints
    is_waiting: npt.NDArray[np.bool_]
    queue: Small
    found: Small
    """Made once: a list that grows inside the loop makes all of it several times slower."""


class _Rules(NamedTuple):
    is_certain: bool
    is_sure: bool
    within: npt.NDArray[np.bool_]


class _Tally(NamedTuple):
    """What is known, by lot, of lots that came out of several transformations."""

    needed: Small
    """How many transformations made it, or 0 where nobody has looked yet."""
    made: Small
    """How many of these were reached."""
    pending: Ints
    """The earliest moment that those reached so far give."""
    lots: Small
    """Those of which anything is known, and how many they are."""
    counted: Ints
    is_doubtful: npt.NDArray[np.bool_]
    """One element: whether identity was lost anywhere."""


def ways_of(graph: Graph, *, is_back: bool) -> Ways:
    """Give the edges as compiled loops take them."""
    return graph.ways_back if is_back else graph.ways_forward


def walk(
    graph: Graph,
    seeds: Ints,
    seed_labels: Ints,
    *,
    is_back: bool = False,
    is_certain: bool = False,
    within: npt.NDArray[np.bool_] | None = None,
    is_sure: bool = False,
) -> Walked:
    """Follow the edges from seeds with labels; the seeds themselves only if reached again.

    `is_certain` follows only what is certain: no pools, and a lot of several makers only
    when all of them were reached. `within` limits the walk to some nodes. `is_sure` takes the
    ways without any doubt alone: no pools, and nothing beyond a lot of several makers.
    """
    marks, tally = _taken_marks(graph)
    rules = _Rules(is_certain, is_sure, _NOWHERE if within is None else within)
    ways = ways_of(graph, is_back=is_back)
    size = graph.objects, graph.minus
    walked = _walked(ways, marks, rules, tally, seeds, seed_labels, *size)
    _give_back(marks, tally)
    return Walked(*walked)


def walk_again(
    graph: Graph,
    seeds: Ints,
    seed_labels: Ints,
    nodes: Ints,
    *,
    is_back: bool = False,
    is_certain: bool = False,
    is_sure: bool = False,
) -> Ints:
    """Walk by a stricter rule where a walk has been; give the labels of some nodes by it.

    NOT_REACHED where the stricter rule does not lead.
    """
    marks, tally = _taken_marks(graph)
    rules = _Rules(is_certain, is_sure, _NOWHERE)
    ways = ways_of(graph, is_back=is_back)
    labels = _walked_again(ways, marks, rules, tally, seeds, seed_labels, nodes)
    _give_back(marks, tally)
    return labels


def are_met(
    graph: Graph, starts: Ints, ends: Ints, last: Ints, within: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Tell of each start whether it reaches one of the ends for certain, at the last by a moment.

    Each start walks on its own, within some nodes.
    """
    result = np.zeros(len(starts), bool)
    marks, tally = _taken_marks(graph)
    rules = _Rules(is_certain=True, is_sure=False, within=within)
    _meet(ways_of(graph, is_back=False), marks, rules, tally, starts, ends, last, result)
    _give_back(marks, tally)
    return result


@compiled
def _meet(
    ways: Ways,
    marks: _Marks,
    rules: _Rules,
    tally: _Tally,
    starts: Ints,
    ends: Ints,
    last: Ints,
    result: npt.NDArray[np.bool_],
) -> None:
    labels = np.array([LONG_AGO])
    for row in range(len(starts)):
        found = _walk(ways, marks, rules, tally, starts[row : row + 1], labels)
        for at in range(len(ends)):
            reached = marks.at[ends[at]]
            if reached != NOT_REACHED and reached <= last[at]:
                result[row] = True
        for node in found:
            marks.at[node] = NOT_REACHED
        _forget(tally)


@compiled
def _forget(tally: _Tally) -> bool:
    """Clean a tally; tell whether there was any doubt."""
    for at in range(tally.counted[0]):
        tally.needed[tally.lots[at]] = tally.made[tally.lots[at]] = 0
    is_doubtful = bool(tally.is_doubtful[0])
    tally.counted[0] = 0
    tally.is_doubtful[0] = False
    return is_doubtful


# Marks for every node are dear to make, and clean again after each walk; so they are kept.
_SPARE_MAX = 8
_ROOMIER, _ROOMY = 1.25, 2  # How much more room is made, and how much is not too much.
_ROOM = 100_000
_spare_marks: list[tuple[_Marks, _Tally]] = []
_lock = Lock()


def _taken_marks(graph: Graph) -> tuple[_Marks, _Tally]:
    with _lock:
        for at, (marks, _) in enumerate(_spare_marks):
            if graph.nodes <= len(marks.at) <= _ROOMY * graph.nodes + _ROOM:
                return _spare_marks.pop(at)
        # What is left of a genealogy that grew or went is of no use.
        del _spare_marks[: len(_spare_marks) // 2]
    # With room for what comes: transformations count from the end, wherever that is.
    count = int(graph.nodes * _ROOMIER) + _ROOM // 2
    small = [np.zeros(count, np.int32) for _ in range(3)]
    found, queue = np.zeros(count, np.int32), np.zeros(count + 1, np.int32)
    return (
        _Marks(np.full(count, NOT_REACHED), np.zeros(count, bool), queue, found),
        _Tally(
            small[0],
            small[1],
            np.zeros(count, np.int64),
            small[2],
            np.zeros(1, np.int64),
            np.zeros(1, bool),
        ),
    )


def _give_back(marks: _Marks, tally: _Tally) -> None:
    with _lock:
        if len(_spare_marks) < _SPARE_MAX:
            _spare_marks.append((marks, tally))


_NOWHERE = np.zeros(0, bool)


@compiled
def _walked(
    ways: Ways,
    marks: _Marks,
    rules: _Rules,
    tally: _Tally,
    seeds: Ints,
    seed_labels: Ints,
    objects: int,
    minus: int,
) -> tuple[Ints, Ints, bool]:
    """Walk, and give the nodes reached in order, their labels, and whether there was doubt."""
    found = _walk(ways, marks, rules, tally, seeds, seed_labels)
    nodes, labels = _collected(marks.at, found, objects, minus)
    return nodes, labels, _forget(tally)


@compiled
def _walked_again(
    ways: Ways,
    marks: _Marks,
    rules: _Rules,
    tally: _Tally,
    seeds: Ints,
    seed_labels: Ints,
    nodes: Ints,
) -> Ints:
    found = _walk(ways, marks, rules, tally, seeds, seed_labels)
    labels = np.empty(len(nodes), np.int64)
    for place in range(len(nodes)):
        labels[place] = marks.at[nodes[place]]
    for node in found:
        marks.at[node] = NOT_REACHED
    _forget(tally)
    return labels


@compiled
def _walk(
    ways: Ways, marks: _Marks, rules: _Rules, tally: _Tally, seeds: Ints, seed_labels: Ints
) -> Small:
    """Walk until nothing gets an earlier label; give the nodes reached."""
    # Taken out of their tuples once: in the loop that would cost more than the walk.
    first, following, targets, edges = ways.first, ways.next, ways.targets, ways.edges
    edge_events, times, begun_by, events = ways.edge_events, ways.times, ways.begun_by, ways.events
    traits, is_back, within, is_sure = ways.traits, ways.is_back, rules.within, rules.is_sure
    at, is_waiting, queue, found = marks.at, marks.is_waiting, marks.queue, marks.found
    pairs = {np.int64(-1)}
    # A node waits once at most, so a ring with room for all of them never runs over.
    head = tail = count = turn = 0
    while True:
        if turn < len(seeds):
            # A seed has its label for this visit only: it is listed when it is reached.
            node, label = seeds[turn], seed_labels[turn]
            turn += 1
        elif head != tail:
            node = np.int64(queue[head])
            head = head + 1 if head + 1 < len(queue) else 0
            is_waiting[node] = False
            label = at[node]
        else:
            break
        if is_back and node >= 0 and traits[node] & SHARED:
            tally.is_doubtful[0] = True
            if is_sure:
                continue
        begun = begun_at(begun_by, times, events, node)
        edge = first[node]
        while edge != 0:
            this = edge
            edge = following[edge]
            target = targets[this]
            new = label
            event = edge_events[this]
            if event >= 0:
                new = times[event]
                if label > -new if is_back else label > max(new, begun):
                    continue
                if is_back:
                    new = -max(new, begun_at(begun_by, times, events, target))
            if this >= edges or (len(within) > 0 and not within[target]) or new >= at[target]:
                continue
            trait = traits[target]
            if trait & POOL or (trait & SHARED and node < 0 and not is_back):
                new = _doubted(ways, rules, tally, pairs, new, node, np.int64(target))
                if new >= at[target]:
                    continue
            if at[target] == NOT_REACHED:
                found[count] = target
                count += 1
            at[target] = new
            # Most of what is reached, the goods themselves, leads nowhere.
            if (first[target] != 0 if is_back else trait & ON) and not is_waiting[target]:
                is_waiting[target] = True
                queue[tail] = target
                tail = tail + 1 if tail + 1 < len(queue) else 0
    return found[:count]


@compiled
def _doubted(
    ways: Ways,
    rules: _Rules,
    tally: _Tally,
    pairs: set[Any],
    new: int,
    maker: int,
    target: Any,
) -> int:
    """Give the label with which an edge arrives where identity is lost, if it may be gone.

    A lot is reached for certain when all that made it is.
    """
    tally.is_doubtful[0] = True
    if target < 0:
        return NOT_REACHED if rules.is_certain or rules.is_sure else new
    if not rules.is_certain:
        return new
    if tally.needed[target] == 0:
        tally.needed[target] = _makers(ways, target)
        tally.lots[tally.counted[0]] = target
        tally.counted[0] += 1
        tally.pending[target] = NOT_REACHED
    tally.pending[target] = min(tally.pending[target], new)
    pair = (target << 32) - maker
    if pair not in pairs:
        pairs.add(pair)
        tally.made[target] += 1
    if tally.made[target] < tally.needed[target]:
        return NOT_REACHED
    return int(tally.pending[target])


@compiled
def _makers(ways: Ways, lot: int) -> int:
    """Count the transformations that made a lot."""
    makers = {np.int32(0)}
    edge = ways.first_back[lot]
    while edge != 0:
        if edge < ways.edges and ways.tails[edge] < 0:
            makers.add(ways.tails[edge])
        edge = ways.next_back[edge]
    return len(makers) - 1


@compiled
def _collected(at: Ints, found: Small, objects: int, minus: int) -> tuple[Ints, Ints]:
    """Give the nodes found in order, with their labels, and clean the marks."""
    count = len(found)
    nodes = np.empty(count, np.int64)
    labels = np.empty(count, np.int64)
    if count * _DENSE < objects + minus:
        nodes[:] = np.sort(found)
        for place in range(count):
            node = nodes[place]
            labels[place] = at[node]
            at[node] = NOT_REACHED
        return nodes, labels
    is_met = np.zeros(((objects + minus) >> _BLOCK) + 1, np.bool_)
    if count > len(is_met) << (_BLOCK - 2):  # A quarter of all: hardly a block is left out.
        is_met[:] = True
    else:
        for node in found:
            is_met[(node + minus) >> _BLOCK] = True
    place = 0
    for block in range(len(is_met)):
        if not is_met[block]:
            continue
        first = (block << _BLOCK) - minus
        for node in range(first, min(first + (1 << _BLOCK), objects)):
            label = at[node]
            if label != NOT_REACHED:
                nodes[place] = node
                labels[place] = label
                at[node] = NOT_REACHED
                place += 1
    return nodes, labels
