"""Filling: from the tank into cartons and cups, order by order. 灌装

A filling order is one transformation with a `transformationID`: every few minutes it reports
what it took from the tank and the store, and what it made. The carton line fills while the
pasteuriser tops the tank up, so two orders of one day can come from one tank and hold
different milk.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from suyuan.demo._fermenting import Fermentation
from suyuan.demo._floor import Floor
from suyuan.demo._ingredients import IngredientStore
from suyuan.demo._laboratory import Laboratory
from suyuan.demo._lots import Lot, Mixing
from suyuan.demo._packing import Packing
from suyuan.demo._products import (
    BLUEBERRY_YOGHURT,
    DAIRY_PREFIX,
    LOW_FAT_MILK,
    PLAIN_YOGHURT,
    STRAWBERRY_YOGHURT,
    WHOLE_MILK,
    Product,
)
from suyuan.demo._returns import Returns
from suyuan.demo._stations import carton_lot_data, own_step
from suyuan.demo._tanks import BATCH_RECORD, Tanks
from suyuan.demo._times import MINUTE, SECOND, day_text

__all__ = ["Filling"]

_SEGMENT_TAKES = 12 * MINUTE
_CUP_SEGMENT_TAKES = 8 * MINUTE
_CASES_IN_A_SEGMENT = 12
_CUP_CASES_IN_A_SEGMENT = 8
_START_UP_REJECTS = 3
_SAMPLE_PIECES = 2
_FRUIT_GRAMS, _SYRUP_MILLILITRES, _SYRUP_GRAMS = 24, 5, 6
_REWORK_GRAMS = 15


@dataclass(slots=True)
class _Order:
    """One filling order while it runs."""

    product: Product
    lot: Lot
    tank: Lot
    batch_record: str
    facts: dict[str, object]
    mixing: Mixing = field(default_factory=Mixing)
    rejects: int = _SAMPLE_PIECES  # pieces that are not packed: samples first of all
    filled: int = 0
    limit: int = 0
    is_first: bool = False  # the first of two orders from one tank, before it is topped up
    ingredients: dict[str, int] = field(default_factory=dict)


class Filling:
    """The carton line and the cup line."""

    def __init__(
        self,
        floor: Floor,
        tanks: Tanks,
        fermentation: Fermentation,
        ingredients: IngredientStore,
        laboratory: Laboratory,
        packing: Packing,
        returns: Returns,
    ) -> None:
        self._floor = floor
        self._tanks = tanks
        self._fermentation = fermentation
        self._ingredients = ingredients
        self._laboratory = laboratory
        self._packing = packing
        self._returns = returns
        self._carton_filler = floor.station("carton_line", "carton_filler")
        self._cup_filler = floor.station("cup_line", "cup_filler")
        self._cases = max(2, round(_CASES_IN_A_SEGMENT * floor.activity))
        self._cup_cases = max(2, round(_CUP_CASES_IN_A_SEGMENT * floor.activity))

    def morning(self, moment: int) -> None:
        """Plan the day's filling orders."""
        floor = self._floor
        day = floor.day_of(moment)

        def at(hour: float, start: Callable[[int], None]) -> None:
            floor.at(floor.moment(day, hour) + floor.seconds(0, 240), start)

        at(7.75, self._start_first_whole)
        at(9.95, self._start_second_whole)
        at(12.15, self._start_first_low_fat)
        at(14.9, self._start_second_low_fat)
        base = dict(self._fermentation.ready)
        self._fermentation.ready = {}
        if "plain" in base:
            at(7.0, partial(self._start_plain, base["plain"]))
        if "fruit" in base:
            at(9.5, partial(self._start_fruit, STRAWBERRY_YOGHURT, base["fruit"]))
            at(12.2, partial(self._start_fruit, BLUEBERRY_YOGHURT, base["fruit"]))

    def _open(self, product: Product, sequence: int, tank: Lot, moment: int) -> _Order:
        floor = self._floor
        lot = Lot(
            product,
            floor.lot_number(moment, sequence),
            expiry=day_text(moment, product.shelf_life_days),
        )
        floor.notebook.note_lot(lot, moment)
        return _Order(
            product,
            lot,
            tank,
            floor.numbering.document(DAIRY_PREFIX, BATCH_RECORD),
            floor.order("FILL", moment, "fill", "filling"),
        )

    # The carton line

    def _start_first_whole(self, moment: int) -> None:
        assert self._tanks.whole is not None
        order = self._open(WHOLE_MILK, 1, self._tanks.whole, moment)
        order.is_first = True
        order.rejects += _START_UP_REJECTS
        self._fill_cartons(order, moment)

    def _start_second_whole(self, moment: int) -> None:
        assert self._tanks.whole is not None
        self._fill_cartons(self._open(WHOLE_MILK, 2, self._tanks.whole, moment), moment)

    def _start_first_low_fat(self, moment: int) -> None:
        assert self._tanks.low_fat is not None
        order = self._open(LOW_FAT_MILK, 1, self._tanks.low_fat, moment)
        order.is_first = True
        order.rejects += _START_UP_REJECTS
        floor = self._floor
        if floor.day_of(moment) == floor.plan.contamination:
            floor.notebook.clean_twins.append(order.lot)
            floor.story.note("clean_lot", order.lot.uri)
        self._fill_cartons(order, moment)

    def _start_second_low_fat(self, moment: int) -> None:
        assert self._tanks.low_fat is not None
        self._fill_cartons(self._open(LOW_FAT_MILK, 2, self._tanks.low_fat, moment), moment)

    def _is_filling(self, order: _Order) -> bool:
        """Tell whether the pasteuriser still adds to the tank of an order."""
        if order.product is LOW_FAT_MILK:
            return self._tanks.low_fat_is_filling
        return self._tanks.whole_is_filling

    def _fill_cartons(self, order: _Order, moment: int) -> None:
        """Fill one segment, or wait for milk, or end the order."""
        rejects = order.rejects if order.filled == 0 else self._floor.whole(0, 2)
        per_case = order.product.per_case
        grams = order.product.food_milligrams // 1000
        can_fill = order.tank.left // grams - rejects
        cases = min(self._cases, can_fill // per_case)
        if cases < self._cases and self._is_filling(order) and not order.is_first:
            self._floor.at(moment + _SEGMENT_TAKES, partial(self._fill_cartons, order))
            return
        if cases >= 1 and (cases == self._cases or not order.is_first):
            order.rejects = rejects + (order.rejects if order.filled else 0)
            pieces = cases * per_case + rejects
            self._report(order, pieces, grams, moment)
            closed = moment
            step = _SEGMENT_TAKES // (self._cases + 1) // SECOND * SECOND
            for case in range(cases):
                closed = self._packing.pack_cartons(
                    order.lot, moment + 20 * SECOND + case * step, order.facts
                )
            if cases == self._cases:
                following = max(moment + _SEGMENT_TAKES, closed + SECOND)
                self._floor.at(following, partial(self._fill_cartons, order))
                return
            moment = closed + 10 * SECOND
        self._floor.at(moment + SECOND, partial(self._end_cartons, order))

    def _report(self, order: _Order, pieces: int, grams: int, moment: int) -> None:
        """Report a segment: milk, blanks and caps in, cartons out."""
        inputs = [order.mixing.pour(order.tank, pieces * grams, moment)]
        needs = {"carton_blank": pieces, "carton_cap": pieces}
        inputs += self._ingredients.use(order.mixing, needs, moment)
        self._record(order, inputs, pieces, moment)

    def _record(
        self, order: _Order, inputs: list[dict[str, object]], pieces: int, moment: int
    ) -> None:
        more = order.facts
        if order.filled == 0:
            more = more | carton_lot_data(order.lot.number, order.lot.expiry)
        order.filled += pieces
        is_carton = order.product in (WHOLE_MILK, LOW_FAT_MILK)
        (self._carton_filler if is_carton else self._cup_filler).record_transformation(
            moment,
            own_step("filling"),
            inputs=inputs,
            outputs=[order.mixing.draw(order.lot, pieces, moment)],
            transformation=order.batch_record,
            disposition="active",
            more=more,
        )

    def _end_cartons(self, order: _Order, moment: int) -> None:
        """End an order: rejects go back to the tank or away, samples to the laboratory."""
        if order.filled == 0:
            return
        self._laboratory.sample_goods(order.lot, _SAMPLE_PIECES, moment)
        order.rejects -= _SAMPLE_PIECES
        if order.is_first:
            self._give_back(order, moment)
        elif order.rejects:
            self._tanks.destroy(order.lot, order.rejects, moment)
        if not order.is_first:
            self._packing.close_pallet(order.product, moment + 10 * SECOND)

    def _give_back(self, order: _Order, moment: int) -> None:
        """Pour the cartons of the start-up back into the tank they were filled from."""
        mixing = Mixing()
        poured = mixing.pour(order.lot, order.rejects, moment)
        back = mixing.draw(order.tank, mixing.grams, moment)
        self._carton_filler.record_transformation(
            moment,
            own_step("returning"),
            inputs=[poured],
            outputs=[back],
            more=self._floor.order("RET", moment, "return_milk", "filling"),
        )

    # The cup line

    def _start_plain(self, base: Lot, moment: int) -> None:
        order = self._open(PLAIN_YOGHURT, 1, base, moment)
        order.ingredients = {"cup": 1, "lid": 1}
        order.limit = base.left // 150
        self._fill_cups(order, 150, moment)

    def _start_fruit(self, product: Product, base: Lot, moment: int) -> None:
        """Mix fruit and syrup in; on some days, a tenth is yoghurt for rework."""
        floor = self._floor
        order = self._open(product, 1, base, moment)
        fruit = "strawberry" if product is STRAWBERRY_YOGHURT else "blueberry"
        order.ingredients = {
            fruit: _FRUIT_GRAMS,
            "syrup": _SYRUP_MILLILITRES,
            "cup": 1,
            "lid": 1,
        }
        grams = 150 - _FRUIT_GRAMS - _SYRUP_GRAMS
        rework = self._returns.rework_lot
        order.lot.holds_rework = product is STRAWBERRY_YOGHURT and rework is not None
        if order.lot.holds_rework and floor.day_of(moment) == floor.plan.rework:
            floor.story.note("rework_lot", order.lot.uri)
        cups = base.left // grams
        order.limit = cups // 2 if product is STRAWBERRY_YOGHURT else cups
        if product is STRAWBERRY_YOGHURT and floor.day_of(moment) == floor.plan.correction:
            floor.story.note("corrected_lot", order.lot.uri)
        self._fill_cups(order, grams, moment)

    def _fill_cups(self, order: _Order, grams: int, moment: int) -> None:
        rejects = self._floor.whole(0, 3) if order.filled else order.rejects
        per_case = order.product.per_case
        pieces = min(self._cup_cases * per_case + rejects, order.limit - order.filled)
        if pieces <= rejects:
            self._end_cups(order, moment)
            return
        order.rejects = rejects + (order.rejects if order.filled else 0)
        inputs = self._pour_cups(order, pieces, grams, moment)
        self._record(order, inputs, pieces, moment)
        good = pieces - rejects
        in_crate = order.product is not PLAIN_YOGHURT
        at = moment
        for number, first in enumerate(range(0, good, per_case)):
            at = moment + 30 * SECOND + number * 45 * SECOND
            count = min(per_case, good - first)
            self._packing.pack_cups(order.lot, count, at, order.facts, in_crate=in_crate)
        following = max(moment + _CUP_SEGMENT_TAKES, at + SECOND)
        self._floor.at(following, partial(self._fill_cups, order, grams))

    def _pour_cups(
        self, order: _Order, pieces: int, grams: int, moment: int
    ) -> list[dict[str, object]]:
        inputs = []
        base = pieces * grams
        rework = self._returns.rework_lot
        if order.lot.holds_rework and rework is not None and rework.left >= pieces * _REWORK_GRAMS:
            base -= pieces * _REWORK_GRAMS
            inputs.append(order.mixing.pour(rework, pieces * _REWORK_GRAMS, moment))
        inputs.insert(0, order.mixing.pour(order.tank, base, moment))
        needs = {key: share * pieces for key, share in order.ingredients.items()}
        return inputs + self._ingredients.use(order.mixing, needs, moment)

    def _end_cups(self, order: _Order, moment: int) -> None:
        """End an order: rejects to the rework tank, unless rework is in them already."""
        if order.filled == 0:
            return
        may_rework = order.product is not PLAIN_YOGHURT and not order.lot.holds_rework
        self._laboratory.sample_goods(order.lot, _SAMPLE_PIECES, moment)
        order.rejects -= _SAMPLE_PIECES
        if order.rejects and may_rework:
            self._returns.keep_for_rework(order.lot, order.rejects)
        elif order.rejects:
            self._tanks.destroy(order.lot, order.rejects, moment)
        self._packing.close_pallet(order.product, moment + 10 * SECOND)
        if order.product is not STRAWBERRY_YOGHURT and order.tank.left:
            self._tanks.destroy(order.tank, order.tank.left, moment + 20 * SECOND)
