"""The one map of a tenant, kept as the file that was given. 地图存储

Every change stands in the audit trail, with name, size and digest of the file.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from suyuan.account import Actor, audited, check_text
from suyuan.errors import NotFound, Problem
from suyuan.place_map._read import PlaceMap, read_map
from suyuan.store import Connection, Database

__all__ = ["StoredMap", "find_map", "remove_map", "set_map"]

_FILE_NAME_CHARACTERS_MAX = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMap:
    """The file of a map, and what is known of it."""

    file_name: str
    content: bytes
    sha256: str
    changed: datetime


def find_map(database: Database, tenant_id: int) -> StoredMap | None:
    """Give the map of a tenant, if there is one."""
    with database.tenant(tenant_id, read_only=True) as connection:
        row = connection.execute(
            "SELECT file_name, content, sha256, changed FROM account.place_map "
            "WHERE tenant_id = %s",
            (tenant_id,),
        ).fetchone()
    if row is None:
        return None
    return StoredMap(file_name=row[0], content=bytes(row[1]), sha256=row[2], changed=row[3])


def set_map(
    database: Database, actor: Actor, content: bytes, *, file_name: str, why: str = ""
) -> PlaceMap:
    """Take a file as the map of the actor's tenant, in place of the one before.

    Raises InvalidInput with everything that is wrong with it; then nothing is changed.
    """
    file_name = check_text(file_name, "file_name", _FILE_NAME_CHARACTERS_MAX)
    read = read_map(content)
    digest = hashlib.sha256(content).hexdigest()
    with audited(database, actor, "place_map.change", "place_map", why=why) as change:
        change.before = _facts(change.connection, actor.tenant_id)
        change.connection.execute(
            "INSERT INTO account.place_map (tenant_id, file_name, content, sha256) "
            "VALUES (%s, %s, %s, %s) ON CONFLICT (tenant_id) DO UPDATE SET "
            "file_name = excluded.file_name, content = excluded.content, "
            "sha256 = excluded.sha256, changed = now()",
            (actor.tenant_id, file_name, content, digest),
        )
        change.after = _facts(change.connection, actor.tenant_id)
    return read


def remove_map(database: Database, actor: Actor, *, why: str = "") -> None:
    """Take the map of the actor's tenant away. Raises NotFound `place_map.missing`."""
    with audited(database, actor, "place_map.remove", "place_map", why=why) as change:
        change.before = _facts(change.connection, actor.tenant_id)
        if change.before is None:
            raise NotFound(Problem(code="place_map.missing"))
        change.connection.execute(
            "DELETE FROM account.place_map WHERE tenant_id = %s", (actor.tenant_id,)
        )


def _facts(connection: Connection, tenant_id: int) -> dict[str, object] | None:
    row = connection.execute(
        "SELECT file_name, octet_length(content), sha256 FROM account.place_map "
        "WHERE tenant_id = %s",
        (tenant_id,),
    ).fetchone()
    return None if row is None else {"file": row[0], "bytes": row[1], "sha256": row[2]}
