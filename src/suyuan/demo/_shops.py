"""The shops: receive, unpack, sell, send empties and bad goods back. 门店

One chain scans every carton at the checkout, the other does not; so some cartons have a story
to the last minute, and some end inside a case that was never opened in the record.
"""

from __future__ import annotations

from functools import partial

from suyuan.demo._containers import Container, Pallet
from suyuan.demo._crates import CratePool
from suyuan.demo._floor import Floor
from suyuan.demo._places import Shop
from suyuan.demo._returns import Returns
from suyuan.demo._times import DAY, HOUR, MINUTE

__all__ = ["ShopFloor"]

_SENT_BACK_SHARE = 0.008
_EMPTIES_EVERY_DAYS = 2


class ShopFloor:
    """One shop."""

    def __init__(
        self, floor: Floor, shop: Shop, number: int, returns: Returns, crates: CratePool
    ) -> None:
        self._floor = floor
        self.shop = shop
        self._number = number
        self._returns = returns
        self._crates = crates
        self._station = floor.partner(shop.place.uri)
        self._empties: list[str] = []
        self._bad: list[Container] = []

    def morning(self, moment: int) -> None:
        """Send empties and bad goods back every other day."""
        floor = self._floor
        day = floor.day_of(moment)
        if (day + self._number) % _EMPTIES_EVERY_DAYS == 0:
            floor.at(floor.moment(day, 5.3) + self._number * 4 * MINUTE, self._send_back)

    def receive(self, load: Pallet, moment: int, more: dict[str, object]) -> None:
        """Receive a load; unpack it the next morning."""
        floor = self._floor
        self._station.record_object(
            moment, "OBSERVE", "receiving", "in_progress", epcs=[load.uri], more=more
        )
        floor.notebook.note_received("shop", self.shop.place.uri, load, moment)
        unpack = floor.moment(floor.day_of(moment) + 1, 6.3) + floor.seconds(0, 2400)
        floor.at(unpack, partial(self._unpack, load))

    def _unpack(self, load: Pallet, moment: int) -> None:
        """Take everything off; nobody scans each case, so the record says just: all of it."""
        floor = self._floor
        self._station.record_aggregation(moment, "DELETE", "unpacking", load.uri)
        for container in load.containers:
            days = floor.whole(0, 2)
            opening = moment + days * DAY + floor.seconds(2 * 3600, 12 * 3600)
            floor.at(opening, partial(self._open, container))
        load.containers = []

    def _open(self, container: Container, moment: int) -> None:
        """Open a case or a crate, sell what is in it, keep the empty crate."""
        floor = self._floor
        if floor.happens(_SENT_BACK_SHARE):
            self._bad.append(container)
            return
        if container.is_affected and len(container.cartons) == container.lot.product.per_case:
            floor.story.note("carton", container.cartons[0])
        if container.is_crate:
            self._station.record_aggregation(moment, "DELETE", "unpacking", container.uri)
            self._empties.append(container.uri)
            if container.is_affected:
                self._crates.remember(container.uri)
        elif self.shop.scans_cartons and container.cartons:
            self._station.record_aggregation(
                moment, "DELETE", "unpacking", container.uri, container.cartons
            )
            self._sell(container, moment)

    def _sell(self, container: Container, moment: int) -> None:
        """Sell the cartons of a case in two or three busy hours."""
        floor = self._floor
        cartons = container.cartons
        cut = floor.whole(3, len(cartons) - 1)
        for place, part in enumerate((cartons[:cut], cartons[cut:])):
            sold = moment + floor.seconds(600, 5400) + place * 2 * HOUR
            self._station.record_object(sold, "OBSERVE", "retail_selling", "retail_sold", epcs=part)

    def _send_back(self, moment: int) -> None:
        floor = self._floor
        here = (self.shop.company.uri, self.shop.place.uri)
        arrival = moment + floor.seconds(4 * 3600, 6 * 3600)
        if self._empties:
            empties, self._empties = self._empties, []
            sent, received = self._returns.authorise(self._station, here, moment)
            self._station.record_object(
                moment, "OBSERVE", "shipping", "returned", epcs=empties, more=sent
            )
            floor.at(arrival, lambda now: self._returns.receive_empties(empties, now, received))
        if self._bad:
            bad, self._bad = self._bad, []
            sent, goods_received = self._returns.authorise(self._station, here, moment)
            self._station.record_object(
                moment + 5 * MINUTE,
                "OBSERVE",
                "shipping",
                "returned",
                epcs=[container.uri for container in bad],
                more=sent,
            )
            floor.at(
                arrival + 10 * MINUTE,
                lambda now: self._returns.receive(bad, now, goods_received, for_rework=False),
            )
