"""The books that portions are worked out from, the same for every question. 物料账簿

Worked out once from facts and graph: in which events each object moves, from when an instance
is there, where a lot comes from. Flat arrays in one tuple, which is what compiled loops take.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from suyuan.event import Action, EventType, Role
from suyuan.trace._columns import Floats, Ints, Marks, Small
from suyuan.trace._compiled import compiled
from suyuan.trace._facts import Facts, Step
from suyuan.trace._graph import Graph, ordered_by

__all__ = [
    "BORN_MADE",
    "MADE_HERE",
    "NOWHERE",
    "RECEIVED",
    "Around",
    "Books",
    "Kin",
    "Moves",
    "Said",
    "Stay",
    "held",
    "open_books",
    "open_up",
]

MADE_HERE, RECEIVED, BORN_MADE = 1, 2, 4
"""Marks of objects: a lot of known origin, a lot that was received, an instance that came out of
a transformation rather than out of its lot."""
NOWHERE = -1
_OPEN = np.iinfo(np.int32).max

_OBJECT, _ADD, _RECEIVING = int(EventType.OBJECT), int(Action.ADD), int(Step.RECEIVING)
_EPC, _INPUT, _OUTPUT = int(Role.EPC), int(Role.INPUT), int(Role.OUTPUT)
_QUANTITY, _INPUT_QUANTITY, _OUTPUT_QUANTITY = (
    int(Role.QUANTITY),
    int(Role.INPUT_QUANTITY),
    int(Role.OUTPUT_QUANTITY),
)


class Said(NamedTuple):
    """Events, by their places, and what they mention: as `Facts` has them."""

    times: Ints
    types: npt.NDArray[np.int8]
    actions: npt.NDArray[np.int8]
    steps: npt.NDArray[np.int8]
    starts: Ints
    roles: npt.NDArray[np.int8]
    objects: Small
    quantities: Floats
    dimensions: npt.NDArray[np.int16]
    classes: Small


class Moves(NamedTuple):
    """By object: in which events it may move, and how it came to be."""

    events: Small
    """The events that may move an object, in order, from `starts` on."""
    starts: Ints
    births: Small
    """The event from which an instance is there: commissioned or made, else first named."""
    origins: Small
    """The first event that says where a thing comes from."""
    marks: Marks
    runs: Small
    """The events of each transformation, in order, from `runs_starts` on."""
    runs_starts: Ints
    transformation_of: Small


class Around(NamedTuple):
    """What was inside what."""

    stays: npt.NDArray[np.void]
    """A `Stay` each, by place."""
    inside: Ints
    inside_starts: Ints
    latest: Small
    """Beside `inside`: the last event that closes this stay or one before it in there."""
    outside: Ints
    outside_starts: Ints
    changes: npt.NDArray[np.void]
    """How much of a lot there was after each event that changed it, stay by stay."""


class Kin(NamedTuple):
    """Instances of lots, and lots of instances: those of object n stand from starts[n] on."""

    instances: Small
    instances_starts: Ints
    lots: Small
    lots_starts: Ints


class Stay(Protocol):
    """A stay, as `suyuan.trace._stays` has it."""

    child: int
    parent: int
    opened: int
    closed: int
    is_lot: bool


_STAY = np.dtype(
    [("child", "i8"), ("parent", "i8"), ("opened", "i8"), ("closed", "i8"), ("is_lot", "?")],
    align=True,
)
_CHANGE = np.dtype(
    [("stay", "i8"), ("event", "i8"), ("quantity", "f8"), ("dimension", "i2")], align=True
)


@dataclass(frozen=True)
class Books:
    """What is needed to work out portions."""

    facts: Facts
    graph: Graph
    unit_of: Callable[[int], str]
    said: Said
    moves: Moves
    around: Around
    kin: Kin


def open_books(facts: Facts, graph: Graph, unit_of: Callable[[int], str]) -> Books:
    """Work out what all questions about portions have in common.

    `unit_of` gives the unit in which portions of a thing are told.
    """
    said = Said(**{name: getattr(facts, name) for name in Said._fields})
    moves = _moves(facts, graph)
    around = _around(graph)
    _note_origins(said, moves)
    if graph.stays.is_lot.any():
        _note_receipts(said, moves, around, np.zeros(graph.objects, np.int32))
    return Books(facts, graph, unit_of, said, moves, around, _kin(graph))


def _kin(graph: Graph) -> Kin:
    some = slice(1, graph.edges)
    tails, heads = graph.arrays.tails[some], graph.arrays.heads[some]
    is_kin = (tails > 0) & (heads > 0)
    lots, instances = tails[is_kin], heads[is_kin]
    # However the edges lie in memory, kin stands in the order of its numbers.
    order = np.lexsort((instances, lots))
    lots, instances = lots[order], instances[order]
    by_lot, instances_starts = ordered_by(lots, graph.objects)
    by_instance, lots_starts = ordered_by(instances, graph.objects)
    return Kin(instances[by_lot], instances_starts, lots[by_instance], lots_starts)


def _moves(facts: Facts, graph: Graph) -> Moves:
    is_moved = np.isin(
        facts.roles, (_EPC, _INPUT, _OUTPUT, _QUANTITY, _INPUT_QUANTITY, _OUTPUT_QUANTITY)
    )
    order, starts = ordered_by(facts.objects[is_moved], graph.objects)
    event_of = np.repeat(np.arange(facts.events, dtype=np.int32), np.diff(facts.starts))
    transformation_of = -1 - graph.arrays.transformation_of[: facts.events]
    made_in = np.flatnonzero(transformation_of >= 0)
    runs, runs_starts = ordered_by(transformation_of[made_in], graph.minus)
    return Moves(
        events=event_of[is_moved][order],
        starts=starts,
        births=np.full(graph.objects, NOWHERE, np.int32),
        origins=np.full(graph.objects, NOWHERE, np.int32),
        marks=np.zeros(graph.objects, np.uint8),
        runs=made_in[runs].astype(np.int32),
        runs_starts=runs_starts,
        transformation_of=transformation_of,
    )


def _around(graph: Graph) -> Around:
    stays = graph.stays
    records = np.empty(len(stays.parents), _STAY)
    records["child"], records["parent"] = stays.children, stays.parents
    records["opened"], records["closed"] = stays.opened_by, stays.closed_by
    records["is_lot"] = stays.is_lot
    some = slice(1, stays.change_count)
    order = np.argsort(stays.change_stays[some], kind="stable")
    changes = np.empty(len(order), _CHANGE)
    changes["stay"] = stays.change_stays[some][order]
    changes["event"] = stays.change_events[some][order]
    changes["quantity"] = stays.change_amounts[some][order]
    changes["dimension"] = stays.change_dimensions[some][order]
    latest = np.empty(len(records), np.int32)
    inside, inside_starts = ordered_by(stays.parents, graph.objects)
    outside, outside_starts = ordered_by(stays.children, graph.objects)
    _running_latest(stays.closed_by, inside, inside_starts, latest)
    return Around(
        stays=records,
        inside=inside,
        inside_starts=inside_starts,
        latest=latest,
        outside=outside,
        outside_starts=outside_starts,
        changes=changes,
    )


@compiled
def _running_latest(closed_by: Small, stays_in: Ints, starts: Ints, latest: Small) -> None:
    for container in range(len(starts) - 1):
        last = NOWHERE
        for at in range(starts[container], starts[container + 1]):
            closed = closed_by[stays_in[at]]
            last = _OPEN if closed < 0 else max(last, closed)
            latest[at] = last


@compiled
def _note_origins(said: Said, moves: Moves) -> None:
    """Note births, origins and marks, event by event."""
    births, origins, marks = moves.births, moves.origins, moves.marks
    named, used_in = np.full_like(births, NOWHERE), np.full_like(births, NOWHERE)
    for event in range(len(said.times)):
        is_object = said.types[event] == _OBJECT
        is_added = is_object and said.actions[event] == _ADD
        is_received = is_object and said.steps[event] == _RECEIVING
        for at in range(said.starts[event], said.starts[event + 1]):
            role, thing = said.roles[at], said.objects[at]
            if role <= _OUTPUT and named[thing] == NOWHERE:
                named[thing] = event
            if role == _INPUT:
                used_in[thing] = event
            # Rework does not make it.
            is_made = role == _OUTPUT and used_in[thing] != event
            if (is_made or (role == _EPC and is_added)) and births[thing] == NOWHERE:
                births[thing] = event
                if is_made:
                    marks[thing] |= BORN_MADE
            is_begun = role in (_EPC, _QUANTITY) and (is_added or is_received)
            if (role in (_OUTPUT, _OUTPUT_QUANTITY) or is_begun) and origins[thing] == NOWHERE:
                origins[thing] = event
            if role == _OUTPUT_QUANTITY or (role == _QUANTITY and is_added):
                marks[thing] |= MADE_HERE
            if role == _QUANTITY and is_received:
                marks[thing] |= RECEIVED
    for thing in range(len(births)):
        if births[thing] == NOWHERE:
            births[thing] = named[thing]


@compiled
def _note_receipts(said: Said, moves: Moves, around: Around, stamps: Small) -> None:
    """Mark the lots that were received inside containers."""
    for event in range(len(said.times)):
        if said.types[event] != _OBJECT or said.steps[event] != _RECEIVING:
            continue
        things = [0 for _ in range(0)]
        stays = [0 for _ in range(0)]
        for at in range(said.starts[event], said.starts[event + 1]):
            if said.roles[at] == _EPC:
                things.append(said.objects[at])
        open_up(around, event, things, stays, stamps, event + 1, stamps, True)
        for stay in stays:
            moves.marks[around.stays[stay].child] |= RECEIVED


@compiled
def open_up(
    around: Around,
    event: int,
    things: list[int],
    stays: list[int],
    stamps: Small,
    stamp: int,
    place: Small,
    is_all: bool,
) -> None:
    """Add to some instances all that are inside them when an event comes, and stays of lots.

    Each is given once: `stamps` keeps which were seen, by a number that is new at each call.
    If not `is_all`, only what has a `place` is given.
    """
    for thing in things:
        stamps[thing] = stamp
    done = 0
    while done < len(things):
        container = things[done]
        done += 1
        first, end = around.inside_starts[container], around.inside_starts[container + 1]
        if first == end:
            continue
        at = _before(around, event, first, end)
        while at >= first and around.latest[at] >= event:
            number = around.inside[at]
            stay = around.stays[number]
            at -= 1
            is_gone = 0 <= stay.closed < event
            if is_gone or not (is_all or place[stay.child] != 0):
                continue
            if stay.is_lot:
                stays.append(number)
            elif stamps[stay.child] != stamp:
                stamps[stay.child] = stamp
                things.append(stay.child)


@compiled
def _before(around: Around, event: int, first: int, end: int) -> int:
    """Give the last place among the stays in a container that was opened before an event."""
    low, high = first, end
    while low < high:
        middle = (low + high) // 2
        if around.stays[around.inside[middle]].opened < event:
            low = middle + 1
        else:
            high = middle
    return low - 1


@compiled
def held(around: Around, stay: int, event: int) -> tuple[float, int]:
    """Give how much of a lot was in a container when an event came, and what that measures."""
    low, high = 0, len(around.changes)
    while low < high:
        middle = (low + high) // 2
        change = around.changes[middle]
        if change.stay < stay or (change.stay == stay and change.event < event):
            low = middle + 1
        else:
            high = middle
    change = around.changes[low - 1]
    return change.quantity, change.dimension
