"""`/api/journal`, `/api/backups`: how the record stands, its verification, its backups. 事件账"""

from __future__ import annotations

import hashlib
import shlex
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from fastapi import Request
from starlette.responses import Response

from suyuan.account import audited
from suyuan.api import _openapi_journal as describe
from suyuan.api._media import language_of
from suyuan.api._request import base_url, path_value
from suyuan.api._router import Router
from suyuan.api._services import actor_of, caller_of, services_of
from suyuan.api._verifications import (
    begin_verification,
    find_verification,
    list_verifications,
    stop_verification,
)
from suyuan.errors import NotFound
from suyuan.journal import LogReader, count_to
from suyuan.store import Connection, backup_folder, list_backups
from suyuan.tlog import parse_verifier_key

__all__ = ["router"]

router = Router(prefix="/api", tags=["Journal"])
_DAYS = 30


@router.get("/journal", openapi_extra=describe.JOURNAL)
def give_journal(request: Request) -> Response:
    """Give the position of the journal, its growth day by day, its checkpoint and its key."""
    tenant_id = caller_of(request).tenant_id
    with services_of(request).database.tenant(tenant_id, read_only=True) as connection:
        row = connection.execute(
            "SELECT h.last_sequence, h.last_object, nullif(h.last_record_time, 'epoch'), t.name "
            "FROM journal.head AS h JOIN account.tenant AS t USING (tenant_id) "
            "WHERE tenant_id = %s",
            (tenant_id,),
        ).fetchone()
        assert row is not None
        told = {
            "position": row[0],
            "objects": row[1],
            "last_record_time": row[2],
            "tenant": row[3],
            "growth": _growth(connection, tenant_id, datetime.now(UTC), row[0]),
            "log": _log_of(connection, tenant_id),
            "address": f"{base_url(request)}/log/{row[3]}",
        }
    return _json(told)


@router.get("/journal/verifications", openapi_extra=describe.VERIFICATIONS)
def give_verifications(request: Request) -> Response:
    """Give the last verifications of the journal, the newest first."""
    database, language = services_of(request).database, language_of(request)
    found = list_verifications(database, caller_of(request).tenant_id, language)
    return _json({"verifications": found})


@router.post("/journal/verifications", status_code=202, openapi_extra=describe.VERIFY)
def make_verification(request: Request) -> Response:
    """Begin to work out the whole journal again and to compare, beside the other work."""
    database = services_of(request).database
    begun = begin_verification(database, actor_of(request))
    tenant_id = caller_of(request).tenant_id
    return _json(find_verification(database, tenant_id, begun, language_of(request)), 202)


@router.get("/journal/verifications/{verification_id}", openapi_extra=describe.VERIFICATION)
def give_verification(request: Request) -> Response:
    """Give one verification: how far it is, or what it has found."""
    database, tenant_id = services_of(request).database, caller_of(request).tenant_id
    wanted = path_value(request, "verification_id")
    return _json(find_verification(database, tenant_id, wanted, language_of(request)))


@router.delete(
    "/journal/verifications/{verification_id}", status_code=204, openapi_extra=describe.STOP
)
def end_verification(request: Request) -> Response:
    """Have a verification stop soon."""
    wanted = path_value(request, "verification_id")
    stop_verification(services_of(request).database, actor_of(request), wanted)
    return Response(status_code=204)


@router.get("/backups", openapi_extra=describe.BACKUPS)
def give_backups(request: Request) -> Response:
    """Give the backups of this server, the newest first, and the one under way."""
    return _json(_backups(request))


@router.post("/backups", status_code=202, openapi_extra=describe.BACK_UP)
def make_backup(request: Request) -> Response:
    """Begin a backup of the whole server into its data folder, while work goes on."""
    services, actor = services_of(request), actor_of(request)
    with audited(services.database, actor, "server.backup", "server") as change:
        change.after = {"file": services.backups.begin(actor.name)}
    return _json(_backups(request), 202)


def _backups(request: Request) -> dict[str, Any]:
    services = services_of(request)
    folder = backup_folder(services.settings.data)
    found = list_backups(services.settings.data)
    newest = next((one.file for one in found if one.is_there), folder / "FILE")
    return {
        "folder": str(folder),
        "backups": [
            {
                "file": str(one.file),
                "made": one.made,
                "bytes": one.bytes,
                "seconds": one.seconds,
                "by": one.by,
                "is_there": one.is_there,
            }
            for one in found
        ],
        "restore": f"suyuan restore {shlex.quote(str(newest))} --data restored",
        **services.backups.shown(language_of(request)),
    }


def _growth(
    connection: Connection, tenant_id: int, now: datetime, position: int
) -> list[dict[str, Any]]:
    """Count the entries of each of the last days, in UTC: a few steps to each midnight."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = [midnight - timedelta(days=back) for back in range(_DAYS - 1, -1, -1)]
    counts = [count_to(connection, tenant_id, day, position) for day in days]
    ends = [*counts[1:], position]
    return [
        {"day": f"{day:%Y-%m-%d}", "entries": end - start}
        for day, start, end in zip(days, counts, ends, strict=True)
    ]


def _log_of(connection: Connection, tenant_id: int) -> dict[str, Any] | None:
    """Give checkpoint and key of the transparency log; None before there is one."""
    log = LogReader(connection, tenant_id)
    try:
        key, (size, note) = log.verifier_key(), log.checkpoint()
    except NotFound:
        return None
    row = connection.execute(
        "SELECT created FROM tlog.checkpoint WHERE tenant_id = %s AND size = %s",
        (tenant_id, size),
    ).fetchone()
    digest = hashlib.sha256(parse_verifier_key(key).public_key).hexdigest()
    return {
        "key": key,
        "fingerprint": ":".join(digest[at : at + 4] for at in range(0, 32, 4)),
        "size": size,
        "note": note,
        "created": row[0] if row else None,
    }


def _json(value: Any, status: int = 200) -> Response:
    return Response(
        msgspec.json.encode(value),
        status,
        headers={"Cache-Control": "no-store"},
        media_type="application/json",
    )
