"""What was measured is told with the event, whatever stands in the fields of somebody's own."""

from __future__ import annotations

from typing import Any

import pytest

from suyuan.store import Database
from suyuan.trace import history
from suyuan.trace._measured import Measured, measured_in
from tests.trace.story import Story, lot, of
from tests.trace.test_questions import recorded


def _sensors(*reports: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"sensorReport": list(reports)}]


def _measure(story: Story, report: dict[str, Any]) -> dict[str, Any]:
    fields = {"action": "OBSERVE", "quantityList": [of(lot("milk"))], "bizStep": "inspecting"}
    return story.tell("ObjectEvent", 2, {**fields, "sensorElementList": _sensors(report)})


def test_the_story_tells_what_was_measured_and_a_correction_tells_another_value(
    database: Database,
) -> None:
    story = Story()
    story.receive(1, of(lot("milk"), 10))
    warm = {"type": "Temperature", "value": 6.2, "uom": "CEL", "exception": "ALARM_CONDITION"}
    wrong = _measure(story, warm)
    before = recorded(database, story.record, "warm")
    assert history(before, lot("milk"))[-1].measured == [
        Measured(what="Temperature", value=6.2, uom="CEL", alarm="ALARM_CONDITION")
    ]
    cold = {"type": "Temperature", "value": 4.1, "uom": "CEL"}
    right = _measure(story, cold)
    story.declare(wrong, 3, [right])
    after = recorded(database, story.record, "cold")
    assert [one.value for one in history(after, lot("milk"))[-1].measured] == [4.1]


def test_ranges_texts_and_results_of_a_plant_are_values_too() -> None:
    elements = _sensors(
        {"type": "Temperature", "minValue": 2, "maxValue": 5.5, "uom": "CEL"},
        {"type": "gs1:Count", "value": 40, "microorganism": "urn:x:1639"},
        {"booleanValue": False, "exception": "ERROR_CONDITION"},
        {"exception": "ERROR_CONDITION"},
    )
    parameters = {"suyuan:name": "acidity_ph", "suyuan:value": 4.4, "suyuan:uom": "Q30"}
    assert measured_in(elements, "negative", parameters) == [
        Measured(what="result", text="negative"),
        Measured(what="acidity_ph", value=4.4, uom="Q30"),
        Measured(what="Temperature", part="min", value=2.0, uom="CEL"),
        Measured(what="Temperature", part="max", value=5.5, uom="CEL"),
        Measured(what="gs1:Count", value=40.0, of="urn:x:1639"),
        Measured(text="false", alarm="ERROR_CONDITION"),
        Measured(alarm="ERROR_CONDITION"),
    ]


@pytest.mark.parametrize("said", [None, 7, "x", [1, "y"], {"sensorReport": "z"}, [{"value": []}]])
def test_what_has_another_shape_tells_nothing(said: Any) -> None:
    assert measured_in(said, said if not isinstance(said, str) else None, said) == []


def test_of_many_values_the_first_are_told() -> None:
    assert len(measured_in(_sensors(*({"value": one} for one in range(99))), None, None)) == 12
