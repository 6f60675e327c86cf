"""What a plant is called: its title stands in the pages beside who is signed in. 工厂设置"""

from __future__ import annotations

from suyuan.account._audit import Actor, audited, check_text
from suyuan.store import Database

__all__ = ["plant_title", "set_plant_title"]

_TITLE_CHARACTERS_MAX = 100


def plant_title(database: Database, tenant_id: int) -> str:
    """Give what a tenant calls its plant; empty where it has said nothing."""
    with database.tenant(tenant_id, read_only=True) as connection:
        row = connection.execute(
            "SELECT title FROM account.plant WHERE tenant_id = %s", (tenant_id,)
        ).fetchone()
    return "" if row is None else str(row[0])


def set_plant_title(database: Database, actor: Actor, title: str, *, why: str = "") -> str:
    """Call the plant by another title. Raises InvalidInput `account.text_wrong`."""
    title = check_text(title, "title", _TITLE_CHARACTERS_MAX)
    with audited(database, actor, "plant.change", "plant", why=why) as change:
        row = change.connection.execute(
            "SELECT title FROM account.plant WHERE tenant_id = %s", (actor.tenant_id,)
        ).fetchone()
        change.connection.execute(
            "INSERT INTO account.plant (tenant_id, title) VALUES (%s, %s) "
            "ON CONFLICT (tenant_id) DO UPDATE SET title = excluded.title",
            (actor.tenant_id, title),
        )
        change.before = {"title": "" if row is None else row[0]}
        change.after = {"title": title}
    return title
