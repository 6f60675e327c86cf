"""What a record says, before any question: events in order, stays, transformations, lots.

Part of the oracle: slow and plain on purpose. The decisions it follows are listed in
`tests.trace.oracle`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from suyuan import identifier

# A record says few names, each of them often.
canonical_uri = lru_cache(100_000)(identifier.canonical_uri)
class_of = lru_cache(100_000)(identifier.class_of)
lot_in = lru_cache(100_000)(identifier.lot_in)
mint_lot = lru_cache(100_000)(identifier.mint_lot)

EARLIEST = datetime.min.replace(tzinfo=UTC)
"""Before everything: where no bound is given, and "not reached" on the way back."""
LATEST = datetime.max.replace(tzinfo=UTC)
"""After everything: a stay that is still open, and "not reached" on the way forward."""

Body = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """One line of the journal: an EPCIS 2.0 event in JSON form with its ID, when we learned it."""

    event: Body
    record_time: datetime

    @cached_property
    def happened(self) -> Happened:
        """Give what it says, whatever its place among the events."""
        return _happened(self.event)


class Amount(NamedTuple):
    """So much of a lot; no value where none was recorded."""

    uri: str
    value: Fraction | None
    uom: str


PIECE = "C62"
_UNITS = {
    "KGM": ("mass", Fraction(1)),
    "GRM": ("mass", Fraction(1, 1000)),
    "TNE": ("mass", Fraction(1000)),
    "LTR": ("volume", Fraction(1)),
    "MLT": ("volume", Fraction(1, 1000)),
    PIECE: ("count", Fraction(1)),
    "EA": ("count", Fraction(1)),
}


def dimension(uom: str) -> tuple[str, Fraction]:
    """Give what a unit measures, and its size in the base unit of that."""
    return _UNITS.get(uom, (uom, Fraction(1)))


@dataclass(frozen=True)
class Happened:
    """One event that counts, with canonical names."""

    id: str
    time: datetime
    kind: str
    action: str
    step: str
    body: Body
    parent: str | None
    epcs: tuple[str, ...]  # epcList or childEPCs
    amounts: tuple[Amount, ...]  # quantityList or childQuantityList
    inputs: tuple[str, ...]
    input_amounts: tuple[Amount, ...]
    outputs: tuple[str, ...]
    output_amounts: tuple[Amount, ...]
    transformation: str
    order: int = -1  # among all events that count, by time, then by event ID

    @property
    def instances(self) -> tuple[str, ...]:
        """Give everything that is named by an instance identifier, in order."""
        parent = () if self.parent is None else (self.parent,)
        return tuple(dict.fromkeys((*parent, *self.epcs, *self.inputs, *self.outputs)))

    @property
    def lots(self) -> tuple[str, ...]:
        """Give everything that is named by quantity, in order."""
        named = (*self.amounts, *self.input_amounts, *self.output_amounts)
        return tuple(dict.fromkeys(amount.uri for amount in named))


@dataclass
class Stay:
    """`child` was inside `parent`, or fixed to it, from `start` to `end`, both included.

    `start_order` and `end_order` are the events that opened and closed it. For a lot,
    `amounts` tells how much of it was there: (order of the event, what there was after it).
    """

    child: str
    parent: str
    is_fixed: bool
    start: datetime
    start_order: int
    is_lot: bool = False
    end: datetime = LATEST
    end_order: int | None = None
    amounts: list[tuple[int, Amount]] = field(default_factory=list)

    def is_open_before(self, order: int) -> bool:
        """Tell whether it was open when the event of that order came."""
        return self.start_order < order and (self.end_order is None or self.end_order >= order)

    def amount_before(self, order: int) -> Amount:
        """Give how much of the lot was there when the event of that order came."""
        return [amount for at, amount in self.amounts if at < order][-1]


class Inside(NamedTuple):
    """Something inside something else, however deep, clipped to the time it was there."""

    uri: str
    start: datetime
    end: datetime
    is_lot: bool


class Input(NamedTuple):
    """Something went into a transformation at `time`.

    `departure` is the same moment, or, where it was used before the record knows that it
    existed, the moment of its first origin (decision 6).
    """

    uri: str
    time: datetime
    departure: datetime
    is_lot: bool


class Output(NamedTuple):
    """Something came out of a transformation."""

    uri: str
    time: datetime
    is_lot: bool


@dataclass
class Group:
    """One transformation: the events that share a transformationID, or one event alone."""

    events: list[Happened] = field(default_factory=list)
    inputs: list[Input] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)


class Record:
    """A journal: entries in the order of their sequence numbers, the first of which is 1."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self._facts: dict[datetime, Facts] = {}

    def facts(self, as_of: datetime | None = None) -> Facts:
        """Give what was known at a record time."""
        known = as_of or LATEST
        if known not in self._facts:
            entries = [entry for entry in self.entries if entry.record_time <= known]
            self._facts[known] = Facts(entries)
        return self._facts[known]


class Facts:
    """Everything the questions need, worked out once for a record as of a record time."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.memory: dict[tuple[str, str, datetime], Any] = {}  # What was worked out before.
        self.events = _in_order(_counting(entries))
        self.names = _names(entries)
        self.lots_of: dict[str, set[str]] = {}
        for event in self.events:
            for instance, lot in _belongings(event):
                self.lots_of.setdefault(instance, set()).add(lot)
        self.names |= {lot for lots in self.lots_of.values() for lot in lots}
        self.instances_of: dict[str, list[str]] = {}
        for instance in sorted(self.lots_of):
            for lot in sorted(self.lots_of[instance]):
                self.instances_of.setdefault(lot, []).append(instance)
        self.stays = _fold_stays(self.events)
        self.origins = _origins(self.events)
        self.groups = self._make_groups()
        self.makers: dict[str, list[Group]] = {}
        for group in self.groups:
            for uri in dict.fromkeys(output.uri for output in group.outputs):
                self.makers.setdefault(uri, []).append(group)

    def _make_groups(self) -> list[Group]:
        groups: dict[str, Group] = {}
        for event in self.events:
            if event.kind != "TransformationEvent":
                continue
            group = groups.setdefault(event.transformation, Group())
            group.events.append(event)
            found = {(amount.uri, True): None for amount in event.input_amounts}
            for uri in event.inputs:
                found[uri, False] = None
                inside = self.contents(uri, event.time, event.time)
                found |= {(thing.uri, thing.is_lot): None for thing in inside}
            for uri, is_lot in found:
                departure = max(event.time, self.origins.get(uri, event.time))
                group.inputs.append(Input(uri, event.time, departure, is_lot))
            group.outputs += [Output(uri, event.time, False) for uri in event.outputs]
            group.outputs += [Output(a.uri, event.time, True) for a in event.output_amounts]
        return list(groups.values())

    def contents(self, container: str, start: datetime, end: datetime) -> set[Inside]:
        """Give what was inside at any moment of a period, however deep, and when."""
        found: set[Inside] = set()
        ahead = [Inside(container, start, end, False)]
        while ahead:
            around = ahead.pop()
            for stay in self.stays:
                first, last = max(around.start, stay.start), min(around.end, stay.end)
                thing = Inside(stay.child, first, last, stay.is_lot)
                fits = stay.parent == around.uri and first <= last
                if fits and stay.child != container and thing not in found:
                    found.add(thing)
                    ahead.append(thing)
        return found

    def containers(self, thing: str, start: datetime, end: datetime) -> set[Inside]:
        """Give what something was inside of at any moment of a period, however far out."""
        found: set[Inside] = set()
        ahead = [Inside(thing, start, end, False)]
        while ahead:
            within = ahead.pop()
            for stay in self.stays:
                first, last = max(within.start, stay.start), min(within.end, stay.end)
                around = Inside(stay.parent, first, last, False)
                fits = stay.child == within.uri and first <= last
                if fits and stay.parent != thing and around not in found:
                    found.add(around)
                    ahead.append(around)
        return found

    def contents_before(self, container: str, order: int) -> list[Stay]:
        """Give the stays of everything inside, however deep, when an event came."""
        return list(_deep(container, [s for s in self.stays if s.is_open_before(order)]))


def _deep(container: str, stays: Sequence[Stay]) -> Iterator[Stay]:
    seen = {container}
    ahead = [container]
    while ahead:
        parent = ahead.pop()
        for stay in stays:
            if stay.parent == parent and (stay.is_lot or stay.child not in seen):
                yield stay
                if not stay.is_lot:
                    seen.add(stay.child)
                    ahead.append(stay.child)


def _counting(entries: Sequence[Entry]) -> list[Happened]:
    """Give the events that count: each once, and none that was declared in error."""
    wrong = {entry.event["eventID"] for entry in entries if "errorDeclaration" in entry.event}
    counting: dict[str, Happened] = {}
    for entry in entries:
        if entry.event["eventID"] not in wrong:
            counting.setdefault(entry.event["eventID"], entry.happened)
    return list(counting.values())


def _in_order(events: Iterable[Happened]) -> list[Happened]:
    ordered = sorted(events, key=lambda event: (event.time, event.id))
    return [replace(event, order=order) for order, event in enumerate(ordered)]


def moment(text: str) -> datetime:
    """Read a time of EPCIS, to the microsecond."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _happened(body: Body) -> Happened:
    is_parted = body["type"] in ("AggregationEvent", "AssociationEvent")
    transformation = body.get("transformationID")
    return Happened(
        id=body["eventID"],
        time=moment(body["eventTime"]),
        kind=body["type"],
        action=body.get("action", ""),
        step=_word(body.get("bizStep", "")),
        body=body,
        parent=canonical_uri(body["parentID"]) if "parentID" in body else None,
        epcs=_canonical(body.get("childEPCs" if is_parted else "epcList", ())),
        amounts=_amounts(body.get("childQuantityList" if is_parted else "quantityList", ())),
        inputs=_canonical(body.get("inputEPCList", ())),
        input_amounts=_amounts(body.get("inputQuantityList", ())),
        outputs=_canonical(body.get("outputEPCList", ())),
        output_amounts=_amounts(body.get("outputQuantityList", ())),
        transformation=canonical_uri(transformation) if transformation else body["eventID"],
    )


def _word(text: str) -> str:
    """Give the bare word of the CBV, however it is spelled."""
    _, found, word = text.partition("BizStep-")
    return word if found else text.removeprefix("urn:epcglobal:cbv:bizstep:")


def _canonical(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(canonical_uri(text) for text in texts))


def _amounts(elements: Iterable[Body]) -> tuple[Amount, ...]:
    return tuple(
        Amount(
            canonical_uri(element["epcClass"]),
            Fraction(str(element["quantity"])) if "quantity" in element else None,
            element.get("uom", PIECE),
        )
        for element in elements
    )


_LISTS = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")


def _names(entries: Iterable[Entry]) -> set[str]:
    """Give every object that any entry names, whether it counts or not."""
    names: set[str] = set()
    for event in (entry.happened for entry in entries):
        names |= {*event.instances, *event.lots}
        names |= {lot for _, lot in _belongings(event)}
    return names


def _belongings(event: Happened) -> Iterator[tuple[str, str]]:
    """Give each instance that the event says to be of a lot, with the lot."""
    texts = [text for name in _LISTS for text in event.body.get(name, ())]
    if "parentID" in event.body:
        texts.append(event.body["parentID"])
    for text in texts:
        lot = lot_in(text)
        if lot is not None:
            yield canonical_uri(text), lot
    number = event.body.get("ilmd", {}).get("cbvmda:lotNumber")
    if number is not None:
        is_made = event.kind == "TransformationEvent"
        for uri in event.outputs if is_made else event.epcs if event.action == "ADD" else ():
            product = class_of(uri)
            if product is not None and product.startswith("https://id.gs1.org/01/"):
                yield uri, mint_lot(product.rpartition("/")[2], number)
            elif product is not None and "/p/" in product:
                yield uri, canonical_uri(f"{product}/l/{number}")


def _origins(events: Iterable[Happened]) -> dict[str, datetime]:
    """Give the moment from which the record knows that something exists (decision 6)."""
    origins: dict[str, datetime] = {}
    for event in events:
        named = (*event.outputs, *(amount.uri for amount in event.output_amounts))
        if event.kind == "ObjectEvent" and (event.action == "ADD" or event.step == "receiving"):
            named = (*event.epcs, *(amount.uri for amount in event.amounts))
        for uri in named:
            origins.setdefault(uri, event.time)
    return origins


def _fold_stays(events: Iterable[Happened]) -> list[Stay]:
    stays: list[Stay] = []
    for event in events:
        match event.kind, event.action:
            case (("AggregationEvent" | "AssociationEvent"), "DELETE"):
                _take_out(stays, event)
            case (("AggregationEvent" | "AssociationEvent"), _):
                _put_in(stays, event)
            case "TransformationEvent", _:
                for uri in event.inputs:
                    now_open = [stay for stay in stays if stay.end_order is None]
                    for stay in list(_deep(uri, now_open)):
                        _close(stay, event)
                        _close_all_of(stays, stay.child, event)
                    _close_all_of(stays, uri, event)
            case "ObjectEvent", "DELETE":
                for uri in event.epcs:
                    _close_all_of(stays, uri, event)
    return stays


def _close(stay: Stay, event: Happened) -> None:
    stay.end, stay.end_order = event.time, event.order


def _close_all_of(stays: Iterable[Stay], child: str, event: Happened) -> None:
    for stay in stays:
        if stay.child == child and not stay.is_lot and stay.end_order is None:
            _close(stay, event)


def _put_in(stays: list[Stay], event: Happened) -> None:
    """Open stays: what is put in, or seen inside, is inside (decision 10)."""
    if event.parent is None:
        return
    is_fixed = event.kind == "AssociationEvent"
    now_open = [s for s in stays if s.end_order is None and s.is_fixed == is_fixed]
    for child in event.epcs:
        mine = [stay for stay in now_open if stay.child == child and not stay.is_lot]
        if not any(stay.parent == event.parent for stay in mine):
            for stay in mine:
                _close(stay, event)
            stays.append(Stay(child, event.parent, is_fixed, event.time, event.order))
    for amount in event.amounts:
        here = [
            stay
            for stay in stays
            if (stay.child, stay.parent, stay.is_fixed) == (amount.uri, event.parent, is_fixed)
            and stay.is_lot
            and stay.end_order is None
        ]
        if not here:
            stay = Stay(amount.uri, event.parent, is_fixed, event.time, event.order, is_lot=True)
            stay.amounts.append((event.order, amount))
            stays.append(stay)
        elif event.action == "ADD":
            before = here[0].amounts[-1][1]
            here[0].amounts.append((event.order, add_amounts(before, amount, 1)))


def _take_out(stays: list[Stay], event: Happened) -> None:
    is_fixed = event.kind == "AssociationEvent"
    for stay in stays:
        if stay.parent != event.parent or stay.is_fixed != is_fixed or stay.end_order is not None:
            continue
        if (not event.epcs and not event.amounts) or (not stay.is_lot and stay.child in event.epcs):
            _close(stay, event)
        for amount in event.amounts:
            if stay.is_lot and stay.child == amount.uri and stay.end_order is None:
                left = add_amounts(stay.amounts[-1][1], amount, -1)
                stay.amounts.append((event.order, left))
                if amount.value is None or (left.value is not None and left.value <= 0):
                    _close(stay, event)


def add_amounts(one: Amount, other: Amount, sign: int) -> Amount:
    """Add or take away, in the unit of the first; unknown where that can't be done."""
    (kind, size), (other_kind, other_size) = dimension(one.uom), dimension(other.uom)
    if one.value is None or other.value is None or kind != other_kind:
        return one._replace(value=None)
    return one._replace(value=one.value + sign * other.value * other_size / size)
