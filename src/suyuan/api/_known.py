"""What a record knows: words, places and EPCs, kept up to date as the journal grows. 已知资源"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

from suyuan.event import Role
from suyuan.store import Connection, Database

__all__ = ["Known"]

_TENANTS_MAX = 1_000
_EPC_ROLES = [int(role) for role in (Role.EPC, Role.PARENT, Role.CHILD, Role.INPUT, Role.OUTPUT)]


@dataclass(slots=True)
class _Seen:
    """What the events up to a position speak of."""

    position: int = 0
    words: dict[str, set[str]] = field(
        default_factory=lambda: {"business_step": set(), "disposition": set()}
    )
    places: dict[int, set[int]] = field(
        default_factory=lambda: {Role.READ_POINT: set(), Role.BUSINESS_LOCATION: set()}
    )


class Known:
    """Answers what there is. Each event is looked at once in each process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[int, _Seen] = {}
        self._lock = Lock()

    def words(self, tenant_id: int, column: str) -> set[str]:
        """Give the full URIs of all business steps or dispositions that events have."""
        with self._lock, self._database.tenant(tenant_id, read_only=True) as connection:
            return set(self._up_to_date(connection, tenant_id).words[column])

    def places(self, tenant_id: int, role: Role, *, after: str, places_max: int) -> list[str]:
        """Give places in the order of their URIs, beginning behind one of them."""
        with self._lock, self._database.tenant(tenant_id, read_only=True) as connection:
            numbers = list(self._up_to_date(connection, tenant_id).places[role])
            rows = connection.execute(
                "SELECT uri FROM journal.object WHERE tenant_id = %s "
                "AND object_id = ANY(%s::bigint[]) AND uri > %s ORDER BY uri LIMIT %s",
                (tenant_id, numbers, after, places_max),
            ).fetchall()
        return [str(uri) for (uri,) in rows]

    def epcs(self, tenant_id: int, *, after: str, epcs_max: int) -> list[str]:
        """Give EPCs in the order of their URIs, beginning behind one of them."""
        with self._database.tenant(tenant_id, read_only=True) as connection:
            rows = connection.execute(
                "SELECT uri FROM journal.object AS object WHERE tenant_id = %s AND uri > %s "
                "AND EXISTS (SELECT FROM journal.posting AS posting "
                "WHERE posting.tenant_id = object.tenant_id "
                "AND posting.object_id = object.object_id "
                "AND posting.role = ANY(%s::smallint[])) ORDER BY uri LIMIT %s",
                (tenant_id, after, _EPC_ROLES, epcs_max),
            ).fetchall()
        return [str(uri) for (uri,) in rows]

    def _up_to_date(self, connection: Connection, tenant_id: int) -> _Seen:
        if len(self._seen) >= _TENANTS_MAX:
            self._seen.clear()
        seen = self._seen.setdefault(tenant_id, _Seen())
        row = connection.execute(
            "SELECT last_sequence FROM journal.head WHERE tenant_id = %s", (tenant_id,)
        ).fetchone()
        position = int(row[0]) if row else 0
        if position > seen.position:
            between = {"tenant": tenant_id, "from": seen.position, "to": position}
            for step, disposition in connection.execute(
                "SELECT DISTINCT business_step, disposition FROM journal.event "
                "WHERE tenant_id = %(tenant)s AND sequence > %(from)s AND sequence <= %(to)s",
                between,
            ):
                seen.words["business_step"].update(filter(None, [step]))
                seen.words["disposition"].update(filter(None, [disposition]))
            for role, number in connection.execute(
                "SELECT DISTINCT role, object_id FROM journal.posting WHERE tenant_id = %(tenant)s "
                "AND first_sequence <= %(to)s AND first_sequence >= coalesce("
                "(SELECT max(first_sequence) FROM journal.posting WHERE tenant_id = %(tenant)s "
                "AND first_sequence <= %(from)s), 0) AND last_sequence > %(from)s "
                "AND role = ANY(%(roles)s)",
                between | {"roles": [int(one) for one in seen.places]},
            ):
                seen.places[role].add(number)
            seen.position = position
        return seen
