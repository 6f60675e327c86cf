"""`/api/attention`: what needs somebody: holds, gaps, refused captures, the log. 待处理接口"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from fastapi import Request
from starlette.responses import Response

from suyuan.api import _openapi_workspace as describe
from suyuan.api._capture_jobs import JOB_DAYS
from suyuan.api._parameters import read_parameters, refusing
from suyuan.api._router import Router
from suyuan.api._services import Services, caller_of, services_of

__all__ = ["router"]

router = Router(prefix="/api", tags=["Traceability"])
_KEY_DAYS = 14
_LATE_S = 60  # A checkpoint is due within two seconds; this is no mere delay.

_FIGURES = """
    SELECT head.last_sequence,
           (SELECT count(*) FROM epcis.capture_job
            WHERE tenant_id = %(tenant)s AND finished IS NOT NULL AND NOT success
              AND created > %(jobs_since)s),
           (SELECT count(*) FROM epcis.capture_job
            WHERE tenant_id = %(tenant)s AND finished IS NULL),
           (SELECT max(size) FROM tlog.checkpoint WHERE tenant_id = %(tenant)s),
           (SELECT count(*) FROM account.api_key
            WHERE tenant_id = %(tenant)s AND revoked IS NULL
              AND expires > %(now)s AND expires < %(keys_until)s),
           last_record_time
    FROM journal.head AS head WHERE tenant_id = %(tenant)s
"""


@router.get("/attention", openapi_extra=describe.ATTENTION)
def ask_attention(request: Request) -> Response:
    """Give what needs somebody, as counts, and the things on hold by name."""
    services, caller = services_of(request), caller_of(request)
    with refusing():
        read_parameters(request, {})
    tenant_id, now = caller.tenant_id, services.now()
    values = {
        "tenant": tenant_id,
        "now": now,
        "jobs_since": now - timedelta(days=JOB_DAYS),
        "keys_until": now + timedelta(days=_KEY_DAYS),
    }
    with services.database.tenant(tenant_id, read_only=True) as connection:
        row = connection.execute(_FIGURES, values).fetchone()
    position, failed, waiting, proven, expiring, recorded = row or (0, 0, 0, 0, 0, now)
    found, is_looking = services.attention.found(
        services.genealogy(tenant_id), services.presence(tenant_id), int(position), now
    )
    told = {
        "position": position,
        "is_counting": is_looking,
        "counted_at": found.position if found else None,
        "on_hold": found.on_hold.count if found else None,
        "held": found.on_hold.held if found else [],
        "gaps": found.gaps if found else None,
        "overdue": found.overdue if found else None,
        "expired": found.expired if found else None,
        "captures_refused": failed,
        "captures_waiting": waiting,
        "log": _log_state(request, services, proven or 0, position, recorded, now),
    }
    if "account.manage" in caller.permissions:
        told["keys_expiring"] = expiring
    return Response(msgspec.json.encode(told), media_type="application/json")


def _log_state(
    request: Request,
    services: Services,
    proven: int,
    position: int,
    recorded: datetime,
    now: datetime,
) -> dict[str, Any]:
    """Say how the transparency log stands: whole, late, or broken and left alone."""
    house = services.house
    is_broken = house.is_log_broken(caller_of(request).tenant_id)
    is_late = proven < position and (now - recorded).total_seconds() > _LATE_S
    state = "broken" if is_broken else "late" if is_late else "whole"
    return {"state": state, "proven": proven, "is_kept": house.is_log_kept}
