"""What a plant says, as EPCIS events: the plant of the trace benchmarks, and what goes on in it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from suyuan.bench._trace_plant import Plant
from suyuan.event import Action, EventType, Role
from suyuan.journal import Journal, capture_stream

__all__ = ["lot_code", "ongoing_documents", "plant_ndjson", "record_plant", "unit_codes"]

_UNIT = "urn:epc:id:sgtin:9521234.000001."
_LOT = "urn:epc:class:lgtin:9521234.000002.R"
_NEW_UNIT = "urn:epc:id:sgtin:9521234.000003."
_NEW_LOT = "urn:epc:class:lgtin:9521234.000004.M"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ONGOING = datetime(2027, 1, 1, tzinfo=UTC)  # After all that was captured before.
_NEW_CASES = 5_000_000_000
_LISTS = {
    int(Role.OUTPUT): "outputEPCList",
    int(Role.CHILD): "childEPCs",
    int(Role.QUANTITY): "quantityList",
    int(Role.INPUT_QUANTITY): "inputQuantityList",
    int(Role.OUTPUT_QUANTITY): "outputQuantityList",
}
_TYPES = {
    int(EventType.OBJECT): "ObjectEvent",
    int(EventType.AGGREGATION): "AggregationEvent",
    int(EventType.TRANSFORMATION): "TransformationEvent",
}

Element = dict[str, Any]


def lot_code(number: int) -> str:
    """Name a lot of a plant."""
    return f"{_LOT}{number}"


def unit_codes(plant: Plant) -> list[str]:
    """Name every unit of a plant."""
    return [f"{_UNIT}{unit}" for unit in plant.objects[plant.roles == Role.OUTPUT].tolist()]


def record_plant(journal: Journal, plant: Plant, file: Path) -> None:
    """Capture all that the plant said before anybody asks, by way of a file."""
    with file.open("wb") as stream:
        stream.writelines(plant_ndjson(plant))
    with file.open("rb") as stream:
        results = list(capture_stream(journal, stream))
    assert sum(result.captured for result in results) == len(plant.times)
    assert not any(result.rejected for result in results)


def plant_ndjson(plant: Plant) -> Iterator[bytes]:
    """Give the events of a plant, one a line."""
    is_unit = np.zeros(len(plant.classes), bool)
    is_unit[plant.objects[plant.roles == Role.OUTPUT]] = True
    for at in range(len(plant.times)):
        yield msgspec.json.encode(_event(plant, at, is_unit)) + b"\n"


def _event(plant: Plant, at: int, is_unit: npt.NDArray[np.bool_]) -> Element:
    rows = slice(int(plant.starts[at]), int(plant.starts[at + 1]))
    event = _begun(
        _TYPES[int(plant.types[at])], _EPOCH + timedelta(microseconds=int(plant.times[at]))
    )
    if plant.actions[at] != Action.NONE:
        event["action"] = Action(int(plant.actions[at])).name
    mentions = (plant.roles[rows], plant.objects[rows], plant.quantities[rows])
    for role, one, kg in zip(*(column.tolist() for column in mentions), strict=True):
        if role == Role.LOT:
            event["ilmd"] = {"cbvmda:lotNumber": f"L{one}"}
        elif role == Role.PARENT:
            event["parentID"] = _container(one)
        elif kg > 0:
            element = {"epcClass": f"{_LOT}{one}", "quantity": kg, "uom": "KGM"}
            event.setdefault(_LISTS[role], []).append(element)
        else:
            name = f"{_UNIT}{one}" if is_unit[one] else _container(one)
            event.setdefault(_LISTS[role], []).append(name)
    return event


def ongoing_documents(count: int, events: int) -> list[bytes]:
    """Give documents of so many events each, none of which was ever told before.

    Of four events one makes five units out of three lots, one packs them into a case, and two
    see them and the case go on: half of what a plant says makes genealogy.
    """
    told = _ongoing()
    return [_document(list(itertools.islice(told, events))) for _ in range(count)]


def _ongoing() -> Iterator[Element]:
    for made in itertools.count():
        moment = _ONGOING + timedelta(seconds=made)
        units = [f"{_NEW_UNIT}{made * 5 + at}" for at in range(5)]
        lots = (f"A{made // 400}", f"B{made // 150}", f"C{made // 1_000}")
        yield _begun("TransformationEvent", moment) | {
            "inputQuantityList": [
                {"epcClass": f"{_NEW_LOT}{lot}", "quantity": 2.5, "uom": "KGM"} for lot in lots
            ],
            "outputEPCList": units,
            "ilmd": {"cbvmda:lotNumber": f"N{made // 200}"},
        }
        seen = {"epcList": units, "action": "OBSERVE", "bizStep": "inspecting"}
        yield _begun("ObjectEvent", moment + timedelta(milliseconds=200)) | seen
        yield _begun("AggregationEvent", moment + timedelta(milliseconds=400)) | {
            "parentID": _container(_NEW_CASES + made),
            "childEPCs": units,
            "action": "ADD",
            "bizStep": "packing",
        }
        gone = {"epcList": [_container(_NEW_CASES + made)], "action": "OBSERVE"}
        yield (
            _begun("ObjectEvent", moment + timedelta(milliseconds=600))
            | gone
            | {"bizStep": "storing"}
        )


def _begun(kind: str, moment: datetime) -> Element:
    text = moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {"type": kind, "eventTime": text, "eventTimeZoneOffset": "+08:00"}


def _container(number: int) -> str:
    return f"urn:epc:id:sscc:9521234.{number:010d}"


def _document(events: list[Element]) -> bytes:
    return b"\n".join([msgspec.json.encode(event) for event in events]) + b"\n"
