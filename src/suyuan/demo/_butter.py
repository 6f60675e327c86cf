"""Butter: churned here, cut and wrapped outside, sold from here; buttermilk to the pigs. 黄油

A co-product, a by-product and a subcontractor in one chain. The co-packer keeps his own record,
in his own spelling; the chain goes out through a shipment and comes back through another.
"""

from __future__ import annotations

from functools import partial

from suyuan.demo._cold_store import ColdStore
from suyuan.demo._containers import Container, Pallet
from suyuan.demo._floor import Floor
from suyuan.demo._keys import serial_uri
from suyuan.demo._lots import Lot, Mixing
from suyuan.demo._places import CO_PACKER, CO_PACKER_PREFIX, DAIRY, FEED_FARM
from suyuan.demo._products import BULK_BUTTER, BUTTER, BUTTERMILK, DAIRY_PREFIX
from suyuan.demo._stations import carton_lot_data, own_step, trade_data
from suyuan.demo._tanks import Tanks
from suyuan.demo._times import MINUTE, SECOND, day_text

__all__ = ["Butter"]

_CHURN_EVERY_DAYS = 3
_LAST_CHURN_BEFORE_END = 5
_BUTTER_SHARE, _WASTE_SHARE = 0.47, 0.003
_PALLETS = 4
_PACKING_ORDER, _ADVICE, _RETURN_ADVICE = 1, 2, 2
_CO_PACKER_CASE = BUTTER.case_gtin


class Butter:
    """The churn, and what follows from it."""

    def __init__(self, floor: Floor, tanks: Tanks, cold_store: ColdStore) -> None:
        self._floor = floor
        self._tanks = tanks
        self._cold_store = cold_store
        self._churn = floor.station("churn", "churn")
        self._dock = floor.station("dispatch")
        self._co_packer = floor.partner(floor.region.co_packer.uri, signs_events=True)
        self._feed_farm = floor.partner(floor.region.feed_farm.uri)
        self._cases = 0

    def morning(self, moment: int) -> None:
        """Churn every third day, so that the last batches meet the end of the story."""
        floor = self._floor
        day = floor.day_of(moment)
        if (floor.days - 1 - _LAST_CHURN_BEFORE_END - day) % _CHURN_EVERY_DAYS == 0:
            floor.at(floor.moment(day, 19.8), self._start)

    def _start(self, moment: int) -> None:
        """Churn the whole cream tank: butter, buttermilk, a little rinse."""
        floor, tanks = self._floor, self._tanks
        cream, tanks.cream = tanks.cream, None
        assert cream is not None
        assert tanks.waste is not None
        mixing = Mixing()
        order = floor.order("CHURN", moment, "churn", "fermentation")
        grams = cream.left
        inputs = [mixing.pour(cream, grams, moment)]
        butter = Lot(BULK_BUTTER, floor.lot_number(moment, 1), expiry=day_text(moment, 90))
        buttermilk = Lot(BUTTERMILK, floor.lot_number(moment, 1))
        for lot in (butter, buttermilk):
            floor.notebook.note_lot(lot, moment)
        waste = int(grams * _WASTE_SHARE)
        outputs = [mixing.draw(butter, int(grams * _BUTTER_SHARE), moment)]
        if waste:
            outputs.append(mixing.draw(tanks.waste, waste, moment))
        outputs.append(mixing.draw(buttermilk, mixing.grams, moment))
        self._churn.record_transformation(
            moment,
            own_step("churning"),
            inputs=inputs,
            outputs=outputs,
            disposition="in_progress",
            more=order,
        )
        if floor.day_of(moment) >= floor.plan.contamination >= 0:
            floor.story.note("buttermilk", buttermilk.uri)
        day = floor.day_of(moment) + 1
        floor.at(floor.moment(day, 7.2), partial(self._sell_buttermilk, buttermilk))
        floor.at(floor.moment(day, 8.1), partial(self._send_out, butter))

    def _sell_buttermilk(self, lot: Lot, moment: int) -> None:
        """Sell the buttermilk by quantity: it has no container, it is pumped over."""
        floor = self._floor
        farm = floor.region.feed_farm
        documents = [("desadv", floor.numbering.document(DAIRY_PREFIX, _ADVICE))]
        source = (DAIRY.uri, floor.region.places["dispatch"].uri)
        destination = (FEED_FARM.uri, farm.uri)
        measure = lot.measure(lot.left)
        order = floor.order("SHIP", moment, "pump_over", "warehouse")
        papers = trade_data(self._dock, documents=documents, source=source, destination=destination)
        self._dock.record_object(
            moment, "OBSERVE", "shipping", "in_transit", quantities=[measure], more=papers | order
        )
        received = trade_data(
            self._feed_farm, documents=documents, source=source, destination=destination
        )
        self._feed_farm.record_object(
            moment + floor.seconds(3600, 5400),
            "OBSERVE",
            "receiving",
            "in_progress",
            quantities=[measure],
            more=received,
        )
        floor.notebook.bulk_sales.append((farm.uri, lot))

    def _send_out(self, lot: Lot, moment: int) -> None:
        """Send the blocks to the co-packer on one pallet."""
        floor = self._floor
        place = floor.region.co_packer
        documents = [
            ("po", floor.numbering.document(DAIRY_PREFIX, _PACKING_ORDER)),
            ("desadv", floor.numbering.document(DAIRY_PREFIX, _ADVICE)),
        ]
        source = (DAIRY.uri, floor.region.places["dispatch"].uri)
        destination = (CO_PACKER.uri, place.uri)
        order = floor.order("SHIP", moment, "send_to_co_packer", "warehouse")
        pallet = Pallet(floor.numbering.sscc(DAIRY_PREFIX), moment)
        pallet.put([Container(pallet.uri, lot, lot.left, moment)])
        floor.notebook.note_pallet(pallet, moment)
        measure = lot.measure(lot.left)
        self._dock.record_aggregation(
            moment, "ADD", "packing", pallet.uri, quantities=[measure], more=order
        )
        papers = trade_data(self._dock, documents=documents, source=source, destination=destination)
        self._dock.record_object(
            moment + 10 * MINUTE,
            "OBSERVE",
            "shipping",
            "in_transit",
            epcs=[pallet.uri],
            more=papers | order,
        )
        received = trade_data(
            self._co_packer, documents=documents, source=source, destination=destination
        )
        arrival = moment + floor.seconds(90 * 60, 150 * 60)
        self._co_packer.record_object(
            arrival, "OBSERVE", "receiving", "in_progress", epcs=[pallet.uri], more=received
        )
        self._co_packer.record_aggregation(
            arrival + 20 * MINUTE, "DELETE", "unpacking", pallet.uri, quantities=[measure]
        )
        floor.notebook.bulk_sales.append((place.uri, lot))
        floor.at(arrival + 90 * MINUTE, partial(self._wrap, lot))

    def _wrap(self, bulk: Lot, moment: int) -> None:
        """Cut and wrap: blocks in, packs of 250 g out, the rest is scrap."""
        floor = self._floor
        pieces = bulk.left // 250
        lot = Lot(BUTTER, bulk.number, expiry=day_text(moment, BUTTER.shelf_life_days))
        floor.notebook.note_lot(lot, moment)
        mixing = Mixing()
        inputs = [mixing.pour(bulk, pieces * 250, moment)]
        outputs = [mixing.draw(lot, pieces, moment)]
        self._co_packer.record_transformation(
            moment,
            "other",
            inputs=inputs,
            outputs=outputs,
            disposition="active",
            more=carton_lot_data(lot.number, lot.expiry),
        )
        if bulk.left:
            scrap = bulk.measure(bulk.left)
            bulk.take(bulk.left)
            self._co_packer.record_object(
                moment + MINUTE, "DELETE", "destroying", "disposed", quantities=[scrap]
            )
        self._pack(lot, moment + 5 * MINUTE)

    def _pack(self, lot: Lot, moment: int) -> None:
        """Put packs into cases, cases onto small pallets, and send them home."""
        floor = self._floor
        per_case = BUTTER.per_case
        counts = [min(per_case, lot.left - first) for first in range(0, lot.left, per_case)]
        first_case = self._cases + 1
        self._cases += len(counts)
        head = serial_uri(_CO_PACKER_CASE, f"{floor.region.letter}B")
        cases = [f"{head}{first_case + number:06d}" for number in range(len(counts))]
        self._co_packer.record_object(moment, "ADD", "commissioning", "active", epcs=cases)
        containers = []
        for number, (case, count) in enumerate(zip(cases, counts, strict=True)):
            at = moment + (number + 1) * 40 * SECOND
            self._co_packer.record_aggregation(
                at, "ADD", "packing", case, quantities=[lot.measure(count)]
            )
            container = Container(case, lot, count, at)
            floor.notebook.note_packed(container)
            containers.append(container)
        stacked = moment + (len(counts) + 2) * 40 * SECOND
        size = -(-len(containers) // _PALLETS)
        pallets = []
        for first in range(0, len(containers), size):
            pallet = Pallet(floor.numbering.sscc(CO_PACKER_PREFIX), stacked)
            pallet.put(containers[first : first + size])
            floor.notebook.note_pallet(pallet, stacked)
            self._co_packer.record_aggregation(
                stacked, "ADD", "packing", pallet.uri, pallet.children()
            )
            pallets.append(pallet)
        floor.at(floor.moment(floor.day_of(moment) + 1, 9.0), partial(self._send_home, pallets))

    def _send_home(self, pallets: list[Pallet], moment: int) -> None:
        floor = self._floor
        documents = [("desadv", floor.numbering.document(CO_PACKER_PREFIX, _RETURN_ADVICE))]
        source = (CO_PACKER.uri, floor.region.co_packer.uri)
        destination = (DAIRY.uri, floor.region.places["dispatch"].uri)
        uris = [pallet.uri for pallet in pallets]
        papers = trade_data(
            self._co_packer, documents=documents, source=source, destination=destination
        )
        self._co_packer.record_object(
            moment, "OBSERVE", "shipping", "in_transit", epcs=uris, more=papers
        )
        received = trade_data(
            self._dock, documents=documents, source=source, destination=destination
        )

        def receive(now: int) -> None:
            order = floor.order("WHS", now, "receive_butter", "warehouse")
            self._dock.record_object(
                now, "OBSERVE", "receiving", "in_progress", epcs=uris, more=received | order
            )
            for number, pallet in enumerate(pallets):
                self._cold_store.put(pallet, BUTTER, now + (number + 1) * 6 * MINUTE)

        floor.at(moment + floor.seconds(90 * 60, 150 * 60), receive)
