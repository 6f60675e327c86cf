"""Milk from the farms: collected, driven in, tested, poured into the silo. 牧场与收奶

Two tankers make three rounds a day. A tanker has compartments, so each farm's milk stays a lot
of its own until it goes into the silo. Every farm numbers its lots by day and round; so the
same number stands on the milk of several farms, and only with the product is it a name.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from suyuan.demo._floor import Floor
from suyuan.demo._incidents import CONTAMINATED_FARM, REFUSED_FARM
from suyuan.demo._laboratory import SAMPLE_GRAMS, Laboratory
from suyuan.demo._lots import Lot
from suyuan.demo._maintenance import Maintenance
from suyuan.demo._places import DAIRY, Farm
from suyuan.demo._stations import Station, carton_lot_data, sensor_elements, trade_data
from suyuan.demo._tanks import Tanks
from suyuan.demo._times import DAY, MINUTE, SECOND, day_code, day_text

__all__ = ["FarmRounds"]

COLLECTION_NOTE = 2
# Farms of each round, tanker, hour of the first collection, hour of arrival at the gate.
_ROUNDS = (
    ((0, 1, 2, 3), "tanker_1", 3.2, 4.9),
    ((4, 5, 6), "tanker_2", 6.8, 8.3),
    ((7, 8, 9), "tanker_1", 10.6, 12.1),
)
# What each farm gives on an ordinary day at activity 1, in kilograms.
_FARM_KILOGRAMS = (280, 210, 190, 240, 230, 250, 180, 220, 260, 240)


@dataclass(slots=True)
class _Delivery:
    """One farm's milk in one compartment."""

    farm: Farm
    number: int
    lot: Lot
    note: str
    bottle: str = ""
    is_refused: bool = False


class FarmRounds:
    """The tankers' rounds, and the gate at which they arrive."""

    def __init__(
        self, floor: Floor, tanks: Tanks, laboratory: Laboratory, maintenance: Maintenance
    ) -> None:
        self._floor = floor
        self._maintenance = maintenance
        self._tanks = tanks
        self._laboratory = laboratory
        self._gate = floor.station("reception")
        self._phones = [
            Station(
                floor.outbox,
                floor.random,
                read_point=farm.place.uri,
                location=farm.place.uri,
            )
            for farm in floor.region.farms
        ]

    def morning(self, moment: int) -> None:
        """Send the tankers out."""
        floor = self._floor
        day = floor.day_of(moment)
        for number, (farms, tanker, first, arrival) in enumerate(_ROUNDS):
            load: list[_Delivery] = []
            reach = floor.moment(day, arrival) + floor.seconds(0, 600)
            for place, farm in enumerate(farms):
                collect = floor.moment(day, first) + place * 20 * MINUTE + floor.seconds(0, 480)
                floor.at(
                    collect,
                    partial(self._collect, farm, number, tanker, load, reach),
                )
            floor.at(
                reach,
                partial(self._arrive, tanker, load),
            )

    def _collect(
        self,
        number: int,
        round_number: int,
        tanker: str,
        load: list[_Delivery],
        reach: int,
        moment: int,
    ) -> None:
        """Take a farm's milk in; the phone has no network there and sends later."""
        floor = self._floor
        farm = floor.region.farms[number]
        lot = Lot(
            farm.product,
            f"{day_code(moment)}-{round_number + 1}",
            expiry=day_text(moment, farm.product.shelf_life_days),
        )
        grams = int(
            _FARM_KILOGRAMS[number] * floor.activity * (0.93 + 0.14 * floor.random.random())
        )
        amount = max(grams, 20) * 1000 + floor.whole(0, 9) * 100
        lot.add(amount)
        delivery = _Delivery(
            farm, number, lot, floor.numbering.document(farm.company.prefix, COLLECTION_NOTE)
        )
        load.append(delivery)
        self._plant_incidents(delivery, tanker, moment)
        self._record_collection(delivery, tanker, moment, self._upload(delivery, reach, moment))

    def _upload(self, delivery: _Delivery, reach: int, moment: int) -> int:
        floor = self._floor
        if floor.day_of(moment) == floor.plan.forgotten_phone and delivery.number == 0:
            floor.story.note("late_collection", delivery.lot.uri)
            return moment + 2 * DAY
        return reach + floor.seconds(60, 900)

    def _record_collection(
        self, delivery: _Delivery, tanker: str, moment: int, upload: int
    ) -> None:
        floor = self._floor
        phone = self._phones[delivery.number]
        lot = delivery.lot
        vehicle = floor.region.equipment[tanker].uri
        measure = lot.measure(lot.left)
        order = floor.order("MILK", moment, "collect_milk", "driver")
        more = order | carton_lot_data(lot.number, lot.expiry)
        if delivery.farm.is_organic:
            more["certificationInfo"] = ["https://certificates.example/organic/" + lot.number[:2]]
        phone.record_object(
            moment,
            "ADD",
            "commissioning",
            "active",
            quantities=[measure],
            more=more,
            arrival=upload,
        )
        more = order | trade_data(
            phone,
            documents=[("desadv", delivery.note)],
            source=(delivery.farm.company.uri, delivery.farm.place.uri),
            destination=(DAIRY.uri, floor.region.places["reception"].uri),
        )
        more |= sensor_elements(
            self._maintenance.sensor(tanker),
            phone.time_text(moment),
            [("Temperature", floor.tenths(32, 46), "CEL")],
        )
        phone.record_aggregation(
            moment + 4 * MINUTE,
            "ADD",
            "loading",
            vehicle,
            quantities=[measure],
            disposition="in_transit",
            more=more,
            arrival=upload + SECOND,
        )

    def _plant_incidents(self, delivery: _Delivery, tanker: str, moment: int) -> None:
        """Let this be the contaminated milk, its twin, or the milk that is refused."""
        floor = self._floor
        day = floor.day_of(moment)
        lot = delivery.lot
        if day == floor.plan.contamination and delivery.number == CONTAMINATED_FARM:
            lot.reached_at = moment
            lot.contaminated_mg = float(lot.left * 1000)
            floor.notebook.raw_lot = lot
            floor.notebook.farm = delivery.farm.company.uri
            floor.notebook.tanker = floor.region.equipment[tanker].uri
            floor.story.note("contaminated_lot", lot.uri)
        elif day == floor.plan.contamination and delivery.number == CONTAMINATED_FARM + 1:
            floor.notebook.clean_twins.append(lot)
            floor.story.note("twin_lot", lot.uri)
        if day == floor.plan.refused_delivery and delivery.number == REFUSED_FARM:
            delivery.is_refused = True
            floor.story.note("refused_lot", lot.uri)
        elif day > 0 and floor.happens(1 / 400) and day != floor.plan.contamination:
            delivery.is_refused = True

    def _arrive(self, tanker: str, load: list[_Delivery], moment: int) -> None:
        """Receive the tanker: sample and test each compartment before it is opened."""
        floor = self._floor
        place = floor.region.places["reception"]
        for place_number, delivery in enumerate(load):
            at = moment + place_number * 4 * MINUTE
            lot = delivery.lot
            order = floor.order("MILK", at, "receive_milk", "reception")
            more = order | trade_data(
                self._gate,
                documents=[("desadv", delivery.note)],
                source=(delivery.farm.company.uri, delivery.farm.place.uri),
                destination=(DAIRY.uri, place.uri),
            )
            self._gate.record_object(
                at,
                "OBSERVE",
                "receiving",
                "in_progress",
                quantities=[lot.measure(lot.left)],
                more=more,
            )
        floor.at(
            moment + 14 * MINUTE,
            partial(self._test, tanker, load),
        )

    def _test(self, tanker: str, load: list[_Delivery], moment: int) -> None:
        floor = self._floor
        for place_number, delivery in enumerate(load):
            at = moment + place_number * 45 * SECOND
            lot = delivery.lot
            assert lot.left > SAMPLE_GRAMS
            # What the bottle takes is out of the compartment, or half a kilogram would stay
            # on the tanker for ever.
            self._gate.record_aggregation(
                at - 5 * SECOND,
                "DELETE",
                "sampling",
                floor.region.equipment[tanker].uri,
                quantities=[lot.measure(SAMPLE_GRAMS)],
                more=floor.order("LAB", at, "draw_sample", "reception"),
            )
            delivery.bottle = self._laboratory.sample_milk(lot, at)
            self._laboratory.quick_test(
                delivery.bottle, lot, at + 9 * MINUTE, is_clean=not delivery.is_refused
            )
            if lot is floor.notebook.raw_lot:
                self._laboratory.expect_listeria(delivery.bottle, lot)
            elif not delivery.is_refused:
                self._laboratory.culture(delivery.bottle, lot, at)
            floor.at(
                moment + (15 + place_number * 7) * MINUTE,
                partial(self._unload, tanker, delivery),
            )

    def _unload(self, tanker: str, delivery: _Delivery, moment: int) -> None:
        """Open the compartment: into the silo, or, where the test said no, away."""
        floor = self._floor
        lot = delivery.lot
        assert self._tanks.silo is not None
        order = floor.order("MILK", moment, "unload_milk", "reception")
        self._gate.record_aggregation(
            moment,
            "DELETE",
            "unloading",
            floor.region.equipment[tanker].uri,
            quantities=[lot.measure(lot.left)],
            more=order,
        )
        if delivery.is_refused:
            self._gate.record_object(
                moment + 3 * MINUTE,
                "DELETE",
                "destroying",
                "disposed",
                quantities=[lot.measure(lot.left)],
                more=order,
            )
            lot.take(lot.left)
        else:
            # The same moment: the compartment is open and the milk runs.
            self._tanks.silo.top_up(lot, moment)
