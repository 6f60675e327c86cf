"""How much of each object was made or received. 数量"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import msgspec

from suyuan.event import Action, EventType, Role
from suyuan.quantity import units
from suyuan.store import Connection
from suyuan.trace._columns import Ints
from suyuan.trace._facts import PIECE, STEPS, Step
from suyuan.trace._index import Known

__all__ = ["Amount", "Quantity", "added", "amounts_of"]

Amount = tuple[float | None, str | None]
"""Quantity and unit; None where it is not known."""


class Quantity(msgspec.Struct, frozen=True):
    """So much, in a unit of UN/ECE Recommendation 20."""

    quantity: float
    uom: str


# What is declared in error counts for nothing.
_TOLD = """
    SELECT said.object_id, said.role, said.quantity, said.uom,
           event.event_type, event.action, event.business_step, event.event_time
    FROM (SELECT object_id, role, one.sequence, one.quantity, one.uom
          FROM journal.posting, unnest(sequences, quantities, uoms) AS one (sequence, quantity, uom)
          WHERE tenant_id = %(tenant)s AND object_id = ANY(%(objects)s::bigint[])
            AND role = ANY(%(roles)s::smallint[]) AND first_sequence <= %(position)s) AS said
    JOIN journal.event AS event
      ON event.tenant_id = %(tenant)s AND event.sequence = said.sequence
    WHERE event.sequence <= %(position)s AND NOT event.is_error_declaration
      AND NOT EXISTS (SELECT FROM journal.event AS declaration
                      WHERE declaration.tenant_id = %(tenant)s
                        AND declaration.is_error_declaration
                        AND declaration.sequence <= %(position)s
                        AND declaration.event_id = event.event_id)
"""
_AT_ONCE = 5_000
_ROLES = [int(Role.QUANTITY), int(Role.OUTPUT_QUANTITY)]


class _Told(NamedTuple):
    """What one event says of one lot."""

    role: int
    quantity: Decimal | None
    uom: str | None
    type: int
    action: int
    step: str | None
    time: datetime

    @property
    def is_made(self) -> bool:
        if self.role == Role.OUTPUT_QUANTITY:
            return True
        return self.type == EventType.OBJECT and self.action == Action.ADD

    def is_in(self, step: Step) -> bool:
        return self.type == EventType.OBJECT and STEPS.get(self.step or "") is step


def amounts_of(
    connection: Connection, tenant_id: int, known: Known, numbers: Ints
) -> dict[int, Amount]:
    """Give how much was made of each; of what was not made here, how much was received.

    What is received after some of a lot was sent on may be the same goods again, and does not
    count. In the unit in which a quantity of the lot was first told; an instance is a piece.
    """
    found: dict[int, Amount] = dict.fromkeys(numbers.tolist(), (1.0, PIECE))
    numbers = numbers[numbers < known.graph.objects]
    lots = numbers[known.graph.is_lot(numbers)]
    rows: defaultdict[int, list[_Told]] = defaultdict(list)
    for start in range(0, len(lots), _AT_ONCE):
        values = {
            "tenant": tenant_id,
            "objects": lots[start : start + _AT_ONCE].tolist(),
            "roles": _ROLES,
            "position": known.position,
        }
        for number, *told in connection.execute(_TOLD, values):
            rows[number].append(_Told(*told))
    for number, has_unit in zip(lots.tolist(), known.is_told(lots).tolist(), strict=True):
        found[number] = _whole(rows[number], known.unit_of(number)) if has_unit else (None, None)
    return found


def _whole(told: list[_Told], uom: str) -> Amount:
    counted = [one for one in told if one.is_made]
    if not counted:
        sent = [one.time for one in told if one.is_in(Step.SHIPPING)]
        counted = [
            one for one in told if one.is_in(Step.RECEIVING) and (not sent or one.time <= min(sent))
        ]
    amounts = [_in_unit(one.quantity, one.uom or PIECE, uom) for one in counted]
    known = [amount for amount in amounts if amount is not None]
    if not amounts or len(known) < len(amounts):
        return None, None
    return float(sum(known)), uom


def _in_unit(quantity: Decimal | None, uom: str, wanted: str) -> Fraction | None:
    """Give a quantity in another unit; None where there is none, or it does not convert."""
    if quantity is None or uom == wanted:
        return None if quantity is None else Fraction(quantity)
    one, other = units().get(uom), units().get(wanted)
    if one is None or other is None or one.dimension != other.dimension:
        return None
    return Fraction(quantity) * one.factor / other.factor


def added(amounts: Iterable[Amount]) -> tuple[list[Quantity], int]:
    """Add amounts up by unit; give how many are not known, too."""
    sums: dict[str, float] = {}
    unknown = 0
    for quantity, uom in amounts:
        if quantity is None or uom is None:
            unknown += 1
        else:
            sums[uom] = sums.get(uom, 0.0) + quantity
    return [Quantity(round(sums[uom], 6), uom) for uom in sorted(sums)], unknown
