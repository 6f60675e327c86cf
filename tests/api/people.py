"""People who are signed in, for tests: a client each, as a browser would be."""

from __future__ import annotations

from typing import Any

import httpx

from suyuan.account import Actor, RoleGrant, add_user, enter, make_link
from tests.api.conftest import Server

PASSWORD = "a cow jumps over the moon"


def actor(server: Server, tenant_id: int | None = None) -> Actor:
    return Actor(tenant_id=tenant_id or server.tenant_id, actor="command_line:test", name="test")


def make_user(server: Server, name: str, *roles: RoleGrant, tenant_id: int | None = None) -> str:
    """Make a user who has set the password; give the token of a session."""
    by = actor(server, tenant_id)
    made = add_user(server.database, by, name=name, grants=roles)
    return enter(
        server.database, make_link(server.database, by, made.user_id).token, password=PASSWORD
    )


def signed_in(server: Server, token: str, *, has_csrf: bool = True) -> httpx.Client:
    """Give a client that has the cookie of a session, and sends its CSRF token."""
    client = httpx.Client(base_url=server.client.base_url, timeout=30, verify=False)
    client.cookies.set("suyuan_session", token)
    if has_csrf:
        client.headers["X-Suyuan-CSRF"] = client.get("/api/session").json()["csrf"]
    return client


def session_of(client: httpx.Client) -> dict[str, Any]:
    answer = client.get("/api/session")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
