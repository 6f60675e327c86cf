"""Where events are written: scanners, machines and the partners' systems. 采集点

A station stands at a read point, belongs to a business location, may be a machine, and has a
habit of spelling: the dairy's own stations write GS1 Digital Link URIs and local time, its
partners write EPC URNs and UTC. Each `record_…` method writes one EPCIS 2.0 event (sections
7.4.1 to 7.4.6) in JSON form and sends it on its way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from random import Random
from uuid import UUID

from suyuan.demo._agenda import EventBody, Outbox
from suyuan.demo._keys import epc_urn
from suyuan.demo._times import DAY, HOUR, OFFSET_TEXT, local_text, utc_text

__all__ = [
    "CONTEXT",
    "EPCIS_CONTEXT",
    "NAMESPACE",
    "PREFIX",
    "Quantities",
    "Station",
    "carton_lot_data",
    "order_data",
    "own_step",
    "sensor_elements",
    "trade_data",
]

EPCIS_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
PREFIX = "suyuan"
NAMESPACE = "https://ns.suyuan.dev/plant/"
CONTEXT: list[object] = [EPCIS_CONTEXT, {PREFIX: NAMESPACE}]

Quantities = Sequence[dict[str, object]]
Fields = Mapping[str, object]
_NIGHTLY_UPLOAD = 15 * HOUR  # 23:00 at +08:00, counted from midnight UTC


def _same(uri: str) -> str:
    return uri


class Station:
    """One place at which events are written, with its own habits."""

    def __init__(
        self,
        outbox: Outbox,
        random: Random,
        *,
        read_point: str,
        location: str | None = None,
        equipment: str | None = None,
        is_partner: bool = False,
        uploads_nightly: bool = False,
        signs_events: bool = False,
    ) -> None:
        self._outbox = outbox
        self._random = random
        self._time_text: Callable[[int], str] = utc_text if is_partner else local_text
        self._spell: Callable[[str], str] = epc_urn if is_partner else _same
        self._uploads_nightly = uploads_nightly
        self._signs_events = signs_events
        self.spelling = self._spell
        self._place: dict[str, object] = {"readPoint": {"id": self._spell(read_point)}}
        if location is not None:
            self._place["bizLocation"] = {"id": self._spell(location)}
        if equipment is not None:
            self._place[f"{PREFIX}:equipment"] = equipment

    def uuid(self) -> str:
        """Make an event ID; most events have none and are named by their hash."""
        return f"urn:uuid:{UUID(int=self._random.getrandbits(128), version=4)}"

    def time_text(self, moment: int) -> str:
        """Write a moment as this station does."""
        return self._time_text(moment)

    def arrival(self, moment: int) -> int:
        """Tell when an event of a moment reaches the record."""
        if self._uploads_nightly:
            upload = moment // DAY * DAY + _NIGHTLY_UPLOAD
            if upload < moment:
                upload += DAY
            return upload + int(self._random.random() * 120_000)
        return moment + 200 + int(self._random.random() * 1800)

    def send(self, event: EventBody, moment: int, arrival: int | None = None) -> EventBody:
        """Send an event on its way, later than usual where `arrival` says so."""
        self._outbox.put(self.arrival(moment) if arrival is None else arrival, event)
        return event

    def _head(self, kind: str, moment: int) -> EventBody:
        head: EventBody = {
            "@context": CONTEXT,
            "type": kind,
            "eventTime": self._time_text(moment),
            "eventTimeZoneOffset": OFFSET_TEXT,
        }
        if self._signs_events:
            head["eventID"] = self.uuid()
        return head

    def _names(self, uris: Iterable[str]) -> list[str]:
        return [self._spell(uri) for uri in uris]

    def _amounts(self, quantities: Quantities) -> list[dict[str, object]]:
        if self._spell is _same:
            return list(quantities)
        return [{**q, "epcClass": self._spell(str(q["epcClass"]))} for q in quantities]

    def _what(
        self, event: EventBody, names: str, epcs: Sequence[str], amounts: str, rest: Quantities
    ) -> None:
        if epcs:
            event[names] = self._names(epcs)
        if rest:
            event[amounts] = self._amounts(rest)

    def _finish(
        self,
        event: EventBody,
        moment: int,
        step: str,
        disposition: str | None,
        more: Fields | None,
        arrival: int | None,
    ) -> EventBody:
        event["bizStep"] = step
        if disposition is not None:
            event["disposition"] = disposition
        event.update(self._place)
        if more:
            event.update(more)
        return self.send(event, moment, arrival)

    def record_object(
        self,
        moment: int,
        action: str,
        step: str,
        disposition: str | None = None,
        *,
        epcs: Sequence[str] = (),
        quantities: Quantities = (),
        more: Fields | None = None,
        arrival: int | None = None,
    ) -> EventBody:
        """Write an ObjectEvent: something was made known, seen, or ended."""
        event = self._head("ObjectEvent", moment)
        event["action"] = action
        self._what(event, "epcList", epcs, "quantityList", quantities)
        if not epcs and not quantities:
            event["epcList"] = []
        return self._finish(event, moment, step, disposition, more, arrival)

    def record_aggregation(
        self,
        moment: int,
        action: str,
        step: str,
        parent: str,
        children: Sequence[str] = (),
        *,
        quantities: Quantities = (),
        disposition: str | None = None,
        more: Fields | None = None,
        arrival: int | None = None,
        kind: str = "AggregationEvent",
    ) -> EventBody:
        """Write an AggregationEvent: things went into a container, or came out."""
        event = self._head(kind, moment)
        event["action"] = action
        event["parentID"] = self._spell(parent)
        self._what(event, "childEPCs", children, "childQuantityList", quantities)
        return self._finish(event, moment, step, disposition, more, arrival)

    def record_association(
        self,
        moment: int,
        action: str,
        step: str,
        parent: str,
        children: Sequence[str],
        *,
        more: Fields | None = None,
    ) -> EventBody:
        """Write an AssociationEvent: a part was fixed to something, or taken off."""
        return self.record_aggregation(
            moment, action, step, parent, children, more=more, kind="AssociationEvent"
        )

    def record_transaction(
        self,
        moment: int,
        step: str,
        disposition: str,
        epcs: Sequence[str],
        *,
        more: Fields,
    ) -> EventBody:
        """Write a TransactionEvent: goods were tied to an order and a despatch advice."""
        event = self._head("TransactionEvent", moment)
        event["action"] = "ADD"
        self._what(event, "epcList", epcs, "quantityList", ())
        return self._finish(event, moment, step, disposition, more, None)

    def record_transformation(
        self,
        moment: int,
        step: str,
        *,
        inputs: Quantities = (),
        input_epcs: Sequence[str] = (),
        outputs: Quantities = (),
        output_epcs: Sequence[str] = (),
        transformation: str | None = None,
        disposition: str | None = None,
        more: Fields | None = None,
        arrival: int | None = None,
    ) -> EventBody:
        """Write a TransformationEvent: inputs were used up, outputs were made."""
        event = self._head("TransformationEvent", moment)
        if transformation is not None:
            event["transformationID"] = transformation
        self._what(event, "inputEPCList", input_epcs, "inputQuantityList", inputs)
        self._what(event, "outputEPCList", output_epcs, "outputQuantityList", outputs)
        return self._finish(event, moment, step, disposition, more, arrival)

    def declare_error(
        self, event: EventBody, moment: int, reason: str, corrective: Sequence[str] = ()
    ) -> EventBody:
        """Say that an event was wrong: repeat it, with an error declaration (7.4.1.4)."""
        declaration: dict[str, object] = {
            "declarationTime": self._time_text(moment),
            "reason": reason,
        }
        if corrective:
            declaration["correctiveEventIDs"] = list(corrective)
        return self.send({**event, "errorDeclaration": declaration}, moment)


def own_step(word: str) -> str:
    """Name a business step of a dairy for which CBV has no word (CBV 2.0, 7.1.1)."""
    return NAMESPACE + word


def order_data(work_order: str, operation: str, operator: str) -> dict[str, object]:
    """Give the plant facts for which EPCIS has no field of its own."""
    return {
        f"{PREFIX}:workOrder": work_order,
        f"{PREFIX}:operation": operation,
        f"{PREFIX}:operator": operator,
    }


def carton_lot_data(lot_number: str, expiry: str) -> dict[str, object]:
    """Give instance and lot master data: lot number and last day of use (CBV 2.0, 9.3)."""
    return {"ilmd": {"cbvmda:lotNumber": lot_number, "cbvmda:itemExpirationDate": expiry}}


def trade_data(
    station: Station,
    *,
    documents: Sequence[tuple[str, str]],
    source: tuple[str, str],
    destination: tuple[str, str],
) -> dict[str, object]:
    """Give business transactions, and from whom and where the goods go to whom and where.

    `source` and `destination` are each a party that owns the goods and a place.
    """
    spell = station.spelling
    return {
        "bizTransactionList": [
            {"type": kind, "bizTransaction": spell(document)} for kind, document in documents
        ],
        "sourceList": [
            {"type": "owning_party", "source": spell(source[0])},
            {"type": "location", "source": spell(source[1])},
        ],
        "destinationList": [
            {"type": "owning_party", "destination": spell(destination[0])},
            {"type": "location", "destination": spell(destination[1])},
        ],
    }


def sensor_elements(
    device: str, time: str, reports: list[tuple[str, int | Decimal, str]], *, alarm: bool = False
) -> dict[str, object]:
    """Give readings of one device at one time (EPCIS 2.0, 7.3.7): type, value, unit."""
    written: list[dict[str, object]] = []
    for kind, value, uom in reports:
        report: dict[str, object] = {"type": kind, "value": value, "uom": uom}
        if alarm:
            report["exception"] = "ALARM_CONDITION"
        written.append(report)
    metadata = {"time": time, "deviceID": device}
    return {"sensorElementList": [{"sensorMetadata": metadata, "sensorReport": written}]}
