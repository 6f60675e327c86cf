"""Keys of the transparency logs: made at first use, one file a tenant, readable by us alone.

A second server on the same database, with a data folder of its own, has no private key: it
appends like the first, but leaves the signing of checkpoints to whoever has the key.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from suyuan.errors import IntegrityBroken, Problem
from suyuan.store import Database
from suyuan.tlog import SigningKey, generate_key, parse_signing_key

__all__ = ["signing_key"]


def signing_key(
    database: Database, tenant_id: int, folder: Path, *, origin: str
) -> SigningKey | None:
    """Give the key that signs this tenant's checkpoints, made now if there is none anywhere.

    None when another data folder has it. Raises IntegrityBroken `journal.log_key_changed`
    when the file here is not the key that the database knows.
    """
    page = folder / "keys" / f"{tenant_id}.key"
    known = _known_verifier(database, tenant_id)
    if page.exists():
        key = parse_signing_key(page.read_text().strip())
        if known is None:
            known = _register(database, tenant_id, key)
        if known != str(key.verifier_key):
            raise IntegrityBroken(
                Problem(code="journal.log_key_changed", where=str(page), expected=known)
            )
        return key
    if known is not None:
        return None
    key = generate_key(origin)
    write_key(page, key)
    if _register(database, tenant_id, key) != str(key.verifier_key):
        page.unlink()  # Another server was faster.
        return None
    return key


def write_key(page: Path, key: SigningKey) -> None:
    """Store a key where only we can read it, whole or not at all."""
    page.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = page.with_suffix(f".{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):
        draft.unlink()
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(key.secret_text() + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(page)


def _known_verifier(database: Database, tenant_id: int) -> str | None:
    with database.tenant(tenant_id, read_only=True) as connection:
        row = connection.execute(
            "SELECT verifier_key FROM tlog.log_key WHERE tenant_id = %s", (tenant_id,)
        ).fetchone()
    return None if row is None else str(row[0])


def _register(database: Database, tenant_id: int, key: SigningKey) -> str:
    """Make this the tenant's key unless it has one; give the key it has then."""
    with database.owner() as connection:
        connection.execute(
            "INSERT INTO tlog.log_key (tenant_id, origin, verifier_key) VALUES (%s, %s, %s) "
            "ON CONFLICT DO NOTHING",
            (tenant_id, key.name, str(key.verifier_key)),
        )
    known = _known_verifier(database, tenant_id)
    assert known is not None
    return known
