"""The audit trail: who changed what, when, from where, why, before and after. 审计记录

Every change that a person makes to accounts goes through `audited`, which writes the entry in
the transaction of the change: neither is there without the other. Entries are never changed.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from suyuan.errors import InvalidInput, Problem
from suyuan.store import Connection, Database

__all__ = [
    "Actor",
    "AuditEntry",
    "Change",
    "audit_choices",
    "audited",
    "check_text",
    "list_audit",
    "write_audit",
]

_WHY_CHARACTERS_MAX = 1_000
_PAGE_MAX = 1_000
_UNSEEN = re.compile(r"[\x00-\x1f\x7f]")
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who makes a change.

    `user:ID`, `api_key:ID`, `link:KIND`, `command_line:NAME`, or `program:suyuan` by itself.
    """

    tenant_id: int
    actor: str
    name: str
    address: str = ""


def program(tenant_id: int) -> Actor:
    """Give who it is when nobody asked and the program does it by itself."""
    return Actor(tenant_id=tenant_id, actor="program:suyuan", name="suyuan")


@dataclass(slots=True)
class Change:
    """A change under way; whoever makes it says how things were and how they are."""

    connection: Connection
    subject: str
    before: Facts | None = None
    after: Facts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One change that was made."""

    entry_id: int
    record_time: datetime
    actor: str
    actor_name: str
    address: str
    action: str
    subject: str
    why: str
    before: Facts | None
    after: Facts | None


@contextlib.contextmanager
def audited(
    database: Database, actor: Actor, action: str, subject: str, *, why: str = ""
) -> Iterator[Change]:
    """Open the transaction of a change; the audit trail gets its entry at the end of it.

    Raises InvalidInput `account.text_wrong` for a reason that is too long.
    """
    check_text(why, "why", _WHY_CHARACTERS_MAX)
    with database.tenant(actor.tenant_id) as connection:
        change = Change(connection, subject)
        yield change
        write_audit(change, actor, action, why=why)


def write_audit(change: Change, actor: Actor, action: str, *, why: str = "") -> None:
    """Write the entry of a change whose transaction is another's: that of the journal."""
    change.connection.execute(
        "INSERT INTO account.audit_entry (tenant_id, actor, actor_name, address, action, "
        "subject, why, before, after) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            *(actor.tenant_id, actor.actor, actor.name, actor.address, action),
            *(change.subject, why, _json(change.before), _json(change.after)),
        ),
    )


def list_audit(
    database: Database,
    tenant_id: int,
    *,
    actor: str | None = None,
    action: str | None = None,
    subject: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[AuditEntry]:
    """Give entries of the trail, the newest first; `before` is the entry a page follows."""
    conditions, values = ["tenant_id = %s"], list[object]([tenant_id])
    for condition, value in (
        ("actor = %s", actor),
        ("action = %s", action),
        ("subject = %s", subject),
        ("record_time >= %s", since),
        ("record_time < %s", until),
        ("entry_id < %s", before),
    ):
        if value is not None:
            conditions.append(condition)
            values.append(value)
    statement = (
        "SELECT entry_id, record_time, actor, actor_name, address, action, subject, why, before, "  # noqa: S608 - the conditions are ours
        f"after FROM account.audit_entry WHERE {' AND '.join(conditions)} "
        "ORDER BY entry_id DESC LIMIT %s"
    )
    names = AuditEntry.__slots__
    with database.tenant(tenant_id, read_only=True) as connection:
        rows = connection.execute(
            statement.encode(), [*values, max(1, min(limit, _PAGE_MAX))]
        ).fetchall()
    return [AuditEntry(**dict(zip(names, row, strict=True))) for row in rows]


def audit_choices(database: Database, tenant_id: int) -> dict[str, list[dict[str, str]]]:
    """Give who and what the trail tells of, to choose from: actors by name, and actions."""
    with database.tenant(tenant_id, read_only=True) as connection:
        actors = connection.execute(
            "SELECT actor, (array_agg(actor_name ORDER BY entry_id DESC))[1] AS name "
            "FROM account.audit_entry WHERE tenant_id = %s GROUP BY actor ORDER BY name, actor "
            "LIMIT %s",
            (tenant_id, _PAGE_MAX),
        ).fetchall()
        actions = connection.execute(
            "SELECT DISTINCT action FROM account.audit_entry WHERE tenant_id = %s ORDER BY action "
            "LIMIT %s",
            (tenant_id, _PAGE_MAX),
        ).fetchall()
    return {
        "actors": [{"actor": row[0], "name": row[1]} for row in actors],
        "actions": [{"action": row[0]} for row in actions],
    }


def check_text(text: str, where: str, characters_max: int, *, characters_min: int = 0) -> str:
    """Give a line of text, trimmed. Raises InvalidInput `account.text_wrong`."""
    text = text.strip()
    if not characters_min <= len(text) <= characters_max or _UNSEEN.search(text):
        raise InvalidInput(
            Problem(
                code="account.text_wrong",
                where=where,
                expected=f"{characters_min}–{characters_max}",
                found=str(len(text)),
            )
        )
    return text


def _json(facts: Facts | None) -> Jsonb | None:
    return None if facts is None else Jsonb(dict(facts))
