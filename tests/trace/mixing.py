"""How much of a starting object is in everything else: perfect mixing, event after event.

Part of the oracle: slow and plain on purpose. The decisions it follows are listed in
`tests.trace.oracle`. All amounts here are exact, in the base unit of what they measure;
`None` is an amount that nobody can know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from suyuan.identifier import class_of
from tests.trace.facts import LATEST, PIECE, Amount, Facts, Happened, dimension

Unknown = None
Share = Fraction | None
NOTHING = Fraction(0)
ONE = Fraction(1)

LotStay = tuple[str, str, int]
"""A stay of a lot in a container: the lot, the container, the event that opened it."""

_LEAVING = ("shipping", "retail_selling")


def plus(one: Share, other: Share) -> Share:
    """Add two amounts; what is unknown stays unknown."""
    return Unknown if one is None or other is None else one + other


def minus(one: Share, other: Share) -> Share:
    """Take one amount from another; what is unknown stays unknown."""
    return Unknown if one is None or other is None else one - other


def total(shares: list[Share]) -> Share:
    """Add up amounts."""
    result: Share = NOTHING
    for share in shares:
        result = plus(result, share)
    return result


@dataclass
class Heap:
    """What there is of a lot, or an instance (one piece), and how much of the start is in it.

    `is_touched` once any of the start, known or not, has ever been in it.
    """

    quantity: Share = NOTHING
    kind: str | None = None
    amount: Share = NOTHING
    is_touched: bool = False

    def measured(self, amount: Amount) -> Share:
        """Give a quantity in the base unit of this heap, if it can be said in it."""
        kind, size = dimension(amount.uom)
        if amount.value is None or self.kind not in (None, kind):
            return Unknown
        self.kind = kind
        return amount.value * size

    def put(self, quantity: Share, share: Share) -> None:
        """Let a quantity in, and what it carries."""
        self.quantity = plus(self.quantity, quantity)
        self.amount = plus(self.amount, share)
        self.is_touched |= share != NOTHING

    def draw(self, quantity: Share, *, is_reached: bool) -> Share:
        """Take a quantity out, and give what it carries along.

        `is_reached` tells whether the start has reached this by now.
        """
        had, self.quantity = self.quantity, minus(self.quantity, quantity)
        is_known = had is not None and quantity is not None and quantity <= had
        if not is_known:
            self.quantity = Unknown
        if not self.is_touched and (is_known or not is_reached):
            return NOTHING
        if not is_known or self.amount is None:
            self.amount, self.is_touched = Unknown, True
            return Unknown
        assert had is not None
        assert quantity is not None
        share = self.amount * quantity / had if had else NOTHING
        self.amount -= share
        return share


@dataclass
class Pot:
    """A transformation while it runs: what went in and has not come out yet."""

    amount: Share = NOTHING
    quantity: Share = NOTHING
    kind: tuple[str, str] | None = None
    is_touched: bool = False

    def pour(self, share: Share, kind: tuple[str, str] | None, quantity: Share) -> None:
        """Let something in."""
        self.amount = plus(self.amount, share)
        self.is_touched |= share != NOTHING
        is_alike = kind is not None and self.kind in (None, kind)
        self.kind = self.kind or kind
        self.quantity = plus(self.quantity, quantity if is_alike else Unknown)


@dataclass
class Mixed:
    """Where all of the starting object went, in its own unit.

    `went_in` tells of each object when how much of the start went in, each time it did.
    """

    whole: Share = NOTHING
    in_stock: Share = NOTHING
    shipped: Share = NOTHING
    scrapped: Share = NOTHING
    unexplained: Share = NOTHING
    uom: str = PIECE
    went_in: dict[str, list[tuple[datetime, Share]]] = field(default_factory=dict)

    def portion(self, uri: str, until: datetime = LATEST) -> Share:
        """Give how much of the start went into something, until a moment."""
        return total([share for time, share in self.went_in.get(uri, ()) if time <= until])


def mix(facts: Facts, start: str, since: datetime, reached: Mapping[str, datetime]) -> Mixed:
    """Follow a starting object from a moment on; `reached` is what it reaches, and when."""
    mixing = _Mixing(facts, start, since, reached)
    for event in facts.events:
        if event.time >= since:
            mixing.begin()
        mixing.take_in(event)
    mixing.begin()
    return mixing.result()


class _Mixing:
    def __init__(
        self, facts: Facts, start: str, since: datetime, reached: Mapping[str, datetime]
    ) -> None:
        self.facts, self.start, self.since, self.reached = facts, start, since, reached
        self.births = _births(facts)
        self.made_here = _made_here(facts)
        self.stocked = self.made_here | _received(facts)
        self.uom = _unit(facts, start)
        self.kind, self.size = dimension(self.uom)
        self.heaps: dict[str, Heap] = {}
        self.away: dict[str, Heap] = {}
        self.pots: dict[str, Pot] = {}
        self.groups = {event.id: group for group in facts.groups for event in group.events}
        self.outside: set[str] = set()  # Instances that were shipped and not yet received.
        self.sent: set[LotStay] = set()  # Stays of lots in containers likewise.
        self.own: set[str] = set()  # Instances that hold some of the start beside their lot's.
        self.has_begun = False
        self.mixed = Mixed(uom=self.uom)

    # The start, and what is a piece of it.

    @property
    def piece(self) -> Share:
        """Give how much of the start one of its pieces is."""
        return ONE if self.kind == "count" else Unknown

    def is_start(self, uri: str) -> bool:
        """Tell whether something is the start: itself, or an instance of it."""
        return self.has_begun and (
            uri == self.start or self.start in self.facts.lots_of.get(uri, ())
        )

    def begin(self) -> None:
        """From here on, what there is of the start is the start."""
        if self.has_begun:
            return
        self.has_begun = True
        for uri in [self.start, *self.facts.instances_of.get(self.start, ())]:
            heap, away = self.heap(uri), self.away.setdefault(uri, Heap())
            heap.is_touched = away.is_touched = True
            if uri == self.start:
                heap.amount, away.amount = self.as_start(heap), self.as_start(away)
                self.mixed.whole = plus(self.mixed.whole, plus(heap.amount, away.amount))
                self.own.add(uri)
            elif heap.quantity:
                heap.amount = self.piece
                self.mixed.whole = plus(self.mixed.whole, self.piece)
                self.note(uri, self.since, self.piece)

    def as_start(self, heap: Heap) -> Share:
        """Give all that there is in a heap of the start, as an amount of the start."""
        return heap.quantity if heap.kind == self.kind or heap.quantity == 0 else Unknown

    def heap(self, uri: str) -> Heap:
        return self.heaps.setdefault(uri, Heap())

    def note(self, uri: str, time: datetime, share: Share) -> None:
        if share != NOTHING:
            self.mixed.went_in.setdefault(uri, []).append((time, share))

    # What goes in and what is drawn.

    def let_in(self, uri: str, quantity: Share, share: Share, event: Happened) -> None:
        """Let a quantity of a lot into its heap, with what it carries of the start."""
        heap = self.heap(uri)
        self.note(uri, event.time, share)
        if uri == self.start and self.has_begun:
            before = heap.amount
            heap.put(quantity, share)
            heap.amount = self.as_start(heap)
            new = minus(minus(heap.amount, before), share)
            self.mixed.whole = plus(self.mixed.whole, new)
        else:
            heap.put(quantity, share)

    def let_be(self, uri: str, share: Share, event: Happened, *, is_made: bool) -> None:
        """Let an instance be there, from now on, with what it carries of the start."""
        heap = self.heap(uri)
        heap.kind = "count"
        self.outside.discard(uri)
        if share != NOTHING and (is_made or len(self.facts.lots_of.get(uri, ())) > 1):
            self.own.add(uri)
        if self.is_start(uri):
            self.note(uri, event.time, share if uri == self.start else self.piece)
            new = minus(self.piece, plus(heap.amount, share))
            self.mixed.whole = plus(self.mixed.whole, new)
            heap.amount, heap.is_touched = self.piece, True
        else:
            self.note(uri, event.time, share)
            heap.put(NOTHING, share)
        heap.quantity = ONE

    def draw(self, amount: Amount, event: Happened, departure: datetime | None = None) -> Share:
        """Draw a quantity of a lot for a use; what it carries of the start."""
        heap = self.heap(amount.uri)
        quantity = heap.measured(amount)
        if self.has_begun and amount.uri == self.start:
            share = self._draw_start(heap, amount)
        else:
            is_reached = self.reached.get(amount.uri, LATEST) <= event.time
            share = heap.draw(quantity, is_reached=is_reached)
            if departure is not None and self._is_possible(amount.uri):
                share = Unknown
        return Unknown if self._is_early(amount.uri, event, departure) else share

    def _draw_start(self, heap: Heap, amount: Amount) -> Share:
        """All of the start is start, whatever is known of the heap."""
        heap.draw(heap.measured(amount), is_reached=True)
        heap.amount = self.as_start(heap)
        kind, size = dimension(amount.uom)
        return amount.value * size if amount.value is not None and kind == self.kind else Unknown

    def _is_possible(self, lot: str) -> bool:
        """Tell whether identity is lost: an instance of the lot may be in what is drawn."""
        instances = self.facts.instances_of.get(lot, ())
        return any(uri in self.own or self.is_start(uri) for uri in instances)

    def _is_early(self, uri: str, event: Happened, departure: datetime | None) -> bool:
        """Tell whether this use comes before the thing exists, by a clock that is wrong."""
        if departure is None or departure <= event.time:
            return False
        if uri == self.start and self.has_begun:
            return False
        either = [uri, *self.facts.instances_of.get(uri, ())]
        return any(self.reached.get(one, LATEST) <= departure for one in either)

    def draw_instance(self, uri: str, event: Happened, departure: datetime | None = None) -> Share:
        """Take an instance whole; what it carries of the start."""
        heap = self.heap(uri)
        share = heap.draw(ONE, is_reached=self.reached.get(uri, LATEST) <= event.time)
        heap.quantity = NOTHING
        heap.amount = NOTHING if share is None else heap.amount
        self.outside.discard(uri)
        return Unknown if self._is_early(uri, event, departure) else share

    # Events.

    def take_in(self, event: Happened) -> None:
        """Let one event happen."""
        for uri in event.instances:
            is_made = uri in event.outputs and uri not in event.inputs
            if self.births[uri] == event.order and not is_made:
                self.let_be(uri, self._from_lot(uri, event), event, is_made=False)
        if event.kind == "TransformationEvent":
            self.transform(event)
        elif event.kind == "ObjectEvent":
            if event.action == "ADD":
                for amount in event.amounts:
                    quantity = self.heap(amount.uri).measured(amount)
                    self.let_in(amount.uri, quantity, NOTHING, event)
            elif event.step in _LEAVING:
                self.ship(event)
            elif event.action == "DELETE":
                self.scrap(event)
            elif event.step == "receiving":
                self.receive(event)

    def _from_lot(self, uri: str, event: Happened) -> Share:
        """Draw one piece from the lot that an instance is of."""
        lots = sorted(self.facts.lots_of.get(uri, ()))
        if len(lots) > 1:
            return Unknown if any(self.heap(lot).is_touched for lot in lots) else NOTHING
        if not lots or lots[0] not in self.stocked:
            return NOTHING
        return self.draw(Amount(lots[0], ONE, PIECE), event)

    def inside(
        self, event: Happened, uris: tuple[str, ...]
    ) -> tuple[list[str], dict[LotStay, Amount]]:
        """Give the instances named, all instances inside them, and the lots by quantity."""
        instances = dict.fromkeys(uris)
        lots: dict[LotStay, Amount] = {}
        for uri in uris:
            for stay in self.facts.contents_before(uri, event.order):
                if stay.is_lot:
                    key = (stay.child, stay.parent, stay.start_order)
                    lots[key] = stay.amount_before(event.order)
                else:
                    instances[stay.child] = None
        return list(instances), lots

    def transform(self, event: Happened) -> None:
        """Draw what goes in, and share among what comes out."""
        group = self.groups[event.id]
        pot = self.pots.setdefault(event.transformation, Pot())
        departures = {(i.uri, i.is_lot): i.departure for i in group.inputs if i.time == event.time}
        instances, lots = self.inside(event, event.inputs)
        for uri in instances:
            share = self.draw_instance(uri, event, departures.get((uri, False), event.time))
            pot.pour(share, *_measure(Amount(uri, ONE, PIECE)))
        for amount in (*lots.values(), *event.input_amounts):
            share = self.draw(amount, event, departures.get((amount.uri, True), event.time))
            pot.pour(share, *_measure(amount))
        outs = _coming_out([event])
        if not outs:
            return
        later = [other for other in group.events if other.order > event.order]
        is_closed = not any(other.inputs or other.input_amounts for other in later)
        left = outs + _coming_out(later) if is_closed else None
        for amount, share in zip(outs, _pour_out(pot, outs, left), strict=True):
            if amount.uri in event.outputs:
                self.let_be(amount.uri, share, event, is_made=True)
            else:
                quantity = self.heap(amount.uri).measured(amount)
                self.let_in(amount.uri, quantity, share, event)

    def ship(self, event: Happened) -> None:
        """Let goods leave, those inside containers too."""
        instances, lots = self.inside(event, event.epcs)
        self.outside |= set(instances)
        for key, amount in lots.items():
            if key not in self.sent:
                self.sent.add(key)
                self._send(amount, event)
        for amount in event.amounts:
            self._send(amount, event)

    def _send(self, amount: Amount, event: Happened) -> None:
        share = self.draw(amount, event)
        away = self.away.setdefault(amount.uri, Heap())
        away.put(away.measured(amount), share)

    def receive(self, event: Happened) -> None:
        """Let goods arrive: back from where they were sent, or new to the record."""
        instances, lots = self.inside(event, event.epcs)
        self.outside -= set(instances)
        self.sent -= set(lots)
        for amount in (*lots.values(), *event.amounts):
            here, away = self.heap(amount.uri), self.away.setdefault(amount.uri, Heap())
            quantity = here.measured(amount)
            if away.measured(amount) is None:
                quantity = Unknown
            back: Share = Unknown
            if away.quantity is not None and quantity is not None:
                back = min(away.quantity, quantity)
            if back is None or back > 0:
                here.put(back, away.draw(back, is_reached=away.is_touched))
            if amount.uri not in self.made_here:
                self.let_in(amount.uri, minus(quantity, back), NOTHING, event)

    def scrap(self, event: Happened) -> None:
        """Let goods end; those inside a container too, where it was destroyed."""
        instances, lots = self.inside(event, event.epcs)
        if event.step != "destroying":
            instances, lots = list(event.epcs), {}
        shares = [self.draw_instance(uri, event) for uri in instances]
        shares += [self.draw(amount, event) for amount in (*lots.values(), *event.amounts)]
        self.mixed.scrapped = plus(self.mixed.scrapped, total(shares))

    def result(self) -> Mixed:
        """Close the books, and say everything in the unit of the start."""
        mixed = self.mixed
        here = [heap.amount for uri, heap in self.heaps.items() if uri not in self.outside]
        gone = [heap.amount for uri, heap in self.heaps.items() if uri in self.outside]
        mixed.in_stock = total(here)
        mixed.shipped = total(gone + [heap.amount for heap in self.away.values()])
        mixed.unexplained = total([pot.amount for pot in self.pots.values()])
        for name in ("whole", "in_stock", "shipped", "scrapped", "unexplained"):
            value = getattr(mixed, name)
            setattr(mixed, name, None if value is None else value / self.size)
        mixed.went_in = {
            uri: [(time, None if share is None else share / self.size) for time, share in went]
            for uri, went in mixed.went_in.items()
        }
        return mixed


def _births(facts: Facts) -> dict[str, int]:
    """Give the event from which an instance is there: commissioned or made, else first named."""
    births: dict[str, int] = {}
    named: dict[str, int] = {}
    for event in facts.events:
        is_adding = event.kind == "ObjectEvent" and event.action == "ADD"
        for uri in (*event.outputs, *(event.epcs if is_adding else ())):
            if uri not in event.inputs:  # Rework does not make it.
                births.setdefault(uri, event.order)
        for uri in event.instances:
            named.setdefault(uri, event.order)
    return named | births


def _received(facts: Facts) -> set[str]:
    """Give the lots that were received by quantity, bare or in a container."""
    lots = set()
    for event in facts.events:
        if event.kind == "ObjectEvent" and event.step == "receiving":
            lots |= {amount.uri for amount in event.amounts}
            for uri in event.epcs:
                inside = facts.contents_before(uri, event.order)
                lots |= {stay.child for stay in inside if stay.is_lot}
    return lots


def _made_here(facts: Facts) -> set[str]:
    """Give the lots whose origin is in the record: made or commissioned by quantity."""
    return {
        amount.uri
        for event in facts.events
        for amount in (
            event.amounts
            if event.kind == "ObjectEvent" and event.action == "ADD"
            else event.output_amounts
        )
    }


def _unit(facts: Facts, start: str) -> str:
    """Give the unit of a start: that in which a quantity of it is first told."""
    for event in facts.events:
        for amount in (*event.amounts, *event.input_amounts, *event.output_amounts):
            if amount.uri == start and amount.value is not None:
                return amount.uom
    return PIECE


def _measure(amount: Amount) -> tuple[tuple[str, str] | None, Share]:
    """Give what can be compared with this quantity, and how much it is.

    Kilograms compare with kilograms, but pieces only with pieces of the same product.
    """
    if amount.value is None:
        return None, Unknown
    kind, size = dimension(amount.uom)
    product = (class_of(amount.uri) or amount.uri) if kind not in ("mass", "volume") else ""
    return (kind, product), amount.value * size


def _coming_out(events: list[Happened]) -> list[Amount]:
    """Give everything that comes out in some events of a transformation, in order."""
    return [
        amount
        for event in events
        for amount in (*(Amount(u, ONE, PIECE) for u in event.outputs), *event.output_amounts)
    ]


def _pour_out(pot: Pot, outs: list[Amount], left: list[Amount] | None) -> list[Share]:
    """Give what comes out at once its shares of a pot (decision 20).

    `left` is all that is still to come, these included, if nothing more goes in; else the
    shares are those of the quantity in the pot.
    """
    measures = [_measure(amount) for amount in outs]
    quantity = total([size for _, size in measures])
    whole, kind = pot.quantity, pot.kind
    if left is not None:
        rest = [_measure(amount) for amount in left]
        whole, kind = total([size for _, size in rest]), measures[0][0]
        if any(other != kind for other, _ in rest):
            whole = Unknown
    is_alike = all(other == pot.kind for other, _ in measures)
    had = pot.quantity
    pot.quantity = minus(had, quantity) if is_alike else Unknown
    if had is None or quantity is None or quantity > had:
        pot.quantity = Unknown
    if not pot.is_touched:
        return [NOTHING for _ in outs]
    is_alike = all(other == kind for other, _ in measures)
    if pot.amount is None or whole is None or not is_alike or quantity is None or quantity > whole:
        pot.amount = Unknown
        return [Unknown for _ in outs]
    amount = pot.amount
    shares: list[Share] = [amount * (size or NOTHING) / whole for _, size in measures]
    pot.amount = minus(amount, total(shares))
    return shares
