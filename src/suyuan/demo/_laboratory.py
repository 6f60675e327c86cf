"""Samples, quick tests at the gate, and results that come days later. 化验室

A sample is a bottle with a number of its own, drawn from a lot: a small transformation, so the
bottle is in the genealogy and the balance like everything else.
"""

from __future__ import annotations

from functools import partial

from suyuan.demo._floor import Floor
from suyuan.demo._keys import serial_uri
from suyuan.demo._lots import Lot, Mixing
from suyuan.demo._products import DAIRY_PREFIX, SAMPLE_BOTTLE
from suyuan.demo._stations import PREFIX, sensor_elements
from suyuan.demo._times import DAY, HOUR, MINUTE

__all__ = ["SAMPLE_GRAMS", "Laboratory"]

SAMPLE_GRAMS = 500
TEST_RESULT = 5
_LISTERIA = "https://www.ncbi.nlm.nih.gov/taxonomy/1639"
_TOTAL_COUNT = "https://www.ncbi.nlm.nih.gov/taxonomy/2"


class Laboratory:
    """The laboratory, and the sampling points in the plant."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._bench = floor.station("laboratory", "incubator")
        self._gate = floor.station("reception")
        self._line = floor.station("filling")

    def sample_milk(self, lot: Lot, moment: int) -> str:
        """Draw a bottle from a delivery."""
        return self._draw(lot, SAMPLE_GRAMS, moment, at_gate=True)

    def sample_goods(self, lot: Lot, pieces: int, moment: int) -> None:
        """Draw pieces of a finished lot, test them, release the lot."""
        bottle = self._draw(lot, pieces, moment, at_gate=False)
        tested = moment + self._floor.seconds(40 * 60, 70 * 60)
        more = self._floor.order("LAB", tested, "release_test", "laboratory")
        self._bench.record_object(
            tested,
            "OBSERVE",
            "inspecting",
            "conformant",
            epcs=[bottle],
            quantities=[{"epcClass": lot.uri}],
            more=more | self._certificate("testres"),
        )

    def _draw(self, lot: Lot, amount: int, moment: int, *, at_gate: bool) -> str:
        floor = self._floor
        number = floor.numbering.next(DAIRY_PREFIX, -3)
        bottle = serial_uri(SAMPLE_BOTTLE.gtin, f"{floor.region.letter}{number:06d}")
        mixing = Mixing()
        drawn = mixing.pour(lot, amount, moment)
        role = "reception" if at_gate else "filling"
        (self._gate if at_gate else self._line).record_transformation(
            moment,
            "sampling",
            inputs=[drawn],
            output_epcs=[bottle],
            disposition="active",
            more=floor.order("LAB", moment, "draw_sample", role),
        )
        floor.notebook.note_sample(bottle, lot, moment)
        return bottle

    def _certificate(self, kind: str) -> dict[str, object]:
        document = self._floor.numbering.document(DAIRY_PREFIX, TEST_RESULT)
        return {"bizTransactionList": [{"type": kind, "bizTransaction": document}]}

    def quick_test(self, bottle: str, lot: Lot, moment: int, *, is_clean: bool) -> None:
        """Test for antibiotics before the milk may be unloaded."""
        more = self._floor.order("LAB", moment, "antibiotics_test", "reception")
        more[f"{PREFIX}:result"] = "negative" if is_clean else "positive"
        self._gate.record_object(
            moment,
            "OBSERVE",
            "inspecting",
            "conformant" if is_clean else "non_conformant",
            epcs=[bottle],
            quantities=[{"epcClass": lot.uri}],
            more=more | self._certificate("testres"),
        )

    def culture(self, bottle: str, lot: Lot, moment: int) -> None:
        """Put the bottle into the incubator; the germ count comes two or three days later."""
        floor = self._floor
        ready = moment + 2 * DAY + floor.seconds(2 * 3600, 20 * 3600)
        floor.at(ready, partial(self._report_count, bottle, lot))

    def _report_count(self, bottle: str, lot: Lot, moment: int) -> None:
        count = self._floor.whole(80, 950) * 100
        more = self._floor.order("LAB", moment, "germ_count", "laboratory")
        more |= self._certificate("testres")
        elements = sensor_elements(
            self._floor.region.equipment["incubator"].uri,
            self._bench.time_text(moment),
            [("Count", count, "H87")],
        )
        _add_germ(elements, _TOTAL_COUNT)
        self._bench.record_object(
            moment,
            "OBSERVE",
            "inspecting",
            "conformant",
            epcs=[bottle],
            quantities=[{"epcClass": lot.uri}],
            more=more | elements,
        )

    def find_listeria(self, bottle: str, lot: Lot, moment: int) -> None:
        """Report the planted contamination, a week after the milk was drunk or made into food."""
        more = self._floor.order("LAB", moment, "pathogen_culture", "laboratory")
        more |= self._certificate("testres")
        more["persistentDisposition"] = {"set": ["non_conformant"]}
        elements = sensor_elements(
            self._floor.region.equipment["incubator"].uri,
            self._bench.time_text(moment - 20 * MINUTE),
            [("Count", 40, "H87")],
            alarm=True,
        )
        _add_germ(elements, _LISTERIA)
        self._bench.record_object(
            moment,
            "OBSERVE",
            "inspecting",
            "non_conformant",
            epcs=[bottle],
            quantities=[{"epcClass": lot.uri}],
            more=more | elements,
        )
        self._floor.notebook.result_at = moment

    def expect_listeria(self, bottle: str, lot: Lot) -> None:
        """Let the bad news come on the last afternoon."""
        floor = self._floor
        moment = floor.moment(floor.plan.result, 16.6) + floor.seconds(0, int(0.3 * HOUR) // 1000)
        floor.at(moment, partial(self.find_listeria, bottle, lot))


def _add_germ(elements: dict[str, object], taxon: str) -> None:
    listed = elements["sensorElementList"]
    assert isinstance(listed, list)
    for report in listed[0]["sensorReport"]:
        report["microorganism"] = taxon
        report[f"{PREFIX}:perVolume"] = "1 MLT"
