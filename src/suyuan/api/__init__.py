"""The HTTP face: EPCIS 2.0 capture and query, health, the start page. 接口"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from threading import Thread
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response

from suyuan import __version__
from suyuan.account import Buckets, KeyHolders, SignIns
from suyuan.api import (
    _openapi,
    accounts,
    at_place,
    attachments,
    attention,
    attention_lists,
    audit,
    check,
    codes,
    corrections,
    epcis_capture,
    epcis_events,
    epcis_queries,
    epcis_resources,
    events,
    genealogy,
    health,
    import_mappings,
    import_results,
    imports,
    journal,
    labels,
    live,
    objects,
    pages,
    phone,
    place_map,
    plant,
    profile,
    recall,
    roles,
    search,
    session,
    sign_in,
    start_page,
    suspects,
    tlog,
    today,
    trace,
    trace_balance,
    trust,
)
from suyuan.api._backups import Backups
from suyuan.api._gate import Gate
from suyuan.api._house import House
from suyuan.api._jobs import Jobs
from suyuan.api._known import Known
from suyuan.api._logging import configure_logs
from suyuan.api._media import language_of, wants_xml
from suyuan.api._metrics import Metrics
from suyuan.api._page_tokens import PageTokens
from suyuan.api._problem import HttpProblem, problem_response, refuse
from suyuan.api._pulse import Pulse
from suyuan.api._router import GuardedRoute, Router, WholePaths
from suyuan.api._services import Services
from suyuan.api.trust import help_app
from suyuan.errors import Problem, SuyuanError
from suyuan.journal import Journals, LogKeeper
from suyuan.settings import Settings
from suyuan.store import Database, locked
from suyuan.trace import Follower, Search, warm_up

__all__ = [
    "House",
    "Jobs",
    "Known",
    "Metrics",
    "configure_logs",
    "create_app",
    "help_app",
    "openapi_document",
]

_log = structlog.get_logger()
_GZIP_BYTES_MIN = 1_000
_READY_TENANTS_MAX = 100
_PARTS = (
    *(start_page, health, epcis_capture, epcis_events, epcis_queries, epcis_resources),
    *(session, sign_in, accounts, tlog, trace, suspects, trace_balance, objects, genealogy),
    *(pages, roles, profile, audit, plant, journal, recall, live, search, today, attention),
    *(codes, labels, attachments, phone, imports, import_results, import_mappings, events),
    *(check, corrections, trust, place_map, at_place, attention_lists),
)


def create_app(
    database: Database,
    settings: Settings,
    *,
    keeper: LogKeeper | None = None,
    house: House | None = None,
    demo: bool = False,
    is_alone: bool = False,
) -> FastAPI:
    """Put the application together.

    `house` is that of the process which works on jobs and keeps the log; without one, jobs are
    worked on here, while the lifespan of the application lasts, and `keeper` keeps the log.
    `demo` lets the start page show what is in the record; `is_alone` tells that the process is
    for nothing else.
    """
    configure_logs(settings)
    metrics = Metrics()
    journals = Journals(database)
    jobs: Jobs | None = None
    if house is None:
        jobs = Jobs(database, settings, metrics, journals.of)
        house = _own_house(jobs, keeper)
    services = Services(
        database=database,
        settings=settings,
        holders=KeyHolders(database),
        sign_ins=SignIns(database, house.buckets),
        tokens=PageTokens(database, settings.page_token_lifetime_s),
        metrics=metrics,
        known=Known(database),
        pulse=Pulse(database),
        search=Search(database),
        backups=Backups(database, settings.data),
        house=house,
        journals=journals,
        is_demo=demo,
    )
    follower = Follower(database, services.genealogies, services.turns.turn)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if jobs is not None:
            jobs.start()
        follower.start()
        Thread(target=_get_ready, args=(services, is_alone), name="warm-up", daemon=True).start()
        try:
            yield
        finally:
            services.pulse.stop()
            follower.stop()
            if jobs is not None:
                jobs.stop()

    app = _bare_app(lifespan)
    app.state.services = services
    app.add_middleware(GZipMiddleware, minimum_size=_GZIP_BYTES_MIN, compresslevel=5)
    app.add_middleware(Gate, services=services)
    app.add_exception_handler(HTTPException, _refuse_route)
    app.add_exception_handler(RequestValidationError, _refuse_parameters)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    return app


def _own_house(jobs: Jobs, keeper: LogKeeper | None) -> House:
    """Give what an application knows of the process when that is its own."""
    return House(
        wake_capture=jobs.wake_capture,
        wake_import=jobs.wake_import,
        is_capturing=jobs.is_capturing,
        is_log_kept=keeper is not None,
        is_log_broken=lambda tenant_id: keeper is not None and tenant_id in keeper.broken,
        buckets=Buckets(),
    )


def _get_ready(services: Services, is_alone: bool) -> None:
    """Have the genealogies at hand before the first question comes."""
    try:
        # What one process has compiled for the first time the others only load.
        with locked(services.settings.data / "warm-up.lock"):
            warm_up()
        for tenant_id in list(services.database.tenant_names().values())[:_READY_TENANTS_MAX]:
            genealogy = services.genealogy(tenant_id)
            genealogy.get_ready()
            services.presence(tenant_id).get_ready(genealogy)
    except SuyuanError as error:
        _log.warning("genealogy is not ready yet", error=error.text())
    if is_alone:
        # What is here by now stays. A round of the collector over it would stop every answer
        # for a tenth of a second.
        gc.collect()
        gc.freeze()


def _bare_app(lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None) -> FastAPI:
    """Make an application that has its routes, and nothing behind them."""
    app = FastAPI(
        title="Suyuan",
        version=__version__,
        summary="Production traceability: EPCIS 2.0 capture and query.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.router.route_class = GuardedRoute
    for part in _PARTS:
        # A plain router would let everybody through.
        assert isinstance(part.router, Router), part
        app.router.routes.extend(part.router.routes)
    app.router.routes.insert(0, WholePaths(app.router.routes))
    return app


def openapi_document() -> dict[str, Any]:
    """Give the description of the whole HTTP face, as `/openapi.json` serves it."""
    return _described(_bare_app(None))


async def _refuse_parameters(request: Request, error: Exception) -> Response:
    """Say which parameters of a route of ours are wrong."""
    assert isinstance(error, RequestValidationError)
    problems = [
        Problem(
            code="api.parameter_wrong",
            where=".".join(str(part) for part in fault["loc"]),
            expected=str(fault["msg"]),
            found=str(fault.get("input"))[:200],
        )
        for fault in error.errors()
    ]
    return problem_response(
        HttpProblem("ValidationException", problems),
        language=language_of(request),
        is_xml=wants_xml(request),
    )


async def _refuse_route(request: Request, error: Exception) -> Response:
    """Say that there is no such resource, or not with this method."""
    assert isinstance(error, HTTPException)
    allow = epcis_resources.allowed_methods(request.scope["path"])
    allow = allow or (error.headers or {}).get("Allow", "")
    if error.status_code == 405:
        problem = refuse(
            "MethodNotAllowed",
            "api.method_unknown",
            expected=allow,
            found=request.method[:20],
            headers={"Allow": allow} if allow else None,
        )
    else:
        problem = refuse(
            "NoSuchNameException", "api.resource_unknown", found=request.scope["path"][:200]
        )
    return problem_response(problem, language=language_of(request), is_xml=wants_xml(request))


def _described(app: FastAPI) -> dict[str, Any]:
    """Give our OpenAPI, with the schemas and keys that all operations share."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, summary=app.summary, routes=app.routes
        )
        for name, part in _openapi.COMPONENTS.items():
            schema.setdefault("components", {}).setdefault(name, {}).update(part)
        for operations in schema["paths"].values():
            for operation in operations.values():
                if "content" in operation["responses"].get("422", {}):
                    del operation["responses"]["422"]  # FastAPI's own, and never given.
        for name in ("HTTPValidationError", "ValidationError"):
            schema["components"]["schemas"].pop(name, None)
        schema["security"] = _openapi.SECURITY
        app.openapi_schema = schema
    return app.openapi_schema
