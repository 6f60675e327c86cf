"""From what rows say to EPCIS events, or to elements of master data. 由行生成事件

What an event is called follows from what it says: it has no ID of its own, so that the journal
gives it the hash of its content, and the same row in another file is the same event. Only
where one file says the same twice has the second an ID of its own (`RepeatedEvents`).
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from suyuan.errors import Problem
from suyuan.importing._mapping import Bound
from suyuan.importing._rows import NO_COLUMN, Fault, Part, Row

__all__ = ["EventMaker", "RepeatedEvents", "encode_line"]

_STANDARD = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
_OWN: list[object] = [_STANDARD, {"suyuan": "https://ns.suyuan.dev/plant/"}]
_TYPES = {
    "object": "ObjectEvent",
    "aggregation": "AggregationEvent",
    "transformation": "TransformationEvent",
}
_LISTS = {
    "object": {"": ("epcList", "quantityList")},
    "aggregation": {"": ("childEPCs", "childQuantityList")},
    "transformation": {
        "input": ("inputEPCList", "inputQuantityList"),
        "output": ("outputEPCList", "outputQuantityList"),
    },
}
_TRANSACTIONS = {"order": "po", "delivery_note": "desadv", "work_order": "prodorder"}
_FACTS = {
    "order": "order",
    "delivery_note": "deliveryNote",
    "work_order": "workOrder",
    "equipment": "equipment",
    "operator": "operator",
    "note": "note",
}
_PLANT = "https://ns.suyuan.dev/plant/"
_NAME, _NAME_ZH = "urn:epcglobal:cbv:mda#name", f"{_PLANT}nameChinese"
_AGREE = ("time", "place", "supplier", "customer", "container", "business_step")
_AGREE_TOO = ("disposition", "expiry", *_FACTS)

encode_line = msgspec.json.Encoder(decimal_format="number").encode


class EventMaker:
    """Makes events of the rows of one table."""

    def __init__(self, bound: Bound) -> None:
        """Get ready for one mapping."""
        self._template = bound.template
        self._columns = bound.columns
        self._lists = _LISTS.get(bound.template.event, {})

    def make(self, rows: Sequence[Row]) -> dict[str, Any] | list[Fault]:
        """Make one event of the rows of a group, or say what is wrong between them.

        None of the rows has a fault of its own.
        """
        if self._template.event == "master_data":
            return self._element(rows[0].said)
        faults = self._disagreements(rows) if len(rows) > 1 else []
        said = rows[0].said
        event: dict[str, Any] = {
            "@context": _STANDARD,
            "type": _TYPES[self._template.event],
            "eventTime": said["time"],
            "eventTimeZoneOffset": said["offset"],
        }
        if self._template.action:
            event["action"] = self._template.action
        if "container" in said:
            event["parentID"] = said["container"]
        self._add_parts(event, rows, faults)
        if faults:
            return faults
        self._add_circumstances(event, said, self._lots(rows))
        return event

    def _disagreements(self, rows: Sequence[Row]) -> list[Fault]:
        first = rows[0]
        return [
            Fault(
                row.number,
                self._columns.get(name, NO_COLUMN),
                Problem(
                    code="importing.rows_disagree",
                    expected=first.said.get(name, ""),
                    found=row.said.get(name, ""),
                    values={"first": first.number},
                ),
            )
            for row in rows[1:]
            for name in (*_AGREE, *_AGREE_TOO)
            if row.said.get(name) != first.said.get(name)
        ]

    def _add_parts(self, event: dict[str, Any], rows: Sequence[Row], faults: list[Fault]) -> None:
        is_both = len(self._lists) == 2
        parts = {
            side: [p for row in rows for p in row.parts if p.side == side] for side in self._lists
        }
        for side, (items, amounts) in self._lists.items():
            other = next((parts[name] for name in parts if name != side), [])
            # One output of many inputs stands in each of their rows, and is one all the same.
            is_repeated = is_both and len(parts[side]) > 1 and not _is_one(other)
            epcs, quantities = _gathered(parts[side], is_repeated=is_repeated, faults=faults)
            if epcs:
                event[items] = epcs
            if quantities:
                event[amounts] = quantities
        if is_both and not all(parts.values()):
            side = next(side for side in parts if not parts[side])
            column = self._columns.get(f"{side}_lot", self._columns.get(f"{side}_product", -1))
            code = "importing.input_missing" if side == "input" else "importing.output_missing"
            faults.append(Fault(rows[0].number, column, Problem(code=code)))

    def _lots(self, rows: Sequence[Row]) -> list[str]:
        """Give the numbers of lots that only instance and lot master data can tell."""
        sides = ("output",) if self._template.event == "transformation" else ("",)
        lots = (p.thing.lot for row in rows for p in row.parts if p.side in sides)
        return list(dict.fromkeys(lot for lot in lots if lot))

    def _add_circumstances(
        self, event: dict[str, Any], said: Mapping[str, str], lots: list[str]
    ) -> None:
        event["bizStep"] = said.get("business_step") or self._template.business_step
        if disposition := said.get("disposition") or self._template.disposition:
            event["disposition"] = disposition
        if place := said.get("place"):
            event["readPoint"] = {"id": place}
            event["bizLocation"] = {"id": place}
        transactions = [
            {"type": kind, "bizTransaction": said[name]}
            for name, kind in _TRANSACTIONS.items()
            if _is_uri(said.get(name, ""))
        ]
        if transactions:
            event["bizTransactionList"] = transactions
        if supplier := said.get("supplier"):
            event["sourceList"] = [{"type": "owning_party", "source": supplier}]
        if customer := said.get("customer"):
            event["destinationList"] = [{"type": "owning_party", "destination": customer}]
        master_data: dict[str, Any] = {}
        if len(lots) == 1:
            master_data["cbvmda:lotNumber"] = lots[0]
        if expiry := said.get("expiry"):
            master_data["cbvmda:itemExpirationDate"] = expiry
        if master_data and (self._template.action in ("ADD", "")):
            event["ilmd"] = master_data
        for name, word in _FACTS.items():
            text = said.get(name, "")
            if text and not (name in _TRANSACTIONS and _is_uri(text)):
                event[f"suyuan:{word}"] = text
                event["@context"] = _OWN

    def _element(self, said: Mapping[str, str]) -> dict[str, Any]:
        """Make one element of a vocabulary (EPCIS 2.0, 6.1)."""
        uri = next(said[name] for name in ("product", "place", "party") if name in said)
        known = ((_NAME, "name"), (_NAME_ZH, "name_zh"), (f"{_PLANT}unit", "uom"))
        attributes = [{"id": word, "attribute": said[name]} for word, name in known if name in said]
        if "part_of" in said:
            attributes.append({"id": f"{_PLANT}partOf", "attribute": said["part_of"]})
        return {"id": uri, "attributes": attributes}


def _is_one(parts: Sequence[Part]) -> bool:
    """Tell whether all rows name the same thing and amount."""
    return len({(part.thing.uri, part.amount) for part in parts}) <= 1


def _gathered(
    parts: Sequence[Part], *, is_repeated: bool, faults: list[Fault]
) -> tuple[list[str], list[dict[str, Any]]]:
    """Put the things of one side together: items each once, amounts of one lot added up.

    Where the rows repeat this side for each of the other, the same amount counts once.
    """
    items: dict[str, int] = {}
    amounts: dict[tuple[str, str | None], Decimal | None] = {}
    seen: set[tuple[str, object]] = set()
    for part in parts:
        uri = part.thing.uri
        if part.thing.is_item:
            if uri in items and not is_repeated:
                problem = Problem(
                    code="importing.item_repeated", found=uri, values={"first": items[uri]}
                )
                faults.append(Fault(part.row, NO_COLUMN, problem))
            items.setdefault(uri, part.row)
            continue
        if is_repeated and (uri, part.amount) in seen:
            continue
        seen.add((uri, part.amount))
        uom = None if part.amount is None else part.amount.uom
        value = None if part.amount is None else part.amount.value
        if (uri, uom) in amounts:
            before = amounts[uri, uom]
            value = None if before is None or value is None else before + value
        amounts[uri, uom] = value
    quantities = [_quantity(uri, uom, value) for (uri, uom), value in amounts.items()]
    return list(items), quantities


def _quantity(uri: str, uom: str | None, value: Decimal | None) -> dict[str, Any]:
    element: dict[str, Any] = {"epcClass": uri}
    if value is not None:
        is_whole = value == value.to_integral_value()
        element["quantity"] = int(value) if is_whole else value.normalize()
        if uom is not None:
            element["uom"] = uom
    return element


def _is_uri(text: str) -> bool:
    return text.startswith("urn:") or "://" in text


class RepeatedEvents:
    """Tells the second of two equal events of one file from the first, and names it.

    A table of eight bytes an event: what falls on the same place by chance is named too, which
    does no harm.
    """

    def __init__(self, events_max: int) -> None:
        """Make room for so many events."""
        self._size = 1 << max(events_max * 2, 16).bit_length()
        self._table = array("Q", bytes(8 * self._size))
        self._counts: dict[bytes, int] = {}

    def name(self, event: dict[str, Any]) -> None:
        """Give an event an ID when an equal one came before."""
        digest = sha256(encode_line(event)).digest()
        if not self._is_known(int.from_bytes(digest[:8], "big") | 1):
            return
        number = self._counts[digest] = self._counts.get(digest, 1) + 1
        again = sha256(digest + number.to_bytes(8, "big")).digest()
        event["eventID"] = f"urn:uuid:{UUID(bytes=again[:16], version=4)}"

    def _is_known(self, key: int) -> bool:
        place = key % self._size
        while (found := self._table[place]) != key:
            if not found:
                self._table[place] = key
                return False
            place = (place + 1) % self._size
        return True
