"""API keys: made for all or for some of what may be done, shown once, found, revoked. 接口密钥

A key is 32 random bytes, written in base32 behind `suyuan_`, so that it can be read out,
double-clicked, and found by scanners that look for leaked secrets. Only its SHA-256 is
stored: whoever reads the database learns no key, and 256 random bits need no salt.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from suyuan.account._audit import Actor, audited, check_text, program
from suyuan.account._permissions import check_permissions, check_within, permissions
from suyuan.account._sessions import Session
from suyuan.errors import NotFound, Problem
from suyuan.store import Database

__all__ = [
    "ApiKey",
    "Caller",
    "KeyHolders",
    "count_api_keys",
    "find_api_key",
    "list_api_keys",
    "make_api_key",
    "revoke_api_key",
]

_PREFIX = "suyuan_"
_SECRET_BYTES = 32
_SECRET_CHARACTERS = len(_PREFIX) + 52
_ID_BYTES = 5
_REMEMBERED_MAX = 10_000
_REMEMBERED_S = 5.0
_NAME_CHARACTERS_MAX = 200


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the tenant, with which of its keys or in whose session, and what it may do."""

    tenant_id: int
    api_key_id: str
    name: str
    permissions: frozenset[str]
    session: Session | None = None

    def actor(self, address: str = "") -> Actor:
        """Give who this is in the audit trail."""
        if self.session is not None:
            return self.session.actor(address)
        return Actor(
            tenant_id=self.tenant_id,
            actor=f"api_key:{self.api_key_id}",
            name=self.name,
            address=address,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """An API key. `secret` is known when it is made and never again."""

    api_key_id: str
    name: str
    permissions: frozenset[str] | None = None
    """What it opens; None is everything, what comes in later versions too."""
    secret: str = ""
    created: datetime | None = None
    expires: datetime | None = None
    revoked: datetime | None = None


def make_api_key(
    database: Database,
    tenant_id: int,
    *,
    name: str,
    expires: datetime | None = None,
    scope: Iterable[str] | None = None,
    actor: Actor | None = None,
    within: frozenset[str] | None = None,
    why: str = "",
) -> ApiKey:
    """Make a key and store its hash. The answer is the only place where the key stands.

    `scope` is what it may do, None everything; `within` is what the actor may do, and give.
    Raises InvalidInput `account.permission_unknown`, Denied `account.grant_too_wide`.
    """
    secret = _PREFIX + _base32(secrets.token_bytes(_SECRET_BYTES))
    api_key_id = _base32(secrets.token_bytes(_ID_BYTES))
    name = check_text(name, "name", _NAME_CHARACTERS_MAX, characters_min=1)
    granted = None if scope is None else check_permissions(scope)
    if within is not None:
        check_within(permissions() if granted is None else granted, within)
    said = None if granted is None else sorted(granted)
    by = actor or program(tenant_id)
    with audited(database, by, "api_key.add", f"api_key:{api_key_id}", why=why) as change:
        change.connection.execute(
            "INSERT INTO account.api_key (tenant_id, api_key_id, secret_hash, name, expires, "
            "permissions) VALUES (%s, %s, %s, %s, %s, %s)",
            (tenant_id, api_key_id, _hash(secret), name, expires, said),
        )
        change.after = {
            "name": name,
            "permissions": said,
            "expires": expires.isoformat() if expires else None,
        }
    return ApiKey(
        api_key_id=api_key_id, name=name, permissions=granted, secret=secret, expires=expires
    )


def find_api_key(database: Database, secret: str) -> Caller | None:
    """Give the holder of a key; None when it is unknown, expired or revoked."""
    if not _is_well_formed(secret):
        return None
    with database.tenant(0, read_only=True) as connection:
        row = connection.execute(
            "SELECT tenant_id, api_key_id, name, permissions FROM account.find_api_key(%s)",
            (_hash(secret),),
        ).fetchone()
    if row is None:
        return None
    known = frozenset(permissions())
    return Caller(row[0], row[1], row[2], known if row[3] is None else known & set(row[3]))


def count_api_keys(database: Database, tenant_id: int) -> int:
    """Count the keys of a tenant that were ever made, whether they still open or not."""
    with database.tenant(tenant_id, read_only=True) as connection:
        row = connection.execute(
            "SELECT count(*) FROM account.api_key WHERE tenant_id = %s", (tenant_id,)
        ).fetchone()
    assert row is not None
    return int(row[0])


def list_api_keys(database: Database, tenant_id: int) -> list[ApiKey]:
    """Give all keys of a tenant, the oldest first, without their secrets."""
    with database.tenant(tenant_id, read_only=True) as connection:
        rows = connection.execute(
            "SELECT api_key_id, name, permissions, created, expires, revoked FROM account.api_key "
            "WHERE tenant_id = %s ORDER BY created, api_key_id",
            (tenant_id,),
        ).fetchall()
    return [
        ApiKey(
            api_key_id=row[0],
            name=row[1],
            permissions=None if row[2] is None else frozenset(row[2]),
            created=row[3],
            expires=row[4],
            revoked=row[5],
        )
        for row in rows
    ]


def revoke_api_key(
    database: Database,
    tenant_id: int,
    api_key_id: str,
    *,
    actor: Actor | None = None,
    why: str = "",
) -> None:
    """Close a key for ever. Raises NotFound `account.api_key_unknown`."""
    by = actor or program(tenant_id)
    with audited(database, by, "api_key.revoke", f"api_key:{api_key_id}", why=why) as change:
        row = change.connection.execute(
            "UPDATE account.api_key SET revoked = coalesce(revoked, now()) "
            "WHERE tenant_id = %s AND api_key_id = %s RETURNING api_key_id",
            (tenant_id, api_key_id),
        ).fetchone()
        if row is None:
            raise NotFound(Problem(code="account.api_key_unknown", found=api_key_id))


class KeyHolders:
    """Finds holders of keys and remembers them for some seconds, so long may a revoked key live.

    Any number of threads may use it. Keys that open nothing are not remembered.
    """

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._remembered: dict[bytes, tuple[float, Caller]] = {}
        self._lock = Lock()

    def remembered(self, secret: str) -> Caller | None:
        """Give the holder of a key without asking the database; None when that is needed."""
        if not _is_well_formed(secret):
            return None
        known = self._remembered.get(_hash(secret))
        return known[1] if known is not None and known[0] > self._clock() else None

    def find(self, secret: str) -> Caller | None:
        """Give the holder of a key; None when it opens nothing."""
        known = self.remembered(secret)
        if known is not None or not _is_well_formed(secret):
            return known
        digest = _hash(secret)
        now = self._clock()
        caller = find_api_key(self._database, secret)
        with self._lock:
            if caller is None:
                self._remembered.pop(digest, None)
            else:
                if len(self._remembered) >= _REMEMBERED_MAX:
                    self._remembered.clear()
                self._remembered[digest] = (now + _REMEMBERED_S, caller)
        return caller


def _is_well_formed(secret: str) -> bool:
    return len(secret) == _SECRET_CHARACTERS and secret.startswith(_PREFIX) and secret.isascii()


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()
