"""Portions: how much of a start is in everything that it reached, and where it is now. 用量占比

Only the events are gone through that move what is reached: those of the reached objects, of
the containers around them while they are inside, and of the transformations gone through.
Amounts are in the unit in which a quantity of the start was first told; not-a-number is an
amount that nobody can know. The books (`suyuan.trace._books`) are opened once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from suyuan.trace._books import Around, Books, Kin, Moves, Said
from suyuan.trace._columns import Floats, Ints, Small
from suyuan.trace._compiled import compiled
from suyuan.trace._containers import insides
from suyuan.trace._facts import PIECE, measure
from suyuan.trace._graph import Graph, begun_at
from suyuan.trace._heaps import AHEAD, HEAP, NOW, POT, THING, State, Thing, begin
from suyuan.trace._mixing import happen, look_ahead
from suyuan.trace._reach import Reach, mark_back
from suyuan.trace._stays import FOREVER, LONG_AGO
from suyuan.trace._walk import Ways, walk, ways_of

__all__ = [
    "Balance",
    "Portions",
    "PortionsBack",
    "portions_back",
    "portions_forward",
    "single_ends",
    "single_starts",
]


KEEP = np.iinfo(np.int64).min
"""The label of an edge without a clock: whoever goes along keeps his own."""


class Balance(NamedTuple):
    """Where all of a start is: the last four add up to the first."""

    whole: float
    in_stock: float
    shipped: float
    scrapped: float
    unexplained: float


@dataclass(frozen=True)
class Portions:
    """How much of one start went into what it reached, all in all, in the unit `uom`."""

    start: int
    uom: str
    objects: Ints
    """What this start reaches alone, without what is inside it, in the order of numbers."""
    amounts: Floats
    balance: Balance


@dataclass(frozen=True)
class PortionsBack:
    """How much of each ancestor is in each end: a row an ancestor, a column an end."""

    objects: Ints
    uoms: tuple[str, ...]
    """The unit of each ancestor, in which its row is."""
    ends: Ints
    amounts: Floats
    is_there: npt.NDArray[np.bool_]
    """Whether the ancestor leads to the end at all; where it does not, there is no amount."""


def single_starts(graph: Graph, starts: Ints, since: int = LONG_AGO) -> tuple[Ints, Ints]:
    """Give the starts with all their contents, each a start of its own from its own moment."""
    held = insides(graph, starts, since, FOREVER)
    return _first_of(
        np.concatenate((starts, held.things)),
        np.concatenate((np.full(len(starts), since), held.firsts)),
    )


def single_ends(graph: Graph, starts: Ints, until: int = FOREVER) -> tuple[Ints, Ints]:
    """Give what a trace back starts from, with all contents, each with its last moment."""
    held = insides(graph, starts, LONG_AGO, until)
    things, moments = _first_of(
        np.concatenate((starts, held.things)),
        -np.concatenate((np.full(len(starts), until), held.lasts)),
    )
    return things, -moments


def _first_of(things: Ints, moments: Ints) -> tuple[Ints, Ints]:
    order = np.lexsort((moments, things))
    unique, first = np.unique(things[order], return_index=True)
    return unique, moments[order][first]


def portions_forward(books: Books, start: int, since: int = LONG_AGO) -> Portions:
    """Work out how much of one start is in everything that it reaches, and where it is now.

    What is inside a start is a start of its own: see `single_starts`. The cost grows with what
    is reached and with the events that move it, not with the journal.
    """
    graph = books.graph
    found = walk(graph, np.array([start]), np.array([since]))
    order = np.argsort(found.nodes)
    nodes, labels = found.nodes[order], found.labels[order]
    state = _mixed(books, _Scratch(books), start, since, nodes, labels)
    uom = books.unit_of(start)
    size = measure(uom)[1]
    objects = nodes[np.searchsorted(nodes, 0) :]
    amounts = state.things["portion"][state.place[objects]] / size
    return Portions(start, uom, objects, amounts, _balance(state, size))


def _balance(state: State, size: float) -> Balance:
    here, is_outside = state.here["amount"], state.things["is_outside"]
    return Balance(
        float(state.now["whole"][0]) / size,
        float(here[~is_outside].sum()) / size,
        float(here[is_outside].sum() + state.away["amount"].sum()) / size,
        float(state.now["scrapped"][0]) / size,
        float(state.pots["amount"][1:].sum()) / size,
    )


def portions_back(books: Books, reach: Reach, ends: Ints, lasts: Ints) -> PortionsBack:
    """Work out how much of everything in a trace back is in each of its ends.

    `ends` and `lasts` are those of `single_ends`. Each ancestor is followed forward on its own,
    within what leads to the ends: ancestors times the events that move what lies between them,
    and the instances of the lots on the way. Some thousand ancestors take some seconds.
    """
    graph = books.graph
    cone = _cone(graph, ends)
    scratch = _Scratch(books)
    amounts = np.full((len(reach.objects), len(ends)), np.nan)
    is_there = np.zeros(amounts.shape, bool)
    uoms = tuple(books.unit_of(thing) for thing in reach.objects.tolist())
    labels_of = np.full((2, len(cone.nodes)), FOREVER)
    for row, thing in enumerate(reach.objects.tolist()):
        places, labels = _labelled(cone, labels_of, int(np.searchsorted(cone.nodes, thing)))
        nodes = cone.nodes[places]
        if len(nodes):
            at = np.minimum(np.searchsorted(nodes, ends), len(nodes) - 1)
            is_there[row] = (nodes[at] == ends) & (labels[at] <= lasts)
        if not is_there[row].any():
            continue
        state = _mixed(books, scratch, thing, LONG_AGO, nodes, labels, (ends, lasts))
        amounts[row] = state.things["portion"][state.place[ends]] / measure(uoms[row])[1]
        amounts[row, ~is_there[row]] = np.nan
        scratch.clear(state)
    return PortionsBack(reach.objects, uoms, ends, amounts, is_there)


class _Cone(NamedTuple):
    """Everything that leads to some ends at whatever time, and the arrows between, by place."""

    nodes: Ints
    starts: Ints
    targets: Ints
    until: Ints
    then: Ints


def _cone(graph: Graph, ends: Ints) -> _Cone:
    is_marked = np.zeros(graph.nodes, bool)
    mark_back(ways_of(graph, is_back=True), ends, is_marked)
    nodes = np.flatnonzero(is_marked)
    nodes[nodes >= graph.objects] -= graph.nodes
    nodes.sort()
    place = np.zeros(graph.nodes, np.int32)
    place[nodes] = np.arange(1, len(nodes) + 1)
    return _Cone(nodes, *_between(ways_of(graph, is_back=False), nodes, place))


@compiled
def _between(ways: Ways, nodes: Ints, place: Small) -> tuple[Ints, Ints, Ints, Ints]:
    """Give the edges that lead from some nodes to some of them, by place among them."""
    heads = [0 for _ in range(0)]
    until = [np.int64(0) for _ in range(0)]
    then = [np.int64(0) for _ in range(0)]
    ends = np.zeros(len(nodes) + 1, np.int64)
    for at in range(len(nodes)):
        begun = begun_at(ways.begun_by, ways.times, ways.events, nodes[at])
        edge = ways.first[nodes[at]]
        while edge != 0:
            this, event = edge, ways.edge_events[edge]
            edge = ways.next[edge]
            if this >= ways.edges or place[ways.targets[this]] == 0:
                continue
            heads.append(int(place[ways.targets[this]]) - 1)
            time = KEEP if event < 0 else ways.times[event]
            then.append(np.int64(time))
            until.append(np.int64(FOREVER if event < 0 else max(time, begun)))
        ends[at + 1] = len(heads)
    return ends, np.array(heads), np.array(until), np.array(then)


@compiled
def _labelled(cone: _Cone, labels: npt.NDArray[np.int64], seed: int) -> tuple[Ints, Ints]:
    """Walk forward from one node of a cone; give the places reached, in order, and labels.

    As `suyuan.trace._walk`, within a cone: what it costs does not grow with the graph.
    `labels` are FOREVER before and after.
    """
    at, reach = labels[0], labels[1]
    found = [0 for _ in range(0)]
    waiting = [seed]
    at[seed] = LONG_AGO
    done = 0
    while done < len(waiting):
        node = waiting[done]
        done += 1
        for arrow in range(cone.starts[node], cone.starts[node + 1]):
            if at[node] > cone.until[arrow]:
                continue
            target = int(cone.targets[arrow])
            new = at[node] if cone.then[arrow] == KEEP else cone.then[arrow]
            if new >= reach[target]:
                continue
            if reach[target] == FOREVER:
                found.append(target)
            reach[target] = new
            if new < at[target]:
                at[target] = new
                waiting.append(target)
    places = np.sort(np.array(found))
    result = reach[places]
    at[seed] = FOREVER
    for place in places:
        at[place] = reach[place] = FOREVER
    return places, result


class _Scratch:
    """Marks by number for sweep after sweep. Zeros that nobody touches cost no memory."""

    def __init__(self, books: Books) -> None:
        graph, events = books.graph, books.facts.events
        self.place = np.zeros(graph.objects, np.int32)
        self.stamps = np.zeros(graph.objects, np.int32)
        self.sent = np.zeros(len(books.around.stays), np.int32)
        self.pot_of = np.zeros(graph.minus, np.int32)
        self.ahead = np.empty(events, AHEAD)
        self.is_event = np.zeros(events, np.uint8)
        self.is_stay = np.zeros(len(books.around.stays), np.uint8)
        self.now = np.zeros(1, NOW)
        self.now["piece"], self.now["mass"], self.now["volume"] = (
            measure(uom)[0] for uom in (PIECE, "KGM", "LTR")
        )

    def clear(self, state: State) -> None:
        """Take back the places of a sweep."""
        self.place[state.things["number"]] = 0


def _mixed(
    books: Books,
    scratch: _Scratch,
    start: int,
    since: int,
    nodes: Ints,
    labels: Ints,
    limits: tuple[Ints, Ints] | None = None,
) -> State:
    """Follow a start from a moment on through the nodes that it reaches, in their order.

    `limits` are things with the moments up to which what goes into them counts; all of it does
    for others.
    """
    now, split = scratch.now, np.searchsorted(nodes, 0)
    reached, moments = nodes[split:], labels[split:]
    # Among the nodes below zero are pools too, of which no event is.
    transformations = -1 - nodes[:split]
    numbers, followed, events = _gathered(
        books.moves,
        books.around,
        books.kin,
        scratch.place,
        scratch.is_event,
        scratch.is_stay,
        start,
        reached,
        transformations,
    )
    scratch.is_event[events] = 0
    events.sort()
    count, pots = len(numbers), len(transformations) + 1
    now["start"], now["since"] = start, since
    now["kind"] = measure(books.unit_of(start))[0]
    now["sweep"] += 1
    now["is_begun"], now["whole"], now["scrapped"] = False, 0.0, 0.0
    scratch.pot_of[transformations] = np.arange(1, pots)
    things = np.zeros(count, THING)
    state = State(
        *(scratch.place, scratch.stamps, scratch.sent, scratch.pot_of, scratch.ahead, now),
        *(things, np.zeros(count, HEAP), np.zeros(count, HEAP), np.zeros(pots, POT)),
    )
    _describe(books.said, books.moves, things, numbers, followed)
    things["reached"][scratch.place[reached]] = moments
    at = scratch.place[start]
    things["reached"][at] = min(since, int(things["reached"][at]))
    if limits is not None:
        things["until"][scratch.place[limits[0]]] = limits[1]
    _sweep(books.said, books.moves, books.around, books.kin, state, transformations, events)
    scratch.pot_of[transformations] = 0
    return state


@compiled
def _gathered(
    moves: Moves,
    around: Around,
    kin: Kin,
    place: Small,
    is_event: npt.NDArray[np.uint8],
    is_stay: npt.NDArray[np.uint8],
    start: int,
    reached: Ints,
    transformations: Ints,
) -> tuple[Ints, int, Ints]:
    """Give places to everything that matters, and find the events that do.

    First what is reached, and the other instances of lots that are, since their being drawn
    decides what the lot holds: how many of them is told. Then lots of what is reached, and
    containers around it.
    """
    things = [0, start]
    place[start] = 1
    for number in reached:
        if place[number] == 0:
            place[number] = len(things)
            things.append(int(number))
    mixed = len(things)
    _add(kin.instances_starts, kin.instances, place, things, mixed)
    followed = len(things)
    _add(kin.lots_starts, kin.lots, place, things, mixed)
    events = [0 for _ in range(0)]
    stays = [0 for _ in range(0)]
    for at in range(1, followed):
        birth = moves.births[things[at]]
        if birth >= 0 and is_event[birth] == 0:
            is_event[birth] = 1
            events.append(int(np.int64(birth)))
    _mark(moves.events, moves.starts, np.array(things[1:mixed]), is_event, events)
    _mark(moves.runs, moves.runs_starts, transformations, is_event, events)
    _mark_around(moves, around, place, things, mixed, is_event, events, is_stay, stays)
    for stay in stays:
        is_stay[stay] = 0
    return np.array(things), followed, np.array(events)


@compiled
def _add(starts: Ints, kin: Small, place: Small, things: list[int], count: int) -> None:
    """Add the instances of lots, or the lots of instances, for the first of some things."""
    for at in range(1, count):
        for of in range(starts[things[at]], starts[things[at] + 1]):
            other = kin[of]
            if place[other] == 0:
                place[other] = len(things)
                things.append(int(np.int64(other)))


@compiled
def _mark(
    among: Small, starts: Ints, rows: Ints, is_event: npt.NDArray[np.uint8], events: list[int]
) -> None:
    """Mark the events of some rows, and list those that were not marked before."""
    for row in rows:
        for at in range(starts[row], starts[row + 1]):
            event = among[at]
            if is_event[event] == 0:
                is_event[event] = 1
                events.append(int(np.int64(event)))


@compiled
def _mark_around(
    moves: Moves,
    around: Around,
    place: Small,
    things: list[int],
    count: int,
    is_event: npt.NDArray[np.uint8],
    events: list[int],
    is_stay: npt.NDArray[np.uint8],
    stays: list[int],
) -> None:
    """Mark the events of the containers around the first of some things, while they are inside."""
    waiting = [(things[0], 0, 0) for _ in range(0)]
    for asker in range(1, count):
        waiting.append((things[asker], -1, FOREVER))
        while len(waiting) > 0:
            within, low, high = waiting.pop()
            for at in range(around.outside_starts[within], around.outside_starts[within + 1]):
                which = int(around.outside[at])
                stay = around.stays[which]
                closed = FOREVER if stay.closed < 0 else stay.closed
                if is_stay[which] != 0 or stay.opened >= high or closed <= low:
                    continue
                is_stay[which] = 1
                stays.append(which)
                container = stay.parent
                if place[container] == 0:
                    place[container] = len(things)
                    things.append(container)
                _mark_between(moves, container, stay.opened, closed, is_event, events)
                if around.outside_starts[container] < around.outside_starts[container + 1]:
                    waiting.append((container, stay.opened, closed))


@compiled
def _mark_between(
    moves: Moves,
    container: int,
    opened: int,
    closed: int,
    is_event: npt.NDArray[np.uint8],
    events: list[int],
) -> None:
    """Mark the events of a container after one event and up to another."""
    first, end = moves.starts[container], moves.starts[container + 1]
    high = end
    while first < high:
        middle = (first + high) // 2
        if moves.events[middle] <= opened:
            first = middle + 1
        else:
            high = middle
    while first < end and moves.events[first] <= closed:
        event = moves.events[first]
        first += 1
        if is_event[event] == 0:
            is_event[event] = 1
            events.append(int(np.int64(event)))


@compiled
def _describe(
    said: Said, moves: Moves, things: npt.NDArray[np.void], numbers: Ints, followed: int
) -> None:
    """Say of everything that has a place what is known of it before anything happens."""
    for at in range(len(numbers)):
        thing: Thing = things[at]
        thing.number = numbers[at]
        thing.reached = thing.soonest = thing.until = FOREVER
        thing.is_followed = 0 < at < followed
        thing.birth = moves.births[thing.number] if thing.is_followed else -1
        origin = moves.origins[thing.number]
        thing.origin = LONG_AGO if origin < 0 else said.times[origin]


@compiled
def _sweep(
    said: Said,
    moves: Moves,
    around: Around,
    kin: Kin,
    state: State,
    transformations: Ints,
    events: Ints,
) -> None:
    """Let everything happen that matters, in order."""
    now = state.now[0]
    for transformation in transformations:
        look_ahead(said, moves, state, transformation)
    _note_soonest(kin, state.place, state.things)
    for event in events:
        if not now.is_begun and said.times[event] >= now.since:
            begin(kin, state)
        happen(said, moves, around, kin, state, event)
    if not now.is_begun:
        begin(kin, state)


@compiled
def _note_soonest(kin: Kin, place: Small, things: npt.NDArray[np.void]) -> None:
    """Note when things were reached, of themselves and of the lots that they are of."""
    for at in range(1, len(things)):
        thing: Thing = things[at]
        if thing.reached == FOREVER:
            continue
        thing.soonest = min(thing.soonest, thing.reached)
        for at_lot in range(kin.lots_starts[thing.number], kin.lots_starts[thing.number + 1]):
            of: Thing = things[place[kin.lots[at_lot]]]
            of.soonest = min(of.soonest, thing.reached)
