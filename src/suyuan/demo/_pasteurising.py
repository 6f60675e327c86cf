"""The pasteuriser: raw milk in, milk and cream out, run by run. 巴氏杀菌

Each run draws one lot from the silo and sends its milk to one tank, while the separator sends
the cream to the cream tank: two products of one run. Input first, outputs in three parts, all
under one `transformationID`. Every part carries temperature, pressure and flow.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from suyuan.demo._agenda import EventBody
from suyuan.demo._floor import Floor
from suyuan.demo._lots import Lot, Mixing
from suyuan.demo._maintenance import Maintenance
from suyuan.demo._products import DAIRY_PREFIX, YOGHURT_MILK
from suyuan.demo._stations import PREFIX, own_step, sensor_elements
from suyuan.demo._tanks import BATCH_RECORD, Tanks
from suyuan.demo._times import MINUTE, SECOND

__all__ = ["KILOGRAMS_A_DAY", "Pasteuriser"]

KILOGRAMS_A_DAY = 2300  # what the farms bring at activity 1
_PARTS = 3
_PART_TAKES = 6 * MINUTE
_GRAMS_MIN = 20_000
_WASTE_SHARE = 0.002

# Hour, destination, share of the day's milk (1 means the rest), share that becomes cream.
_RUNS = (
    (6.0, "whole", 0.11, 0.03),
    (7.17, "whole", 0.11, 0.03),
    (9.34, "whole", 0.13, 0.03),
    (10.5, "plain", 0.10, 0.02),
    (11.67, "low_fat", 0.12, 0.07),
    (13.34, "fruit", 0.12, 0.02),
    (14.5, "low_fat", 0.13, 0.07),
    (15.67, "low_fat", 1.0, 0.07),
)
_LAST_WHOLE, _LAST_LOW_FAT = 2, 7
_MISRECORDED_RUN = 5


@dataclass(slots=True)
class _Run:
    """One run while it goes on."""

    number: int
    mixing: Mixing
    batch_record: str
    destination: Lot
    milk: int
    cream: int
    order: dict[str, object]
    part: int = 0


class Pasteuriser:
    """The pasteuriser with its separator."""

    def __init__(self, floor: Floor, tanks: Tanks, maintenance: Maintenance) -> None:
        self._floor = floor
        self._tanks = tanks
        self._maintenance = maintenance
        self._station = floor.station("pasteuriser", "pasteuriser")
        self._sensor = floor.region.asset("PASTEURISER-T1")
        self.yoghurt_milk: dict[str, Lot] = {}

    def morning(self, moment: int) -> None:
        """Plan the day's runs."""
        floor = self._floor
        day = floor.day_of(moment)
        self.yoghurt_milk = {}
        for number, (hour, *_) in enumerate(_RUNS):
            start = floor.moment(day, hour) + floor.seconds(0, 120)
            floor.at(start, partial(self._start, number))

    def _start(self, number: int, moment: int) -> None:
        floor = self._floor
        silo = self._tanks.silo
        assert silo is not None
        _, target, share, cream_share = _RUNS[number]
        wanted = int(share * KILOGRAMS_A_DAY * floor.activity) * 1000
        grams = silo.grams - silo.grams % 1000 if share == 1.0 else min(wanted, silo.grams)
        if grams < _GRAMS_MIN * min(1.0, floor.activity):
            self._finish_tank(number)
            return
        drawn = silo.draw(grams, moment)
        mixing = Mixing()
        order = floor.order("PAST", moment, "pasteurise", "pasteuriser")
        batch_record = floor.numbering.document(DAIRY_PREFIX, BATCH_RECORD)
        measure = mixing.pour(drawn, grams, moment)
        started = moment + 30 * SECOND
        if number == _MISRECORDED_RUN and floor.day_of(moment) == floor.plan.contamination:
            self._misrecord(mixing, measure, batch_record, order, started)
        else:
            self._station.record_transformation(
                started,
                own_step("pasteurising"),
                inputs=[measure],
                transformation=batch_record,
                more=order,
            )
        cream, waste = int(grams * cream_share), int(grams * _WASTE_SHARE)
        destination = self._destination(target, moment)
        run = _Run(number, mixing, batch_record, destination, grams - cream - waste, cream, order)
        floor.at(started + _PART_TAKES, partial(self._flow, run))

    def _destination(self, target: str, moment: int) -> Lot:
        floor = self._floor
        if target in ("plain", "fruit"):
            sequence = 1 if target == "plain" else 2
            lot = Lot(YOGHURT_MILK, floor.lot_number(moment, sequence))
            floor.notebook.note_lot(lot, moment)
            tank = floor.region.equipment[f"fermenter_{sequence}"]
            floor.notebook.note_tank(tank.uri, lot, moment)
            self.yoghurt_milk[target] = lot
            return lot
        lot_or_none = self._tanks.whole if target == "whole" else self._tanks.low_fat
        assert lot_or_none is not None
        return lot_or_none

    def _flow(self, run: _Run, moment: int) -> None:
        """Let a third of the run come out; with the last third, the rinse."""
        tanks = self._tanks
        assert tanks.cream is not None
        assert tanks.waste is not None
        run.part += 1
        is_last = run.part == _PARTS
        milk = run.milk - run.milk // _PARTS * (_PARTS - 1) if is_last else run.milk // _PARTS
        cream = run.cream - run.cream // _PARTS * (_PARTS - 1) if is_last else run.cream // _PARTS
        outputs = [
            run.mixing.draw(run.destination, milk, moment),
            run.mixing.draw(tanks.cream, cream, moment),
        ]
        if is_last and run.mixing.grams:
            outputs.append(run.mixing.draw(tanks.waste, run.mixing.grams, moment))
        self._station.record_transformation(
            moment,
            own_step("pasteurising"),
            outputs=outputs,
            transformation=run.batch_record,
            disposition="in_progress",
            more=run.order | self._readings(moment),
        )
        if is_last:
            self._finish_tank(run.number)
        else:
            self._floor.at(moment + _PART_TAKES, partial(self._flow, run))

    def _finish_tank(self, number: int) -> None:
        if number == _LAST_WHOLE:
            self._tanks.whole_is_filling = False
        elif number == _LAST_LOW_FAT:
            self._tanks.low_fat_is_filling = False

    def _readings(self, moment: int) -> dict[str, object]:
        floor = self._floor
        temperature = floor.tenths(724, 752)
        data = sensor_elements(
            self._sensor,
            self._station.time_text(moment),
            [
                ("Temperature", temperature, "CEL"),
                ("Pressure", Decimal(floor.whole(240, 290)) / 100, "BAR"),
                ("VolumeFlowRate", Decimal(floor.whole(960, 1040)) / 1000, "MQH"),
            ],
        )
        data[f"{PREFIX}:parameter"] = [
            {f"{PREFIX}:name": "set_point", f"{PREFIX}:value": 73, f"{PREFIX}:uom": "CEL"},
            {f"{PREFIX}:name": "holding_time", f"{PREFIX}:value": 18, f"{PREFIX}:uom": "SEC"},
        ]
        return data

    def _misrecord(
        self,
        mixing: Mixing,
        measure: dict[str, object],
        batch_record: str,
        order: dict[str, object],
        moment: int,
    ) -> None:
        """Scan the label of the morning's first draw instead of this one; correct it next day."""
        floor = self._floor
        silo = self._tanks.silo
        assert silo is not None
        assert silo.first_draw is not None
        wrong = {**measure, "epcClass": silo.first_draw.uri}
        event = self._station.record_transformation(
            moment,
            own_step("pasteurising"),
            inputs=[wrong],
            transformation=batch_record,
            more=order | {"eventID": self._station.uuid()},
        )
        floor.notebook.hidden.append(mixing)
        floor.at(
            floor.moment(floor.plan.correction, 9.2),
            partial(self._correct, event, measure),
        )

    def _correct(self, event: EventBody, measure: dict[str, object], moment: int) -> None:
        """Declare the wrong record in error and make the right one."""
        right_id = self._station.uuid()
        self._station.declare_error(event, moment, "incorrect_data", [right_id])
        right = {**event, "eventID": right_id, "inputQuantityList": [measure]}
        self._station.send(right, moment + 20 * SECOND)
        self._floor.notebook.corrected_at = moment + 20 * SECOND
