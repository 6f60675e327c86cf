"""The mass balance by brute force: events one after the other, amounts exact.

Written from docs/design/trace.md alone. Slow and plain on purpose; `None` is an amount that
nobody can know.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from tests.trace.facts import PIECE, Amount, Facts, Happened, dimension
from tests.trace.mixing import LotStay, minus, plus, total

FIGURES = (
    *("received", "made", "adjusted", "used"),
    *("shipped", "scrapped", "sampled", "returned"),
)
_ARRIVING = ("receiving", "arriving")
Share = Fraction | None
NOTHING = Fraction(0)


class Deed(NamedTuple):
    """What an event does to one thing: an instance, or an amount of a lot."""

    kind: str
    uri: str
    amount: Amount | None
    stay: LotStay | None


@dataclass
class Heap:
    """A lot: what is here, away, and on its way back."""

    level: Share = NOTHING
    away: Share = NOTHING
    back: Share = NOTHING


@dataclass
class Told:
    """One figure: the sum of what is known, how many entries are unknown, the events."""

    known: Fraction = NOTHING
    unknown: int = 0
    events: set[str] = field(default_factory=set)


def kind_of(event: Happened, *, is_lot: bool) -> str:
    """Say what an object event does, by step, action and disposition."""
    is_back = "returned" in event.body.get("disposition", "")
    counting = event.step in ("stock_taking", "cycle_counting")
    if event.action == "ADD":
        return "found" if counting else "taken in" if event.step in _ARRIVING else "made"
    if event.step in ("shipping", "departing", "consigning", "retail_selling", "dispensing"):
        is_sold = event.step in ("retail_selling", "dispensing")
        return "sent back" if is_back and not is_sold else "left"
    if event.step == "void_shipping":
        return "voided"
    if event.step == "sampling":
        return "sampled"
    if event.action == "DELETE":
        return "missing" if counting else "scrapped"
    if event.step in _ARRIVING:
        return "arrived back" if is_back else "arrived"
    return "counted" if counting and is_lot else ""


_WHOLE = ("left", "sent back", "voided", "arrived", "arrived back")


class Book:
    """The account of some lots and all their instances."""

    def __init__(self, facts: Facts, lots: set[str], instances: set[str], uom: str) -> None:
        self.facts, self.lots, self.instances = facts, lots, instances
        self.kind, self.size = dimension(uom)
        self.heaps = {uri: Heap() for uri in lots}
        self.states = dict.fromkeys(instances, "nowhere")
        self.sent: dict[LotStay, str] = {}
        self.counts: dict[str, dict[str, Share]] = {}
        self.last_is_count: dict[str, bool] = {}
        self.figures = {name: Told() for name in FIGURES}
        self.deeds = [(event, list(self.deeds_of(event))) for event in facts.events]
        every = [deed for _, deeds in self.deeds for deed in deeds]
        self.made_here = {d.uri for d in every if d.amount and d.kind == "made"}
        stocked: dict[str, int] = {}
        for event, deeds in self.deeds:
            for deed in deeds:
                if deed.amount and deed.kind in ("made", "taken in", "arrived", "arrived back"):
                    stocked.setdefault(deed.uri, event.order)
        self.home: dict[str, str] = {}
        for uri in instances:
            mine = [lot for lot in facts.lots_of.get(uri, ()) if lot in stocked and lot in lots]
            if mine and not self._is_born_made(uri):
                self.home[uri] = min(mine, key=stocked.__getitem__)
                self.states[uri] = "here"

    def _is_born_made(self, uri: str) -> bool:
        """Tell whether it came out of a transformation before anything else made it."""
        for event, deeds in self.deeds:
            kinds = {deed.kind for deed in deeds if deed.uri == uri and deed.amount is None}
            is_again = bool(kinds & {"used", "sampled"})  # Rework does not make it.
            if "made" in kinds and not is_again:
                return event.kind == "TransformationEvent"
        return False

    def deeds_of(self, event: Happened) -> Iterator[Deed]:
        if event.kind == "TransformationEvent":
            out = "sampled" if event.step == "sampling" else "used"
            yield from self._all(event, out, event.inputs, event.input_amounts, is_whole=True)
            yield from self._all(event, "made", event.outputs, event.output_amounts)
        elif event.kind == "ObjectEvent":
            kind = kind_of(event, is_lot=False)
            is_whole = kind in _WHOLE or (kind == "scrapped" and event.step == "destroying")
            if kind:
                yield from self._all(event, kind, event.epcs, (), is_whole=is_whole)
            kind = kind_of(event, is_lot=True)
            if kind:
                yield from self._all(event, kind, (), event.amounts)

    def _all(
        self,
        event: Happened,
        kind: str,
        instances: tuple[str, ...],
        amounts: tuple[Amount, ...],
        *,
        is_whole: bool = False,
    ) -> Iterator[Deed]:
        """Give what is named, and with containers what is inside when the event comes."""
        things = dict.fromkeys(instances)
        stays = {}
        for uri in instances if is_whole else ():
            for stay in self.facts.contents_before(uri, event.order):
                if stay.is_lot:
                    key = (stay.child, stay.parent, stay.start_order)
                    stays[key] = stay.amount_before(event.order)
                else:
                    things[stay.child] = None
        for uri in things:
            if uri in self.instances:
                yield Deed(kind, uri, None, None)
        for key, amount in stays.items():
            if amount.uri in self.lots:
                yield Deed(kind, amount.uri, amount, key)
        for amount in amounts:
            if amount.uri in self.lots:
                yield Deed(kind, amount.uri, amount, None)

    def run(self, first: datetime | None = None, last: datetime | None = None) -> None:
        """Take in the events up to a time; figures count from the first one on."""
        for event, deeds in self.deeds:
            if last is not None and event.time > last:
                break
            self.is_noted = first is None or event.time >= first
            for deed in deeds:
                if deed.amount is None:
                    self._instance(event, deed)
                else:
                    self._lot(event, deed, deed.amount)

    def note(self, event: Happened, name: str, amount: Share) -> None:
        if self.is_noted and amount != 0:
            told = self.figures[name]
            told.events.add(event.id)
            if amount is None:
                told.unknown += 1
            else:
                told.known += amount / self.size

    # Instances.

    def _instance(self, event: Happened, deed: Deed) -> None:
        before = self.states[deed.uri]
        after, figure = self._step(before, deed.kind)
        piece: Share = Fraction(1) if self.kind == "count" else None
        negative = None if piece is None else -piece
        self.states[deed.uri] = after
        if figure is not None:
            sign = negative if deed.kind == "missing" else piece
            self.note(event, figure, sign)
        for state, name in (("away", "shipped"), ("going back", "returned")):
            if before != after and state == after:
                self.note(event, name, piece)
            elif before != after and state == before:
                self.note(event, name, negative)
        home = self.home.get(deed.uri)
        if home is not None and (before == "here") != (after == "here"):
            heap = self.heaps[home]
            heap.level = plus(heap.level, piece if after == "here" else negative)
            self.last_is_count[home] = False

    @staticmethod
    def _step(before: str, kind: str) -> tuple[str, str | None]:
        """Give the next state of an instance, and the figure that it counts in."""
        match kind:
            case "made" | "taken in" | "found":
                names = {"made": "made", "taken in": "received", "found": "adjusted"}
                return "here", names[kind] if before in ("nowhere", "ended") else None
            case _ if before == "ended":
                return before, None
            case "arrived" | "arrived back":
                return "here", "received" if before == "nowhere" else None
            case "voided":
                return ("here" if before in ("away", "going back") else before), None
            case "left":
                return "away", None
            case "sent back":
                return "going back", None
            case "counted":
                return before, None
        names = {"used": "used", "sampled": "sampled", "scrapped": "scrapped"}
        return "ended", names.get(kind, "adjusted")

    # Lots.

    def _lot(self, event: Happened, deed: Deed, amount: Amount) -> None:
        heap, kind = self.heaps[deed.uri], dimension(amount.uom)
        same = amount.value is not None and kind[0] == self.kind
        quantity: Share = (amount.value or NOTHING) * kind[1] if same else None
        gone = self.sent.get(deed.stay) if deed.stay else None
        is_count = deed.kind == "counted"
        if is_count:
            self._count(event, deed.uri, heap, quantity)
        elif deed.kind in ("made", "taken in", "found"):
            names = {"made": "made", "taken in": "received", "found": "adjusted"}
            self.note(event, names[deed.kind], quantity)
            heap.level = plus(heap.level, quantity)
        elif deed.kind in ("left", "sent back"):
            self._leave(event, deed, heap, quantity, gone)
        elif deed.kind in ("arrived", "arrived back", "voided"):
            self._arrive(event, deed, heap, quantity)
        else:
            self._end(event, deed, heap, quantity, gone)
        self.last_is_count[deed.uri] = is_count

    def _count(self, event: Happened, uri: str, heap: Heap, quantity: Share) -> None:
        if not self.last_is_count.get(uri):
            self.counts[uri] = {}
        where = event.body.get("bizLocation", event.body.get("readPoint", {})).get("id", "")
        self.counts[uri][where] = quantity
        heap.level = total(list(self.counts[uri].values()))

    def _leave(
        self, event: Happened, deed: Deed, heap: Heap, quantity: Share, gone: str | None
    ) -> None:
        if gone == deed.kind:
            return
        if deed.stay:
            self.sent[deed.stay] = deed.kind
        moved: Share = NOTHING
        if deed.kind == "left":
            if gone:
                moved = taken(heap.back, quantity)
                heap.back = minus(heap.back, moved)
            heap.away = plus(heap.away, quantity)
            self.note(event, "shipped", quantity)
            self.note(event, "returned", minus(NOTHING, moved))
        else:
            if gone or (not deed.stay and deed.uri in self.made_here):
                moved = taken(heap.away, quantity)
                heap.away = minus(heap.away, moved)
            heap.back = plus(heap.back, quantity)
            self.note(event, "returned", quantity)
            self.note(event, "shipped", minus(NOTHING, moved))
        heap.level = minus(heap.level, minus(quantity, moved))

    def _arrive(self, event: Happened, deed: Deed, heap: Heap, quantity: Share) -> None:
        if deed.stay:
            self.sent.pop(deed.stay, None)
        if deed.kind == "arrived back":
            back = taken(heap.back, quantity)
            away = taken(heap.away, minus(quantity, back))
        else:
            away = taken(heap.away, quantity)
            back = taken(heap.back, minus(quantity, away))
        heap.away, heap.back = minus(heap.away, away), minus(heap.back, back)
        self.note(event, "shipped", minus(NOTHING, away))
        self.note(event, "returned", minus(NOTHING, back))
        heap.level = plus(heap.level, plus(away, back))
        if deed.kind != "voided" and deed.uri not in self.made_here:
            rest = minus(quantity, plus(away, back))
            self.note(event, "received", rest)
            heap.level = plus(heap.level, rest)

    def _end(
        self, event: Happened, deed: Deed, heap: Heap, quantity: Share, gone: str | None
    ) -> None:
        if deed.stay and gone == "left":
            moved = taken(heap.away, quantity)
            heap.away, heap.level = minus(heap.away, moved), plus(heap.level, moved)
            self.note(event, "shipped", minus(NOTHING, moved))
        elif deed.stay and gone:
            moved = taken(heap.back, quantity)
            heap.back, heap.level = minus(heap.back, moved), plus(heap.level, moved)
            self.note(event, "returned", minus(NOTHING, moved))
        if deed.stay:
            self.sent.pop(deed.stay, None)
        heap.level = minus(heap.level, quantity)
        if deed.kind == "missing":
            self.note(event, "adjusted", minus(NOTHING, quantity))
        else:
            self.note(event, deed.kind, quantity)

    def stock(self) -> tuple[Fraction, int]:
        """Give what is known to be here, and of how many things it is not known how much."""
        levels = [heap.level for heap in self.heaps.values()]
        for uri, state in self.states.items():
            if state == "here" and uri not in self.home:
                levels.append(Fraction(1) if self.kind == "count" else None)
        known = [max(level, NOTHING) for level in levels if level is not None]
        return sum(known, NOTHING) / self.size, len(levels) - len(known)


def taken(pool: Share, amount: Share) -> Share:
    """Give how much of an amount can be taken from a pool; nothing from an empty one."""
    if pool == 0:
        return NOTHING
    return None if pool is None or amount is None else min(pool, amount)


def keep_book(
    facts: Facts,
    lots: set[str],
    instances: set[str],
    uom: str = PIECE,
    first: datetime | None = None,
    last: datetime | None = None,
) -> tuple[dict[str, Told], tuple[Fraction, int], tuple[Fraction, int]]:
    """Give the figures of a period, what was there before it, and what is there after it."""
    before = Book(facts, lots, instances, uom)
    if first is not None:
        before.deeds = [(event, deeds) for event, deeds in before.deeds if event.time < first]
        before.run()
    book = Book(facts, lots, instances, uom)
    book.run(first, last)
    opening = before.stock() if first is not None else (NOTHING, 0)
    return book.figures, opening, book.stock()
