"""What events tell beside genealogy: where, by whom, on what, for which order, from whom. 事件要素

Equipment, operator, work order and operation are extension fields in our own name space;
which prefix stands for it, the event itself says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from psycopg import sql

from suyuan.errors import InvalidInput
from suyuan.event import SOURCE_DESTINATION_TYPE, Role
from suyuan.identifier import canonical_uri
from suyuan.store import Connection
from suyuan.trace._columns import Ints
from suyuan.trace._load import read_columns
from suyuan.trace._names import numbers_of_uris
from suyuan.trace._times import microseconds

__all__ = ["PLANT_NAMESPACE", "Happened", "Reading", "canonical"]

PLANT_NAMESPACE = "https://ns.suyuan.dev/plant/"
_PLANT_FIELDS = {
    PLANT_NAMESPACE + "equipment": "equipment",
    PLANT_NAMESPACE + "operator": "operator",
    PLANT_NAMESPACE + "workOrder": "work_order",
    PLANT_NAMESPACE + "operation": "operation",
}
_PARTIES = frozenset(
    SOURCE_DESTINATION_TYPE.spellings[word] for word in ("possessing_party", "owning_party")
)
_EVENTS_AT_ONCE = 5_000
_SAID = sql.SQL("""
    SELECT object_id, unnest(sequences), role FROM journal.posting
    WHERE tenant_id = {tenant} AND object_id = ANY({objects}::bigint[])
      AND role IN ({roles}) AND first_sequence <= {position}
""")
_SAID_COLUMNS = (("object", ">i8"), ("sequence", ">i8"), ("role", ">i2"))
_EVENTS = """
    SELECT sequence, event_time, event_type, action, business_step, body
    FROM journal.event AS event
    WHERE tenant_id = %(tenant)s AND sequence = ANY(%(sequences)s::bigint[])
      AND sequence <= %(position)s AND NOT is_error_declaration
      AND NOT EXISTS (SELECT FROM journal.event AS declaration
                      WHERE declaration.tenant_id = %(tenant)s
                        AND declaration.is_error_declaration
                        AND declaration.sequence <= %(position)s
                        AND declaration.event_id = event.event_id)
"""


class Happened(NamedTuple):
    """One event: when, of which type, by which step, of which transformation, what it tells.

    `told` are pairs of kind and value, such as `("place", "https://id.gs1.org/414/…")`.
    """

    time: int
    type: int
    action: int
    step: str | None
    transformation: str | None
    told: frozenset[tuple[str, str]]


class Reading:
    """Reads what the journal says of objects up to a position, each event once."""

    def __init__(self, connection: Connection, tenant_id: int, position: int) -> None:
        self._connection, self._tenant_id, self._position = connection, tenant_id, position
        self._events: dict[int, Happened | None] = {}

    def __getitem__(self, sequence: int) -> Happened:
        found = self._events[sequence]
        assert found is not None
        return found

    def said_of(self, objects: Ints, roles: Iterable[Role]) -> npt.NDArray[np.void]:
        """Give object, sequence and role of each naming that counts, in the order of objects."""
        literals = {
            "tenant": sql.Literal(self._tenant_id),
            "position": sql.Literal(self._position),
            "objects": sql.Literal(np.unique(objects).tolist()),
            "roles": sql.SQL(", ").join(sql.Literal(int(role)) for role in roles),
        }
        rows = read_columns(self._connection, _SAID.format(**literals), _SAID_COLUMNS)
        sequences, place = np.unique(rows["sequence"], return_inverse=True)
        self._read(sequences.tolist())
        counts = np.array([self._events[one] is not None for one in sequences.tolist()], bool)
        rows = rows[counts[place]]
        in_order: npt.NDArray[np.void] = rows[np.argsort(rows["object"], kind="stable")]
        return in_order

    def _read(self, sequences: list[int]) -> None:
        """Read events, but for those declared in error."""
        wanted = [one for one in sequences if one not in self._events]
        self._events |= dict.fromkeys(wanted)
        for start in range(0, len(wanted), _EVENTS_AT_ONCE):
            some = wanted[start : start + _EVENTS_AT_ONCE]
            values = {"tenant": self._tenant_id, "sequences": some, "position": self._position}
            for sequence, time, kind, action, step, body in self._connection.execute(
                _EVENTS, values
            ):
                told = _decode(body)
                self._events[sequence] = Happened(
                    *(microseconds(time), kind, action, step),
                    canonical(told.transformation_id) if told.transformation_id else None,
                    frozenset((*_where_and_whom(told), *_plant_fields(body))),
                )

    def times(self, sequences: Ints) -> Ints:
        """Give the times of events."""
        return np.array([self[one].time for one in sequences.tolist()], np.int64)

    def numbers(self, uris: Iterable[str]) -> dict[str, int]:
        """Give the numbers of identifiers."""
        return numbers_of_uris(self._connection, self._tenant_id, uris)


class _Place(msgspec.Struct, frozen=True):
    id: str = ""


class _Party(msgspec.Struct, frozen=True):
    type: str = ""
    source: str = ""


class _Body(msgspec.Struct, frozen=True, rename="camel"):
    read_point: _Place = _Place()
    biz_location: _Place = _Place()
    source_list: list[_Party] = []
    transformation_id: str = msgspec.field(default="", name="transformationID")


_decode = msgspec.json.Decoder(_Body).decode
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def canonical(text: str) -> str:
    """Give the canonical form of an identifier; any other text as it is."""
    if not text:
        return text
    try:
        return str(canonical_uri(text))
    except InvalidInput:
        return text


def _where_and_whom(body: _Body) -> Iterator[tuple[str, str]]:
    for place in (body.read_point.id, body.biz_location.id):
        if place:
            yield "place", canonical(place)
    for party in body.source_list:
        if SOURCE_DESTINATION_TYPE.spellings.get(party.type) in _PARTIES:
            yield "supplier", canonical(party.source)


def _plant_fields(body: str) -> Iterator[tuple[str, str]]:
    """Give the facts of the plant, whatever prefix their names have."""
    members = _members(body)
    prefixes: dict[str, str] = {}
    for entry in _listed(msgspec.json.decode(members.get("@context", b"[]"))):
        if isinstance(entry, dict):
            prefixes |= {name: to for name, to in entry.items() if isinstance(to, str)}
    for name, value in members.items():
        prefix, _, rest = name.partition(":")
        kind = _PLANT_FIELDS.get(prefixes.get(prefix, prefix + ":") + rest)
        if kind is not None:
            for one in _listed(msgspec.json.decode(value)):
                if isinstance(one, str | int | float):
                    yield kind, canonical(str(one))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
