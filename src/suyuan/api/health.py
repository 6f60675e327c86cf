"""`/healthz`, `/readyz`, `/metrics`: for those who watch the server. 运行状态"""

from __future__ import annotations

from fastapi import Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import JSONResponse, Response

from suyuan.api import _openapi as describe
from suyuan.api._problem import refuse
from suyuan.api._router import Router
from suyuan.api._services import services_of

__all__ = ["router"]

router = Router(tags=["Operation"])
_PATIENCE_S = 2.0


@router.get("/healthz", openapi_extra=describe.HEALTH)
def show_health() -> Response:
    """Say that the process lives."""
    return JSONResponse({"status": "alive"}, headers={"Cache-Control": "no-store"})


@router.get("/readyz", openapi_extra=describe.READINESS)
def show_readiness(request: Request) -> Response:
    """Say whether the database answers and capture jobs are worked on."""
    services = services_of(request)
    with services.database.tenant(0, read_only=True, time_limit_s=_PATIENCE_S) as connection:
        connection.execute("SELECT FROM journal.head LIMIT 1")
    if not services.house.is_capturing():
        raise refuse("Unavailable", "api.worker_stopped", headers={"Retry-After": "2"})
    return JSONResponse({"status": "ready"}, headers={"Cache-Control": "no-store"})


@router.get("/metrics", include_in_schema=False)
def show_metrics(request: Request) -> Response:
    """Give counters and timings in Prometheus's format."""
    services = services_of(request)
    return Response(services.metrics.page(services.database), media_type=CONTENT_TYPE_LATEST)
