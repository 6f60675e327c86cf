"""Silos and tanks: topped up while they are drawn, emptied and cleaned at night. 奶仓与奶罐

Two ways of keeping the books, both found in real plants. The raw milk silo of a day is one
transformation with a `transformationID`: deliveries go in over the day, each draw is a lot of
its own, and a draw can only hold what was poured in before it. A tank behind the pasteuriser
is one lot by quantity: runs add to it, fillers take from it at the same time.
"""

from __future__ import annotations

from suyuan.demo._floor import Floor
from suyuan.demo._lots import Lot, Mixing
from suyuan.demo._products import (
    CREAM,
    DAIRY_PREFIX,
    LOW_FAT_BULK,
    SILO_MILK,
    WASTE_MILK,
    WHOLE_BULK,
    Product,
)
from suyuan.demo._times import day_code

__all__ = ["BATCH_RECORD", "Silo", "Tanks"]

BATCH_RECORD = 6


class Silo:
    """One raw milk silo, from one cleaning to the next."""

    def __init__(self, floor: Floor, key: str, moment: int) -> None:
        self._floor = floor
        self.key = key
        self._station = floor.station("tank_farm", key)
        self._mixing = Mixing()
        self._draws = 0
        self._number = f"{day_code(moment)}{floor.region.letter}"
        self._campaign = floor.numbering.document(DAIRY_PREFIX, BATCH_RECORD)
        floor.notebook.note_tank(floor.region.equipment[key].uri, self._mixing, moment)
        self.first_draw: Lot | None = None

    @property
    def grams(self) -> int:
        """Give what is in the silo."""
        return self._mixing.grams

    def top_up(self, lot: Lot, moment: int) -> None:
        """Pour all that is left of a delivery in."""
        more = self._floor.order("SILO", moment, "unload_milk", "reception")
        self._station.record_transformation(
            moment,
            "storing",
            inputs=[self._mixing.pour(lot, lot.left, moment)],
            transformation=self._campaign,
            more=more,
        )

    def draw(self, grams: int, moment: int) -> Lot:
        """Draw milk off as a lot of its own."""
        floor = self._floor
        self._draws += 1
        lot = Lot(SILO_MILK, f"{self._number}{self._draws:02d}")
        if self.first_draw is None:
            self.first_draw = lot
        measure = self._mixing.draw(lot, grams, moment)
        floor.notebook.note_lot(lot, moment)
        more = floor.order("SILO", moment, "draw_milk", "pasteuriser")
        self._station.record_transformation(
            moment,
            "dispensing",
            outputs=[measure],
            transformation=self._campaign,
            disposition="in_progress",
            more=more,
        )
        return lot

    def close(self, waste: Lot, moment: int) -> None:
        """Rinse what clings to the wall into the waste tank."""
        if self.grams:
            more = self._floor.order("CIP", moment, "rinse_silo", "maintenance")
            self._station.record_transformation(
                moment,
                "other",
                outputs=[self._mixing.draw(waste, self.grams, moment)],
                transformation=self._campaign,
                more=more,
            )


class Tanks:
    """All tanks of the plant, day by day."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._station = floor.station("tank_farm")
        self.silo: Silo | None = None
        self.whole: Lot | None = None
        self.low_fat: Lot | None = None
        self.cream: Lot | None = None
        self.waste: Lot | None = None
        self.whole_is_filling = False
        self.low_fat_is_filling = False

    def morning(self, moment: int) -> None:
        """Start clean tanks for the day; the cream tank goes on until it is churned."""
        floor = self._floor
        silo = "silo_1" if floor.day_of(moment) % 2 == 0 else "silo_2"
        self.silo = Silo(floor, silo, moment)
        self.whole = self._lot(WHOLE_BULK, "tank_whole", moment)
        self.low_fat = self._lot(LOW_FAT_BULK, "tank_low_fat", moment)
        self.waste = floor.notebook.note_lot(Lot(WASTE_MILK, floor.lot_number(moment, 1)), moment)
        self.whole_is_filling = self.low_fat_is_filling = True
        if self.cream is None:
            self.cream = self._lot(CREAM, "tank_cream", moment)
        elif floor.day_of(moment) == floor.plan.contamination:
            # The tank was started before the day we watch from.
            floor.notebook.note_lot(self.cream, moment)
            floor.notebook.note_tank(floor.region.equipment["tank_cream"].uri, self.cream, moment)

    def _lot(self, product: Product, tank: str, moment: int) -> Lot:
        floor = self._floor
        lot = Lot(product, floor.lot_number(moment, 1))
        floor.notebook.note_lot(lot, moment)
        floor.notebook.note_tank(floor.region.equipment[tank].uri, lot, moment)
        return lot

    def evening(self, moment: int) -> None:
        """Empty what is left, get rid of the waste, clean."""
        assert self.silo is not None
        assert self.waste is not None
        self.silo.close(self.waste, moment)
        left = [lot for lot in (self.whole, self.low_fat) if lot is not None and lot.left]
        for place, lot in enumerate([*left, self.waste]):
            if lot.left:
                self.destroy(lot, lot.left, moment + (10 + place) * 60_000)

    def destroy(self, lot: Lot, amount: int, moment: int) -> None:
        """Pour an amount away, and say so."""
        more = self._floor.order("CIP", moment, "dispose", "maintenance")
        measure = lot.measure(amount)
        lot.take(amount)
        self._station.record_object(
            moment, "DELETE", "destroying", "disposed", quantities=[measure], more=more
        )
