"""Getting ready before anybody asks: compiled loops are loaded by being called once. 预热"""

from __future__ import annotations

import numpy as np

from suyuan.event import Action, EventType, Role
from suyuan.trace._answer import first_lots, steps_gone
from suyuan.trace._carriers import find_carriers
from suyuan.trace._entries import Pairs, fold_amounts, no_entries
from suyuan.trace._facts import PIECE, Batch, Step
from suyuan.trace._index import known_of
from suyuan.trace._picture_edges import edges_gone
from suyuan.trace._portions import portions_back, portions_forward, single_ends
from suyuan.trace._reach import reach_back, reach_forward
from suyuan.trace._sieve import any_within
from suyuan.trace._summary import sightings
from suyuan.trace._tally import keep_tally

__all__ = ["warm_up"]

_RAW, _OTHER, _MADE, _UNIT, _CRATE = range(1, 6)
_MENTIONS = (
    (0, Role.QUANTITY, _RAW),
    (1, Role.PARENT, _CRATE),
    (1, Role.CHILD, _UNIT),
    (1, Role.CHILD_QUANTITY, _RAW),
    (2, Role.EPC, _CRATE),
    (3, Role.INPUT, _UNIT),
    (3, Role.INPUT_QUANTITY, _RAW),
    (3, Role.OUTPUT_QUANTITY, _MADE),
    (4, Role.INPUT_QUANTITY, _OTHER),
    (4, Role.OUTPUT_QUANTITY, _MADE),
)


def warm_up() -> None:
    """Call everything that is compiled, on a record in which everything happened once.

    The very first time on a machine this compiles for a minute, and keeps the result.
    """
    known = known_of(_everything())
    graph = known.graph
    assert known.books is not None
    for number in (_RAW, _MADE):
        start = np.array([number], np.int64)
        portions_forward(known.books, number)
        for reach in (reach_forward(graph, start), reach_back(graph, start)):
            sightings(known.facts, reach, find_carriers(graph, reach))
            steps_gone(graph, reach)
            edges_gone(graph, reach)
            first_lots(graph, start)
            if reach.direction == "back":
                portions_back(known.books, reach, *single_ends(graph, start))
    none = np.zeros(0, np.int64)
    any_within(none, none, none, none, none)
    _warm_up_tally()


def _everything() -> Batch:
    """Give a record with a lot of two makers, a lot drawn from as a pool, and a crate received."""
    event_of, roles, objects = (
        np.array(column, np.int64) for column in zip(*_MENTIONS, strict=True)
    )
    kinds = (EventType.OBJECT, EventType.AGGREGATION, EventType.OBJECT)
    made = EventType.TRANSFORMATION
    return Batch(
        sequences=np.arange(1, 6),
        times=np.arange(1, 6) * 1_000_000,
        types=np.array([*kinds, made, made], np.int8),
        actions=np.array(
            [Action.ADD, Action.ADD, Action.OBSERVE, Action.NONE, Action.NONE], np.int8
        ),
        steps=np.array([0, 0, Step.RECEIVING, 0, 0], np.int8),
        event_of=event_of,
        roles=roles.astype(np.int8),
        objects=objects,
        quantities=np.ones(len(roles)),
        units=np.zeros(len(roles), np.int16),
        uoms=(PIECE,),
        belonging=np.array([[_UNIT, _RAW]], np.int64),
        classes=np.array([[number, 0] for number in range(1, 6)], np.int64),
        position=5,
    )


def _warm_up_tally() -> None:
    none, nothing, kinds = np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int16)
    fold_amounts(none, np.zeros(0, np.int8), nothing, kinds, nothing, kinds)
    keep_tally(no_entries(), no_entries(), Pairs(none, none), np.zeros(2, np.int16), 0, none)
