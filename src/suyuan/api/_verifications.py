"""Verifications of a journal: one at a time a tenant, with progress, kept with what they found.

A verification is a row, so that any server on the database shows it and any may stop it. The
server that runs one says every second that it still does; a row that has fallen silent was
cut off, and makes way for the next. 校验作业
"""

from __future__ import annotations

import secrets
import time
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import msgspec
import structlog
from psycopg.types.json import Jsonb

from suyuan.account import Actor, audited
from suyuan.api._problem import shown_problems, stored_problems
from suyuan.errors import Language, NotFound, Problem, Refused, SuyuanError
from suyuan.journal import VerifyReport, verify_journal
from suyuan.store import Connection, Database

__all__ = [
    "begin_verification",
    "find_verification",
    "list_verifications",
    "stop_verification",
]

_log = structlog.get_logger()
_KEPT = 50
_SILENT = timedelta(minutes=2)
_TELL_PERIOD_S = 1.0
_ADVISORY_CLASS = 0x76657269  # "veri"
_COLUMNS = (
    "verification_id, created, seen, finished, state, actor_name, done, total, problems, report"
)


class _Stopped(Exception):
    """Somebody wants no more of it."""


class _Row(msgspec.Struct):
    verification: str
    created: datetime
    seen: datetime
    finished: datetime | None
    state: str
    by: str
    done: int
    total: int
    problems: int
    report: dict[str, Any]

    def shown(self, language: Language) -> dict[str, Any]:
        """Give it as the API shows it."""
        told: dict[str, Any] = msgspec.to_builtins(self)
        del told["seen"], told["report"]
        found = {key: value for key, value in self.report.items() if key != "errors"}
        kept = self.report.get("errors", [])
        return told | {"report": found or None, "errors": shown_problems(kept, language)}


def begin_verification(database: Database, actor: Actor) -> str:
    """Begin to verify the whole journal of a tenant; give the ID to ask with.

    Raises Refused `api.verification_running` when there is one under way.
    """
    verification_id = secrets.token_hex(8)
    tenant_id = actor.tenant_id
    with audited(database, actor, "journal.verify", "journal") as change:
        connection = change.connection
        connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (_ADVISORY_CLASS, tenant_id))
        _bury_silent(connection, tenant_id)
        running = connection.execute(
            "SELECT verification_id FROM journal.verification WHERE tenant_id = %s "
            "AND finished IS NULL",
            (tenant_id,),
        ).fetchone()
        if running is not None:
            raise Refused(Problem(code="api.verification_running", found=str(running[0])))
        connection.execute(
            "DELETE FROM journal.verification WHERE tenant_id = %s AND created < "
            "(SELECT created FROM journal.verification WHERE tenant_id = %s "
            "ORDER BY created DESC OFFSET %s LIMIT 1)",
            (tenant_id, tenant_id, _KEPT - 2),
        )
        connection.execute(
            "INSERT INTO journal.verification (tenant_id, verification_id, actor_name, total) "
            "SELECT %s, %s, %s, last_sequence FROM journal.head WHERE tenant_id = %s",
            (tenant_id, verification_id, actor.name, tenant_id),
        )
        change.after = {"verification": verification_id}
    name = f"verify-{verification_id}"
    Thread(target=_run, args=(database, tenant_id, verification_id), name=name, daemon=True).start()
    return verification_id


def list_verifications(
    database: Database, tenant_id: int, language: Language
) -> list[dict[str, Any]]:
    """Give the last verifications, the newest first."""
    with database.tenant(tenant_id) as connection:
        _bury_silent(connection, tenant_id)
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM journal.verification WHERE tenant_id = %s "  # noqa: S608
            "ORDER BY created DESC, verification_id LIMIT %s".encode(),
            (tenant_id, _KEPT),
        ).fetchall()
    return [_Row(*row).shown(language) for row in rows]


def find_verification(
    database: Database, tenant_id: int, verification_id: str, language: Language
) -> dict[str, Any]:
    """Give one verification. Raises NotFound `api.verification_unknown`."""
    for one in list_verifications(database, tenant_id, language):
        if one["verification"] == verification_id:
            return one
    raise NotFound(Problem(code="api.verification_unknown", found=verification_id[:100]))


def stop_verification(database: Database, actor: Actor, verification_id: str) -> None:
    """Have a verification stop soon. Raises NotFound `api.verification_unknown`."""
    with audited(database, actor, "journal.stop_verify", "journal") as change:
        row = change.connection.execute(
            "UPDATE journal.verification SET is_unwanted = true WHERE tenant_id = %s "
            "AND verification_id = %s RETURNING verification_id",
            (actor.tenant_id, verification_id),
        ).fetchone()
        if row is None:
            raise NotFound(Problem(code="api.verification_unknown", found=verification_id[:100]))
        change.after = {"verification": verification_id}


def _bury_silent(connection: Connection, tenant_id: int) -> None:
    connection.execute(
        "UPDATE journal.verification SET state = 'cut_off', finished = seen WHERE tenant_id = %s "
        "AND finished IS NULL AND seen < now() - %s",
        (tenant_id, _SILENT),
    )


def _run(database: Database, tenant_id: int, verification_id: str) -> None:
    """Verify, tell how far it is, and write down what was found; runs in a thread of its own."""
    report, told = VerifyReport(), time.monotonic()
    key = (tenant_id, verification_id)

    def tell(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told < _TELL_PERIOD_S:
            return
        told = time.monotonic()
        with database.tenant(tenant_id) as connection:
            row = connection.execute(
                "UPDATE journal.verification SET done = %s, total = %s, problems = %s, "
                "seen = now() WHERE tenant_id = %s AND verification_id = %s "
                "RETURNING is_unwanted",
                (done, total, len(report.problems), *key),
            ).fetchone()
        if row is None or row[0]:
            raise _Stopped

    try:
        verify_journal(database, tenant_id, report=report, progress=tell)
        state = "sound" if report.is_sound else "broken"
    except _Stopped:
        state = "stopped"
    except SuyuanError as error:
        state = "failed"
        report.problems.extend(error.problems)
    except Exception:  # noqa: BLE001 - the outermost loop of this thread: shown, and told
        _log.exception("verification failed", tenant=tenant_id)
        state = "failed"
    _finish(database, key, state, report)


def _finish(database: Database, key: tuple[int, str], state: str, report: VerifyReport) -> None:
    said = {
        "entries": report.entries,
        "postings": report.postings,
        "checkpoints": report.checkpoints,
        "tiles": report.tiles,
        "covered": report.covered,
        "root": report.root,
        "errors": stored_problems(report.problems),
    }
    try:
        with database.tenant(key[0]) as connection:
            connection.execute(
                "UPDATE journal.verification SET state = %s, done = %s, "
                "total = greatest(total, %s), problems = %s, seen = now(), finished = now(), "
                "report = %s WHERE tenant_id = %s AND verification_id = %s",
                (
                    *(state, report.entries, report.entries, len(report.problems)),
                    *(Jsonb(said), *key),
                ),
            )
    except SuyuanError as error:  # The database is going: its row will be found silent.
        _log.warning("could not keep a verification", error=error.text())
