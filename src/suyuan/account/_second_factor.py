"""A phone as second factor: set up by its owner, with recovery codes for when it is lost. 二次验证

The secret waits until a code of the phone has proved that it arrived there; only then is it
asked for. Ten recovery codes of 80 random bits are shown once, and each opens once.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import time

from suyuan.account._audit import Actor, audited
from suyuan.account._permissions import check_within
from suyuan.account._totp import make_totp_secret, totp_step
from suyuan.account._users import find_user, user_permissions
from suyuan.errors import InvalidInput, NotFound, Problem, Refused
from suyuan.store import Connection, Database

__all__ = [
    "begin_totp",
    "confirm_totp",
    "count_recovery_codes",
    "is_recovery_code",
    "make_recovery_codes",
    "remove_totp",
    "set_totp",
    "spend_recovery_code",
]

_CODES = 10
_CODE_BYTES = 10
_RECOVERY = re.compile(r"[a-z2-7]{16}")


def begin_totp(database: Database, actor: Actor, user_id: str) -> bytes:
    """Make a secret that waits for its first code. Raises Refused `account.totp_there`."""
    secret = make_totp_secret()
    with database.tenant(actor.tenant_id) as connection:
        row = connection.execute(
            "UPDATE account.user_account SET totp_waiting = %s WHERE tenant_id = %s "
            "AND user_id = %s AND totp_secret IS NULL RETURNING user_id",
            (secret, actor.tenant_id, user_id),
        ).fetchone()
    if row is None:
        raise Refused(Problem(code="account.totp_there"))
    return secret


def confirm_totp(
    database: Database, actor: Actor, user_id: str, code: str, *, time_s: float | None = None
) -> list[str]:
    """Ask for codes from now on, if this is one of the waiting secret; give recovery codes.

    Raises Refused `account.totp_not_begun`, InvalidInput `account.code_wrong`.
    """
    with audited(database, actor, "user.totp", f"user:{user_id}") as change:
        row = change.connection.execute(
            "SELECT totp_waiting FROM account.user_account WHERE tenant_id = %s AND user_id = %s "
            "FOR UPDATE",
            (actor.tenant_id, user_id),
        ).fetchone()
        if row is None or row[0] is None:
            raise Refused(Problem(code="account.totp_not_begun"))
        now = time.time() if time_s is None else time_s
        step = totp_step(row[0], code, time_s=now)
        if step is None:
            raise InvalidInput(Problem(code="account.code_wrong", where="code"))
        _store(change.connection, actor.tenant_id, user_id, row[0], step)
        change.before, change.after = {"has_totp": False}, {"has_totp": True}
        return _write_codes(change.connection, actor.tenant_id, user_id)


def make_recovery_codes(database: Database, actor: Actor, user_id: str) -> list[str]:
    """Give new recovery codes; the old ones open no more. Raises Refused if there is no phone."""
    with audited(database, actor, "user.recovery_codes", f"user:{user_id}") as change:
        row = change.connection.execute(
            "SELECT totp_secret IS NOT NULL FROM account.user_account WHERE tenant_id = %s "
            "AND user_id = %s",
            (actor.tenant_id, user_id),
        ).fetchone()
        if row is None or not row[0]:
            raise Refused(Problem(code="account.totp_missing"))
        return _write_codes(change.connection, actor.tenant_id, user_id)


def count_recovery_codes(database: Database, tenant_id: int, user_id: str) -> int:
    """Count the recovery codes of a user that still open."""
    with database.tenant(tenant_id, read_only=True) as connection:
        row = connection.execute(
            "SELECT count(*) FROM account.recovery_code WHERE tenant_id = %s AND user_id = %s",
            (tenant_id, user_id),
        ).fetchone()
    return 0 if row is None else int(row[0])


def remove_totp(
    database: Database,
    actor: Actor,
    user_id: str,
    *,
    within: frozenset[str] | None = None,
    why: str = "",
) -> None:
    """Ask a user for no code any more: their own wish, or an administrator's help.

    Raises NotFound `account.user_unknown`, Denied `account.grant_too_wide` for a user who may
    do more than the actor, Refused `account.totp_missing`.
    """
    user = find_user(database, actor.tenant_id, user_id)
    if within is not None:
        check_within(user_permissions(database, actor.tenant_id, user), within)
    if not user.has_totp:
        raise Refused(Problem(code="account.totp_missing"))
    set_totp(database, actor, user_id, None, why=why)


def set_totp(
    database: Database, actor: Actor, user_id: str, secret: bytes | None, *, why: str = ""
) -> None:
    """Ask for codes of this secret at each sign-in from now on, or for none."""
    with audited(database, actor, "user.totp", f"user:{user_id}", why=why) as change:
        row = change.connection.execute(
            "SELECT totp_secret IS NOT NULL FROM account.user_account WHERE tenant_id = %s "
            "AND user_id = %s FOR UPDATE",
            (actor.tenant_id, user_id),
        ).fetchone()
        if row is None:
            raise NotFound(Problem(code="account.user_unknown", found=user_id[:100]))
        _store(change.connection, actor.tenant_id, user_id, secret, 0)
        change.before, change.after = {"has_totp": row[0]}, {"has_totp": secret is not None}


def is_recovery_code(code: str) -> bool:
    """Tell whether this is spelled as a recovery code is, and not as a phone's."""
    return _RECOVERY.fullmatch(_plain(code)) is not None


def spend_recovery_code(database: Database, actor: Actor, user_id: str, code: str) -> bool:
    """Take a recovery code away, so that it opens once; tell whether it was there."""
    with database.tenant(actor.tenant_id, read_only=True) as connection:
        known = connection.execute(
            "SELECT FROM account.recovery_code WHERE tenant_id = %s AND user_id = %s "
            "AND code_hash = %s",
            (actor.tenant_id, user_id, _hash(code)),
        ).fetchone()
    if known is None:
        return False
    with audited(database, actor, "user.recovery_code", f"user:{user_id}") as change:
        spent = change.connection.execute(
            "DELETE FROM account.recovery_code WHERE tenant_id = %s AND user_id = %s "
            "AND code_hash = %s RETURNING user_id",
            (actor.tenant_id, user_id, _hash(code)),
        ).fetchone()
        change.after = {"is_spent": spent is not None}
    return spent is not None


def _store(
    connection: Connection, tenant_id: int, user_id: str, secret: bytes | None, step: int
) -> None:
    """Write a secret, and the step of the code that proved it: that code opens nothing."""
    connection.execute(
        "UPDATE account.user_account SET totp_secret = %s, totp_waiting = NULL, totp_step = %s "
        "WHERE tenant_id = %s AND user_id = %s",
        (secret, step, tenant_id, user_id),
    )
    connection.execute(
        "DELETE FROM account.recovery_code WHERE tenant_id = %s AND user_id = %s",
        (tenant_id, user_id),
    )


def _write_codes(connection: Connection, tenant_id: int, user_id: str) -> list[str]:
    connection.execute(
        "DELETE FROM account.recovery_code WHERE tenant_id = %s AND user_id = %s",
        (tenant_id, user_id),
    )
    codes = [_make_code() for _ in range(_CODES)]
    for code in codes:
        connection.execute(
            "INSERT INTO account.recovery_code (tenant_id, user_id, code_hash) VALUES (%s, %s, %s)",
            (tenant_id, user_id, _hash(code)),
        )
    return codes


def _make_code() -> str:
    text = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _plain(code: str) -> str:
    return re.sub(r"[\s-]", "", code).lower()


def _hash(code: str) -> bytes:
    return hashlib.sha256(_plain(code).encode()).digest()
