"""Users: the people of a tenant, their roles until when, disabled and never deleted. 用户

A user stays for ever, since events and the audit trail name it; disabling ends its sessions.
"""

from __future__ import annotations

import base64
import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from suyuan.account._audit import Actor, Change, audited, check_text
from suyuan.account._permissions import Role, check_within, permissions, permissions_of, roles
from suyuan.errors import InvalidInput, Language, NotFound, Problem, Refused
from suyuan.store import Connection, Database

__all__ = [
    "ADMINISTRATOR",
    "RoleGrant",
    "User",
    "add_user",
    "change_user",
    "count_users",
    "find_user",
    "list_users",
    "normal_name",
]

ADMINISTRATOR = "administrator"
_NAME = re.compile(r"[^\s/\x00-\x1f\x7f]{1,100}")
_FULL_NAME_CHARACTERS_MAX = 200
_ID_BYTES = 10
_MANAGE = "account.manage"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGrant:
    """A role that a user has, and until when."""

    role: str
    expires: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person of a tenant."""

    user_id: str
    name: str
    """What is typed to sign in."""
    full_name: str
    language: Language
    roles: tuple[RoleGrant, ...]
    has_password: bool
    has_entered: bool
    """Whether they have opened a one-time link: then they are no longer merely invited."""
    has_totp: bool
    created: datetime
    disabled: datetime | None


def normal_name(name: str) -> str:
    """Give a sign-in name as it is stored. Raises InvalidInput `account.name_wrong`."""
    normal = unicodedata.normalize("NFKC", name.strip()).casefold()
    if not _NAME.fullmatch(normal):
        raise InvalidInput(Problem(code="account.name_wrong", where="name", found=name[:100]))
    return normal


def add_user(
    database: Database,
    actor: Actor,
    *,
    name: str,
    full_name: str = "",
    language: Language = "zh",
    grants: Sequence[RoleGrant] = (),
    within: frozenset[str] | None = None,
    why: str = "",
) -> User:
    """Make a user who can't sign in yet: that takes an invitation.

    `within` is what the actor may do himself, and give. Raises InvalidInput for names and
    roles, Denied `account.grant_too_wide`, Refused `account.name_taken`.
    """
    user_id = make_id()
    with audited(database, actor, "user.add", f"user:{user_id}", why=why) as change:
        insert_user(change.connection, actor.tenant_id, user_id, name, full_name, language)
        known = all_roles(change.connection, actor.tenant_id)
        wanted = check_grants(grants, within, known)
        _set_roles(change.connection, actor.tenant_id, user_id, wanted)
        user = _one(change.connection, actor.tenant_id, user_id)
        change.after = facts(user)
    return user


def insert_user(
    connection: Connection,
    tenant_id: int,
    user_id: str,
    name: str,
    full_name: str,
    language: Language,
) -> None:
    """Write a new user, inside a change. Raises Refused `account.name_taken`."""
    row = connection.execute(
        "INSERT INTO account.user_account (tenant_id, user_id, name, full_name, language) "
        "VALUES (%s, %s, %s, %s, %s) ON CONFLICT (tenant_id, name) DO NOTHING RETURNING user_id",
        (
            *(tenant_id, user_id, normal_name(name)),
            check_text(full_name, "full_name", _FULL_NAME_CHARACTERS_MAX),
            language,
        ),
    ).fetchone()
    if row is None:
        raise Refused(Problem(code="account.name_taken", where="name", found=normal_name(name)))


def change_user(
    database: Database,
    actor: Actor,
    user_id: str,
    *,
    full_name: str | None = None,
    language: Language | None = None,
    grants: Sequence[RoleGrant] | None = None,
    is_disabled: bool | None = None,
    within: frozenset[str] | None = None,
    why: str = "",
) -> User:
    """Change what is given of a user and leave the rest.

    Raises NotFound `account.user_unknown`, Refused `account.administrator_last`, and what
    `add_user` raises.
    """
    tenant_id = actor.tenant_id
    with audited(database, actor, "user.change", f"user:{user_id}", why=why) as change:
        connection = change.connection
        lock_users(connection, tenant_id)
        before = _one(connection, tenant_id, user_id)
        # Who has more rights than the actor is not his to change.
        known = all_roles(connection, tenant_id)
        held = permissions_of((one.role for one in before.roles), known)
        if within is not None:
            check_within(held, within)
        if full_name is not None or language is not None:
            if full_name is not None:
                full_name = check_text(full_name, "full_name", _FULL_NAME_CHARACTERS_MAX)
            connection.execute(
                "UPDATE account.user_account SET full_name = coalesce(%s, full_name), "
                "language = coalesce(%s, language) WHERE tenant_id = %s AND user_id = %s",
                (full_name, language, tenant_id, user_id),
            )
        if grants is not None:
            _set_roles(connection, tenant_id, user_id, check_grants(grants, within, known))
        if is_disabled is not None:
            _disable(connection, tenant_id, user_id, is_disabled=is_disabled)
        user = _one(connection, tenant_id, user_id)
        if grants is not None or is_disabled:
            check_administrator_left(connection, tenant_id, held, before.name)
        _tell(change, before, user)
    return user


def _tell(change: Change, before: User, after: User) -> None:
    old, new = facts(before), facts(after)
    changed = [key for key in new if old[key] != new[key]]
    change.before = {key: old[key] for key in changed}
    change.after = {key: new[key] for key in changed}


def list_users(database: Database, tenant_id: int) -> list[User]:
    """Give all users of a tenant, in the order of their names."""
    with database.tenant(tenant_id, read_only=True) as connection:
        return _users(connection, tenant_id, None)


def find_user(database: Database, tenant_id: int, user_id: str) -> User:
    """Give one user. Raises NotFound `account.user_unknown`."""
    with database.tenant(tenant_id, read_only=True) as connection:
        return _one(connection, tenant_id, user_id)


def count_users(database: Database, tenant_id: int) -> int:
    """Count the users of a tenant, disabled ones too."""
    with database.tenant(tenant_id, read_only=True) as connection:
        row = connection.execute(
            "SELECT count(*) FROM account.user_account WHERE tenant_id = %s", (tenant_id,)
        ).fetchone()
    assert row is not None
    return int(row[0])


def lock_users(connection: Connection, tenant_id: int) -> None:
    """Let no other change of this tenant's users come between, until the transaction ends."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtext('suyuan.users'), %s)", (tenant_id,))


def facts(user: User) -> dict[str, Any]:
    """Give what the audit trail keeps of a user."""
    return {
        "name": user.name,
        "full_name": user.full_name,
        "language": user.language,
        "roles": {
            one.role: None if one.expires is None else one.expires.astimezone(UTC).isoformat()
            for one in user.roles
        },
        "is_disabled": user.disabled is not None,
    }


def make_id() -> str:
    """Make an ID that says nothing."""
    return base64.b32encode(secrets.token_bytes(_ID_BYTES)).decode().rstrip("=").lower()


def words_of_roles(
    database: Database, tenant_id: int
) -> dict[str, dict[str, Mapping[Language, str]]]:
    """Give what the roles and the permissions of a tenant are called, by code and language."""
    with database.tenant(tenant_id, read_only=True) as connection:
        known = all_roles(connection, tenant_id)
    return {
        "roles": {code: role.names for code, role in known.items()},
        "permissions": dict(permissions()),
    }


def all_roles(connection: Connection, tenant_id: int) -> Mapping[str, Role]:
    """Give the ready-made roles and those of a tenant's own."""
    known = permissions().keys()
    own = {
        row[0]: Role(
            role=row[0],
            names={"en": row[1], "zh": row[2]},
            permissions=frozenset(row[3]) & known,
            is_own=True,
        )
        for row in connection.execute(
            "SELECT role, name_en, name_zh, permissions FROM account.own_role "
            "WHERE tenant_id = %s ORDER BY name_en, role",
            (tenant_id,),
        )
    }
    return {**roles(), **own}


def user_permissions(database: Database, tenant_id: int, user: User) -> frozenset[str]:
    """Give what the roles of a user allow, ended ones too."""
    with database.tenant(tenant_id, read_only=True) as connection:
        known = all_roles(connection, tenant_id)
    return permissions_of((one.role for one in user.roles), known)


def check_grants(
    grants: Sequence[RoleGrant], within: frozenset[str] | None, known: Mapping[str, Role]
) -> Mapping[str, datetime | None]:
    """See that roles exist, end where they must, and give no more than the actor has."""
    problems = list[Problem]()
    for grant in grants:
        if grant.role not in known:
            problems.append(
                Problem(
                    code="account.role_unknown",
                    where="roles",
                    expected=", ".join(known),
                    found=grant.role[:100],
                )
            )
        elif known[grant.role].is_time_limited and grant.expires is None:
            problems.append(Problem(code="account.role_endless", where="roles", found=grant.role))
    if problems:
        raise InvalidInput(problems)
    if within is not None:
        check_within(permissions_of((grant.role for grant in grants), known), within)
    return {grant.role: grant.expires for grant in grants}


def _set_roles(
    connection: Connection, tenant_id: int, user_id: str, wanted: Mapping[str, datetime | None]
) -> None:
    connection.execute(
        "DELETE FROM account.user_role WHERE tenant_id = %s AND user_id = %s",
        (tenant_id, user_id),
    )
    for role, expires in wanted.items():
        connection.execute(
            "INSERT INTO account.user_role (tenant_id, user_id, role, expires) "
            "VALUES (%s, %s, %s, %s)",
            (tenant_id, user_id, role, expires),
        )


def _disable(connection: Connection, tenant_id: int, user_id: str, *, is_disabled: bool) -> None:
    connection.execute(
        "UPDATE account.user_account SET disabled = CASE WHEN %s THEN coalesce(disabled, now()) "
        "END WHERE tenant_id = %s AND user_id = %s",
        (is_disabled, tenant_id, user_id),
    )
    if is_disabled:
        for table in ("user_session", "one_time_link"):
            connection.execute(
                f"DELETE FROM account.{table} WHERE tenant_id = %s AND user_id = %s".encode(),  # noqa: S608
                (tenant_id, user_id),
            )


def check_administrator_left(
    connection: Connection, tenant_id: int, lost: frozenset[str], name: str
) -> None:
    """See that somebody is left who can manage accounts, if what was `lost` held that."""
    if _MANAGE not in lost:
        return
    known = all_roles(connection, tenant_id)
    able = [code for code, role in known.items() if _MANAGE in role.permissions]
    row = connection.execute(
        "SELECT FROM account.user_role JOIN account.user_account USING (tenant_id, user_id) "
        "WHERE tenant_id = %s AND role = ANY(%s) AND expires IS NULL AND disabled IS NULL LIMIT 1",
        (tenant_id, able),
    ).fetchone()
    if row is None:
        raise Refused(Problem(code="account.administrator_last", found=name))


def _one(connection: Connection, tenant_id: int, user_id: str) -> User:
    found = _users(connection, tenant_id, user_id)
    if not found:
        raise NotFound(Problem(code="account.user_unknown", found=user_id[:100]))
    return found[0]


def _users(connection: Connection, tenant_id: int, user_id: str | None) -> list[User]:
    granted: dict[str, list[RoleGrant]] = {}
    for holder, role, expires in connection.execute(
        "SELECT user_id, role, expires FROM account.user_role WHERE tenant_id = %s "
        "AND (%s::text IS NULL OR user_id = %s) ORDER BY role",
        (tenant_id, user_id, user_id),
    ):
        granted.setdefault(holder, []).append(RoleGrant(role=role, expires=expires))
    rows = connection.execute(
        "SELECT user_id, name, full_name, language, password_hash IS NOT NULL, "
        "totp_secret IS NOT NULL, created, disabled, EXISTS (SELECT FROM account.one_time_link "
        "AS link WHERE link.tenant_id = owner.tenant_id AND link.user_id = owner.user_id "
        "AND link.used IS NOT NULL) FROM account.user_account AS owner "
        "WHERE tenant_id = %s AND (%s::text IS NULL OR user_id = %s) ORDER BY name",
        (tenant_id, user_id, user_id),
    ).fetchall()
    return [
        User(
            user_id=row[0],
            name=row[1],
            full_name=row[2],
            language=row[3],
            roles=tuple(granted.get(row[0], ())),
            has_password=row[4],
            has_entered=row[8],
            has_totp=row[5],
            created=row[6],
            disabled=row[7],
        )
        for row in rows
    ]
