"""How much of each object was made or received. 数量"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from suyuan.event import Action, EventType, Role
from suyuan.trace._facts import PIECE, Step, measure
from suyuan.trace._index import Known
from suyuan.trace._stays import FOREVER

__all__ = ["Amounts"]


class Amounts:
    """How much was made of each lot; where it was not made here, how much was received.

    What is received after some of the lot was sent on may be the same goods again, and does
    not count. In the unit in which a quantity of the lot was first told.
    """

    def __init__(self, known: Known) -> None:
        facts = known.facts
        event_of = np.repeat(np.arange(facts.events), np.diff(facts.starts))
        steps, times = facts.steps[event_of], facts.times[event_of]
        self._known, self._facts = known, facts
        is_object = facts.types[event_of] == EventType.OBJECT
        is_made = facts.roles == Role.OUTPUT_QUANTITY
        is_told = is_object & (facts.roles == Role.QUANTITY)
        is_made |= is_told & (facts.actions[event_of] == Action.ADD)
        sent = np.full(len(facts.classes), FOREVER)
        is_sent = is_told & (steps == Step.SHIPPING)
        np.minimum.at(sent, facts.objects[is_sent], times[is_sent])
        is_got = is_told & ~is_made & (steps == Step.RECEIVING)
        is_got &= times <= sent[facts.objects]
        has_origin = np.zeros(len(facts.classes), bool)
        has_origin[facts.objects[is_made]] = True
        counts = is_made | (is_got & ~has_origin[facts.objects])
        self._whole, self._is_one_dimension = self._added_up(counts)

    def _added_up(
        self, counts: npt.NDArray[np.bool_]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
        """Give by lot the sum in base units, not-a-number where it is unknown."""
        facts = self._facts
        objects, dimensions = facts.objects[counts], facts.dimensions[counts]
        whole = np.zeros(len(facts.classes))
        np.add.at(whole, objects, facts.quantities[counts])
        is_counted = np.zeros(len(facts.classes), bool)
        is_counted[objects] = True
        whole[~is_counted] = np.nan
        first = self._known.told_dimensions()
        is_one = np.ones(len(facts.classes), bool)
        is_one[objects[dimensions != first[objects]]] = False
        return whole, is_one

    def of(self, number: int) -> tuple[float | None, str | None]:
        """Give quantity and unit of an object; None where it is not known."""
        one = np.array([number], np.int64)
        if number >= len(self._whole) or not self._known.graph.is_lot(one)[0]:
            return 1.0, PIECE
        amount = float(self._whole[number])
        if math.isnan(amount) or not self._is_one_dimension[number]:
            return None, None
        if not self._known.is_told(one)[0]:
            return None, None
        uom = self._known.unit_of(number)
        return _rounded(amount / measure(uom)[1]), uom


def _rounded(amount: float) -> float:
    """Take away what binary fractions add to decimal ones."""
    return float(f"{amount:.12g}")
