"""Yoghurt: milk and culture in the afternoon, yoghurt base before midnight. 发酵"""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from suyuan.demo._floor import Floor
from suyuan.demo._ingredients import IngredientStore
from suyuan.demo._lots import Lot, Mixing
from suyuan.demo._maintenance import Maintenance
from suyuan.demo._pasteurising import Pasteuriser
from suyuan.demo._products import CULTURED_BASE, DAIRY_PREFIX
from suyuan.demo._stations import PREFIX, Station, own_step, sensor_elements
from suyuan.demo._tanks import BATCH_RECORD
from suyuan.demo._times import HOUR, MINUTE

__all__ = ["Fermentation"]

_CULTURE_GRAMS_PER_KILOGRAM = Decimal("0.2")
_TAKES = 7 * HOUR


class Fermentation:
    """The two fermenters: one for plain yoghurt, one for fruit yoghurt."""

    def __init__(
        self,
        floor: Floor,
        pasteuriser: Pasteuriser,
        ingredients: IngredientStore,
        maintenance: Maintenance,
    ) -> None:
        self._floor = floor
        self._pasteuriser = pasteuriser
        self._ingredients = ingredients
        self._maintenance = maintenance
        self._stations: dict[str, Station] = {
            "plain": floor.station("fermentation", "fermenter_1"),
            "fruit": floor.station("fermentation", "fermenter_2"),
        }
        self.ready: dict[str, Lot] = {}

    def morning(self, moment: int) -> None:
        """Add the culture in the afternoon."""
        floor = self._floor
        day = floor.day_of(moment)
        for number, kind in enumerate(self._stations):
            start = floor.moment(day, 14.8) + number * 12 * MINUTE
            floor.at(start, partial(self._add_culture, kind))

    def _add_culture(self, kind: str, moment: int) -> None:
        floor = self._floor
        milk = self._pasteuriser.yoghurt_milk.get(kind)
        if milk is None:
            return
        mixing = Mixing()
        culture = max(1, int(_CULTURE_GRAMS_PER_KILOGRAM * milk.left / 1000))
        inputs = [mixing.pour(milk, milk.left, moment)]
        inputs += self._ingredients.use(mixing, {"culture": culture}, moment)
        batch_record = floor.numbering.document(DAIRY_PREFIX, BATCH_RECORD)
        order = floor.order("FERM", moment, "ferment", "fermentation")
        self._stations[kind].record_transformation(
            moment, own_step("fermenting"), inputs=inputs, transformation=batch_record, more=order
        )
        ends = moment + _TAKES + floor.seconds(0, 1800)
        floor.at(ends, partial(self._finish, kind, mixing, batch_record, order))

    def _finish(
        self, kind: str, mixing: Mixing, batch_record: str, order: dict[str, object], moment: int
    ) -> None:
        floor = self._floor
        station = self._stations[kind]
        number = 1 if kind == "plain" else 2
        lot = Lot(CULTURED_BASE, floor.lot_number(moment, number))
        floor.notebook.note_lot(lot, moment)
        output = mixing.draw(lot, mixing.grams, moment)
        data = sensor_elements(
            self._maintenance.sensor(f"fermenter_{number}"),
            station.time_text(moment),
            [("Temperature", floor.tenths(402, 418), "CEL")],
        )
        data[f"{PREFIX}:parameter"] = [
            {
                f"{PREFIX}:name": "acidity_ph",
                f"{PREFIX}:value": Decimal(floor.whole(440, 462)) / 100,
                f"{PREFIX}:uom": "Q30",
            }
        ]
        station.record_transformation(
            moment,
            own_step("fermenting"),
            outputs=[output],
            transformation=batch_record,
            disposition="in_progress",
            more=order | data,
        )
        self.ready[kind] = lot
