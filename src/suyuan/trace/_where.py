"""Where events say that something was, and where it was sent: places by event. 事件地点

Few events are read one by one, and of each only what is asked; of many, all postings of places.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import msgspec
import numpy as np

from suyuan.store import Connection
from suyuan.trace._columns import Ints
from suyuan.trace._happened import canonical
from suyuan.trace._names import uris_of
from suyuan.trace._said import destinations_of, places_of

__all__ = ["destinations_at", "places_at"]

_FEW = 5_000
_BODIES = """
    SELECT sequence, body FROM journal.event
    WHERE tenant_id = %s AND sequence = ANY(%s::bigint[])
"""


class _Place(msgspec.Struct, frozen=True):
    id: str = ""


class _Destination(msgspec.Struct, frozen=True):
    destination: str = ""


class _Body(msgspec.Struct, frozen=True, rename="camel"):
    read_point: _Place = _Place()
    biz_location: _Place = _Place()
    destination_list: list[_Destination] = []


_decode = msgspec.json.Decoder(_Body).decode
_canonical = lru_cache(10_000)(canonical)  # Of places there are few.


def places_at(
    connection: Connection, tenant_id: int, position: int, sequences: Ints
) -> dict[int, str]:
    """Give by event the place: the business location, else the read point.

    Events without a place are left out.
    """
    if len(sequences) <= _FEW:
        told = _bodies(connection, tenant_id, sequences)
        found = {at: body.biz_location.id or body.read_point.id for at, body in told}
        return {at: _canonical(place) for at, place in found.items() if place}
    rows, numbers = places_of(connection, tenant_id, position, sequences)
    names = uris_of(connection, tenant_id, np.unique(numbers).tolist())
    return {at: names[number] for at, number in zip(rows.tolist(), numbers.tolist(), strict=True)}


def destinations_at(
    connection: Connection, tenant_id: int, position: int, sequences: Ints
) -> list[tuple[int, str]]:
    """Give pairs of event and destination."""
    if len(sequences) <= _FEW:
        return [
            (at, _canonical(one.destination))
            for at, body in _bodies(connection, tenant_id, sequences)
            for one in body.destination_list
        ]
    rows, numbers = destinations_of(connection, tenant_id, position, sequences)
    names = uris_of(connection, tenant_id, np.unique(numbers).tolist())
    return [(at, names[one]) for at, one in zip(rows.tolist(), numbers.tolist(), strict=True)]


def _bodies(connection: Connection, tenant_id: int, sequences: Ints) -> Iterator[tuple[int, _Body]]:
    if len(sequences):
        rows = connection.execute(_BODIES, (tenant_id, sequences.tolist()), binary=True)
        for sequence, body in rows:
            yield int(sequence), _decode(body)
