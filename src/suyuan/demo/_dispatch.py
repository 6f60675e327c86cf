"""Dispatch: pallets onto lorries before dawn, and what the lorry's sensor says on the way. 发货"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from suyuan.demo._cold_store import ColdStore
from suyuan.demo._containers import Pallet
from suyuan.demo._distribution import DistributionCentre
from suyuan.demo._floor import Floor
from suyuan.demo._maintenance import Maintenance
from suyuan.demo._places import CARRIER, CARRIER_PREFIX, DAIRY
from suyuan.demo._products import DAIRY_PREFIX
from suyuan.demo._stations import sensor_elements, trade_data
from suyuan.demo._times import MINUTE

__all__ = ["Dispatch"]

_ON_A_LORRY = 16
_ORDER, _ADVICE = 1, 2
_WARM_CENTRE = 1
_READING_EVERY = 20 * MINUTE
# Invented stops on the way; the record holds where a reading was taken, as a geo URI.
_ROUTE = (
    "30.412,112.305",
    "30.447,112.361",
    "30.471,112.440",
    "30.502,112.518",
    "30.538,112.590",
    "30.561,112.655",
    "30.590,112.701",
    "30.611,112.744",
)
_WARM_TENTHS = (46, 71, 94, 108, 115, 97, 62, 48)


class Dispatch:
    """The dock, and the two lorries, one for each distribution centre."""

    def __init__(
        self,
        floor: Floor,
        cold_store: ColdStore,
        centres: Sequence[DistributionCentre],
        maintenance: Maintenance,
    ) -> None:
        self._floor = floor
        self._cold_store = cold_store
        self._centres = centres
        self._maintenance = maintenance
        self._dock = floor.station("dispatch")
        self._road = floor.station("dispatch", has_location=False)
        self._turn = 0

    def morning(self, moment: int) -> None:
        """Load at half past three."""
        floor = self._floor
        floor.at(floor.moment(floor.day_of(moment), 3.5), self._load_all)

    def _load_all(self, moment: int) -> None:
        pallets = self._cold_store.take_for_dispatch(moment)
        shares: tuple[list[Pallet], list[Pallet]] = ([], [])
        for pallet in pallets:
            shares[self._turn % 2].append(pallet)
            self._turn += 1
        for number, share in enumerate(shares):
            for trip, first in enumerate(range(0, len(share), _ON_A_LORRY)):
                at = moment + number * 9 * MINUTE + trip * 240 * MINUTE
                part = share[first : first + _ON_A_LORRY]
                self._floor.at(at, partial(self._load, number, part))

    def _load(self, number: int, pallets: list[Pallet], moment: int) -> None:
        """Pick, stage, load and ship; the papers are an order and a despatch advice."""
        floor = self._floor
        centre = self._centres[number]
        lorry = floor.region.equipment[f"lorry_{number + 1}"].uri
        uris = [pallet.uri for pallet in pallets]
        documents = (
            ("po", floor.numbering.document(CARRIER_PREFIX, _ORDER)),
            ("desadv", floor.numbering.document(DAIRY_PREFIX, _ADVICE)),
        )
        source = (DAIRY.uri, floor.region.places["dispatch"].uri)
        destination = (CARRIER.uri, centre.place.uri)
        papers = trade_data(self._dock, documents=documents, source=source, destination=destination)
        order = floor.order("SHIP", moment, "load_lorry", "warehouse")
        dock = self._dock
        dock.record_object(moment, "OBSERVE", "picking", "in_progress", epcs=uris, more=order)
        dock.record_transaction(
            moment + 4 * MINUTE,
            "staging_outbound",
            "in_progress",
            uris,
            more=order | {"bizTransactionList": papers["bizTransactionList"]},
        )
        dock.record_aggregation(
            moment + 14 * MINUTE,
            "ADD",
            "loading",
            lorry,
            uris,
            disposition="in_progress",
            more=order,
        )
        left = moment + 20 * MINUTE
        dock.record_object(
            left, "OBSERVE", "shipping", "in_transit", epcs=uris, more=papers | order
        )
        floor.notebook.note_loaded(lorry, pallets, left)
        is_warm = floor.day_of(moment) == floor.plan.cold_chain and number == _WARM_CENTRE
        if is_warm:
            self._warm_first(pallets)
        arrival = left + len(_ROUTE) * _READING_EVERY + floor.seconds(0, 600)
        self._drive(number, left, is_warm=is_warm)
        received = trade_data(
            centre.station, documents=documents, source=source, destination=destination
        )

        def arrive(now: int) -> None:
            # One moment for both: the tail lift goes down and the centre's scanner beeps.
            self._road.record_aggregation(
                now,
                "DELETE",
                "unloading",
                lorry,
                uris,
                more={"readPoint": {"id": centre.place.uri}},
            )
            centre.receive(pallets, now, received, refused=is_warm)

        floor.at(arrival, arrive)

    def _warm_first(self, pallets: list[Pallet]) -> None:
        """Put a pallet of milk at the rear door, where the warmth comes in."""
        pallets.sort(key=lambda pallet: not any(c.cartons for c in pallet.containers))
        self._floor.story.note("cold_chain_pallet", pallets[0].uri)
        self._floor.story.note("truck", self._floor.region.equipment["lorry_2"].uri)

    def _drive(self, number: int, left: int, *, is_warm: bool) -> None:
        floor = self._floor
        key = f"lorry_{number + 1}"
        for place, stop in enumerate(_ROUTE):
            at = left + (place + 1) * _READING_EVERY - 2 * MINUTE
            temperature = Decimal(_WARM_TENTHS[place]) / 10 if is_warm else floor.tenths(24, 48)
            more = sensor_elements(
                self._maintenance.sensor(key),
                self._dock.time_text(at),
                [("Temperature", temperature, "CEL")],
                alarm=temperature > 6,
            )
            more["readPoint"] = {"id": f"geo:{stop}"}
            self._road.record_object(
                at,
                "OBSERVE",
                "transporting",
                "in_transit",
                epcs=[floor.region.equipment[key].uri],
                more=more,
            )
