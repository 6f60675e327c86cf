"""Heaps and pots: what there is of a lot, and how much of the start is in it. 物料混合

A lot is one heap, goods of it that were shipped are another one, an instance is a heap of one
piece, a transformation is a pot while it runs. How much there is does not depend on the start;
how much of the start is in it does. Not-a-number is an amount that nobody can know, and
spreads by itself.

See decisions 20 to 30 of docs/design/trace.md.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from suyuan.trace._books import Kin
from suyuan.trace._columns import Small
from suyuan.trace._compiled import compiled

__all__ = [
    "AHEAD",
    "HEAP",
    "NOW",
    "POT",
    "THING",
    "Heap",
    "Now",
    "Pot",
    "State",
    "Thing",
    "begin",
    "compared",
    "draw",
    "draw_instance",
    "let_be",
    "let_in",
    "measured",
    "own",
    "pour",
    "pour_out",
    "put",
    "take",
]

_CLOSE = 1e-11  # Of the most there ever was: decimal fractions are not exact in binary.
_PRODUCTS = 1 << 40  # More than there are numbers of objects.

Records = npt.NDArray[np.void]


class Now(Protocol):
    """What is true of the whole sweep."""

    start: int
    since: int
    kind: int
    """What the unit of the start measures."""
    piece: int
    """What pieces measure, and mass and volume."""
    mass: int
    volume: int
    token: int
    """The last number given out for `stamps`."""
    sweep: int
    is_begun: bool
    whole: float
    scrapped: float


class Thing(Protocol):
    """Something reached, or that decides how much there is of what is."""

    number: int
    reached: int
    soonest: int
    """When it or any instance of it was reached first."""
    until: int
    """Up to when what goes into it counts as its portion."""
    origin: int
    """When the record first says where it comes from."""
    portion: float
    birth: int
    is_followed: bool
    """Whether its heap is followed; others are containers, or lots of what is reached."""
    is_outside: bool
    """Whether it was shipped, as an instance, and not yet received."""
    is_mine: bool
    """Whether it is an instance of the start."""
    has_own: bool
    """Whether an instance of this lot may hold some of the start beside its share."""


class Heap(Protocol):
    """What there is of a thing, and how much of the start is in it."""

    quantity: float
    amount: float
    most: float
    """The most there was since it was last empty."""
    measures: int
    """What the quantity measures, 0 as long as none was told."""
    is_touched: bool
    """Whether any of the start, known or not, has ever been in it."""


class Pot(Protocol):
    """A transformation while it runs: what went in and has not come out yet."""

    quantity: float
    amount: float
    most: float
    kind: int
    is_touched: bool


class Ahead(Protocol):
    """What is still to happen in a transformation at one of its events."""

    rest: float
    """What comes out then and later, if that is all alike."""
    is_closed: bool
    """Whether nothing goes in any more later."""


NOW = np.dtype(
    [
        *((name, "i8") for name in ("start", "since", "token", "sweep")),
        *((name, "i2") for name in ("kind", "piece", "mass", "volume")),
        ("is_begun", "?"),
        *(("whole", "f8"), ("scrapped", "f8")),
    ],
    align=True,
)
THING = np.dtype(
    [
        *((name, "i8") for name in ("number", "reached", "soonest", "until", "origin")),
        *(("portion", "f8"), ("birth", "i4")),
        *((name, "?") for name in ("is_followed", "is_outside", "is_mine", "has_own")),
    ],
    align=True,
)
_FILLED = [("quantity", "f8"), ("amount", "f8"), ("most", "f8")]
HEAP = np.dtype([*_FILLED, ("measures", "i2"), ("is_touched", "?")], align=True)
POT = np.dtype([*_FILLED, ("kind", "i8"), ("is_touched", "?")], align=True)
AHEAD = np.dtype([("rest", "f8"), ("is_closed", "?")], align=True)


class State(NamedTuple):
    """All that changes. Things have places, from 1 on, in `place` by their numbers; 0 is none.

    What runs for each thing takes records, not arrays, which cost time to hand on.
    """

    place: Small
    stamps: Small
    sent: Small
    """By stay of a lot: the sweep in which it was shipped and not yet received."""
    pot_of: Small
    """By transformation: the place of its pot, from 1 on."""
    ahead: Records
    """By event of a transformation: an `Ahead`."""
    now: Records
    """One `Now`."""
    things: Records
    here: Records
    """By place: the `Heap` of a thing, and, `away`, of what of it was shipped."""
    away: Records
    pots: Records


# The start, and what is a piece of it.


@compiled
def begin(kin: Kin, state: State) -> None:
    """From here on, what there is of the start is the start."""
    now: Now = state.now[0]
    now.is_begun = True
    at = state.place[now.start]
    _claim(now, state.here[at])
    _claim(now, state.away[at])
    own(kin, state, now.start)
    for of in range(kin.instances_starts[now.start], kin.instances_starts[now.start + 1]):
        at = state.place[kin.instances[of]]
        own(kin, state, state.things[at].number)
        state.things[at].is_mine = True
        heap: Heap = state.here[at]
        heap.is_touched = state.away[at].is_touched = True
        if heap.quantity > 0:
            heap.amount = _piece(now)
            now.whole += heap.amount
            _note(state.things[at], now.since, heap.amount)


@compiled
def _claim(now: Now, heap: Heap) -> None:
    heap.is_touched = True
    heap.amount = _as_start(now, heap)
    now.whole += heap.amount


@compiled
def own(kin: Kin, state: State, number: int) -> None:
    """Note of the lots of an instance that what is drawn from them may be the start."""
    for of in range(kin.lots_starts[number], kin.lots_starts[number + 1]):
        lot = kin.lots[of]
        if state.place[lot] > 0:
            state.things[state.place[lot]].has_own = True


@compiled
def _piece(now: Now) -> float:
    return 1.0 if now.kind == now.piece else np.nan


@compiled
def _as_start(now: Now, heap: Heap) -> float:
    """Give all that there is in a heap of the start, as an amount of the start."""
    return heap.quantity if heap.measures == now.kind or heap.quantity == 0 else np.nan


# Heaps.


@compiled
def _note(thing: Thing, time: int, share: float) -> None:
    if share != 0 and time <= thing.until:
        thing.portion += share


@compiled
def measured(heap: Heap, quantity: float, dimension: int) -> float:
    """Give a quantity as one of this heap, if it can be said in its unit."""
    if np.isnan(quantity) or (heap.measures != 0 and heap.measures != dimension):
        return np.nan
    heap.measures = dimension
    return quantity


@compiled
def put(heap: Heap, quantity: float, share: float) -> None:
    """Let a quantity in, and what it carries."""
    heap.quantity += quantity
    heap.most = max(heap.most, heap.quantity)
    heap.amount += share
    if share != 0:
        heap.is_touched = True


@compiled
def take(heap: Heap, quantity: float, is_reached: bool) -> float:
    """Take a quantity out, and give what it carries along.

    `is_reached` tells whether the start has reached this by now.
    """
    had = heap.quantity
    left = had - quantity
    is_known = left >= -_CLOSE * heap.most  # Not so if either is not a number.
    is_emptied = is_known and left <= _CLOSE * heap.most
    if is_emptied:
        heap.most = 0.0
    heap.quantity = 0.0 if is_emptied else left if is_known else np.nan
    if not heap.is_touched and (is_known or not is_reached):
        return 0.0
    if not is_known or np.isnan(heap.amount):
        heap.amount = np.nan
        heap.is_touched = True
        return np.nan
    if had == 0:
        return 0.0
    share = heap.amount if is_emptied else heap.amount * (quantity / had)
    heap.amount = 0.0 if is_emptied else heap.amount - share
    return share


@compiled
def let_in(now: Now, thing: Thing, heap: Heap, quantity: float, share: float, time: int) -> None:
    """Let a quantity of a lot into its heap, with what it carries of the start."""
    _note(thing, time, share)
    before = heap.amount
    put(heap, quantity, share)
    if now.is_begun and thing.number == now.start:
        heap.amount = _as_start(now, heap)
        now.whole += heap.amount - before - share


@compiled
def let_be(now: Now, thing: Thing, heap: Heap, share: float, time: int) -> None:
    """Let an instance be there, from now on, with what it carries of the start."""
    heap.measures = now.piece
    thing.is_outside = False
    is_start = thing.number == now.start
    if now.is_begun and (is_start or thing.is_mine):
        piece = _piece(now)
        _note(thing, time, share if is_start else piece)
        now.whole += piece - (heap.amount + share)
        heap.amount = piece
        heap.is_touched = True
    else:
        _note(thing, time, share)
        put(heap, 0.0, share)
    heap.quantity = heap.most = 1.0


@compiled
def draw(
    now: Now,
    thing: Thing,
    heap: Heap,
    quantity: float,
    dimension: int,
    time: int,
    is_use: bool,
) -> float:
    """Draw a quantity of a lot; what it carries of the start. Of other things that is nothing."""
    share = 0.0
    if thing.is_followed:
        amount = measured(heap, quantity, dimension)
        if now.is_begun and thing.number == now.start:
            # All of the start is start, whatever is known of the heap.
            take(heap, amount, True)
            heap.amount = _as_start(now, heap)
            return quantity if dimension == now.kind else np.nan
        share = take(heap, amount, thing.reached <= time)
    if is_use and (thing.has_own or _is_early(thing, time)):
        return np.nan
    return share


@compiled
def _is_early(thing: Thing, time: int) -> bool:
    """Tell whether this use comes before the thing exists, by a clock that is wrong."""
    return thing.origin > time and thing.soonest <= thing.origin


@compiled
def draw_instance(now: Now, thing: Thing, heap: Heap, time: int, is_use: bool) -> float:
    """Take an instance whole; what it carries of the start."""
    if not thing.is_followed:
        return 0.0
    share = take(heap, 1.0, thing.reached <= time)
    heap.quantity = 0.0
    if np.isnan(share):
        heap.amount = 0.0
    thing.is_outside = False
    is_start = now.is_begun and thing.number == now.start
    if is_use and not is_start and _is_early(thing, time):
        return np.nan
    return share


# Pots.


@compiled
def compared(now: Now, product: int, quantity: float, dimension: int) -> int:
    """Give what can be compared with this quantity, 0 for one that was not told.

    Kilograms compare with kilograms, but pieces only with pieces of the same product.
    """
    if np.isnan(quantity):
        return 0
    is_bulk = dimension in (now.mass, now.volume)
    return dimension * _PRODUCTS + (0 if is_bulk else product)


@compiled
def pour(pot: Pot, share: float, kind: int, quantity: float) -> None:
    """Let something in."""
    pot.amount += share
    if share != 0:
        pot.is_touched = True
    if pot.kind == 0:
        pot.kind = kind
    is_alike = kind != 0 and pot.kind == kind
    pot.quantity += quantity if is_alike else np.nan
    pot.most = max(pot.most, pot.quantity)


@compiled
def pour_out(pot: Pot, ahead: Ahead, quantity: float, is_alike: bool) -> float:
    """Let a quantity out; give the amount of the start that each unit of it takes along.

    Once nothing more goes in, what there is is shared with all that is still to come, else by
    the quantity that is inside. `is_alike` tells whether that compares with what comes out.
    """
    had = pot.quantity
    left, close = had - quantity, _CLOSE * pot.most
    is_known = is_alike and left >= -close
    pot.quantity = (0.0 if left <= close else left) if is_known else np.nan
    if not pot.is_touched:
        return 0.0
    whole = ahead.rest if ahead.is_closed else had
    is_shared = whole > 0 and (ahead.is_closed or is_known)
    if not is_shared or np.isnan(pot.amount):
        pot.amount = np.nan
        return np.nan
    share = pot.amount / whole
    is_all = whole - quantity <= _CLOSE * whole
    pot.amount = 0.0 if is_all else pot.amount - share * quantity
    return share
