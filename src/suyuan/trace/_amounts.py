"""Which objects are lots, and how much of each was made or received. 数量"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from suyuan.event import Action, EventType, Role
from suyuan.trace._facts import PIECE, Facts, Step, measure
from suyuan.trace._stays import FOREVER

__all__ = ["Amounts", "are_lots"]


def are_lots(facts: Facts) -> npt.NDArray[np.bool_]:
    """Tell by number what stands anywhere as a lot."""
    is_lot = np.zeros(len(facts.classes), bool)
    is_quantity = (facts.roles >= Role.QUANTITY) & (facts.roles <= Role.OUTPUT_QUANTITY)
    is_lot[facts.objects[is_quantity | (facts.roles == Role.LOT)]] = True
    is_lot[facts.belonging[:, 1]] = True
    return is_lot


class Amounts:
    """How much was made of each lot; where it was not made here, how much was received.

    What is received after some of the lot was sent on may be the same goods again, and does
    not count. In the unit in which a quantity of the lot was first told.
    """

    def __init__(self, facts: Facts) -> None:
        event_of = np.repeat(np.arange(facts.events), np.diff(facts.starts))
        steps, times = facts.steps[event_of], facts.times[event_of]
        self._is_lot = are_lots(facts)
        self._facts = facts
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
        first = self._dimensions()
        is_one = np.ones(len(facts.classes), bool)
        is_one[objects[dimensions != first[objects]]] = False
        return whole, is_one

    def _dimensions(self) -> npt.NDArray[np.int16]:
        facts = self._facts
        first = np.zeros(len(facts.classes), np.int16)
        measured = np.array([measure(uom)[0] for uom in facts.uoms] or [0], np.int16)
        first[facts.told] = measured[facts.told_in]
        return first

    def of(self, number: int) -> tuple[float | None, str | None]:
        """Give quantity and unit of an object; None where it is not known."""
        facts = self._facts
        if number >= len(self._is_lot) or not self._is_lot[number]:
            return 1.0, PIECE
        amount = float(self._whole[number])
        place = int(np.searchsorted(facts.told, number))
        is_told = place < len(facts.told) and facts.told[place] == number
        if not is_told or not self._is_one_dimension[number] or amount != amount:
            return None, None
        uom = facts.uoms[facts.told_in[place]]
        return _rounded(amount / measure(uom)[1]), uom


def _rounded(amount: float) -> float:
    """Take away what binary fractions add to decimal ones."""
    return float(f"{amount:.12g}")
