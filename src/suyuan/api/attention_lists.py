"""`/api/on_hold`, `expired`, `captures`: what each figure of the attention counts. 待处理清单"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import msgspec
from fastapi import Request
from starlette.responses import Response

from suyuan.account import own_parties
from suyuan.api import _openapi_workspace as describe
from suyuan.api._capture_jobs import JOB_DAYS, CaptureJob, captures_in_state
from suyuan.api._list_answers import LIST, form_in, table_answer
from suyuan.api._media import language_of
from suyuan.api._parameters import choice, read_parameters, refusing, truth
from suyuan.api._problem import shown_problems
from suyuan.api._router import Router
from suyuan.api._services import caller_of, services_of
from suyuan.api.trace import page_in
from suyuan.errors import Language, in_language
from suyuan.trace import (
    MEDIA_TYPES,
    Cell,
    Held,
    Page,
    PastDate,
    csv_table,
    expired,
    in_pieces,
    xlsx_book,
)

__all__ = ["CAPTURE_STATES", "router"]

router = Router(prefix="/api", tags=["Traceability"])
CAPTURE_STATES = ("refused", "waiting")
_ROWS_MAX = 100_000
_ERRORS_FEW = 20
_HELD = ("object", "on_hold_for", "product", "product_name", "place")
_PAST = (
    *("kind", "ends", "product", "product_name", "lot", "is_lot", "objects", "quantity", "uom"),
    "place",
)
_CAPTURES = ("capture_id", "created", "finished", "captured_events", "errors", "first_error")


@router.get("/on_hold", openapi_extra=describe.ON_HOLD)
def ask_on_hold(request: Request) -> Response:
    """Give all that is on hold now, and why."""
    services, tenant_id = services_of(request), caller_of(request).tenant_id
    with refusing():
        values, _ = read_parameters(request, LIST)
    found = services.attention.holds.now(services.genealogy(tenant_id), shown_max=_ROWS_MAX)
    language = language_of(request)
    head = {"position": found.position, "count": found.count}
    cells = (_held_cells(row, language) for row in found.held)
    return _answer(values, "on_hold", head, found.held, _HELD, cells)


@router.get("/expired", openapi_extra=describe.EXPIRED)
def ask_expired(request: Request) -> Response:
    """Give what is past its date and still in house, or with `everywhere=true` anywhere."""
    services, tenant_id = services_of(request), caller_of(request).tenant_id
    with refusing():
        values, _ = read_parameters(request, LIST | {"everywhere": truth})
    found = expired(
        services.genealogy(tenant_id),
        services.presence(tenant_id),
        services.attention.dates,
        now=services.now(),
        ours=own_parties(services.database, tenant_id),
        is_everywhere=bool(values.get("everywhere")),
    )
    language = language_of(request)
    head = {"position": found.position, "count": found.objects}
    cells = (_past_cells(row, language) for row in found.rows)
    return _answer(values, "expired", head, found.rows, _PAST, cells)


@router.get("/captures", openapi_extra=describe.CAPTURES)
def ask_captures(request: Request) -> Response:
    """Give the captures that were refused in the last days, or that wait."""
    services, tenant_id = services_of(request), caller_of(request).tenant_id
    single = LIST | {"state": choice(CAPTURE_STATES, "api.parameter_wrong")}
    with refusing():
        values, _ = read_parameters(request, single)
    jobs = captures_in_state(
        services.database,
        tenant_id,
        is_waiting=values.get("state") == "waiting",
        since=services.now() - timedelta(days=JOB_DAYS),
        jobs_max=_ROWS_MAX,
    )
    rows = [_job(job, language_of(request)) for job in jobs]
    cells = (_job_cells(row) for row in rows)
    return _answer(values, "captures", {"count": len(rows)}, rows, _CAPTURES, cells)


def _job(job: CaptureJob, language: Language) -> dict[str, Any]:
    return {
        "capture_id": str(job.capture_id),
        "created": job.created,
        "finished": job.finished,
        "captured_events": job.captured,
        "error_count": len(job.errors),
        "errors": shown_problems(job.errors[:_ERRORS_FEW], language),
    }


def _answer(
    values: dict[str, object],
    name: str,
    head: dict[str, Any],
    rows: Sequence[Any],
    columns: Sequence[str],
    cells: Iterable[Sequence[Cell]],
) -> Response:
    """Give a list as JSON, a page of it if one is asked for, or whole as a table."""
    form = form_in(values)
    if form == "json":
        page = page_in(values) or Page(0, len(rows))
        told = head | {"row_count": len(rows), "rows": page.of(rows)}
        return Response(msgspec.json.encode(told), media_type=MEDIA_TYPES["json"])
    pieces = csv_table(columns, cells) if form == "csv" else xlsx_book(name, head, columns, cells)
    return table_answer(in_pieces(pieces), name, form)


def _held_cells(row: Held, language: Language) -> tuple[Cell, ...]:
    name = in_language(row.name, row.name_zh, language)
    return (row.uri, " ".join(row.hold), row.product, name, row.place)


def _past_cells(row: PastDate, language: Language) -> tuple[Cell, ...]:
    name = in_language(row.name, row.name_zh, language)
    return (
        *(row.kind, row.ends, row.product, name, row.lot, "yes" if row.is_lot else "no"),
        *(row.objects, row.quantity, row.uom, row.place),
    )


def _job_cells(row: dict[str, Any]) -> tuple[Cell, ...]:
    first = row["errors"][0].get("detail", "") if row["errors"] else ""
    return (
        *(row["capture_id"], row["created"], row["finished"], row["captured_events"]),
        *(row["error_count"], str(first)),
    )
