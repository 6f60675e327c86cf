"""One-time links: to be invited, to set a forgotten password, to become the first. 一次性链接

A link holds 256 random bits, of which only the SHA-256 is stored, and opens once. Looking at
it uses nothing up: it is spent in the transaction that does what it is for.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from suyuan.account._audit import Actor, Change, audited, program
from suyuan.account._permissions import check_within
from suyuan.account._sessions import begin_session, hash_token, store_password
from suyuan.account._users import (
    ADMINISTRATOR,
    count_users,
    find_user,
    insert_user,
    list_users,
    lock_users,
    make_id,
    user_permissions,
)
from suyuan.errors import Language, NotFound, Problem, Refused
from suyuan.store import Connection, Database

__all__ = [
    "Link",
    "LinkKind",
    "enter",
    "find_link",
    "make_demo_link",
    "make_first_link",
    "make_link",
]

LinkKind = Literal["first_start", "invitation", "reset", "sign_in"]
_LIFETIMES: dict[LinkKind, timedelta] = {
    "first_start": timedelta(days=7),
    "invitation": timedelta(days=7),
    "reset": timedelta(hours=24),
    "sign_in": timedelta(days=1),
}
_TOKEN_BYTES = 32
_DEMO_NAME = "demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link that opens still. `token` is known when it is made and never again."""

    tenant_id: int
    tenant: str = ""
    kind: LinkKind
    user_id: str | None
    name: str = ""
    token: str = ""
    expires: datetime | None = None

    @property
    def path(self) -> str:
        """Give the path of the page that it opens."""
        return f"/enter/{self.token}"


def make_link(
    database: Database,
    actor: Actor,
    user_id: str,
    *,
    within: frozenset[str] | None = None,
    why: str = "",
) -> Link:
    """Make a link with which a user sets a password; older ones of theirs open no more.

    Raises NotFound `account.user_unknown`, Refused `account.user_disabled`, Denied
    `account.grant_too_wide` for a user who may do more than the actor.
    """
    user = find_user(database, actor.tenant_id, user_id)
    if user.disabled is not None:
        raise Refused(Problem(code="account.user_disabled", found=user.name))
    if within is not None:
        check_within(user_permissions(database, actor.tenant_id, user), within)
    kind: LinkKind = "reset" if user.has_password else "invitation"
    with audited(database, actor, "user.link", f"user:{user_id}", why=why) as change:
        change.after = {"kind": kind}
        return _write(change.connection, actor.tenant_id, kind, user_id)


def make_first_link(database: Database, tenant_id: int) -> Link | None:
    """Make the link to become administrator; None when the tenant has a user already."""
    if count_users(database, tenant_id):
        return None
    with database.tenant(tenant_id) as connection:
        return _write(connection, tenant_id, "first_start", None)


def make_demo_link(database: Database, tenant_id: int, language: Language) -> Link | None:
    """Make a link that signs in the administrator of a demo; None when it has other users."""
    users = list_users(database, tenant_id)
    if any(user.name != _DEMO_NAME or user.has_password for user in users):
        return None
    user_id = users[0].user_id if users else make_id()
    with audited(database, program(tenant_id), "user.link", f"user:{user_id}") as change:
        connection = change.connection
        if not users:
            insert_user(connection, tenant_id, user_id, _DEMO_NAME, "", language)
            _make_administrator(connection, tenant_id, user_id)
            change.after = {"name": _DEMO_NAME, "roles": {ADMINISTRATOR: None}}
        return _write(connection, tenant_id, "sign_in", user_id)


def find_link(database: Database, token: str) -> Link:
    """Give what a token opens. Raises NotFound `account.link_spent`."""
    with database.tenant(0, read_only=True) as connection:
        row = connection.execute(
            "SELECT tenant_id, tenant_name, kind, user_id, name FROM account.find_link(%s)",
            (hash_token(token),),
        ).fetchone()
    if row is None:
        raise NotFound(Problem(code="account.link_spent"))
    return Link(
        tenant_id=row[0],
        tenant=row[1],
        kind=row[2],
        user_id=row[3],
        name=row[4] or "",
        token=token,
    )


def enter(
    database: Database,
    token: str,
    *,
    name: str = "",
    password: str = "",
    language: Language = "zh",
    address: str = "",
    browser: str = "",
) -> str:
    """Do what a link is for, spend it, and give the token of a new session.

    A first start takes `name` and `password`, an invitation and a reset take `password`.
    Raises NotFound `account.link_spent`, and InvalidInput as the names and passwords do.
    """
    link = find_link(database, token)
    actor = Actor(
        tenant_id=link.tenant_id,
        actor=f"link:{link.kind}",
        name=link.name or name,
        address=address,
    )
    user_id = link.user_id or make_id()
    with audited(database, actor, f"link.{link.kind}", f"user:{user_id}") as change:
        _spend(change.connection, link)
        if link.kind == "first_start":
            _make_first(change, link.tenant_id, user_id, name, language)
        if link.kind != "sign_in":
            store_password(change.connection, link.tenant_id, user_id, password)
        return begin_session(change.connection, link.tenant_id, user_id, address, browser)


def _spend(connection: Connection, link: Link) -> None:
    row = connection.execute(
        "UPDATE account.one_time_link SET used = now() WHERE tenant_id = %s AND token_hash = %s "
        "AND used IS NULL AND expires > now() RETURNING kind",
        (link.tenant_id, hash_token(link.token)),
    ).fetchone()
    if row is None:
        raise NotFound(Problem(code="account.link_spent"))


def _make_first(
    change: Change, tenant_id: int, user_id: str, name: str, language: Language
) -> None:
    connection = change.connection
    lock_users(connection, tenant_id)
    known = connection.execute(
        "SELECT FROM account.user_account WHERE tenant_id = %s LIMIT 1", (tenant_id,)
    ).fetchone()
    if known is not None:
        raise NotFound(Problem(code="account.link_spent"))
    insert_user(connection, tenant_id, user_id, name, "", language)
    _make_administrator(connection, tenant_id, user_id)
    change.after = {"name": name, "roles": {ADMINISTRATOR: None}}


def _make_administrator(connection: Connection, tenant_id: int, user_id: str) -> None:
    connection.execute(
        "INSERT INTO account.user_role (tenant_id, user_id, role) VALUES (%s, %s, %s)",
        (tenant_id, user_id, ADMINISTRATOR),
    )


def _write(connection: Connection, tenant_id: int, kind: LinkKind, user_id: str | None) -> Link:
    """Write a new link; older ones of the same user, or for the first one, open no more."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    connection.execute(
        "DELETE FROM account.one_time_link WHERE tenant_id = %s AND used IS NULL "
        "AND user_id IS NOT DISTINCT FROM %s",
        (tenant_id, user_id),
    )
    row = connection.execute(
        "INSERT INTO account.one_time_link (tenant_id, token_hash, kind, user_id, expires) "
        "VALUES (%s, %s, %s, %s, now() + %s) RETURNING expires",
        (tenant_id, hash_token(token), kind, user_id, _LIFETIMES[kind]),
    ).fetchone()
    assert row is not None
    return Link(tenant_id=tenant_id, kind=kind, user_id=user_id, token=token, expires=row[0])
