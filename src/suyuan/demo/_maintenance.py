"""Sensors and parts: what is fixed to what, what is replaced, and what the sensors say. 维护

A reading names its sensor; the AssociationEvents say on which tank or lorry that sensor sat at
the time. When a sensor is replaced, older readings go on belonging to the old one.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from suyuan.demo._floor import Floor
from suyuan.demo._stations import sensor_elements
from suyuan.demo._times import HOUR, MINUTE

__all__ = ["Maintenance"]

# Equipment, where it is read, lowest and highest temperature in tenths of a degree Celsius.
_WATCHED = (
    ("silo_1", "tank_farm", 25, 45),
    ("silo_2", "tank_farm", 25, 45),
    ("tank_whole", "tank_farm", 20, 40),
    ("tank_low_fat", "tank_farm", 20, 40),
    ("tank_cream", "tank_farm", 30, 55),
    ("fermenter_1", "fermentation", 390, 425),
    ("fermenter_2", "fermentation", 390, 425),
    ("cold_room", "cold_store", 15, 42),
)
_VEHICLES = ("tanker_1", "tanker_2", "lorry_1", "lorry_2")
_READING_EVERY_HOURS = 3
_NOZZLE_EVERY_DAYS = 9
_FERMENTING_FROM = 15


class Maintenance:
    """The technicians, and the sensors they look after."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        region = floor.region
        self._workshop = floor.station("processing")
        self._stations = {key: floor.station(place, key) for key, place, _, _ in _WATCHED}
        self._sensors = {
            key: region.asset(f"T{number + 1:03d}")
            for number, key in enumerate((*(key for key, *_ in _WATCHED), *_VEHICLES))
        }
        self._next_sensor = len(self._sensors) + 1
        self._nozzle = 0

    def sensor(self, key: str) -> str:
        """Name the temperature sensor that sits on a piece of equipment now."""
        return self._sensors[key]

    def morning(self, moment: int) -> None:
        """Fix the sensors on the first day, read them every few hours on all."""
        floor = self._floor
        day = floor.day_of(moment)
        if day == 0:
            for place, (key, sensor) in enumerate(self._sensors.items()):
                self._fix(key, sensor, moment + place * 2 * MINUTE)
        for hour in range(1, 24, _READING_EVERY_HOURS):
            floor.at(floor.moment(day, hour), self._read)
        if day % _NOZZLE_EVERY_DAYS == 1:
            floor.at(floor.moment(day, 22.5), self._replace_nozzle)
        if day == floor.plan.sensor_replaced:
            floor.at(floor.moment(day, 13.5), partial(self.replace_sensor, "lorry_2"))

    def _fix(self, key: str, sensor: str, moment: int) -> None:
        more = self._floor.order("MNT", moment, "install_sensor", "maintenance")
        self._workshop.record_association(
            moment, "ADD", "installing", self._floor.region.equipment[key].uri, [sensor], more=more
        )

    def replace_sensor(self, key: str, moment: int) -> None:
        """Take the old sensor off and put a new one on."""
        floor = self._floor
        more = floor.order("MNT", moment, "replace_sensor", "maintenance")
        self._workshop.record_association(
            moment,
            "DELETE",
            "removing",
            floor.region.equipment[key].uri,
            [self._sensors[key]],
            more=more,
        )
        self._sensors[key] = floor.region.asset(f"T{self._next_sensor:03d}")
        self._next_sensor += 1
        self._fix(key, self._sensors[key], moment + 12 * MINUTE)

    def _replace_nozzle(self, moment: int) -> None:
        """Replace the filling nozzle, a wearing part with a number of its own."""
        floor = self._floor
        filler = floor.region.equipment["carton_filler"].uri
        more = floor.order("MNT", moment, "replace_nozzle", "maintenance")
        if self._nozzle:
            self._workshop.record_association(
                moment,
                "DELETE",
                "removing",
                filler,
                [floor.region.asset(f"NOZZLE{self._nozzle:03d}")],
                more=more,
            )
        self._nozzle += 1
        self._workshop.record_association(
            moment + 6 * MINUTE,
            "ADD",
            "replacing",
            filler,
            [floor.region.asset(f"NOZZLE{self._nozzle:03d}")],
            more=more,
        )

    def _read(self, moment: int) -> None:
        """Read all fixed sensors; they answer at the same moment."""
        floor = self._floor
        hour = (moment - floor.start) // HOUR % 24
        humidity = Decimal(floor.whole(820, 930)) / 10
        for key, _, low, high in _WATCHED:
            if key.startswith("fermenter") and hour < _FERMENTING_FROM:
                continue  # empty and cold
            reports: list[tuple[str, int | Decimal, str]] = [
                ("Temperature", floor.tenths(low, high), "CEL")
            ]
            if key == "cold_room":
                reports.append(("RelativeHumidity", humidity, "P1"))
            station = self._stations[key]
            station.record_object(
                moment,
                "OBSERVE",
                "sensor_reporting",
                epcs=[floor.region.equipment[key].uri],
                more=sensor_elements(self._sensors[key], station.time_text(moment), reports),
            )
