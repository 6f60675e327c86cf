"""The cold store: pallets wait here for the lorry of the next morning. 冷库"""

from __future__ import annotations

from suyuan.demo._containers import Container, Pallet
from suyuan.demo._floor import Floor
from suyuan.demo._keys import serial_uri
from suyuan.demo._products import LOW_FAT_MILK, Product
from suyuan.demo._times import HOUR, MINUTE

__all__ = ["ColdStore"]

_COOLING = 2 * HOUR
_BUTTER_PALLETS_MANY = 4


class ColdStore:
    """What stands in the cold store, oldest first."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._gate = floor.station("cold_store")
        self.pallets: list[Pallet] = []
        self.butter: list[Pallet] = []
        floor.notebook.stock = lambda: [*self.pallets, *self.butter]

    def put(self, pallet: Pallet, product: Product, moment: int) -> None:
        """Store a pallet of the palletiser."""
        pallet.ready_at = moment
        self._gate.record_object(
            moment,
            "OBSERVE",
            "storing",
            "sellable_not_accessible",
            epcs=[pallet.uri],
            more=self._floor.order("WHS", moment, "store_pallet", "warehouse"),
        )
        (self.butter if product.key == "butter" else self.pallets).append(pallet)

    def morning(self, moment: int) -> None:
        """Look after what the night brought: a damaged case, on one day of the story."""
        floor = self._floor
        day = floor.day_of(moment)
        if day == floor.plan.repack:
            floor.at(floor.moment(day, 2.5), self._repack)

    def take_for_dispatch(self, moment: int) -> list[Pallet]:
        """Give what goes out this morning: what is cold, but for a few pallets; butter slowly."""
        floor = self._floor
        ready = [
            pallet
            for pallet in self.pallets
            if pallet.ready_at + _COOLING <= moment
            and (moment - pallet.ready_at > 24 * HOUR or not floor.happens(0.06))
        ]
        wanted = 2 if len(self.butter) > _BUTTER_PALLETS_MANY else 1
        ready_butter = [pallet for pallet in self.butter[:wanted] if pallet.ready_at <= moment]
        for pallet in ready:
            self.pallets.remove(pallet)
        for pallet in ready_butter:
            self.butter.remove(pallet)
        return ready + ready_butter

    def _repack(self, moment: int) -> None:
        """Open a crushed case, throw one carton away, put the others onto another pallet."""
        floor = self._floor
        milk = [
            pallet
            for pallet in self.pallets
            if pallet.is_affected and pallet.containers[0].lot.product is LOW_FAT_MILK
        ]
        if not milk:
            return
        pallet = milk[0]
        others = [
            other for other in self.pallets if other is not pallet and other.ready_at < moment
        ]
        damaged = next(c for c in pallet.containers if c.is_affected)
        if not others:
            return
        order = floor.order("WHS", moment, "repack_case", "warehouse")
        self._gate.record_aggregation(
            moment, "DELETE", "unpacking", pallet.uri, [damaged.uri], more=order
        )
        self._gate.record_aggregation(
            moment + 2 * MINUTE, "DELETE", "unpacking", damaged.uri, damaged.cartons, more=order
        )
        lost, kept = damaged.cartons[0], damaged.cartons[1:]
        self._gate.record_object(
            moment + 3 * MINUTE, "DELETE", "destroying", "damaged", epcs=[lost], more=order
        )
        damaged.lot.take(1)
        case = serial_uri(
            LOW_FAT_MILK.case_gtin, f"{floor.region.letter}R{floor.day_of(moment):03d}"
        )
        closed = moment + 6 * MINUTE
        self._gate.record_object(
            closed - MINUTE, "ADD", "commissioning", "active", epcs=[case], more=order
        )
        self._gate.record_aggregation(closed, "ADD", "repackaging", case, kept, more=order)
        repacked = Container(case, damaged.lot, len(kept), closed, cartons=kept)
        floor.notebook.note_packed(repacked)
        self._gate.record_aggregation(
            closed + 3 * MINUTE, "ADD", "packing", others[0].uri, [case], more=order
        )
        pallet.remove(damaged)
        others[0].put([repacked])
        # This pallet may be older than the contamination: now it has to be watched as well.
        floor.notebook.note_pallet(others[0], closed)
        floor.story.note("repacked_carton", kept[0])
