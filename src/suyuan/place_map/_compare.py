"""What a map and the record know of each other's places. 地图与事件账对照"""

from __future__ import annotations

import msgspec

from suyuan.event import Role
from suyuan.place_map._read import PlaceMap
from suyuan.store import Database

__all__ = ["Comparison", "compare_map"]

_LATELY = 100_000  # Events. What was used long ago need not stand on the map of today.
_MISSING_SHOWN = 12
_ROLES = [int(Role.READ_POINT), int(Role.BUSINESS_LOCATION)]


class Comparison(msgspec.Struct):
    """Which places of a map the record knows, and which of the record's are not on it."""

    known: list[str]
    unknown: list[str]
    missing: list[str]
    """The most used of late first; not all of them, when they are many."""
    missing_count: int


def compare_map(database: Database, tenant_id: int, read: PlaceMap) -> Comparison:
    """Compare a map with the record of a tenant."""
    places = read.places()
    with database.tenant(tenant_id, read_only=True) as connection:
        known = {
            str(uri)
            for (uri,) in connection.execute(
                "SELECT uri FROM journal.object WHERE tenant_id = %(tenant)s "
                "AND uri = ANY(%(uris)s::text[]) UNION "
                "SELECT element_id FROM journal.master_data WHERE tenant_id = %(tenant)s "
                "AND element_id = ANY(%(uris)s::text[])",
                {"tenant": tenant_id, "uris": places},
            )
        }
        used = [
            str(uri)
            for (uri,) in connection.execute(
                "WITH used AS (SELECT object_id, sum(cardinality(sequences)) AS times "
                "FROM journal.posting WHERE tenant_id = %(tenant)s "
                "AND first_sequence > (SELECT coalesce(max(last_sequence), 0) FROM journal.head "
                "WHERE tenant_id = %(tenant)s) - %(lately)s AND role = ANY(%(roles)s::smallint[]) "
                "GROUP BY object_id) SELECT uri FROM used JOIN journal.object AS object "
                "ON object.tenant_id = %(tenant)s AND object.object_id = used.object_id "
                "WHERE uri NOT LIKE 'geo:%%' ORDER BY times DESC, uri",
                {"tenant": tenant_id, "lately": _LATELY, "roles": _ROLES},
            )
        ]
    on_map = set(places)
    missing = [uri for uri in used if not {uri, _site_of(uri)} & on_map]
    return Comparison(
        known=[uri for uri in places if uri in known],
        unknown=[uri for uri in places if uri not in known],
        missing=missing[:_MISSING_SHOWN],
        missing_count=len(missing),
    )


def _site_of(uri: str) -> str:
    """Give the site that a place with an extension is part of."""
    return uri.partition("/254/")[0]
