"""The distribution centre: pallets in, mixed loads for the shops out, the same day. 配送中心

Its own system writes EPC URNs and sends everything to the record once a night, so a shop's
receipt is often known before the shipment it answers.
"""

from __future__ import annotations

from collections.abc import Sequence

from suyuan.demo._agenda import EventBody
from suyuan.demo._containers import Container, Pallet
from suyuan.demo._floor import Floor
from suyuan.demo._places import CARRIER, CARRIER_PREFIX, Place
from suyuan.demo._products import PLAIN_YOGHURT, WHOLE_MILK
from suyuan.demo._returns import REWORK_EVERY_DAYS, Returns
from suyuan.demo._shops import ShopFloor
from suyuan.demo._stations import trade_data
from suyuan.demo._times import MINUTE, SECOND

__all__ = ["DistributionCentre"]

_LOAD_MAX = 60
_CRATES_SENT_BACK = 2
_REPEATED_SHARE = 1 / 12
_LOST_LOAD_SHOP = 3
_SHOP_ORDER, _SHOP_ADVICE = 1, 2


class DistributionCentre:
    """One distribution centre with the shops it serves."""

    def __init__(
        self,
        floor: Floor,
        place: Place,
        number: int,
        shops: Sequence[ShopFloor],
        returns: Returns,
    ) -> None:
        self._floor = floor
        self.place = place
        self._number = number
        self._shops = shops
        self._returns = returns
        self.station = floor.partner(place.uri, uploads_nightly=True)
        self._pallets: list[Pallet] = []
        self._whole: list[Pallet] = []
        self._stock: list[Container] = []

    def morning(self, moment: int) -> None:
        """Plan the day."""
        floor = self._floor
        day = floor.day_of(moment)
        floor.at(floor.moment(day, 8.5), self._unpack)
        if self._sends_back(day):
            floor.at(floor.moment(day, 12.4), self._send_crates_back)
        floor.at(floor.moment(day, 12.9), self._build_loads)

    def _sends_back(self, day: int) -> bool:
        plan_day = self._floor.plan.crates_returned
        return day > 1 and (day - plan_day) % REWORK_EVERY_DAYS == 0

    def receive(
        self, pallets: list[Pallet], moment: int, more: dict[str, object], *, refused: bool = False
    ) -> None:
        """Receive what a lorry brings; where it got warm, refuse the first pallet."""
        floor = self._floor
        event = self.station.record_object(
            moment,
            "OBSERVE",
            "receiving",
            "in_progress",
            epcs=[pallet.uri for pallet in pallets],
            more=more,
        )
        self._repeat(event, moment)
        for pallet in pallets:
            floor.notebook.note_received("centre", self.place.uri, pallet, moment)
        if refused:
            warm, *pallets = pallets
            self._refuse(warm, moment + 25 * MINUTE)
        self._pallets += pallets

    def _repeat(self, event: EventBody, moment: int) -> None:
        """Send an event a second time, as systems do when they were not sure."""
        if self._floor.happens(_REPEATED_SHARE):
            self.station.send(dict(event), moment)

    def _refuse(self, pallet: Pallet, moment: int) -> None:
        floor = self._floor
        here = (CARRIER.uri, self.place.uri)
        sent, received = self._returns.authorise(self.station, here, moment)
        self.station.record_object(
            moment, "OBSERVE", "inspecting", "non_conformant", epcs=[pallet.uri]
        )
        self.station.record_object(
            moment + 90 * MINUTE, "OBSERVE", "shipping", "returned", epcs=[pallet.uri], more=sent
        )
        floor.at(
            moment + 180 * MINUTE + floor.seconds(0, 900),
            lambda now: self._returns.receive_pallet(pallet, now, received),
        )

    def _unpack(self, moment: int) -> None:
        """Send one pallet on as it is to the largest shop, take the others apart."""
        pallets, self._pallets = self._pallets, []
        self._whole = pallets[:1]
        for place, pallet in enumerate(pallets[1:]):
            at = moment + place * 9 * MINUTE
            self.station.record_aggregation(
                at, "DELETE", "unpacking", pallet.uri, pallet.children()
            )
            self._stock += pallet.containers
            pallet.containers = []

    def _send_crates_back(self, moment: int) -> None:
        """Send unsold fruit yoghurt back for rework, in its crates."""
        floor = self._floor
        crates = [c for c in self._stock if c.is_crate and not c.lot.holds_rework]
        if floor.day_of(moment) == floor.plan.crates_returned:
            crates.sort(key=lambda container: not container.is_affected)
        back = crates[:_CRATES_SENT_BACK]
        if not back:
            return
        for container in back:
            self._stock.remove(container)
        here = (CARRIER.uri, self.place.uri)
        sent, received = self._returns.authorise(self.station, here, moment)
        self.station.record_object(
            moment,
            "OBSERVE",
            "shipping",
            "returned",
            epcs=[container.uri for container in back],
            more=sent,
        )
        floor.at(
            moment + 180 * MINUTE + floor.seconds(0, 900),
            lambda now: self._returns.receive(back, now, received, for_rework=True),
        )

    def _build_loads(self, moment: int) -> None:
        """Stack a mixed load for each shop, and send it."""
        for pallet in self._whole:
            self._ship(pallet, self._shops[0], moment + 70 * MINUTE, is_lost=False)
        self._whole = []
        floor = self._floor
        others = self._shops[1:]
        share = min(_LOAD_MAX, -(-len(self._stock) // len(others))) if self._stock else 0
        for place, shop in enumerate(others, start=1):
            containers = self._choose(shop, share)
            if not containers:
                continue
            at = moment + place * 11 * MINUTE
            load = Pallet(floor.numbering.sscc(CARRIER_PREFIX), at)
            load.put(containers)
            floor.notebook.note_pallet(load, at)
            self.station.record_aggregation(
                at, "ADD", "packing", load.uri, load.children(), disposition="in_progress"
            )
            is_lost = (
                floor.day_of(moment) == floor.plan.lost_load
                and self._number == 0
                and place == _LOST_LOAD_SHOP
            )
            self._ship(load, shop, at + 40 * MINUTE, is_lost=is_lost)

    def _choose(self, shop: ShopFloor, share: int) -> list[Container]:
        """Take a shop's share off the stock, of what the shop sells."""
        if shop.shop.sells_plain_only:
            plain = (WHOLE_MILK, PLAIN_YOGHURT)
            chosen = [c for c in self._stock if c.lot.product in plain][:share]
            taken = set(map(id, chosen))
            self._stock = [c for c in self._stock if id(c) not in taken]
            return chosen
        chosen, self._stock = self._stock[:share], self._stock[share:]
        return chosen

    def _ship(self, load: Pallet, shop: ShopFloor, moment: int, *, is_lost: bool) -> None:
        floor = self._floor
        chain, place = shop.shop.company, shop.shop.place
        documents = (
            ("po", floor.numbering.document(chain.prefix, _SHOP_ORDER)),
            ("desadv", floor.numbering.document(CARRIER_PREFIX, _SHOP_ADVICE)),
        )
        papers = trade_data(
            self.station,
            documents=documents,
            source=(CARRIER.uri, self.place.uri),
            destination=(chain.uri, place.uri),
        )
        self.station.record_object(
            moment, "OBSERVE", "shipping", "in_transit", epcs=[load.uri], more=papers
        )
        if is_lost:
            floor.story.note("lost_load", load.uri)
            return
        arrival = moment + floor.seconds(50 * 60, 150 * 60) + SECOND
        floor.at(arrival, lambda now: shop.receive(load, now, papers))
