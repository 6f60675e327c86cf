"""What the record knows by name, and which events it has already. 已知名称"""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from suyuan.importing._resolve import Names
from suyuan.store import Database

__all__ = ["count_known", "names_of_record"]

_NAMES_MAX = 500_000
_KEYS_AT_ONCE = 5_000
_KEY_BYTES = 16


def names_of_record(database: Database, tenant_id: int, base_url: str = "") -> Names:
    """Give the names of products, places, parties and persons, and where plant keys stand.

    `base_url` is what plant keys begin with where the tenant has no address of its own.
    """
    names = Names()
    with database.tenant(tenant_id, read_only=True) as connection:
        row = connection.execute(
            "SELECT base_url FROM account.tenant WHERE tenant_id = %s", (tenant_id,)
        ).fetchone()
        names.plant_base = (row[0] if row else "") or base_url.rstrip("/")
        rows = connection.execute(
            "SELECT DISTINCT ON (vocabulary, element_id) vocabulary, element_id, content "
            "FROM journal.master_data WHERE tenant_id = %s "
            "ORDER BY vocabulary, element_id, record_time DESC LIMIT %s",
            (tenant_id, _NAMES_MAX),
        )
        for vocabulary, uri, content in rows:
            said = [
                one["attribute"]
                for one in content.get("attributes") or ()
                if isinstance(one, dict)
                and str(one.get("id", ""))
                .lower()
                .rpartition("#")[2]
                .rpartition("/")[2]
                .rpartition(":")[2]
                in ("name", "namechinese", "descriptionshort", "productname")
                and isinstance(one.get("attribute"), str)
            ]
            names.learn(vocabulary, uri, said)
    return names


def count_known(database: Database, tenant_id: int, folder: Path) -> int:
    """Count the events of a table that was checked which the record has already."""
    known = 0
    with (folder / "events.keys").open("rb") as file:
        while data := file.read(_KEYS_AT_ONCE * _KEY_BYTES):
            keys = [
                UUID(bytes=data[at : at + _KEY_BYTES]) for at in range(0, len(data), _KEY_BYTES)
            ]
            with database.tenant(tenant_id, read_only=True) as connection:
                row = connection.execute(
                    "SELECT count(*) FROM journal.event_key "
                    "WHERE tenant_id = %s AND event_key = ANY(%s)",
                    (tenant_id, keys),
                ).fetchone()
            known += int(row[0]) if row else 0
    return known
