"""Mappings that were saved under a name, for files that come again. 已保存的映射"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from psycopg.types.json import Jsonb

from suyuan.account import Actor, audited
from suyuan.errors import InvalidInput, NotFound, Problem
from suyuan.importing._mapping import Mapping, check_mapping
from suyuan.store import Database

__all__ = ["SavedMapping", "find_mapping", "list_mappings", "remove_mapping", "save_mapping"]

_NAME_CHARACTERS_MAX = 100
_MAPPINGS_MAX = 1_000
_COLUMNS = "name, content, actor_name, changed"


class SavedMapping(msgspec.Struct, frozen=True):
    """A mapping with its name, and who changed it when."""

    name: str
    mapping: Mapping
    actor_name: str
    changed: datetime


def list_mappings(database: Database, tenant_id: int) -> list[SavedMapping]:
    """Give all saved mappings by name."""
    with database.tenant(tenant_id, read_only=True) as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM importing.mapping "  # noqa: S608 - a constant
            "WHERE tenant_id = %s ORDER BY name LIMIT %s",
            (tenant_id, _MAPPINGS_MAX),
        ).fetchall()
    return [_saved(row) for row in rows]


def find_mapping(database: Database, tenant_id: int, name: str) -> SavedMapping:
    """Give a saved mapping. Raises NotFound `importing.mapping_unknown`."""
    with database.tenant(tenant_id, read_only=True) as connection:
        row = connection.execute(
            f"SELECT {_COLUMNS} FROM importing.mapping "  # noqa: S608 - a constant
            "WHERE tenant_id = %s AND name = %s",
            (tenant_id, name),
        ).fetchone()
    if row is None:
        raise NotFound(Problem(code="importing.mapping_unknown", found=name[:100]))
    return _saved(row)


def save_mapping(
    database: Database, actor: Actor, name: str, mapping: Mapping, *, why: str = ""
) -> SavedMapping:
    """Save a mapping under a name, or change the one of that name.

    Raises InvalidInput `importing.name_wrong`, and what is wrong with the mapping.
    """
    check_mapping(mapping)
    name = name.strip()
    if not 1 <= len(name) <= _NAME_CHARACTERS_MAX or not name.isprintable():
        raise InvalidInput(
            Problem(
                code="importing.name_wrong",
                expected=f"1–{_NAME_CHARACTERS_MAX}",
                found=name[:_NAME_CHARACTERS_MAX],
            )
        )
    content = msgspec.to_builtins(mapping)
    with audited(
        database, actor, "import_mapping.save", f"import_mapping:{name}", why=why
    ) as change:
        before = change.connection.execute(
            "SELECT content FROM importing.mapping WHERE tenant_id = %s AND name = %s FOR UPDATE",
            (actor.tenant_id, name),
        ).fetchone()
        change.before, change.after = None if before is None else before[0], content
        change.connection.execute(
            "INSERT INTO importing.mapping (tenant_id, name, content, actor_name) "
            "VALUES (%s, %s, %s, %s) ON CONFLICT (tenant_id, name) DO UPDATE "
            "SET content = excluded.content, actor_name = excluded.actor_name, changed = now()",
            (actor.tenant_id, name, Jsonb(content), actor.name),
        )
    return find_mapping(database, actor.tenant_id, name)


def remove_mapping(database: Database, actor: Actor, name: str, *, why: str = "") -> None:
    """Remove a saved mapping. Raises NotFound `importing.mapping_unknown`."""
    found = find_mapping(database, actor.tenant_id, name)
    with audited(
        database, actor, "import_mapping.remove", f"import_mapping:{name}", why=why
    ) as change:
        change.before = msgspec.to_builtins(found.mapping)
        change.connection.execute(
            "DELETE FROM importing.mapping WHERE tenant_id = %s AND name = %s",
            (actor.tenant_id, name),
        )


def _saved(row: Sequence[object]) -> SavedMapping:
    name, content, actor_name, changed = row
    return SavedMapping(str(name), msgspec.convert(content, Mapping), str(actor_name), changed)  # type: ignore[arg-type]
