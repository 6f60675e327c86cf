"""Sessions: who is signed in, and for how long. 会话

A session is a token of 256 random bits in a cookie; only its SHA-256 is stored. The token that
guards changes against other sites (CSRF) is derived from it, so that it needs no storage and
tells nothing of the session's own.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from suyuan.account._audit import Actor, audited
from suyuan.account._buckets import Buckets
from suyuan.account._password import check_password, hash_password, is_password
from suyuan.account._permissions import permissions, permissions_of
from suyuan.account._second_factor import is_recovery_code, spend_recovery_code
from suyuan.account._throttle import Throttle
from suyuan.account._totp import totp_step
from suyuan.account._users import make_id, normal_name
from suyuan.errors import Denied, InvalidInput, Language, NotFound, Problem, Refused
from suyuan.store import Connection, Database

__all__ = [
    "SESSION_LIFETIME_S",
    "OpenSession",
    "Session",
    "SignIns",
    "change_password",
    "csrf_token",
    "end_sessions",
    "find_session",
    "list_sessions",
    "set_password",
    "sign_out",
]

SESSION_LIFETIME_S = 7 * 24 * 3600
IDLE_S = 12 * 3600
_SEEN_AGAIN = timedelta(minutes=1)
_TOKEN_BYTES = 32
_DEFAULT_TENANT = "default"
_BROWSER_CHARACTERS_MAX = 300


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
    plant: str = ""
    """What the tenant calls its plant."""
    access_end: datetime | None = None
    """When the last of the user's roles ends, or has ended; None where one never does."""
    own: frozenset[str] = frozenset()
    """What roles of the tenant's own allow."""

    @property
    def permissions(self) -> frozenset[str]:
        """Give what the roles of now allow."""
        return permissions_of(self.roles) | (self.own & permissions().keys())

    def actor(self, address: str = "") -> Actor:
        """Give who this is in the audit trail."""
        return Actor(
            tenant_id=self.tenant_id,
            actor=f"user:{self.user_id}",
            name=self.name,
            address=address,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """One of the sessions that somebody has open."""

    session_id: str
    created: datetime
    last_seen: datetime
    expires: datetime
    address: str
    browser: str


class SignIns:
    """Lets people sign in by name and password. Any number of threads may use it.

    A name and an address that fail too often have to wait, whether the name exists or not.
    """

    def __init__(
        self,
        database: Database,
        buckets: Buckets | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        """Count failures in buckets that other processes of the server may share."""
        buckets = buckets or Buckets()
        self._database = database
        self._wall_clock = wall_clock
        self._names = Throttle(buckets, "name", failures_max=10, period_s=900, clock=clock)
        self._addresses = Throttle(buckets, "address", failures_max=50, period_s=900, clock=clock)

    def sign_in(
        self, name: str, password: str, code: str = "", *, address: str, browser: str = ""
    ) -> str:
        """Give the token of a new session.

        Raises Denied `account.sign_in_refused` whatever was wrong, `account.code_missing` when
        all was right but a code is needed, and `account.sign_in_too_often`.
        """
        tenant, user = _named(name)
        with self._counted(f"{tenant}/{user}", address):
            return self._token(tenant, user, password, code, address, browser)

    def confirm(self, session: Session, password: str, *, address: str) -> None:
        """See that whoever sits at a session knows its password, as a guard of what matters.

        Raises Denied `account.password_wrong` and `account.sign_in_too_often`, Refused
        `account.password_missing` for an account that has none.
        """
        with self._counted(f"{session.tenant}/{session.name}", address):
            with self._database.tenant(session.tenant_id, read_only=True) as connection:
                row = connection.execute(
                    "SELECT password_hash FROM account.user_account WHERE tenant_id = %s "
                    "AND user_id = %s",
                    (session.tenant_id, session.user_id),
                ).fetchone()
            if row is None or row[0] is None:
                raise Refused(Problem(code="account.password_missing"))
            if not is_password(row[0], password):
                raise Denied(Problem(code="account.password_wrong", where="password"))

    @contextlib.contextmanager
    def _counted(self, key: str, address: str) -> Iterator[None]:
        """Let one try through, unless there were too many; what raises was a failure."""
        for throttle, throttled in ((self._names, key), (self._addresses, address)):
            wait_s = throttle.wait_s(throttled)
            if wait_s:
                raise Denied(
                    Problem(code="account.sign_in_too_often", expected=str(max(1, round(wait_s))))
                )
        # A try counts before it is looked at: many at once are many.
        self._names.count(key)
        self._addresses.count(address)
        yield
        self._names.forget(key)
        self._addresses.uncount(address)

    def _token(
        self, tenant: str, name: str, password: str, code: str, address: str, browser: str
    ) -> str:
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
            if is_recovery_code(code):
                actor = Actor(
                    tenant_id=tenant_id, actor=f"user:{user_id}", name=name, address=address
                )
                if not spend_recovery_code(self._database, actor, user_id, code):
                    raise _refused()
            else:
                step = totp_step(secret, code, time_s=self._wall_clock(), used=used) or 0
                if not step:
                    raise _refused()
        return self._begin(tenant_id, user_id, step, address, browser)

    def _begin(self, tenant_id: int, user_id: str, step: int, address: str, browser: str) -> str:
        with self._database.tenant(tenant_id) as connection:
            if step:
                row = connection.execute(
                    "UPDATE account.user_account SET totp_step = %s WHERE tenant_id = %s "
                    "AND user_id = %s AND totp_step < %s RETURNING user_id",
                    (step, tenant_id, user_id, step),
                ).fetchone()
                if row is None:  # Another sign-in used the same code a moment ago.
                    raise _refused()
            return begin_session(connection, tenant_id, user_id, address, browser)


def begin_session(
    connection: Connection, tenant_id: int, user_id: str, address: str, browser: str = ""
) -> str:
    """Write a new session of a user and give its token; sweep up those that are over."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    connection.execute(
        "DELETE FROM account.user_session WHERE tenant_id = %s AND expires < now()", (tenant_id,)
    )
    connection.execute(
        "INSERT INTO account.user_session (tenant_id, session_id, user_id, token_hash, expires, "
        "address, browser) VALUES (%s, %s, %s, %s, now() + %s, %s, %s)",
        (
            tenant_id,
            make_id(),
            user_id,
            hash_token(token),
            timedelta(seconds=SESSION_LIFETIME_S),
            address[:100],
            browser[:_BROWSER_CHARACTERS_MAX].replace("\x00", ""),
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
            "roles, idle, own, access_end, plant FROM account.find_session(%s, %s)",
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
        own=frozenset(row[9]),
        access_end=row[10],
        plant=row[11],
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


def change_password(database: Database, actor: Actor, session: Session, password: str) -> None:
    """Give the one who is signed in a new password; all their other sessions end.

    That they know the old one is for `SignIns.confirm` to see. Raises InvalidInput
    `account.password_weak`.
    """
    with audited(database, actor, "user.password", f"user:{session.user_id}") as change:
        store_password(
            change.connection,
            session.tenant_id,
            session.user_id,
            password,
            kept=session.session_id,
        )


def list_sessions(database: Database, tenant_id: int, user_id: str) -> list[OpenSession]:
    """Give the sessions that a user has open, the one used last first."""
    with database.tenant(tenant_id, read_only=True) as connection:
        rows = connection.execute(
            "SELECT session_id, created, last_seen, expires, address, browser "
            "FROM account.user_session WHERE tenant_id = %s AND user_id = %s "
            "AND expires > now() AND last_seen > now() - make_interval(secs => %s) "
            "ORDER BY last_seen DESC, session_id",
            (tenant_id, user_id, IDLE_S),
        ).fetchall()
    return [
        OpenSession(
            session_id=row[0],
            created=row[1],
            last_seen=row[2],
            expires=row[3],
            address=row[4],
            browser=row[5],
        )
        for row in rows
    ]


def end_sessions(
    database: Database, actor: Actor, session: Session, session_id: str | None = None
) -> int:
    """End one of the user's sessions, or all but the present one; tell how many.

    Raises NotFound `account.session_unknown` for one that is not theirs.
    """
    subject = f"user:{session.user_id}"
    with audited(database, actor, "user.end_sessions", subject) as change:
        ended = change.connection.execute(
            "DELETE FROM account.user_session WHERE tenant_id = %s AND user_id = %s "
            "AND (session_id = %s OR (%s::text IS NULL AND session_id <> %s)) "
            "RETURNING session_id",
            (session.tenant_id, session.user_id, session_id, session_id, session.session_id),
        ).fetchall()
        if session_id is not None and not ended:
            raise NotFound(Problem(code="account.session_unknown", found=session_id[:100]))
        change.after = {"ended": len(ended)}
    return len(ended)


def store_password(
    connection: Connection, tenant_id: int, user_id: str, password: str, *, kept: str = ""
) -> None:
    """Write a new password, inside a change, and end the user's sessions but the one kept."""
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
        "DELETE FROM account.user_session WHERE tenant_id = %s AND user_id = %s "
        "AND session_id <> %s",
        (tenant_id, user_id, kept),
    )


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
