"""Getting ready before anybody asks: compiled loops are loaded by being called once. 预热"""

from __future__ import annotations

import numpy as np

from suyuan.trace._answer import first_lots, steps_gone
from suyuan.trace._carriers import find_carriers
from suyuan.trace._entries import Pairs, fold_amounts, no_entries
from suyuan.trace._facts import batch_of_events
from suyuan.trace._index import known_of
from suyuan.trace._portions import portions_back, portions_forward, single_ends
from suyuan.trace._reach import certain_back, reach_back, reach_forward
from suyuan.trace._tally import keep_tally
from suyuan.trace._walk import walk

__all__ = ["warm_up"]


def warm_up() -> None:
    """Call everything that is compiled, on a record in which nothing ever happened.

    The very first time on a machine this compiles for some seconds, and keeps the result.
    """
    known = known_of(batch_of_events([], {}, np.array([[1, 0]], np.int64), position=0))
    graph = known.graph
    one = np.array([1], np.int64)
    walk(graph, one, one, is_certain=True)
    certain_back(graph, one, one, one)
    for reach in (reach_forward(graph, one), reach_back(graph, one)):
        find_carriers(graph, reach)
        steps_gone(graph, one, reach)
    first_lots(graph, one)
    portions_forward(known.books, 1)
    portions_back(known.books, reach_back(graph, one), *single_ends(graph, one))
    _warm_up_tally()


def _warm_up_tally() -> None:
    none, nothing, kinds = np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int16)
    fold_amounts(none, np.zeros(0, np.int8), nothing, kinds, nothing, kinds)
    keep_tally(no_entries(), no_entries(), Pairs(none, none), np.zeros(2, np.int16), 0, none)
