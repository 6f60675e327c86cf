"""`/api/audit`: who changed what, as pages and as tables to take away. 审计记录"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

import msgspec
from fastapi import Request
from starlette.responses import Response, StreamingResponse

from suyuan.account import AuditEntry, audit_choices, list_audit, words_of_roles
from suyuan.api import _openapi_people as describe
from suyuan.api._parameters import (
    choice,
    moment,
    plain_text,
    read_parameters,
    refusing,
    whole_number,
)
from suyuan.api._router import Router
from suyuan.api._services import Services, caller_of, services_of
from suyuan.trace import Cell, csv_table, in_pieces, xlsx_book

__all__ = ["router"]

router = Router(prefix="/api", tags=["Accounts"])

_ENTRIES = 100
_ENTRIES_MAX = 1_000
_FORMATS = ("json", "csv", "xlsx")
_COLUMNS = (
    *("entry", "record_time", "actor", "actor_name", "address", "action", "subject", "why"),
    *("before", "after"),
)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@router.get("/audit", openapi_extra=describe.AUDIT)
def give_audit(request: Request) -> Response:
    """Give entries of the audit trail, the newest first; as a table, all that are asked for."""
    with refusing():
        values, _ = read_parameters(
            request,
            {
                **dict.fromkeys(("actor", "action", "subject"), plain_text),
                **dict.fromkeys(("since", "until"), moment),
                **dict.fromkeys(("before", "limit"), whole_number),
                "format": choice(_FORMATS, "api.format_unknown"),
            },
        )
    wanted = values.pop("format", "json")
    services, tenant_id = services_of(request), caller_of(request).tenant_id
    limit = min(cast("int", values.pop("limit", _ENTRIES)), _ENTRIES_MAX)
    known = cast("dict[str, Any]", values)
    if wanted != "json":
        return _table(services, tenant_id, known, str(wanted))
    found = list_audit(services.database, tenant_id, limit=limit + 1, **known)
    page = found[:limit]
    return _json({"entries": page, "next": page[-1].entry_id if len(found) > limit else None})


@router.get("/audit/choices", openapi_extra=describe.AUDIT_CHOICES)
def give_audit_choices(request: Request) -> Response:
    """Give who and what the trail tells of, to choose from; and what its codes are called."""
    database, tenant_id = services_of(request).database, caller_of(request).tenant_id
    return _json(audit_choices(database, tenant_id) | words_of_roles(database, tenant_id))


def _table(services: Services, tenant_id: int, known: dict[str, Any], kind: str) -> Response:
    rows = (_row(one) for one in _all(services, tenant_id, known))
    if kind == "csv":
        parts, media = csv_table(_COLUMNS, _harmless(rows)), "text/csv; charset=utf-8"
    else:
        head = {"tenant": tenant_id, "made": datetime.now(UTC)}
        head |= {key: value for key, value in known.items() if key != "before"}
        parts, media = xlsx_book("audit", head, _COLUMNS, rows), _XLSX
    headers = {
        "Content-Disposition": f'attachment; filename="audit.{kind}"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(in_pieces(parts), media_type=media, headers=headers)


def _all(services: Services, tenant_id: int, known: dict[str, Any]) -> Iterator[AuditEntry]:
    """Give every entry that is asked for, page by page, so that none is held for long."""
    asked = dict(known)
    while True:
        page = list_audit(services.database, tenant_id, limit=_ENTRIES_MAX, **asked)
        yield from page
        if len(page) < _ENTRIES_MAX:
            return
        asked["before"] = page[-1].entry_id


def _row(entry: AuditEntry) -> list[Cell]:
    return [
        *(entry.entry_id, entry.record_time, entry.actor, entry.actor_name, entry.address),
        *(entry.action, entry.subject, entry.why, _facts(entry.before), _facts(entry.after)),
    ]


def _facts(facts: object) -> str:
    return "" if facts is None else msgspec.json.encode(facts).decode()


def _harmless(rows: Iterator[list[Cell]]) -> Iterator[list[Cell]]:
    """Let no spreadsheet take what a person typed for a formula."""
    for cells in rows:
        yield [
            f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
            for cell in cells
        ]


def _json(value: Any) -> Response:
    return Response(
        msgspec.json.encode(value),
        headers={"Cache-Control": "no-store"},
        media_type="application/json",
    )
