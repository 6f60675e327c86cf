"""The worked examples of the EPCIS implementation guideline, as events.

The designs are drawings of the guideline's tables: boxes of identifiers and of events, and
arrows that tell how many of what goes from box to box. A box of identifiers counts its serial
numbers up, an event hands on what it was about; the first way in of an aggregation is the
container, the second the contents; those of a transformation are its inputs and outputs.

Most location numbers in the drawings end in a check digit that is wrong; it is put right, as
the drawings mean EPC URNs, which have none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

__all__ = ["events_of_design", "gln", "sscc"]

Element = dict[str, Any]
_DOMAIN = "https://id.gs1.org"
_PARTY_TYPES = {
    "OWNING_PARTY": "owning_party",
    "POSSESSING_PARTY": "possessing_party",
    "LOCATION": "location",
}


@dataclass
class _Things:
    """What comes out of a box one way: instances, and classes without their quantities."""

    instances: list[str] = field(default_factory=list)
    classes: list[Element] = field(default_factory=list)


def events_of_design(file: Path) -> list[Element]:
    """Give the events that a design draws, in the order in which one needs the other."""
    design = msgspec.json.decode(file.read_bytes())
    return list(_Drawing(design).events())


class _Drawing:
    """The boxes of a design, and what has come out of them so far."""

    def __init__(self, design: Element) -> None:
        self._names = {str(box["identifiersId"]): box for box in design["identifiersNodeInfo"]}
        self._boxes = {str(box["eventId"]): box["eventInfo"] for box in design["eventNodeInfo"]}
        self._arrows = {(one["source"], one["target"]): one for one in design["connectorsInfo"]}
        self._drawn = design["drawflowInfo"]["drawflow"]["Home"]["data"]
        self._used = dict.fromkeys(self._names, 0)
        self._out: dict[tuple[str, str], _Things] = {}

    def events(self) -> Iterator[Element]:
        waiting = list(self._boxes)
        while waiting:
            box = next(one for one in waiting if self._is_ready(one, waiting))
            waiting.remove(box)
            for _ in range(self._boxes[box]["eventCount"]):
                yield self._event(box)

    def _is_ready(self, box: str, waiting: list[str]) -> bool:
        return not any(one["node"] in waiting for one in self._ways(box))

    def _ways(self, box: str) -> list[Element]:
        return [way for door in self._drawn[box]["inputs"].values() for way in door["connections"]]

    def _event(self, box: str) -> Element:
        info = self._boxes[box]
        doors = self._drawn[box]["inputs"]
        one = self._gathered(box, doors["input_1"]["connections"])
        two = self._gathered(box, doors.get("input_2", {}).get("connections", []))
        is_made = info["eventType"] == "TransformationEvent"
        self._out[box, "output_1"] = two if is_made else one
        self._out[box, "output_2"] = two
        return {**_where_and_why(info), **_what(info, one, two)}

    def _gathered(self, box: str, ways: list[Element]) -> _Things:
        found = _Things()
        for way in ways:
            source, arrow = way["node"], self._arrows[way["node"], box]
            count = arrow["epcCount"] or arrow["inheritParentCount"]
            if source in self._names:
                count = count or (self._names[source]["identifierType"] == "ParentID")
                things = self._taken(source, count)
            else:
                things = self._out[source, way["input"]]
            found.instances += things.instances[:count]
            if arrow["classCount"]:
                found.classes += [one | {"quantity": arrow["quantity"]} for one in things.classes]
        return found

    def _taken(self, name: str, count: int) -> _Things:
        """Take the next serial numbers of a box of identifiers."""
        box = self._names[name]
        if "classData" in box:
            return _Things(classes=[_class_element(box["classData"])])
        keys = box.get("instanceData") or box["parentData"]
        first = self._used[name]
        self._used[name] += count
        return _Things([_instance(keys, first + at) for at in range(count)])


def _instance(keys: Element, at: int) -> str:
    is_single = keys["serialType"] == "none"
    serial = keys["serialNumber"] if is_single else str(keys["rangeFrom"] + at)
    match keys["identifierType"]:
        case "sgtin":
            return f"{_DOMAIN}/01/{keys['sgtin']}/21/{serial}"
        case "sscc":
            return sscc(keys["gcp"], serial)
        case "gcn":
            return f"{_DOMAIN}/255/{_checked(keys['gcp'].ljust(12, '0'))}{serial}"
    raise LookupError(keys["identifierType"])


def _class_element(keys: Element) -> Element:
    lot = f"/10/{keys['serialNumber']}" if keys["identifierType"] == "lgtin" else ""
    element = {"epcClass": f"{_DOMAIN}/01/{keys[keys['identifierType']]}{lot}"}
    return element | ({"uom": keys["uom"]} if keys.get("uom") else {})


def sscc(prefix: str, serial: str) -> str:
    """Name a logistic unit by company prefix and serial reference, with extension digit 0."""
    return f"{_DOMAIN}/00/{_checked('0' + prefix + serial.rjust(16 - len(prefix), '0'))}"


def gln(number: str) -> str:
    """Name a place or party by the twelve digits before the check digit."""
    return f"{_DOMAIN}/414/{_checked(number[:12])}"


def _checked(digits: str) -> str:
    """Put the check digit behind some digits: GS1 General Specifications, 7.9."""
    weighted = sum(int(digit) * (3, 1)[at % 2] for at, digit in enumerate(reversed(digits)))
    return digits + str(-weighted % 10)


def _where_and_why(info: Element) -> Element:
    time = info["eventTime"]
    moment = time["specificTime"] + (":00" if time["specificTime"].count(":") == 1 else "")
    found = {
        "type": info["eventType"],
        "eventTime": moment + time["timeZoneOffset"],
        "eventTimeZoneOffset": time["timeZoneOffset"],
        "bizStep": info["businessStep"].lower(),
        "disposition": info["disposition"].lower(),
        "readPoint": _place(info["readPoint"]),
        "bizLocation": _place(info["bizLocation"]),
        "sourceList": [_party(one, "source") for one in info["sources"]],
        "destinationList": [_party(one, "destination") for one in info["destinations"]],
        "transformationID": info.get("transformationID"),
        "action": info.get("action"),
    }
    return {key: value for key, value in found.items() if value}


def _place(place: Element) -> Element | None:
    return {"id": _location(place)} if place.get("gln") else None


def _location(place: Element) -> str:
    extension = f"/254/{place['extension']}" if place.get("extension") else ""
    return gln(place["gln"]) + extension


def _party(party: Element, side: str) -> Element:
    return {"type": _PARTY_TYPES[party["type"]], side: _location(party)}


def _what(info: Element, one: _Things, two: _Things) -> Element:
    match info["eventType"]:
        case "ObjectEvent":
            found: Element = {"epcList": one.instances, "quantityList": one.classes}
        case "AggregationEvent":
            (parent,) = one.instances
            contents = {"childEPCs": two.instances, "childQuantityList": two.classes}
            found = {"parentID": parent, **contents}
        case "TransformationEvent":
            found = {
                "inputEPCList": one.instances,
                "inputQuantityList": one.classes,
                "outputEPCList": two.instances,
                "outputQuantityList": two.classes,
            }
        case other:
            raise LookupError(other)
    return {key: value for key, value in found.items() if value}
