"""A record of the demo as a stranger reads it: from the written events alone.

Slow and plain on purpose. It knows nothing of how the demo makes its events, and uses no code
that traces; so it can say whether the events support what the demo claims about itself.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from suyuan.demo import DairyPlant
from suyuan.identifier import canonical_uri

Amounts = list[tuple[str, Decimal, str]]
FOREVER = float("inf")

# Food in one unit of a product, in kilograms; what is counted has its own weight.
KILOGRAMS = {
    "09521001000215": Decimal("1.032"),  # whole milk, a carton
    "09521001000222": Decimal("1.032"),  # low-fat milk
    "09521001000239": Decimal("0.150"),  # plain yoghurt, a cup
    "09521001000246": Decimal("0.150"),  # strawberry
    "09521001000253": Decimal("0.150"),  # blueberry
    "09521001000260": Decimal("0.250"),  # butter, a pack
    "09521001000406": Decimal("0.500"),  # sample bottle
}
KILOGRAMS_PER_LITRE = Decimal("1.2")  # syrup


@dataclass
class Entry:
    """One event with canonical names and comparable times."""

    kind: str
    time: float
    step: str
    action: str
    parent: str
    epcs: list[str]
    inputs: list[str]
    outputs: list[str]
    amounts: Amounts
    input_amounts: Amounts
    output_amounts: Amounts
    group: str
    lot_number: str
    place: str
    body: dict[str, Any]


@lru_cache(maxsize=1)
def told(**options: int) -> Told:
    """Let a plant tell its days, once for all tests in a row that ask for the same one."""
    return Told(DairyPlant(**options))  # type: ignore[arg-type]


class Told:
    """A plant, and what it wrote, read back."""

    def __init__(self, plant: DairyPlant) -> None:
        self.plant = plant
        self.bodies = read_lines(plant)
        self.entries = valid_now(self.bodies)
        self.containers = Containers().fold(self.entries)


def read_lines(plant: DairyPlant) -> list[dict[str, Any]]:
    """Read what the plant writes, in order of arrival."""
    text = b"".join(plant.iter_ndjson())
    return [json.loads(line, parse_float=Decimal) for line in text.splitlines()]


def valid_now(bodies: Iterable[dict[str, Any]], *, believe_corrections: bool = True) -> list[Entry]:
    """Give what counts, in the order in which it happened; at one moment, as it arrived.

    An event that was declared in error counts for nothing, and a repeated one counts once.
    Without corrections, declarations and the events that they name as right are left out.
    """
    bodies = list(bodies)
    declared = {b["eventID"] for b in bodies if "errorDeclaration" in b}
    corrective = {
        right
        for b in bodies
        if "errorDeclaration" in b
        for right in b["errorDeclaration"].get("correctiveEventIDs", ())
    }
    left_out = declared if believe_corrections else corrective
    seen: set[str] = set()
    entries = []
    for number, body in enumerate(bodies):
        if "errorDeclaration" in body or body.get("eventID") in left_out:
            continue
        text = json.dumps(body, sort_keys=True, default=str)
        if text not in seen:
            seen.add(text)
            entries.append(_entry(body, number))
    return sorted(entries, key=lambda entry: entry.time)


def _entry(body: dict[str, Any], number: int) -> Entry:
    ilmd = body.get("ilmd", {})
    children = body.get("childEPCs", [])
    return Entry(
        kind=body["type"],
        time=datetime.fromisoformat(body["eventTime"]).timestamp(),
        step=body["bizStep"],
        action=body.get("action", ""),
        parent=canonical_uri(body["parentID"]) if "parentID" in body else "",
        epcs=[canonical_uri(epc) for epc in body.get("epcList", children)],
        inputs=[canonical_uri(epc) for epc in body.get("inputEPCList", ())],
        outputs=[canonical_uri(epc) for epc in body.get("outputEPCList", ())],
        amounts=_amounts(body.get("quantityList", body.get("childQuantityList", ()))),
        input_amounts=_amounts(body.get("inputQuantityList", ())),
        output_amounts=_amounts(body.get("outputQuantityList", ())),
        group=body.get("transformationID", f"event {number}"),
        lot_number=ilmd.get("cbvmda:lotNumber", ""),
        place=canonical_uri(body["readPoint"]["id"]) if "readPoint" in body else "",
        body=body,
    )


def _amounts(elements: Iterable[dict[str, Any]]) -> Amounts:
    return [
        (canonical_uri(e["epcClass"]), Decimal(e.get("quantity", 0)), e.get("uom", ""))
        for e in elements
    ]


def gtin_of(uri: str) -> str:
    return uri.split("/")[4]


def food(uri: str, amount: Decimal, uom: str) -> Decimal:
    """Give the kilograms of food in an amount."""
    match uom:
        case "KGM":
            return amount
        case "GRM":
            return amount / 1000
        case "LTR":
            return amount * KILOGRAMS_PER_LITRE
        case _:
            return amount * KILOGRAMS.get(gtin_of(uri), Decimal(0))


@dataclass
class Stay:
    """Somebody was inside something from a time to a time."""

    inside: str
    child: str
    start: float
    end: float = FOREVER
    amount: Decimal = Decimal(0)
    uom: str = ""


@dataclass
class Containers:
    """Who was inside what and when, folded from aggregation events in order of time."""

    by_child: dict[str, list[Stay]] = field(default_factory=lambda: defaultdict(list))
    by_parent: dict[str, list[Stay]] = field(default_factory=lambda: defaultdict(list))

    def fold(self, entries: Iterable[Entry]) -> Containers:
        for entry in entries:
            if entry.kind == "AggregationEvent":
                (self._open if entry.action == "ADD" else self._close)(entry)
        return self

    def _open(self, entry: Entry) -> None:
        for child in entry.epcs:
            for stay in self.by_child[child]:
                stay.end = min(stay.end, entry.time)
            self._note(Stay(entry.parent, child, entry.time))
        for lot, amount, uom in entry.amounts:
            self._note(Stay(entry.parent, lot, entry.time, amount=amount, uom=uom))

    def _note(self, stay: Stay) -> None:
        self.by_child[stay.child].append(stay)
        self.by_parent[stay.inside].append(stay)

    def _close(self, entry: Entry) -> None:
        named = {*entry.epcs, *(lot for lot, _, _ in entry.amounts)}
        for stay in self.by_parent[entry.parent]:
            if stay.end == FOREVER and (not named or stay.child in named):
                stay.end = entry.time

    def contents(self, parent: str, time: float) -> Iterator[Stay]:
        """Give everything inside at a time, however deep."""
        for stay in self.by_parent.get(parent, ()):
            if stay.start <= time <= stay.end:
                yield stay
                yield from self.contents(stay.child, time)

    def carriers(self, child: str, since: float, until: float = FOREVER) -> Iterator[Stay]:
        """Give every container around something, however far out, clipped to the time inside."""
        for stay in self.by_child.get(child, ()):
            start, end = max(stay.start, since), min(stay.end, until)
            if start <= end:
                yield Stay(stay.inside, child, start, end)
                yield from self.carriers(stay.inside, start, end)
