"""What the journal says that makes genealogy: events in order, and what stands in them. 谱系事实

Flat arrays, because there are hundreds of millions of mentions in a large journal. Objects go
by their numbers in the journal. Times are in microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

from suyuan.event import GENEALOGY_ROLES, Action, Event, EventType, Role
from suyuan.quantity import units
from suyuan.trace._columns import Ints, Marks, Small
from suyuan.trace._compiled import compiled
from suyuan.trace._edges import NAMED

__all__ = [
    "PIECE",
    "STEPS",
    "Batch",
    "Facts",
    "Numbered",
    "Step",
    "base_unit",
    "batch_of_events",
    "dimensions_of",
    "first_namings",
    "is_genealogy",
    "measure",
]

PIECE = "C62"


class Step(IntEnum):
    """The business steps that tell where goods went; every other one is NONE."""

    NONE = 0
    RECEIVING = 1
    SHIPPING = 2
    RETAIL_SELLING = 3
    DESTROYING = 4


STEPS = {
    f"https://ref.gs1.org/cbv/BizStep-{step.name.lower()}": step
    for step in Step
    if step is not Step.NONE
}

_OUTPUT = int(Role.OUTPUT)
Numbered = tuple[int, Event]
"""An event with its sequence number."""


@dataclass(frozen=True)
class Facts:
    """The events that count and make genealogy, with what they mention.

    With them stand the events that are the first to name an instance: from then on it is
    there, and no longer a part of what its lot holds. Events stand in the order of time and
    event ID, but that what came late may stand at the end (`is_in_order` tells). Mentions
    stand event by event, in the order of their roles. Quantities are in the base unit of
    their dimension, not-a-number where none is told; pieces are 1 each.
    """

    sequences: Ints
    times: Ints
    types: npt.NDArray[np.int8]
    actions: npt.NDArray[np.int8]
    steps: npt.NDArray[np.int8]
    starts: Ints
    """Where the mentions of each event begin; one more than there are events."""
    roles: npt.NDArray[np.int8]
    objects: Small
    quantities: npt.NDArray[np.float64]
    units: npt.NDArray[np.int16]
    """Beside each quantity the place of its unit in `uoms`."""
    uoms: tuple[str, ...]
    classes: Small
    """By the number of an object: the number of its class, 0 where it has none."""
    position: int
    """The sequence number up to which the journal was read."""
    is_in_order: bool

    @property
    def events(self) -> int:
        """Count the events."""
        return len(self.sequences)

    @property
    def objects_max(self) -> int:
        """Give the greatest number of an object."""
        return len(self.classes) - 1

    @cached_property
    def dimensions(self) -> npt.NDArray[np.int16]:
        """Give what each quantity measures."""
        return dimensions_of(self.uoms)[self.units]


@dataclass(frozen=True)
class Batch:
    """What a part of the journal says: its events that count, whether they matter or not.

    In the order of time and event ID; columns as in `Facts`. Quantities stand as they are told,
    in the base unit.
    """

    sequences: Ints
    times: Ints
    types: npt.NDArray[np.int8]
    actions: npt.NDArray[np.int8]
    steps: npt.NDArray[np.int8]
    event_of: Ints
    """By mention, the event by its place; mentions in the order of events and roles."""
    roles: npt.NDArray[np.int8]
    objects: Ints
    quantities: npt.NDArray[np.float64]
    units: npt.NDArray[np.int16]
    uoms: tuple[str, ...]
    belonging: Ints
    """Pairs of instance and lot, from keys that name both: two columns."""
    classes: Ints
    """Objects that are new, and their classes: two columns."""
    position: int

    @property
    def events(self) -> int:
        """Count the events."""
        return len(self.sequences)


def dimensions_of(uoms: Sequence[str]) -> npt.NDArray[np.int16]:
    """Give what each unit measures."""
    return np.array([measure(uom)[0] for uom in uoms] or [0], np.int16)


@cache
def measure(uom: str) -> tuple[int, float]:
    """Give the number of what a unit measures, and its size in the base unit of that.

    A unit that is not in our table measures something of its own.
    """
    unit = units().get(uom or PIECE)
    if unit is None:
        digits = int.from_bytes(uom.encode()[:3].rjust(3), "big")
        return -1 - digits % 30_000, 1.0
    return _dimension_numbers()[unit.dimension], float(unit.factor)


@cache
def _dimension_numbers() -> dict[str, int]:
    return {name: at for at, name in enumerate(sorted({u.dimension for u in units().values()}), 1)}


@cache
def base_unit(dimension: int) -> str:
    """Give the code of the base unit of a dimension; of none, and of pieces, the piece."""
    for name, number in _dimension_numbers().items():
        if number == dimension:
            for unit in units().values():
                if unit.dimension == name and unit.factor == 1 and unit.offset == 0:
                    return unit.code
    return PIECE


def base_quantity(quantity: Decimal | None, uom: str | None) -> float:
    """Give a quantity in the base unit."""
    if quantity is None:
        return float("nan")
    return float(Fraction(quantity) * Fraction(measure(uom or PIECE)[1]))


def batch_of_events(
    numbered: Iterable[Numbered], numbers: Mapping[str, int], classes: Ints, *, position: int
) -> Batch:
    """Make a batch of events at hand. `numbers` gives the number of every identifier in them.

    `classes` are the pairs of object and class.
    """
    counting = _counting(numbered)
    mentions: list[tuple[int, int, int, float, str]] = []
    belonging: list[tuple[int, int]] = []
    for at, (*_, event) in enumerate(counting):
        for role, uri, quantity, uom, word in sorted(event.mentions, key=lambda one: one[0]):
            if role == Role.LOT and word is not None:
                # A key says of which lot it is, whatever the event is about.
                belonging.append((numbers[word], numbers[uri]))
            elif role in GENEALOGY_ROLES:
                amount = base_quantity(quantity, uom)
                mentions.append((at, role, numbers[uri], amount, uom or PIECE))
    columns = list(zip(*mentions, strict=True)) or [()] * 5
    uoms = sorted(set(columns[4]))
    return Batch(
        sequences=np.array([one[2] for one in counting], np.int64),
        times=np.array([one[0] for one in counting], np.int64),
        types=np.array([one[3].event_type for one in counting], np.int8),
        actions=np.array([one[3].action for one in counting], np.int8),
        steps=np.array([STEPS.get(one[3].business_step or "", 0) for one in counting], np.int8),
        event_of=np.array(columns[0], np.int64),
        roles=np.array(columns[1], np.int8),
        objects=np.array(columns[2], np.int64),
        quantities=np.array(columns[3], np.float64),
        units=np.array([uoms.index(uom) for uom in columns[4]], np.int16),
        uoms=tuple(uoms),
        belonging=np.array(belonging, np.int64).reshape(-1, 2),
        classes=classes.reshape(-1, 2),
        position=position,
    )


def _counting(numbered: Iterable[Numbered]) -> list[tuple[int, str, int, Event]]:
    """Give time, ID, number and event of what was not declared in error, in their order."""
    events = list(numbered)
    wrong = {event.event_id for _, event in events if event.is_error_declaration}
    return sorted(
        (
            (event.event_time, event.event_id or "", sequence, event)
            for sequence, event in events
            if event.event_id not in wrong and not event.is_error_declaration
        ),
        key=lambda one: one[:3],
    )


def is_genealogy(
    types: npt.NDArray[np.int8], actions: npt.NDArray[np.int8], steps: npt.NDArray[np.int8]
) -> npt.NDArray[np.bool_]:
    """Tell which events open, close, make, use or move anything; most only observe."""
    is_moved = (steps != Step.NONE) & (steps != Step.DESTROYING)
    is_object = types == EventType.OBJECT
    result: npt.NDArray[np.bool_] = (~is_object | (actions != Action.OBSERVE) | is_moved) & (
        types != EventType.TRANSACTION
    )
    return result


def first_namings(batch: Batch, named: Marks) -> npt.NDArray[np.bool_]:
    """Tell which events are the first to name an instance that is not `named` yet, and name it.

    `named` is by object.
    """
    result = np.zeros(batch.events, bool)
    _name(batch.event_of, batch.roles, batch.objects, named, result)
    return result


@compiled
def _name(
    event_of: Ints,
    roles: npt.NDArray[np.int8],
    objects: Ints,
    traits: Marks,
    is_first: npt.NDArray[np.bool_],
) -> None:
    for at in range(len(roles)):
        thing = objects[at]
        if roles[at] <= _OUTPUT and traits[thing] & NAMED == 0:
            traits[thing] |= NAMED
            is_first[event_of[at]] = True
