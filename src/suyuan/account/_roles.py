"""Roles of a tenant's own: rows beside the ready-made ones. 自定义角色

A role holds permissions by their codes; nobody makes or changes one that opens more than they
may do themselves, before or after. A role that somebody has is not removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from suyuan.account._audit import Actor, audited, check_text
from suyuan.account._permissions import Role, check_permissions, check_within
from suyuan.account._users import all_roles, check_administrator_left, lock_users, make_id
from suyuan.errors import NotFound, Problem, Refused
from suyuan.store import Connection, Database

__all__ = ["add_role", "change_role", "list_roles", "remove_role"]

_NAME_CHARACTERS_MAX = 100
_PREFIX = "own_"


def list_roles(database: Database, tenant_id: int) -> list[Role]:
    """Give the ready-made roles, and then those of the tenant's own by their names."""
    with database.tenant(tenant_id, read_only=True) as connection:
        return list(all_roles(connection, tenant_id).values())


def add_role(
    database: Database,
    actor: Actor,
    *,
    name_en: str,
    name_zh: str,
    granted: Iterable[str],
    within: frozenset[str] | None = None,
    why: str = "",
) -> Role:
    """Make a role. Raises InvalidInput for names and permissions, Denied for too wide a one."""
    names, wanted = _checked(name_en, name_zh, granted, within)
    code = _PREFIX + make_id()
    with audited(database, actor, "role.add", f"role:{code}", why=why) as change:
        change.connection.execute(
            "INSERT INTO account.own_role (tenant_id, role, name_en, name_zh, permissions) "
            "VALUES (%s, %s, %s, %s, %s)",
            (actor.tenant_id, code, *names, sorted(wanted)),
        )
        role = _one(change.connection, actor.tenant_id, code)
        change.after = _facts(role)
    return role


def change_role(
    database: Database,
    actor: Actor,
    code: str,
    *,
    name_en: str,
    name_zh: str,
    granted: Iterable[str],
    within: frozenset[str] | None = None,
    why: str = "",
) -> Role:
    """Give a role other names and permissions; whoever has it is bound by them at once.

    Raises NotFound `account.own_role_unknown`, Refused `account.administrator_last`, and what
    `add_role` raises.
    """
    names, wanted = _checked(name_en, name_zh, granted, within)
    with audited(database, actor, "role.change", f"role:{code}", why=why) as change:
        connection = change.connection
        lock_users(connection, actor.tenant_id)
        before = _one(connection, actor.tenant_id, code)
        if within is not None:
            check_within(before.permissions, within)
        connection.execute(
            "UPDATE account.own_role SET name_en = %s, name_zh = %s, permissions = %s "
            "WHERE tenant_id = %s AND role = %s",
            (*names, sorted(wanted), actor.tenant_id, code),
        )
        role = _one(connection, actor.tenant_id, code)
        if before.permissions - role.permissions:
            check_administrator_left(connection, actor.tenant_id, before.permissions, names[0])
        old, new = _facts(before), _facts(role)
        changed = [key for key in new if old[key] != new[key]]
        change.before = {key: old[key] for key in changed}
        change.after = {key: new[key] for key in changed}
    return role


def remove_role(
    database: Database,
    actor: Actor,
    code: str,
    *,
    within: frozenset[str] | None = None,
    why: str = "",
) -> None:
    """Remove a role that nobody has.

    Raises NotFound `account.own_role_unknown`, Refused `account.role_held`.
    """
    with audited(database, actor, "role.remove", f"role:{code}", why=why) as change:
        connection = change.connection
        lock_users(connection, actor.tenant_id)
        role = _one(connection, actor.tenant_id, code)
        if within is not None:
            check_within(role.permissions, within)
        row = connection.execute(
            "SELECT count(*) FROM account.user_role WHERE tenant_id = %s AND role = %s",
            (actor.tenant_id, code),
        ).fetchone()
        if row is not None and row[0]:
            raise Refused(Problem(code="account.role_held", found=str(row[0])))
        connection.execute(
            "DELETE FROM account.own_role WHERE tenant_id = %s AND role = %s",
            (actor.tenant_id, code),
        )
        change.before = _facts(role)


def _checked(
    name_en: str, name_zh: str, granted: Iterable[str], within: frozenset[str] | None
) -> tuple[tuple[str, str], frozenset[str]]:
    """Give names and permissions that will do; one name stands for both where one is missing."""
    english, chinese = name_en.strip() or name_zh, name_zh.strip() or name_en
    names = (
        check_text(english, "name_en", _NAME_CHARACTERS_MAX, characters_min=1),
        check_text(chinese, "name_zh", _NAME_CHARACTERS_MAX, characters_min=1),
    )
    wanted = check_permissions(granted)
    if within is not None:
        check_within(wanted, within)
    return names, wanted


def _one(connection: Connection, tenant_id: int, code: str) -> Role:
    role = all_roles(connection, tenant_id).get(code)
    if role is None or not role.is_own:
        raise NotFound(Problem(code="account.own_role_unknown", found=code[:100]))
    return role


def _facts(role: Role) -> Mapping[str, Any]:
    return {
        "name_en": role.names["en"],
        "name_zh": role.names["zh"],
        "permissions": sorted(role.permissions),
    }
