"""What the journal says that makes genealogy: events in order, and what stands in them. 谱系事实

Flat arrays, because there are hundreds of millions of mentions in a large journal. Objects go
by their numbers in the journal. Times are in microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from functools import cache

import numpy as np
import numpy.typing as npt

from suyuan.event import Action, Event, EventType, Role
from suyuan.quantity import units

__all__ = [
    "PIECE",
    "STEPS",
    "Facts",
    "Numbered",
    "Step",
    "base_unit",
    "facts_of_events",
    "first_namings",
    "first_told",
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

_ROLES = frozenset(
    {
        *(Role.EPC, Role.PARENT, Role.CHILD, Role.INPUT, Role.OUTPUT, Role.QUANTITY),
        *(Role.CHILD_QUANTITY, Role.INPUT_QUANTITY, Role.OUTPUT_QUANTITY),
        *(Role.TRANSFORMATION, Role.LOT),
    }
)

Ints = npt.NDArray[np.int64]
Numbered = tuple[int, Event]
"""An event with its sequence number."""


@dataclass(frozen=True)
class Facts:
    """The events that count and make genealogy, in the order of time and event ID.

    With them stand the events that are the first to name an instance: from then on it is
    there, and no longer a part of what its lot holds. Mentions stand event by event, in the
    order of their roles. Quantities are in the base unit of their dimension, not-a-number
    where none is told; pieces are 1 each.
    """

    sequences: Ints
    times: Ints
    types: npt.NDArray[np.int8]
    actions: npt.NDArray[np.int8]
    steps: npt.NDArray[np.int8]
    starts: Ints
    """Where the mentions of each event begin; one more than there are events."""
    roles: npt.NDArray[np.int8]
    objects: Ints
    quantities: npt.NDArray[np.float64]
    dimensions: npt.NDArray[np.int16]
    belonging: Ints
    """Pairs of instance and lot, from keys that name both: two columns."""
    told: Ints
    """The lots of which a quantity was ever told, in the order of their numbers."""
    told_in: npt.NDArray[np.int16]
    """The unit in which it was first told, by its place in `uoms`."""
    uoms: tuple[str, ...]
    classes: Ints
    """By the number of an object: the number of its class, 0 where it has none."""
    position: int
    """The sequence number up to which the journal was read."""

    @property
    def events(self) -> int:
        """Count the events."""
        return len(self.sequences)

    @property
    def objects_max(self) -> int:
        """Give the greatest number of an object."""
        return len(self.classes) - 1


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


def base_quantity(quantity: Decimal | None, uom: str | None) -> tuple[float, int]:
    """Give a quantity in the base unit, and what it measures."""
    dimension, factor = measure(uom or PIECE)
    if quantity is None:
        return float("nan"), dimension
    return float(Fraction(quantity) * Fraction(factor)), dimension


def facts_of_events(
    numbered: Iterable[Numbered], numbers: dict[str, int], classes: Ints, *, position: int
) -> Facts:
    """Make facts of events at hand. `numbers` gives the number of every identifier in them."""
    events = list(numbered)
    wrong = {event.event_id for _, event in events if event.is_error_declaration}
    counting = sorted(
        (
            (event.event_time, event.event_id or "", sequence, event)
            for sequence, event in events
            if event.event_id not in wrong and not event.is_error_declaration
        ),
        key=lambda one: one[:3],
    )
    mentions: list[tuple[int, int, int, float, int, str]] = []
    belonging: list[tuple[int, int]] = []
    for at, (*_, event) in enumerate(counting):
        for role, uri, quantity, uom, word in sorted(event.mentions, key=lambda one: one[0]):
            if role == Role.LOT and word is not None:
                # A key says of which lot it is, whatever the event is about.
                belonging.append((numbers[word], numbers[uri]))
            elif role in _ROLES:
                measured = base_quantity(quantity, uom)
                mentions.append((at, role, numbers[uri], *measured, uom or PIECE))
    columns = list(zip(*mentions, strict=True)) or [()] * 6
    event_of, roles = np.array(columns[0], np.int64), np.array(columns[1], np.int8)
    objects, quantities = np.array(columns[2], np.int64), np.array(columns[3], np.float64)
    uoms = sorted(set(columns[5]))
    codes = np.array([uoms.index(uom) for uom in columns[5]], np.int16)
    types = np.array([one[3].event_type for one in counting], np.int8)
    actions = np.array([one[3].action for one in counting], np.int8)
    steps = np.array([STEPS.get(one[3].business_step or "", 0) for one in counting], np.int8)
    is_needed = is_genealogy(types, actions, steps)
    is_needed |= first_namings(event_of, roles, objects, len(counting), len(classes))
    is_said = is_needed[event_of]
    per_event = np.bincount(event_of[is_said], minlength=len(counting))[is_needed]
    told, told_in = first_told(event_of, roles, objects, quantities, codes)
    return Facts(
        sequences=np.array([one[2] for one in counting], np.int64)[is_needed],
        times=np.array([one[0] for one in counting], np.int64)[is_needed],
        types=types[is_needed],
        actions=actions[is_needed],
        steps=steps[is_needed],
        starts=np.concatenate((np.zeros(1, np.int64), np.cumsum(per_event))),
        roles=roles[is_said],
        objects=objects[is_said],
        quantities=quantities[is_said],
        dimensions=np.array(columns[4], np.int16)[is_said],
        belonging=np.array(belonging, np.int64).reshape(-1, 2),
        told=told,
        told_in=told_in,
        uoms=tuple(uoms),
        classes=classes,
        position=position,
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


def first_namings(
    event_of: Ints, roles: npt.NDArray[np.int8], objects: Ints, events: int, objects_count: int
) -> npt.NDArray[np.bool_]:
    """Tell which events are the first to name an instance; events by their place in order."""
    is_instance = roles <= Role.OUTPUT
    event_of, objects = event_of[is_instance], objects[is_instance]
    first = np.full(objects_count, events, np.int64)
    np.minimum.at(first, objects, event_of)
    result = np.zeros(events, bool)
    result[event_of[first[objects] == event_of]] = True
    return result


def first_told(
    event_of: Ints,
    roles: npt.NDArray[np.int8],
    objects: Ints,
    quantities: npt.NDArray[np.float64],
    codes: npt.NDArray[np.int16],
) -> tuple[Ints, npt.NDArray[np.int16]]:
    """Give every lot of which a quantity was told, and the code of the first unit."""
    is_told = ~np.isnan(quantities)
    objects, codes = objects[is_told], codes[is_told]
    order = np.lexsort((roles[is_told], event_of[is_told]))
    lots, first = np.unique(objects[order], return_index=True)
    return lots, codes[order][first]
