"""Sessions: who is signed in, and for how long. 会话

A session is a token of 256 random bits in a cookie; only its SHA-256 is stored. The token that
guards changes against other sites (CSRF) is derived from it, so that it needs no storage and
tells nothing of the session's own.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from suyuan.account._audit import Actor, audited
from suyuan.account._password import check_password, hash_password, is_password
from suyuan.account._permissions import permissions_of
from suyuan.account._throttle import Throttle
from suyuan.account._totp import totp_step
from suyuan.account._users import make_id, normal_name
from suyuan.errors import Denied, InvalidInput, Language, NotFound, Problem
from suyuan.store import Connection, Database

__all__ = [
    "SESSION_LIFETIME_S",
    "Session",
    "SignIns",
    "csrf_token",
    "find_session",
    "set_password",
    "set_totp",
    "sign_out",
]

SESSION_LIFETIME_S = 7 * 24 * 3600
IDLE_S = 12 * 3600
_SEEN_AGAIN = timedelta(minutes=1)
_TOKEN_BYTES = 32
_DEFAULT_TENANT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody who is signed in."""

    tenant_id: int
    tenant: str
    session_id: str
    user_id: str
    name: str
    full_name: str
    language: Language
    roles: tuple[str, ...]

    @property
    def permissions(self) -> frozenset[str]:
        """Give what the roles of now allow."""
        return permissions_of(self.roles)

    def actor(self, address: str = "") -> Actor:
        """Give who this is in the audit trail."""
        return Actor(
            tenant_id=self.tenant_id,
            actor=f"user:{self.user_id}",
            name=self.name,
            address=address,
        )


class SignIns:
    """Lets people sign in by name and password. Any number of threads may use it.

    A name and an address that fail too often have to wait, whether the name exists or not.
    """

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._wall_clock = wall_clock
        self._names = Throttle(failures_max=10, period_s=900, clock=clock)
        self._addresses = Throttle(failures_max=50, period_s=900, clock=clock)

    def sign_in(self, name: str, password: str, code: str = "", *, address: str) -> str:
        """Give the token of a new session.

        Raises Denied `account.sign_in_refused` whatever was wrong, `account.code_missing` when
        all was right but a code is needed, and `account.sign_in_too_often`.
        """
        tenant, user = _named(name)
        key = f"{tenant}/{user}"
        for throttle, throttled in ((self._names, key), (self._addresses, address)):
            wait_s = throttle.wait_s(throttled)
            if wait_s:
                raise Denied(
                    Problem(code="account.sign_in_too_often", expected=str(max(1, round(wait_s))))
                )
        # A try counts before it is looked at: many at once are many.
        self._names.count(key)
        self._addresses.count(address)
        token = self._token(tenant, user, password, code, address)
        self._names.forget(key)
        self._addresses.uncount(address)
        return token

    def _token(self, tenant: str, name: str, password: str, code: str, address: str) -> str:
        with self._database.tenant(0, read_only=True) as connection:
            row = connection.execute("SELECT account.find_tenant(%s)", (tenant,)).fetchone()
        tenant_id = int(row[0]) if row is not None else 0
        with self._database.tenant(tenant_id, read_only=True) as connection:
            known = connection.execute(
                "SELECT user_id, password_hash, totp_secret, totp_step, disabled "
                "FROM account.user_account WHERE tenant_id = %s AND name = %s",
                (tenant_id, name),
            ).fetchone()
        user_id, stored, secret, used, disabled = known or ("", None, None, 0, None)
        if not is_password(stored, password) or disabled is not None:
            raise _refused()
        step = 0
        if secret is not None:
            if not code:
                raise Denied(Problem(code="account.code_missing", where="code"))
            step = totp_step(secret, code, time_s=self._wall_clock(), used=used) or 0
            if not step:
                raise _refused()
        return self._begin(tenant_id, user_id, step, name, address)

    def _begin(self, tenant_id: int, user_id: str, step: int, name: str, address: str) -> str:
        with self._database.tenant(tenant_id) as connection:
            if step:
                row = connection.execute(
                    "UPDATE account.user_account SET totp_step = %s WHERE tenant_id = %s "
                    "AND user_id = %s AND totp_step < %s RETURNING user_id",
                    (step, tenant_id, user_id, step),
                ).fetchone()
                if row is None:  # Another sign-in used the same code a moment ago.
                    raise _refused()
            return begin_session(connection, tenant_id, user_id, address)


def begin_session(connection: Connection, tenant_id: int, user_id: str, address: str) -> str:
    """Write a new session of a user and give its token; sweep up those that are over."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    connection.execute(
        "DELETE FROM account.user_session WHERE tenant_id = %s AND expires < now()", (tenant_id,)
    )
    connection.execute(
        "INSERT INTO account.user_session (tenant_id, session_id, user_id, token_hash, expires, "
        "address) VALUES (%s, %s, %s, %s, now() + %s, %s)",
        (
            tenant_id,
            make_id(),
            user_id,
            hash_token(token),
            timedelta(seconds=SESSION_LIFETIME_S),
            address[:100],
        ),
    )
    return token


def find_session(database: Database, token: str, *, is_used: bool = True) -> Session | None:
    """Give who holds a token; None when nobody does, or no longer.

    Unless it `is_used` it goes on to rest: to look whether it is there keeps it no longer.
    """
    if not token or not token.isascii():
        return None
    with database.tenant(0, read_only=True) as connection:
        row = connection.execute(
            "SELECT tenant_id, tenant_name, session_id, user_id, name, full_name, language, "
            "roles, idle FROM account.find_session(%s, %s)",
            (hash_token(token), IDLE_S),
        ).fetchone()
    if row is None:
        return None
    session = Session(
        tenant_id=row[0],
        tenant=row[1],
        session_id=row[2],
        user_id=row[3],
        name=row[4],
        full_name=row[5],
        language=row[6],
        roles=tuple(row[7]),
    )
    if is_used and row[8] > _SEEN_AGAIN:
        with database.tenant(session.tenant_id) as connection:
            connection.execute(
                "UPDATE account.user_session SET last_seen = now() WHERE tenant_id = %s "
                "AND session_id = %s",
                (session.tenant_id, session.session_id),
            )
    return session


def sign_out(database: Database, session: Session) -> None:
    """End a session at once."""
    with database.tenant(session.tenant_id) as connection:
        connection.execute(
            "DELETE FROM account.user_session WHERE tenant_id = %s AND session_id = %s",
            (session.tenant_id, session.session_id),
        )


def csrf_token(token: str) -> str:
    """Give what a page of ours sends with each change, for a session."""
    return hmac.new(token.encode(), b"suyuan csrf", hashlib.sha256).hexdigest()


def set_password(database: Database, actor: Actor, user_id: str, password: str) -> None:
    """Give a user a new password and end all sessions of theirs.

    Raises InvalidInput `account.password_weak`, NotFound `account.user_unknown`.
    """
    with audited(database, actor, "user.password", f"user:{user_id}") as change:
        store_password(change.connection, actor.tenant_id, user_id, password)


def store_password(connection: Connection, tenant_id: int, user_id: str, password: str) -> None:
    """Write a new password, inside a change, and end the user's sessions."""
    row = connection.execute(
        "SELECT name FROM account.user_account WHERE tenant_id = %s AND user_id = %s",
        (tenant_id, user_id),
    ).fetchone()
    if row is None:
        raise NotFound(Problem(code="account.user_unknown", found=user_id[:100]))
    check_password(password, name=row[0])
    connection.execute(
        "UPDATE account.user_account SET password_hash = %s WHERE tenant_id = %s AND user_id = %s",
        (hash_password(password), tenant_id, user_id),
    )
    connection.execute(
        "DELETE FROM account.user_session WHERE tenant_id = %s AND user_id = %s",
        (tenant_id, user_id),
    )


def set_totp(database: Database, actor: Actor, user_id: str, secret: bytes | None) -> None:
    """Ask for codes of this secret at each sign-in from now on, or for none."""
    with audited(database, actor, "user.totp", f"user:{user_id}") as change:
        row = change.connection.execute(
            "UPDATE account.user_account SET totp_secret = %s, totp_step = 0 "
            "WHERE tenant_id = %s AND user_id = %s RETURNING user_id",
            (secret, actor.tenant_id, user_id),
        ).fetchone()
        if row is None:
            raise NotFound(Problem(code="account.user_unknown", found=user_id[:100]))
        change.after = {"has_totp": secret is not None}


def hash_token(token: str) -> bytes:
    """Give what is stored of a token; 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).digest()


def _named(name: str) -> tuple[str, str]:
    """Split what was typed: `name`, or `tenant/name` for another tenant than the default."""
    tenant, slash, user = name.strip().rpartition("/")
    try:
        return (tenant.strip().lower() if slash else _DEFAULT_TENANT)[:100], normal_name(user)
    except InvalidInput:
        return "", ""


def _refused() -> Denied:
    return Denied(Problem(code="account.sign_in_refused"))
