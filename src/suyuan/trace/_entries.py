"""Entries: what each event does to some lots and instances, by themselves or in containers. 流水

A lot in a container moves with it, by the quantity that is inside when the event comes; an
instance in a container is one piece. All of it is found set by set: in the order of events, a
stay is a range of places, and what happens to a container in that range happens to its content.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from suyuan.event import Action, EventType, Role
from suyuan.trace._columns import Ints
from suyuan.trace._compiled import compiled
from suyuan.trace._facts import PIECE, measure
from suyuan.trace._graph import Graph
from suyuan.trace._index import Known
from suyuan.trace._said import Mask, Said, Word

__all__ = [
    "Entries",
    "Floats",
    "Kind",
    "Pairs",
    "contents_of",
    "entries_of",
    "fold_amounts",
    "kinds_of",
    "no_entries",
    "pairs_of",
    "ranges",
]

Small = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float64]


class Kind(IntEnum):
    """What an event does to goods. In one event, what goes away goes before what comes."""

    NONE = 0
    USED = 1
    SAMPLED = 2
    SCRAPPED = 3
    MISSING = 4  # by a count that was booked
    LEFT = 5
    SENT_BACK = 6
    VOIDED = 7  # had not left after all
    ARRIVED = 8
    ARRIVED_BACK = 9
    COUNTED = 10
    FOUND = 11  # by a count that was booked
    TAKEN_IN = 12  # began to exist for us when it was received
    MADE = 13
    CHANGED = 14  # An instance of the lot came or went.


_SHIPPING = (int(Word.SHIPPING), int(Word.DEPARTING))
_LEAVING = (*_SHIPPING, int(Word.RETAIL_SELLING), int(Word.DISPENSING))
_ARRIVING = (int(Word.RECEIVING), int(Word.ARRIVING))
_DEEP = 16
_INSTANCES = (int(Role.EPC), int(Role.INPUT), int(Role.OUTPUT))
_LOTS = (int(Role.QUANTITY), int(Role.INPUT_QUANTITY), int(Role.OUTPUT_QUANTITY))


@dataclass(frozen=True)
class Pairs:
    """Which instance is of which lot: both in the order of the instances."""

    instances: Ints
    lots: Ints


@dataclass(frozen=True)
class Entries:
    """One row for each thing that an event does to an object; instances and lots apart.

    In the order of objects and, of each, of events. Quantities are in base units,
    not-a-number where none is told; those of instances are one piece.
    """

    objects: Ints
    events: Ints
    kinds: Small
    quantities: Floats
    dimensions: npt.NDArray[np.int16]
    stays: Ints
    """Of a lot in a container, its stay; else -1."""
    is_output: Mask
    """Whether it came out of a transformation."""


def pairs_of(graph: Graph, is_lot: Mask) -> Pairs:
    """Give the instances of the lots that a mask marks."""
    instances, lots = graph.belonging
    is_asked = is_lot[lots]
    order = np.lexsort((lots[is_asked], instances[is_asked]))
    return Pairs(
        instances[is_asked][order].astype(np.int64), lots[is_asked][order].astype(np.int64)
    )


def ranges(low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """Spread ranges: give for each element of each range the row of the range, and itself."""
    counts = np.maximum(high - low, 0)
    rows = np.repeat(np.arange(len(low)), counts)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    return rows, low[rows] + within


def _distinct(*columns: Ints) -> Ints:
    """Give each row once, in order."""
    order = np.lexsort(columns[::-1])
    rows = np.stack([column[order] for column in columns], axis=1)
    is_first = np.ones(len(rows), bool)
    is_first[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    return rows[is_first]


def kinds_of(said: Said) -> tuple[Small, Small]:
    """Tell of every mention what happens to the thing named, and to what is inside it."""
    types, actions = said.types[said.event_of], said.actions[said.event_of]
    words, is_returned = said.words[said.event_of], said.is_returned[said.event_of]
    roles = said.roles
    is_object = (types == EventType.OBJECT) & np.isin(roles, (int(Role.EPC), int(Role.QUANTITY)))
    is_made = types == EventType.TRANSFORMATION
    is_in = is_made & np.isin(roles, (int(Role.INPUT), int(Role.INPUT_QUANTITY)))
    is_out = is_made & np.isin(roles, (int(Role.OUTPUT), int(Role.OUTPUT_QUANTITY)))
    is_added = is_object & (actions == Action.ADD)
    is_other = is_object & (actions != Action.ADD)
    is_left = is_other & np.isin(words, _LEAVING)
    is_ended = is_other & (actions == Action.DELETE)
    is_counted = (words == Word.COUNTING) & (roles == Role.QUANTITY)
    is_received = is_other & np.isin(words, _ARRIVING)
    choices = (
        (is_in & (words == Word.SAMPLING), Kind.SAMPLED),
        (is_in, Kind.USED),
        (is_out, Kind.MADE),
        (is_added & (words == Word.COUNTING), Kind.FOUND),
        (is_added & np.isin(words, _ARRIVING), Kind.TAKEN_IN),
        (is_added, Kind.MADE),
        (is_left & np.isin(words, _SHIPPING) & is_returned, Kind.SENT_BACK),
        (is_left, Kind.LEFT),
        (is_other & (words == Word.VOID_SHIPPING), Kind.VOIDED),
        (is_other & (words == Word.SAMPLING), Kind.SAMPLED),
        (is_ended & (words == Word.COUNTING), Kind.MISSING),
        (is_ended, Kind.SCRAPPED),
        (is_received & is_returned, Kind.ARRIVED_BACK),
        (is_received, Kind.ARRIVED),
        (is_other & is_counted, Kind.COUNTED),
    )
    kinds = np.select([one for one, _ in choices], [int(kind) for _, kind in choices], 0)
    moving = (Kind.LEFT, Kind.SENT_BACK, Kind.VOIDED, Kind.ARRIVED, Kind.ARRIVED_BACK)
    is_whole = is_in | np.isin(kinds, [int(kind) for kind in moving])
    is_whole |= (kinds == Kind.SCRAPPED) & (words == Word.DESTROYING)
    is_whole &= np.isin(roles, (int(Role.EPC), int(Role.INPUT)))
    return kinds.astype(np.int8), np.where(is_whole, kinds, 0).astype(np.int8)


def entries_of(known: Known, said: Said, is_asked: Mask) -> tuple[Entries, Entries]:
    """Give the entries of the instances that a mask marks, and of the lots."""
    kinds, inner = kinds_of(said)
    of_instances, of_lots = contents_of(known, said, is_asked, inner)
    is_mine = (kinds != Kind.NONE) & is_asked[said.objects]
    rows = np.flatnonzero(is_mine & np.isin(said.roles, _INSTANCES))
    is_output = said.roles[rows] == Role.OUTPUT
    piece = measure(PIECE)[0]
    objects = np.concatenate((said.objects[rows], of_instances[0]))
    by_kind = np.concatenate((kinds[rows], of_instances[2]))
    instances = _in_order(
        objects,
        np.concatenate((said.event_of[rows], of_instances[1])),
        by_kind,
        np.ones(len(objects)),
        np.full(len(objects), piece, np.int16),
        np.full(len(objects), -1, np.int64),
        np.concatenate((is_output, np.zeros(len(of_instances[0]), bool))),
        is_once=True,
    )
    rows = np.flatnonzero(is_mine & np.isin(said.roles, _LOTS))
    lots = _in_order(
        np.concatenate((said.objects[rows], of_lots[0])),
        np.concatenate((said.event_of[rows], of_lots[1])),
        np.concatenate((kinds[rows], of_lots[2])),
        np.concatenate((said.quantities[rows], of_lots[3])),
        np.concatenate((said.dimensions[rows], of_lots[4])),
        np.concatenate((np.full(len(rows), -1, np.int64), of_lots[5])),
        np.concatenate((said.roles[rows] == Role.OUTPUT_QUANTITY, np.zeros(len(of_lots[0]), bool))),
    )
    return instances, lots


def _in_order(*columns: npt.NDArray[np.generic], is_once: bool = False) -> Entries:
    objects, events, kinds = columns[:3]
    order = np.lexsort((kinds, events, objects))
    if is_once and len(order):
        keys = np.stack([column[order].astype(np.int64) for column in (objects, events, kinds)])
        is_first = np.ones(len(order), bool)
        is_first[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
        order = order[is_first]
    return Entries(*(column[order] for column in columns))  # type: ignore[arg-type]


def no_entries() -> Entries:
    """Give entries of nothing."""
    none, small = np.zeros(0, np.int64), np.zeros(0, np.int8)
    kinds = np.zeros(0, np.int16)
    return Entries(none, none, small, np.zeros(0), kinds, none, np.zeros(0, bool))


_Rows = tuple[Ints, Ints, Small]
_LotRows = tuple[Ints, Ints, Small, Floats, npt.NDArray[np.int16], Ints]


def contents_of(known: Known, said: Said, is_asked: Mask, inner: Small) -> tuple[_Rows, _LotRows]:
    """Give what happens to instances and lots because it happens to a container around them."""
    stays = known.graph.stays
    children = stays.children.astype(np.int64)
    asked = np.flatnonzero(is_asked[children])
    roots, containers, low, high = _around(known, said, asked)
    rows = np.flatnonzero(inner != Kind.NONE)
    span = said.events + 2
    order = np.lexsort((said.event_of[rows], said.objects[rows]))
    rows = rows[order]
    keys = said.objects[rows] * span + said.event_of[rows]
    first = np.searchsorted(keys, containers * span + low, "right")
    last = np.searchsorted(keys, containers * span + high, "right")
    which, at = ranges(first, last)
    found = _distinct(roots[which], said.event_of[rows[at]], inner[rows[at]].astype(np.int64))
    is_lot = stays.is_lot[found[:, 0]]
    pieces, amounts = found[~is_lot], found[is_lot]
    quantities, dimensions = _amounts(known, said, asked[stays.is_lot[asked]], amounts)
    return (
        (children[pieces[:, 0]], pieces[:, 1], pieces[:, 2].astype(np.int8)),
        (
            *(children[amounts[:, 0]], amounts[:, 1], amounts[:, 2].astype(np.int8)),
            *(quantities, dimensions, amounts[:, 0]),
        ),
    )


def _around(known: Known, said: Said, asked: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Give for each stay every container around it, and after and up to which event it was.

    A thing is inside when an event comes that is after the one that put it in, and not after
    the one that took it out.
    """
    stays, span = known.graph.stays, said.events + 2
    opened = said.of_facts(stays.opened_by)
    closed = said.of_facts(stays.closed_by)
    closed = np.where(closed < 0, said.events, closed)
    whole = np.flatnonzero(~stays.is_lot & (opened >= 0))
    found = [np.stack((asked, stays.parents[asked], opened[asked], closed[asked]), axis=1)]
    count = -1
    while len(found[-1]):
        if len(found) > _DEEP:  # Perhaps a container is inside itself: is anything new?
            found = [_distinct(*np.concatenate(found).T)]
            if len(found[0]) == count:
                break
            count = len(found[0])
        roots, containers, low, high = found[-1].T
        further = []
        for is_fixed in (False, True):
            some = whole[stays.is_fixed[whole] == is_fixed]
            some = some[np.lexsort((opened[some], stays.children[some]))]
            keys = stays.children[some].astype(np.int64) * span + opened[some]
            # Of one thing, one stay ends before the next begins.
            first = np.searchsorted(keys, containers * span + low, "right") - 1
            last = np.searchsorted(keys, containers * span + high, "left")
            which, at = ranges(np.maximum(first, 0), last)
            stay = some[at]
            begin, end = np.maximum(low[which], opened[stay]), np.minimum(high[which], closed[stay])
            is_met = (stays.children[stay] == containers[which]) & (begin < end)
            is_met &= stays.parents[stay] != stays.children[roots[which]]
            rows = (roots[which], stays.parents[stay], begin, end)
            further.append(np.stack(rows, axis=1)[is_met])
        found.append(_distinct(*np.concatenate(further).T))
    roots, containers, low, high = np.concatenate(found).astype(np.int64).T
    return roots, containers, low, high


def _amounts(
    known: Known, said: Said, asked: Ints, wanted: Ints
) -> tuple[Floats, npt.NDArray[np.int16]]:
    """Give how much of a lot was there, and what that measures, when each event came.

    `wanted` has the stay in its first column and the event in its second.
    """
    if not len(wanted):
        return np.zeros(0), np.zeros(0, np.int16)
    stays, span = known.graph.stays, said.events + 2
    rows = np.flatnonzero(said.roles == Role.CHILD_QUANTITY)
    parent = np.full(said.events, -1, np.int64)
    is_parent = said.roles == Role.PARENT
    parent[said.event_of[is_parent]] = said.objects[is_parent]
    is_fixed = (said.types == EventType.ASSOCIATION)[said.event_of[rows]]
    around = np.stack((said.objects[rows], parent[said.event_of[rows]], is_fixed), axis=1)
    mine = np.stack((stays.children[asked], stays.parents[asked], stays.is_fixed[asked]), axis=1)
    _, keys = np.unique(np.concatenate((mine, around)), axis=0, return_inverse=True)
    mine, around = np.split(keys.reshape(-1), [len(asked)])
    opened = said.of_facts(stays.opened_by[asked])
    closed = said.of_facts(stays.closed_by[asked])
    closed = np.where(closed < 0, said.events, closed)
    # The stay to which a mention belongs is the last of its kind that was open by then.
    order = np.argsort(mine * span + opened)
    begun = (mine * span + opened)[order]
    at = np.searchsorted(begun, around * span + said.event_of[rows], "right") - 1
    which = order[np.maximum(at, 0)]
    is_its = (at >= 0) & (mine[which] == around) & (said.event_of[rows] <= closed[which])
    rows, which = rows[is_its], which[is_its]
    order = np.lexsort((rows, which))
    rows, which = rows[order], which[order]
    events = said.event_of[rows]
    left, kind = np.empty(len(rows)), np.empty(len(rows), np.int16)
    fold_amounts(
        which, said.actions[events], said.quantities[rows], said.dimensions[rows], left, kind
    )
    by_stay = np.searchsorted(asked, wanted[:, 0])  # `asked` is in order.
    found = np.searchsorted(which * span + events, by_stay * span + wanted[:, 1], "left") - 1
    return left[found], kind[found]


@compiled
def fold_amounts(
    stays: Ints,
    actions: Small,
    quantities: Floats,
    dimensions: npt.NDArray[np.int16],
    left: Floats,
    kind: npt.NDArray[np.int16],
) -> None:
    """Work out how much is left in each stay after each event that changed it."""
    for at in range(len(stays)):
        if at == 0 or stays[at] != stays[at - 1]:
            left[at], kind[at] = quantities[at], dimensions[at]
            continue
        left[at], kind[at] = left[at - 1], kind[at - 1]
        if actions[at] != 2:  # What is only seen changes nothing.
            amount = quantities[at] if dimensions[at] == kind[at] else np.nan
            left[at] += amount if actions[at] == 1 else -amount
