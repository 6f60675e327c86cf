"""What the journal says that makes genealogy: events in order, and what stands in them. 谱系事实

Flat arrays, because there are hundreds of millions of mentions in a large journal. Objects go
by their numbers in the journal. Times are in microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache

import numpy as np
import numpy.typing as npt

from suyuan.event import Action, Event, EventType, Role
from suyuan.quantity import units

__all__ = [
    "PIECE",
    "RECEIVING",
    "Facts",
    "Numbered",
    "base_unit",
    "facts_of_events",
    "measure",
]

RECEIVING = "https://ref.gs1.org/cbv/BizStep-receiving"
PIECE = "C62"

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

    Mentions stand event by event, in the order of their roles. Quantities are in the base
    unit of their dimension, not-a-number where none is told; pieces are 1 each.
    """

    sequences: Ints
    times: Ints
    types: npt.NDArray[np.int8]
    actions: npt.NDArray[np.int8]
    is_receipt: npt.NDArray[np.bool_]
    starts: Ints
    """Where the mentions of each event begin; one more than there are events."""
    roles: npt.NDArray[np.int8]
    objects: Ints
    quantities: npt.NDArray[np.float64]
    dimensions: npt.NDArray[np.int16]
    belonging: Ints
    """Pairs of instance and lot, from keys that name both: two columns."""
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
            if event.event_id not in wrong and makes_genealogy(event)
        ),
        key=lambda one: one[:3],
    )
    mentions: list[tuple[int, int, float, int]] = []
    starts = [0]
    belonging: list[tuple[int, int]] = []
    for *_, event in counting:
        for role, uri, quantity, uom, word in sorted(event.mentions, key=lambda one: one[0]):
            if role == Role.LOT and word is not None:
                belonging.append((numbers[word], numbers[uri]))
            elif role in _ROLES:
                mentions.append((role, numbers[uri], *base_quantity(quantity, uom)))
        starts.append(len(mentions))
    for _, event in events:  # A key says of which lot it is, whatever the event is about.
        if event.event_id not in wrong and not makes_genealogy(event):
            belonging += [
                (numbers[one[4]], numbers[one[1]])
                for one in event.mentions
                if one[0] == Role.LOT and one[4] is not None
            ]
    columns = list(zip(*mentions, strict=True)) or [(), (), (), ()]
    return Facts(
        sequences=np.array([one[2] for one in counting], np.int64),
        times=np.array([one[0] for one in counting], np.int64),
        types=np.array([one[3].event_type for one in counting], np.int8),
        actions=np.array([one[3].action for one in counting], np.int8),
        is_receipt=np.array([one[3].business_step == RECEIVING for one in counting], bool),
        starts=np.array(starts, np.int64),
        roles=np.array(columns[0], np.int8),
        objects=np.array(columns[1], np.int64),
        quantities=np.array(columns[2], np.float64),
        dimensions=np.array(columns[3], np.int16),
        belonging=np.array(belonging, np.int64).reshape(-1, 2),
        classes=classes,
        position=position,
    )


def makes_genealogy(event: Event) -> bool:
    """Tell whether an event opens, closes, makes or uses anything."""
    if event.is_error_declaration:
        return False
    if event.event_type is EventType.OBJECT:
        return event.action is not Action.OBSERVE or event.business_step == RECEIVING
    return event.event_type is not EventType.TRANSACTION
